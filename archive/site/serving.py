"""Which file answers a request: the newest release, another that the request names, or the working catalogue.

A request is answered whole from the file that was the current one when it began. A newer release is compared with its
manifest beside that, and takes its place in one step; one that isn't what its manifest says never does.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from urllib.parse import quote

from archive.folder import CATALOGUE
from archive.release.checked import (
    CheckedRelease,
    Mark,
    ReleaseBroken,
    ReleaseRefused,
    address_of,
    mark_of,
    named_release,
    open_release,
    table_counts,
)
from archive.release.folder import CURRENT, Releases
from archive.release.held import hold_release
from archive.release.withdrawals import anything_withdrawn
from archive.site.asked_apart import Processes
from archive.site.connections import NAME, Connections, ServedFile
from archive.site.kept_answers import KeptAnswers
from archive.store.journal import Journal

log = logging.getLogger("oversight.site")

# So many older releases are held open for who asks as of them.
OLDER_OPEN = 4
# A request waits so long for a release that is being checked, so that it isn't answered from the one before; a large
# release takes longer, and the one before answers meanwhile.
PATIENCE, TRIES = 0.5, 5
# A release that has no room in memory is compared with its manifest again after so many seconds.
AGAIN = 600.0


@dataclass(slots=True)
class Pin:
    """What one request is answered from, and the path under which that stands among Datasette's databases.

    `asked_apart` tells that people's own SQL was asked in its course: it was let in, and is answered whole. Of such
    SQL `most_shown` rows are wanted, where that is fewer than are given (None: as many as are given).
    """

    file: ServedFile
    route: str
    asked_apart: bool = False
    most_shown: int | None = None


_pin: ContextVar[Pin | None] = ContextVar("pin", default=None)


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found when it was looked: a file to serve, or why not; `marks` change when another look is due."""

    marks: tuple[Mark, ...]
    number: int | None
    file: ServedFile | None
    refused: str = ""


