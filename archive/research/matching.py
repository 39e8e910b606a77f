"""Which documents hold what is asked for: all of them, or those among the first of the order, as far as a search looks.

In a release documents stand in an order that has nothing to do with what they say. So those that are found among the
first of them tell how many there are in all, within a known error, and the same to everybody who asks.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import thread_time
from typing import Any

from archive.research.rows import select_packed
from archive.research.searched import Searched

# So many pages that match are scored; with filters, since not all of them count, more.
SCORED, SCORED_AMONG = 5_000, 10_000
# As of a day each page's version has to be looked up, too.
SCORED_ON_DAY = 4_000
# In a file without an order all are, up to so many.
MOST_WITHOUT_ORDER = 200_000
# Where filters leave no more documents than this, each is looked at.
FEW = 600
# By date documents are looked at one by one, so many at most.
MOST_WALKED = 1_500
# Of one document that wasn't among those scored.
_OF_A_DOCUMENT = 500

# A walk along all pages ends after so many seconds of the processor; one that was slow isn't done again for scores,
# nor are they reckoned where so many pages would have to be counted for them.
PATIENCE, SLOW, STRETCHES, MOST_COUNTED = 1.0, 0.25, 64, 6_000_000
GIVEN_UP = "This took too long, and was given up: what was found by then is listed. Ask for less at once."
MORE_THAN_LOOKED_AT = f"It is on more than {MOST_WITHOUT_ORDER:,} pages; only so many were looked at."
_QUOTED, _WORD = re.compile(r'"((?:[^"]|"")*)"'), re.compile(r"\w+")

Hits = list[tuple[float, int]]
# A document by its ordinal, with its first and its last place; None where it has no pages.
Range = tuple[int, int | None, int | None]


@dataclass(slots=True)
class Matched:
    """Documents by ordinal, with the score (the less the better) and the place of each page that was found.

    `share` is the share of all documents that were looked at. `cut_short` says why it isn't more, where that isn't
    because there are so many.
    """

    hits: dict[int, Hits] = field(default_factory=dict)
    share: float = 1.0
    cut_short: str = ""


def matched(connection: sqlite3.Connection, searched: Searched, match: str, most: int = SCORED) -> Matched:
    """Return the documents that an expression finds: all of them, or of the first ones so many that `most` pages are.

    Whole documents are looked at, at least one. What takes too long is given up, and what was found by then counts.
    """
    if not match:
        return Matched()
    if not searched.is_narrow:
        return _among_all(connection, searched, match)
    line = _line(connection, match, most)
    if line.end is None:
        end, share = 1 << 62, 1.0
    else:
        end, share = _before(connection, searched, line.end)
    if line.was_slow or _is_dear(connection, match):
        hits = _unscored(connection, [place for place in line.places if place < end])
    else:
        hits = _grouped(select_packed(
            connection, "ordinal, score, place",
            f"SELECT {_ORDINAL} AS ordinal, bm25(pages_fts) AS score, rowid AS place FROM pages_fts"  # noqa: S608
            " WHERE pages_fts MATCH ? AND rowid < ?",
            (match, end),
        ))  # fmt: skip
    return Matched(hits, share, GIVEN_UP if line.given_up else "")


_ORDINAL = (
    "(SELECT s.ordinal FROM searched_documents AS s WHERE s.first <= pages_fts.rowid ORDER BY s.first DESC LIMIT 1)"
)


@dataclass(slots=True)
class _Line:
    """The first places that match, and the place up to which was looked; None where that is all."""

    places: list[int]
    end: int | None = None
    was_slow: bool = False
    given_up: bool = False


def _line(connection: sqlite3.Connection, match: str, most: int) -> _Line:
    """Walk along the order in stretches, each twice as long as the one before: what one of them took tells what the
    next will take. SQLite itself can't be stopped between two pages that match."""
    last = _last_place(connection)
    found, start, length, began = _Line([]), 0, last // STRETCHES + 1, thread_time()
    while start <= last:
        before = thread_time()
        found.places += [row[0] for row in select_packed(
            connection, "rowid",
            "SELECT rowid FROM pages_fts WHERE pages_fts MATCH ? AND rowid >= ? AND rowid < ? LIMIT ?",
            (match, start, start + length, most + 1 - len(found.places)),
        )]  # fmt: skip
        now = thread_time()
        found.was_slow = now - began > SLOW
        if len(found.places) > most:
            found.end = found.places.pop()
            return found
        start += length
        if start <= last and now - began + 2 * (now - before) > PATIENCE:
            found.end, found.given_up = start, True
            return found
        length *= 2
    return found


