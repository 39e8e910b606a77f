"""Has folders of PDFs that others collected read by the production readers, and says what came of each file (HP-19).

`python -m tests.hostile.sets [--ocr] FOLDER …` prints a line of JSON for each file, and the figures at the end.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from pipelines.readers import Readers, Wanted, seconds_allowed
from tests.hostile.tried import Trial, forget_peak, peak, summed

_WORKERS = 2


def files_below(folders: Iterable[Path]) -> list[Path]:
    """Return every file below the folders that calls itself a PDF, in an order that says nothing of its set."""
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".pdf"]
    found = [path for path in found if path.is_file()]
    random.Random(20180110).shuffle(found)
    return found


def read_all(files: Sequence[Path], *, ocr: bool = False, workers: int = _WORKERS) -> Iterator[Trial]:
    """Yield what came of each file; each is read by itself, by one of `workers` that the production readers keep."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as opened, ThreadPoolExecutor(workers) as pool:
        free: SimpleQueue[Readers] = SimpleQueue()
        for number in range(workers):
            free.put(opened.enter_context(Readers(Path(folder, str(number)), 1, ocr=ocr)))

        def read(path: Path) -> Trial:
            readers = free.get()
            try:
                return _read(readers, path)
            finally:
                free.put(readers)

        yield from pool.map(read, files)


def _read(readers: Readers, path: Path) -> Trial:
    body = path.read_bytes()
    for worker in readers._idle:
        forget_peak(worker)
    begun = time.monotonic()
    digest = hashlib.sha256(body + path.as_posix().encode()).hexdigest()
    [(_, reading)] = readers.read_all([Wanted(digest, "pdf", path.as_posix(), lambda: body)])
    seconds = time.monotonic() - begun
    return Trial(path.as_posix(), reading, seconds, max(map(peak, readers._idle), default=-1))


def hung(trials: Iterable[Trial]) -> list[str]:
    """Return the files that took longer than they may, and a little more for the worker to start and be killed."""
    return [trial.name for trial in trials if trial.seconds > seconds_allowed(Path(trial.name).stat().st_size) + 30]


def main(arguments: Sequence[str]) -> None:
    """Read all PDFs below the folders."""
    files = files_below(Path(argument) for argument in arguments if argument != "--ocr")
    trials = []
    for trial in read_all(files, ocr="--ocr" in arguments):
        trials.append(trial)
        told = {
            "file": trial.name,
            "outcome": trial.outcome,
            "detail": trial.reading.detail[:300],
            "pages": len(trial.reading.pages),
            "words": sum(len(page.text.split()) for page in trial.reading.pages),
            "facts": [[fact.name, fact.value, fact.page] for fact in trial.reading.facts if fact.page],
            "seconds": round(trial.seconds, 2),
            "megabytes": trial.megabytes,
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    sys.stdout.write(json.dumps({**summed(trials), "hangs": hung(trials)}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
