"""Finds the records of a contract's chain by the numbers that they carry; what they make is said in chain.py.

It goes from number to number by equality. Of what an award was ordered under it goes up, not to all that was ordered
beside it; from an award that others were ordered under it goes down to these.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archive.award_ids import parse_award_id
from archive.identifiers import Identifier, find_identifiers, parse_identifier
from archive.research.chain import Held, build, canonical, is_its_own
from archive.research.claims import claims_about, mentions_beside
from archive.research.documents import find_document, list_awards, list_notices, version_address
from archive.research.rows import Row, select, select_one
from archive.research.withdrawn import gone_document, gone_number

MOST_DOCUMENTS = 100
MOST_ATTACHED = 100
LONGEST = 500
_OF_RECORDS = ("notice", "award", "order", "award above")
_SCHEMES = ("piid", "solicitation", "award-id", "sam-notice")
# PIID:"70CDCR18P00000017", as FPDS is asked.
_ASKED_OF_FPDS = re.compile(r"[A-Z_]{2,30}:\s?\"?(.{1,200}?)\"?", re.ASCII)


def read_chain(connection: sqlite3.Connection, asked: str) -> Row:
    """Return the chain of a number in any spelling, of an address that holds one, or of a document by its id.

    `asked`, `number` (as it was read, "" for what is none), `steps`, `links`, `money`, `gaps`, and apart from these
    `claims` and `mentions`; of a number that several awards bear as their own, none of it but `choices`. `gone` is the
    withdrawal of what bore the number.
    """
    asked = asked[:LONGEST].strip()
    number = number_of(asked)
    found = _bearing(connection, number.value) if number else []
    if not found and number and (parts := parse_award_id(number.value)) and is_its_own(parts.piid):
        found = _bearing(connection, canonical(parts.piid))
    if not found and (document := find_document(connection, asked)):
        return {"asked": asked, **chain_of_document(connection, document["id"])}
    gone = None if found else gone_number(connection, number) or gone_document(connection, asked)
    own = [one for one in found if one.is_award and one.role == "own"]
    if number and not is_its_own(number.value) and number.scheme == "piid" and len(own) > 1:
        return _told(
            connection, asked, number.value, build(Held()), choices=[_choice(connection, one.document) for one in own]
        )
    # Of an order's id, the order alone is meant, and not all that bears its number.
    chain = build(
        _gather(connection, [one.document for one in ((own[:1] or found) if _is_award_id(number) else found)])
    )
    return {**_told(connection, asked, number.value if number else "", chain), "gone": gone}


def chain_of_document(connection: sqlite3.Connection, document: str) -> Row:
    """Return the chain of a notice or an award; without steps for what is neither."""
    held = _gather(connection, [document])
    records = [*held.notices.get(document, ()), *held.awards.get(document, ())]
    newest = records[-1] if records else {}
    names = ("piid", "award_number", "solicitation", "notice_id")
    number = next((newest[name] for name in names if newest.get(name)), "")
    return {**_told(connection, document, canonical(number) if number else "", build(held)), "gone": None}


def _told(
    connection: sqlite3.Connection, asked: str, number: str, chain: Row, choices: Iterable[Row] = ()
) -> Row:  # fmt: skip
    documents = {step["document"] for step in chain["steps"] if step["document"] and step["kind"] in _OF_RECORDS}
    numbers = {step["number"] for step in chain["steps"] if step["number"]}
    return {
        "asked": asked, "number": number, **chain, "claims": claims_about(connection, documents, numbers),
        "mentions": mentions_beside(connection, sorted(documents)), "choices": list(choices), "gone": None,
    }  # fmt: skip


def number_of(asked: str) -> Identifier | None:
    """Return the number that is meant: alone, in an address, or as FPDS is asked for it."""
    plain = _ASKED_OF_FPDS.fullmatch(asked)
    asked = plain[1] if plain else asked
    if read := parse_identifier(asked):
        return read
    found = [one.identifier for one in find_identifiers(asked) if one.identifier.scheme in _SCHEMES]
    words = canonical(asked)
    return found[0] if found else Identifier("piid", words, asked) if re.fullmatch("[0-9A-Z]{1,50}", words) else None


def _is_award_id(number: Identifier | None) -> bool:
    return number is not None and number.scheme == "award-id"


@dataclass(frozen=True, slots=True)
class _Bearer:
    """A document that carries a number."""

    document: str
    role: str
    is_award: bool


def _bearing(connection: sqlite3.Connection, value: str) -> list[_Bearer]:
    """Return the notices and awards that carry a number, those first whose own it is."""
    rows = connection.execute(
        "SELECT i.document, min(i.role <> 'own'), EXISTS (SELECT 1 FROM awards AS a WHERE a.document = i.document)"  # noqa: S608
        f" AS is_award FROM identifiers AS i WHERE i.value = ? AND i.scheme IN {_SCHEMES} AND (is_award OR EXISTS"
        " (SELECT 1 FROM notices AS n WHERE n.document = i.document)) GROUP BY i.document ORDER BY 2, 1 LIMIT ?",
        (value, MOST_DOCUMENTS + 1),
    )
    return [_Bearer(document, "about" if indirect else "own", bool(award)) for document, indirect, award in rows]


def _choice(connection: sqlite3.Connection, document: str) -> Row:
    row = select_one(
        connection,
        "SELECT document, award_id, piid, parent_piid, recipient, description FROM awards WHERE document = ? LIMIT 1",
        (document,),
    )
    return row or {}


@dataclass
class _Walk:
    """Where the search for records has been, and what it found."""

    connection: sqlite3.Connection
    notices: dict[str, list[Row]] = field(default_factory=dict)
    awards: dict[str, list[Row]] = field(default_factory=dict)
    above: set[str] = field(default_factory=set)
    withdrawn: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    cut: bool = False

    def visit(self, document: str, *, only_up: bool) -> Iterator[tuple[str, bool]]:
        """Take in a document, and yield where its numbers lead, each with whether to go up only from there."""
        awards = list_awards(self.connection, document)
        if awards:
            self.awards[document] = awards
            self.above |= {document} if only_up else set()
            yield from self._from_award(awards, only_up=only_up)
            return
        records = list(reversed(list_notices(self.connection, document)))
        if records:
            self.notices[document] = [
                {**one, "address": version_address({**one, "id": one["version"]})} for one in records
            ]
            if not only_up:
                yield from self._from_notice(records)

    def _from_award(self, rows: list[Row], *, only_up: bool) -> Iterator[tuple[str, bool]]:
        newest = rows[-1]
        for value in {row["solicitation"] for row in rows if is_its_own(row["solicitation"])}:
            bearers = self._of(value)
            yield from ((one.document, only_up) for one in bearers if not (only_up and one.is_award))
        if is_its_own(newest["piid"]):
            for one in self._of(newest["piid"]):
                if not (only_up and one.is_award and one.role != "own"):
                    yield one.document, only_up
        elif not only_up:
            yield from ((document, False) for document in self._ordered_under(newest))
        if newest["parent_piid"]:
            agency = _agencies(newest["award_id"])[1]
            for one in self._of(newest["parent_piid"]):
                if one.is_award and one.role == "own" and self._has_agency(one.document, agency):
                    yield one.document, True

    def _from_notice(self, records: list[Row]) -> Iterator[tuple[str, bool]]:
        for record in records:
            for number in (record["solicitation"], record["award_number"]):
                if is_its_own(number):
                    yield from ((one.document, False) for one in self._of(number))

    def _of(self, number: str) -> list[_Bearer]:
        value = canonical(number)
        found = _bearing(self.connection, value)
        self.cut = self.cut or len(found) > MOST_DOCUMENTS
        if not found or value not in self.asked:
            self.asked.add(value)
            read = parse_identifier(number)
            if not any(one.role == "own" for one in found) and gone_number(self.connection, read):
                self.withdrawn.add(value)
        return found

    def _has_agency(self, document: str, agency: str) -> bool:
        row = select_one(self.connection, "SELECT award_id FROM awards WHERE document = ? LIMIT 1", (document,))
        return row is not None and (not agency or _agencies(row["award_id"])[0] in ("", agency))

    def _ordered_under(self, row: Row) -> list[str]:
        """Return the orders under an award whose number may be another agency's too."""
        own = _agencies(row["award_id"])[0]
        found = [one.document for one in self._of(row["piid"]) if one.is_award and one.role == "about"]
        return [document for document in found if _parent_agency(self.connection, document) in {"", own}]


