"""The pages of documents that were found: which of them are shown, and the passages that hold what was asked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from archive.research.documents import page_address
from archive.research.marks import HIGHLIGHTS, best_passage, found_marks
from archive.research.matching import Hits
from archive.research.rows import Row, select
from archive.research.searched import Searched


def pages_of(
    connection: sqlite3.Connection, searched: Searched, match: str, found: Mapping[str, Hits], each: int
) -> dict[str, Row]:
    """Return, by document, how many of its pages were found (`pages_found`), and the best of them (`pages`).

    These are of the newest of its versions that has any.
    """
    scores = {place: score for hits in found.values() for score, place in hits}
    rows = select(
        connection,
        f"SELECT p.{searched.place} AS place, p.document, p.number, p.label, v.id, v.digest, v.ordinal,"  # noqa: S608
        " v.id <> d.newest_version AS is_older FROM pages AS p JOIN versions AS v ON v.id = p.version"
        f" JOIN documents AS d ON d.id = p.document WHERE p.{searched.place} IN (SELECT value FROM json_each(?))",
        (json.dumps(list(scores)),),
    )
    by_document: dict[str, list[Row]] = {}
    for row in rows:
        by_document.setdefault(row["document"], []).append(row)
    return {
        document: {
            "pages_found": len({row["number"] for row in pages}),
            "pages": [_page(connection, match, row) for row in _best(pages, scores)[:each]],
        }
        for document, pages in by_document.items()
    }


def _best(pages: list[Row], scores: Mapping[int, float]) -> list[Row]:
    ordered = sorted(
        pages, key=lambda row: (row["is_older"], -row["ordinal"], row["id"], scores[row["place"]], row["number"])
    )
    return [row for row in ordered if row["id"] == ordered[0]["id"]]


def _page(connection: sqlite3.Connection, match: str, row: Row) -> Row:
    """Return a page with how often it holds what was asked, and the passage that shows most of it."""
    marked = connection.execute(
        f"SELECT {HIGHLIGHTS} FROM pages_fts WHERE pages_fts MATCH ? AND rowid = ?",  # noqa: S608 (of columns)
        (match, row["place"]),
    ).fetchone()
    text, found = found_marks(*marked)
    snippet, marks = best_passage(text, found)
    return {
        "version": row["id"],
        "number": row["number"],
        "label": row["label"],
        "hits": len(found),
        "snippet": snippet,
        "marks": marks,
        "url": page_address(row, row["number"]),
    }
