"""From the journal's withdrawals to what a release leaves out: by name, address, number, bytes, words and likeness.

Whatever brings it in again stays out: the same address crawled anew, the same bytes under another, the same words in
another file. What merely looks like it (archive/release/sketch.py) stays out too, and is named to the operator, who
may allow it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archive.addresses import url_key
from archive.mementos.which import place_of
from archive.model import Finding
from archive.release.erasure import erased_mementos
from archive.release.likeness import HELD, SAME, like_withdrawn
from archive.release.tombstones import memento_name, tombstone, tombstones_of
from archive.release.withdraw_target import OTHER_NAMES, own_numbers
from archive.release.withdrawals import Withdrawal, withdrawals_of
from archive.release.withheld import Row, Withheld
from archive.research.renamed import earlier_names
from archive.research.rows import select


def read_withheld(connection: sqlite3.Connection, events: Iterable[Mapping[str, Any]], today: str) -> Withheld:
    """Return what a release made of `connection` (the working catalogue, or an older release) leaves out.

    `events` are the journal's, `today` is a day ("2018-01-26"). Takes one pass over all pages where anything is
    withdrawn. Raises WithdrawalsUnreadable; then nothing may be published.
    """
    events = list(events)
    withdrawals = withdrawals_of(events)
    active = [one for one in withdrawals.values() if one.is_active(today)]
    log = tuple(map(_log_row, withdrawals.values()))
    if not active:
        return Withheld(log=log)
    found = _Found(connection)
    for one in active:
        found.by_name(one)
        found.by_content(one)
    for hit in like_withdrawn(connection, active, found.versions):
        found.add_version(*hit)
    return found.withheld(active, log, erased_mementos(events))


def _log_row(one: Withdrawal) -> Row:
    return {
        "number": one.number,
        "at": one.at,
        "reason": one.reason,
        "what": one.what,
        "kind": one.kind,
        "collection": one.collection,
        "until": one.until or None,
        "undone": one.undone or None,
        "undone_reason": one.undone_reason,
        "erased": int(one.erased),
    }


class _Found:
    """What was found so far: versions and documents with the withdrawal that each is left out for."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.versions: dict[str, int] = {}
        self.documents: dict[str, int] = {}
        self.findings: dict[Finding, None] = {}

    def by_name(self, one: Withdrawal) -> None:
        """Add the document of a withdrawal, and documents that have its other names, addresses and numbers now."""
        for document in self.ids("SELECT id FROM documents WHERE id IN", one.names[:1]):
            self.documents.setdefault(document, one.number)
        for version in self.ids("SELECT id FROM versions WHERE id IN", one.versions):
            self.versions.setdefault(version, one.number)
        for sql, values, why in (
            ("SELECT document FROM aliases WHERE alias IN", one.names, "has a name of"),
            ("SELECT document FROM addresses WHERE url_key IN", one.addresses, "has an address of"),
            ("SELECT document FROM identifiers WHERE role = 'own' AND value IN", one.numbers, "has the number of"),
            ("SELECT document FROM identifiers JOIN documents ON id = document WHERE kind LIKE '%page'"
             " AND role = 'about' AND value IN", one.numbers, "is a page about"),
        ):  # fmt: skip
            for document in self.ids(sql, values):
                if document not in one.allowed_documents and document not in self.documents:
                    self.documents[document] = one.number
                    self._say(HELD, document, f"it {why} what withdrawal {one.number} took out")

    def by_content(self, one: Withdrawal) -> None:
        """Add the versions that hold the same bytes, or the same record, under whatever name."""
        same_bytes = "SELECT id FROM versions WHERE capture IN (SELECT id FROM captures WHERE content_digest IN"
        found = self.ids("SELECT id FROM versions WHERE digest IN", one.digests)
        for version in found + self.ids(same_bytes, one.contents, ")"):
            if version not in one.versions:
                self.add_version(version, one.number, "has the same content as", SAME)

    def add_version(self, version: str, number: int, why: str, outcome: str = HELD) -> None:
        """Add a version, for the first withdrawal that it was found to be left out for."""
        if version not in self.versions:
            self.versions[version] = number
            self._say(outcome, version, f"it {why} what withdrawal {number} took out")

    def _say(self, outcome: str, subject: str, detail: str) -> None:
        self.findings[Finding(outcome, subject, detail)] = None

    def ids(self, sql: str, values: Iterable[str], rest: str = "") -> list[str]:
        """Return the first column of a question that ends in IN, by values."""
        return [
            str(row[0])
            for row in self.connection.execute(
                f"{sql} (SELECT value FROM json_each(?)){rest} ORDER BY 1",  # noqa: S608
                (json.dumps(list(values)),),
            )
        ]

    def withheld(self, active: list[Withdrawal], log: tuple[Row, ...], erased: Mapping[str, int]) -> Withheld:
        """Return all that is left out, with what others say of it; `erased` are tombstones of what isn't held."""
        self._close()
        own = _Own(self, active)
        return Withheld(
            documents=frozenset(self.documents),
            versions=frozenset(self.versions),
            captures=frozenset(own.captures()),
            addresses=frozenset(own.addresses),
            numbers=frozenset(own.numbers),
            log=log,
            tombstones=tuple(sorted(own.tombstones(erased).items())),
            held=tuple(self.findings),
        )

    def _close(self) -> None:
        """Leave out all versions of a document that is out, and a document that has no other version left."""
        for document, number in self.documents.items():
            for version in self.ids("SELECT id FROM versions WHERE document IN", [document]):
                self.versions.setdefault(version, number)
        rows = self.connection.execute("SELECT document, id FROM versions ORDER BY document, id").fetchall()
        kept = {document for document, version in rows if version not in self.versions}
        for document, version in rows:
            if document not in kept:
                self.documents.setdefault(document, self.versions[version])