def _parent_agency(connection: sqlite3.Connection, document: str) -> str:
    row = select_one(connection, "SELECT award_id FROM awards WHERE document = ? LIMIT 1", (document,))
    return _agencies(row["award_id"])[1] if row else ""


def _agencies(award_id: str) -> tuple[str, str]:
    parts = parse_award_id(award_id)
    return (parts.agency, parts.parent_agency) if parts else ("", "")


def _gather(connection: sqlite3.Connection, seeds: Iterable[str]) -> Held:
    """Return the records that belong to a chain with some documents, MOST_DOCUMENTS of them at most."""
    walk = _Walk(connection)
    waiting = deque((seed, False) for seed in seeds)
    seen: set[str] = set()
    while waiting:
        document, only_up = waiting.popleft()
        if document in seen:
            continue
        if len(seen) >= MOST_DOCUMENTS:
            walk.cut = True
            break
        seen.add(document)
        waiting.extend(sorted(set(walk.visit(document, only_up=only_up))))
    attached = _attached(connection, list(walk.notices))
    above, withdrawn = frozenset(walk.above), frozenset(walk.withdrawn)
    return Held(walk.notices, walk.awards, attached, above, withdrawn, walk.cut)


def _attached(connection: sqlite3.Connection, notices: list[str]) -> list[Row]:
    """Return the files held that notices have attached, each with the first record that names it."""
    rows = select(
        connection,
        "SELECT r.document, r.version, r.target, r.target_document, d.title, d.number, d.published, v.digest"
        ' FROM "references" AS r JOIN documents AS d ON d.id = r.target_document JOIN versions AS v ON v.id = r.version'
        " WHERE r.kind = 'link' AND d.kind <> 'article' AND r.version IN"
        " (SELECT version FROM notices WHERE document IN (SELECT value FROM json_each(?)))"
        " ORDER BY r.target_document, v.ordinal, r.id LIMIT ?",
        (json.dumps(notices), MOST_ATTACHED),
    )
    first: dict[str, Row] = {}
    for row in rows:
        row["address"] = version_address({"id": row["version"], "document": row["document"], "digest": row["digest"]})
        first.setdefault(row["target_document"], row)
    return list(first.values())
