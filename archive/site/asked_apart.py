"""People's own SQL, asked apart from the readers: in few threads, by processes that end when their time is up.

A question has its time, its memory and its place in a queue; what takes more ends, and takes nobody with it.
"""

from __future__ import annotations

import asyncio
import atexit
import base64
import contextlib
import json
import socket
import sqlite3
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

ROOT = Path(__file__).parent.parent.parent
# So many questions are worked on at a time, and so many wait; who comes then is asked to come again later.
AT_A_TIME, WAITING = 2, 24
RETRY_AFTER = 5
STARTING = 20.0
QUOTE = '"'
TOO_COSTLY = "This question takes more memory than one question has. Sort or group less."
NO_ANSWER = "No questions can be answered at the moment."
_ERRORS = {name: getattr(sqlite3, name) for name in ("DatabaseError", "DataError", "IntegrityError", "InterfaceError",
           "NotSupportedError", "OperationalError", "ProgrammingError")}  # fmt: skip


class TooManyWaitError(Exception):
    """So many questions wait already that this one isn't taken."""


class InterruptedAskError(Exception):
    """A question took longer than it may."""


@dataclass(frozen=True, slots=True)
class Question:
    """SQL of a stranger's making, the values for its holes, its time, and how many rows are wanted (None: all)."""

    sql: str
    values: Any
    ms: int
    most: int | None

    def told(self) -> dict[str, Any]:
        """Return it as a process is told it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Answer:
    """The names of the columns, the rows, and whether there are more."""

    columns: list[str]
    rows: list[sqlite3.Row]
    more: bool


class Threads:
    """The threads in which people's own SQL is waited for, of all files of a site."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="people's SQL")
        self._under_way = dict[object, asyncio.Future[Answer]]()

    async def ask(self, processes: Processes, question: Question, *, first: bool, shared: bool) -> Answer:
        """Answer a question. Raises TooManyWaitError, for the first of a request only, and what a process raises.

        A request that was let in is answered whole, so that no list ends in its middle. Where the file never changes
        an answer may be `shared`: a table that many open at the same moment is asked for once, and nobody of them is
        sent away.
        """
        key: object = (processes, json.dumps(question.told())) if shared else object()
        asked = self._under_way.get(key)
        if asked is None:
            if first and len(self._under_way) >= AT_A_TIME + WAITING:
                raise TooManyWaitError
            asked = asyncio.get_running_loop().run_in_executor(self._threads, processes.ask, question)
            self._under_way[key] = asked
            asked.add_done_callback(lambda done: self._end(key, done))
        try:
            answer = await asyncio.shield(asked)  # who gives up takes it from nobody else
        finally:
            del asked  # an error holds this frame: with what holds the error in it, both would stay for long
        return replace(answer, rows=list(answer.rows))

    def _end(self, key: object, done: asyncio.Future[Answer]) -> None:
        del self._under_way[key]
        if not done.cancelled():
            done.exception()  # heard, also where everybody has gone


