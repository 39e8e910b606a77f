"""A document, a version or a page as a program takes it: JSON, plain text, or a table as CSV."""

from __future__ import annotations

import re
import sqlite3

from datasette.utils.asgi import NotFound, Response

from archive.research import documents
from archive.research.rows import Row
from archive.site.document_addresses import Asked
from archive.site.rendering import Site
from archive.table_csv import table_csv


async def as_file(site: Site, found: Row, asked: Asked) -> Response:
    """Return what was found as a program takes it: JSON, plain text, or a table as CSV."""
    if asked.table is not None:
        return _as_csv(found, asked.table, sample=await site.read(documents.is_sample))
    if asked.format == ".json":
        return await site.data(_as_data(found))
    texts = await site.read(lambda connection: _texts(connection, found))
    return Response.text(_as_text(found, texts))


def _as_data(found: Row) -> Row:
    document, version, page = found["document"], found["version"], found["page"]
    names = ["versions", "pages", "refers_to", "referred_by", "identifiers", "dates", "listings", "addresses",
             "notice", "changes", "award", "actions", "article", "tables", "outline", "facts",
             "metadata", "captures"]  # fmt: skip
    shown = {name: value for name, value in page.items() if name not in {"id", "place"}} if page else None
    names += [name for name in ("story", "quotes", "quoted", "money") if name in found]
    return {
        **document,
        "identifier": document["number"],
        "address": documents.document_address(document["id"]),
        "citation": found["citation"],
        "version": {**version, "sha256": documents.hex_digest(version["digest"])} if version else None,
        "page": shown,
        "newest_version": document["newest_version"],
        **({"on": found["on"]} if found["on"] else {}),
        **({"quotation": found["quotation"]} if found.get("quotation") else {}),
        **{name: found[name] for name in names},
        "pages_count": document["pages"],
    }


def _as_csv(found: Row, number: int, *, sample: bool) -> Response:
    """Return a page's table as a file to be saved. Raises NotFound where there is none, or it wasn't kept."""
    page = found["page"]
    table = next((one for one in page["tables"] if one["number"] == number and one["cells"]), None)
    if table is None:
        raise NotFound("No such table")
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{found['document']['id'][:100]}-page-{page['number']}-table-{number}")
    head = "present" if table["headers"] else "absent"
    return Response(
        table_csv(table["cells"]),
        headers={"content-disposition": f'attachment; filename="{"sample-" if sample else ""}{name}.csv"'},
        content_type=f"text/csv; charset=utf-8; header={head}",
    )


def _texts(connection: sqlite3.Connection, found: Row) -> list[Row]:
    if found["page"]:
        return [found["page"]]
    return documents.read_pages(connection, found["version"]) if found["version"] else []


def _as_text(found: Row, pages: list[Row]) -> str:
    """Return the citation, and then each page's text under a line with its number."""
    parts = [found["citation"] + "\n"]
    for page in pages:
        text = page["text"] or f"[no text: {page['outcome']}]"
        parts.append(f"\n----- page {page['number']} -----\n\n{text}\n")
    return "".join(parts)
