"""Documents as a search goes through them: narrow rows in a release; where there are none, made of the documents' own.

Knows what the file that is asked holds for a search; neither words nor results.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.research.by_place import has_places
from archive.research.places import place_column

# Both have the columns that archive/research/fitting.py asks for, and beside them what is counted.
_NARROW = """(SELECT s.ordinal, s.document AS id, s.first, s.last, c.collection, c.kind, c.component, c.year, c.source,
 c.listing, nullif(s.dated, '') AS published, NULL AS posted, s.dated, s.first_seen, s.vendors, s.outlets, {states},
 s.title
 FROM searched_documents AS s JOIN searched_classes AS c ON c.class = s.class)"""
_WIDE = """(SELECT w.rowid AS ordinal, w.id, NULL AS first, NULL AS last, w.collection, w.kind, w.component,
 substr(coalesce(w.published, w.posted, ''), 1, 4) AS year, w.source, w.listing, w.published, w.posted,
 coalesce(w.published, w.posted, '') AS dated, w.first_seen,
 (SELECT json_group_array(name) FROM (SELECT recipient AS name FROM awards WHERE document = w.id AND recipient <> ''
  UNION SELECT awardee FROM notices WHERE document = w.id AND awardee <> '')) AS vendors,
 (SELECT json_group_array(outlet) FROM (SELECT DISTINCT outlet FROM articles WHERE document = w.id AND outlet <> ''
  ORDER BY 1)) AS outlets, {states}, w.title FROM documents AS w)"""

_STATES = """(SELECT json_group_array(state) FROM (SELECT DISTINCT state FROM page_places AS n JOIN places ON
 places.id = n.place WHERE n.document = {document} ORDER BY 1)) AS states"""


@dataclass(frozen=True, slots=True)
class Searched:
    """The documents of a file: `rows` is what they are selected from, `total` how many there are.

    Where `is_narrow`, pages have places, those of a document from its `first` to its `last`, and documents stand in an
    order that is as good as drawn by lot (`ordinal`). `place` is the column of pages that the full-text index goes by.
    """

    rows: str
    total: int
    is_narrow: bool
    place: str


def searched_in(connection: sqlite3.Connection) -> Searched:
    """Return what a search of this file goes through."""
    held = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'searched_documents'"
    is_narrow = connection.execute(held).fetchone() is not None
    # To count rows is to go through all of them; the ordinals of a release are 1, 2, 3 … without a gap.
    counted = "SELECT max(ordinal) FROM searched_documents" if is_narrow else "SELECT count(*) FROM documents"
    total = connection.execute(counted).fetchone()[0] or 0
    document = "s.document" if is_narrow else "w.id"
    states = _STATES.replace("{document}", document) if has_places(connection) else "'[]' AS states"
    rows = (_NARROW if is_narrow else _WIDE).replace("{states}", states)
    return Searched(rows, total, is_narrow, place_column(connection))
