"""Starts commands of `oversight` at one instant, each in a process of its own; prints how each ended, as JSON.

Its one argument is JSON: {"commands": [[argument, …], …], "stretched": folder}. Where a folder is named, the process
that holds that archive's lock is stopped until all others have ended, so that none comes too late to meet it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parent.parent


def at_once(commands: Sequence[Sequence[object]], stretched: Path | None = None) -> list[dict[str, Any]]:
    """Carry out commands at once; return for each its `pid`, `status` and what it printed (`said`)."""
    told = {"commands": [[str(word) for word in one] for one in commands], "stretched": str(stretched or "")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.at_once", json.dumps(told)], cwd=ROOT, stdout=subprocess.PIPE, check=True,
        timeout=280, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    ended: list[dict[str, Any]] = json.loads(done.stdout)
    return ended


def _carry_out(command: Sequence[str], barrier: int, said: int) -> NoReturn:
    import oversight  # noqa: PLC0415 (loaded already, before the first fork)

    status = 70
    try:
        for descriptor in (1, 2):
            os.dup2(said, descriptor)
        os.read(barrier, 1)
        oversight.main(list(command), prog_name="oversight")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _holder(folder: Path) -> int:
    """Return the process that says it holds the archive's lock, waiting until one does."""
    while True:
        try:
            return int(json.loads((folder / "lock").read_bytes())["pid"])
        except (OSError, ValueError, KeyError):
            time.sleep(0.002)


def main() -> None:
    """Start all, let them go at once, wait."""
    from pipelines.derive import Sources  # noqa: PLC0415
    from pipelines.plan import project_settings  # noqa: PLC0415
    from tests.loaded import load_commands  # noqa: PLC0415

    load_commands()
    # Loads the sources, which would take each process a second of its own.
    Sources(project_settings(ROOT)).names()
    told = json.loads(sys.argv[1])
    barrier, release = os.pipe()
    started: dict[int, Any] = {}
    for command in told["commands"]:
        said = tempfile.TemporaryFile()  # noqa: SIM115 (closed by the end of this process)
        pid = os.fork()
        if pid == 0:
            os.close(release)
            _carry_out(command, barrier, said.fileno())
        started[pid] = said
    statuses: dict[int, int] = {}
    os.close(release)
    stopped = _holder(Path(told["stretched"])) if told["stretched"] else 0
    if stopped:
        os.kill(stopped, signal.SIGSTOP)
    for pid in started:
        if pid != stopped:
            statuses[pid] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if stopped:
        os.kill(stopped, signal.SIGCONT)
        statuses[stopped] = os.waitstatus_to_exitcode(os.waitpid(stopped, 0)[1])
    ended = []
    for pid, said in started.items():
        said.seek(0)
        ended.append({"pid": pid, "status": statuses[pid], "said": said.read().decode("utf-8", "replace")})
    json.dump(ended, sys.stdout)


if __name__ == "__main__":
    main()
