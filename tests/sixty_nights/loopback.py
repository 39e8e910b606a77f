"""The publishers' servers, on one port of loopback: they answer by host and address, and note what each was told.

What stands in an answer's place on a night is asked of `weather`; the log is all that an archive can know.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from tests.sixty_nights.publishers import OF_HOST, Page, Publishers


@dataclass(frozen=True)
class Reply:
    """What is sent, after `wait` seconds; `cut` ends the connection after so many bytes of the body, -1 before all."""

    status: int = 200
    body: bytes = b""
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    wait: float = 0.0


@dataclass(frozen=True)
class Said:
    """One exchange: on which night who was asked for what, and what came. `page` is what the server has there, None
    for nothing; `whole` tells whether just that was sent, `unchanged` that it was called unchanged; `fault` is what
    stood in its place."""

    night: int
    source: str
    path: str
    status: int
    page: Page | None
    whole: bool
    unchanged: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Told:
    """One message that a receiver took: on which night, of which watch, under which id, and what it says."""

    night: int
    watch: str
    message: str
    body: Mapping[str, Any]


# What a night lets stand in an answer's place: the fault's name and the reply, or None where all is as it should be.
Weather = Callable[[str, str, Page | None], tuple[str, Reply] | None]


class Loopback:
    """The servers. `night` and `day` are those on which they are asked now."""

    def __init__(self, publishers: Publishers) -> None:
        self.publishers = publishers
        self.weather: Weather = lambda source, path, page: None
        self.night, self.day, self.deaf = 0, "", False
        self.told: list[Told] = []
        self.log: list[Said] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.port: int = self._server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, host: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Work out an answer, and note it."""
        parts, source = urlsplit(target), OF_HOST.get(host, host)
        path = unquote(parts.path)
        with self._lock:
            known = source in OF_HOST.values()
            if path.startswith("/hook/"):
                return self._taken(path.rpartition("/")[2], headers, body)
            page = (
                self.publishers.answer(source, path, parts.query, json.loads(body or b"null"), self.day)
                if known
                else None
            )
            instead = self.weather(source, path, page)
            if instead is not None:
                fault, reply = instead
                said = Said(self.night, source, path, reply.status, page, whole=False, fault=fault)
            else:
                said, reply = self._as_it_should_be(source, path, page, headers)
            self.log.append(said)
        return reply

    def _taken(self, name: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Take a webhook, which is noted; or not, where nobody hears."""
        if self.deaf:
            return Reply(503)
        self.told.append(Told(self.night, name, headers.get("webhook-id", ""), json.loads(body)))
        return Reply(204)

    def _as_it_should_be(
        self, source: str, path: str, page: Page | None, headers: Mapping[str, str]
    ) -> tuple[Said, Reply]:
        if page is None:
            return Said(self.night, source, path, 404, None, whole=False), Reply(404, b"nothing here", "text/plain")
        habit, body = self.publishers.habit(page), page.body
        tag = {"ETag": '"for good"' if habit == "one tag for good" else page.tag}
        if habit == "other bytes each time":
            body, tag = body + b"<!-- %d -->" % len(self.log), {}
        if tag and headers.get("if-none-match") == tag["ETag"]:
            return Said(self.night, source, path, 304, page, whole=True, unchanged=True), Reply(304, headers=tag)
        return Said(self.night, source, path, 200, page, whole=True), Reply(200, body, page.media_type, tag)


def _handler(site: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together: whether a client sees both must not depend on timing

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            fields = {name.lower(): value for name, value in self.headers.items()}
            reply = site.reply(fields.get("host", ""), self.path, fields, body)
            self.close_connection = True
            time.sleep(reply.wait)
            if reply.cut == -1:
                return
            self.send_response_only(reply.status)
            for name, value in {"Content-Type": reply.media_type, **reply.headers}.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(reply.body if reply.cut is None else reply.body[: reply.cut])
                self.wfile.flush()

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