class Serving:
    """The files of one archive that are served; `prepare` is what Datasette does to each new connection.

    `only` names a release that is served whatever is the current one; `working` has the catalogue served. Of each
    release so many bytes of `answers` are kept while it is open. `refused`
    says why the release that is named as the current one isn't served. Raises ReleaseRefused where nothing can be.
    """

    def __init__(
        self, archive: Path, prepare: Callable[[sqlite3.Connection], None], threads: int,
        *, only: int | None = None, working: bool = False, answers: int = 0,
    ) -> None:  # fmt: skip
        self.releases, self.only, self.working = Releases(archive), only, working
        self.refused, self._answers = "", answers
        self._catalogue, self._prepare, self._threads = archive / CATALOGUE, prepare, threads
        self._older: OrderedDict[int, ServedFile] = OrderedDict()
        self._checked: dict[int, tuple[tuple[Mark, ...], CheckedRelease]] = {}
        self._broken: dict[int, tuple[Mark, ...]] = {}
        self._checking: asyncio.Task[None] | None = None
        self._opening = asyncio.Lock()
        self._found = self._find(None)
        if self._found.file is None:
            raise ReleaseRefused(self._found.refused)
        self.current = self._found.file

    @property
    def closed(self) -> bool:
        """Tell whether nothing may be shown: what is served was damaged, or something was withdrawn from it."""
        return self.current.damaged or (bool(self.refused) and self.current.number is None)

    @property
    def pin(self) -> Pin:
        """Return what the request at hand is answered from; outside of one, what the next would be."""
        return _pin.get() or Pin(self.current, NAME)

    @asynccontextmanager
    async def pinned(self, number: int | None) -> AsyncIterator[Pin]:
        """Answer a request from the current file, or as of a release. Raises ReleaseRefused.

        What a request asks for inside of itself is answered from the same file.
        """
        if (outer := _pin.get()) is not None:
            yield outer
            return
        await self.look()
        file = self.current if number in (None, self.current.number) else await self._as_of(number)
        file.users += 1
        token = _pin.set(Pin(file, NAME if number is None else f"release-{number}"))
        try:
            yield self.pin
        finally:
            _pin.reset(token)
            file.leave()

    async def look(self) -> None:
        """See whether another release is named by now, and if so have it checked and take the current one's place."""
        if self._checking is None or self._checking.done():
            if self._found.marks == self._marks(self._found.number, self._found.refused):
                return
            self._checking = asyncio.create_task(self._swap())
        await asyncio.wait([self._checking], timeout=PATIENCE)

    async def watch(self, seconds: float = 1.0) -> None:
        """Look for ever, so that a site that nobody asks for an hour doesn't answer the next one from an hour ago."""
        due = monotonic() + AGAIN
        while True:
            await self.look()
            if monotonic() >= due:
                await self.compare_again()
                due = monotonic() + AGAIN
            await asyncio.sleep(seconds)

    async def compare_again(self) -> None:
        """Compare what is read from the disk with its manifest again; what has changed there answers nothing more."""
        for file in (self.current, *self._older.values()):
            if file.held is None or file.damaged or await asyncio.to_thread(file.held.is_whole) or file.retired:
                continue
            file.damaged = True
            self._checked.pop(file.held.release.number, None)
            told = f"{str(file).capitalize()} was damaged on the disk after it was checked: it is served no more."
            log.error("%s", told)
            if file is self.current:
                self.refused = f"{told} `oversight release build` makes a new one."

    def close(self) -> None:
        """Close all files as soon as the requests that are under way are done."""
        for file in (self.current, *self._older.values()):
            file.retire()

    async def _swap(self) -> None:
        found = self._found = await asyncio.to_thread(self._find, self.current)
        self.refused = found.refused
        if found.file is None:
            log.error("%s Until then it is %s that is served.", found.refused, self.current)
            await self.compare_again()
            return
        before, self.current = self.current, found.file
        before.retire()
        if before.release != found.file.release:
            log.warning("%s is served now.", str(self.current).capitalize())

    def _find(self, before: ServedFile | None) -> _Found:
        """Open what is to be served after `before`. The marks are older than what is opened: no change is missed."""
        journal, named, number = self._journal_mark(), self._named_mark(), None
        files: tuple[Mark, ...] = ()
        try:
            number = self._named(before)
            files = self._file_marks(number)
            if number is None and before is not None and before.number is not None:
                raise ReleaseRefused(
                    f"{self.releases.folder} names no release any more; `oversight release build` does"
                )
            file = self._open_catalogue() if number is None else self._open_release(number)
            return _Found((named, *files) if number else (named, journal), number, file)
        except ReleaseRefused as refused:
            return _Found((named, *files, journal), number, None, str(refused))

    def _named(self, before: ServedFile | None) -> int | None:
        """Return the release to serve. The first one is noted before it is named: until then the catalogue answers."""
        if self.working or (before is not None and before.number is None and not self._named_mark()):
            return None
        return self.only or named_release(self.releases)

    def _marks(self, number: int | None, refused: str) -> tuple[Mark, ...]:
        """Return what changes when another look is due.

        The journal's line about a release comes after its file; and until there is one, a withdrawal is in the journal.
        """
        journal = (self._journal_mark(),) if refused or number is None else ()
        return (self._named_mark(), *self._file_marks(number), *journal)

    def _named_mark(self) -> Mark:
        return None if self.working or self.only else mark_of(self.releases.folder / CURRENT)

    def _file_marks(self, number: int | None) -> tuple[Mark, ...]:
        if number is None:
            return ()
        return mark_of(self.releases.manifest_path(number)), mark_of(self.releases.database(number))

    def _journal_mark(self) -> Mark:
        return None if self.working else mark_of(Journal(self.releases.archive).path)

    def _open_catalogue(self) -> ServedFile:
        """Open the working catalogue. Raises ReleaseRefused where that may not be shown, or can't be read."""
        if not self.working and anything_withdrawn(self._catalogue.parent, datetime.now(UTC).date().isoformat()):
            raise ReleaseRefused(
                "Something was withdrawn, and there is no release: `oversight release build` makes one."
            )
        address = f"file:{quote(str(self._catalogue.absolute()))}?mode=ro"
        try:
            connections = self._connections(lambda: sqlite3.connect(address, uri=True, check_same_thread=False))
        except sqlite3.Error as error:
            raise ReleaseRefused(f"{self._catalogue} can't be read ({error}).") from error
        processes = Processes(address)
        processes.ready()
        return ServedFile(self._catalogue, connections, processes)

    def _open_release(self, number: int) -> ServedFile:
        """Open a release. Raises ReleaseRefused."""
        marks = self._file_marks(number)
        seen, known = self._checked.get(number, (None, None))
        with ExitStack() as undo:
            held = hold_release(self.releases, number, known if seen == marks else None)
            undo.callback(held.close)
            self._checked[number] = (marks, held.release)
            try:
                with held.named() as path:
                    processes = Processes(address_of(held.release, path))
                    undo.callback(processes.close)
                    connections = self._connections(lambda: open_release(held.release, path))
                    undo.callback(connections.close)
                    processes.ready()
                with connections.lent() as connection:
                    counts = table_counts(connection)
                    file = ServedFile(
                        held.release.path, connections, processes, held, counts, KeptAnswers(self._answers)
                    )
            except (OSError, sqlite3.Error) as error:
                raise ReleaseBroken(f"Release {number} can't be read ({error}).") from error
            undo.pop_all()
            if not held.in_memory:
                log.warning("%s has no room in memory: its file is compared every %d s.", file, AGAIN)
            return file

    def _connections(self, open_one: Callable[[], sqlite3.Connection]) -> Connections:
        def prepared() -> sqlite3.Connection:
            connection = open_one()
            self._prepare(connection)
            return connection

        return Connections(prepared, self._threads)

    async def _opened_again(self, number: int) -> ServedFile:
        """Open an older release; one that is just being made again is whole in a moment, one that is broken isn't."""
        for _ in range(TRIES):
            marks = (*self._file_marks(number), self._journal_mark())
            if self._broken.get(number) != marks:
                try:
                    return await asyncio.to_thread(self._open_release, number)
                except ReleaseBroken as broken:
                    self._broken[number] = marks
                    log.error("%s", broken)
            await asyncio.sleep(PATIENCE / TRIES)
        raise ReleaseBroken(f"Release {number} can't be read.")

    async def _as_of(self, number: int) -> ServedFile:
        """Return an older release, as its files are now: they are made again without what is withdrawn."""
        async with self._opening:
            held = self._older.get(number)
            if held is not None and not held.damaged and self._checked[number][0] == self._file_marks(number):
                self._older.move_to_end(number)
                return held
            if held is not None:
                self._older.pop(number).retire()
            self._older[number] = opened = await self._opened_again(number)
            while len(self._older) > OLDER_OPEN:
                self._older.popitem(last=False)[1].retire()
            return opened
