"""The bench's server: answers from memory on loopback in a process of its own, and counts what it was asked.

Run `python -m bench.server PAGES SEED`; it prints its port, and answers /-/begin (forget) and /-/counted (tell).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

from bench.website import website

MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone"


class Counted:
    """What was asked since the last /-/begin."""

    def __init__(self) -> None:
        self.paths: Counter[str] = Counter()
        self.connections = 0
        self.first = 0.0
        self.last = 0.0

    def told(self) -> bytes:
        """Return it as JSON; times are of the clock that all processes share."""
        return json.dumps(
            {"paths": self.paths, "connections": self.connections, "first": self.first, "last": self.last}
        ).encode()


class Server:
    """A website, and who asked for it."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self._answers = {path.encode(): answer for path, answer in answers.items()}
        self._counted = Counted()

    def connection(self) -> Connection:
        """Return what speaks on one more connection."""
        return Connection(self)

    def answer(self, path: bytes) -> bytes:
        """Return the answer's bytes."""
        if path.startswith(b"/-/"):
            return self._control(path)
        now = time.monotonic()
        self._counted.first = self._counted.first or now
        self._counted.last = now
        self._counted.paths[path.decode("latin-1")] += 1
        return self._answers.get(path, MISSING)

    def connected(self) -> None:
        self._counted.connections += 1

    def _control(self, path: bytes) -> bytes:
        if path == b"/-/begin":
            self._counted = Counted()
        body = self._counted.told()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Connection(asyncio.Protocol):
    """One connection, which lasts for as many requests as its client wants."""

    transport: asyncio.Transport

    def __init__(self, server: Server) -> None:
        self._server = server
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._server.connected()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while b"\r\n\r\n" in self._heard:
            head, self._heard = self._heard.split(b"\r\n\r\n", 1)
            self.transport.write(self._server.answer(head.split(b" ", 2)[1]))
            line, *headers = head.lower().split(b"\r\n")
            if b"connection: close" in headers or line.endswith(b"http/1.0"):
                self.transport.close()


async def serve(answers: dict[str, bytes]) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Server(answers).connection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(website(int(sys.argv[1]), int(sys.argv[2]))))
