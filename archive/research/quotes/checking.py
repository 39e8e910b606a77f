"""Checks quotations against all that a catalogue or release holds: exact, near, elsewhere or absent.

Pages that may hold one are found by its rarest words; whether one does is decided on its text, word by word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.research.documents import page_address
from archive.research.quotations import query_of, quotation_address, quoted_of
from archive.research.quotes.candidates import (
    MOST_PAGES,
    Index,
    Phrases,
    pages_with_some,
    phrases_of,
    whole_pages,
)
from archive.research.quotes.differing import LEFT_OUT, SAME, Edit, edits_between, find_near, words_wanted
from archive.research.quotes.fitting import Fit, find_fits
from archive.research.quotes.held import Held, may_run_over
from archive.research.quotes.outcomes import ABSENT, ELSEWHERE, EXACT, NEAR, Checked, Place, Wanted
from archive.research.quotes.pieces import Piece, find_pieces
from archive.research.quotes.quotation import Quotation, parse
from archive.research.quotes.searched import Searching
from archive.research.quotes.texts import Texts
from archive.research.rows import Row
from archive.research.scope import Scope

# Of pages that hold only some of a quotation's words so many are tried (it may go on overleaf), and so many compared.
MOST_TRIED, MOST_COMPARED, MOST_OTHERS = 30, 12, 5
# Of so many of them what is near is looked for with the pages beside them, too.
MOST_AROUND = 6
# Of what is near so many words in a hundred may differ before it is looked at whether it is several passages.
SPLICED = 12
# What has to be known of words that are on very many pages.
_CUT = (
    f"Some of its words are common: of the pages that hold only some of it, the first {MOST_PAGES} of each phrase were"
    " looked at."
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A place of a quotation, exact where it has no doubts."""

    held: Held
    fit: Fit

    @property
    def version(self) -> Row:
        return self.held.version

    @property
    def pages(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(one.page for one in self.held.on_pages(*self.fit.whole)))


@dataclass(frozen=True, slots=True)
class _Nearest:
    """What is near a quotation, and how much of it differs."""

    held: Held
    first: int
    end: int
    differs: float
    doubts: tuple[str, ...] = ()
    replaced: tuple[tuple[str, str], ...] = ()


def check(connection: sqlite3.Connection, wanted: Iterable[Wanted]) -> list[Checked]:
    """Return what became of each quotation, in their order. Any string is answered."""
    return list(iter_checked(connection, wanted))


def iter_checked(connection: sqlite3.Connection, wanted: Iterable[Wanted]) -> Iterator[Checked]:
    """Yield what becomes of each quotation, as soon as it is known; of one that comes again it is known already."""
    known: dict[Wanted, Checked] = {}
    checker = Checker(connection)
    for one in wanted:
        if one not in known:
            known[one] = checker.check(one)
        yield known[one]


class Checker:
    """Checks quotations one by one against one catalogue or release; what was read for one serves the next.

    `scope` is what is searched, where that was counted before.
    """

    def __init__(self, connection: sqlite3.Connection, scope: Scope | None = None) -> None:
        self._index, self._texts, self._searching = (
            Index.of(connection),
            Texts(connection),
            Searching(connection, scope),
        )

    def check(self, wanted: Wanted) -> Checked:
        """Return what became of a quotation."""
        quotation = parse(wanted.words)
        if not quotation.length:
            return Checked(wanted, ABSENT, notes=("There is no word in it.",))
        return _Question(self._index, self._texts, self._searching, wanted, quotation).answer()


