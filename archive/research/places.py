"""What leads from a row of the full-text index to its page: its place in a release, its key in the catalogue."""

from __future__ import annotations

import sqlite3


def place_column(connection: sqlite3.Connection) -> str:
    """Return the column of `pages` that `pages_fts.rowid` is.

    In the catalogue a page's place is made of its key, which is quicker; releases from before there were places have
    none. `PRAGMA table_info` doesn't name a column that is made of others.
    """
    held = connection.execute("PRAGMA table_info(pages)")
    return "place" if any(row[1] == "place" for row in held) else "id"
