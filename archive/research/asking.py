"""Asks what a person typed: reads it, finds which names its filters mean, searches, and where nothing is found says
what may have been meant. The page, the feed, the table, the batch and the command line all give what this gives.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from archive.research.filters import NO_FILTERS, Filters
from archive.research.loosened import loosened, missing_terms, without_fields
from archive.research.query import Query, parse_query
from archive.research.query_expression import COLUMNS
from archive.research.query_fields import NAMES, PARAMETERS, FieldAsked
from archive.research.query_text import written
from archive.research.query_tree import Node, Term
from archive.research.questions import Asked, read_question, told
from archive.research.rows import Row
from archive.research.search import PAGES_SHOWN, match_expression, search
from archive.research.suggestions import respellings, words_of
from archive.research.values import nearest_to
from archive.research.vendors import notes_on

MOST_INSTEAD = 8


def ask(  # noqa: PLR0913 (what a page of results asks for, each by name)
    connection: sqlite3.Connection, text: str, *, given: Filters = NO_FILTERS, limit: int = 20, offset: int = 0,
    sort: str = "relevance", pages_each: int = PAGES_SHOWN,
) -> Row:  # fmt: skip
    """Return what `search` gives, and beside it what the question was taken for.

    `given` are filters beside those in the text. `filters` and `excluded` are all of them, `meant` the names that
    they stand for. `typed` has each filter of the text, and the text without it; `looked_for` is it without any.
    Where nothing is found, `missing` has the words that are on no page, and `instead` questions that find something
    (`why` is "spelling", "value", "word" or "filter"). Never raises for what a person typed.
    """
    asked = read_question(connection, text, given)
    found = search(connection, asked.query, limit=limit, offset=offset, sort=sort, pages_each=pages_each)
    nothing = not found["total"]
    meant = asked.meant.get("vendors", {})
    vendors = meant or {name: [name] for name in asked.query.filters.vendors}
    is_there = _Looker(connection)
    return {
        **found,
        "looked_for": written(asked.typed.tree) if asked.typed.fields else asked.typed.text,
        "filters": told(asked.typed.filters),
        "excluded": told(asked.typed.excluded),
        "meant": {PARAMETERS[name]: values for name, values in asked.meant.items()},
        "typed": [_typed(asked.typed, field) for field in asked.typed.fields],
        "notes": [*found["notes"], *asked.unknown_notes(connection), *notes_on(connection, vendors)],
        "missing": missing_terms(asked.query.tree, is_there) if nothing else [],
        "instead": _few(_instead(connection, asked, given, is_there)) if nothing else [],
    }


class _Looker:
    """Tells whether anything that is asked for is on any page at all."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __call__(self, node: Node) -> bool:
        match = match_expression(self.connection, Query("", node), columns=COLUMNS)
        asked = "SELECT 1 FROM pages_fts WHERE pages_fts MATCH ? LIMIT 1"
        return bool(match) and self.connection.execute(asked, (match,)).fetchone() is not None


def _typed(query: Query, field: FieldAsked) -> Row:
    others = [other for other in query.fields if other != field]
    return {"name": PARAMETERS[field.name], "printed": ("-" if field.excluded else "") + field.printed,
            "without": written(query.tree, others)}  # fmt: skip


def _instead(connection: sqlite3.Connection, asked: Asked, given: Filters, is_there: _Looker) -> Iterator[Row]:
    beside = told(given)
    for field, value in asked.unknown:
        yield from _other_values(connection, asked.typed, given, field, value)
    words = [word for term in asked.typed.terms for word in words_of(term.text) if not any(map(str.isdigit, word))]
    for text in respellings(connection, asked.typed.text, words, lambda word: is_there(Term(word))):
        tree = parse_query(text).tree
        if tree is not None and is_there(tree):
            yield {"why": "spelling", "query": text, "filters": beside, "told": text}
    if asked.query.tree is None or is_there(asked.query.tree):
        yield from _without_filters(connection, asked, given)
    else:
        for one in loosened(asked.typed, is_there):
            yield {"why": "word", "query": one.text, "filters": beside, "told": one.told}


def _other_values(
    connection: sqlite3.Connection, typed: Query, given: Filters, field: str, value: str
) -> Iterator[Row]:  # fmt: skip
    """Yield the question with each of the nearest values in the place of one that nothing has."""
    printed = [one for one in typed.fields if one.name == field and value in one.values]
    for near in nearest_to(connection, field, value)[:3]:
        shown = f"{PARAMETERS[field]}: {near}"
        if printed:
            put = FieldAsked(field, (near,), f"{NAMES[field][0]}:{_in_quotes(near)}", printed[0].excluded)
            text = written(typed.tree, [put if one == printed[0] else one for one in typed.fields])
            yield from _counted(connection, "value", text, given, shown)
        elif value in getattr(given, field):
            kept = tuple(near if one == value else one for one in getattr(given, field))
            changed: dict[str, Any] = {field: kept}
            other = replace(given, **changed)
            yield from _counted(connection, "value", typed.text, other, shown)


def _in_quotes(value: str) -> str:
    return value if value.isalnum() else f'"{value}"'


def _without_filters(connection: sqlite3.Connection, asked: Asked, given: Filters) -> Iterator[Row]:
    """Yield the question without each filter, where that finds something."""
    for one in without_fields(asked.typed):
        yield from _counted(connection, "filter", one.text, given, one.told)
    for field in fields(given):
        if value := getattr(given, field.name):
            other = replace(given, **{field.name: type(value)()})
            yield from _counted(connection, "filter", asked.typed.text, other, f"without {PARAMETERS[field.name]}")


def _counted(connection: sqlite3.Connection, why: str, text: str, given: Filters, shown: str) -> Iterator[Row]:
    """Yield a question that is offered, with how many documents it finds, if it finds any."""
    found = search(connection, read_question(connection, text, given).query, limit=0)
    if found["total"]:
        yield {"why": why, "query": text, "filters": told(given), "told": shown, "documents": found["total"]}


def _few(instead: Iterator[Row]) -> list[Row]:
    kept: list[Row] = []
    for one in instead:
        if one not in kept:
            kept.append(one)
        if len(kept) == MOST_INSTEAD:
            break
    return kept
