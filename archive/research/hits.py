"""The pages of documents that were found: which of them are shown, and the passages that hold what was asked."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing

from archive.research.documents import page_address
from archive.research.marks import HIGHLIGHTS, best_passage, found_marks
from archive.research.matching import Hits
from archive.research.rows import Row, select
from archive.research.searched import Searched
from archive.stems import TOKENIZER


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
    best = {document: _best(pages, scores)[:each] for document, pages in by_document.items()}
    marked = _marked(connection, searched, match, [row["place"] for pages in best.values() for row in pages])
    return {
        document: {
            "pages_found": len({row["number"] for row in pages}),
            "pages": [_page(row, marked[row["place"]]) for row in best[document]],
        }
        for document, pages in by_document.items()
    }


def _marked(
    connection: sqlite3.Connection, searched: Searched, match: str, places: list[int]
) -> dict[int, tuple[str, ...]]:  # fmt: skip
    """Return the texts of pages with all marked that was found: by an index of these pages alone, so that what it costs
    doesn't depend on how much else there is."""
    texts = connection.execute(
        f"SELECT {searched.place}, text, also, broken FROM pages"  # noqa: S608 (a column of ours)
        f" WHERE {searched.place} IN (SELECT value FROM json_each(?))",
        (json.dumps(places),),
    ).fetchall()
    held = {row[0]: (row[1], "", "") for row in texts}
    if not held:
        return {}
    with closing(sqlite3.connect(":memory:")) as apart:
        apart.execute(f'CREATE VIRTUAL TABLE pages_fts USING fts5(text, also, broken, tokenize="{TOKENIZER}")')
        apart.executemany("INSERT INTO pages_fts(rowid, text, also, broken) VALUES (?, ?, ?, ?)", map(tuple, texts))
        found = apart.execute(f"SELECT rowid, {HIGHLIGHTS} FROM pages_fts WHERE pages_fts MATCH ?", (match,))  # noqa: S608
        return {**held, **{row[0]: row[1:] for row in found}}


def _best(pages: list[Row], scores: Mapping[int, float]) -> list[Row]:
    ordered = sorted(
        pages, key=lambda row: (row["is_older"], -row["ordinal"], row["id"], scores[row["place"]], row["number"])
    )
    return [row for row in ordered if row["id"] == ordered[0]["id"]]


def _page(row: Row, marked: tuple[str, ...]) -> Row:
    """Return a page with how often it holds what was asked, and the passage that shows most of it."""
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
