"""Whether a version's pages may be shown as pictures, and its file be given whole. It reads a release's rows only.

A picture shows no more than the text that is published of the page; a file holds more than that (links, a file's own
words about itself), so what is asked of it is what is asked of a capture that is shown as it was captured.
"""

from __future__ import annotations

import sqlite3

from archive.research.documents import hex_digest
from archive.research.rows import Row

# As archive/release/restricting.py names what isn't published in full.
_RESTRICTED = frozenset({"excerpt", "not-published"})
NO_PAGES, NOT_SHOWN = "not-a-pdf", "not-shown"


def why_not_pictured(connection: sqlite3.Connection, version: Row, *, whole: bool) -> str:
    """Return "" where pages of a version may be drawn; else the name of the reason. `whole` is the operator's view."""
    if not is_pdf(version):
        return NO_PAGES
    if whole:
        return ""
    held = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM articles WHERE version = ?1) OR EXISTS (SELECT 1 FROM notices WHERE version = ?1)"
        " OR EXISTS (SELECT 1 FROM awards WHERE version = ?1)",
        (version["id"],),
    ).fetchone()[0]
    return NOT_SHOWN if held or version["outcome"] in _RESTRICTED else ""


def why_not_given(connection: sqlite3.Connection, version: Row, *, whole: bool) -> str:
    """Return "" where a version's file may be given, byte for byte; else the name of the reason.

    A file that a server gave goes by the release's table `mementos`. One that was handed in stands in none; it is
    given as long as nothing is withdrawn, since nobody looked at what its links say of that.
    """
    if (why := why_not_pictured(connection, version, whole=whole)) or whole:
        return why
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mementos'").fetchone():
        return NOT_SHOWN
    given = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM captures AS c JOIN mementos AS m ON m.capture = c.id WHERE c.content_digest = ?1)"
        " OR (NOT EXISTS (SELECT 1 FROM captures WHERE content_digest = ?1 AND kind = 'response')"
        " AND EXISTS (SELECT 1 FROM captures WHERE id = ?2 AND kind <> 'response')"
        " AND NOT EXISTS (SELECT 1 FROM withdrawals WHERE undone IS NULL))",
        (hex_digest(version["digest"]), version["capture"]),
    ).fetchone()[0]
    return "" if given else NOT_SHOWN


def is_pdf(version: Row) -> bool:
    """Tell whether a version is a PDF, by what read it or by its type."""
    return str(version["reader"]).startswith("pdf-") or version["media_type"] == "application/pdf"
