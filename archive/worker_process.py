"""One worker process: started with nothing of our environment, asked through pipes, and killed when it must be.

It knows a worker's way of talking, not what is read, or drawn, nor by which program: each request is a line of JSON
({"task", "length", "seconds", "given", "mark"}) and the body; each answer eight bytes of length, that many bytes, and
the request's mark.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

_MARK = 16
_ROOT = Path(__file__).resolve().parent.parent
# A worker that has no memory left even to say so ends with this status (EX_OSERR of sysexits.h).
NO_MEMORY = 71


class Stopped(Exception):  # noqa: N818 (it is the worker that stopped)
    """The worker gave no answer: `outcome` names why."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(outcome, detail)
        self.outcome, self.detail = outcome, detail


class Task(NamedTuple):
    """What is asked of a worker (see its _FUNCTIONS), the bytes that it is about, and what else is given for it."""

    name: str
    body: bytes
    given: tuple[Any, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of process that can do it."""
        return self.name.split()[0]


class Limits(NamedTuple):
    """After how many `tasks` a process is replaced, and of how many bytes an answer may be at most."""

    tasks: int
    most_bytes: int


class WorkerProcess:
    """One process that runs `line` (a module's name, then its arguments) under an environment of its own."""

    def __init__(self, line: Sequence[str], limits: Limits, environment: Mapping[str, str]) -> None:
        self._limits = limits
        self._tasks = 0
        self._ended = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", *line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._asks, self._answers = self._process.stdin, self._process.stdout
        os.set_blocking(self._asks.fileno(), False)
        os.set_blocking(self._answers.fileno(), False)

    def is_fit(self) -> bool:
        """Say whether this process may read another file: old ones are replaced, since memory grows."""
        return self._tasks < self._limits.tasks and self._process.poll() is None

    def kill(self) -> None:
        """Kill the process and whatever it started; a thread that waits for its answer is told so."""
        self._tasks = self._limits.tasks
        # Also where it is dead already: what it started may not be. After `end` its number may be another's.
        if not self._ended:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process and forget it."""
        self.kill()
        self._process.wait()
        self._ended = True
        with contextlib.suppress(OSError):
            self._asks.close()
        self._answers.close()

    def exchange(self, task: Task, seconds: int) -> bytes:
        """Return the answer to one task. Raises Stopped, and ends the process, where there is none."""
        self._tasks += 1
        body = task.body
        mark = secrets.token_bytes(_MARK)
        fields = {"task": task.name, "length": len(body), "seconds": seconds, "given": task.given, "mark": mark.hex()}
        request = json.dumps(fields).encode() + b"\n"
        try:
            return self._talk(memoryview(request + body), mark, time.monotonic() + seconds)
        except Stopped:
            self.end()
            raise

    def _talk(self, unsent: memoryview, mark: bytes, deadline: float) -> bytes:
        answer, most = bytearray(), self._limits.most_bytes
        with selectors.DefaultSelector() as selector:
            selector.register(self._asks, selectors.EVENT_WRITE)
            selector.register(self._answers, selectors.EVENT_READ)
            while len(answer) < 8 or len(answer) < 8 + int.from_bytes(answer[:8], "big") + _MARK:
                ready = selector.select(max(0.0, deadline - time.monotonic()))
                if not ready:
                    raise Stopped("reader-timeout", "stopped when its time was up")
                for key, _ in ready:
                    if key.fileobj is self._answers:
                        answer += self._received()
                    else:
                        unsent = unsent[self._sent(unsent) :]
                        if not unsent:
                            selector.unregister(self._asks)
                if len(answer) >= 8 and max(len(answer) - 8 - _MARK, int.from_bytes(answer[:8], "big")) > most:
                    raise Stopped("reader-crashed", f"an answer of more than {most} bytes")
        # A reader that fell to an earlier file may have written more than its answer; what is asked now has a new mark.
        if answer[8 + int.from_bytes(answer[:8], "big") :] != mark:
            raise Stopped("reader-crashed", "an answer to something that wasn't asked")
        return bytes(answer[8:-_MARK])

    def _sent(self, unsent: memoryview) -> int:
        try:
            return os.write(self._asks.fileno(), unsent[: 1 << 16])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise self._died() from None

    def _received(self) -> bytes:
        data = os.read(self._answers.fileno(), 1 << 20)
        if not data:
            raise self._died()
        return data

    def _died(self) -> Stopped:
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return Stopped("reader-crashed", "it closed its answers and went on")
        if status == -signal.SIGXCPU:
            return Stopped("reader-timeout", "stopped when its processor time was up")
        if status == NO_MEMORY:
            return Stopped("reader-memory", "no memory was left to read anything")
        if status >= 0:
            return Stopped("reader-crashed", f"it ended with status {status} and no answer")
        return Stopped("reader-crashed", f"it ended by signal {signal.Signals(-status).name}")


def bare_environment() -> dict[str, str]:
    """Return all that a worker's environment holds; the fixed hash seed and UTF-8 make the same bytes the same text."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(_ROOT),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # A process has one thread for each library: what is read at a time is settled by how many processes there are.
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
