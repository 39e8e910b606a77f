"""Brings a table to hold exactly the rows it should: what is equal stays, so that a quiet night writes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def sync_rows(
    connection: sqlite3.Connection, table: str, key: Sequence[str], rows: Iterable[Mapping[str, Any]]
) -> tuple[int, int, int]:
    """Make `table` hold `rows` and nothing else; `key` names its primary key's columns.

    Every row has the same columns. Returns how many rows were added, changed and removed. The caller commits.
    """
    wanted = {tuple(row[name] for name in key): row for row in rows}
    columns = list(next(iter(wanted.values())).keys()) if wanted else list(key)
    held = {
        tuple(row[name] for name in key): tuple(row)
        for row in connection.execute(f"SELECT {_names(columns)} FROM {_name(table)}")  # noqa: S608
    }
    gone = [where for where in held if where not in wanted]
    values = {where: tuple(row[name] for name in columns) for where, row in wanted.items()}
    changed = [where for where in values if where in held and held[where] != values[where]]
    added = [where for where in values if where not in held]
    matches = " AND ".join(f"{_name(name)} = ?" for name in key)
    connection.executemany(f"DELETE FROM {_name(table)} WHERE {matches}", [*gone, *changed])  # noqa: S608
    connection.executemany(
        f"INSERT INTO {_name(table)} ({_names(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608
        [values[where] for where in (*changed, *added)],
    )
    return len(added), len(changed), len(gone)


def insert_rows(connection: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add rows, each with the same columns."""
    held = list(rows)
    if held:
        connection.executemany(
            f"INSERT INTO {_name(table)} ({_names(held[0])}) VALUES ({', '.join('?' * len(held[0]))})",  # noqa: S608
            [tuple(row.values()) for row in held],
        )


def _name(name: str) -> str:
    return f'"{name}"'


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_name, names))
