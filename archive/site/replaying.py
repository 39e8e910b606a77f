"""Gives a capture as it was captured, and says why where it doesn't; both origins answer /web/… by it.

It asks the release that a request is pinned to which capture may be shown, and the archive's folder for its bytes.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.mementos.asking import Absent, Asked, is_meant, look_up, parse_asked
from archive.mementos.linking import Origins, links_of_original
from archive.mementos.sent_headers import Headers, headers_of, status_of
from archive.mementos.stored_bytes import BytesDamaged, BytesNotHeld, Given, NoBytes, read_bytes
from archive.mementos.timeline import Memento, Timeline, in_path
from archive.research.rows import Row
from archive.site import security

log = logging.getLogger("oversight.site")

Found = tuple[Timeline, Memento | Absent]
# A capture is held in memory while it is read and sent: so many at a time.
_readers = ThreadPoolExecutor(3, thread_name_prefix="captures")
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")
# A picture or a style sheet of a page that is shown is given at once: a page that may have connections to one origin
# only (archive/site/security.py) can't be led on within it.
_PARTS = frozenset({"image", "style"})
_VARY = ("Vary", "Sec-Fetch-Dest")
_WHY = {
    "not-captured": (404, "Not captured", "This archive holds no capture of this address that shows what stood there."),
    "not-shown": (
        403,
        "Not shown here",
        "This archive holds captures of this address, and doesn't show them: an article belongs to its publisher, a "
        "record is published without the contacts that stand in it, and some answers don't say what stood there. "
        "What is published of it is found by its address.",
    ),
}


@dataclass(frozen=True, slots=True)
class Sent:
    """An answer as it goes out."""

    status: int
    headers: Headers
    body: bytes = b""

    async def asgi_send(self, send: Any) -> None:
        """Send it."""
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in self.headers]
        raw.append((b"content-length", str(len(self.body)).encode()))
        await send({"type": "http.response.start", "status": self.status, "headers": raw})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(frozen=True, slots=True)
class Refused:
    """Why there is no capture to give: a status, the outcome's name, and words for people; `url` is the original."""

    status: int
    name: str
    title: str
    message: str
    url: str = ""
    withdrawal: Row | None = None


NO_ADDRESS = Refused(404, "no-address", "Not found", "What stands at the end of this address is no address of the web.")


@dataclass(frozen=True, slots=True)
class Replay:
    """Captures of one archive. `read` asks what the request is pinned to; `folder` has the bytes, if it is known.

    `whole` is the operator's view. `apart` tells whether the answer is given on the captures' own origin.
    """

    read: Callable[[Callable[[sqlite3.Connection], Found]], Awaitable[Found]]
    folder: Path | None
    origins: Origins
    whole: bool
    apart: bool

    async def find(self, asked: Asked) -> Found:
        """Return the memento that is meant, or why there is none."""
        return await self.read(lambda connection: look_up(connection, asked, whole=self.whole))

    async def give(self, rest: str, wanted: Callable[[str], str]) -> Sent | Refused:
        """Answer /web/REST; `wanted` gives the request's headers."""
        asked = parse_asked(rest)
        if asked is None:
            return NO_ADDRESS
        line, found = await self.find(asked)
        if isinstance(found, Absent):
            return refusal_of(found, asked.url)
        meant, is_part = is_meant(line, asked, found), wanted("sec-fetch-dest") in _PARTS
        if not meant and not is_part:
            return self._led_to(line, found)
        try:
            given = await self._bytes(found)
        except NoBytes as none:
            return self._without_bytes(none, found)
        return self._shown(found, given, wanted, [] if meant else [("Content-Location", line.path(found)), _VARY])

    async def _bytes(self, memento: Memento) -> Given:
        if self.folder is None:
            raise BytesNotHeld("This server doesn't hold the bytes of captures.")
        return await asyncio.get_running_loop().run_in_executor(_readers, read_bytes, self.folder, memento)

    def _led_to(self, line: Timeline, found: Memento) -> Sent:
        """Lead to the memento that is meant, by a path of the same origin (RFC 7089 4.5.7)."""
        links = ", ".join(links_of_original(self.origins, line.asked))
        headers = [("Location", line.path(found)), ("Link", links), ("Content-Type", "text/plain; charset=utf-8")]
        return Sent(302, [*headers, _VARY, *self._guards()])

    def _without_bytes(self, none: NoBytes, memento: Memento) -> Refused:
        if isinstance(none, BytesDamaged):
            log.error("capture %s: %s (%s)", memento.capture, none, none.__cause__ or "its digest")
            told = f"{none} The operator is told: `oversight verify` names what is damaged."
            return Refused(500, none.name, "Damaged", told, memento.url)
        return Refused(501, none.name, "Not held here", str(none), memento.url)

    def _shown(self, memento: Memento, given: Given, wanted: Callable[[str], str], more: Headers) -> Sent:
        status = status_of(memento, given)
        links = ", ".join(links_of_original(self.origins, memento.url))
        headers = [*headers_of(memento, given, status), ("Link", links), *more, *self._guards()]
        tag = dict(headers)["ETag"]
        if tag in wanted("if-none-match"):
            return Sent(304, [one for one in headers if not one[0].startswith("Content-Type")])
        if status != 200:
            return Sent(status, headers, given.body)
        return ranged(headers, given.body, wanted, tag)

    def _guards(self) -> Headers:
        own = self.origins.replay if self.apart else self.origins.main
        # A document without an origin is another's to its own pictures. On the operator's machine no other site's
        # page may have them.
        sharing = "same-origin" if self.whole else "cross-origin"
        framing = [] if self.apart else [("X-Frame-Options", "SAMEORIGIN")]
        return [
            ("Content-Security-Policy", security.replay_policy(own, self.origins.main)),
            ("Connection-Allowlist", security.connection_policy(own)),
            ("Cross-Origin-Resource-Policy", sharing),
            ("Cache-Control", "no-store" if self.whole else "no-cache"),
            *security.REPLAY_HEADERS,
            *framing,
        ]


def refusal_of(absent: Absent, url: str) -> Refused:
    """Return how it is said that there is nothing to show of an address."""
    if absent.withdrawal is not None:
        return Refused(410, absent.name, "Withdrawn", "", url, absent.withdrawal)
    status, title, message = _WHY[absent.name]
    return Refused(status, absent.name, title, message, url)


def original_link(url: str) -> str:
    """Return an original address as it may stand in a link."""
    return in_path(url)


def ranged(headers: Headers, body: bytes, wanted: Callable[[str], str], tag: str) -> Sent:
    """Return a body, or the one part of it that is asked for (RFC 9110 14): what is more than one part is all of it."""
    headers = [*headers, ("Accept-Ranges", "bytes")]
    asked = _RANGE.fullmatch(wanted("range").replace(" ", ""))
    if asked is None or (asked[1], asked[2]) == ("", "") or wanted("if-range") not in ("", tag):
        return Sent(200, headers, body)
    first = int(asked[1]) if asked[1] else max(len(body) - int(asked[2]), 0)
    last = min(int(asked[2]), len(body) - 1) if asked[1] and asked[2] else len(body) - 1
    if asked[1] and asked[2] and int(asked[2]) < first:
        return Sent(200, headers, body)
    if first > last:
        return Sent(416, [*headers, ("Content-Range", f"bytes */{len(body)}")])
    return Sent(206, [*headers, ("Content-Range", f"bytes {first}-{last}/{len(body)}")], body[first : last + 1])
