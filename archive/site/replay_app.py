"""The origin on which captures are shown: an application of its own that knows two addresses, and has no other power.

It answers from the release that the archive's site serves at that moment. It sets no cookie, reads none, writes
nothing, and asks nobody.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

from datasette.utils import sqlite_timelimit
from markupsafe import Markup

from archive.mementos.linking import Origins
from archive.release.checked import ReleaseRefused
from archive.site import security
from archive.site.answering import is_from_here, is_unsound
from archive.site.rendering import TIME_LIMIT_MS
from archive.site.replaying import Refused, Replay, Sent, original_link
from archive.site.serving import Serving
from archive.site.withdrawal_views import said_of

log = logging.getLogger("oversight.site")

Result = TypeVar("Result")

_ROUTE = "/web/"
_HTML = "text/html; charset=utf-8"
_PLAIN = "text/plain; charset=utf-8"
_PAGE = Markup(
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><p>{message}</p>{links}</body></html>\n"
)
_FRONT = (200, "Captures", "Captures are shown here as they were captured, apart from the archive that keeps them.")
_NOTHING = (404, "Not found", "There is nothing at this address.")
_ROBOTS = b"User-agent: *\nDisallow: /\n"


class ReplayApp:
    """An ASGI application beside the archive's own; `serving` is what that one answers from."""

    def __init__(self, serving: Serving, origins: Origins) -> None:
        self.serving, self.origins = serving, origins
        self.replay = Replay(self._read, serving.releases.archive, origins, whole=serving.working, apart=True)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request; an error of ours is told without its innards."""
        if scope["type"] == "lifespan":
            await _start_and_stop(receive, send)
        elif scope["type"] == "http":
            try:
                answer = await self._answer(scope)
            except Exception:
                log.exception("%s %s", scope["method"], ascii(scope["path"]))
                answer = self._page(Refused(500, "failed", "Something went wrong here", "It was logged."))
            await answer.asgi_send(send)

    async def _answer(self, scope: Any) -> Sent:
        path, asked = _target(scope)
        if (refusal := self._refusal(scope)) is not None:
            return refusal
        if path.startswith(_ROUTE):
            return await self._capture(asked, scope)
        if path == "/robots.txt":
            return self._said(200, _PLAIN, _ROBOTS)
        status, title, message = _FRONT if path == "/" else _NOTHING
        return self._page(Refused(status, "", title, message))

    def _refusal(self, scope: Any) -> Sent | None:
        if scope["method"] not in ("GET", "HEAD"):
            return self._said(405, _PLAIN, b"This address can only be read.\n", ("Allow", "GET, HEAD"))
        if is_unsound(scope):
            return self._said(404, _PLAIN, b"There is nothing at this address.\n")
        if self.serving.working and not is_from_here(scope):
            told = b"The working archive is shown on this machine only, and through no proxy.\n"
            return self._said(403, _PLAIN, told)
        return None

    async def _capture(self, rest: str, scope: Any) -> Sent:
        def wanted(name: str) -> str:
            return ", ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name.encode())

        try:
            async with self.serving.pinned(None) as pin:
                if self.serving.closed:
                    return self._said(503, _PLAIN, b"Nothing is published here at the moment.\n")
                if pin.file.number is None and not is_from_here(scope):
                    return self._said(503, _PLAIN, b"Nothing is published here yet.\n")
                answer = await self.replay.give(rest, wanted)
        except ReleaseRefused:
            return self._said(503, _PLAIN, b"Nothing can be read here at the moment.\n")
        return answer if isinstance(answer, Sent) else self._page(answer)

    async def _read(self, question: Callable[[sqlite3.Connection], Result]) -> Result:
        """Ask what the request is pinned to, in a thread."""
        connections = self.serving.pin.file.connections

        def asked() -> Result:
            with connections.lent() as connection, sqlite_timelimit(connection, TIME_LIMIT_MS):
                return question(connection)

        return await asyncio.to_thread(asked)

    def _page(self, refused: Refused) -> Sent:
        """Return a page of ours on this origin: as few words as will do."""
        message = said_of(refused.withdrawal) if refused.withdrawal else refused.message
        link = Markup('<p><a href="{}" rel="noreferrer">{}</a></p>')
        links = [link.format(original_link(refused.url), refused.url)] if refused.url and refused.status != 410 else []
        links += [link.format(f"{self.origins.main}/", "The archive")] if self.origins.main else []
        body = _PAGE.format(title=refused.title, message=message, links=Markup().join(links))
        return self._said(
            refused.status, _HTML, body.encode(), *([("Oversight-Outcome", refused.name)] if refused.name else [])
        )

    def _said(self, status: int, content_type: str, body: bytes, *more: tuple[str, str]) -> Sent:
        policy = "sandbox; default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors "
        headers = [
            ("Content-Type", content_type),
            ("Content-Security-Policy", policy + security.framed_by(self.origins.main)),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Cache-Control", "no-store" if self.serving.working else "no-cache"),
            *security.REPLAY_HEADERS,
            *more,
        ]
        return Sent(status, headers, body)


def _target(scope: Any) -> tuple[str, str]:
    """Return a request's path, and all that follows the route, as it was sent: percent-encoded, with its query."""
    path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
    query = scope["query_string"].decode("latin-1")
    return path, path.removeprefix(_ROUTE) + (f"?{query}" if query else "")


async def _start_and_stop(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
