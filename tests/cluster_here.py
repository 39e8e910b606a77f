"""A Dask cluster of real processes on this machine: a scheduler, and workers that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.conftest import ROOT
from tests.demo_archive import environment

QUIET = {
    "DASK_DISTRIBUTED__WORKER__DAEMON": "False",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
    "DASK_DISTRIBUTED__ADMIN__LARGE_GRAPH_WARNING_THRESHOLD": "1GB",
}


class ClusterHere:
    """Use it by `with`. `address` is the scheduler's, `workers` the processes by number, `more` their environment's."""

    def __init__(self, folder: Path, workers: int = 2, **more: str) -> None:
        self.folder = folder
        self.shared = f"file://{folder / 'shared'}"
        self._file = folder / "scheduler.json"
        self.more = more
        self._count = workers
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.address = ""

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start_scheduler()
        for _ in range(self._count):
            self.start_worker()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            kill(process)

    @property
    def options(self) -> list[str]:
        """What a command takes to use this cluster."""
        return ["--cluster", self.address, "--shared", self.shared]

    def start_scheduler(self, port: int = 0) -> None:
        self._file.unlink(missing_ok=True)
        line = ["scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-show",
                "--scheduler-file", str(self._file)]  # fmt: skip
        self.scheduler = self._started(line, "scheduler")
        until = time.monotonic() + 30
        while not self.address or port:
            with contextlib.suppress(FileNotFoundError, ValueError):
                self.address = str(json.loads(self._file.read_text())["address"])
                break
            assert self.scheduler.poll() is None, (self.folder / "scheduler.log").read_text()[-3000:]
            assert time.monotonic() < until, "no scheduler"
            time.sleep(0.05)

    def start_worker(self, folder: Path = ROOT, **more: str) -> subprocess.Popen[bytes]:
        number = len(self.workers)
        line = ["worker", self.address, "--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard",
                "--name", f"worker-{number}", "--local-directory", str(self.folder / "scratch"),
                "--death-timeout", "60"]  # fmt: skip
        process = self._started(line, f"worker-{number}", folder, **more)
        self.workers.append(process)
        return process

    def _started(self, line: list[str], name: str, folder: Path = ROOT, **more: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *line], cwd=folder, env=environment(**QUIET, **self.more, **more),
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process as nothing can hinder, and only it: what it started has to notice."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
