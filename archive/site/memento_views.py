"""Captures by their address and instant (RFC 7089): TimeGate, TimeMaps, the bytes, and the page around them."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from datasette.utils.asgi import Response

from archive.mementos.asking import Absent, Asked, is_meant, look_up, parse_address, parse_asked
from archive.mementos.instants import parse_http
from archive.mementos.linking import (
    LINK_FORMAT,
    links_of_choice,
    links_of_original,
    timemap_json,
    timemap_link,
    to_json,
)
from archive.mementos.sent_headers import is_shown
from archive.mementos.timeline import Memento, Timeline, exact_path, in_path
from archive.research.lookups import documents_by_address
from archive.research.rows import Row
from archive.site import security
from archive.site.rendering import Site
from archive.site.replaying import NO_ADDRESS, Refused, Replay, Sent, refusal_of
from archive.site.withdrawal_views import said_of, show_gone

# How many other captures the page around one names, to either side.
AROUND = 12
_PAGED = re.compile(r"(?:([0-9]{1,6})/)?(.*)", re.DOTALL)


def _rest(request: Any, route: str) -> str:
    """Return what follows a route as it was sent: percent-encoded, with its query."""
    raw: bytes = request.scope.get("raw_path") or request.path.encode()
    path, query = raw.decode("latin-1").partition("?")[0], str(request.query_string)
    return path[path.index(route) + len(route) :] + (f"?{query}" if query else "")


def _replay(site: Site) -> Replay:
    return Replay(site.read, site.folder, site.origins, whole=site.working, apart=False)


async def give_capture(site: Site, request: Any) -> Response | Sent:
    """Answer /web/…: by leading to the captures' own origin, or, where there is none, with the bytes, in a sandbox."""
    rest = _rest(request, "/web/")
    asked = parse_asked(rest)
    if asked is not None and site.origins.replay:
        line, found = await _replay(site).find(asked)
        if isinstance(found, Memento):
            links = ", ".join(links_of_original(site.origins, asked.url))
            return Sent(302, [("Location", site.origins.of_memento(_path(line, asked, found))), ("Link", links)])
        return await _refuse(site, request, refusal_of(found, asked.url))
    answer = await _replay(site).give(rest, lambda name: request.headers.get(name, ""))
    return answer if isinstance(answer, Sent) else await _refuse(site, request, answer)


def _path(line: Timeline, asked: Asked, found: Memento, route: str = "web") -> str:
    """Return the path of a memento, with its capture's id where the request had it."""
    named = asked.capture and is_meant(line, asked, found)
    return exact_path(found, route) if named else line.path(found, route)


async def choose_capture(site: Site, request: Any) -> Response | Sent:
    """Answer /timegate/URL: lead to the capture nearest to Accept-Datetime, to the newest without it (RFC 7089 4.1)."""
    url = parse_address(_rest(request, "/timegate/"))
    if url is None:
        return await _refuse(site, request, NO_ADDRESS)
    wanted = request.headers.get("accept-datetime", "")
    instant = parse_http(wanted) if wanted else ""
    vary = ("Vary", "accept-datetime")
    if instant is None:
        told = "Accept-Datetime is no date as HTTP writes it, such as: Fri, 26 Jan 2018 15:00:00 GMT\n"
        return Sent(400, [("Content-Type", "text/plain; charset=utf-8"), vary], told.encode())
    line, found = await _replay(site).find(Asked(url, instant))
    if isinstance(found, Absent):
        return await _refuse(site, request, refusal_of(found, url), vary)
    links = ", ".join(links_of_choice(site.origins, line, found))
    return Sent(302, [("Location", site.origins.of_memento(line.path(found))), vary, ("Link", links)])


