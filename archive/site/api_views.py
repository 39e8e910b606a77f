"""The description of the site's data: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

import json
from typing import Any

from datasette.utils.asgi import Response

from archive.site.api.described import DESCRIBED
from archive.site.api.openapi import describe
from archive.site.rendering import Site


async def show_openapi(site: Site, _request: Any) -> Response:
    """Answer /openapi.json."""
    tables = (site.datasette.metadata("databases") or {}).get(site.database, {}).get("tables", {})
    columns = {name: table.get("columns", {}) for name, table in tables.items()}
    body = json.dumps(describe(site.about.name, site.address, columns), ensure_ascii=False, indent=1)
    return Response(body.replace("<", "\\u003c"), content_type="application/json; charset=utf-8")


async def show_api(site: Site, request: Any) -> Response:
    """Answer /api: the same for people, with examples."""
    base = site.address or site.origins.main
    return await site.page(request, "archive_api.html", described=DESCRIBED, base=base)
