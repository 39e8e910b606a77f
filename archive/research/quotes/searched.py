"""What was searched for a quotation that isn't found: a sentence that says how much, and of what."""

from __future__ import annotations

import sqlite3


def searched_of(connection: sqlite3.Connection, words: str) -> str:
    """Return what was searched."""
    documents, pages = (
        connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 (our own names)
        for table in ("documents", "pages")
    )
    return f"Searched were {pages:,} pages of {documents:,} documents, in all their versions."
