"""A process of pipelines/text/worker.py, which reads untrusted files."""

from __future__ import annotations

from archive.worker_process import Limits, WorkerProcess, bare_environment
from pipelines.text.stored_reading import MOST_BYTES

_TASKS = 50


class Worker(WorkerProcess):
    """One process of `program` (pipelines/text/worker.py), for tasks of one kind. Old ones are replaced."""

    def __init__(self, program: str, kind: str) -> None:
        self.kind = kind
        super().__init__([program, kind], Limits(_TASKS, MOST_BYTES), _environment())


def _environment() -> dict[str, str]:
    return bare_environment()
