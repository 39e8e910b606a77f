"""By place: which states, counties and cities documents name, on which pages, and how sure that is."""

from __future__ import annotations

import sqlite3

from archive.research.documents import page_address, version_address
from archive.research.rows import Row, select, select_one

MOST_DOCUMENTS = 200
KINDS = ("state", "county", "city")


def has_places(connection: sqlite3.Connection) -> bool:
    """Tell whether a catalogue or a release tells places; one from before there were any doesn't."""
    held = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'page_places'"
    return connection.execute(held).fetchone() is not None


def list_places(connection: sqlite3.Connection, words: str = "", kind: str = "", state: str = "") -> list[Row]:
    """Return the places that documents name, those of the most first, each with how many `documents` and `pages`.

    `words` are of a name, in any order; `kind` one of KINDS; `state` a state's two letters.
    """
    if not has_places(connection):
        return []
    names = [f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%" for word in words.split()[:8]]
    likes = "".join(" AND x.name LIKE ? ESCAPE '!'" for _ in names)
    return [{**row, "address": place_address(row["id"])} for row in select(
        connection,
        "SELECT x.id, x.kind, x.name, x.state, x.letters, count(DISTINCT p.document) AS documents,"  # noqa: S608
        " count(*) AS pages FROM places AS x JOIN page_places AS p ON p.place = x.id"
        f" WHERE (?1 = '' OR x.kind = ?1) AND (?2 = '' OR x.letters = ?2){likes}"
        " GROUP BY x.id ORDER BY documents DESC, x.name, x.id LIMIT 1000",
        (kind, state.upper(), *names),
    )]  # fmt: skip


def place_address(place: str) -> str:
    """Return the path of a place's page."""
    return f"/places/{place}"


def read_place(connection: sqlite3.Connection, place: str) -> Row | None:
    """Return a place with the documents that name it, the newest first, each with the pages of its newest version that
    does; None where no document does. Of a state `within` has the counties and cities that are named."""
    if not has_places(connection):
        return None
    row = select_one(connection, "SELECT * FROM places WHERE id = ?", (place,))
    if row is None:
        return None
    counted = "SELECT count(DISTINCT document) FROM page_places WHERE place = ?"
    return {
        **row,
        "address": place_address(place),
        "total": connection.execute(counted, (place,)).fetchone()[0],
        "documents": _documents(connection, place),
        "within": [one for one in list_places(connection, state=row["letters"]) if one["kind"] != "state"]
        if row["kind"] == "state" else [],
    }  # fmt: skip


def _documents(connection: sqlite3.Connection, place: str) -> list[Row]:
    documents = select(
        connection,
        "SELECT d.id, d.collection, d.kind, d.title, d.number, d.component, d.published, d.posted,"
        " coalesce(d.published, d.posted, '') AS dated FROM documents AS d"
        " WHERE d.id IN (SELECT document FROM page_places WHERE place = ?) ORDER BY dated DESC, d.id LIMIT ?",
        (place, MOST_DOCUMENTS),
    )
    return [{**document, **_pages(connection, place, document["id"])} for document in documents]


def _pages(connection: sqlite3.Connection, place: str, document: str) -> Row:
    """Return the newest version of a document that names a place, and its pages that do."""
    rows = select(
        connection,
        "SELECT v.id, v.document, v.digest, v.ordinal, p.page, p.words, p.sure, p.mentions FROM page_places AS p"
        " JOIN versions AS v ON v.id = p.version WHERE p.place = ? AND p.document = ? ORDER BY v.ordinal DESC, p.page",
        (place, document),
    )
    newest = [row for row in rows if row["id"] == rows[0]["id"]]
    return {
        "version": newest[0]["id"],
        "url": version_address(newest[0]),
        "pages": [{"number": row["page"], "words": row["words"], "sure": row["sure"], "mentions": row["mentions"],
                   "url": page_address(row, row["page"])} for row in newest],
    }  # fmt: skip
