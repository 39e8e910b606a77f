"""Bounded absence, as a page to be cited and as JSON: that nothing here matches a search, among what, as of when."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Response

from archive.research.absence import ABSENT, FOUND, absence
from archive.research.query import MOST_CHARACTERS
from archive.research.query_fields import given_filters
from archive.research.rows import Row
from archive.site.rendering import Site
from archive.site.search_links import SearchLinks
from archive.site.search_views import NAMES


async def show_absence(site: Site, request: Any) -> Response:
    """Answer /absence and /absence.json: the statement, or that something matches, or why nothing can be said."""
    notes: list[str] = []
    given = given_filters({name: request.args.getlist(name) for name in NAMES}, notes)
    text = (request.args.get("q") or "").strip()
    made = await site.search(lambda connection: absence(connection, text, given=given).as_row(),
                             ("absence", text, given))  # fmt: skip
    told = _told(site, {**made, "notes": [*notes, *made["notes"]]})
    if request.url_vars.get("format"):
        return await site.data(told)
    links = SearchLinks(made["query"], given, as_of=site.as_of)
    return await site.page(request, "archive_absence.html", found=told, links=links, absent=ABSENT, is_found=FOUND,
                           most_characters=MOST_CHARACTERS)  # fmt: skip


def _told(site: Site, made: Row) -> Row:
    """Return the statement with the line by which it is cited."""
    built = f", built {made['built'][:10]}" if made["built"] else ""
    release = f"release {made['release']}{built}" if made["is_pinned"] else "working catalogue"
    citation = f"{made['sentence']} {site.about.name}, {release}, {site.address}{made['address']}"
    asked = bool(made["query"] or made["filters"] or made["excluded"])
    return {**made, "asked": asked, "citation": citation if made["outcome"] == ABSENT else ""}
