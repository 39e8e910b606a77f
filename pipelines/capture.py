"""Capture: Scrapy's only way to the network, which writes every exchange to the archive before anything reads it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Self

from scrapy import signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Request, Response

from archive.addresses import url_key
from archive.model import Finding
from archive.release.withdrawals import WithdrawalsUnreadable, erased_addresses
from archive.store.errors import StoreFailed, StoreFull
from archive.store.index import holds_other_runs
from pipelines.boundaries import NAMED
from pipelines.clock import now
from pipelines.conditional import Condition, answer_of, days_before, find_condition
from pipelines.politeness import Politeness
from pipelines.rendering import Rendering
from pipelines.replay import NOT_IN_RECORDING, ReplayTransport
from pipelines.robots import RobotsUnreachable
from pipelines.screening import screen
from pipelines.session import Session
from pipelines.transport import AddressRefused, Fetched, TlsFailed, Transport
from pipelines.wire import WireTransport

# What became of a request that raised this: the first that fits.
FAILURES: tuple[tuple[type[BaseException], str], ...] = (
    (AddressRefused, "address-refused"),
    (TlsFailed, "tls-failed"),
    (CannotResolveHostError, "name-not-resolved"),
    (DownloadTimeoutError, "timed-out"),
    (DownloadConnectionRefusedError, "connection-failed"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too-large"),
)


# Damage that a recording has more of than this is named so often and no more.
MOST_PROBLEMS = 100
# Marks an error whose bytes are in the archive.
CAPTURED = "captured"


class CaptureHandler(BaseDownloadHandler):
    """The download handler for http and https: fetches by a transport, keeps the exchange, then hands it on."""

    lazy = True

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._crawler = crawler
        self._closing: asyncio.Future[None] | None = None
        self.session = Session.of(crawler)
        self.session.on_refusal = self._stop
        self.transport: Transport = _transport(crawler)
        # Whether anything was captured before this run; a first one needs no look for each address.
        self.has_past: bool | None = None
        self.politeness = Politeness.of(crawler)
        self.rendering = Rendering.from_crawler(crawler, self.session, self.transport)
        self.erased = _erased(self.session)
        self.full_fetch_days = crawler.settings.getfloat("FULL_FETCH_DAYS")
        if isinstance(self.transport, ReplayTransport):
            for problem in self.transport.recording.problems[:MOST_PROBLEMS]:
                self.session.note(problem)

    async def download_request(self, request: Request) -> Response:
        """Return the response once its exchange is on the disk. Raises what the transport raised.

        What the archive doesn't take in nobody reads, and it ends the run: more would be asked for in vain.
        """
        try:
            return await self._answer(request)
        except (StoreFull, StoreFailed) as refused:
            ignored = IgnoreRequest(str(refused))
            ignored.add_note(NAMED)
            raise ignored from refused

    def _stop(self) -> None:
        self.politeness.let_go()
        engine = self._crawler.engine
        if engine is not None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason="store-refused"))

    async def _answer(self, request: Request) -> Response:
        self._refuse_erased(request)
        condition = await self._condition(request)
        fetched = await self._fetch(request, condition)
        if fetched.response is not None and NOT_IN_RECORDING in fetched.response.flags:
            self.session.note(Finding("not-in-recording", fetched.exchange.url))
            return fetched.response
        if condition is not None and condition.is_met(fetched.exchange):
            capture = await self.session.keep(replace(fetched.exchange, confirms=condition.capture), request)
            return answer_of(await self.session.look_up(self.session.archive.store.read, capture.id), request)
        if self.rendering is not None and self.rendering.opens(request, fetched):
            return await self.rendering.open(request, fetched)
        await self.session.keep(fetched.exchange, request)
        if fetched.error is not None:
            fetched.error.add_note(CAPTURED)
            raise fetched.error
        assert fetched.response is not None
        return fetched.response

    def _refuse_erased(self, request: Request) -> None:
        """Raise IgnoreRequest for an address of what was erased for good: its bytes would only come in to go again."""
        withdrawal = self.erased.get(url_key(request.url)) if self.erased else None
        if withdrawal is not None:
            self.session.note(Finding("address-erased", f"withdrawal {withdrawal}"))
            ignored = IgnoreRequest("it was withdrawn and erased")
            ignored.add_note(NAMED)
            raise ignored

    async def _condition(self, request: Request) -> Condition | None:
        """Return the condition on which to ask; a recording is always asked for the whole answer, and so is a page
        that a browser opens: what it shows may change where its own bytes don't."""
        if isinstance(self.transport, ReplayTransport):
            return None
        if self.rendering is not None and self.rendering.may_open(request):
            return None
        archive, question = self.session.archive, self.session.question(request)
        if self.has_past is None:
            self.has_past = await self.session.look_up(holds_other_runs, archive.connection, self.session.run.id)
        if not self.has_past:
            return None
        since = days_before(now(), self.full_fetch_days)
        return await self.session.look_up(find_condition, archive.connection, archive.store, question, request, since)

    async def _fetch(self, request: Request, condition: Condition | None) -> Fetched:
        asked = condition.added_to(request) if condition else request
        async with self.politeness.turn(request):
            try:
                fetched = await self.transport.fetch(asked)
            except AddressRefused:
                raise
            except Exception:
                self.politeness.heed(request, None)
                raise
            self.politeness.heed(request, fetched.exchange)
        if "download_latency" in asked.meta:
            request.meta["download_latency"] = asked.meta["download_latency"]
        return fetched

    async def close(self) -> None:
        """Let go of the transport, and of the browser."""
        if self.rendering is not None:
            await self.rendering.close()
        await self.transport.close()


