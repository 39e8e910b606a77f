"""Search over time, as a page and as JSON: since when, and until when, documents have said something."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from archive.research.over_time import SORTS, over_time
from archive.research.query import MOST_CHARACTERS, MOST_TERMS
from archive.site.rendering import Site
from archive.site.search_views import Links, Span, span_of


async def show_over_time(site: Site, request: Any) -> Response:
    """Answer /search/time and /search/time.json."""
    query = (request.args.get("q") or "").strip()
    sort = (request.args.get("sort") or "").strip()[:20]
    collection = (request.args.get("collection") or "").strip()[:200]
    span: Span = span_of(request)
    found = await site.search(
        lambda connection: over_time(
            connection, query, limit=span.limit, offset=span.offset, sort=sort, collection=collection
        ),
        ("over time", query, span, sort, collection),
    )
    if request.url_vars.get("format"):
        return await site.data(found)
    return await site.page(
        request,
        "archive_over_time.html",
        found=found,
        links=Links(found, site.as_of, "/search/time", SORTS[0]),
        sorts=SORTS,
        most_characters=MOST_CHARACTERS,
        most_terms=MOST_TERMS,
    )
