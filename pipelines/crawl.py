"""Crawls: runs sources one after the other in one process, against the network or a recording, then loads."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerRunner, Crawler
from scrapy.settings import BaseSettings, Settings
from scrapy.utils.reactor import install_reactor

from archive.folder import ArchiveFolder, holds_real_captures
from archive.store.recording import Recording
from pipelines.address_guard import AddressGuard, GuardedResolver
from pipelines.derive import Sources
from pipelines.load import Loaded, Progress, load
from pipelines.session import Run, now

REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
# What ends a crawl: the run that goes on is closed as it should be, and what it captured is loaded.
STOPS = (signal.SIGINT, signal.SIGTERM)

# What a recording changes: there is no server to be polite to, and nothing to try again.
REPLAY_SETTINGS: dict[str, Any] = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "RETRY_ENABLED": False,
}


class CrawlRefused(Exception):  # noqa: N818
    """A crawl that must not start, with the reason and what to do about it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of one source: what is said of it, and the settings that are its own."""

    run: Run
    settings: dict[str, Any] = field(default_factory=dict)


def project_settings(archive: Path) -> Settings:
    """Return the project's settings for one archive, without asking where the program was started."""
    settings = Settings()
    settings.setmodule("pipelines.settings", priority="project")
    settings.set("ARCHIVE_DIR", str(archive), priority="cmdline")
    return settings


def require_contact(settings: BaseSettings) -> None:
    """Raise CrawlRefused where a live crawl would not say who it is."""
    if not settings["CONTACT"] and not settings["ADDRESS_GUARD_ADMIT"]:
        raise CrawlRefused(
            "A crawl says who it is, so that a site can reach its operator: set OVERSIGHT_CONTACT to an address of "
            "yours (a web page or a mail address)."
        )


def plan_live(settings: Settings, sources: Sequence[str], limit: int | None = None) -> list[Plan]:
    """Plan a run of each source against the network, now. Raises CrawlRefused where no contact address is set."""
    require_contact(settings)
    at, known = now(), Sources(settings)
    stamp = at.translate(str.maketrans("", "", "-:"))
    plans = []
    for source in sources:
        expect = getattr(known.source_class(source), "expect", None) if limit is None else None
        minimum, maximum = (expect.minimum, expect.maximum) if expect else (None, None)
        run = Run(f"{source}-{stamp}", source, at[:10], at, False, minimum, maximum)
        plans.append(Plan(run, {"DOCUMENT_LIMIT": limit} if limit else {}))
    return plans


def plan_replay(
    settings: BaseSettings,
    recording: Recording,
    sources: Sequence[str],
    night: str | None = None,
    limit: int | None = None,
) -> list[Plan]:
    """Plan a run of each source for each night of a recording, in the order of the nights.

    Raises CrawlRefused for a night that the recording doesn't hold.
    """
    if not recording.nights:
        why = "; ".join(f"{problem.subject}: {problem.detail}" for problem in recording.problems[:3])
        raise CrawlRefused(f"{recording.path} holds no exchange that can be replayed. {why}".rstrip())
    if night is not None and night not in recording.nights:
        held = ", ".join(recording.nights)
        raise CrawlRefused(f"{recording.path} holds no night {night}; it holds {held}.")
    nights = [night] if night is not None else recording.nights
    return [_replayed(settings, recording, source, one, limit) for one in nights for source in sources]


def _replayed(settings: BaseSettings, recording: Recording, source: str, night: str, limit: int | None) -> Plan:
    expect = recording.expect.get(source, {}).get(night) if limit is None else None
    run = Run(
        id=f"{source}-{night}-{recording.digest[:8]}",
        source=source,
        night=night,
        at=f"{night}T00:00:00Z",
        replay=True,
        minimum=expect["minimum"] if expect else None,
        maximum=expect["maximum"] if expect else None,
    )
    own = {"REPLAY_FILE": str(recording.path), "REPLAY_NIGHT": night, **_arguments(settings, recording, source, night)}
    return Plan(run, {**REPLAY_SETTINGS, **own, **({"DOCUMENT_LIMIT": limit} if limit else {})})


def _arguments(settings: BaseSettings, recording: Recording, source: str, night: str) -> dict[str, Any]:
    """Return what a source is told in a replay: what the recording says of it, or else what is configured; and the
    night's day in place of today's."""
    if source in recording.arguments:
        own = {source: dict(recording.arguments[source])}
        return {"SOURCE_ARGUMENTS": own, "SHARED_ARGUMENTS": {"until": night}}
    return {"SHARED_ARGUMENTS": {**settings.getdict("SHARED_ARGUMENTS"), "until": night}}


def refuse_mixture(archive: ArchiveFolder, recording: Recording) -> None:
    """Raise CrawlRefused where the sample would come among real captures."""
    if recording.sample and holds_real_captures(archive.connection):
        raise CrawlRefused(
            f"{archive.path} holds real captures, and {recording.path.name} is a sample with invented text. "
            "Give the sample an archive of its own: --archive data/demo."
        )


def crawl(settings: Settings, plans: Iterable[Plan], progress: Progress = lambda what, done, of: None) -> Loaded:
    """Carry out the plans, one after the other, then load all that was captured.

    The caller holds the archive's lock. Can be called once in a process: a Twisted reactor can't be started again.
    """
    plans = list(plans)
    capture_all(settings, plans, progress)
    archive = ArchiveFolder.open(Path(settings["ARCHIVE_DIR"]))
    try:
        return load(archive, settings, progress)
    finally:
        archive.close()


class _Sequence:
    """Plans carried out one after the other inside one reactor; a signal ends the one that runs, and the rest."""

    def __init__(self, settings: Settings, plans: Sequence[Plan], progress: Progress) -> None:
        self._settings, self._plans, self._progress = settings, plans, progress
        self._stopped = False
        self._crawler: Crawler | None = None
        self._tasks: set[asyncio.Future[Any]] = set()
        self.failure: BaseException | None = None

    def begin(self, when_done: Callable[[], None]) -> None:
        """Start on the running loop."""
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in STOPS}
        for number in STOPS:
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
            if self._stopped:
                return
            self._progress(f"{plan.run.source} {plan.run.night}", done, len(self._plans))
            await self._run_one(plan)
        self._progress("crawled", len(self._plans), len(self._plans))

    async def _run_one(self, plan: Plan) -> None:
        own = self._settings.copy()
        own.setdict({"RUN": asdict(plan.run), **plan.settings}, priority="cmdline")
        runner = AsyncCrawlerRunner(own)
        self._crawler = runner.create_crawler(plan.run.source)
        await runner.crawl(self._crawler)

    def _stop(self) -> None:
        self._stopped = True
        if self._crawler is not None:
            self._tasks.add(asyncio.ensure_future(self._crawler.stop_async()))


def capture_all(
    settings: Settings, plans: Sequence[Plan], progress: Progress = lambda what, done, of: None
) -> None:
    """Carry out the plans, one after the other, and load nothing; `crawl` says what holds for it."""
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
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="limit"))
