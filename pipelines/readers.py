"""Has untrusted files read in worker processes that can be killed, and keeps what came of it by content digest.

It knows the folder of kept readings and who waits for what; not what a PDF is, nor where the bytes come from.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from archive.worker_process import Stopped, Task
from pipelines.long_documents import LongDocument, reading_or_count, reading_or_range
from pipelines.reading_process import Worker
from pipelines.scans import SECONDS_A_SCAN, scanned
from pipelines.text.agreement import Agreement, agreements, comparable, compared, sample_page, uncompared
from pipelines.text.ocr_at_hand import ocr_at_hand
from pipelines.text.reading import Reading
from pipelines.text.scans import overlaid, waiting
from pipelines.text.stored_reading import READERS, from_bytes, to_bytes

# What these say may be otherwise on the next try, so they are not kept.
PASSING = frozenset({"reader-timeout", "reader-memory", "reader-crashed"})

# What an answer is, by it and the name of its reader. Raises ValueError for one that can't be used.
Check = Callable[[bytes, str], bytes | Reading]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One payload to be read: `digest` is the hex SHA-256 of its decoded bytes, which `load` returns."""

    digest: str
    kind: str
    url: str
    load: Callable[[], bytes]


def seconds_allowed(size: int) -> int:
    """Return how long the reading of `size` bytes may take: 60 s and 10 s for each MB, at most 600 s."""
    return min(600, 60 + 10 * (size >> 20))


class Readers:
    """Worker processes for untrusted files, and the folder of their readings. Leave it by `with` or `close()`.

    `seconds` says how long a body of a given size may take; `program` is the module that the workers run; `ocr`
    whether pages that are pictures are read too (None: where an engine is installed); `compare` whether a sample of
    the other pages is compared with their pictures, which takes `ocr`.
    """

    def __init__(
        self,
        cache: Path,
        workers: int = 2,
        seconds: Callable[[int], int] = seconds_allowed,
        program: str = "pipelines.text.worker",
        ocr: bool | None = None,
        compare: bool = False,
    ) -> None:
        self._cache = cache
        self._workers = workers
        self._seconds = seconds
        self._program = program
        self._ocr = ocr_at_hand() if ocr is None else ocr
        self._compare = compare and self._ocr
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()

    def read_all(self, wanted: Iterable[Wanted]) -> Iterator[tuple[Wanted, Reading]]:
        """Yield each payload with its reading, in the order in which they are done.

        `wanted` is drawn from, and `load` called, in this thread and only as workers fall free. A reader that
        hangs, dies or takes too much costs its own payload ("reader-timeout", "reader-crashed",
        "reader-memory") and no other, in a long document its range of pages ("page-failed"); these aren't kept,
        so they are tried anew on the next call. What `load` raises is raised.
        Raises ValueError for a digest or a kind that isn't one.
        """
        running: dict[Future[Reading], Wanted] = {}
        batch = _Batch(self._workers)
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="readers")
        try:
            for want in wanted:
                kept = kept_reading(self._path(want), READERS[want.kind])
                if kept is not None and not self._waits(kept):
                    yield want, kept
                    continue
                while len(running) >= 2 * self._workers:
                    yield from _finished(running)
                running[pool.submit(self._read, batch, want, want.load())] = want
            while running:
                yield from _finished(running)
        finally:
            batch.give_up()
            pool.shutdown(cancel_futures=True)

    def _read(self, batch: _Batch, want: Wanted, body: bytes) -> Reading:
        kept = kept_reading(self._path(want), READERS[want.kind])
        reading, keeps = (kept, True) if kept is not None else self._made(batch, want, body)
        if keeps and kept is None:
            self._keep(self._path(want), reading)
        if self._ocr and (pages := waiting(reading)):
            reading = overlaid(reading, self._scanned(batch, want.digest, body, pages))
            if keeps:
                self._keep(self._path(want), reading)
        if self._compare and keeps and uncompared(reading):
            reading = self._compared(batch, want.digest, body, reading)
            self._keep(self._path(want), reading)
        return reading

    def compare_pages(self, want: Wanted, pages: Container[int]) -> Iterator[Agreement]:
        """Yield how each of these pages of a PDF, if it has words enough, agrees with its picture."""
        [(_, reading)] = self.read_all([want])
        batch, body = _Batch(self._workers), want.load()
        try:
            for number in comparable(reading):
                if number in pages:
                    yield from agreements(reading, self._scanned(batch, want.digest, body, [number]), {number}).values()
        finally:
            batch.give_up()

    def _waits(self, kept: Reading) -> bool:
        return (self._ocr and bool(waiting(kept))) or (self._compare and uncompared(kept))

    def _compared(self, batch: _Batch, digest: str, body: bytes, reading: Reading) -> Reading:
        """Compare the page that stands for all with its picture, and all the others where that one disagrees."""
        pages = comparable(reading)
        if not pages:
            return compared(reading, {})
        sample = [sample_page(pages, digest)]
        found = agreements(reading, self._scanned(batch, digest, body, sample), sample)
        if any(one.disagrees for one in found.values()):
            found = agreements(reading, self._scanned(batch, digest, body, pages), pages)
        return compared(reading, found) if found else reading

    def _made(self, batch: _Batch, want: Wanted, body: bytes) -> tuple[Reading, bool]:
        """Return what workers make of a payload, and whether all of it was read."""
        seconds = self._seconds(len(body))
        if want.kind != "pdf":
            return self._asked(batch, Task(want.kind, body, (want.url[:8000],)), seconds), True
        answer = batch.asking.submit(self._exchanged, batch, Task("pdf", body), seconds, reading_or_count).result()
        if isinstance(answer, Reading):
            return answer, True

        def ask(task: Task, seconds: int) -> bytes | Reading:
            return self._exchanged(batch, task, seconds, reading_or_range)

        document = LongDocument(body, answer, seconds, ask)
        ranges = list(batch.asking.map(document.read, document.spans))
        return self._asked(batch, document.joined(ranges), seconds), document.whole

    def _scanned(self, batch: _Batch, digest: str, body: bytes, pages: list[int]) -> Reading:
        """Return what OCR makes of these pages. It is kept apart too, since it outlives a new reader of PDFs."""
        path = kept_path(self._cache, digest, READERS["ocr"])

        def read(page: int) -> Reading:
            return self._asked(batch, Task("ocr", body, (page,)), SECONDS_A_SCAN)

        return scanned(kept_reading(path, READERS["ocr"]), pages, read, lambda reading: self._keep(path, reading))

    def _asked(self, batch: _Batch, task: Task, seconds: int) -> Reading:
        answer = batch.asking.submit(self._exchanged, batch, task, seconds).result()
        assert isinstance(answer, Reading)  # from_bytes gives nothing else
        return answer

    def _exchanged(self, batch: _Batch, task: Task, seconds: int, checked: Check = from_bytes) -> bytes | Reading:
        """Return what `checked` makes of a worker's answer, or the reading that says why there is none."""
        reader = READERS[task.kind]
        worker = self._borrowed(task.kind)
        try:
            batch.add(worker)
            answer = checked(worker.exchange(task, seconds), reader)
            if isinstance(answer, Reading) and answer.outcome in PASSING:
                worker.kill()
        except Stopped as stopped:
            return Reading(reader, stopped.outcome, stopped.detail)
        except ValueError as error:
            worker.kill()
            return Reading(reader, "reader-crashed", f"its answer can't be used: {error}"[:500])
        finally:
            batch.remove(worker)
            self._give_back(worker)
        return answer

    def _keep(self, path: Path, reading: Reading) -> None:
        if reading.outcome not in PASSING:
            write_whole(path, to_bytes(reading))

    def _borrowed(self, kind: str) -> Worker:
        with self._lock:
            for worker in self._idle:
                if worker.kind == kind:
                    self._idle.remove(worker)
                    return worker
        return Worker(self._program, kind)

    def _give_back(self, worker: Worker) -> None:
        with self._lock:
            keeps = worker.is_fit() and not self._closed and len(self._idle) < 2 * self._workers
            if keeps:
                self._idle.append(worker)
        if not keeps:
            worker.end()

    def _path(self, want: Wanted) -> Path:
        if want.kind not in READERS:
            raise ValueError(f"no reader for {want.kind[:20]!r}")
        return kept_path(self._cache, want.digest, READERS[want.kind])


