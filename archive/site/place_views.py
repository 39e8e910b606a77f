"""By place: the states, counties and cities that documents name, and the documents that name one, as pages and JSON."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from archive.research.by_place import KINDS, list_places, read_place
from archive.site.answering import error_page
from archive.site.rendering import Site


async def show_places(site: Site, request: Any) -> Response:
    """Answer /places and /places.json: the places that are named, those of the most documents first."""
    words, state = ((request.args.get(name) or "").strip()[:100] for name in ("q", "state"))
    kind = request.args.get("kind") or ""
    kind = kind if kind in KINDS else ""
    found = await site.read(lambda connection: list_places(connection, words, kind, state))
    if request.url_vars.get("format"):
        return await site.data({"places": found})
    asked = {"q": words, "kind": kind, "state": state}
    return await site.page(request, "archive_places.html", places=found, asked=asked, kinds=KINDS)


async def show_place(site: Site, request: Any) -> Response:
    """Answer /places/ID and its .json: the documents that name it, each with the pages that do."""
    name = request.url_vars["place"]
    place = await site.read(lambda connection: read_place(connection, name))
    if place is None:
        return await error_page(
            site,
            request,
            404,
            "No document names this place",
            "It may be named where its name is another’s too, or be too small: /places lists all.",
        )
    if request.url_vars.get("format"):
        return await site.data(place)
    return await site.page(request, "archive_place.html", place=place)
