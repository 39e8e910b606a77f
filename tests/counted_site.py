"""A web site on loopback that answers with validators, and counts what it was asked, when, and what it sent."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """What the site says: `headers` beside the length, which is told unless `headers` tell it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request: when it came (monotonic), what it asked for, with which headers, and what it was answered."""

    at: float
    path: str
    headers: Mapping[str, str]
    status: int
    sent: int


class CountedSite:
    """Serves `pages` by path with an ETag and Last-Modified of their content, and keeps to conditions (RFC 9110 13).

    A page that is a function is called with the request's path, headers (names in lower case) and how often it was
    asked before, and answers all by itself; `default` answers where there is none. `address` is one of loopback's.
    """

    def __init__(
        self, pages: Mapping[str, Reply | Callable[..., Reply]], *, validators: bool = True, address: str = "127.0.0.1"
    ) -> None:
        self.pages = dict(pages)
        self.validators = validators
        self.default: Reply | Callable[..., Reply] = Reply(b"nothing here", 404)
        self.log: list[Asked] = []
        self._times: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((address, 0), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.host = f"{address}:{self.port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reply(self, path: str, headers: Mapping[str, str]) -> Reply:
        """Work out the answer, and note the request."""
        at = time.monotonic()
        with self._lock:
            page = self.pages.get(path.partition("?")[0], self.default)
            before = self._times[path]
            self._times[path] += 1
        reply = page(path, headers, before) if callable(page) else self._validated(page, headers)
        with self._lock:
            self.log.append(Asked(at, path, headers, reply.status, len(reply.body)))
        return reply

    def _validated(self, page: Reply, headers: Mapping[str, str]) -> Reply:
        if not self.validators or page.status != 200:
            return page
        tag = f'"{hashlib.sha256(page.body).hexdigest()[:16]}"'
        said = {"ETag": tag, "Last-Modified": "Mon, 08 Jan 2018 10:00:00 GMT"}
        if headers.get("if-none-match") == tag:
            return Reply(b"", 304, said)
        return Reply(page.body, 200, {**page.headers, **said})

    def asked(self, since: int = 0) -> list[str]:
        """Return the paths asked for, in order, from the request numbered `since` on."""
        return [one.path for one in self.log[since:]]


def _handler(site: CountedSite) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together: whether a client sees both must not depend on timing

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(length)
            reply = site.reply(self.path, {name.lower(): value for name, value in self.headers.items()})
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304 and "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = True

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            """Say nothing."""

    return Handler
