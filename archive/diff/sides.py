"""Reads one version out of a catalogue, or a release, as a side of a comparison."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from archive.diff.model import DOCUMENT, PAGE, RECORD, Fact, Page, Side, Table

# Columns of a record that say where it was found, what it goes by there, or what follows from its history.
_NOT_SAID = frozenset({"version", "document", "place", "capture", "change", "obligated_cents", "url", "notice_id"})
_OF_AN_ARTICLE = ("headline", "byline", "section", "published")
# Pages whose words nobody knows, and versions of which not all is published.
_UNKNOWN = frozenset({"no-text-layer", "page-failed"})
_IN_PART = frozenset({"excerpt", "not-published"})


def read_side(connection: sqlite3.Connection, version: str) -> Side:
    """Return a version by its id. Raises KeyError where there is none of that name."""
    rows = _rows(connection, "SELECT id, document, digest, outcome, reader FROM versions WHERE id = ?", version)
    if not rows:
        raise KeyError(version)
    row = rows[0]
    notice, award = _fields(connection, "notices", version), _fields(connection, "awards", version)
    article = _fields(connection, "articles", version)
    pages = _rows(
        connection,
        "SELECT number, label, outcome, text, parts, runs_on, also, broken, origin FROM pages"
        " WHERE version = ? ORDER BY number",
        version,
    )
    facts = _rows(connection, "SELECT name, value, page FROM facts WHERE version = ? ORDER BY ordinal", version)
    return Side(
        version,
        RECORD if notice or award else PAGE if article or row["reader"] == "source" else DOCUMENT,
        str(row["digest"]),
        tuple(map(_page, pages)),
        _tables(connection, version),
        tuple(Fact(one["name"], one["value"], one["page"]) for one in facts),
        notice or award or {name: value for name, value in article.items() if name in _OF_AN_ARTICLE},
        _links(connection, version) if notice else (),
        row["outcome"] not in _IN_PART,
        bool(award),
    )


def _rows(connection: sqlite3.Connection, sql: str, version: str) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, (version,))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, tuple(row), strict=True)) for row in cursor]


def _fields(connection: sqlite3.Connection, table: str, version: str) -> Mapping[str, str]:
    rows = _rows(connection, f'SELECT * FROM "{table}" WHERE version = ?', version)  # noqa: S608 (our own names)
    return {name: value or "" for name, value in rows[0].items() if name not in _NOT_SAID} if rows else {}


def _page(row: Mapping[str, Any]) -> Page:
    parts = tuple((str(kind), int(start), int(end)) for kind, start, end in json.loads(row["parts"]))
    forms = frozenset(f"{row['also']} {row['broken']}".split())
    return Page(
        row["number"], row["text"], parts, row["runs_on"], row["label"], forms, row["outcome"] not in _UNKNOWN,
        row["origin"],
    )  # fmt: skip


def _tables(connection: sqlite3.Connection, version: str) -> tuple[Table, ...]:
    rows = _rows(
        connection,
        "SELECT page, number, headers, cells FROM page_tables WHERE version = ? ORDER BY page, number",
        version,
    )
    return tuple(
        Table(row["page"], row["number"], row["headers"], tuple(map(tuple, json.loads(row["cells"])))) for row in rows
    )


def _links(connection: sqlite3.Connection, version: str) -> tuple[str, ...]:
    rows = _rows(
        connection,
        "SELECT target FROM \"references\" WHERE version = ? AND kind = 'link' AND printed = '' ORDER BY id",
        version,
    )
    return tuple(row["target"] for row in rows)
