"""What was published and when: the releases, their manifests and time-stamps, and what the archive says of itself."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from typing import Any

from datasette.utils.asgi import NotFound, Response

from archive.release.listing import last_refusal, list_releases
from archive.research.lookups import count_all
from archive.research.rows import Row, select
from archive.site.rendering import Site

# A page has so many releases; the JSON has all.
PAGE_SIZE = 50


async def show_releases(site: Site, request: Any) -> Response:
    """Answer /releases and /releases.json."""
    found: Row = {"current": None, "refused": "", "gate_failure": None, "releases": []}
    if site.serving is not None:
        withdrawn = await site.read(_withdrawals)
        listed = await asyncio.to_thread(list_releases, site.serving.releases)
        found["current"], found["refused"] = site.serving.current.number, _public(site, site.serving.refused)
        found["gate_failure"] = await asyncio.to_thread(last_refusal, site.serving.releases)
        found["releases"] = [{**row, "withdrawn_since": _since(row, withdrawn)} for row in listed]
    if request.url_vars.get("format"):
        return await site.data(found)
    before = request.args.get("before") or ""
    rows = [row for row in found["releases"] if not before.isdecimal() or row["number"] < int(before[:9])]
    more = rows[PAGE_SIZE - 1]["number"] if len(rows) > PAGE_SIZE else None
    return await site.page(request, "archive_releases.html", **{**found, "releases": rows[:PAGE_SIZE]}, before=more)


def _withdrawals(connection: sqlite3.Connection) -> list[Row]:
    """Return the public log of what was withdrawn, as the release at hand has it."""
    if not select(connection, "SELECT 1 FROM sqlite_master WHERE name = 'withdrawals'"):
        return []
    return select(connection, "SELECT * FROM withdrawals ORDER BY number")


def _since(release: Row, withdrawn: list[Row]) -> int | None:
    """Return how many things were withdrawn after a release was built, and still are; None where it says no instant."""
    built = _instant(release.get("built", ""))
    if built is None:
        return None
    return sum((_instant(row["at"]) or built) > built and not row["undone"] for row in withdrawn)


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _public(site: Site, reason: str) -> str:
    """Return a reason without where the archive lies on this machine."""
    return reason.replace(f"{site.serving.releases.archive}/", "") if site.serving else reason


async def show_release_file(site: Site, request: Any) -> Response:
    """Answer /releases/N.json, a manifest as it was built, byte for byte, and /releases/N.tsr, its time-stamp.

    Of a release that was made again, the earlier ones are at /releases/N.DIGEST.json and .tsr: the next release's
    manifest names the first of them.
    """
    number, ending = int(request.url_vars["number"]), request.url_vars["ending"]
    name = f"{number}{request.url_vars['earlier'] or ''}.{ending}"
    if site.serving is None or number not in site.serving.releases.numbers():
        raise NotFound("No such release")
    path = site.serving.releases.folder / name
    try:
        body = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise NotFound("No such file") from error
    kind = "application/json" if ending == "json" else "application/timestamp-reply"
    named = {"content-disposition": f'attachment; filename="release-{name}"'} if ending == "tsr" else {}
    return Response(body, headers=named, content_type=kind)


async def show_about(site: Site, request: Any) -> Response:
    """Answer /about and /about.json: whose archive this is, and what of it is shown."""
    counts = await site.read(count_all)
    about = {"name": site.about.name, "contact": site.about.contact, "address": site.about.address}
    if request.url_vars.get("format"):
        return await site.data({**about, **counts})
    return await site.page(request, "archive_about.html", counts=counts)
