"""Hands hostile files to a real worker process, one after the other, and says what each cost.

`python -m tests.hostile.tried FOLDER` tries every file of a folder, and prints a line for each.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

from archive.worker_process import Stopped, Task
from pipelines.long_documents import LongDocument, reading_or_count, reading_or_range
from pipelines.reading_process import Worker
from pipelines.text.reading import Reading
from pipelines.text.stored_reading import READERS, from_bytes

PASSING = ("reader-timeout", "reader-memory", "reader-crashed")


class Trial(NamedTuple):
    """What came of a file: its reading, how long it took, and the most memory that the worker held meanwhile."""

    name: str
    reading: Reading
    seconds: float
    megabytes: int

    @property
    def outcome(self) -> str:
        return self.reading.outcome


def tried(files: Iterable[tuple[str, Callable[[], bytes]]], seconds: int = 60) -> Iterator[Trial]:
    """Try each file in a worker, which is a new one where the last has died."""
    worker = Worker("pipelines.text.worker", "pdf")
    try:
        for name, made in files:
            body = made()
            if not worker.is_fit():
                worker.end()
                worker = Worker("pipelines.text.worker", "pdf")
            forget_peak(worker)
            begun = time.monotonic()
            reading = _read(worker, body, seconds)
            yield Trial(name, reading, time.monotonic() - begun, peak(worker))
            if reading.outcome in PASSING:
                worker.end()
                worker = Worker("pipelines.text.worker", "pdf")
    finally:
        worker.end()


def _read(worker: Worker, body: bytes, seconds: int) -> Reading:
    try:
        answer = reading_or_count(worker.exchange(Task("pdf", body), seconds), READERS["pdf"])
        if isinstance(answer, Reading):
            return answer
        document = LongDocument(body, answer, seconds, partial(_range, worker))
        ranges = [document.read(span) for span in document.spans]
        return from_bytes(worker.exchange(document.joined(ranges), seconds), READERS["pdf"])
    except Stopped as stopped:
        return Reading(READERS["pdf"], stopped.outcome, stopped.detail)


def _range(worker: Worker, task: Task, seconds: int) -> bytes | Reading:
    return reading_or_range(worker.exchange(task, seconds), READERS["pdf"])


def forget_peak(worker: Worker) -> None:
    """Have the most that a worker held counted anew."""
    # proc(5): 5 sets the peak of what is resident back to what is resident now.
    Path(f"/proc/{worker._process.pid}/clear_refs").write_text("5")


def peak(worker: Worker) -> int:
    """The most that was resident, in MB; -1 where the process is gone."""
    try:
        status = Path(f"/proc/{worker._process.pid}/status").read_text()
    except OSError:
        return -1
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peaks[0]) >> 10 if peaks else -1


def summed(trials: Iterable[Trial]) -> Mapping[str, object]:
    """The figures of a group of files."""
    kept = list(trials)
    slowest = max(kept, key=lambda trial: trial.seconds)
    largest = max(kept, key=lambda trial: trial.megabytes)
    return {
        "documents": len(kept),
        "outcomes": dict(sorted(Counter(trial.outcome for trial in kept).items())),
        "worst seconds": [round(slowest.seconds, 1), slowest.name],
        "worst MB": [largest.megabytes, largest.name],
    }


def main(folder: Path) -> None:
    """Try the files of a folder."""
    files = [(path.name, path.read_bytes) for path in sorted(folder.iterdir())]
    for trial in tried(files):
        sys.stdout.write(
            f"{trial.name}\t{trial.outcome}\t{len(trial.reading.pages)}\t{trial.seconds:.1f} s\t{trial.megabytes} MB"
            f"\t{trial.reading.detail[:80]}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
