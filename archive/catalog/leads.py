"""Which document each reference leads to now, and by which rule: worked out anew at each settling, for all of them."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from archive.addresses import url_key
from archive.award_ids import parse_award_id
from archive.catalog.evidence import resolve
from archive.catalog.link_corrections import CorrectedLinks, LinkCorrection, LinkCorrections
from archive.catalog.named_leads import NamedLeads
from archive.catalog.reference_rules import confidence
from archive.identifiers import find_identifiers
from archive.mentions import NAMED, TITLE
from archive.named_documents import parse_named
from archive.quoted_titles import is_telling, title_key


class Lead(NamedTuple):
    """A document that is meant, and by which rule (archive/catalog/reference_rules.py); None where it is no other."""

    document: str | None
    rule: str


# What only the document that refers answers to is no reference to another, and isn't missing either.
ITSELF = Lead(None, "itself")


def resolve_references(
    connection: sqlite3.Connection,
    redirects: Mapping[str, str],
    corrections: LinkCorrections = LinkCorrections(),  # noqa: B008 (frozen)
) -> None:
    """Point every reference at the document that it leads to now, or at none; what somebody decided counts before all
    rules. The caller commits.

    The cost grows with the number of references (one pass, a look-up each) and of different targets.
    """
    targets = _Targets(connection, redirects)
    decided = CorrectedLinks(corrections.held, _names(connection) if corrections.held else {})
    rows = connection.execute(
        'SELECT id, document, page, kind, target, rule, target_document, leads_by, corrected FROM "references"'
    )
    changed = []
    for name, document, page, kind, target, rule, *held in rows:
        found = targets.lead(kind, target, document)
        led = _Led(found.document, found.rule) if found else _Led(None, "")
        if one := decided.of(document, target, page):
            led = _by_hand(one, led, decided)
        if [*led] != held:
            changed.append((*led, confidence(rule, led.rule), name))
    connection.executemany(
        'UPDATE "references" SET target_document = ?, leads_by = ?, corrected = ?, confidence = ? WHERE id = ?', changed
    )


class _Led(NamedTuple):
    document: str | None
    rule: str
    corrected: str = ""


def _by_hand(one: LinkCorrection, led: _Led, decided: CorrectedLinks) -> _Led:
    """Return where a reference leads after a correction; one that says what it isn't counts where it led to that."""
    others = decided.ids(one.other)
    if not one.apart:
        return _Led(others[0] if len(others) == 1 else None, "by-hand", one.reason)
    return _Led(None, "by-hand", one.reason) if not one.other or led.document in others else led


def _names(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the documents of each name that one has or had; an id is that document's alone."""
    names: dict[str, list[str]] = {}
    for alias, document in connection.execute("SELECT alias, document FROM aliases ORDER BY alias, document"):
        names.setdefault(alias, []).append(document)
    return names | {document: [document] for (document,) in connection.execute("SELECT id FROM documents")}


class _Targets:
    """Which document an address or a number leads to: one that bears it as its own before one that is about it."""

    def __init__(self, connection: sqlite3.Connection, redirects: Mapping[str, str]) -> None:
        self._connection, self._redirects = connection, redirects
        self._names: NamedLeads | None = None
        self._by_title: dict[str, dict[str, bool]] | None = None
        self._by_number: dict[str, list[Lead]] = defaultdict(list)
        rows = connection.execute(
            "SELECT identifiers.value, identifiers.document, identifiers.role FROM identifiers"
            " JOIN documents ON documents.id = identifiers.document"
            " ORDER BY identifiers.role != 'own', identifiers.role, documents.kind LIKE '%page', documents.id"
        )
        for value, document, role in rows:
            self._by_number[value].append(Lead(document, "own-number" if role == "own" else "about-number"))
        self._whole: dict[str, list[str]] = defaultdict(list)
        for value in self._by_number:
            if "/" in value:
                self._whole[value.rpartition("/")[2]].append(value)
        self._by_key: dict[str, str] = dict(
            connection.execute(
                "SELECT addresses.url_key, documents.id FROM addresses"
                " JOIN documents ON documents.id = addresses.document ORDER BY documents.last_seen, documents.id DESC"
            ).fetchall()
        )
        self._leads: dict[tuple[str, str], list[Lead]] = {}

    def lead(self, kind: str, target: str, origin: str) -> Lead | None:
        """Return the document, never the one that refers; None where nothing held answers to it."""
        if (kind, target) not in self._leads:
            self._leads[kind, target] = self._all(kind, target)
        found = self._leads[kind, target]
        if kind == "link" and found and found[0].document == origin:
            return ITSELF
        other = next((lead for lead in found if lead.document != origin), None)
        return other or (ITSELF if found else None)

    def _all(self, kind: str, target: str) -> list[Lead]:
        if kind == "link":
            return self._linked(target)
        if kind == TITLE:
            return self._titled(target)
        return self._called(target) if kind == NAMED else self._numbered(kind, target)

    def _titled(self, target: str) -> list[Lead]:
        """Return the document that has a title, if it is one document's; a page about it counts after it."""
        self._by_title = self._by_title or _titles(self._connection)
        held = self._by_title.get(target, {})
        for about in (False, True):
            found = [document for document, is_page in held.items() if is_page == about]
            if found:
                return [Lead(found[0], "title")] if len(found) == 1 else []
        return []

    def _called(self, target: str) -> list[Lead]:
        """Return the document that a name is of."""
        self._names = self._names or NamedLeads(self._connection)
        named = parse_named(target)
        found = self._names.lead(named) if named else None
        return [Lead(*found)] if found else []

    def _linked(self, target: str) -> list[Lead]:
        """Return what an address leads to; one that nothing is held of may carry a number."""
        found = self._by_key.get(resolve(target, self._redirects)) or self._by_key.get(url_key(target))
        if found is not None:
            return [Lead(found, "address")]
        named = (found.identifier for found in find_identifiers(target))
        leads = (lead for one in named for lead in self._numbered(one.scheme, one.value))
        return [Lead(lead.document, "number-in-address") for lead in leads]

    def _numbered(self, scheme: str, value: str) -> list[Lead]:
        """Return what bears a number; one without its component leads somewhere if only one number ends so."""
        if scheme == "pia" and "/" not in value:
            whole = self._whole.get(value, [])
            if whole:
                leads = self._by_number[whole[0]] if len(whole) == 1 else []
                return [Lead(lead.document, "only-one") for lead in leads]
        if scheme == "award-id" and value not in self._by_number:
            parts = parse_award_id(value)
            leads = self._by_number.get(parts.piid, []) if parts else []
            return [Lead(lead.document, "ordered-as") for lead in leads]
        return self._by_number.get(value, [])


def _titles(connection: sqlite3.Connection) -> dict[str, dict[str, bool]]:
    """Return for each title, as it is compared, the documents that have or had it, and whether each is a page."""
    titles: dict[str, dict[str, bool]] = {}
    for title, document, is_page in connection.execute(
        "SELECT v.title, d.id, d.kind LIKE '%page' FROM versions AS v JOIN documents AS d ON d.id = v.document"
        " UNION SELECT title, id, kind LIKE '%page' FROM documents ORDER BY 2"
    ):
        key = title_key(title)
        if is_telling(key):
            titles.setdefault(key, {})[document] = bool(is_page)
    return titles
