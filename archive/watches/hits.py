"""Which changes each watch wants told, and where its terms stand in them; it asks a catalogue or a release, as it is.

Equal input gives equal hits: their ids are made of the watch's name and the change's id, their places stand in the
order of the pages.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from archive.research.changes import COSMETIC, WORDS
from archive.research.documents import document_address, page_address
from archive.research.page_parts import HeldPage
from archive.research.query_fields import given_filters
from archive.research.questions import documents_that_fit, read_question
from archive.research.rows import Row, select
from archive.research.values import meant_by
from archive.research.vendors import Vendor, list_vendors
from archive.running_text import RunningText, running_text
from archive.watches.looked_at import ADDED, NAME, REMOVED, Stretch, is_replacing, looked_at
from archive.watches.matching import Matcher, Stands
from archive.watches.model import Hit, Place, Watch
from archive.watches.terms import is_vendor, patterns_of, vendor_of
from archive.watches.watch_file import AWARD, MODIFICATION
from archive.watches.words import Words

TOLD = {**WORDS, AWARD: "New award", MODIFICATION: "Modification of an award"}
MOST_PLACES, MOST_NAMES = 5, 50
AWARD_NOTICE = "award notice"
LEAD, SHOWN, HEAD = 80, 240, 250
# Of the places of a term so many are compared with the other version.
MOST_TRIED = 50


class _Found(NamedTuple):
    """A term (by number) in a stretch of text, from `start` to `end` of it."""

    stretch: Stretch
    term: int
    start: int
    end: int


def hit_id(watch: str, change: str) -> str:
    """Return a hit's id, the same for good."""
    return hashlib.sha256(f"hit\n{watch}\n{change}".encode()).hexdigest()[:20]


def kind_of(connection: sqlite3.Connection, change: Row) -> str:
    """Return what a change is called to whoever follows it; those of contracts have names of their own."""
    kind = str(change["kind"])
    of_award = {"new": AWARD, "amended": MODIFICATION}.get(kind)
    if of_award is None:
        return kind
    held = connection.execute("SELECT 1 FROM awards WHERE document = ? LIMIT 1", (change["document"],)).fetchone()
    return of_award if held or change["document_kind"] == AWARD_NOTICE else kind


