"""A worker whose reader does what its file tells it: what a reader that fell to its input would do."""

from __future__ import annotations

import ctypes
import gzip
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pipelines.text import worker
from pipelines.text.reading import Reading, TextPage
from pipelines.text.stored_reading import to_bytes

_hoard: list[bytes] = []
_children: list[int] = []


def said(text: str) -> Reading:
    return Reading("pdf-3", "text", "", (TextPage(1, "", text),))


def read(body: bytes) -> Reading | bytes:
    """Obey the body: a verb, and what it takes."""
    verb, _, rest = body.decode().partition(" ")
    deed: Callable[[str], Reading | bytes] = globals()[f"do_{verb}"]
    return deed(rest)


def do_say(rest: str) -> Reading:
    return said(rest)


def do_print(rest: str) -> Reading:
    sys.stdout.write(rest)
    os.write(1, rest.encode() * 10_000)
    os.write(2, rest.encode())
    return said("printed")


def do_sleep(_: str) -> Reading:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(1000)
    return said("woke")


def do_spin(_: str) -> Reading:
    while True:
        pass


def do_abort(_: str) -> Reading:
    os.abort()


def do_exit(rest: str) -> Reading:
    os._exit(int(rest))


def do_raise(rest: str) -> Reading:
    raise KeyError(rest)


def do_memory(_: str) -> Reading:
    while True:
        _hoard.append(bytes(64 << 20))


def do_crash(_: str) -> Reading:
    ctypes.string_at(0)
    return said("alive")


def do_answer(rest: str) -> Reading:
    """Write to every pipe that is open, in place of the answer."""
    if rest == "twice":
        return _answered_twice()
    length = {"garbage": 100, "endless": 1 << 50, "large": 3 << 30}[rest]
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, length.to_bytes(8, "big") + b"x" * 200)
        except OSError:
            continue
    return said("x")


def _answered_twice() -> Reading:
    """Answer, and answer once more: one of the two would be taken for the next file's text."""
    data = to_bytes(said("planted"))
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, len(data).to_bytes(8, "big") + data + bytes(16))
        except OSError:
            continue
    time.sleep(0.3)
    return said("planted, too")


def do_pages(rest: str) -> Reading:
    pages = tuple(TextPage(number, "", "") for number in range(1, int(rest) + 1))
    return Reading("pdf-3", "text", "", pages)


def do_claim(rest: str) -> Reading:
    return Reading("pdf-3", rest, "", (TextPage(1, "", "x"),))


def do_environment(_: str) -> Reading:
    return said(" ".join(sorted(os.environ)))


def do_forbidden(_: str) -> Reading:
    """Try what a reader has no use for, and name what was let through."""
    deeds: dict[str, Callable[[], object]] = {
        "read": lambda: Path("/etc/hostname").read_text(),
        "write": lambda: Path("/tmp/left-by-a-reader").write_text("x"),
        "socket": lambda: socket.create_connection(("127.0.0.1", 9), 1),
        "program": lambda: subprocess.run(["/bin/true"], check=False),
        "shell": lambda: os.system("true"),
        "fork": os.fork,
        "kill": lambda: os.kill(os.getppid(), 0),
    }
    done = []
    for name, deed in deeds.items():
        try:
            deed()
        except OSError as error:
            if not isinstance(error, PermissionError):
                done.append(name)
        else:
            done.append(name)
    return said("let through: " + " ".join(done))


def do_native(rest: str) -> Reading:
    """Try the same past Python, as a library in C that fell to its input would, and name what was let through."""
    native, mark = ctypes.pythonapi, rest.encode()
    written = os.O_CREAT | os.O_WRONLY
    deeds: dict[str, Callable[[], int]] = {
        "fork": native.fork,
        "socket": lambda: native.socket(socket.AF_INET, socket.SOCK_STREAM, 0),
        "socket pair": lambda: native.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 0, (ctypes.c_int * 2)()),
        "program": lambda: native.execv(b"/bin/true", (ctypes.c_char_p * 2)(b"true", None)),
        "kill": lambda: native.kill(os.getppid(), 0),
        "leave the group": native.setsid,
        "write": lambda: native.open(mark, written, 0o600),
        "empty file": lambda: native.creat(mark, 0o600),
        "folder": lambda: native.mkdir(mark, 0o700),
        "memory file": lambda: native.memfd_create(b"x", 0),
    }
    done = []
    for name, deed in deeds.items():
        given = deed()
        if name == "fork" and given == 0:
            time.sleep(60)
            os._exit(0)
        if given >= 0:
            done.append(name)
    return said("let through: " + " ".join(done))


def do_fill(rest: str) -> Reading:
    """Fill the temporary folder until somebody objects."""
    for number in range(100_000):
        Path(rest + str(number)).write_bytes(bytes(1 << 20))
    return said("filled")


def do_child(_: str) -> Reading:
    """Tell which process was started before this one gave that up (tests/hostile/parent_reader.py)."""
    return said(str(_children[0]))


def do_flood(rest: str) -> Reading:
    """Write on and on where answers go."""
    block = bytes([int(rest)]) * (1 << 20)
    for descriptor in range(3, 20):
        try:
            while True:
                os.write(descriptor, block)
        except OSError:
            continue
    return said("flooded")


def do_bomb(rest: str) -> bytes:
    """Answer with what is small, and becomes much when it is unpacked: so many megabytes of this."""
    size, unit = rest.split()
    return gzip.compress(b"[" + f"{unit},".encode() * ((int(size) << 20) // (len(unit) + 1)) + b"0]", 1)


def do_json(rest: str) -> bytes:
    """Answer with this JSON."""
    return gzip.compress(rest.encode())


if __name__ == "__main__":
    worker._FUNCTIONS["pdf"] = ("tests.hostile.reader", "read")
    worker.main(sys.argv[1])
