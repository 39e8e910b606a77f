"""The front page, the state of the sources, and the files that pages need."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.outcomes import OUTCOMES
from archive.research.lookups import count_all, count_collections, list_sources, newest_documents
from archive.research.rows import Row
from archive.site.rendering import FILES, Site

REMEDIES = {name: known.remedy for name, known in OUTCOMES.items()}


async def show_front(site: Site, request: Any) -> Response:
    """Show what there is, and a box to search it."""

    def question(connection: sqlite3.Connection) -> Row:
        return {
            "counts": count_all(connection),
            "collections": count_collections(connection),
            "newest": newest_documents(connection),
            "sources": list_sources(connection),
        }

    return await site.page(request, "archive_front.html", **await site.read(question))


async def show_sources(site: Site, request: Any) -> Response:
    """Answer /sources and /sources.json: every source with its last run and what came of it."""
    sources = await site.read(list_sources)
    if request.url_vars.get("format"):
        return await site.data({"sources": sources})
    return await site.page(request, "archive_sources.html", sources=sources, remedies=REMEDIES)


async def show_file(_site: Site, request: Any) -> Response:
    """Return the style sheet or the icon."""
    body, media_type = FILES[request.url_vars["name"]]
    return Response(body, headers={"Cache-Control": "public, max-age=3600"}, content_type=media_type)


async def show_nothing(_site: Site, _request: Any) -> Response:
    """Answer as if there were no such address."""
    raise NotFound("No such address")


async def show_databases(site: Site, _request: Any) -> Response:
    """Return what databases are served, by name and size only."""
    served = [
        {"name": name, "size": database.size, "is_mutable": database.is_mutable}
        for name, database in site.datasette.databases.items()
        if name != "_internal"
    ]
    return await site.data({"databases": served})
