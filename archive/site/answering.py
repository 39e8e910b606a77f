"""The frame of every answer: which release it is from, its headers, and what is refused before Datasette sees it."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from datasette.utils.asgi import Request, Response

from archive.release.checked import NoSuchRelease, ReleaseRefused
from archive.site import security
from archive.site.explorer import MOST_SHOWN, CutShortError, HarmlessCsv, heeded, is_csv, is_page
from archive.site.rendering import Site
from archive.site.serving import Pin

log = logging.getLogger("oversight.site")

_RELEASE = re.compile(r"release-([1-9][0-9]{0,8})(?:\.[a-z]+)?")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
# What proxies add to say who asked a server that they stand before.
_FORWARDED = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
                        b"x-forwarded-port", b"x-forwarded-prefix", b"x-forwarded-server", b"x-real-ip"})  # fmt: skip
_LOOPBACK = re.compile(rb"(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
# Pages about all releases, which change while one is served.
_OF_MANY = frozenset({"releases", "releases.json", "sources", "sources.json", "badge.svg", "badge.json"})
# The addresses that take a POST, and write nothing (archive/site/batch_views.py, quote_views.py).
_POSTED = frozenset({"search/batch.csv", "quotes", "quotes.json"})
# An original address ends their paths, with its own query: no part of that is for us.
_OF_ADDRESSES = frozenset({"web", "captures", "timegate", "timemap"})
# Of this process: what another version of this program made of a release may look otherwise.
_PROCESS = secrets.token_hex(4)


async def error_page(site: Site, request: Any, status: int, title: str, message: str) -> Response:
    """Return an error as a page, or as JSON where JSON was asked for."""
    if request.path.endswith(".json"):
        return await site.data({"ok": False, "status": status, "title": title, "error": str(message)}, status)
    return await site.page(request, "archive_error.html", status, title=title, message=message)


def is_datasettes(site: Site, path: str) -> bool:
    """Tell whether a path (below the site's base) is one of Datasette's own pages."""
    first, _, rest = path.lstrip("/").partition("/")
    name = first.split(".")[0]
    return (
        name in site.datasette.databases
        or _RELEASE.fullmatch(first) is not None
        or (name == "-" and not rest.startswith("oversight/"))
    )


class Guarded:
    """Datasette's application, as strangers meet it; `site_of` gives its site, None where it serves no archive."""

    def __init__(self, app: Any, datasette: Any, site_of: Callable[[], Site | None]) -> None:
        self.app, self.datasette, self.site_of, self.starting = app, datasette, site_of, asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Datasette starts up on its first request; our own answer to that one must know what is served.
        async with self.starting:
            await self.datasette.invoke_startup()
        site = self.site_of()
        if site is None:
            await self.app(scope, receive, send)
        else:
            await _Answer(site, self.app, scope, send).give(receive)


class _Answer:
    """One request and what is answered."""

    def __init__(self, site: Site, app: Any, scope: Any, send: Any) -> None:
        self.site, self.app, self.send, self.started = site, app, send, False
        self.asked, self.scope = scope, _without_hosts(scope)
        base = site.datasette.setting("base_url")
        self.first, _, self.rest = scope["path"].removeprefix(base.rstrip("/")).lstrip("/").partition("/")
        self.tag = ""
        self.csv: HarmlessCsv | None = None
        if self._is_datasettes():
            self.scope["query_string"] = heeded(self.scope["query_string"], self.scope["path"])

    async def give(self, receive: Any) -> None:
        """Answer; an error of ours is told without its innards."""
        try:
            refusal = self._refusal()
            await (refusal.asgi_send(self._sent) if refusal else self._answer(receive))
            if self.csv and self.csv.broke:
                raise CutShortError("A table was cut short: its file can't be read, or it is larger than is given.")
        except Exception:
            if self.started:
                raise
            log.exception("%s %s", self.scope["method"], ascii(self.scope["path"]))
            await Response.text("Something went wrong here.", status=500).asgi_send(self._sent)

    def _refusal(self) -> Response | None:
        is_sent = self.scope["method"] == "POST" and f"{self.first}/{self.rest}".rstrip("/") in _POSTED
        if self.scope["method"] not in {"GET", "HEAD"} and not is_sent:
            return Response.text("This address can only be read.", status=405, headers={"Allow": "GET, HEAD"})
        if is_unsound(self.scope) or (self.first == "-" and leads_out(self.rest)):
            return Response.text("There is nothing at this address.", status=404)
        if self.site.working and not is_from_here(self.asked):
            return Response.text("The working archive is shown on this machine only, and through no proxy.", status=403)
        return None

    async def _answer(self, receive: Any) -> None:
        try:
            async with self._pinned(self._number()) as pin:
                if pin is not None and is_page(self.scope["path"], self.scope["query_string"]):
                    pin.most_shown = MOST_SHOWN
                self.tag = self._tag()
                if self.site.serving is not None and self.site.serving.closed:
                    told = "Nothing is published here at the moment. The operator knows why: `oversight release build`."
                    await Response.text(told, status=503).asgi_send(self._sent)
                elif pin is not None and pin.file.number is None and not is_from_here(self.asked):
                    # Until there is a release the catalogue answers, with what no release would hold: to nobody else.
                    await Response.text("Nothing is published here yet.", status=503).asgi_send(self._sent)
                elif self.tag and self.tag in _header(self.asked, b"if-none-match"):
                    await Response("", status=304).asgi_send(self._sent)
                else:
                    await self.app(self.scope, receive, self._sent)
        except ReleaseRefused as refused:
            async with self._pinned(None):
                await (await self._told(refused, receive)).asgi_send(self._sent)

    def _pinned(self, number: int | None) -> AbstractAsyncContextManager[Pin | None]:
        """Hold what this request is answered from. Raises ReleaseRefused, at once or when it is entered."""
        if self.site.serving is not None:
            return self.site.serving.pinned(number)
        if number is not None:
            raise NoSuchRelease("There are no releases here.")
        return nullcontext()

    def _number(self) -> int | None:
        """Return the release that the path or `as_of` names. Raises NoSuchRelease for what is no number of one."""
        if found := _RELEASE.fullmatch(self.first):
            return int(found[1])
        if self._is_datasettes() or self.first in _OF_ADDRESSES:
            return None
        named = parse_qs(self.scope["query_string"].decode("latin-1")).get("as_of", [""])[0].strip()
        if named and not _NUMBER.fullmatch(named):
            raise NoSuchRelease("What a figure is asked as of is the number of a release.")
        return int(named) if named else None

    async def _told(self, refused: ReleaseRefused, receive: Any) -> Response:
        """Say why there is no answer as of a release, without where it lies on this machine."""
        request = Request({**self.scope, "csrftoken": lambda: ""}, receive)
        if isinstance(refused, NoSuchRelease):
            told = "It was never built, or is kept no longer. /releases names those that are."
            return await error_page(self.site, request, 404, "No such release", told)
        told = "Its file isn't what its manifest says, or is being made again. Other releases can be read."
        return await error_page(self.site, request, 503, "This release can't be read now", told)

    def _is_datasettes(self) -> bool:
        """Tell whether Datasette's own pages are asked: those of its databases, and those under /-/."""
        return is_datasettes(self.site, f"/{self.first}/{self.rest}")

    def _tag(self) -> str:
        """Return what tells this answer from another at the same address; "" where nothing short would.

        Pages of ours say the same of a release all day (a citation says on which day). Datasette's may end early.
        """
        pin = self.site.pin
        if self.scope["method"] not in {"GET", "HEAD"}:
            return ""
        if pin is None or pin.file.release is None or self._is_datasettes() or self.first in _OF_MANY | _OF_ADDRESSES:
            return ""
        day = datetime.now(UTC).date().isoformat()
        return f'W/"{_PROCESS}-{pin.file.number}-{pin.file.release.manifest_sha256[:16]}-{day}"'

    async def _sent(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message = {**message, "headers": self._headers(message["status"], message.get("headers", []))}
        elif self.csv:
            message = {**message, "body": self.csv.row(message.get("body", b""))}
            if self.csv.broke:
                return  # nor its end: who asked sees that the rest is missing
            await asyncio.sleep(0)  # others have their turn between two rows
        await self.send(message)

    def _headers(self, status: int, headers: Any) -> list[tuple[bytes, bytes]]:
        """Return an answer's headers with ours; what withdrawals must reach soon is asked for anew each time."""
        kept = [(name, value) for name, value in headers]
        if not self._may_be_kept():
            kept = [(name, value) for name, value in kept if name.lower() != b"cache-control" or b"private" in value]
        theirs = self._is_datasettes()
        if theirs and status == 200 and is_csv(self.scope, kept):
            self.csv = HarmlessCsv()
            kept = [(name, value) for name, value in kept if name.lower() != b"content-type"]
            kept.append((b"content-type", b"text/csv; charset=utf-8; header=present"))
        ours = [
            (b"content-security-policy", (self.site.policy if theirs else security.STRICT_POLICY).encode()),
            (b"cache-control", b"no-store" if self.site.working or self.scope["method"] == "POST" else b"no-cache"),
            *security.HEADERS,
        ]
        if told := self.site.release_name:
            ours.append((b"oversight-release", told.encode()))
        if self.tag and status in {200, 304}:
            ours.append((b"etag", self.tag.encode()))
        names = {name.lower() for name, _ in kept}
        return kept + [(name, value) for name, value in ours if name not in names]

    def _may_be_kept(self) -> bool:
        """Tell whether an answer is a file of the program itself, in which nothing of an archive stands."""
        return bool(self.first == "-" and self.rest.startswith(("oversight/", "static")))


def _without_hosts(scope: Any) -> Any:
    """Return a request without what it says of the host that it came to: no address that is shown comes from there."""
    kept = [(name, value) for name, value in scope["headers"] if name not in _FORWARDED and name != b"host"]
    return {**scope, "scheme": "http", "headers": [*kept, (b"host", b"localhost")]}


def _header(scope: Any, wanted: bytes) -> str:
    return ", ".join(value.decode("latin-1") for name, value in scope["headers"] if name == wanted)


def is_from_here(scope: Any) -> bool:
    """Tell whether a request came straight from this machine, and by its name: another's name may lead here too."""
    names = {name for name, _ in scope["headers"]}
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return not names & _FORWARDED and all(_LOOPBACK.fullmatch(host) for host in hosts)


def leads_out(path: str) -> bool:
    """Tell whether a path of a static file names one elsewhere: Datasette looks at that before it refuses to give it.

    It is decoded as Datasette decodes it: once.
    """
    kind, *parts = path.split("/")
    return kind.startswith("static") and any(part in {"", ".", ".."} or "\0" in part for part in parts)


def is_unsound(scope: Any) -> bool:
    """Tell whether a path begins like another host's address (Datasette would redirect to it) or isn't ASCII."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    if not raw.startswith(b"/") or raw.startswith((b"//", b"/\\")):
        return True
    return any(byte > 126 or byte < 33 for byte in raw)
