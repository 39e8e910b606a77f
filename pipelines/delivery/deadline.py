"""Ends an exchange that takes too long: timeouts of a socket count silence alone, and a byte now and then is none."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

SILENCE = 20.0
SECONDS = 60.0


class Deadline:
    """Breaks the connections that it is told of when the time is up; leaving it then raises TimeoutError."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._passed = False
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def hold(self, connection: socket.socket) -> None:
        """Break this connection too, whatever becomes of the object: TLS takes its descriptor away from it."""
        with self._lock:
            self._held.append(connection.dup())
            if self._passed:
                self._break()

    def _end(self) -> None:
        with self._lock:
            self._passed = True
            self._break()

    def _break(self) -> None:
        for connection in self._held:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._held:
                connection.close()
            self._held.clear()
        # What came until then may look like a whole answer: the connection's end is one's end.
        if self._passed and (error is None or isinstance(error, OSError | ValueError | EOFError)):
            raise TimeoutError(f"not done within {self._seconds:.0f} seconds") from error