class _Batch:
    """The workers that are busy for one call of read_all, and the threads (`asking`) that wait for their answers.

    Whoever waits for several answers waits outside these. When the caller turns away, the workers are killed.
    """

    def __init__(self, workers: int) -> None:
        self.asking = ThreadPoolExecutor(workers, thread_name_prefix="asking")
        self._busy: set[Worker] = set()
        self._lock = threading.Lock()
        self._given_up = False

    def add(self, worker: Worker) -> None:
        with self._lock:
            self._busy.add(worker)
            if self._given_up:
                worker.kill()

    def remove(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)

    def give_up(self) -> None:
        self.asking.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._given_up = True
            for worker in self._busy:
                worker.kill()


def _finished(running: dict[Future[Reading], Wanted]) -> Iterator[tuple[Wanted, Reading]]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        yield running.pop(future), future.result()


def kept_path(cache: Path, digest: str, reader: str) -> Path:
    """Return where a payload's reading is kept. Raises ValueError for what isn't a SHA-256 in hex."""
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ValueError(f"no such payload to read: {digest[:80]!r}")
    return cache / digest[:2] / f"{digest}.{reader}.json.gz"


def kept_reading(path: Path, reader: str) -> Reading | None:
    """Return a kept reading by its path, or None where there is none or it is damaged."""
    try:
        return from_bytes(path.read_bytes(), reader)
    except (FileNotFoundError, ValueError):
        return None  # A damaged one is made anew.


def write_whole(path: Path, data: bytes) -> None:
    """Write so that whoever opens `path` finds all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