def _erased(session: Session) -> dict[str, int]:
    try:
        return erased_addresses(session.archive.journal.read())
    except WithdrawalsUnreadable:
        return {}  # nothing is published either, and the command that follows says why


def _transport(crawler: Crawler) -> Transport:
    if crawler.settings["REPLAY_FILE"]:
        return ReplayTransport(crawler.settings["REPLAY_FILE"], crawler.settings["REPLAY_NIGHT"])
    transport: Transport = WireTransport.from_crawler(crawler)
    return transport


class RunRecord:
    """Begins the run's record when the spider opens, and ends it when the spider is closed."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        recorder = cls()
        crawler.signals.connect(recorder.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(recorder.spider_closed, signal=signals.spider_closed)
        recorder.crawler = crawler
        return recorder

    crawler: Crawler

    def spider_opened(self) -> None:
        Session.of(self.crawler)

    def spider_closed(self, reason: str) -> None:
        Session.of(self.crawler).end(Politeness.of(self.crawler).ended(reason))


class OutcomeMiddleware:
    """Gives a name to each request that ends without an answer. It stands at the engine's end, behind the retries."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Note the outcome, unless it has been. Where bytes came, the capture's own outcome says it."""
        if {CAPTURED, NAMED}.intersection(getattr(exception, "__notes__", ())):
            return
        Session.of(self.crawler).note(Finding(_outcome_of(exception), request.url, str(exception)[:500]))


def _outcome_of(exception: Exception) -> str:
    if isinstance(exception, RobotsUnreachable):
        return exception.outcome
    if isinstance(exception, IgnoreRequest):
        return "robots-disallowed" if str(exception) == "Forbidden by robots.txt" else "not-allowed-host"
    for kind, outcome in FAILURES:
        if isinstance(exception, kind):
            return outcome
    words = f"{exception!r} {exception.__cause__!r}".lower()
    return "tls-failed" if "certificate" in words or "ssl" in words else "connection-failed"


class ScreeningMiddleware:
    """Keeps from a source's callback what is not what it asked for: bot walls, error pages, other media types.

    The capture is kept all the same, and is given its outcome when it is read (pipelines/derive.py).
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response. Raises IgnoreRequest for one that its callback must not see."""
        accepted = getattr(request.callback, "accepted", ())
        if accepted and 200 < response.status < 300:
            raise IgnoreRequest(f"status {response.status} is no whole answer")
        if response.status != 200 or not accepted:
            return response
        media_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        found = screen(response.status, media_type, response.body, accepted)
        if found is not None:
            raise IgnoreRequest(f"{found[0]}: {found[1]}")
        return response
