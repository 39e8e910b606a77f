"""Which documents fit a search's filters, as a condition of SQL on the table of documents. Knows no words."""

from __future__ import annotations

import json
import sqlite3

from archive.research.by_place import has_places
from archive.research.filters import Filters
from archive.research.lookups import documents_by_number

_DATE = "coalesce(d.published, d.posted)"
_AMONG = "(SELECT value FROM json_each(?))"
_NAMED = "SELECT document FROM page_places AS named JOIN places ON places.id = named.place"
_CONDITIONS = {
    "collections": f"d.collection IN {_AMONG}",
    "components": f"d.component IN {_AMONG}",
    "kinds": f"d.kind IN {_AMONG}",
    "sources": f"d.source IN {_AMONG}",
    "listings": f"d.listing IN {_AMONG}",
    "years": f"substr({_DATE}, 1, 4) IN {_AMONG}",
    "outlets": f"d.id IN (SELECT document FROM articles WHERE outlet IN {_AMONG})",  # noqa: S608
    "places": f"d.id IN ({_NAMED} WHERE places.name IN {_AMONG})",
    "states": f"d.id IN ({_NAMED} WHERE places.state IN {_AMONG})",
    "vendors": f"(d.id IN (SELECT document FROM awards WHERE recipient IN {_AMONG})"  # noqa: S608
    f" OR d.id IN (SELECT document FROM notices WHERE awardee IN {_AMONG}))",
}


def condition(connection: sqlite3.Connection, wanted: Filters, excluded: Filters) -> tuple[str, list[object]]:
    """Return what `documents AS d` must fulfil, "1" for anything, with its parameters."""
    parts = [*_parts(connection, wanted)]
    sql = [part for part, _ in parts]
    values = [value for _, given in parts for value in given]
    for part, given in _parts(connection, excluded):
        sql.append(f"NOT coalesce({part}, 0)")
        values += given
    return " AND ".join(sql) or "1", values


def _parts(connection: sqlite3.Connection, filters: Filters) -> list[tuple[str, list[object]]]:
    parts: list[tuple[str, list[object]]] = []
    for name, sql in _CONDITIONS.items():
        if (given := getattr(filters, name)) and name in {"places", "states"} and not has_places(connection):
            parts.append(("0", []))
        elif given:
            parts.append((sql, [json.dumps(given)] * sql.count("?")))
    if filters.numbers:
        ids = [row["id"] for number in filters.numbers for row in documents_by_number(connection, number)[1]]
        parts.append((f"d.id IN {_AMONG}", [json.dumps(ids)]))
    if filters.titles:
        parts.append(_titles(filters.titles))
    if filters.after:
        parts.append((f"{_first_day(_DATE)} >= ?", [_padded(filters.after)]))
    if filters.before:
        parts.append((f"{_first_day(_DATE)} < ?", [_padded(filters.before)]))
    if filters.on:
        parts.append(("substr(d.first_seen, 1, 10) <= ?", [filters.on]))
    return parts


def _titles(titles: tuple[str, ...]) -> tuple[str, list[object]]:
    """A title holds all words of one of the given."""
    sides, words = [], []
    for title in titles:
        held = [word.strip("*") for word in title.split()]
        sides.append(" AND ".join(["d.title LIKE ? ESCAPE '!'"] * len(held)))
        words += ["%" + _escaped(word) + "%" for word in held]
    return "(" + " OR ".join(f"({side})" for side in sides) + ")", [*words]


def _escaped(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return text


def _first_day(date: str) -> str:
    return f"substr({date} || '-01-01', 1, 10)"


def _padded(date: str) -> str:
    return (date + "-01-01")[:10]
