"""Hands over what a run captures, as it captures it, and says that it lives; it does so in a thread of its own.

Handed over are stretches of whole units, as the index of the run's own archive has them. A kill loses what was captured
since the last sign, and the attempt that follows asks for that again.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from archive.folder import CATALOGUE
from pipelines.cluster.attempts import SECONDS_A_SIGN, SECONDS_WITHOUT_SIGN, Attempt
from pipelines.politeness import standing

# A stretch is cut where it would be longer.
MOST_BYTES = 64 << 20


class HandingOver:
    """The thread of one attempt. Used by `with`: at its end everything has been handed over."""

    def __init__(self, attempt: Attempt, folder: Path, every: float = SECONDS_A_SIGN) -> None:
        self.attempt = attempt
        self.pieces: list[list[object]] = []
        self.stopped = threading.Event()
        self._folder = folder
        self._every = every
        self._handed: dict[str, int] = {}
        self._signs = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="handing over", daemon=True)

    def __enter__(self) -> HandingOver:
        self._hand_over()
        self._thread.start()
        threading.Thread(target=self._wait_for_end, name="lifeline", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self.attempt.has("job"):
            self._hand_over()

    def is_ours(self) -> bool:
        """Say whether the attempt is still one: where its job was taken away, nobody waits for it."""
        return self.attempt.has("job")

    def _wait_for_end(self) -> None:
        """Stop when whoever started this process is gone: its end of our standard input is then closed."""
        while os.read(0, 4096):
            pass
        self.stopped.set()

    def _go_on(self) -> None:
        heard = time.monotonic()
        while not self._over.wait(self._every):
            try:
                if not self.attempt.has("job") or self.attempt.has("stop"):
                    self.stopped.set()
                else:
                    self._hand_over()
                heard = time.monotonic()
            except (OSError, sqlite3.Error):
                # The other side is about to think that this attempt is over, and to begin another.
                if time.monotonic() - heard > SECONDS_WITHOUT_SIGN / 2:
                    self.stopped.set()
            if self.stopped.is_set():
                os.kill(os.getpid(), signal.SIGTERM)

    def _hand_over(self) -> None:
        for name, stretches in self._new().items():
            for start, end in stretches:
                self._put(name, start, end)
                self._handed[name] = end
        self._signs += 1
        self.attempt.put("sign", json.dumps({"signs": self._signs, "hosts": standing()}).encode())

    def _new(self) -> dict[str, list[tuple[int, int]]]:
        """Return the stretches of each file that hold whole units and weren't handed over."""
        address = f"{(self._folder / CATALOGUE).as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as index:
            rows = index.execute(
                "SELECT warc, offset + length FROM records WHERE warc NOT LIKE '%://%' ORDER BY warc, offset"
            ).fetchall()
        found: dict[str, list[tuple[int, int]]] = {}
        for name, end in rows:
            stretches = found.setdefault(name, [])
            start = stretches[-1][0] if stretches else self._handed.get(name, 0)
            if end <= self._handed.get(name, 0):
                continue
            if stretches and end - start <= MOST_BYTES:
                stretches[-1] = (start, end)
            else:
                stretches.append((stretches[-1][1] if stretches else start, end))
        return found

    def _put(self, name: str, start: int, end: int) -> None:
        with (self._folder / "warc" / name).open("rb") as file:
            content = os.pread(file.fileno(), end - start, start)
        digest = hashlib.sha256(content).hexdigest()
        piece = f"pieces/{name}@{start:012d}"
        self.attempt.put(piece, content)
        self.pieces.append([piece, digest])


def on_stop(stop: Callable[[], None]) -> None:
    """Have a stop heeded from now on, also before and after a crawl."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop())
