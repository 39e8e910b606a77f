"""Times whole runs over files by the killable worker processes, one and two of them, in turns."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from pipelines.readers import Readers, Wanted


def seconds_by_workers(paths: Sequence[Path], rounds: int) -> dict[int, list[float]]:
    """Return how long one worker and two took for all files, by the clock, round by round; nothing is kept between."""
    taken: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(rounds):
        for workers in (1, 2) if turn % 2 == 0 else (2, 1):
            taken[workers].append(_seconds(paths, workers))
    return taken


def _seconds(paths: Sequence[Path], workers: int) -> float:
    with tempfile.TemporaryDirectory(prefix="bench-") as kept, Readers(Path(kept), workers) as readers:
        wanted = [Wanted(hashlib.sha256(path.read_bytes()).hexdigest(), "pdf", "", path.read_bytes) for path in paths]
        begun = time.monotonic()
        # The largest first: at the end no worker waits long for the other.
        for _ in readers.read_all(sorted(wanted, key=lambda one: -len(one.load()))):
            pass
        return time.monotonic() - begun