def _last_place(connection: sqlite3.Connection) -> int:
    """Return the last place of all. Places have an index by the first of each document; max(last) would read all."""
    asked = "SELECT last FROM searched_documents WHERE first IS NOT NULL ORDER BY first DESC LIMIT 1"
    found = connection.execute(asked).fetchone()
    return found[0] if found else 0


def _before(connection: sqlite3.Connection, searched: Searched, place: int) -> tuple[int, float]:
    """Return the last end of a document before a place, and the share of documents before it; after the first one,
    if the place lies in that: it holds more than are scored."""
    ordinal, first, last = connection.execute(
        "SELECT ordinal, first, last FROM searched_documents WHERE first <= ? ORDER BY first DESC LIMIT 1", (place,)
    ).fetchone()
    if first == 1:
        return last + 1, ordinal / searched.total
    return first, (ordinal - 1) / searched.total


def _is_dear(connection: sqlite3.Connection, match: str) -> bool:
    """Tell whether to score takes too long by itself: for that all pages with each word and phrase are counted."""
    words = [word.lower() for quoted in _QUOTED.findall(match) for word in _WORD.findall(quoted)]
    counted: int = sum(
        row[0]
        for word in words
        for row in connection.execute("SELECT pages FROM words WHERE word = ?", (word,))
    )  # fmt: skip
    return counted > MOST_COUNTED


def _unscored(connection: sqlite3.Connection, places: Sequence[int]) -> dict[int, Hits]:
    """Return places by document; the more of its pages, the better."""
    rows = select_packed(
        connection,
        "ordinal, 0.0, place",
        f"SELECT {_ORDINAL} AS ordinal, rowid AS place FROM (SELECT value AS rowid FROM json_each(?)) AS pages_fts",  # noqa: S608
        (json.dumps(places),),
    )
    return {ordinal: by_number(hits) for ordinal, hits in _grouped(rows).items()}


def by_number(hits: Hits) -> Hits:
    """Return hits with their number for their score."""
    return [(-float(len(hits)), place) for _, place in hits]


def _among_all(connection: sqlite3.Connection, searched: Searched, match: str) -> Matched:
    rows = connection.execute(
        "SELECT d.rowid, h.score, h.place FROM (SELECT rowid AS place, bm25(pages_fts) AS score FROM pages_fts"  # noqa: S608
        f" WHERE pages_fts MATCH ? LIMIT ?) AS h JOIN pages AS p ON p.{searched.place} = h.place"
        " JOIN documents AS d ON d.id = p.document",
        (match, MOST_WITHOUT_ORDER),
    ).fetchall()
    return Matched(_grouped(rows), 1.0, MORE_THAN_LOOKED_AT if len(rows) == MOST_WITHOUT_ORDER else "")


def _grouped(rows: Iterable[Sequence[Any]]) -> dict[int, Hits]:
    hits: dict[int, Hits] = defaultdict(list)
    for ordinal, score, place in rows:
        hits[ordinal].append((score, place))
    return dict(hits)


def hits_within(
    connection: sqlite3.Connection, match: str, first: int | None, last: int | None, most: int = _OF_A_DOCUMENT
) -> Hits:
    """Return the pages from one place to another that match, without a score: to score one page all are counted."""
    found = connection.execute(
        "SELECT 0.0, rowid FROM pages_fts WHERE pages_fts MATCH ? AND rowid BETWEEN ? AND ? LIMIT ?",
        (match, first, last, most),
    )
    return [(row[0], row[1]) for row in found]


def matched_among(connection: sqlite3.Connection, match: str, documents: Iterable[Range]) -> dict[int, Hits]:
    """Return those of some documents that match; the more pages the better."""
    found = {}
    for ordinal, first, last in documents:
        if hits := hits_within(connection, match, first, last):
            found[ordinal] = by_number(hits)
    return found


def walked(
    connection: sqlite3.Connection, match: str, documents: Iterable[Range], named: Container[int], wanted: int
) -> Iterator[tuple[int, Hits]]:
    """Yield the first `wanted` of some documents, in their order, that match or are `named` for another reason; fewer,
    where it takes too long."""
    until = thread_time() + PATIENCE
    for ordinal, first, last in documents:
        if wanted <= 0 or thread_time() > until:
            return
        hits = hits_within(connection, match, first, last)
        if hits or ordinal in named:
            wanted -= 1
            yield ordinal, hits