class Finder:
    """Watches, ready to be held against changes: all their terms in one pass."""

    def __init__(self, connection: sqlite3.Connection, watches: Sequence[Watch]) -> None:
        self.connection, self.watches = connection, {watch.name: watch for watch in watches}
        self.notes: dict[str, list[str]] = {}
        self._vendors: list[Vendor] | None = None
        self._fits = {watch.name: self._documents(watch) for watch in watches}
        terms: dict[str, list[str]] = {}
        for watch in watches:
            for term in watch.terms:
                terms.setdefault(term, []).append(watch.name)
        self._owners = list(terms.values())
        self._terms = list(terms)
        self._patterns = {term: patterns_of(term, self._names(term)) for term in terms}
        self._matcher = Matcher(list(self._patterns.values()))
        self._apart: dict[str, Matcher] = {}

    def watches_told(self, change: Row) -> list[str]:
        """Return the names of the watches that want a change told, in order."""
        asking = {name for name, watch in self.watches.items() if self._asks(watch, change)}
        if not asking:
            return []
        told = {name for name in asking if not self.watches[name].terms}
        if len(told) < len(asking):
            told |= {
                name
                for term in _terms_told(self.connection, self._matcher, change)
                for name in self._owners[term]
                if name in asking
            }
        return sorted(told)

    def hit(self, watch: str, change: Row) -> Hit:
        """Return what a watch is told of a change, with the places where its terms stand."""
        every = self._places(watch, change) if self.watches[watch].terms else []
        places = list(dict.fromkeys(every))
        return Hit(
            id=hit_id(watch, change["id"]),
            kind=kind_of(self.connection, change),
            at=change["at"],
            document=change["document"],
            title=change["title"],
            number=change["number"],
            collection=change["collection"],
            source=change["source"],
            address=change["address"],
            version=change["version"] or "",
            before=change["before"] or "",
            difference=change["difference"],
            summary=change["summary"] or "",
            places=tuple(places[:MOST_PLACES]),
            more=max(len(places) - MOST_PLACES, 0),
        )

    def _asks(self, watch: Watch, change: Row) -> bool:
        """Tell whether a change is of a kind and of a document that a watch is about."""
        kind = kind_of(self.connection, change)
        if watch.kinds and not {kind, change["kind"]} & set(watch.kinds):
            return False
        if not watch.kinds and kind == COSMETIC:
            return False
        fits = self._fits[watch.name]
        return fits is None or change["document"] in fits

    def _documents(self, watch: Watch) -> set[str] | None:
        """Return the documents that a watch's filters leave; None where it has none."""
        if not watch.filters:
            return None
        notes: list[str] = []
        asked = read_question(self.connection, "", given_filters(watch.filters, notes))
        if asked.unknown:
            self.notes[watch.name] = asked.unknown_notes(self.connection)
        return documents_that_fit(self.connection, asked.query)

    def _names(self, term: str) -> list[str]:
        """Return the names of a vendor beside the one that a term gives."""
        if not is_vendor(term):
            return []
        if self._vendors is None:
            self._vendors = list_vendors(self.connection)
        name = vendor_of(term)
        meant = set(meant_by(self.connection, "vendors", [name])[name])
        return [one.name for vendor in self._vendors if meant & set(vendor.recorded) for one in vendor.names][
            :MOST_NAMES
        ]

    def _places(self, watch: str, change: Row) -> list[Place]:
        terms = self.watches[watch].terms
        if watch not in self._apart:
            self._apart[watch] = Matcher([self._patterns[term] for term in terms])
        every: dict[tuple[int, str, str, int], list[_Found]] = {}
        for found in _found(self.connection, self._apart[watch], change):
            stretch = found.stretch
            every.setdefault((found.term, stretch.what, stretch.version, stretch.page), []).append(found)
        once = [_shown_first(places) for places in every.values()]
        addresses = _addresses(self.connection, [one.stretch.version for one in once])
        on_pages = [one for one in once if one.stretch.what != NAME] or once
        return [_place(terms[one.term], one, change, addresses) for one in _each_term_first(on_pages)]


def _shown_first(places: Sequence[_Found]) -> _Found:
    """Return the place on a page that is shown: a running header looks the same on every page."""
    return next((one for one in places if one.start > HEAD), places[0])


def _each_term_first(found: Sequence[_Found]) -> list[_Found]:
    """Return places in their order, the first of every term before the second of any."""
    seen: Counter[int] = Counter()
    ranked = []
    for place, one in enumerate(found):
        seen[one.term] += 1
        ranked.append((seen[one.term], place, one))
    return [one for _, _, one in sorted(ranked, key=lambda rank: rank[:2])]


def _terms_told(connection: sqlite3.Connection, matcher: Matcher, change: Row) -> set[int]:
    """Return the terms (by number) that stand in what of a change is looked at."""
    found: set[int] = set()
    for stretch in looked_at(connection, change):
        if stretch.over:
            found |= {one.term for one in matcher.over(stretch.text, stretch.over, stretch.between)}
        else:
            found |= matcher.terms_in(stretch.text)
    if is_replacing(change):
        found |= _counted_otherwise(_sides(connection, matcher, change)).keys()
    return found


def _found(connection: sqlite3.Connection, matcher: Matcher, change: Row) -> Iterator[_Found]:
    """Yield each place of each term in what of a change is looked at."""
    for stretch in looked_at(connection, change):
        if stretch.over:
            over = matcher.over(stretch.text, stretch.over, stretch.between)
            whole = Stretch(stretch.what, stretch.version, stretch.page, stretch.text + stretch.between + stretch.over)
            yield from (_Found(whole, *one) for one in over)
        else:
            yield from (_Found(stretch, *one) for one in matcher.places_in(stretch.text))
    if is_replacing(change):
        yield from _counted(connection, matcher, change)


