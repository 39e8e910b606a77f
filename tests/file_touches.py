"""Tells by strace which files a running program and its children touch: names as given, and what was opened."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import need

ROOT = Path(__file__).parent.parent
_NAMED = re.compile(r'^\d+ +\w+\((?:(?:AT_FDCWD|\d+)(?:<(?P<at>[^>]*)>)?, )?"(?P<name>(?:[^"\\]|\\.)*)"')
_OPENED = re.compile(r" = \d+<(?P<path>/[^>]*)>$")
# What a program needs wherever it is: itself, its language, its libraries, and what the system tells of it.
_ITS_OWN = (ROOT, Path(sys.prefix), Path(sys.base_prefix), *map(Path, ("/usr/lib", "/usr/local/lib", "/usr/share/fonts",
            "/usr/share/zoneinfo", "/lib", "/lib64", "/proc", "/dev", "/sys")))  # fmt: skip
_ITS_OWN_FILES = ("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/localtime", "/etc/mime.types", "/pyvenv.cfg")


def family(process: int) -> list[int]:
    """Return a process and all that come from it."""
    children = Path(f"/proc/{process}/task")
    found = [process]
    with contextlib.suppress(OSError):
        for task in children.iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


@contextlib.contextmanager
def touched(process: int, log: Path) -> Iterator[list[str]]:
    """Fill a list, when it is left, with the absolute path of every file that a process and its family touch."""
    found: list[str] = []
    line = [
        need("strace", "strace"),
        "-f",
        "-y",
        "-s",
        "8192",
        "-e",
        "trace=%file",
        "-e",
        "signal=none",
        "-o",
        str(log),
    ]
    pids = family(process)
    for pid in pids:
        line += ["-p", str(pid)]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        for _ in pids:
            told = tracer.stderr.readline()
            assert "attached" in told, told
        try:
            yield found
        finally:
            time.sleep(0.2)
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)
    found += _paths(log.read_text("utf-8", "replace"))


def _paths(log: str) -> Iterator[str]:
    for line in log.splitlines():
        if named := _NAMED.match(line):
            name = named["name"].encode("latin-1", "replace").decode("unicode_escape", "replace")
            yield os.path.normpath(os.path.join(named["at"] or str(ROOT), name))  # noqa: PTH118
        if opened := _OPENED.search(line):
            yield opened["path"]


def outside(paths: list[str], archive: Path) -> list[str]:
    """Return those paths that are neither an archive's nor a program's own."""
    own = (archive, *_ITS_OWN)
    return sorted(
        path for path in set(paths)
        if not any(Path(path).is_relative_to(one) or one.is_relative_to(path) for one in own)
        and not path.endswith(_ITS_OWN_FILES) and not path.startswith(("/memfd:", "pipe:", "socket:"))
    )  # fmt: skip


def process_at(address: str) -> int:
    """Return the process that listens on a port of this machine."""
    port = int(address.rpartition(":")[2])
    listening = {
        line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
        if line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A"
    }  # fmt: skip
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if str(link.readlink()) in {f"socket:[{inode}]" for inode in listening}:
                return int(link.parts[2])
    raise LookupError(address)
