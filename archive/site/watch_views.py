"""Watches: those that everybody may see, and what each was told, as a page, as JSON and as a feed.

The operator's own view (`serve --working`) has all of them, as their files say now.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from archive.counted import counted
from archive.release.listing import last_refusal
from archive.research.changes import is_mark
from archive.research.rows import Row
from archive.site.answering import error_page
from archive.site.atom import MEDIA_TYPE, Entry, Feed, write_feed
from archive.site.rendering import Site
from archive.store.journal import Journal
from archive.watches.listing import list_hits
from archive.watches.model import Watch
from archive.watches.outbox import stopped_in
from archive.watches.public import watches_in
from archive.watches.terms import kind_of
from archive.watches.turns import Turn, states_behind, turns_of
from archive.watches.watch_file import Watches, read_watches


async def show_watches(site: Site, request: Any) -> Response:
    """Answer /watches and /watches.json."""
    held = await _watches(site)
    rows = [{"name": one.name, "title": one.title, "address": f"/watches/{one.name}", "terms": len(one.terms),
             "public": one.public} for one in held.held]  # fmt: skip
    problems = [f"{one.subject}: {one.detail}" for one in held.problems] + await _stopped(site)
    if request.url_vars.get("format"):
        return await site.data({"watches": rows, "problems": problems})
    return await site.page(request, "archive_watches.html", watches=rows, problems=problems)


async def show_watch(site: Site, request: Any) -> Response:
    """Answer /watches/NAME, .json and .atom: what it asks for, what it was told, and how its sources are."""
    watch = (await _watches(site)).named(request.url_vars["name"])
    form = request.url_vars.get("format") or ""
    if watch is None:
        return await error_page(site, request, 404, "No such watch", "No watch that everybody may see is called so.")
    before = (request.args.get("before") or "").strip()
    if before and not is_mark(before):
        return await error_page(site, request, 400, "That can't be answered",
                                "What follows is asked for by the address at the end of the page before.")  # fmt: skip
    today, refused = _today(), await refusal(site)

    def question(connection: sqlite3.Connection) -> Row:
        states = states_behind(connection, watch, today, refused)
        turns = turns_of(connection, states, today, refused) if not before else []
        return {
            **list_hits(connection, watch, before),
            "sources": [asdict(state) for state in states],
            "turns": [asdict(turn) for turn in turns],
            "built": built(connection),
        }

    found = await site.search(question, ("watch", watch, before, today, refused))
    following = _path(site, watch, form, found["next"]) if found["next"] else ""
    if form == ".atom":
        return Response(_feed(site, watch, before, found, following).decode(), content_type=MEDIA_TYPE)
    told = {
        "name": watch.name, "title": watch.title, "terms": [_term(term) for term in watch.terms],
        "filters": {name: list(values) for name, values in watch.filters.items()}, "kinds": list(watch.kinds),
        "public": watch.public, "hits": found["hits"], "total": found["total"], "sources": found["sources"],
    }  # fmt: skip
    if form == ".json":
        return await site.data({**told, "next": site.address + following if following else ""})
    feed, data = _path(site, watch, ".atom"), _path(site, watch, ".json", before)
    return await site.page(request, "archive_watch.html", watch=told, following=following, feed=feed, data=data)


async def refusal(site: Site) -> Mapping[str, Any] | None:
    """Return why no release was built since the newest, where that can be told here."""
    return await asyncio.to_thread(last_refusal, site.serving.releases) if site.serving is not None else None


def built(connection: sqlite3.Connection) -> str:
    """Return when what is served was built; no feed of it was as it is before."""
    row = connection.execute("SELECT value FROM about WHERE key = 'built'").fetchone()
    return str(row[0]) if row else ""


def turn_entry(turn: Row, base: str) -> Entry:
    """Return a feed's entry that says how a source is."""
    return Entry(turn["name"], turn["title"], turn["at"], f"{base}/sources", turn["sentence"], "source")


async def turn_entries(site: Site, watch: Watch) -> list[Entry]:
    """Return the entries by which a feed says how the sources are that a question, written as a watch, hears of."""
    today, refused = _today(), await refusal(site)

    def question(connection: sqlite3.Connection) -> list[Turn]:
        return turns_of(connection, states_behind(connection, watch, today, refused), today, refused)

    return [turn_entry(asdict(turn), site.address) for turn in await site.read(question)]


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


async def _watches(site: Site) -> Watches:
    """Return the watches that may be shown: all of the files to the operator, else those of the release."""
    if site.working and site.folder is not None:
        return await asyncio.to_thread(read_watches, site.folder)
    return Watches(tuple(await site.read(watches_in)))


async def _stopped(site: Site) -> list[str]:
    """Return which destinations get no messages any more; to the operator alone, who can change it."""
    if not site.working or site.folder is None:
        return []
    journal = Journal(site.folder)
    return [
        f"{one.to} is sent nothing since {one.stopped} ({one.reason}); `oversight deliver --resume '{one.to}'` goes on"
        for one in stopped_in(await asyncio.to_thread(journal.read))
    ]


def _term(term: str) -> Row:
    return {"term": term, "kind": kind_of(term), "search": f"/search?{urlencode({'q': _query(term)})}"}


def _query(term: str) -> str:
    """Return a term as the search takes it: several words are a phrase."""
    if kind_of(term) == "vendor":
        return f'vendor:"{term.partition(":")[2].strip().strip(chr(34))}"'
    return term if kind_of(term) == "identifier" or '"' in term or " " not in term else f'"{term}"'


def _path(site: Site, watch: Watch, form: str, before: str = "") -> str:
    asked = [("before", before)] if before else []
    if site.as_of is not None:
        asked.append(("as_of", str(site.as_of)))
    return f"/watches/{watch.name}{form}" + (f"?{urlencode(asked)}" if asked else "")


def _feed(site: Site, watch: Watch, before: str, found: Row, following: str) -> bytes:
    base = site.address
    feed = Feed(
        name=f"watch {watch.name}",
        title=f"{watch.title} · {site.about.name}",
        author=site.about.name,
        link=base + _path(site, watch, ""),
        own=base + _path(site, watch, ".atom", before),
        more=base + following if following else "",
        updated=found["built"],
    )
    entries = [turn_entry(turn, base) for turn in found["turns"]]
    return write_feed(feed, [*entries, *(_entry(base, hit) for hit in found["hits"])])


def _entry(base: str, hit: Row) -> Entry:
    told = [hit["number"], hit["summary"]]
    told += [f"{place['term']}{_on(place)}: {place['words']}" for place in hit["places"]]
    if hit["more"]:
        told.append(f"and {counted(hit['more'], 'more place')}")
    if hit["difference"]:
        told.append(f"What changed: {base}{hit['difference']}")
    return Entry(
        name=f"hit {hit['id']}",
        title=f"{hit['words']}: {hit['title'] or hit['number'] or hit['document']}",
        updated=hit["at"],
        link=base + (hit["places"][0]["address"] if hit["places"] else hit["address"]),
        summary="\n".join(filter(None, told)),
        category=hit["kind"],
    )


def _on(place: Row) -> str:
    page = f", page {place['page']}" if place["page"] else ""
    return f" ({place['change']}{page})" if place["change"] else page
