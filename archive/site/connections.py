"""One database file as Datasette asks it, with its own connections, which end with the last question asked of it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasette.database import Database, QueryInterrupted, Results

from archive.release.held import HeldRelease
from archive.research.rows import one_state
from archive.site.asked_apart import InterruptedAskError, Processes, Question
from archive.site.kept_answers import KeptAnswers

NAME = "archive"


class Connections:
    """Connections to one file, one for each thread that may ask; no more are opened later, when it may be replaced."""

    def __init__(self, open_one: Callable[[], sqlite3.Connection], count: int) -> None:
        self._idle: list[sqlite3.Connection] = []
        self.closed, self._changed = False, threading.Condition()
        try:
            for _ in range(count):
                self._idle.append(open_one())
        except BaseException:
            self.close()
            raise

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to this thread; waits while all are lent. Raises sqlite3.ProgrammingError once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle or self.closed)
            if self.closed:
                raise sqlite3.ProgrammingError("The request that this is asked for is over.")
            connection = self._idle.pop()
        try:
            yield connection
        finally:
            with self._changed:
                connection.close() if self.closed else self._idle.append(connection)
                self._changed.notify()

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        with self._changed:
            self.closed = True
            while self._idle:
                self._idle.pop().close()
            self._changed.notify_all()


class ServedFile:
    """A file that requests are answered from: that of a release, or the working catalogue (`release` is None).

    `counts` are the rows of each table, of a release, which isn't written to: what was once asked of it is kept in
    `known`, and what searches gave in `answers` (None for the catalogue). `users` counts the requests that are under
    way; a file that was retired is closed when there are none. A `damaged` one answers nothing more.
    """

    def __init__(
        self, path: Path, connections: Connections, processes: Processes, held: HeldRelease | None = None,
        counts: dict[str, int] | None = None, answers: KeptAnswers | None = None,
    ) -> None:  # fmt: skip
        self.path, self.connections, self.processes = path, connections, processes
        self.held, self.counts = held, counts
        self.release = held.release if held else None
        self.known: dict[str, Any] = {}
        self.answers = answers
        self.users, self.retired, self.damaged = 0, False, False
        self._databases: dict[str, Database] = {}

    def __str__(self) -> str:
        return "the working catalogue" if self.release is None else f"release {self.release.number}"

    @property
    def number(self) -> int | None:
        """Return the release's number; None for the working catalogue."""
        return self.release.number if self.release else None

    def retire(self) -> None:
        """Let no further request begin here, and close it as soon as the last one is done."""
        self.retired = True
        if not self.users:
            self._close()

    def leave(self) -> None:
        """Count one request that is done."""
        self.users -= 1
        if self.retired and not self.users:
            self._close()

    def _close(self) -> None:
        self.connections.close()
        self.processes.close()
        if self.held is not None:
            self.held.close()

    def database(self, datasette: Any, route: str) -> Database:
        """Return it as Datasette knows a database, named by its path."""
        if route not in self._databases:
            self._databases[route] = _FileDatabase(datasette, self, route)
        return self._databases[route]


class _FileDatabase(Database):  # type: ignore[misc]
    """Datasette's own keeps connections by name in each of its threads, where nobody could close them."""

    def __init__(self, datasette: Any, file: ServedFile, route: str) -> None:
        super().__init__(datasette, str(file.path), is_mutable=file.release is None)
        self.name = self.route = route
        self.file = file
        if file.release is not None:
            self.cached_hash, self.cached_size = file.release.sha256, file.release.size
            self._cached_table_counts = file.counts

    async def execute(
        self, sql: str, params: Any = None, truncate: bool = False, custom_time_limit: int | None = None,
        page_size: int | None = None, log_sql_errors: bool = True,
    ) -> Results:  # fmt: skip
        """Ask what people asked for: their SQL, filters and facets. Raises TooManyWaitError, QueryInterrupted.

        Nobody's SQL is logged.
        """
        rows = self.ds.max_returned_rows
        most = (rows + (rows == (page_size or self.ds.page_size))) if rows and truncate else None
        limit = self.ds.sql_time_limit_ms
        question = Question(sql, _values(params), min(custom_time_limit or limit, limit), most)
        pin = self.ds.serving.pin
        # A list of a table names the size of its page, unless it is the usual one, which is smaller.
        if most and pin.most_shown and page_size is None:
            question = replace(question, most=min(most, pin.most_shown))
        first, pin.asked_apart = not pin.asked_apart, True
        try:
            shared = self.file.release is not None
            answer = await self.ds.apart.ask(self.file.processes, question, first=first, shared=shared)
        except InterruptedAskError as error:
            raise QueryInterrupted(error, sql, params) from error
        return Results(answer.rows, answer.more, [(name, *[None] * 6) for name in answer.columns])

    async def attached_databases(self) -> list[Any]:
        """Return none: one file answers a request."""
        return []

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """Ask in one of Datasette's threads."""
        return await self._ask_in(self.ds.executor, fn)

    async def search_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """Ask in one of the threads for searches, so that who opens a page doesn't wait behind them."""
        return await self._ask_in(self.ds.searching, fn)

    async def _ask_in(self, threads: ThreadPoolExecutor, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        def in_thread() -> Any:
            with self.file.connections.lent() as connection, self._state(connection):
                return fn(connection)

        return await asyncio.get_running_loop().run_in_executor(threads, in_thread)

    def _state(self, connection: sqlite3.Connection) -> AbstractContextManager[None]:
        """Hold one state of the working catalogue, which is written to; a release never changes."""
        return one_state(connection) if self.file.release is None else nullcontext()

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Refuse: whoever asks does so by `execute_fn`, and nobody writes."""
        raise RuntimeError("A served file has its own connections, and is never written to.")


def _values(params: Any) -> Any:
    """Return the values for a question's holes, by name or by place."""
    return dict(params) if isinstance(params, Mapping) else list(params or ())
