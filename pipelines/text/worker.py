"""The process that reads untrusted files (`python -m pipelines.text.worker pdf`), one after the other, under limits.

Each request on standard input is a line of JSON ({"task", "length", "seconds", "given", "mark"}) and the body; each
answer on standard output is eight bytes of length, a stored reading (of a long PDF also how many pages it has, or a
range of them) and the request's mark. It knows no archive, opens no connection and writes no file.
"""

from __future__ import annotations

import _thread
import errno
import gc
import importlib
import json
import os
import resource
import sys
import sysconfig
import time
from collections.abc import Callable
from functools import partial
from typing import IO, Any

from pipelines.text.reading import Reading
from pipelines.text.stored_reading import MOST_BYTES, NO_MEMORY, READERS, to_bytes
from pipelines.text.system_calls import refuse_system_calls

# The models of OCR take up to 1 GB of memory, and as much again of addresses that are never used.
MEMORY = {"pdf": 1536 << 20, "article": 1536 << 20, "ocr": 3072 << 20}

# What may be asked: a task's first word is the kind of its process, which loads only the libraries of that kind, since
# each takes a third of a second.
_FUNCTIONS = {
    "pdf": ("pipelines.text.pdf_ranges", "read_or_count"),
    "pdf range": ("pipelines.text.pdf_ranges", "read_range"),
    "pdf joined": ("pipelines.text.pdf_ranges", "read_joined"),
    "article": ("pipelines.text.html", "read_article"),
    "ocr": ("pipelines.text.ocr", "read_scan"),
}
_REFUSED = ("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.kill",
            "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.chmod", "os.truncate",
            "ctypes.dlopen", "shutil.", "pty.", "signal.pthread_kill")  # fmt: skip
# What the loader of libraries and Python's threads say where there is no memory for them.
_NO_ROOM = ("failed to map segment", "annot allocate memory", "can't start new thread")
_LIBRARIES = tuple(
    os.path.realpath(sysconfig.get_path(name)) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


def main(kind: str) -> None:
    """Serve requests until standard input ends; a process without memory for that says so by its status."""
    try:
        _serve(kind)
    except Exception as error:
        if not is_memory(error):
            raise
        os._exit(NO_MEMORY)  # whatever else is done at an end may need some


def is_memory(error: BaseException) -> bool:
    """Tell whether memory ran out, by whatever name: a library, a thread or a file of the system has its own."""
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return isinstance(error, (ImportError, RuntimeError)) and any(words in str(error) for words in _NO_ROOM)


def _serve(kind: str) -> None:
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not end up among the answers.
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    tasks: dict[str, Callable[..., Reading | bytes]] = {
        task: getattr(importlib.import_module(module), name)
        for task, (module, name) in _FUNCTIONS.items()
        if task.split()[0] == kind
    }
    if kind == "ocr":
        importlib.import_module(_FUNCTIONS[kind][0]).engine()
    _confine()
    # Thread.start() waits until the thread runs, for ever where that has no memory to begin with.
    _thread.start_new_thread(_end_with_parent, (os.getppid(),))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY[kind], MEMORY[kind]))
    while line := asked.readline(1_000_000):
        request = json.loads(line)
        body = asked.read(request["length"])
        _limit_seconds(request["seconds"])
        mark = bytes.fromhex(request["mark"])
        if not _answer(answers, kind, mark, partial(tasks[request["task"]], body, *request["given"])):
            return


def _answer(answers: IO[bytes], kind: str, mark: bytes, read: Callable[[], Reading | bytes]) -> bool:
    """Write the answer; return False when this process should read no more."""
    reader, data = READERS[kind], None
    try:
        made = read()
        data = made if isinstance(made, bytes) else to_bytes(made)
    except Exception as error:
        # As long as the error is held, so is all that was read until then.
        if not is_memory(error):
            data = to_bytes(Reading(reader, "reader-crashed", f"{type(error).__name__}: {error}"[:300]))
    healthy = data is not None
    if data is None:
        gc.collect()
        data = to_bytes(Reading(reader, "reader-memory", f"more than {MEMORY[kind] >> 20} MB"))
    if len(data) > MOST_BYTES:
        data = to_bytes(Reading(reader, "reader-memory", "more text than a document holds"))
    answers.write(len(data).to_bytes(8, "big") + data + mark)
    answers.flush()
    return healthy


def _confine() -> None:
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


def _limit_seconds(seconds: int) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + seconds + 1, resource.RLIM_INFINITY))


def _end_with_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(2)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1])
