"""What is answered where an address isn't that of a document held: it leads on, it fits several, it was withdrawn."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import quote, urlencode

from datasette.utils.asgi import Response

from archive.research import documents
from archive.research.lookups import list_documents
from archive.research.rows import Row
from archive.research.withdrawn import gone_document
from archive.site.rendering import Site
from archive.site.withdrawal_views import show_gone

# What of a question goes along when an address leads on.
KEPT = ("q", "on", "view", "quote", "after", "before")


async def show_elsewhere(site: Site, request: Any, found: Row) -> Response | None:
    """Answer what was found in place of a document; None where it was one.

    `redirect` (with `status`, and `kept`, what of the question goes along) leads on, `several` are the documents that
    a name fits, `gone` is the withdrawal of what stood there, `missing` says what of it is held; its `asked` is the
    name that was asked for.
    """
    if "redirect" in found:
        kept = {name: (request.args.get(name) or "").strip() for name in found.get("kept", KEPT)} | {
            "as_of": str(site.as_of or "")
        }
        tail = urlencode({name: value for name, value in kept.items() if value}, quote_via=quote)
        sign = "&" if "?" in found["redirect"] else "?"
        return site.redirect(found["redirect"] + (sign + tail if tail else ""), found["status"])
    if "several" in found:
        if request.path.endswith(".json"):
            told = [{**row, "address": documents.document_address(row["id"])} for row in found["several"]]
            return await site.data({"asked": found["asked"], "documents": told}, 300)
        several = {"asked": found["asked"], "identifier": None, "found": found["several"]}
        return await site.page(request, "archive_numbers.html", 300, **several)
    if "gone" in found:
        return await show_gone(site, request, found["gone"])
    return await _show_missing(site, request, found["missing"]) if "missing" in found else None


async def _show_missing(site: Site, request: Any, missing: Row) -> Response:
    if request.path.endswith(".json"):
        told = {"ok": False, "status": 404, "title": "Not held", "error": "This archive holds nothing at this address.",
                "asked": missing["asked"], "on": missing.get("on")}  # fmt: skip
        return await site.data(told, 404)
    nothing: Row = {"tail": "", "page": None, "document": None, "version": None, "on": None}
    return await site.page(request, "archive_missing.html", 404, **{**nothing, **missing})


def other_id(connection: sqlite3.Connection, asked: str, rest: str) -> Row:
    """Return what a name leads to that no document has: one that had it once, or has it in small letters."""
    ids = documents.find_alias(connection, asked)
    if len(ids) == 1:
        return {"redirect": documents.document_address(ids[0]) + rest, "status": 301}
    if ids:
        return {"several": list_documents(connection, ids), "asked": asked}
    lower = asked.lower()
    if lower != asked and documents.find_document(connection, lower):
        return {"redirect": documents.document_address(lower) + rest, "status": 301}
    gone = gone_document(connection, asked)
    return {"gone": gone} if gone else {"missing": {"asked": asked}}
