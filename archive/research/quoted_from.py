"""Which held document an article quotes, and on which page: by the very words, letter for letter, and no other way.

Where a quotation was changed, shortened within, or is of something that isn't held, nothing is said. The index finds
pages that may hold the words; whether one does is decided on its text.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from archive.research.documents import version_tail
from archive.research.places import place_column
from archive.research.query_expression import expression
from archive.research.query_tree import Term
from archive.research.quotations import find_quotation, parse_quotation, quotation_address
from archive.research.rows import Row, select

# Shorter ones are figures of speech, and stand anywhere.
FEWEST_WORDS = 5
MOST_QUOTATIONS, MOST_PAGES, MOST_SOURCES = 8, 60, 5
# As many of its words are looked up in the index; all of them are compared.
LOOKED_UP = 12
_WORD = re.compile(r"\w+")
_MARKS = "“”„‟«»\"'’‘ \n\t,.;:"


def quoted_sources(connection: sqlite3.Connection, document: str, quotations: Iterable[str]) -> list[Row]:
    """Return what is quoted, each with its `sources`: documents that hold the very words, on which page and at what
    address; first those that say it in their own text, then articles that quote it too."""
    found = []
    for words in list(dict.fromkeys(quotations))[:MOST_QUOTATIONS]:
        sources = find_sources(connection, words, document) if len(_WORD.findall(words)) >= FEWEST_WORDS else []
        found.append({"words": words, "sources": sources})
    return found


def find_sources(connection: sqlite3.Connection, quotation: str, but: str = "") -> list[Row]:
    """Return the documents that hold a quotation, one page each; `but` is the document that quotes it."""
    quoted = parse_quotation(quotation.strip(_MARKS))
    words = " ".join(_WORD.findall(quotation.strip(_MARKS))[:LOOKED_UP])
    if quoted is None or not words:
        return []
    place = place_column(connection)
    pages = select(
        connection,
        "SELECT p.number, p.label, p.text, v.id, v.document, v.digest, v.ordinal, d.title, d.number AS identifier,"  # noqa: S608
        " d.collection, d.kind FROM (SELECT rowid AS page FROM pages_fts WHERE pages_fts MATCH ? LIMIT ?)"
        f" CROSS JOIN pages AS p ON p.{place} = page JOIN versions AS v ON v.id = p.version"
        " JOIN documents AS d ON d.id = v.document WHERE d.id <> ?"
        " ORDER BY d.kind = 'article', d.id, v.ordinal DESC, p.number",
        (expression(Term(words)), MOST_PAGES, but),
    )
    kept: dict[str, Row] = {}
    for page in pages:
        marks = find_quotation(page["text"], quoted) if page["document"] not in kept else []
        if marks:
            address = quotation_address(page, page["number"], *marks[0], page["text"])
            kept[page["document"]] = {
                "document": page["document"],
                "title": page["title"] or page["identifier"] or page["document"],
                "number": page["identifier"],
                "collection": page["collection"],
                "kind": page["kind"],
                "version": version_tail(page),
                "page": page["number"],
                "address": address,
            }
    return list(kept.values())[:MOST_SOURCES]
