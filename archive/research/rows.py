"""Rows of a query as plain dicts, whatever row factory the connection has."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

Row = dict[str, Any]


@contextmanager
def one_state(connection: sqlite3.Connection) -> Iterator[None]:
    """Have all that is asked within answered from one state of the file, whatever others write to it meanwhile."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:  # SQLite ends it itself where it can't go on
            connection.execute("ROLLBACK")


def select(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
) -> list[Row]:
    """Return every row of a query as a dict by column name."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, tuple(row), strict=True)) for row in cursor]


def select_one(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()
) -> Row | None:
    """Return the first row of a query, or None."""
    found = select(connection, sql, parameters)
    return found[0] if found else None


def select_packed(
    connection: sqlite3.Connection, columns: str, asked: str, parameters: Sequence[object] | Mapping[str, object] = ()
) -> list[list[Any]]:
    """Return the columns of what a query gives, all rows in one value of JSON.

    Of ten thousand rows each would be a turn of Python's lock among threads; this is one, and SQLite's work goes on
    beside that of others.
    """
    packed = connection.execute(
        f"WITH asked AS MATERIALIZED ({asked}) SELECT json_group_array(json_array({columns})) FROM asked",  # noqa: S608
        parameters,
    ).fetchone()[0]
    rows: list[list[Any]] = json.loads(packed)
    return rows
