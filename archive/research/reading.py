"""The text of one document, found by whatever name a person has for it."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from archive.research.documents import find_alias, find_document, find_version, read_pages, version_address
from archive.research.lookups import documents_by_address, documents_by_number
from archive.research.page_parts import list_facts, list_outline, read_tables, with_parts
from archive.research.renamed import find_renamed

# The address of a document, version or page on the site, as a search prints it; with or without the site's host.
_SITE_ADDRESS = re.compile(r"(?:https?://[^/]+)?/d/(?P<named>[^/]+)(?:/p(?P<page>[0-9]{1,7}))?/?")


def find_text(connection: sqlite3.Connection, named: str, page: int | None = None) -> dict[str, Any] | None:
    """Return `document`, `version`, `address`, `pages_count`, `pages`, `tables`, `outline` and `facts`, or None.

    `named` is an id, a version ("id@digest", also as it was called before a newer reader), an address on the site, a
    number in any spelling or an original address; of several documents that carry a number, the first (the one whose
    own number it is) is meant. With `page` there is only what stands on that page: nothing where the version has none
    of that number.
    """
    own = _SITE_ADDRESS.fullmatch(named)
    if own and not documents_by_address(connection, named):
        named, page = own["named"], page or (int(own["page"]) if own["page"] else None)
    name, _, tail = named.partition("@") if not named.startswith(("http:", "https:")) else (named, "", "")
    renamed = find_renamed(connection, name, tail)
    known = renamed["document"] if renamed else name
    document = find_document(connection, known) or _by_other_name(connection, name)
    version = (find_version(connection, document, tail) or renamed) if document else None
    if document is None or version is None:
        return None
    pages = read_pages(connection, version)
    outline, facts = list_outline(connection, version), list_facts(connection, version)
    return {
        "document": document["id"],
        "title": document["title"],
        "version": version["id"],
        "address": version_address(version),
        "pages_count": len(pages),
        "pages": [with_parts(one) for one in pages if page in (None, one["number"])],
        "tables": read_tables(connection, version, page),
        "outline": [one for one in outline if page in (None, one["page"])],
        "facts": [one for one in facts if page in (None, one["page"])],
    }


def _by_other_name(connection: sqlite3.Connection, name: str) -> dict[str, Any] | None:
    found = find_alias(connection, name)
    found += [row["id"] for row in documents_by_number(connection, name)[1]]
    found += [row["id"] for row in documents_by_address(connection, name)]
    return find_document(connection, found[0]) if found else None
