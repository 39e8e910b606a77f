"""Which of the documents that were found fit, field by field: a facet counts what fits all other fields."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from archive.research.filters import NO_FILTERS, Filters
from archive.research.fitting import condition
from archive.research.matching import Range
from archive.research.query import Query
from archive.research.rows import select_packed
from archive.research.searched import Searched

# Facets, each with its filter and with the column that it counts; the last three are lists of names.
FACETS = {
    "collection": "collections",
    "component": "components",
    "kind": "kinds",
    "year": "years",
    "vendor": "vendors",
    "outlet": "outlets",
    "state": "states",
}


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A document that was found: what it is counted under, what it is sorted by, and which facets' filters it fails.

    `lists` are its vendors, its outlets and the states that it names (JSON).
    """

    ordinal: int
    under: tuple[str, ...]
    lists: tuple[str, str, str]
    is_about: bool
    dated: str
    first_seen: str
    fails: tuple[str, ...]


class Narrowing:
    """The conditions of a question on documents, as SQL: those that no facet shows in one, the others by facet."""

    def __init__(self, connection: sqlite3.Connection, query: Query) -> None:
        wanted = query.filters
        self.is_any = bool(wanted or query.excluded)
        self.asked = {name: field for name, field in FACETS.items() if getattr(wanted, field)}
        emptied: dict[str, Any] = dict.fromkeys(self.asked.values(), ())
        self.hard = condition(connection, replace(wanted, **emptied), query.excluded)
        self.soft = {
            name: condition(connection, Filters(**{field: getattr(wanted, field)}), NO_FILTERS)
            for name, field in self.asked.items()
        }

    @property
    def every(self) -> tuple[str, list[object]]:
        """Return what fits all of it."""
        parts = [self.hard, *self.soft.values()]
        return " AND ".join(f"({sql})" for sql, _ in parts), [value for _, values in parts for value in values]

    def narrowed(self, connection: sqlite3.Connection, searched: Searched, ordinals: Iterable[int]) -> list[Narrowed]:
        """Return those of the documents that fit what no facet shows, each with the facets whose filters it fails."""
        checks = "".join(f", coalesce({sql}, 0) AS fits{place}" for place, (sql, _) in enumerate(self.soft.values()))
        fits = "".join(f", fits{place}" for place in range(len(self.soft)))
        values = [value for _, given in self.soft.values() for value in given]
        rows = select_packed(
            connection,
            f"ordinal, collection, component, kind, year, vendors, outlets, states, dated, first_seen{fits}",
            "SELECT d.ordinal, d.collection, d.component, d.kind, d.year, d.vendors, d.outlets, d.states,"  # noqa: S608
            f" d.dated, d.first_seen{checks} FROM {searched.rows} AS d"
            f" WHERE d.ordinal IN (SELECT value FROM json_each(?)) AND {self.hard[0]}",
            (*values, json.dumps(list(ordinals)), *self.hard[1]),
        )
        return [
            Narrowed(row[0], tuple(row[1:5]), (row[5], row[6], row[7]), row[3].endswith("page"), row[8], row[9],
                     tuple(name for name, fits in zip(self.soft, row[10:], strict=True) if not fits))
            for row in rows
        ]  # fmt: skip

    def ranges(
        self, connection: sqlite3.Connection, searched: Searched, most: int, order: str = "ordinal"
    ) -> list[Range]:
        """Return the first of all documents that fit, with where their pages lie."""
        sql, values = self.every
        rows = connection.execute(
            f"SELECT d.ordinal, d.first, d.last FROM {searched.rows} AS d WHERE {sql}"  # noqa: S608
            f" ORDER BY d.{order} LIMIT ?",
            (*values, most),
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def ordinals(
        self, connection: sqlite3.Connection, searched: Searched, most: int, order: str = "ordinal"
    ) -> list[int]:
        """Return the first of all documents that fit."""
        sql, values = self.every
        rows = connection.execute(
            f"SELECT d.ordinal FROM {searched.rows} AS d WHERE {sql} ORDER BY d.{order} LIMIT ?",  # noqa: S608
            (*values, most),
        )
        return [row[0] for row in rows]
