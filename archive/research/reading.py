"""The text of one document, found by whatever name a person has for it."""

from __future__ import annotations

import sqlite3
from typing import Any

from archive.research.documents import find_alias, find_document, find_version, read_pages, version_address
from archive.research.lookups import documents_by_address, documents_by_number


def find_text(connection: sqlite3.Connection, named: str, page: int | None = None) -> dict[str, Any] | None:
    """Return `document`, `version`, `address` and `pages` (number, label, outcome, text), or None.

    `named` is an id, a version ("id@digest"), a number in any spelling or an original address; of several
    documents that carry a number, the first (the one whose own number it is) is meant.
    """
    name, _, tail = named.partition("@") if not named.startswith(("http:", "https:")) else (named, "", "")
    document = find_document(connection, name) or _by_other_name(connection, name)
    version = find_version(connection, document, tail) if document else None
    if document is None or version is None:
        return None
    pages = [one for one in read_pages(connection, version) if page in (None, one["number"])]
    if page is not None and not pages:
        return None
    return {
        "document": document["id"],
        "title": document["title"],
        "version": version["id"],
        "address": version_address(version),
        "pages": [dict(one) for one in pages],
    }


def _by_other_name(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    found = find_alias(connection, name)
    found += [row["id"] for row in documents_by_number(connection, name)[1]]
    found += [row["id"] for row in documents_by_address(connection, name)]
    return find_document(connection, found[0]) if found else None