class _Own:
    """What belongs to the documents that are left out: their addresses, numbers, captures and tombstones."""

    def __init__(self, found: _Found, active: list[Withdrawal]) -> None:
        self.found, self.active, self.connection = found, active, found.connection
        self.addresses = {key for one in active for key in one.addresses}
        self.numbers = {number for one in active for number in one.numbers}
        self.by_document: dict[str, tuple[list[str], list[str]]] = {}
        for document in found.documents:
            keys = found.ids("SELECT url_key FROM addresses WHERE document IN", [document])
            numbers = list(own_numbers(self.connection, document))
            self.by_document[document] = (keys, numbers)
            self.addresses |= set(keys)
            self.numbers |= set(numbers)
        self._without_allowed()

    def _without_allowed(self) -> None:
        """Keep what an allowed document has in common with a withdrawn one: else its own address would lead nowhere."""
        allowed = {document for one in self.active for document in one.allowed_documents} - set(self.found.documents)
        if allowed:
            self.addresses -= set(self.found.ids("SELECT url_key FROM addresses WHERE document IN", allowed))
            for document in allowed:
                self.numbers -= set(own_numbers(self.connection, document))

    def captures(self) -> Iterable[str]:
        """Yield the captures of what is left out, and those that lead to its addresses; none that others came from."""
        contents = {digest for one in self.active for digest in one.contents}
        held, kept = self._by_version()
        rows = self.connection.execute(
            "SELECT id, url_key, content_digest, original_url, location FROM captures ORDER BY id"
        )
        for capture, key, content, original, location in rows:
            leads = any(url and url_key(url) in self.addresses for url in (original, location))
            if (capture in held or content in contents or key in self.addresses or leads) and capture not in kept:
                yield str(capture)

    def _by_version(self) -> tuple[set[str], set[str]]:
        """Return the captures that versions came from: of those that are left out, and of the others."""
        held: set[str] = set()
        kept: set[str] = set()
        rows = self.connection.execute(
            "SELECT id, capture FROM versions UNION SELECT version, capture FROM notices"
            " UNION SELECT version, capture FROM awards"
        )
        for version, capture in rows:
            (held if version in self.found.versions else kept).add(str(capture))
        return held, kept

    def _told_before(self) -> dict[str, int]:
        """Return the tombstones that an older release has: what was held back it no longer holds itself."""
        if not self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'tombstones'").fetchone():
            return {}
        active = {one.number for one in self.active}
        rows = self.connection.execute("SELECT hash, withdrawal FROM tombstones").fetchall()
        return {str(row[0]): row[1] for row in rows if row[1] in active}

    def _mementos(self) -> Iterator[tuple[str, int]]:
        """Yield the captures that are left out, as they were asked for by address and instant."""
        out = set(self.captures())
        by_capture = dict(self.connection.execute("SELECT capture, id FROM versions").fetchall())
        for row in select(self.connection, "SELECT * FROM captures ORDER BY id"):
            if row["id"] in out:
                key, _, at = place_of(row)
                yield memento_name(key, at), self._of(by_capture.get(row["id"], ""), row["content_digest"], key)

    def _of(self, version: str, content: str, key: str) -> int:
        """Return the withdrawal that a capture is left out for."""
        if version in self.found.versions:
            return self.found.versions[version]
        fitting = [one.number for one in self.active if content in one.contents or key in one.addresses]
        return min(fitting or [one.number for one in self.active])

    def tombstones(self, erased: Mapping[str, int]) -> dict[str, int]:
        """Return each tombstone with the withdrawal that it tells."""
        active = {one.number for one in self.active}
        said = self._told_before() | {hashed: number for hashed, number in erased.items() if number in active}
        for one in self.active:
            for hashed in tombstones_of(one.names, one.addresses, one.numbers, one.pages):
                said.setdefault(hashed, one.number)
        for document, number in self.found.documents.items():
            names = [document, *self.found.ids(OTHER_NAMES, [document])]
            for hashed in tombstones_of(names, *self.by_document[document], {}):
                said.setdefault(hashed, number)
        for memento, number in self._mementos():
            said.setdefault(tombstone("memento", memento), number)
        before = earlier_names(self.connection)
        for version, number in self.found.versions.items():
            keys = [row[0] for row in self.connection.execute("SELECT id FROM pages WHERE version = ?", (version,))]
            for hashed in tombstones_of((), (), (), {version: keys, **before.get(version, {})}):
                said.setdefault(hashed, number)
        return said
