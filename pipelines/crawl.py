"""Crawls: runs sources one after the other in one process, against the network or a recording, then loads."""

from __future__ import annotations

import asyncio
import logging
import signal
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

from archive.folder import ArchiveFolder
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import JournalDamaged
from pipelines.address_guard import AddressGuard, GuardedResolver
from pipelines.derive import Sources, derive_pending
from pipelines.following import FollowingError
from pipelines.load import MakeReaders, Progress, load
from pipelines.log_context import working_on
from pipelines.plan import Plan
from pipelines.politeness import Politeness
from pipelines.readers import Readers
from pipelines.session import Session
from pipelines.wanted import expand

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
# What ends a crawl: the run that goes on is closed as it should be, and what it captured is loaded.
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What no other source would fare better with: the disk, the catalogue, the journal, what sources.toml says.
ENDS_ALL = (StoreFull, StoreFailed, JournalDamaged, FollowingError, sqlite3.Error, OSError)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Crawled:
    """The ids of the runs that were begun, how many plans were not, and whether a signal `stopped` it.

    `broken` are sources whose run a mistake of ours ended, each with what it said; the others went on.
    """

    runs: tuple[str, ...]
    not_begun: int
    stopped: bool = False
    broken: tuple[tuple[str, str], ...] = ()


def crawl(
    settings: Settings,
    plans: Iterable[Plan],
    progress: Progress = lambda what, done, of: None,
    *,
    readers: MakeReaders = Readers,
) -> Crawled:
    """Carry out the plans, one after the other, then load all that was captured; `readers` makes what reads.

    The caller holds the archive's lock. Can be called once in a process: a Twisted reactor can't be started again.
    Raises StoreFull and StoreFailed where the archive takes in nothing more; what was begun is ended first.
    """
    crawled = capture_due(settings, list(plans), progress)
    load_captured(settings, progress, readers)
    return crawled


def capture_due(settings: Settings, plans: Sequence[Plan], progress: Progress = lambda what, done, of: None) -> Crawled:
    """Carry out the plans as `crawl` does, and load nothing at the end; without a plan nothing is done."""
    if not plans:
        return Crawled((), 0)
    if not all(plan.run.replay for plan in plans):
        # What was captured when a crawl was killed has no outcome yet, and the next one goes by outcomes.
        _derive(settings, progress)
    return capture_all(settings, plans, progress)


def load_captured(settings: Settings, progress: Progress, readers: MakeReaders = Readers) -> None:
    """Load what was captured, into the archive that the settings name."""
    with closing(ArchiveFolder.open(Path(settings["ARCHIVE_DIR"]))) as archive:
        load(archive, settings, progress, readers=readers)


def _derive(settings: Settings, progress: Progress) -> None:
    with closing(ArchiveFolder.open(Path(settings["ARCHIVE_DIR"]))) as archive:
        for finding in archive.store.recovered:
            archive.journal.append("recovered", **asdict(finding))
        derive_pending(archive.connection, archive.store, Sources(settings), progress)