def _program() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Start the program that opens a file, and return the socket on which it is told which."""
    ours, theirs = socket.socketpair()
    with theirs:
        started = subprocess.Popen(
            [sys.executable, "-s", "-m", "archive.site.sql_process", str(theirs.fileno())], cwd=ROOT,
            env={"LC_ALL": "C.UTF-8"}, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    return ours, started


# One that waits for the next file, so that a release that takes another's place needn't wait for a program's start.
_SPARES: list[tuple[socket.socket, subprocess.Popen[bytes]]] = []


@atexit.register
def _let_spares_go() -> None:
    while _SPARES:
        its, started = _SPARES.pop()
        its.close()
        started.kill()
        started.wait()


def _taken() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    """Return a program that waits, if it still does, or a new one."""
    while _SPARES:
        its, started = _SPARES.pop()
        if started.poll() is None:
            return its, started
        its.close()
    return _program()


class Processes:
    """The processes that read from one file, which is opened once, by its SQLite URI, and for good when it is `ready`.

    They are forked when they are needed, and end with the file.
    """

    def __init__(self, address: str) -> None:
        self._idle, self._lock, self._closed = list[_Process](), threading.Lock(), False
        self._socket, self._program = _taken()
        self._socket.send(address.encode())
        # Also where nobody closes it: when it is let go, and when the server ends.
        self._end = weakref.finalize(self, _end, self._socket, self._program, self._idle)

    def ready(self) -> None:
        """Return when the file is open. Raises sqlite3.OperationalError where it can't be."""
        self._socket.settimeout(STARTING)
        try:
            opened = self._socket.recv(1)
        except OSError:
            opened = b""
        if not opened:
            raise sqlite3.OperationalError(NO_ANSWER)
        if not _SPARES:
            _SPARES.append(_program())

    def ask(self, question: Question) -> Answer:
        """Answer a question in this thread. Raises sqlite3.Error, InterruptedAskError."""
        with self._lock:
            if self._closed:
                raise sqlite3.ProgrammingError("The request that this is asked for is over.")
            process = self._idle.pop() if self._idle else _Process(self._another())
        answer = process.ask(question)
        with self._lock:
            if self._closed:
                process.close()
            else:
                self._idle.append(process)
        return answer.given()

    def _another(self) -> socket.socket:
        """Return the socket of a new process."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._socket, [b"1"], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise sqlite3.OperationalError(NO_ANSWER) from error
        return ours

    def close(self) -> None:
        """End those that have nothing to do now, and the others when they are done."""
        with self._lock:
            self._closed = True
            self._end()


def _end(its: socket.socket, program: subprocess.Popen[bytes], idle: list[_Process]) -> None:
    while idle:
        idle.pop().close()
    its.close()
    program.kill()
    program.wait()


@dataclass(frozen=True, slots=True)
class _Told:
    """What a process said: an answer, or the name of an error and its words."""

    answer: Answer | None
    error: str = ""
    words: str = ""

    def given(self) -> Answer:
        if self.answer is not None:
            return self.answer
        if self.words == "interrupted":
            raise InterruptedAskError
        raise _ERRORS.get(self.error, sqlite3.OperationalError)(self.words)


class _Process:
    """One process, by its socket; when a question ended it, it is of no use any more."""

    def __init__(self, its: socket.socket) -> None:
        self._socket, self._lines = its, its.makefile("rw", encoding="utf-8")

    def ask(self, question: Question) -> _Told:
        """Return what it says. Raises InterruptedAskError where its time was up, or sqlite3.Error where it died."""
        self._socket.settimeout(question.ms / 1000 + STARTING)  # it ends by itself long before
        began = monotonic()
        try:
            self._lines.write(json.dumps(question.told()) + "\n")
            self._lines.flush()
            return self._told()
        except (OSError, EOFError) as error:
            self.close()
            if monotonic() - began >= question.ms / 1000:
                raise InterruptedAskError from error
            raise sqlite3.OperationalError(TOO_COSTLY) from error
        except BaseException:
            self.close()
            raise

    def _told(self) -> _Told:
        line, rows = self._line(), list[sqlite3.Row]()
        if columns := line.get("columns"):
            make = _row_maker(columns)
            while isinstance(line := self._line(), list):
                rows.append(make(line))
        if "error" in line:
            return _Told(None, line["error"], line["told"])
        return _Told(Answer(columns or [], rows, line.get("more", False)))

    def _line(self) -> Any:
        line = self._lines.readline()
        if not line.endswith("\n"):
            raise EOFError
        return json.loads(line)

    def close(self) -> None:
        """Let it end: who has nobody to answer ends."""
        with contextlib.suppress(OSError):
            self._lines.close()
        self._socket.close()


def _row_maker(columns: list[str]) -> Callable[[list[Any]], sqlite3.Row]:
    """Return what makes a row as SQLite gives it, which goes by names, of the values of one."""
    names = ", ".join(f'NULL AS "{name.replace(QUOTE, QUOTE * 2)}"' for name in columns)
    with closing(sqlite3.connect(":memory:")) as connection:
        named = connection.execute(f"SELECT {names or 'NULL'}")

    def make(values: list[Any]) -> sqlite3.Row:
        return sqlite3.Row(named, tuple(_bytes_of(value) if isinstance(value, dict) else value for value in values))

    return make


def _bytes_of(value: dict[str, str]) -> bytes:
    return base64.b64decode(value["bytes"])
