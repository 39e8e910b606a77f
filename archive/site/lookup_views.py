"""From a number in any spelling, or from an original address, to the document."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import Response

from archive.addresses import is_web_address
from archive.research import documents
from archive.research.asked_addresses import HOW, documents_at, gone_at, meant_address
from archive.research.citing.gather import Teller, gather
from archive.research.lookups import (
    captures_of_address,
    documents_by_number,
    documents_citing,
    numbers_near,
)
from archive.research.rows import Row
from archive.research.withdrawn import gone_number
from archive.site.rendering import Site
from archive.site.withdrawal_views import show_gone

LONGEST_ADDRESS = 8_000
LONGEST_NUMBER = 500


async def look_up_number(site: Site, request: Any) -> Response:
    """Answer /n/NUMBER and /n?number=…: one document is gone to, several are listed, none is said.

    With .json behind it (/n/NUMBER.json, /n.json?number=…) the documents are told, be it one or more.
    """
    in_path = unquote(request.url_vars.get("rest") or "").strip("/ ")
    as_data = request.path.endswith(".json")
    asked = (in_path.removesuffix(".json") if as_data else in_path) or request.args.get("number") or ""
    asked = asked.strip()[:LONGEST_NUMBER]
    found = await site.read(lambda connection: _of_number(connection, asked))
    if found["gone"]:
        return await show_gone(site, request, found["gone"])
    status = 200 if found["found"] or not asked else 404
    if as_data:
        return await site.data(_number_as_data(found), status)
    if len(found["found"]) == 1:
        return site.redirect(documents.document_address(found["found"][0]["id"]))
    return await site.page(request, "archive_numbers.html", status, **found)


def _of_number(connection: sqlite3.Connection, asked: str) -> Row:
    """Return what is known of a number; where no document carries it, what is near it and who prints it."""
    identifier, found = documents_by_number(connection, asked)
    missed = identifier if not found else None
    return {
        "asked": asked,
        "identifier": identifier,
        "found": found,
        "citing": documents_citing(connection, missed) if missed else [],
        "near": numbers_near(connection, missed) if missed else [],
        "gone": gone_number(connection, missed),
    }


def _number_as_data(found: Row) -> Row:
    read_as = found["identifier"]
    return {
        "asked": found["asked"],
        "identifier": {"scheme": read_as.scheme, "value": read_as.value} if read_as else None,
        "documents": _with_addresses(found["found"]),
        "cited_by": _with_addresses(found["citing"]),
        "near": found["near"],
    }


def _with_addresses(rows: list[Row]) -> list[Row]:
    return [{**row, "address": documents.document_address(row["id"])} for row in rows]


async def look_up_address(site: Site, request: Any) -> Response:
    """Answer /cite?url=…: the documents that an original address has led to, or that it isn't held.

    The address may be wrapped in a web archive's, have what a sentence put around it, or have been moved by its site.
    """
    pasted = (request.args.get("url") or "").strip()[: LONGEST_ADDRESS + 1]
    url = meant_address(pasted)
    teller = Teller(site.about.name, site.address, datetime.now(UTC).date().isoformat())

    def question(connection: sqlite3.Connection) -> tuple[list[Row], list[Row], Row | None]:
        held = [_cited(connection, teller, row) for row in documents_at(connection, url)]
        return held, captures_of_address(connection, url), None if held else gone_at(connection, url)

    found, captures, gone = await site.read(question)
    if gone:
        return await show_gone(site, request, gone)
    status = 200 if found or not url else 404
    if request.url_vars.get("format"):
        return await site.data({"url": url, "documents": found, "captures": captures}, status)
    facts: Row = {"url": url, "sound": is_web_address(url), "found": found, "captures": captures, "how": HOW}
    return await site.page(request, "archive_cite.html", status, **facts)


def _cited(connection: sqlite3.Connection, teller: Teller, row: Row) -> Row:
    document = documents.find_document(connection, row["id"]) or row
    version = documents.find_version(connection, document)
    return {**row, "citation": gather(connection, teller, document, version).plain}
