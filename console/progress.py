"""Progress on standard error: a bar on a terminal, plain lines elsewhere, nothing for what takes under two seconds.

Where lines of JSON are asked for (console/logs.py) it is among them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 2.0
LINE_SECONDS = 5.0
log = logging.getLogger("oversight.progress")


class ProgressReport:
    """Called as `report(what, done, of)`; `of` is 0 where the end isn't known. Used as a context manager."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._as_json = os.environ.get("OVERSIGHT_LOG") == "json"
        self._began = self._said = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=None, visible=False)
        self._started = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started:
            self._bar.stop()

    def __call__(self, what: str, done: int, of: int) -> None:
        elapsed = time.monotonic()
        if elapsed - self._began < QUIET_SECONDS:
            return
        if self._console.is_terminal:
            if not self._started:
                self._bar.start()
                self._started = True
            self._bar.update(self._task, description=what, completed=done, total=of or None, visible=True)
        elif elapsed - self._said >= LINE_SECONDS:
            self._said = elapsed
            if self._as_json:
                log.info("%s", what, extra={"facts": {"done": done, "of": of}})
                return
            with contextlib.suppress(OSError):  # a log that is full stops no capture
                print(f"{what}: {done}{f' of {of}' if of else ''}", file=sys.stderr, flush=True)  # noqa: T201