async def list_captures(site: Site, request: Any) -> Response | Sent:
    """Answer /timemap/link/URL and /timemap/json/URL, of long lists also /timemap/link/2/URL (RFC 7089 5)."""
    form = request.url_vars["form"]
    paged = _PAGED.fullmatch(_rest(request, f"/timemap/{form}/"))
    page, url = (int(paged[1] or 1), parse_address(paged[2])) if paged else (1, None)
    if url is None:
        return await _refuse(site, request, NO_ADDRESS)
    line, found = await _replay(site).find(Asked(url))
    if isinstance(found, Absent):
        return await _refuse(site, request, refusal_of(found, url))
    try:
        if form == "json":
            told = {**timemap_json(site.origins, line, page), "release": site.release_name}
            return Sent(200, [("Content-Type", "application/json; charset=utf-8")], to_json(told).encode())
        return Sent(200, [("Content-Type", LINK_FORMAT)], timemap_link(site.origins, line, page).encode())
    except IndexError:
        return await _refuse(site, request, Refused(404, "no-page", "Not found", "This list has fewer pages.", url))


async def show_capture(site: Site, request: Any) -> Response | Sent:
    """Answer /captures/INSTANT/URL: one capture in a frame, with all that is known of it and what stands around it."""
    asked = parse_asked(_rest(request, "/captures/"))
    if asked is None:
        return await _refuse(site, request, NO_ADDRESS)

    def question(connection: sqlite3.Connection) -> tuple[Timeline, Memento | Absent, list[Row]]:
        line, found = look_up(connection, asked, whole=site.working)
        return line, found, documents_by_address(connection, asked.url)

    line, found, documents = await site.read(question)
    if isinstance(found, Absent):
        return await _refuse(site, request, refusal_of(found, asked.url))
    if not is_meant(line, asked, found):
        return Sent(302, [("Location", str(site.datasette.urls.path(line.path(found, "captures"))))])
    origins = site.origins
    answer = await site.page(
        request,
        "archive_capture.html",
        memento=found,
        status=found.content[1],
        shown=is_shown(found.row["media_type"]) and not 300 <= found.content[1] < 400,
        place=(origins.replay or "") + exact_path(found, "web"),
        led_to=_led_to(found),
        around=_around(line, found),
        count=len(line.mementos),
        position=line.mementos.index(found) + 1,
        newest=line.path(line.newest(), "captures"),
        timemap=f"/timemap/link/{in_path(asked.url)}",
        documents=documents,
    )
    answer.headers["Content-Security-Policy"] = security.frame_policy(origins.replay)
    answer.headers["Link"] = ", ".join(links_of_original(origins, found.url))
    return answer


def _led_to(found: Memento) -> str:
    """Return the path at which the capture of where a redirect led is shown, "" where it is none."""
    location = found.row["location"]
    if not location or parse_address(location) is None:
        return ""
    return f"/captures/{''.join(one for one in found.at if one.isdigit())}/{in_path(location)}"


def _around(line: Timeline, found: Memento) -> list[Row]:
    place = line.mementos.index(found)
    near = line.mementos[max(place - AROUND, 0) : place + AROUND + 1]
    return [{"at": one.at, "path": line.path(one, "captures"), "status": one.content[1], "is_it": one is found,
             "same": one.content == found.content, "provenance": one.row["provenance"]} for one in near]  # fmt: skip


async def _refuse(site: Site, request: Any, refused: Refused, *more: tuple[str, str]) -> Response:
    """Say why there is no capture, as a page; for programs the outcome's name is in a header."""
    if request.path.startswith("/timemap/json/"):
        answer = await _refuse_as_data(site, refused)
    elif refused.withdrawal is not None:
        answer = await show_gone(site, request, refused.withdrawal)
    else:
        answer = await site.page(request, "archive_not_shown.html", refused.status, refused=refused)
    answer.headers.update({"Oversight-Outcome": refused.name, **dict(more)})
    return answer


async def _refuse_as_data(site: Site, refused: Refused) -> Response:
    told = {"ok": False, "status": refused.status, "title": refused.title, "error": refused.message}
    if refused.withdrawal is not None:
        return await site.data(told | {"error": said_of(refused.withdrawal), "withdrawal": refused.withdrawal}, 410)
    return await site.data(told | {"outcome": refused.name}, refused.status)


def links_of_document(site: Site, document: Row) -> dict[str, str]:
    """Return the header by which a document's page leads to the captures of its original address."""
    if document["kind"] == "article" or parse_address(document["url"] or " ") is None:
        return {}
    return {"Link": ", ".join(links_of_original(site.origins, document["url"]))}
