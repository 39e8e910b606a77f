"""What changed, the newest first: as a page, as JSON and as a feed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from archive.research.changes import KINDS, WORDS, Wanted, is_mark, list_changes
from archive.research.lookups import count_collections
from archive.research.on_day import is_day
from archive.research.rows import Row
from archive.site.answering import error_page
from archive.site.atom import MEDIA_TYPE, Entry, Feed, write_feed
from archive.site.rendering import Site
from archive.site.watch_views import turn_entries
from archive.watches.model import Watch

_LONGEST = 100


async def show_changes(site: Site, request: Any) -> Response:
    """Answer /changes, /changes.json and /changes.atom: by kind, collection, source, since; ?cosmetic=1 for all."""
    wanted = _wanted(request)
    if isinstance(wanted, str):
        return await error_page(site, request, 400, "That can't be answered", wanted)
    found = await site.read(lambda connection: list_changes(connection, wanted))
    form = request.url_vars.get("format") or ""
    following = _path(site, f"/changes{form}", replace(wanted, before=found["next"])) if found["next"] else ""
    if form == ".atom":
        about = {"source": wanted.source, "collection": wanted.collection}
        asking = Watch("", "", (), {name: (value,) for name, value in about.items() if value})
        turns = [] if wanted.before else await turn_entries(site, asking)
        feed = _feed(site, wanted, found["changes"], following, turns)
        return Response(feed.decode(), content_type=MEDIA_TYPE)
    if form == ".json":
        return await site.data({**found, "next": site.address + following if following else ""})
    collections = await site.read(count_collections)
    facts = {
        "changes": found["changes"],
        "following": following,
        "wanted": wanted,
        "kinds": {kind: WORDS[kind] for kind in KINDS},
        "collections": collections,
        "feed": _path(site, "/changes.atom", replace(wanted, before="")),
        "data": _path(site, "/changes.json", wanted),
    }
    return await site.page(request, "archive_changes.html", **facts)


def _wanted(request: Any) -> Wanted | str:
    """Return what a request asks for, or why that can't be answered."""
    told = {
        name: (request.args.get(name) or "").strip() for name in ("kind", "collection", "source", "since", "before")
    }
    if any(len(value) > _LONGEST or not value.isprintable() for value in told.values()):
        return "One of the values is none that a change has."
    if told["kind"] and told["kind"] not in KINDS:
        return f"The kinds of changes are: {', '.join(KINDS)}."
    if told["since"] and not is_day(told["since"]):
        return "A day is asked for like this: since=2018-01-26."
    if told["before"] and not is_mark(told["before"]):
        return "What follows is asked for by the address at the end of the page before."
    return Wanted(cosmetic=(request.args.get("cosmetic") or "") in ("1", "yes", "true"), **told)


def _path(site: Site, path: str, wanted: Wanted) -> str:
    """Return the path that asks for the same in another form, or what follows, of the same release."""
    names = ("kind", "collection", "source", "since", "before")
    asked = [(name, getattr(wanted, name)) for name in names if getattr(wanted, name)]
    if wanted.cosmetic:
        asked.append(("cosmetic", "1"))
    if site.as_of is not None:
        asked.append(("as_of", str(site.as_of)))
    query = urlencode(asked)
    return f"{path}?{query}" if query else path


def _feed(site: Site, wanted: Wanted, changes: list[Row], following: str, turns: list[Entry]) -> bytes:
    whole = replace(wanted, before="")
    base = site.address
    feed = Feed(
        name=f"feed {base} {_path(site, '/changes.atom', whole)}",
        title=f"What changed in {site.about.name}",
        author=site.about.name,
        link=base + _path(site, "/changes", whole),
        own=base + _path(site, "/changes.atom", wanted),
        more=base + following if following else "",
    )
    return write_feed(feed, [*turns, *(_entry(base, change) for change in changes)])


def _entry(base: str, change: Row) -> Entry:
    title = change["title"] or change["number"] or change["document"]
    told = [change["summary"] or "", change["url"], change["number"]]
    if change["not_before"]:
        told.append(f"not yet on {change['not_before'][:10]}")
    return Entry(
        name=f"change {change['id']}",
        title=f"{change['words']}: {title}",
        updated=change["at"],
        link=base + change["address"],
        summary=". ".join(one.rstrip(".") for one in told if one),
        category=change["kind"],
    )
