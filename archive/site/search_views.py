"""The search page, and the same search as JSON, as a table and as a feed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from archive.research.asking import ask
from archive.research.changed import KINDS, search_changes
from archive.research.filters import Filters
from archive.research.query import MOST_CHARACTERS, MOST_TERMS
from archive.research.query_fields import FIELDS, PARAMETERS, given_filters
from archive.research.rows import Row
from archive.research.search import FACETS, MOST_RESULTS, PAGES_SHOWN, SORTS
from archive.site.answering import error_page
from archive.site.atom import MEDIA_TYPE as ATOM
from archive.site.rendering import Site
from archive.site.search_files import CSV, ENTRIES, PAGES_IN_TABLE, search_csv, search_feed
from archive.site.search_links import DEEPEST, SearchLinks
from archive.site.watch_views import turn_entries
from archive.watches.model import Watch

PAGE_SIZE = 20
# What may stand in an address, in the order in which a page shows it.
NAMES = tuple(dict.fromkeys([*PARAMETERS.values(), *FIELDS]))


async def show_search(site: Site, request: Any) -> Response:
    """Answer /search, /search.json, .csv and .atom; `in=added` and `in=removed` ask for what changed."""
    form = request.url_vars.get("format") or ""
    if (kind := request.args.get("in") or "") in KINDS and form in {"", ".json"}:
        return await _show_changes(site, request, kind)
    notes: list[str] = []
    given = given_filters({name: request.args.getlist(name) for name in NAMES}, notes)
    links = SearchLinks(
        (request.args.get("q") or "").strip(), given, (request.args.get("sort") or "").strip()[:20], site.as_of
    )
    if form == ".atom":
        return await _give_feed(site, request, links)
    span = span_of(request, MOST_RESULTS if form == ".csv" else PAGE_SIZE)
    found = await _found(site, links, span, PAGES_IN_TABLE if form == ".csv" else PAGES_SHOWN)
    found["notes"] = [*notes, *found["notes"]]
    if form == ".csv":
        return Response(search_csv(found, site.address), content_type=CSV, headers=_saved_as("search.csv"))
    if form:
        return await site.data(found)
    links = replace(links, text=found["query"], sort=found["sort"], offset=found["offset"], limit=found["limit"],
                    total=found["total"])  # fmt: skip
    return await site.page(
        request,
        "archive_search.html",
        found=found,
        links=links,
        chosen=_chosen(found),
        given=_given(given),
        sorts=SORTS,
        facets=FACETS,
        most_characters=MOST_CHARACTERS,
        most_terms=MOST_TERMS,
    )


async def _found(site: Site, links: SearchLinks, span: Span, pages_each: int) -> Row:
    def question(connection: sqlite3.Connection) -> Row:
        return ask(connection, links.text, given=links.given, limit=span.limit, offset=span.offset,
                   sort=links.sort or SORTS[0], pages_each=pages_each)  # fmt: skip

    return await site.search(question, ("ask", links.text, links.given, links.sort, span, pages_each))


async def _give_feed(site: Site, request: Any, links: SearchLinks) -> Response:
    """Answer with the newest documents that fit. A feed is of a question of ours, never of SQL."""
    if not links.text and not links.given:
        return await error_page(site, request, 400, "A feed of what?",
                                "Say what to search for: /search.atom?q=… or a filter.")  # fmt: skip
    found = await _found(site, replace(links, sort="first_seen"), Span(ENTRIES, 0), 1)
    asked = replace(links, text=found["query"], sort="first_seen")
    turns = await turn_entries(site, _as_watch(found))
    return Response(search_feed(found, asked, site.address, site.about.name, turns).decode(), content_type=ATOM)


def _as_watch(found: Row) -> Watch:
    """Return the sources and collections that a search is narrowed to, as a watch for it would have them."""
    chosen = _chosen(found)
    return Watch("", "", (), {name: tuple(chosen[name]) for name in ("source", "collection") if chosen.get(name)})


def _chosen(found: Row) -> dict[str, set[str]]:
    """Return, by field, the values that results are narrowed to, as the catalogue has them."""
    values = {name: set(value) for name, value in found["filters"].items() if isinstance(value, list)}
    for name, meant in found["meant"].items():
        values.setdefault(name, set()).update(one for names in meant.values() for one in names)
    return values


def _given(given: Filters) -> list[tuple[str, str]]:
    """Return the filters that stand in the address, one by one."""
    pairs: list[tuple[str, str]] = []
    for field, name in PARAMETERS.items():
        held = getattr(given, field)
        pairs += [(name, value) for value in (held if isinstance(held, tuple) else (held,)) if value]
    return pairs


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _show_changes(site: Site, request: Any, kind: str) -> Response:
    query, collection = ((request.args.get(name) or "").strip() for name in ("q", "collection"))
    span = span_of(request)
    found = await site.search(
        lambda connection: search_changes(
            connection, query, kind, limit=span.limit, offset=span.offset, collection=collection[:200]
        ),
        ("changes", query, kind, span, collection[:200]),
    )
    if request.url_vars.get("format"):
        return await site.data(found)
    return await site.page(request, "archive_changed.html", found=found, links=Links(found, site.as_of), kinds=KINDS)


class Span(NamedTuple):
    """Which of the results are asked for."""

    limit: int
    offset: int


def span_of(request: Any, usual: int = PAGE_SIZE) -> Span:
    """Return what `limit` and `offset` ask for, within what is given."""
    limit = min(max(_number(request.args.get("limit"), usual), 1), MOST_RESULTS)
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
