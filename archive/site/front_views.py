"""The front page, the state of the sources, and the files that pages need."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.nights import last_night
from archive.outcomes import OUTCOMES
from archive.research.changes import Wanted, list_changes
from archive.research.documents import is_sample
from archive.research.lookups import count_all, count_collections, list_sources, newest_documents
from archive.research.rows import Row
from archive.site.rendering import FILES, Site

# So much of what is new stands on the front page; a search that finds something in the sample.
NEWEST, EXAMPLE = 8, "license plate"
HEALTH = ("ok", "failing", "interrupted", "never run")
REMEDIES = {name: known.remedy for name, known in OUTCOMES.items()}


async def show_front(site: Site, request: Any) -> Response:
    """Show what there is, and a box to search it."""

    return await site.page(request, "archive_front.html", **await site.read_once("front", _front))


def _front(connection: sqlite3.Connection) -> Row:
    newest, sources = newest_documents(connection, NEWEST), list_sources(connection)
    numbers = (row["number"] for row in newest if row["number"])
    return {
        "counts": count_all(connection),
        "collections": count_collections(connection),
        "changes": list_changes(connection, Wanted(), NEWEST)["changes"],
        "newest": newest,
        "sources": {health: [one for one in sources if one["health"] == health] for health in HEALTH},
        "looked": max((one["last_run"] for one in sources if one["last_run"]), default=""),
        "example": EXAMPLE if is_sample(connection) else next(numbers, ""),
    }


async def show_sources(site: Site, request: Any) -> Response:
    """Answer /sources and /sources.json: every source with its last run and what came of it, and the last night."""
    sources = await site.read(list_sources)
    night = None
    if site.serving is not None and site.as_of is None:
        night = await asyncio.to_thread(last_night, site.serving.releases)
    if request.url_vars.get("format"):
        return await site.data({"sources": sources, "last_night": night})
    return await site.page(request, "archive_sources.html", sources=sources, remedies=REMEDIES, night=night)


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
