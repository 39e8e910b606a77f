"""References with what they rest on: the page, its words, the rule, and an address that opens with it marked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from archive.research.documents import page_address, version_address
from archive.research.quotations import quotation_address
from archive.research.rows import Row, select

# Of a reference on a page of more text than this the page's address is given, without the words.
LONGEST_PAGE = 60_000


def places_of(connection: sqlite3.Connection, kind: str, target: str, limit: int) -> list[Row]:
    """Return where something is mentioned, in the newest version of each document that does: one place a document."""
    rows = select(
        connection,
        'SELECT r.*, v.digest, v.ordinal, d.title, d.number FROM "references" AS r'
        " JOIN versions AS v ON v.id = r.version JOIN documents AS d ON d.id = r.document"
        ' WHERE r.kind = ? AND r.target = ? AND r.id = (SELECT s.id FROM "references" AS s JOIN versions AS w'
        " ON w.id = s.version WHERE s.kind = r.kind AND s.target = r.target AND s.document = r.document"
        " ORDER BY w.ordinal DESC, s.page, s.id LIMIT 1)"
        " ORDER BY coalesce(d.published, d.posted, d.first_seen) DESC, r.document LIMIT ?",
        (kind, target, limit),
    )
    return [evidence(row, address_of(connection, row)) for row in rows]


def evidence(row: Row, address: str) -> Row:
    """Return what is shown of a reference."""
    return {
        "document": row["document"], "title": row["title"] or row["number"] or row["document"], "page": row["page"],
        "printed": row["printed"], "words": row["words"], "rule": row["rule"], "leads_by": row["leads_by"],
        "confidence": row["confidence"], "address": address,
    }  # fmt: skip


def address_of(connection: sqlite3.Connection, row: Row) -> str:
    """Return where a reference can be looked at: its words on its page, else the page, else the version."""
    version = {"id": row["version"], "document": row["document"], "digest": row["digest"]}
    if not row["page"]:
        return version_address(version)
    if row["place"] is not None and row["printed"]:
        page = connection.execute(
            "SELECT text FROM pages WHERE version = ? AND number = ? AND length(text) <= ?",
            (row["version"], row["page"], LONGEST_PAGE),
        ).fetchone()
        end = row["place"] + len(row["printed"])
        if page and page[0][row["place"] : end] == row["printed"]:
            try:
                return quotation_address(version, row["page"], row["place"], end, page[0])
            except ValueError:
                pass
    return page_address(version, row["page"])


def with_addresses(connection: sqlite3.Connection, rows: Iterable[Row]) -> list[Row]:
    """Return what is shown of each reference."""
    return [evidence(row, address_of(connection, row)) for row in rows]
