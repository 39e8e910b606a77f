"""Where a quotation stands in a version: on the page that its address names, over its end, elsewhere, or nowhere.

Looked for are first its very letters; then, since another reading may have some otherwise, the nearest; that is said.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

from archive.research.documents import page_address
from archive.research.least_errors import least_errors
from archive.research.marks import LONGEST_TEXT, Marks, letters_and_places
from archive.research.page_parts import running_text_of, with_parts
from archive.research.quotations import Quoted, find_quotation, query_of, quotation_address, quoted_of
from archive.research.rows import Row, select
from archive.running_text import OnPage, RunningText

EXACT, OTHERWISE, ELSEWHERE, ABSENT = "exact", "otherwise", "elsewhere", "absent"
# A quotation goes over so many pages' ends at most.
OVERLEAF = 2
MOST_ELSEWHERE = 20
# Of what stands on a page so often that it is no quotation the first so many have an address, all are marked.
MOST_ADDRESSED = 50
# Of what is read otherwise so many letters in a hundred differ; of less than SHORTEST letters that would be chance.
OTHER_LETTERS, SHORTEST = 16, 14
_COLUMNS = "number, text, parts, runs_on, also, broken"


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotation as it stands: the stretches of pages that it is made of, its words, and its address for good ("" of
    those behind the first MOST_ADDRESSED)."""

    places: tuple[OnPage, ...]
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class QuotedPlaces:
    """What came of looking: how it was found (`state`), `passages` that touch the page, other pages that have it."""

    state: str
    passages: tuple[Passage, ...] = ()
    elsewhere: tuple[Row, ...] = field(default=())

    def marks(self, page: int) -> Marks:
        """Return what is to be marked on a page."""
        return sorted((one.start, one.end) for passage in self.passages for one in passage.places if one.page == page)


def find_places(connection: sqlite3.Connection, version: Row, page: Row, quoted: Quoted) -> QuotedPlaces:
    """Return where a quotation stands, looked for from one page of a version on."""
    if marks := find_quotation(page["text"], quoted):
        return QuotedPlaces(EXACT, tuple(_on_one(version, page, *one) for one in enumerate(marks)))
    running = _around(connection, version, page["number"])
    if passages := _in_running(version, running, page["number"], find_quotation(running.text, quoted)):
        return QuotedPlaces(EXACT, passages)
    others = tuple(_elsewhere(connection, version, page["number"], quoted))
    if mark := nearest(page["text"], quoted):
        return QuotedPlaces(OTHERWISE, (_on_one(version, page, 0, mark),), others)
    mark = nearest(running.text, quoted)
    passages = _in_running(version, running, page["number"], [mark] if mark else [])
    if passages:
        return QuotedPlaces(OTHERWISE, passages, others)
    return QuotedPlaces(ELSEWHERE if others else ABSENT, elsewhere=others)


def _on_one(version: Row, page: Row, place: int, mark: tuple[int, int]) -> Passage:
    addressed = place < MOST_ADDRESSED
    address = quotation_address(version, page["number"], *mark, page["text"]) if addressed else ""
    return Passage((OnPage(page["number"], *mark),), _line(page["text"], mark), address)


def _in_running(version: Row, running: RunningText, number: int, marks: Marks) -> tuple[Passage, ...]:
    """Return the passages of a running text that touch a page, each by the page on which it begins."""
    found = []
    for mark in marks:
        places = running.on_pages(*mark)
        if any(one.page == number for one in places):
            address = page_address(version, places[0].page) + query_of(quoted_of(running.text, *mark))
            found.append(Passage(tuple(places), _line(running.text, mark), address))
    return tuple(found)


def _around(connection: sqlite3.Connection, version: Row, number: int) -> RunningText:
    rows = select(
        connection,
        f"SELECT {_COLUMNS} FROM pages WHERE version = ? AND number BETWEEN ? AND ? ORDER BY number",  # noqa: S608
        (version["id"], number - OVERLEAF, number + OVERLEAF),
    )
    return running_text_of(map(with_parts, rows))


def _elsewhere(connection: sqlite3.Connection, version: Row, number: int, quoted: Quoted) -> list[Row]:
    """Return the other pages of a version that have a quotation, each with its address; only those with its longest
    word are looked at."""
    rare = max("-".join(quoted.parts).split("-"), key=len)
    rows = select(
        connection,
        "SELECT number, label, text FROM pages WHERE version = ?1 AND number <> ?2"
        " AND (?3 OR instr(lower(text), ?4)) ORDER BY number LIMIT 500",
        (version["id"], number, not rare.isascii(), rare),
    )
    found = []
    for row in rows:
        if marks := find_quotation(row["text"], quoted):
            address = quotation_address(version, row["number"], *marks[0], row["text"])
            found.append({"number": row["number"], "label": row["label"], "address": address})
            if len(found) == MOST_ELSEWHERE:
                break
    return found


def _line(text: str, mark: tuple[int, int]) -> str:
    return " ".join(text[slice(*mark)].split())


def nearest(text: str, quoted: Quoted) -> tuple[int, int] | None:
    """Return what of a text is nearest to a quotation, if that is near; whole words of it."""
    held, places = letters_and_places(text[:LONGEST_TEXT])
    first = _nearest(held, quoted.letters[0], 0)
    last = _nearest(held, quoted.letters[-1], first[0]) if first else None
    if first is None or last is None or last[1] <= first[0]:
        return None
    start, end = places[first[0]], places[last[1] - 1] + 1
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end


def _nearest(held: str, wanted: str, since: int) -> tuple[int, int] | None:
    """Return the stretch of letters that differs least from what is wanted; None where it differs too much."""
    most = len(wanted) * OTHER_LETTERS // 100
    if len(wanted) < SHORTEST:
        place = held.find(wanted, since)
        return (place, place + len(wanted)) if place >= 0 else None
    differ, end = least_errors(held[since:], wanted)
    if differ > most:
        return None
    _, back = least_errors(held[since : since + end][::-1], wanted[::-1], anchored=True)
    return since + end - back, since + end
