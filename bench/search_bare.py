"""The same pages as bare FTS5 would hold them: one table and its index, nothing else; what stock Datasette serves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bench.search_questions import Question

_MAKE = """
PRAGMA journal_mode=OFF;
PRAGMA synchronous=OFF;
CREATE TABLE pages (id INTEGER PRIMARY KEY, document TEXT, collection TEXT, number INTEGER, text TEXT);
CREATE VIRTUAL TABLE pages_fts USING fts5(
    text, content="pages", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
ATTACH '{source}' AS source;
INSERT INTO pages SELECT row_number() OVER (), p.document, d.collection, p.number, p.text
    FROM source.pages AS p CROSS JOIN source.documents AS d ON d.id = p.document;
DETACH source;
INSERT INTO pages_fts(pages_fts) VALUES ('rebuild');
"""


def write_bare(path: Path, source: Path) -> None:
    """Make the file at `path`, of the pages of a catalogue or a release."""
    with closing(sqlite3.connect(path)) as made:
        made.executescript(_MAKE.replace("{source}", str(source)))


class BareFts:
    """Bare FTS5, asked for the best twenty with a snippet of each, or for how many there are by collection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ask(self, one: Question) -> bool:
        """Ask; true, since it always answers."""
        if not one.words:
            return True
        if one.facet:
            self._connection.execute(
                "SELECT collection, count(*) FROM pages WHERE id IN (SELECT rowid FROM pages_fts WHERE pages_fts"
                " MATCH ?) GROUP BY collection",
                (one.words,),
            ).fetchall()
            return True
        self._connection.execute(
            "SELECT rowid, snippet(pages_fts, 0, '[', ']', '…', 24) FROM pages_fts WHERE pages_fts MATCH ?"
            " ORDER BY rank LIMIT 20",
            (one.words,),
        ).fetchall()
        return True
