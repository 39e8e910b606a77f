"""The badges of the sources, and that of all of them: how they are, for other pages to show."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.nights import last_night
from archive.release.listing import last_refusal
from archive.research.lookups import list_sources
from archive.research.rows import Row
from archive.site.badges import BAD, GOOD, LOOK, UNKNOWN, Badge
from archive.site.rendering import Site

_STATES = {"ok": GOOD, "failing": LOOK, "interrupted": LOOK, "never run": UNKNOWN}


async def show_badge(site: Site, request: Any) -> Response:
    """Answer /badge.svg and .json, of all sources; /sources/NAME.svg and .json, of one.

    A badge goes by the release that is served and, where it is later, by the last night: one that built no release
    says so here at once.
    """
    name = request.url_vars.get("name")
    sources = await site.read(list_sources)
    night, refused = None, None
    if site.serving is not None and site.as_of is None:
        night = await asyncio.to_thread(last_night, site.serving.releases)
        refused = await asyncio.to_thread(last_refusal, site.serving.releases)
    if name is None:
        badge = of_all(sources, night, refused)
    elif found := next((one for one in sources if one["name"] == name), None):
        badge = of_source(found, night)
    else:
        raise NotFound("No such source")
    return _answered(request, badge)


def of_source(source: Row, night: Row | None) -> Badge:
    """Return a source's badge: how its last run went, and the day of the last run."""
    health, day = source["health"], (source["last_run"] or "")[:10]
    last = _of_night(night, source["name"])
    if last is not None and str(night and night["night"]) >= day:
        health, day = last, str(night and night["night"])
    return Badge(source["name"], f"{health}, {day}" if day else health, _STATES.get(health, UNKNOWN))


def _of_night(night: Row | None, name: str) -> str | None:
    """Return how a source's run of the last night went; None where it had none."""
    run = next((one for one in (night or {}).get("sources") or () if one["name"] == name), None)
    if run is None:
        return None
    if run["status"] not in {"finished", "limit", "budget", "failed"}:
        return "interrupted"
    return "failing" if run["failures"] else "ok"


def of_all(sources: list[Row], night: Row | None, refused: Row | None) -> Badge:
    """Return the badge of the whole archive."""
    badges = [of_source(one, night) for one in sources if one["run"] is not None or _of_night(night, one["name"])]
    if since := refused["at"] if refused else _held_back(night):
        return Badge("archive", f"no release since {since[:10]}", BAD)
    if not badges:
        return Badge("archive", "nothing yet", UNKNOWN)
    ill = sum(badge.state != GOOD for badge in badges)
    if ill:
        return Badge("archive", f"{ill} of {len(badges)} sources need a look", LOOK)
    return Badge("archive", f"{len(badges)} source{'s'[: len(badges) != 1]} ok", GOOD)


def _held_back(night: Row | None) -> str:
    """Return on which night a release was held back by a gate, where that was the last one; else ""."""
    release = (night or {}).get("release") or {}
    return str(night["night"]) if night and release.get("closed") else ""


def _answered(request: Any, badge: Badge) -> Response:
    """Return a badge; who has this very one is told so."""
    is_svg = request.url_vars["format"] == ".svg"
    body = badge.svg() if is_svg else json.dumps(badge.data(), ensure_ascii=True, indent=1) + "\n"
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    if tag in request.headers.get("if-none-match", ""):
        return Response("", status=304, headers={"ETag": tag})
    kind = "image/svg+xml; charset=utf-8" if is_svg else "application/json; charset=utf-8"
    return Response(body, headers={"ETag": tag}, content_type=kind)
