"""Runs commands of `oversight` in children of one process that has loaded everything already, and faults with them.

python -m tests.forked reads a JSON object a line ({"arguments", "archive", "kill_after", "signals", "fault"}), and
writes one for each: how the command ended. Starting Python and loading Scrapy takes a second; a child none.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.tracing import Fault, Traced, traced, why_not

ROOT = Path(__file__).parent.parent
_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its status (a signal's number negative), what it printed, the captures that were
    acknowledged to those who waited for them, the addresses that were asked for, the seconds and the CPU seconds that
    it took, and the processes that it left behind for more than ten seconds; with a fault, what tests/tracing.py says,
    and how many captures were acknowledged after it.
    """

    status: int
    said: str
    acknowledged: list[str]
    asked: list[str]
    seconds: float
    cpu: float
    orphans: int
    injected: int
    struck: str
    acknowledged_after: int
    calls: dict[str, int]


class Forked:
    """The process that runs commands; one at a time."""

    def __init__(self) -> None:
        told = {name: value for name, value in os.environ.items() if not name.startswith(("OVERSIGHT_", "ARCHIVE_"))}
        # The disks of these tests are small, or fill up on purpose; what OCR sees depends on how busy the machine is.
        told |= {"ARCHIVE_KEEP_FREE": "0", "OVERSIGHT_COMPARE": "no"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.forked"], cwd=ROOT, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, archive: Path, *arguments: object, **faults: Any) -> Ended:
        """Run a command on an archive. `kill_after` seconds it is killed; `signals` are pairs of seconds and number;
        `fault` is what tests/tracing.py lets happen; `before` is code that the child carries out first."""
        if isinstance(faults.get("fault"), Fault):
            fault = faults["fault"]
            faults["fault"] = [fault.does, fault.at, fault.calls, fault.for_good, fault.file]
        job = {"archive": str(archive), "arguments": [str(one) for one in arguments], **faults}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def why_not_traced(self) -> str:
        """Return why no fault can be let happen at an exact call here, "" where it can."""
        return self.run(Path("/nowhere"), why_not=True).said


def _carry_out(job: dict[str, Any], said: IO[bytes], noted: int) -> int:
    """In the child: run the command, and note what it is told and what it asks for."""
    import oversight  # noqa: PLC0415 (loaded already, before the first fork)

    os.setsid()
    os.dup2(said.fileno(), 1)
    os.dup2(said.fileno(), 2)
    exec(job.get("before", ""), {})
    _note_all(lambda kind, what: os.write(noted, f"{kind} {what}\n".encode()))
    try:
        oversight.main(["--archive", job["archive"], *job["arguments"]], prog_name="oversight")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _note_all(note: Callable[[str, str], object]) -> None:
    from archive.store.store import CaptureStore  # noqa: PLC0415
    from pipelines.replay import ReplayTransport  # noqa: PLC0415

    kept, fetched = CaptureStore.add_all, ReplayTransport.fetch

    def add_all(self: CaptureStore, exchanges: Any) -> Any:
        captures = kept(self, exchanges)
        for capture in captures:
            note("kept", capture.id)
        return captures

    async def fetch(self: ReplayTransport, request: Any) -> Any:
        note("asked", request.url)
        return await fetched(self, request)

    CaptureStore.add_all = add_all  # type: ignore[method-assign]
    ReplayTransport.fetch = fetch  # type: ignore[method-assign]


def _run(job: dict[str, Any]) -> Ended:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as noted:
        began, used = time.monotonic(), os.times()
        flags = os.O_WRONLY | os.O_APPEND
        note = os.open(f"/proc/self/fd/{noted.fileno()}", flags)

        def work() -> int:
            return _carry_out(job, said, note)

        if job.get("fault"):
            does, at, calls, *more = job["fault"]
            fault = Fault(does, at, tuple(calls), *more)
            how = traced(work, Path(job["archive"]), fault, lambda: os.fstat(noted.fileno()).st_size)
        elif job.get("counted"):
            how = traced(work, Path(job["archive"]), None)
        else:
            how = _signalled(work, job)
        os.close(note)
        said.seek(0)
        noted.seek(0)
        told = noted.read().decode()
        notes = [line.split(" ", 1) for line in told.splitlines()]
        now = os.times()
        return Ended(
            status=how.status,
            said=said.read().decode("utf-8", "replace"),
            acknowledged=[what for kind, what in notes if kind == "kept"],
            asked=[what for kind, what in notes if kind == "asked"],
            seconds=round(time.monotonic() - began, 3),
            cpu=round(now.children_user + now.children_system - used.children_user - used.children_system, 3),
            orphans=how.orphans,
            injected=how.injected,
            struck=how.struck,
            acknowledged_after=told[how.noted :].count("kept ") if how.injected else 0,
            calls=dict(how.calls),
        )


def _signalled(work: Callable[[], int], job: dict[str, Any]) -> Traced:
    """Do the work in a child, send it its signals, wait for it and then for what it left behind."""
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        status = 70
        try:
            status = work()
        finally:
            os._exit(status)
    signals = list(job.get("signals", []))
    if "kill_after" in job:
        signals.append([job["kill_after"], int(signal.SIGKILL)])
    found = Traced()
    for after, number in sorted(signals):
        ended = _waited(child, began + after)
        if ended is not None:
            break
        os.kill(child, number)
        found.injected += 1
    else:
        ended = _waited(child, began + 300)
    assert ended is not None, "it runs for ever"
    found.status = ended
    until = time.monotonic() + 10
    while (left := list(_children())) and time.monotonic() < until:
        time.sleep(0.01)
    for orphan in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)
    found.orphans = len(left)
    return found


def _waited(child: int, until: float) -> int | None:
    """Wait for a child until then; return its status, None where it still runs."""
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            return None
        time.sleep(min(0.005, max(0, until - time.monotonic())))


def _children() -> Iterator[int]:
    """Yield the processes that are left with us (what they belonged to has died)."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            return
    for line in Path("/proc/self/task").glob("*/children"):
        yield from map(int, line.read_text().split())


def main() -> None:
    """Load everything once, then do what is asked for."""
    import scrapy.core.engine  # noqa: PLC0415

    import pipelines.capture  # noqa: F401, PLC0415
    from tests.loaded import load_all  # noqa: PLC0415

    load_all()
    assert scrapy.core.engine
    if ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError("orphans can't be taken in")
    for line in sys.stdin:
        job = json.loads(line)
        ended = Ended(0, why_not(), [], [], 0, 0, 0, 0, "", 0, {}) if job.get("why_not") else _run(job)
        sys.stdout.write(json.dumps({name: getattr(ended, name) for name in Ended.__slots__}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
