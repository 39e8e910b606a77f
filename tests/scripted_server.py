"""A web server on loopback that sends exactly the bytes it is told to, and remembers exactly what it got."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

Script = bytes | Callable[[socket.socket], None]


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """Return a plain response. `headers` are written with hyphens for underscores."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    """Break the connection (RST) in place of ending it."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class ScriptedServer:
    """Answers each path (without its query) by its script: bytes to send, or a function of the socket.

    `default` answers every other path. `requests` holds each request's bytes, `connections` counts them.
    """

    def __init__(
        self, scripts: Mapping[str, Script], context: ssl.SSLContext | None = None, default: Script | None = None
    ) -> None:
        self.scripts = dict(scripts)
        self.default = default if default is not None else answer(b"nothing here", "404 Not Found")
        self.requests: list[bytes] = []
        self.connections = 0
        self.context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"{'https' if context else 'http'}://{self.host}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                if self.context is None:
                    self._open.append(connection)
                    self._answer(connection)
                    return
                with self.context.wrap_socket(connection, server_side=True) as secured:
                    self._open.append(secured)
                    self._answer(secured)
        except OSError:
            pass

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(30)
        request = _read_request(connection)
        if not request:
            return
        self.requests.append(request)
        path = request.split(b" ", 2)[1].partition(b"?")[0].decode("latin-1")
        script = self.scripts.get(path, self.default)
        if callable(script):
            script(connection)
        else:
            connection.sendall(script)
        if connection.fileno() >= 0 and isinstance(connection, ssl.SSLSocket):
            connection.unwrap()


def _read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        part = connection.recv(65536)
        if not part:
            return request
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
