"""What every process that reads untrusted bytes gives up: files, connections, programs, memory without end.

It knows no reader. The kernel's part stands in system_calls.py.
"""

from __future__ import annotations

import _thread
import errno
import os
import resource
import sys
import sysconfig
import time
from typing import IO, Any

from pipelines.text.system_calls import refuse_system_calls

_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.kill",
            "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.truncate",
            "ctypes.dlopen", "shutil.", "pty.", "signal.pthread_kill")  # fmt: skip
# What the loader of libraries and Python's threads say where there is no memory for them.
_NO_ROOM = ("failed to map segment", "annot allocate memory", "can't start new thread")
_LIBRARIES = tuple(
    os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def taken_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return where requests come from and where answers go, and let nothing else that is printed end up there."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    return asked, answers


def limit_memory(most: int) -> None:
    """Bound the addresses of this process, and end it with the one that started it."""
    # Thread.start() waits until the thread runs, for ever where that has no memory to begin with.
    _thread.start_new_thread(_end_with_parent, (os.getppid(),))
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def is_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, by whatever name: a library, a thread or a file of the system has its own."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, (ImportError, RuntimeError)) and any(words in str(error) for words in _NO_ROOM)


def confine() -> None:
    """Give up what reading needs no more: files, connections, programs, core dumps."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    # What Python does is refused by name; what a library in C does, by the kernel, where that can be had.
    refuse_system_calls()
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        reads = isinstance(flags, int) and not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if isinstance(path, int) or (reads and os.path.realpath(path).startswith(_LIBRARIES)):
            return
        raise PermissionError(f"a reader may not open {str(path)[:200]}")
    if event.startswith(_REFUSED):
        raise PermissionError(f"a reader may not use {event}")


def limit_seconds(seconds: int) -> None:
    """Bound the processor time that this process has from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, resource.RLIM_INFINITY))


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)
