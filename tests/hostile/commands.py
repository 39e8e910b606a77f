"""Runs many `oversight` commands, each in a process of its own, for the price of importing the program once.

Reads a JSON list from standard input, [{"folder": where stdout and stderr go, "arguments": [...]}, ...], and writes
their exit statuses as a JSON list. A file `connections` in the folder names whatever the command tried to reach.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import oversight
from tests.loaded import load_all

AT_ONCE = 2


def main() -> None:
    """Fork a process for each command; none of them shares a reactor, a lock or a session with another."""
    commands: list[dict[str, Any]] = json.load(sys.stdin)
    load_all()
    statuses: dict[int, int] = {}
    running: dict[int, int] = {}
    for place, command in enumerate(commands):
        if len(running) == AT_ONCE:
            _wait(running, statuses)
        child = os.fork()
        if child == 0:
            _run(command)
        running[child] = place
    while running:
        _wait(running, statuses)
    json.dump([statuses[place] for place in range(len(commands))], sys.stdout)


def _wait(running: dict[int, int], statuses: dict[int, int]) -> None:
    child, status = os.wait()
    statuses[running.pop(child)] = os.waitstatus_to_exitcode(status)


def _run(command: dict[str, Any]) -> None:
    folder = Path(command["folder"])
    for name, number in (("stdout", 1), ("stderr", 2)):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), number)
    sys.addaudithook(partial(_note_connection, folder / "connections"))
    status = 70
    try:
        oversight.main(command["arguments"])
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _note_connection(file: Path, event: str, arguments: tuple[Any, ...]) -> None:
    """Write down every try to reach somebody, or to look a name up."""
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        with file.open("a") as written:
            written.write(f"{event} {arguments[-1]!r}\n")


if __name__ == "__main__":
    main()
