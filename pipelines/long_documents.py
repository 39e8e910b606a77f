"""Has the pages of one long document read range by range, by as many workers as there are, and put together by one.

A range that kills its worker costs its own pages. It knows no process and no PDF.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from archive.worker_process import Task
from pipelines.text.ranges import HEAD, Range, counted, ranges_of
from pipelines.text.reading import Reading
from pipelines.text.stored_reading import MOST_BYTES, READERS, from_bytes

# What all ranges of a document may take of the workers' time, and how many of them may be lost before the others are.
MOST_SECONDS = 600
_MOST_LOST = 3

# Asks a worker; the answer is a reading where the worker gave none, or said no more than why.
Ask = Callable[[Task, int], bytes | Reading]


def reading_or_count(answer: bytes, reader: str) -> Reading | bytes:
    """Return a worker's first answer about a PDF: its reading, or a count of its pages, unread. Raises ValueError."""
    return answer if counted(answer) else from_bytes(answer, reader)


def reading_or_range(answer: bytes, reader: str) -> Reading | bytes:
    """Return a worker's answer about a range: its pages, unread, or the reading that says why not. Raises ValueError.

    What the pages say is for the worker to check that joins them.
    """
    return answer if answer.startswith(HEAD) else from_bytes(answer, reader)


class LongDocument:
    """The ranges of one document. Each may take `seconds`, all of them MOST_SECONDS of the workers' time."""

    def __init__(self, body: bytes, count: bytes, seconds: int, ask: Ask) -> None:
        self.spans = ranges_of(counted(count) or 0)
        self._body = body
        self._seconds = seconds
        self._ask = ask
        self._lock = threading.Lock()
        self._taken, self._lost, self._bytes = 0.0, 0, 0

    @property
    def whole(self) -> bool:
        """Whether no range was lost."""
        return self._lost == 0

    def read(self, span: tuple[int, int]) -> bytes | str:
        """Return a range, or why there is none; may be called by several threads."""
        with self._lock:
            left = MOST_SECONDS - int(self._taken)
            if left <= 0 or self._lost >= _MOST_LOST:
                self._lost += 1
                return "reader-timeout: given up after others of the file"
        begun = time.monotonic()
        answer = self._ask(Task("pdf range", self._body, span), min(self._seconds, left))
        with self._lock:
            self._taken += time.monotonic() - begun
            if isinstance(answer, bytes) and self._bytes + len(answer) > MOST_BYTES:
                answer = Reading(READERS["pdf"], "reader-memory", "more than is kept of one file")
            if isinstance(answer, bytes):
                self._bytes += len(answer)
                return answer
            self._lost += 1
            return f"{answer.outcome}: {answer.detail}"[:300]

    def joined(self, answers: Iterable[bytes | str]) -> Task:
        """Return the task that makes one reading of the ranges, which are in the order of `spans`."""
        parts, ranges = [self._body], []
        for (first, last), answer in zip(self.spans, answers, strict=True):
            if isinstance(answer, bytes):
                parts.append(answer)
                ranges.append(Range(first, last, len(answer), ""))
            else:
                ranges.append(Range(first, last, 0, answer))
        return Task("pdf joined", b"".join(parts), (len(self._body), ranges))
