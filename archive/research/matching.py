"""Which documents hold what is asked for: all of them, or those among the first of the order, as far as a search looks.

In a release documents stand in an order that has nothing to do with what they say. So those that are found among the
first of them tell how many there are in all, within a known error, and the same to everybody who asks.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field

from archive.research.searched import Searched

# So many pages that match are scored; with filters, since not all of them count, more.
SCORED, SCORED_AMONG = 10_000, 20_000
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

Hits = list[tuple[float, int]]
# A document by its ordinal, with its first and its last place; None where it has no pages.
Range = tuple[int, int | None, int | None]


@dataclass(slots=True)
class Matched:
    """Documents by ordinal, with the score (the less the better) and the place of each page that was found.

    `share` is the share of all documents that were looked at.
    """

    hits: dict[int, Hits] = field(default_factory=dict)
    share: float = 1.0
    left_out: bool = False


def matched(connection: sqlite3.Connection, searched: Searched, match: str, most: int = SCORED) -> Matched:
    """Return the documents that an expression finds: all of them, or of the first ones so many that `most` pages are.

    Whole documents are looked at, at least one.
    """
    if not match:
        return Matched()
    if not searched.is_narrow:
        return _among_all(connection, searched, match)
    end, share = _end(connection, searched, match, most)
    rows = connection.execute(
        "SELECT (SELECT s.ordinal FROM searched_documents AS s WHERE s.first <= pages_fts.rowid"
        " ORDER BY s.first DESC LIMIT 1), bm25(pages_fts), rowid FROM pages_fts"
        " WHERE pages_fts MATCH ? AND rowid < ?",
        (match, end),
    )
    return Matched(_grouped(rows), share)


def _end(connection: sqlite3.Connection, searched: Searched, match: str, most: int) -> tuple[int, float]:
    """Return the place before which is looked, where a document begins, and the share of documents before it."""
    beyond = connection.execute(
        "SELECT rowid FROM pages_fts WHERE pages_fts MATCH ? LIMIT 1 OFFSET ?", (match, most)
    ).fetchone()
    if beyond is None:
        return 1 << 62, 1.0
    ordinal, first, last = connection.execute(
        "SELECT ordinal, first, last FROM searched_documents WHERE first <= ? ORDER BY first DESC LIMIT 1", beyond
    ).fetchone()
    if first == 1:  # one document holds more than are scored
        return last + 1, ordinal / searched.total
    return first, (ordinal - 1) / searched.total


def _among_all(connection: sqlite3.Connection, searched: Searched, match: str) -> Matched:
    rows = connection.execute(
        "SELECT d.rowid, h.score, h.place FROM (SELECT rowid AS place, bm25(pages_fts) AS score FROM pages_fts"  # noqa: S608
        f" WHERE pages_fts MATCH ? LIMIT ?) AS h JOIN pages AS p ON p.{searched.place} = h.place"
        " JOIN documents AS d ON d.id = p.document",
        (match, MOST_WITHOUT_ORDER),
    ).fetchall()
    return Matched(_grouped(rows), 1.0, len(rows) == MOST_WITHOUT_ORDER)


def _grouped(rows: Iterable[tuple[int, float, int]]) -> dict[int, Hits]:
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
            found[ordinal] = [(-float(len(hits)), place) for _, place in hits]
    return found


def walked(
    connection: sqlite3.Connection, match: str, documents: Iterable[Range], named: Container[int], wanted: int
) -> Iterator[tuple[int, Hits]]:
    """Yield the first `wanted` of some documents, in their order, that match or are `named` for another reason."""
    for ordinal, first, last in documents:
        if wanted <= 0:
            return
        hits = hits_within(connection, match, first, last)
        if hits or ordinal in named:
            wanted -= 1
            yield ordinal, hits
