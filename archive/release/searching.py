"""What a release has for its search beside its rows: an order of its pages, a narrow row a document, its words.

All of it is made of what is published. It knows nothing of how it is asked (archive/research/).

The full-text index goes by a page's place, not by its key. Places are given out document by document, and the
documents stand in an order that has nothing to do with what they say: that of the SHA-256 of their ids. So the first
documents of the order are as good as drawn by lot, and the same for everybody; what a document says lies together; and
the numbers that the index is made of are small, which halves it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from itertools import groupby

from archive.stems import stems_of

TABLES = """
CREATE TABLE searched_documents (
    ordinal INTEGER PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id), first INTEGER, last INTEGER,
    class INTEGER NOT NULL REFERENCES searched_classes(class), dated TEXT NOT NULL, first_seen TEXT NOT NULL,
    vendors TEXT NOT NULL, outlets TEXT NOT NULL, title TEXT NOT NULL, number TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX searched_documents_document ON searched_documents(document);
CREATE UNIQUE INDEX searched_documents_first ON searched_documents(first) WHERE first IS NOT NULL;
CREATE INDEX searched_documents_class ON searched_documents(class);
CREATE INDEX searched_documents_dated ON searched_documents(dated DESC, ordinal);
CREATE INDEX searched_documents_first_seen ON searched_documents(first_seen DESC, ordinal);
CREATE TABLE searched_classes (
    class INTEGER PRIMARY KEY, collection TEXT NOT NULL, kind TEXT NOT NULL, component TEXT NOT NULL,
    year TEXT NOT NULL, source TEXT NOT NULL, listing TEXT NOT NULL
) STRICT;
CREATE TABLE words (word TEXT PRIMARY KEY, pages INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE best_pages (
    stem TEXT NOT NULL, place INTEGER NOT NULL, score INTEGER NOT NULL, PRIMARY KEY (stem, place)
) STRICT, WITHOUT ROWID;
CREATE VIRTUAL TABLE titles_fts USING fts5(
    title, number, content="searched_documents", content_rowid="ordinal",
    tokenize="porter unicode61 remove_diacritics 2", columnsize=0
);
"""
NAMES = ("searched_documents", "searched_classes", "words", "best_pages", "titles_fts")
PLACES = "places"
PLACE = "(SELECT places.place FROM temp.places WHERE places.page = id)"
# What a page's place is, in the catalogue and in a release.
_PLACE = ("place INTEGER GENERATED ALWAYS AS (id) VIRTUAL", "place INTEGER NOT NULL")
# So that pages can be told by version without a look at their rows, which hold their texts.
_NARROW = ("ON pages(version, number)", "ON pages(version, number, place)")
_INDEXED_BY = ('content_rowid="id"', 'content_rowid="place"')
_OTHERWISE = {
    "CREATE TABLE pages (": _PLACE,
    "CREATE VIRTUAL TABLE pages_fts": _INDEXED_BY,
    "CREATE UNIQUE INDEX pages_version": _NARROW,
}
# Of a word on more pages than a search scores, the pages that it fits best are noted.
SCORED = 5_000
BEST = 60
# In an archive of more pages, a word that stands on one only is most often a slip of a reader.
MANY = 20_000
_CLASS = "collection, kind, component, year, source, listing"


def is_searchable(source: sqlite3.Connection) -> bool:
    """Tell whether pages have places, and the tables here can be made: not of a release from before there were any."""
    return any(row[1] == "place" for row in source.execute("PRAGMA main.table_xinfo(pages)"))


def released(statement: str) -> str:
    """Return what makes a table or an index in a release, from what makes it in the catalogue."""
    for start, change in _OTHERWISE.items():
        if statement.startswith(start):
            return statement.replace(*change)
    return statement


def put_places(source: sqlite3.Connection) -> None:
    """Give each page that is published its place, in the connection's table `places`."""
    source.create_function("mixed", 1, _mixed, deterministic=True)
    source.execute(
        "CREATE TEMP TABLE places AS SELECT p.id AS page, p.document,"
        " row_number() OVER (ORDER BY m.mixed, p.document, v.ordinal, p.version, p.number) AS place"
        " FROM main.pages AS p LEFT JOIN (SELECT id, mixed(id) AS mixed FROM main.documents) AS m ON m.id = p.document"
        " LEFT JOIN main.versions AS v ON v.id = p.version"
        " WHERE p.document NOT IN out_documents AND p.version NOT IN out_versions"
    )
    source.execute("CREATE UNIQUE INDEX temp.places_page ON places(page, place)")


def _mixed(document: str) -> str:
    return hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest()


def put_searched(source: sqlite3.Connection) -> None:
    """Write the rows of documents and of their classes; all other tables of the release are there."""
    source.execute(
        "CREATE TEMP TABLE searched AS SELECT d.*, coalesce(d.published, d.posted, '') AS dated,"
        " substr(coalesce(d.published, d.posted, ''), 1, 4) AS year,"
        " row_number() OVER (ORDER BY mixed(d.id), d.id) AS ordinal FROM release.documents AS d"
    )
    source.execute(
        f"INSERT INTO release.searched_classes SELECT row_number() OVER (ORDER BY {_CLASS}), {_CLASS}"  # noqa: S608
        f" FROM (SELECT DISTINCT {_CLASS} FROM temp.searched)"
    )
    source.execute(
        "INSERT INTO release.searched_documents SELECT s.ordinal, s.id, p.first, p.last, c.class, s.dated,"  # noqa: S608
        " s.first_seen, '[]', '[]', s.title, s.number FROM temp.searched AS s"
        f" JOIN release.searched_classes AS c USING ({_CLASS}) LEFT JOIN"
        " (SELECT document, min(place) AS first, max(place) AS last FROM temp.places GROUP BY document) AS p"
        " ON p.document = s.id ORDER BY s.ordinal"
    )
    source.execute("DROP TABLE temp.searched")
    for column, asked in _NAMES_IN_RECORDS.items():
        source.executemany(
            f"UPDATE release.searched_documents SET {column} = ? WHERE document = ?",  # noqa: S608 (our own names)
            list(_lists(source, asked)),
        )


_NAMES_IN_RECORDS = {
    "vendors": "SELECT document, recipient FROM release.awards WHERE recipient <> '' UNION"
    " SELECT document, awardee FROM release.notices WHERE awardee <> '' ORDER BY 1, 2",
    "outlets": "SELECT DISTINCT document, outlet FROM release.articles WHERE outlet <> '' ORDER BY 1, 2",
}


def _lists(source: sqlite3.Connection, asked: str) -> Iterator[tuple[str, str]]:
    """Yield what a question gives as JSON lists by document."""
    for document, rows in groupby(source.execute(asked).fetchall(), lambda row: row[0]):
        yield _json([row[1] for row in rows]), document


def _json(names: list[str]) -> str:
    return json.dumps(names, ensure_ascii=False, separators=(",", ":"))


def put_words(made: sqlite3.Connection) -> None:
    """Write on how many pages each word stands, as it is written; the index of pages is there."""
    least = 2 if made.execute("SELECT count(*) FROM pages").fetchone()[0] > MANY else 1
    made.execute(
        "CREATE VIRTUAL TABLE temp.unstemmed USING fts5(text, also, content='', detail=none, columnsize=0,"
        ' tokenize="unicode61 remove_diacritics 2")'
    )
    made.execute("CREATE VIRTUAL TABLE temp.written USING fts5vocab(temp, unstemmed, row)")
    made.execute("INSERT INTO temp.unstemmed(rowid, text, also) SELECT place, text, also FROM pages ORDER BY place")
    made.execute("INSERT INTO words SELECT term, doc FROM temp.written WHERE doc >= ? ORDER BY term", (least,))
    made.execute("DROP TABLE temp.written")
    made.execute("DROP TABLE temp.unstemmed")


def put_best_pages(made: sqlite3.Connection) -> None:
    """Note, of each word on more pages than a search scores, the pages that it fits best: in millionths of bm25."""
    made.execute("CREATE VIRTUAL TABLE temp.stems USING fts5vocab(main, pages_fts, row)")
    common = {row[0] for row in made.execute("SELECT term FROM temp.stems WHERE doc > ?", (SCORED,))}
    made.execute("DROP TABLE temp.stems")
    if not common:
        return
    words = [row[0] for row in made.execute("SELECT word FROM words ORDER BY word")]
    written = {stems[0]: word for word, stems in zip(words, stems_of(words), strict=True) if len(stems) == 1}
    for stem in sorted(common & written.keys()):
        made.execute(
            "INSERT INTO best_pages SELECT ?1, rowid, CAST(round(score * 1000000) AS INTEGER) FROM"
            " (SELECT rowid, bm25(pages_fts) AS score FROM pages_fts WHERE pages_fts MATCH ?2"
            " ORDER BY score, rowid LIMIT ?3)",
            (stem, f'{{text also}}: "{written[stem]}"', BEST),
        )
