"""A table brought to hold exactly the rows it should, with what is equal left alone."""

from __future__ import annotations

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.row_sync import sync_rows

KEYS = st.tuples(st.integers(0, 3), st.sampled_from("ab"))
TABLES = st.dictionaries(KEYS, st.one_of(st.none(), st.sampled_from(["x", "y"])), max_size=6)


@given(TABLES, TABLES)
def test_the_table_holds_what_it_should_and_only_differences_are_written(
    before: dict[tuple[int, str], str | None], after: dict[tuple[int, str], str | None]
) -> None:
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.execute('CREATE TABLE "references" (a INTEGER, b TEXT, value TEXT, PRIMARY KEY (a, b))')
    for rows in (before, after):
        written = sync_rows(
            connection, "references", ["a", "b"], [{"a": a, "b": b, "value": value} for (a, b), value in rows.items()]
        )
    held = {(row["a"], row["b"]): row["value"] for row in connection.execute('SELECT * FROM "references"')}
    assert held == after
    changed = [key for key in before.keys() & after.keys() if before[key] != after[key]]
    assert written == (len(after.keys() - before.keys()), len(changed), len(before.keys() - after.keys()))
