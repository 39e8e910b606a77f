"""A process that answers people's own SQL from one file: what it takes is its own, and it ends when its time is up.

The program opens the file, and forks at each word on its socket a process that answers on a socket of its own, question
by question, in lines of JSON. It knows of limits, and nothing of the site.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import resource
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from stat import S_ISREG
from time import perf_counter
from typing import Any, TextIO

from archive.site.security import confine_connection

# SQLite's own memory for one question (sorting, grouping, pages at hand), and the process's address space: where
# Python can't have more either, it ends.
HEAP, SPACE = 64 << 20, 512 << 20
# What an answer may weigh. Its rows are put into HTML, JSON or CSV by the one process that answers everybody.
MOST_BYTES = 12 << 20
# After so many steps of SQLite it is looked whether time is up; it takes some 0.08 ms. Within one step it isn't looked:
# the kernel ends the process when this part of the time has gone by.
STEPS, PATIENCE = 1_000, 1.15
TOO_MUCH = "This answer is larger than 12 MB. Ask for fewer rows or columns."
TOO_COSTLY = "This question takes more memory than one question has. Sort or group less."
_WORDS = re.compile(r'"([^"]*)"?|([^\s"]+)')
_OPEN = Path("/proc/self/fd")


def main() -> None:
    """Answer from the file whose SQLite URI comes on a socket, the argument; each word after it asks for a process."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server's own; its end is told by the socket
    address = control.recv(1 << 16).decode()
    if not address:
        return
    os.nice(5)  # readers come first
    # A release is opened once: a copy in memory has no name any more when the next process is needed, and a file may be
    # another by then. It can't change and isn't locked, so that a fork may go on with it.
    connection = _opened(address) if "immutable=1" in address and _OPEN.is_dir() else None
    control.send(b"r")
    while True:
        word, sockets, *_ = socket.recv_fds(control, 1, 1)
        if not word:
            return
        if not os.fork():
            control.close()
            _serve(connection, address, socket.socket(fileno=sockets[0]))
            os._exit(0)
        os.close(sockets[0])


def _opened(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True)
    connection.execute("SELECT 1 FROM sqlite_master").fetchall()
    return connection


def _serve(connection: sqlite3.Connection | None, address: str, asked: socket.socket) -> None:
    if connection:
        _read_alone()
    connection = connection or _opened(address)
    _confine(connection)
    with contextlib.suppress(BrokenPipeError, ConnectionError), asked.makefile("rw", encoding="utf-8") as lines:
        for line in lines:
            _answer(connection, json.loads(line), lines)


def _read_alone() -> None:
    """Open files that were open before the fork anew, in the same places: the position in them would be shared."""
    for number in sorted(int(name.name) for name in _OPEN.iterdir()):
        with contextlib.suppress(OSError):
            if number > 2 and S_ISREG(os.fstat(number).st_mode):
                anew = os.open(_OPEN / str(number), os.O_RDONLY | os.O_CLOEXEC)
                os.dup2(anew, number, inheritable=False)
                os.close(anew)


def _confine(connection: sqlite3.Connection) -> None:
    for name, most in (("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0), ("RLIMIT_AS", SPACE), ("RLIMIT_NPROC", 0)):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(getattr(resource, name), (most, most))
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA query_only = ON")
    connection.create_function("escape_fts", 1, _quoted_words, deterministic=True)
    confine_connection(connection)


def _quoted_words(asked: str) -> str:
    """Return what was typed as words and phrases for the full-text index; Datasette's `_search` asks so."""
    found = _WORDS.findall(asked)
    return " ".join(f'"{phrase or word}"' for phrase, word in found if phrase or word)


def _answer(connection: sqlite3.Connection, question: dict[str, Any], out: TextIO) -> None:
    """Write an answer; its last line is written when the clock has stopped, so that the process lives on."""
    deadline, last = perf_counter() + question["ms"] / 1000, dict[str, Any](more=False)
    signal.setitimer(signal.ITIMER_REAL, max(question["ms"] * PATIENCE, question["ms"] + 100) / 1000)
    connection.set_progress_handler(lambda: perf_counter() >= deadline, STEPS)
    try:
        for line in _lines(connection, question):
            if isinstance(line, dict) and "more" in line:
                last = line
            else:
                out.write(json.dumps(line, default=_as_bytes) + "\n")
    except MemoryError:
        last = {"error": "OperationalError", "told": TOO_COSTLY}
    except sqlite3.Error as error:
        last = {"error": type(error).__name__, "told": str(error)}
    except (ValueError, OverflowError, UnicodeError) as error:
        last = {"error": "OperationalError", "told": str(error)}
    finally:
        connection.set_progress_handler(None, STEPS)
    signal.setitimer(signal.ITIMER_REAL, 0)
    out.write(json.dumps(last) + "\n")
    out.flush()


def _lines(connection: sqlite3.Connection, question: dict[str, Any]) -> Iterator[Any]:
    """Give the columns, each row, and whether there were more of them than asked for."""
    most, weight = question["most"], 0
    cursor = connection.execute(question["sql"], question["values"])
    yield {"columns": [column[0] for column in cursor.description or ()]}
    for count, row in enumerate(cursor):
        if count == most:
            yield {"more": True}
            return
        weight += 8 * len(row) + sum(len(value) for value in row if isinstance(value, str | bytes))
        if weight > MOST_BYTES:
            raise sqlite3.OperationalError(TOO_MUCH)
        yield row
    yield {"more": False}


def _as_bytes(value: bytes) -> dict[str, str]:
    return {"bytes": base64.b64encode(value).decode()}


if __name__ == "__main__":
    main()
