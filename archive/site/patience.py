"""How long the site waits for one connection: a request that comes byte by byte, or a reader who reads so, isn't kept.

uvicorn itself waits for ever for the end of a request that has begun. It knows of connections, and nothing of the site.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

# So long may a request take to be sent, and its answer to be read: a table of a hundred megabytes is, in that time, by
# a reader with 1.3 Mbit a second. A proxy takes it at once, whoever reads.
SENDING, READING = 15.0, 600.0
# The line and the headers of a request; a body is counted where it is read.
MOST_HEAD = 32 << 10
IDLE = 5
FILES = 8192
_BODIES = {b"content-length", b"transfer-encoding"}


class Impatient(H11Protocol):
    """One connection, which is closed when a request or the reading of its answer takes too long."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._wait(SENDING)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._wait(None)
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Take in what came; when it is a whole request, its answer has its own time."""
        before = self.conn.their_state
        super().handle_events()
        if before in (h11.IDLE, h11.SEND_BODY) and self.conn.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED):
            self._wait(READING)

    def on_response_complete(self) -> None:
        """Wait for the next request; of a connection on which something with a body came, there is none.

        So what a proxy takes for a body, and we for a request, is never answered (smuggling, RFC 9112 11.2).
        """
        self._wait(SENDING)
        if self.scope["method"] not in ("GET", "HEAD") or _BODIES & {name for name, _ in self.scope["headers"]}:
            self.transport.close()
        super().on_response_complete()

    def _wait(self, seconds: float | None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)


def allow_many_files() -> None:
    """Let this process have more connections at a time than the 1,024 that many systems begin with."""
    with contextlib.suppress(OSError, ValueError):
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
