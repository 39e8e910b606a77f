"""The text of one document, found by whatever name a person has for it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from archive.research.documents import find_alias, find_document, find_version, read_pages, version_address
from archive.research.lookups import documents_by_address, documents_by_number

# The address of a document, version or page on the site, as a search prints it; with or without the site's host.
_SITE_ADDRESS = re.compile(r"(?:https?://[^/]+)?/d/(?P<named>[^/]+)(?:/p(?P<page>[0-9]{1,7}))?/?")


def find_text(connection: sqlite3.Connection, named: str, page: int | None = None) -> dict[str, Any] | None:
    """Return `document`, `version`, `address`, `pages_count` and `pages` (number, label, outcome, text), or None.

    `named` is an id, a version ("id@digest"), an address on the site, a number in any spelling or an original
    address; of several documents that carry a number, the first (the one whose own number it is) is meant. `pages`
    is empty where the version has no page of the number `page`.
    """
    own = _SITE_ADDRESS.fullmatch(named)
    if own and not documents_by_address(connection, named):
        named, page = own["named"], page or (int(own["page"]) if own["page"] else None)
    name, _, tail = named.partition("@") if not named.startswith(("http:", "https:")) else (named, "", "")
    document = find_document(connection, name) or _by_other_name(connection, name)
    version = find_version(connection, document, tail) if document else None
    if document is None or version is None:
        return None
    pages = read_pages(connection, version)
    return {
        "document": document["id"],
        "title": document["title"],
        "version": version["id"],
        "address": version_address(version),
        "pages_count": len(pages),
        "pages": [dict(one) for one in pages if page in (None, one["number"])],
    }


def _by_other_name(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    found = find_alias(connection, name)
    found += [row["id"] for row in documents_by_number(connection, name)[1]]
    found += [row["id"] for row in documents_by_address(connection, name)]
    return find_document(connection, found[0]) if found else None
