"""One search over all collections: documents, each with the pages that hold what was asked.

The command line, the search page and its JSON all give what this gives; it knows none of them. What it costs is
bounded: of what very many documents hold so many are looked at, and the rest is "about" (archive/research/matching.py).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

from archive.identifiers import parse_identifier, search_forms
from archive.research.beginnings import beginnings_cut, commonest_that_begin, words_that_begin
from archive.research.documents import document_address
from archive.research.found import Found
from archive.research.hits import pages_of
from archive.research.lookups import numbers_like
from archive.research.narrowing import FACETS as NARROWED_BY
from archive.research.query import Query, parse_query
from archive.research.query_expression import COLUMNS, expression
from archive.research.query_tree import Term
from archive.research.rows import Row, one_state, select

SORTS = ("relevance", "date", "first_seen")
FACETS = tuple(NARROWED_BY)
MOST_RESULTS = 100
PAGES_SHOWN = 3
_MATCHED = ("number", "title", "text", "filters")
_FIELDS = ("collection", "kind", "component", "year", "published", "published_precision", "published_words",
           "posted", "posted_words", "first_seen", "listing", "sample")  # fmt: skip


def search(  # noqa: PLR0913 (the questions that the page's filters ask, each by name)
    connection: sqlite3.Connection,
    query: str | Query,
    *,
    limit: int = 20,
    offset: int = 0,
    collection: str = "",
    kind: str = "",
    component: str = "",
    year: str = "",
    sort: str = "relevance",
    pages_each: int = PAGES_SHOWN,
) -> Row:
    """Return `total`, `results` (documents, each with its best pages), `facets`, `notes` and what was asked.

    `query` is as typed, or read already. Never raises for what a person typed: what can't be looked for is told in
    `notes`. A number in any of its spellings gives the document that carries it first. Dates sort with the newest
    first, the undated last. Where `total_about`, the total is an estimate, and so is each facet's `documents` that is
    `about`; and those are listed that were looked at, which `notes` tells. The answer is from one state of the file,
    whatever is written to it meanwhile.
    """
    asked = parse_query(query) if isinstance(query, str) else query
    given = {"collection": collection, "kind": kind, "component": component, "year": year}
    asked = _with_filters(asked, given)
    first, count = max(offset, 0), min(max(limit, 0), MOST_RESULTS)
    with one_state(connection):
        match = match_expression(connection, asked)
        found = Found(connection, asked, match, sort if sort in SORTS else SORTS[0])
        shown = found.shown(first, count)
        return {
            "query": asked.text,
            "total": found.total,
            "total_about": found.is_about,
            "offset": first,
            "limit": limit,
            "sort": found.sort,
            "filters": {name: value for name, value in given.items() if value},
            "facets": found.facets(),
            "notes": [*asked.notes, *beginnings_cut(connection, asked.terms), *found.notes],
            "results": _results(found, shown, pages_each),
        }


def _with_filters(asked: Query, given: dict[str, str]) -> Query:
    named: dict[str, Any] = {NARROWED_BY[name]: (value,) for name, value in given.items() if value}
    return replace(asked, filters=replace(asked.filters, **named)) if named else asked


def match_expression(connection: sqlite3.Connection, query: Query, *, columns: str = COLUMNS) -> str:
    """Return the FTS5 expression of a query, each number in it standing for all of its spellings.

    `columns` says where single words are looked for ("" everywhere); without it, where an index of pages has words.
    """
    return expression(query.tree, lambda term: _spellings(connection, term), columns)


def _spellings(connection: sqlite3.Connection, term: Term) -> tuple[Term, ...]:
    if term.prefix:
        return commonest_that_begin(connection, term.text) or (term, *words_that_begin(connection, term.text))
    identifier = parse_identifier(term.text)
    if identifier is None:
        return (term,)
    forms = [term.text, *search_forms(identifier.value)]
    for value in numbers_like(connection, identifier)[:8]:
        forms.extend(search_forms(value))
    return tuple(Term(form) for form in dict.fromkeys(forms) if any(map(str.isalnum, form)))[:24]


def _results(found: Found, shown: list[int], pages_each: int) -> list[Row]:
    rows = {row["ordinal"]: row for row in select(
        found.connection,
        f"SELECT d.ordinal, o.* FROM {found.searched.rows} AS d JOIN documents AS o ON o.id = d.id"  # noqa: S608
        " WHERE d.ordinal IN (SELECT value FROM json_each(?))",
        (json.dumps(shown),),
    )}  # fmt: skip
    hits = {rows[ordinal]["id"]: found.hits[ordinal] for ordinal in shown if found.hits.get(ordinal)}
    pages = pages_of(found.connection, found.searched, found.match, hits, pages_each)
    return [_result(rows[ordinal], found.tiers[ordinal][0], pages.get(rows[ordinal]["id"], {})) for ordinal in shown]


def _result(row: Row, tier: int, pages: Row) -> Row:
    return {
        "id": row["id"],
        "title": row["title"],
        "identifier": row["number"],
        **{name: row[name] for name in _FIELDS if name != "year"},
        "year": (row["published"] or row["posted"] or "")[:4],
        "matched": _MATCHED[tier],
        "url": document_address(row["id"]),
        "pages_found": pages.get("pages_found", 0),
        "pages": pages.get("pages", []),
    }
