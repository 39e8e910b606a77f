"""One run of one source against one archive: keeps each exchange, and notes what came of requests without one.

Everything it knows goes to the archive before anything reads it; what it must not do is read documents.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from archive.addresses import without_secrets
from archive.catalog.runs import Told
from archive.folder import ArchiveFolder
from archive.model import Asked, Capture, Exchange, Finding
from archive.store.errors import StoreFailed, StoreFull
from archive.store.index import Question
from archive.store.store import catalogue_refusal
from pipelines.clock import now
from pipelines.items import Expect
from pipelines.keeping import Waiting, keep_together, take_group

Found = TypeVar("Found")

_sessions: WeakKeyDictionary[Crawler, Session] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Run:
    """What is said of a run when it starts. `night` is the UTC day it belongs to, `replay` whether a recording
    answers in place of the network; a run outside `minimum` to `maximum` documents, or in which less than the share
    that `fields` names says a field, is not as it should be."""

    id: str
    source: str
    night: str
    at: str
    replay: bool
    minimum: int | None
    maximum: int | None
    fields: dict[str, float] = field(default_factory=dict)


class Session:
    """The archive as one run sees it. All writing goes through one thread, in order.

    `refused` is why the archive takes in nothing more, None where it does; `on_refusal` is then called, once.
    """

    def __init__(self, archive: ArchiveFolder, run: Run, resumed: str = "") -> None:
        """Begin a run, or go on with it: `resumed` is the instant at which that is done, "" for a beginning."""
        self.archive = archive
        self.run = run
        self.captures = 0
        self.last_captured_at = ""
        self.refused: StoreFull | StoreFailed | None = None
        self.on_refusal: Callable[[], None] = lambda: None
        self._told = Told(event for event in archive.journal.read() if event.get("run") == run.id)
        self._waiting: deque[Waiting] = deque()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="capture")
        self.say("run-started", **_without_id(run))
        if resumed:
            self.say("run-resumed", at=resumed)

    @classmethod
    def of(cls, crawler: Crawler) -> Session:
        """Return the session of this crawl, begun at the first call."""
        if crawler not in _sessions:
            keep_free = crawler.settings.getint("KEEP_FREE")
            archive = ArchiveFolder.open(Path(crawler.settings["ARCHIVE_DIR"]), keep_free=keep_free)
            for finding in archive.store.recovered:
                archive.journal.append("recovered", **asdict(finding))
            resumed = now() if crawler.settings.getbool("RESUMED") else ""
            _sessions[crawler] = cls(archive, _run_of(crawler), resumed)
        return _sessions[crawler]

    async def keep(self, exchange: Exchange, request: Request) -> Capture:
        """Write an exchange to the archive; when this returns, it is on the disk. Raises StoreFull, StoreFailed.

        What waits at the same time is written together, at the price of one sync.
        """
        asked = Asked(self.run.source, self.run.id, callback_name(request), request.cb_kwargs)
        waiting = Waiting(exchange, asked, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._writer.submit(self._write_waiting)
        try:
            capture = await waiting.kept
        except (StoreFull, StoreFailed) as refused:
            self._give_up(refused)
            raise
        self.captures += 1
        self.last_captured_at = max(self.last_captured_at, capture.captured_at)
        return capture

    def _write_waiting(self) -> None:
        """In the writer's thread: keep what waits, and tell those who wait for it. Of several calls the first finds it
        all, so that what is looked up next is behind it."""
        while group := take_group(self._waiting):
            results = keep_together(self.archive.store, [(one.exchange, one.asked) for one in group])
            group[0].kept.get_loop().call_soon_threadsafe(_tell, [one.kept for one in group], results)

    async def look_up(self, find: Callable[..., Found], *arguments: Any) -> Found:
        """Have the archive looked at behind all that is being written to it, and return what was found.

        Raises StoreFailed where the catalogue can't be read.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, find, *arguments)
        except sqlite3.Error as error:
            self._give_up(refused := catalogue_refusal(error))
            raise refused from error

    def question(self, request: Request) -> Question:
        """Return what a request asks for."""
        url, method = request.url.partition("#")[0], request.method.upper()
        return Question(self.run.source, url, callback_name(request), request.cb_kwargs, method)

    def note(self, finding: Finding) -> None:
        """Put on record what became of a request that left nothing to capture.

        Where the archive takes in nothing more, nobody is told: the run stops, and the next one asks again.
        """
        # An address loses its secrets here as it does where it is captured.
        subject = without_secrets(finding.subject)
        detail = finding.detail.replace(finding.subject, subject).replace(finding.subject[:200], subject[:200])
        with contextlib.suppress(StoreFull, StoreFailed):
            self.say("outcome", outcome=finding.outcome, subject=subject, detail=detail)

    def say(self, event: str, **facts: Any) -> None:
        """Write an event of this run to the journal, unless it says nothing new. Raises StoreFull, StoreFailed."""
        if self.refused is not None:
            raise self.refused
        told = {"event": event, "run": self.run.id, **facts}
        if self._told.is_news(told):
            try:
                self.archive.journal.append(event, run=self.run.id, **facts)
            except (StoreFull, StoreFailed) as refused:
                self._give_up(refused)
                raise
            self._told.add(told)

    def _give_up(self, refused: StoreFull | StoreFailed) -> None:
        if self.refused is None:
            self.refused = refused
            self.on_refusal()

    def end(self, reason: str) -> None:
        """Close the run's record: `reason` is Scrapy's ("finished", "shutdown", "limit", …).

        A run of which the archive refused something has no end on record: the next one goes on with it.
        """
        self._writer.shutdown(wait=True)
        at = (self.last_captured_at or self.run.at) if self.run.replay else now()
        try:
            self.say("run-ended", at=at, status=reason)
            self.archive.close()
        except (StoreFull, StoreFailed) as refused:
            self._give_up(refused)
        finally:
            self.archive.connection.close()


def _tell(waiting: Sequence[asyncio.Future[Capture]], results: Sequence[Capture | Exception]) -> None:
    for kept, result in zip(waiting, results, strict=True):
        if kept.done():  # whoever waited was cancelled
            continue
        if isinstance(result, Exception):
            kept.set_exception(result)
        else:
            kept.set_result(result)


def callback_name(request: Request) -> str:
    """Return the name of the source's method that reads the answer ("" for robots.txt, which none does)."""
    if request.callback is None:
        return "parse"
    if request.callback is NO_CALLBACK:
        return ""
    return str(request.callback.__name__)


def _without_id(run: Run) -> dict[str, Any]:
    return {key: value for key, value in asdict(run).items() if key != "id"}


def _run_of(crawler: Crawler) -> Run:
    """Take what was said of the run in the settings, or begin a live run now (for a bare `scrapy crawl`)."""
    if crawler.settings["RUN"]:
        return Run(**crawler.settings["RUN"])
    return begun(crawler.spidercls.name, now(), getattr(crawler.spidercls, "expect", None))


def begun(source: str, at: str, expect: Expect | None, ending: str = "") -> Run:
    """Return a live run of a source that begins at an instant; nothing is expected of it where `expect` is None."""
    return Run(
        id=f"{source}-{at.translate(str.maketrans('', '', '-:'))}{ending}",
        source=source,
        night=at[:10],
        at=at,
        replay=False,
        minimum=expect.minimum if expect else None,
        maximum=expect.maximum if expect else None,
        fields=dict(expect.fields) if expect else {},
    )