class _Question:
    """One quotation while it is looked for."""

    def __init__(self, index: Index, texts: Texts, searching: Searching, wanted: Wanted, quotation: Quotation) -> None:
        self.index, self.texts, self.searching, self.wanted, self.quotation = index, texts, searching, wanted, quotation
        self.asked: Phrases = phrases_of(index, quotation)
        self.was_cut = False
        self.doubtful: list[_Nearest] = []

    def answer(self) -> Checked:
        cited = self.wanted.document
        if cited:
            held = self._exact(self._whole(cited))
            if found := [one for one in held if self._is_cited(one)]:
                return self._exactly(EXACT, found, held)
        found = self._exact(self._whole(""))
        some = None
        if not found:
            some = self._some("") if not cited else [*self._some(cited), *self._some("")]
            found = self._exact(some)
        if found:
            good = [one for one in found if self._is_cited(one)] if cited else found
            return self._exactly(EXACT, good, found) if good else self._exactly(ELSEWHERE, found, found)
        return self._near(some or [])

    def _whole(self, document: str) -> list[int]:
        places = whole_pages(self.index, self.asked, document)
        self.was_cut = self.was_cut or len(places) > MOST_PAGES
        return places[:MOST_PAGES]

    def _some(self, document: str) -> list[int]:
        places, is_cut = pages_with_some(self.index, self.asked, document)
        self.was_cut = self.was_cut or is_cut
        return places[:MOST_TRIED]

    def _rows(self, places: Sequence[int]) -> list[tuple[Row, Row]]:
        return [
            pair for pair in self.texts.rows(places) if pair[1]["document"] != self.wanted.but or not self.wanted.but
        ]

    def _exact(self, places: Sequence[int]) -> list[_Found]:
        """Return the places of a quotation on some pages, or over their ends; what has doubts is kept as near."""
        found: list[_Found] = []
        wanted = words_wanted(self.quotation)
        for number, (version, page) in enumerate(self._rows(places)):
            fits = self._fits(self.texts.page(version, page))
            is_parted = len(self.quotation.parts) > 1 and number < MOST_AROUND
            if not fits and (is_parted or may_run_over(page, wanted)):
                fits = self._fits(self.texts.around(version, page))
            found += fits
        return found

    def _fits(self, held: Held) -> list[_Found]:
        fits = find_fits(held, self.quotation)
        self.doubtful += [_Nearest(held, *fit.whole, 0.0, fit.doubts, fit.replaced) for fit in fits if fit.doubts]
        return [_Found(held, fit) for fit in fits if not fit.doubts]

    def _is_cited(self, found: _Found) -> bool:
        if found.version["document"] != self.wanted.document:
            return False
        return not self.wanted.version or found.version["id"] == self.wanted.version

    def _exactly(self, outcome: str, found: list[_Found], every: list[_Found]) -> Checked:
        """Return what became of a quotation that was `found`; `every` has the places beside those that are cited."""
        best = min(found, key=self._order)
        place = self._place(best.held, *best.fit.whole)
        newest = best.held.version["newest_version"]
        notes = list(self._notes(place, in_newest=any(one.version["id"] == newest for one in every)))
        agrees = self._agrees(place) if outcome == EXACT else None
        if agrees is False:
            notes.insert(0, f"It stands on page {_shown(place)}, not {self.wanted.page}.")
        edits = edits_between(self.quotation, best.held, *best.fit.whole) if outcome == ELSEWHERE else ()
        return Checked(self.wanted, outcome, place, edits, agrees, tuple(self._others(found, place.document)),
                       replaced=best.fit.replaced, notes=tuple(notes))  # fmt: skip

    def _order(self, found: _Found) -> tuple[object, ...]:
        """Return by what the best of several places is the first: what is cited, what is no article, what is newest."""
        version = found.version
        return (
            not self._is_cited(found),
            version["document"] != self.wanted.document,
            self._cites_page(found.pages, found.held) is False,
            version["kind"] == "article",
            version["id"] != version["newest_version"],
            version["dated"] or "",
            version["document"],
            -version["ordinal"],
            found.pages,
            found.fit.whole.first,
        )

    def _cites_page(self, pages: Sequence[int], held: Held) -> bool | None:
        cited = self.wanted.page.strip()
        if not cited:
            return None
        labels = {page["label"] for page in held.pages if page["number"] in pages}
        return cited in {*map(str, pages), *labels}

    def _agrees(self, place: Place) -> bool | None:
        return self.wanted.page.strip() in {*map(str, place.pages), place.label} if self.wanted.page.strip() else None

    def _others(self, found: list[_Found], but: str) -> Iterator[Place]:
        """Yield one place of each further document."""
        seen = {but}
        for one in sorted(found, key=self._order):
            if one.version["document"] not in seen and len(seen) <= MOST_OTHERS:
                seen.add(one.version["document"])
                yield self._place(one.held, *one.fit.whole)

    def _notes(self, place: Place, *, in_newest: bool = False) -> Iterator[str]:
        if not place.is_newest and in_newest:
            yield "A newer version of this document is held; it stands there too."
        elif not place.is_newest:
            yield "It stands in an earlier version of this document; it wasn't found in the newest."
        if place.origin == "ocr":
            sure = f", confidence {place.confidence:.2f}" if place.confidence is not None else ""
            yield f"Read by OCR{sure}; compare the picture."

    def _near(self, places: Sequence[int]) -> Checked:
        """Return what is near, or that nothing is."""
        helds = self.compared(places[:MOST_COMPARED])
        near = list(self.doubtful)
        for held in helds:
            if found := find_near(held, self.quotation):
                near.append(_Nearest(held, found.first, found.end, found.differs))
        best = min(near, key=self._order_of_near, default=None)
        if best is None or best.differs > SPLICED:
            wanted = words_wanted(self.quotation)
            pieces = find_pieces(helds, wanted)
            missing = 100 * (len(wanted) + len(pieces) - sum(one.count for one in pieces)) / len(wanted)
            if pieces and (best is None or missing < best.differs):
                return self._spliced(pieces)
        if best is None:
            notes = (_CUT,) if self.was_cut else ()
            return Checked(self.wanted, ABSENT, searched=self.searching.of(self.quotation), notes=notes)
        place = self._place(best.held, best.first, best.end)
        edits: tuple[Edit, ...] = edits_between(self.quotation, best.held, best.first, best.end)
        doubts = tuple(f"{doubt[:1].upper()}{doubt[1:]}." for doubt in best.doubts)
        return Checked(self.wanted, NEAR, place, edits, self._agrees(place), replaced=best.replaced,
                       notes=(*doubts, *self._notes(place)))  # fmt: skip

    def compared(self, places: Sequence[int]) -> list[Held]:
        """Return the texts of some pages, each by itself and with those beside it."""
        rows = self._rows(places)
        return [self.texts.page(*pair) for pair in rows] + [self.texts.around(*pair) for pair in rows[:MOST_AROUND]]

    def _spliced(self, pieces: list[Piece]) -> Checked:
        """Return what became of a quotation that is put together of several passages."""
        stands = [self._place(piece.held, piece.first, piece.end) for piece in pieces]
        edits = []
        for number, one in enumerate(stands):
            edits += [Edit(LEFT_OUT, "", "…")] if number else []
            edits.append(Edit(SAME, one.words, one.words))
        told = "; ".join(f"“{_short(one.words)}” on page {_shown(one)}" for one in stands)
        note = f"It is put together of passages that don't stand together: {told}."
        return Checked(self.wanted, NEAR, stands[0], tuple(edits), self._agrees(stands[0]),
                       notes=(note, *self._notes(stands[0])))  # fmt: skip

    def _order_of_near(self, near: _Nearest) -> tuple[object, ...]:
        version = near.held.version
        return (
            near.differs,
            version["document"] != self.wanted.document,
            version["id"] != self.wanted.version,
            version["kind"] == "article",
            version["id"] != version["newest_version"],
            version["dated"] or "",
            version["document"],
            near.held.numbers[0],
            near.end - near.first,
        )

    def _place(self, held: Held, first: int, end: int) -> Place:
        version, on_pages = held.version, held.on_pages(first, end)
        pages = tuple(dict.fromkeys(one.page for one in on_pages))
        row = next(page for page in held.pages if page["number"] == pages[0])
        return Place(
            document=version["document"],
            title=version["title"] or version["identifier"] or version["document"],
            number=version["identifier"],
            kind=version["kind"],
            collection=version["collection"],
            version=version["id"],
            ordinal=version["ordinal"],
            first_seen=version["first_seen"],
            is_newest=version["id"] == version["newest_version"],
            page=pages[0],
            pages=pages,
            label=row["label"],
            address=_address(held, pages[0], first, end),
            words=held.words(first, end),
            origin=row["origin"],
            confidence=row["confidence"],
        )


def _address(held: Held, page: int, first: int, end: int) -> str:
    start, stop = held.tokens[first].start, held.tokens[end - 1].end
    if held.running is None:
        return quotation_address(held.version, page, start, stop, held.text)
    return page_address(held.version, page) + query_of(quoted_of(held.text, start, stop))


def _short(words: str) -> str:
    return words if len(words) <= 80 else f"{words[:40].rsplit(' ', 1)[0]} … {words[-36:].partition(' ')[2]}"


def _shown(place: Place) -> str:
    """Return a page's number as people write it: with the printed one where that is another."""
    number = str(place.page)
    return number if place.label in {"", number} else f"{number} (printed “{place.label}”)"
