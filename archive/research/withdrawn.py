"""What is known of things that were withdrawn: that an address once answered, why it no longer does, and the log."""

from __future__ import annotations

import sqlite3

from archive.addresses import is_web_address, url_key
from archive.identifiers import Identifier
from archive.release.tombstones import LONGEST_TAIL, tombstone
from archive.research.rows import Row, select, select_one


def find_gone(connection: sqlite3.Connection, kind: str, *names: str) -> Row | None:
    """Return the withdrawal that took out what answered to one of `names`; None where there was no such thing.

    The working catalogue has no tombstones: it holds everything.
    """
    if not _has_log(connection):
        return None
    for name in names:
        row = select_one(
            connection,
            "SELECT w.* FROM tombstones AS t JOIN withdrawals AS w ON w.number = t.withdrawal WHERE t.hash = ?",
            (tombstone(kind, name),),
        )
        if row is not None:
            return row
    return None


def gone_document(connection: sqlite3.Connection, asked: str) -> Row | None:
    """Return the withdrawal of the document that had this id, in either case, or this alias."""
    names = dict.fromkeys((asked, asked.lower()))
    return find_gone(connection, "document", *names) or find_gone(connection, "alias", *names)


def gone_version(connection: sqlite3.Connection, document: str, tail: str) -> Row | None:
    """Return the withdrawal of the version of a document whose digest begins so."""
    return find_gone(connection, "version", f"{document}@{tail}", f"{document}@{tail[:LONGEST_TAIL]}") if tail else None


def gone_number(connection: sqlite3.Connection, identifier: Identifier | None) -> Row | None:
    """Return the withdrawal of the document whose own number this was."""
    return find_gone(connection, "number", identifier.value) if identifier else None


def gone_address(connection: sqlite3.Connection, url: str) -> Row | None:
    """Return the withdrawal of the document that an original address led to, in any of its spellings."""
    return find_gone(connection, "address", url_key(url)) if is_web_address(url) else None


def list_withdrawals(connection: sqlite3.Connection) -> list[Row]:
    """Return the log of withdrawals, the newest first; none of them says what was withdrawn."""
    return select(connection, "SELECT * FROM withdrawals ORDER BY number DESC") if _has_log(connection) else []


def _has_log(connection: sqlite3.Connection) -> bool:
    return select_one(connection, "SELECT 1 AS held FROM sqlite_master WHERE name = 'tombstones'") is not None
