"""Search inside what changed: the words that versions added, or took out, each found in the difference it is of."""

from __future__ import annotations

import json
import sqlite3
from urllib.parse import urlencode

from archive.research.compared import difference_address, holds_comparisons
from archive.research.documents import page_address, version_tail
from archive.research.marks import CLOSE, OPEN, best_passage, split_marks
from archive.research.questions import documents_that_fit, read_question
from archive.research.rows import Row, select
from archive.research.search import match_expression

KINDS = ("added", "removed")
MOST_RESULTS = 100
PASSAGES_SHOWN = 3
# In what words of a page stand; all else is a field of a record.
_ON_A_PAGE = frozenset({"text", "table", "note", "side-note", "header", "footer"})


def search_changes(
    connection: sqlite3.Connection, query: str, kind: str, *, limit: int = 20, offset: int = 0, collection: str = ""
) -> Row:
    """Return `total` and `results`: the changes that added, or removed, what is asked for; each with its passages.

    A result is one version, by its difference from the one before it. Never raises for what a person typed.
    """
    question = read_question(connection, query)
    asked = question.query
    notes = [*asked.notes, *question.unknown_notes(connection)]
    match = match_expression(connection, asked, columns="")
    found: list[Row] = []
    if not holds_comparisons(connection):
        notes.append("This release is from before changes were kept.")
    elif match:
        fits = documents_that_fit(connection, asked)
        found = [row for row in _changes(connection, match, kind, collection) if fits is None or row["id"] in fits]
    first = max(offset, 0)
    shown = found[first : first + min(max(limit, 0), MOST_RESULTS)]
    passages = _passages(connection, match, kind, [row["version"] for row in shown])
    return {
        "query": asked.text,
        "in": kind,
        "total": len(found),
        "offset": first,
        "limit": limit,
        "sort": "relevance",
        "filters": {"collection": collection} if collection else {},
        "notes": notes,
        "results": [_result(row, passages.get(row["version"], [])) for row in shown],
    }


def _changes(connection: sqlite3.Connection, match: str, kind: str, collection: str) -> list[Row]:
    return select(
        connection,
        "WITH hits AS MATERIALIZED (SELECT rowid AS passage, bm25(changed_passages_fts) AS score"
        " FROM changed_passages_fts WHERE changed_passages_fts MATCH :match),"
        " ranked AS (SELECT p.version, min(h.score) AS score, count(*) AS found FROM hits AS h"
        " JOIN changed_passages AS p ON p.id = h.passage WHERE p.kind = :kind GROUP BY p.version)"
        " SELECT r.found, c.version, c.before, c.kind, c.score, c.summary, d.id, d.title, d.number, d.collection,"
        " d.kind AS document_kind, d.component, d.published, d.posted, d.sample, v.first_seen, v.ordinal, v.digest,"
        " b.digest AS before_digest FROM ranked AS r JOIN comparisons AS c ON c.version = r.version"
        " JOIN versions AS v ON v.id = c.version JOIN versions AS b ON b.id = c.before"
        " JOIN documents AS d ON d.id = c.document WHERE :collection IN ('', d.collection)"
        " ORDER BY r.score, c.version",
        {"match": match, "kind": kind, "collection": collection},
    )


def _passages(connection: sqlite3.Connection, match: str, kind: str, versions: list[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    if not versions:
        return found
    for row in select(
        connection,
        f"SELECT p.version, p.page, p.part, p.document, p.stands_in, v.digest AS digest,"  # noqa: S608
        f" highlight(changed_passages_fts, 0, '{OPEN}', '{CLOSE}') AS marked"
        " FROM changed_passages_fts AS f CROSS JOIN changed_passages AS p ON p.id = f.rowid"
        " JOIN versions AS v ON v.id = p.stands_in WHERE f.changed_passages_fts MATCH ? AND p.kind = ?"
        " AND p.version IN (SELECT value FROM json_each(?)) ORDER BY p.version, p.ordinal",
        (match, kind, json.dumps(versions)),
    ):
        held = found.setdefault(row["version"], [])
        if len(held) < PASSAGES_SHOWN:
            held.append(row)
    return found


def _result(row: Row, passages: list[Row]) -> Row:
    tails = (version_tail({"id": row[name], "digest": row[digest]})
             for name, digest in (("before", "before_digest"), ("version", "digest")))  # fmt: skip
    address = difference_address(row["id"], *tails)
    names = ("id", "title", "collection", "component", "published", "posted", "sample", "version", "before", "ordinal",
             "first_seen", "summary", "score")  # fmt: skip
    return {
        **{name: row[name] for name in names},
        "identifier": row["number"],
        "kind": row["document_kind"],
        "change": row["kind"],
        "url": address,
        "passages_found": row["found"],
        "passages": [_passage(one, address) for one in passages],
    }


def _passage(row: Row, address: str) -> Row:
    snippet, marks = best_passage(*split_marks(row["marked"]))
    side = "p" if row["stands_in"] == row["version"] else "b"
    place = f"{side}{row['page']}"
    on_page = row["part"] in _ON_A_PAGE
    stands_in = {"id": row["stands_in"], "document": row["document"], "digest": row["digest"]}
    return {
        "page": row["page"],
        "part": row["part"],
        "snippet": snippet,
        "marks": marks,
        "url": f"{address}?{urlencode({'at': place})}#{place}" if on_page else f"{address}#fields",
        "page_url": page_address(stands_in, row["page"]),
    }
