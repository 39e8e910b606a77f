"""Runs `oversight` as a shell would, in children of one process that has loaded it: each start would take a second.

python -m tests.loaded_commands FD takes on a socket, for each command, its arguments as JSON, and with them three
descriptors: where it says what becomes of the command, and the command's standard output and error.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECONDS = 240
_MOST = 200_000


class LoadedCommands:
    """The process that runs commands, in the environment that it was started with; any number at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            line = [sys.executable, "-m", "tests.loaded_commands", str(theirs.fileno())]
            self._process = subprocess.Popen(
                line, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        atexit.register(self._end)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()

    def run(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Return how a command ended. Raises subprocess.TimeoutExpired after SECONDS."""
        ours, theirs = socket.socketpair()
        with ours, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
            with theirs:
                descriptors = [theirs.fileno(), said.fileno(), complained.fileno()]
                socket.send_fds(self._socket, [json.dumps(arguments).encode()], descriptors)
            ours.settimeout(SECONDS)
            with ours.makefile() as told:
                process = int(told.readline())
                try:
                    status = int(told.readline())
                except TimeoutError:
                    os.kill(process, 9)
                    raise subprocess.TimeoutExpired(list(arguments), SECONDS) from None
            texts = [(file.seek(0), file.read().decode())[1] for file in (said, complained)]
            return subprocess.CompletedProcess(list(arguments), status, *texts)


@cache
def loaded_commands() -> LoadedCommands:
    """Return this process's, begun when it is asked for first."""
    from tests.demo_archive import environment  # noqa: PLC0415 (which runs commands by this)

    return LoadedCommands(environment())


def main() -> None:
    """Load everything, then fork for each command."""
    from tests.loaded import load_all  # noqa: PLC0415

    load_all()
    asked = socket.socket(fileno=int(sys.argv[1]))
    while True:
        told, descriptors, _, _ = socket.recv_fds(asked, _MOST, 3)
        if not told:
            return
        if os.fork() == 0:
            asked.close()
            _carry_out(json.loads(told), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        while _reaped():
            pass


def _reaped() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] > 0
    except ChildProcessError:
        return False


def _carry_out(arguments: list[str], told: int, said: int, complained: int) -> None:
    """In a child: have another one carry a command out, and tell who it is and how it ended."""
    command = os.fork()
    if command == 0:
        os.dup2(said, 1)
        os.dup2(complained, 2)
        for descriptor in (told, said, complained):
            os.close(descriptor)
        _command(arguments)
    os.write(told, f"{command}\n".encode())
    _, status = os.waitpid(command, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _command(arguments: list[str]) -> None:
    """Run `oversight` and end as Python does."""
    import oversight  # noqa: PLC0415 (loaded already, before the first fork)

    status = 1
    sys.argv[:] = [oversight.__file__, *arguments]
    try:
        oversight.main(arguments, prog_name="oversight.py")
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