class _Sequence:
    """Plans carried out one after the other inside one reactor; a signal ends the one that runs, and the rest."""

    def __init__(self, settings: Settings, plans: Sequence[Plan], progress: Progress) -> None:
        self._settings, self._plans, self._progress = settings, plans, progress
        self._sources = Sources(settings)
        self.runs: list[str] = []
        self.not_begun = 0
        self.broken: list[tuple[str, str]] = []
        self.stopped = False
        # Whether anything was asked since the catalogue was last loaded; a run before this one may have been killed.
        self._has_asked = True
        self._crawler: Crawler | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self.failure: BaseException | None = None

    def begin(self, when_done: Callable[[], None]) -> None:
        """Start on the running loop."""
        loop = asyncio.get_running_loop()
        # What nohup ignores stays ignored.
        before = {one: handler for one in STOPS if (handler := signal.getsignal(one)) != signal.SIG_IGN}
        for number in before:
            loop.add_signal_handler(number, self._stop)

        def ended(task: asyncio.Task[None]) -> None:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)
            self.failure = None if task.cancelled() else task.exception()
            when_done()

        task = loop.create_task(self._run())
        self._tasks.add(task)
        task.add_done_callback(ended)

    async def _run(self) -> None:
        for done, plan in enumerate(self._plans):
            self._progress(f"{plan.run.source} {plan.run.night}", done, len(self._plans))
            try:
                await self._carry_out(plan)
            except ENDS_ALL:
                raise
            except Exception as error:  # a mistake in one source keeps no other from its night
                log.exception("the run of %s broke", plan.run.source)
                self.broken.append((plan.run.source, f"{type(error).__name__}: {error}"[:300]))
        self._progress("crawled", len(self._plans), len(self._plans))

    async def _carry_out(self, plan: Plan) -> None:
        for one in await self._expanded(plan) if plan.wants and not self.stopped else [plan]:
            if self.stopped:
                self.not_begun += 1
            else:
                with working_on(source=one.run.source, run=one.run.id):
                    await self._run_one(one)

    async def _expanded(self, plan: Plan) -> list[Plan]:
        """Load what was captured so far, in a thread, so that a signal is heard meanwhile; then see what is wanted."""
        if self._has_asked:
            await asyncio.to_thread(load_captured, self._settings, self._progress)
            self._has_asked = False
        return [plan] if self.stopped else await asyncio.to_thread(expand, plan, self._settings, self._sources)

    async def _run_one(self, plan: Plan) -> None:
        self.runs.append(plan.run.id)
        own = self._settings.copy()
        own.setdict({"RUN": asdict(plan.run), **plan.settings}, priority="cmdline")
        runner = AsyncCrawlerRunner(own)
        self._crawler = runner.create_crawler(plan.run.source)
        session = Session.of(self._crawler)  # what the archive refuses now, Scrapy would only log
        await runner.crawl(self._crawler)
        asked = self._crawler.stats and self._crawler.stats.get_value("downloader/request_count")
        self._crawler = None
        if session.refused is not None:
            raise session.refused
        self._has_asked |= bool(asked)

    def _stop(self) -> None:
        self.stopped = True
        if self._crawler is not None:
            Politeness.of(self._crawler).let_go()
            self._tasks.add(asyncio.ensure_future(self._end(self._crawler)))

    async def _end(self, crawler: Crawler) -> None:
        """End a crawl. One that is only being begun is ended when it has begun: Scrapy forgets a stop before that, and
        waits for ever."""
        while self._crawler is crawler:
            if crawler.engine is not None and crawler.engine.running:
                await crawler.stop_async()
                return
            await asyncio.sleep(0.01)


def capture_all(settings: Settings, plans: Sequence[Plan], progress: Progress = lambda what, done, of: None) -> Crawled:
    """Carry out the plans, one after the other, and load nothing at the end; `crawl` says what holds for it."""
    install_reactor(REACTOR)
    from twisted.internet import reactor  # noqa: PLC0415 (importing it installs a reactor, which must be ours)

    running: Any = reactor
    # Scrapy installs the resolver with its own process runner only.
    GuardedResolver(running, AddressGuard.from_settings(settings)).install_on_reactor()
    sequence = _Sequence(settings, plans, progress)
    running.callLater(0, sequence.begin, running.stop)
    running.run(installSignalHandlers=False)
    if sequence.failure is not None:
        raise sequence.failure
    return Crawled(tuple(sequence.runs), sequence.not_begun, sequence.stopped, tuple(sequence.broken))


class DocumentLimit:
    """Ends a crawl when it has been given as many documents as were asked for (`--limit`)."""

    def __init__(self, crawler: Crawler, limit: int) -> None:
        self.crawler, self.left = crawler, limit
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DocumentLimit:
        limiter = cls(crawler, crawler.settings.getint("DOCUMENT_LIMIT"))
        if limiter.left:
            crawler.signals.connect(limiter.item_scraped, signal=signals.item_scraped)
        return limiter

    def item_scraped(self, item: object) -> None:
        """Count an item that is a document; the last one that was asked for closes the spider."""
        from_page = type(item).__name__ in ("File", "Article", "Notice", "Award", "WebPage")
        self.left -= from_page
        if from_page and self.left == 0:
            Politeness.of(self.crawler).let_go()
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="limit"))
