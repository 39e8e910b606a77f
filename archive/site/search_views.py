"""The search page, and the same search as JSON."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from archive.research.changed import KINDS, search_changes
from archive.research.query import MOST_CHARACTERS, MOST_TERMS
from archive.research.rows import Row
from archive.research.search import FACETS, MOST_RESULTS, SORTS, search
from archive.site.rendering import Site

PAGE_SIZE = 20
# Beyond this nobody leafs, and each further leaf costs as much as the first.
DEEPEST = 10_000


async def show_search(site: Site, request: Any) -> Response:
    """Answer /search and /search.json; `in=added` and `in=removed` ask for what changed."""
    if (kind := request.args.get("in") or "") in KINDS:
        return await _show_changes(site, request, kind)
    asked = {name: (request.args.get(name) or "").strip()[:200] for name in (*FACETS, "sort")}
    query = (request.args.get("q") or "").strip()
    limit, offset = span_of(request)
    found = await site.read(
        lambda connection: search(
            connection,
            query,
            limit=limit,
            offset=offset,
            sort=asked["sort"] or "relevance",
            collection=asked["collection"],
            kind=asked["kind"],
            component=asked["component"],
            year=asked["year"],
        )
    )
    if request.url_vars.get("format"):
        return await site.data(found)
    return await site.page(
        request,
        "archive_search.html",
        found=found,
        links=Links(found, site.as_of),
        sorts=SORTS,
        facets=FACETS,
        most_characters=MOST_CHARACTERS,
        most_terms=MOST_TERMS,
    )


async def _show_changes(site: Site, request: Any, kind: str) -> Response:
    query, collection = ((request.args.get(name) or "").strip() for name in ("q", "collection"))
    span = span_of(request)
    found = await site.read(
        lambda connection: search_changes(
            connection, query, kind, limit=span.limit, offset=span.offset, collection=collection[:200]
        )
    )
    if request.url_vars.get("format"):
        return await site.data(found)
    return await site.page(request, "archive_changed.html", found=found, links=Links(found, site.as_of), kinds=KINDS)


class Span(NamedTuple):
    """Which of the results are asked for."""

    limit: int
    offset: int


def span_of(request: Any) -> Span:
    """Return what `limit` and `offset` ask for, within what is given."""
    limit = min(max(_number(request.args.get("limit"), PAGE_SIZE), 1), MOST_RESULTS)
    return Span(limit, min(_number(request.args.get("offset"), 0), DEEPEST))


class Links:
    """The same search with one thing changed, as a path's query; `usual` is the order that needs no naming."""

    def __init__(self, found: Row, as_of: int | None, path: str = "/search", usual: str = "relevance") -> None:
        self.found, self.path = found, path
        sort = {} if found["sort"] == usual else {"sort": found["sort"]}
        release = {} if as_of is None else {"as_of": str(as_of)}
        inside = {"in": found["in"]} if "in" in found else {}
        self.now: dict[str, str] = {"q": found["query"], **inside, **found["filters"], **sort, **release}

    def to(self, name: str, value: str) -> str:
        """Return the search with `name` set to `value`, or without it where that is empty."""
        return f"{self.path}?" + urlencode({key: word for key, word in {**self.now, name: value}.items() if word})

    def page(self, steps: int) -> str:
        """Return the search moved on by so many pages; "" where there is none."""
        offset = self.found["offset"] + steps * self.found["limit"]
        if steps > 0 and (offset >= self.found["total"] or offset > DEEPEST):
            return ""
        if steps < 0 and self.found["offset"] == 0:
            return ""
        return self.to("offset", str(max(offset, 0)) if offset > 0 else "")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else otherwise
