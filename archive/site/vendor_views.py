"""Vendors: all that records name, and each with its names, awards, money and the claims about them."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import Response

from archive.research.claims import claims_about
from archive.research.rows import Row
from archive.research.vendors import SPELLING, describe_vendor, find_vendor, list_vendors
from archive.site.rendering import Site

MOST_LISTED = 2_000


async def show_vendors(site: Site, request: Any) -> Response:
    """Answer /vendors and /vendors.json, by name."""
    found = await site.read_once("vendors", _listed)
    if request.url_vars.get("format"):
        return await site.data(found)
    return await site.page(request, "archive_vendors.html", spelling=SPELLING, **found)


def _listed(connection: sqlite3.Connection) -> Row:
    vendors = list_vendors(connection)
    rows = [
        {"slug": one.slug, "name": one.name, "address": f"/vendors/{one.slug}",
         "other_names": [name.name for name in one.names if name.name != one.name],
         "records": sum(name.records for name in one.names)} for one in vendors[:MOST_LISTED]
    ]  # fmt: skip
    return {"vendors": rows, "total": len(vendors)}


async def show_vendor(site: Site, request: Any) -> Response:
    """Answer /vendors/SLUG and with .json; by the slug of any of its names it is gone to."""
    asked = unquote(request.url_vars["rest"])
    ending = ".json" if asked.endswith(".json") else ""
    asked = asked.removesuffix(".json").strip()[:300]

    def question(connection: sqlite3.Connection) -> Row | None:
        vendor = find_vendor(connection, asked)
        if vendor is None:
            return None
        told = describe_vendor(connection, vendor)
        numbers = {award["piid"] for award in told["awards"]}
        return told | {"claims": claims_about(connection, told.pop("documents"), numbers)}

    told = await site.read(question)
    if told is None:
        if ending:
            error = {"ok": False, "status": 404, "title": "No such vendor", "error": "No record that is held names it."}
            return await site.data(error, 404)
        return await site.page(
            request, "archive_vendors.html", 404, spelling=SPELLING, vendors=[], total=0, asked=asked
        )
    if asked != told["slug"]:
        return site.redirect(f"/vendors/{told['slug']}{ending}", 301)
    return await site.data(told) if ending else await site.page(request, "archive_vendor.html", vendor=told)
