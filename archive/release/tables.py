"""Which tables a release has, what orders their rows, and the digest of what they say; knows nothing of how they came.

Tables of evidence (statements, sightings, readings, places of records) and what settling notes for itself are not
published.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

# Each table with its key, those that others refer to first.
PUBLISHED: Mapping[str, tuple[str, ...]] = {
    "_sqlite_migrations": ("migration_set", "name"),
    "about": ("key",),
    "sources": ("name",),
    "runs": ("id",),
    "captures": ("id",),
    "outcomes": ("id",),
    "documents": ("id",),
    "versions": ("id",),
    "pages": ("id",),
    "page_tables": ("version", "page", "number"),
    "outline": ("version", "ordinal"),
    "facts": ("version", "ordinal"),
    "identifiers": ("document", "scheme", "value", "role"),
    "dates": ("version", "role", "words"),
    "references": ("id",),
    "listings": ("source", "list", "url"),
    "listing_spans": ("document", "ordinal"),
    "server_spans": ("document", "url_key", "ordinal"),
    "joins": ("document", "ordinal"),
    "places": ("id",),
    "page_places": ("version", "page", "place"),
    "quotations": ("version", "ordinal"),
    "changes": ("id",),
    "addresses": ("url_key", "document"),
    "aliases": ("alias", "document"),
    "notices": ("version",),
    "awards": ("version",),
    "articles": ("version",),
    "claims": ("id",),
    "watches": ("name",),
    "comparisons": ("version",),
    "changed_passages": ("id",),
    "withdrawals": ("number",),
    "tombstones": ("hash",),
    "mementos": ("url_key", "at", "capture"),
    "searched_classes": ("class",),
    "searched_documents": ("ordinal",),
    "words": ("word",),
    "best_pages": ("stem", "place"),
    "watch_hits": ("watch", "change"),
}
# The full-text indexes, each with the table that it is of.
INDEXES: Mapping[str, str] = {
    "pages_fts": "pages",
    "changed_passages_fts": "changed_passages",
    "titles_fts": "searched_documents",
}
# What differs from release to release and says nothing of the archive; and the leaves, which the root commits to.
OF_THIS_RELEASE = ("release", "built")
LEAVES = "leaves"


def table_digests(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """Return `rows` and `digest` (hex SHA-256) of each published table that is there, by name."""
    held = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {name: _digest(connection, name) for name in PUBLISHED if name in held}


def content_digest(tables: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the digest of a release's content: of its tables' names, rows and digests, in canonical JSON."""
    return hashlib.sha256(canonical({name: dict(told) for name, told in tables.items()})).hexdigest()


def canonical(value: object) -> bytes:
    """Return a value in canonical JSON: sorted, without blanks, in ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def _digest(connection: sqlite3.Connection, table: str) -> dict[str, Any]:
    """Digest a table: a line for its columns and one for each row, in the order of its key."""
    order = ", ".join(f'"{name}"' for name in PUBLISHED[table])
    left_out = f" WHERE key NOT IN {OF_THIS_RELEASE}" if table == "about" else ""
    cursor = connection.execute(f'SELECT * FROM "{table}"{left_out} ORDER BY {order}')  # noqa: S608 (our own names)
    digest = hashlib.sha256(canonical([column[0] for column in cursor.description]) + b"\n")
    rows = 0
    for rows, row in enumerate(cursor, 1):  # noqa: B007
        digest.update(canonical(tuple(row)) + b"\n")
    return {"rows": rows, "digest": digest.hexdigest()}