def _counted(connection: sqlite3.Connection, matcher: Matcher, change: Row) -> Iterator[_Found]:
    """Yield terms that the running text has more often, or less, than before: their words may stand partly in what
    stayed, or nobody published what came and went."""
    before, after = sides = _sides(connection, matcher, change)
    for term, more in sorted(_counted_otherwise(sides).items()):
        yield after.place(term, ADDED, before) if more > 0 else before.place(term, REMOVED, after)


def _sides(connection: sqlite3.Connection, matcher: Matcher, change: Row) -> tuple[_Side, _Side]:
    return _Side(connection, matcher, change["before"]), _Side(connection, matcher, change["version"])


def _counted_otherwise(sides: tuple[_Side, _Side]) -> dict[int, int]:
    """Return the terms that the later of two versions has more often or less, and by how much."""
    before, after = (Counter(one.term for one in side.places) for side in sides)
    every = {term: after[term] - before[term] for term in before.keys() | after.keys()}
    return {term: more for term, more in every.items() if more}


class _Side:
    """One of two versions: its running text, and where in it terms stand."""

    def __init__(self, connection: sqlite3.Connection, matcher: Matcher, version: str) -> None:
        self.version = version
        self.running = _running(connection, version)
        self.places = matcher.places_in(self.running.text)

    @cached_property
    def folded(self) -> bytes:
        return Words(self.running.text).folded

    @cached_property
    def by_term(self) -> Mapping[int, list[Stands]]:
        found: dict[int, list[Stands]] = {}
        for one in self.places:
            found.setdefault(one.term, []).append(one)
        return found

    def place(self, term: int, what: str, other: _Side) -> _Found:
        """Return a place of a term that the other side hasn't, else the first."""
        places = self.by_term[term]
        tried = places[:MOST_TRIED]
        around = (self.running.text[max(one.start - 60, 0) : one.end + 60] for one in tried)
        # The words at both ends of what is cut out may be halves.
        new = (one for one, near in zip(tried, around, strict=True) if _within(near) not in other.folded)
        start, end = next(new, places[0])[1:]
        page = self.running.on_pages(start, end)[0].page
        return _Found(Stretch(what, self.version, page, self.running.text), term, start, end)


def _within(text: str) -> bytes:
    words = Words(text).folded.split()
    return b" %s " % b" ".join(words[1:-1] if len(words) > 2 else words)


def _running(connection: sqlite3.Connection, version: str) -> RunningText:
    rows = connection.execute(
        "SELECT number, text, parts, runs_on FROM pages WHERE version = ? ORDER BY number", (version,)
    )
    return running_text(HeldPage(number, text, _parts(parts), runs_on) for number, text, parts, runs_on in rows)


def _parts(parts: str) -> list[tuple[str, int, int]]:
    return [(kind, start, end) for kind, start, end in json.loads(parts)]


def _addresses(connection: sqlite3.Connection, versions: Iterable[str]) -> Mapping[str, Row]:
    wanted = sorted(set(versions) - {""})
    marks = ", ".join("?" * len(wanted))
    rows = select(connection, f"SELECT id, document, digest FROM versions WHERE id IN ({marks})", wanted)  # noqa: S608
    return {row["id"]: row for row in rows}


def _place(term: str, found: _Found, change: Row, versions: Mapping[str, Row]) -> Place:
    stretch = found.stretch
    version = versions.get(stretch.version)
    if version is not None and stretch.page:
        address = page_address(version, stretch.page)
    else:
        address = change["address"] or document_address(change["document"])
    change_told = stretch.what if stretch.what in (ADDED, REMOVED) else ""
    return Place(term, stretch.page, address, shown(stretch.text, found.start, found.end), change_told)


def shown(text: str, start: int, end: int) -> str:
    """Return the words around a place, in one line."""
    first = max(start - LEAD, 0)
    if first:
        first = max(text.find(" ", first, start) + 1, first)
    last = min(max(first + SHOWN, end), len(text))
    if last < len(text):
        last = max(text.rfind(" ", end, last), end)
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text[first:last]).split())
    return f"{'… ' if first else ''}{words}{' …' if last < len(text) else ''}"
