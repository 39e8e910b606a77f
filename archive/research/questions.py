"""Reads a question with the catalogue at hand: which names of its fields are meant by what was typed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, fields, replace
from typing import Any

from archive.research.filters import NO_FILTERS, Filters
from archive.research.fitting import condition
from archive.research.query import Query, parse_query
from archive.research.query_fields import PARAMETERS
from archive.research.values import FIELDS_HELD, has_value, is_carried, meant_by, nearest_to


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was read: `query` asks for names that the catalogue has, `typed` for what was typed.

    `meant` says, by field and value, which names these are where they are not the same; `unknown` are those that
    nothing has.
    """

    typed: Query
    query: Query
    meant: dict[str, dict[str, list[str]]]
    unknown: tuple[tuple[str, str], ...]

    def unknown_notes(self, connection: sqlite3.Connection) -> list[str]:
        """Return a sentence for each value that nothing has, with the nearest that there are."""
        return [_nothing_has(connection, field, value) for field, value in self.unknown]


def read_question(connection: sqlite3.Connection, text: str, given: Filters = NO_FILTERS) -> Asked:
    """Return what a text and the filters beside it ask for. Never raises."""
    typed = parse_query(text)
    typed = replace(typed, filters=_merged(typed.filters, given))
    meant: dict[str, dict[str, list[str]]] = {}
    unknown: list[tuple[str, str]] = []
    chosen = [_resolved(connection, filters, given, meant, unknown) for filters in (typed.filters, typed.excluded)]
    for number in typed.filters.numbers:
        if not is_carried(connection, number):
            unknown.append(("numbers", number))
    return Asked(typed, replace(typed, filters=chosen[0], excluded=chosen[1]), meant, tuple(unknown))


def documents_that_fit(connection: sqlite3.Connection, query: Query) -> set[str] | None:
    """Return the ids of the documents that fit a question's filters; None where it has none."""
    if not query.filters and not query.excluded:
        return None
    fits, values = condition(connection, query.filters, query.excluded)
    return {row[0] for row in connection.execute(f"SELECT id FROM documents AS d WHERE {fits}", values)}  # noqa: S608


def told(filters: Filters) -> dict[str, Any]:
    """Return filters by the names of the parameters that ask for them; those that ask for nothing are left out."""
    every = {PARAMETERS[field.name]: getattr(filters, field.name) for field in fields(filters)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in every.items() if value}


def _nothing_has(connection: sqlite3.Connection, field: str, value: str) -> str:
    near = ", ".join(nearest_to(connection, field, value))
    return f"Nothing here has the {PARAMETERS[field]} “{value}”." + (f" Nearest: {near}." if near else "")


def _merged(one: Filters, other: Filters) -> Filters:
    """Return the values of both; of two days the second counts."""
    values: dict[str, Any] = {}
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        values[field.name] = tuple(dict.fromkeys(mine + theirs)) if isinstance(mine, tuple) else theirs or mine
    return Filters(**values)


def _resolved(
    connection: sqlite3.Connection, filters: Filters, given: Filters, meant: dict[str, dict[str, list[str]]],
    unknown: list[tuple[str, str]],
) -> Filters:  # fmt: skip
    """Return filters with the names that values stand for. What stands for none is kept, and finds nothing."""
    names: dict[str, Any] = {}
    for field in FIELDS_HELD:
        values = getattr(filters, field)
        exact = {value for value in values if value in getattr(given, field) and has_value(connection, field, value)}
        others = meant_by(connection, field, [value for value in values if value not in exact])
        for value, found in others.items():
            if not found:
                unknown.append((field, value))
            elif found != [value]:
                meant.setdefault(field, {})[value] = found
        names[field] = tuple(dict.fromkeys(
            name for value in values for name in ([value] if value in exact else others[value] or [value])
        ))  # fmt: skip
    return replace(filters, **names)
