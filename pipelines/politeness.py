"""Asks each host as gently as its rule says and as its server wishes, and knows when to stop; reads no document.

Everything that goes to the network takes its turn here (`Politeness.turn`), and what came back is heeded before the
next one goes: so a delay, a wait and a budget hold for robots.txt, redirects and second attempts as well. Scrapy's own
slots don't: without a delay they let more out at once than they should. A recording has no host to be polite to.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Self
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from archive.addresses import url_key
from archive.model import Exchange, Finding
from archive.store.http import parse_message
from archive.store.index import count_captures
from pipelines.boundaries import NAMED
from pipelines.clock import now, steady_clock
from pipelines.host_rules import Rule, retry_after, rule_for
from pipelines.session import Session

OVER_BUDGET, GIVEN_UP, STOPPED = "over-budget", "host-given-up", "shutdown"
# How a run ends that left requests to such hosts; it can be gone on with.
STATUSES = {GIVEN_UP: "given-up", OVER_BUDGET: "budget"}
# When each host was asked last, and until when it wants to be left alone, by any crawl of this process: one source
# comes after the other.
_last_asked: dict[str, float] = {}
_held_until: dict[str, float] = {}
_made: WeakKeyDictionary[Crawler, Politeness] = WeakKeyDictionary()


class HostRefused(IgnoreRequest):
    """A request that isn't sent, for its host's sake; `outcome` says why."""

    def __init__(self, outcome: str, host: str) -> None:
        super().__init__(f"{outcome}: {host}")
        self.outcome = outcome
        self.add_note(NAMED)


@dataclass(slots=True)
class _Host:
    """What one run knows of a host. `refused` is why it is asked no more, and in words; `left` counts what wasn't."""

    rule: Rule
    free: asyncio.Semaphore
    pace: asyncio.Lock = field(default_factory=asyncio.Lock)
    delay: float = 0.0
    held_until: float = 0.0
    failures: int = 0
    refused: tuple[str, str] | None = None
    left: int = 0


class Politeness:
    """One run's manners."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._off = bool(settings["REPLAY_FILE"])
        self._rules = settings.getdict("HOST_RULES")
        self._longest_wait = settings.getfloat("MAX_RETRY_AFTER")
        self._unsaid_wait = settings.getfloat("RETRY_AFTER_UNSAID")
        self._most_failures = settings.getint("MAX_FAILURES_IN_A_ROW")
        self._longest_delay = settings.getfloat("MAX_CRAWL_DELAY")
        self._hosts: dict[str, _Host] = {}
        self._asked: dict[tuple[str, str], int] = {}
        self._closing = asyncio.Event()

    @classmethod
    def of(cls, crawler: Crawler) -> Politeness:
        """Return the manners of this crawl, which all its parts share."""
        if crawler not in _made:
            _made[crawler] = cls(crawler)
        return _made[crawler]

    @asynccontextmanager
    async def turn(self, request: Request) -> AsyncIterator[None]:
        """Wait until a request may be sent, and hold its place while it is. Raises HostRefused where it mustn't be."""
        if self._off:
            yield
            return
        name, host = _name(request), self._host(_name(request))
        async with host.free:
            async with host.pace:
                await self._wait(request, name, host)
                await self._count(request, host)
                self.refuse(request)
                _last_asked[name] = monotonic()
            yield

    async def _wait(self, request: Request, name: str, host: _Host) -> None:
        """Wait for as long as the host's delay, and what it asked for, make necessary."""
        while True:
            self.refuse(request)
            begin = max(_last_asked.get(name, 0.0) + host.delay, host.held_until)
            left = begin - monotonic()
            if left <= 0:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), left)

    async def _count(self, request: Request, host: _Host) -> None:
        """Count a request against the budget of the night: what any run of any source asked that site counts."""
        parts = urlsplit(request.url)
        night, site = now()[:10], url_key(f"{parts.scheme}://{parts.netloc}")
        if (night, site) not in self._asked:
            session = Session.of(self._crawler)
            since = f"{night}T00:00:00Z"
            counted = await session.look_up(count_captures, session.archive.connection, site, since)
            self._asked.setdefault((night, site), counted)
        budget = host.rule.requests_a_night
        if budget and self._asked[night, site] >= budget:
            host.refused = host.refused or (OVER_BUDGET, f"{budget} requests a night")
        self._asked[night, site] += host.refused is None

    def refuse(self, request: Request) -> None:
        """Raise HostRefused for a host that is asked no more in this run."""
        name = _name(request)
        if self._closing.is_set():
            raise HostRefused(STOPPED, name)
        host = self._host(name)
        if host.refused is not None:
            host.left += request.callback is not NO_CALLBACK
            raise HostRefused(host.refused[0], name)

    def heed(self, request: Request, exchange: Exchange | None) -> None:
        """Take note of how a host answered, None where it didn't; to be called within its turn."""
        if self._off:
            return
        host, status = self._host(_name(request)), exchange.status if exchange else 0
        if 100 <= status < 500 and status != 429:
            host.failures = 0
            return
        host.failures += 1
        wait = self._asked_to_wait(exchange, host.failures) if exchange else 0.0
        if wait > self._longest_wait:
            why = f"it answered {status} and asks for {wait:.0f} seconds without a request"
            host.refused = host.refused or (GIVEN_UP, why)
        elif host.failures >= self._most_failures:
            host.refused = host.refused or (GIVEN_UP, f"{host.failures} requests failed one after the other")
        host.held_until = max(host.held_until, monotonic() + wait)
        _held_until[_name(request)] = host.held_until

    def _asked_to_wait(self, exchange: Exchange, failures: int) -> float:
        if exchange.status not in (429, 503):
            return 0.0
        said = retry_after(parse_message(exchange.response).header("Retry-After"), steady_clock())
        if said is not None or exchange.status == 503:
            return said or 0.0
        # "Too many requests" without a word on when there may be one again: longer each time.
        return min(self._unsaid_wait * 2.0 ** min(failures - 1, 20), self._longest_wait)

    def take_crawl_delay(self, name: str, seconds: float | None) -> None:
        """Keep to a robots.txt's Crawl-delay, up to a bound; to the host's own delay where that is longer."""
        host = self._host(name)
        host.delay = max(host.rule.delay, min(seconds or 0.0, self._longest_delay))

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            rule = rule_for(name, self._rules)
            held_until = _held_until.get(name, 0.0)
            self._hosts[name] = host = _Host(
                rule, asyncio.Semaphore(rule.concurrency), delay=rule.delay, held_until=held_until
            )
            if (wait := held_until - monotonic()) > self._longest_wait:
                host.refused = (GIVEN_UP, f"it told an earlier run to ask nothing for {wait:.0f} more seconds")
        return self._hosts[name]

    def let_go(self) -> None:
        """Send nothing more: the crawl is being ended, and waits for no turn; what is on the wire is waited for."""
        if not self._off:
            self._closing.set()

    def ended(self, reason: str) -> str:
        """Put on record which hosts were left and with how many requests; return how the run ended."""
        cut_short = set()
        for name, host in sorted(self._hosts.items()):
            if host.refused is not None and host.left:
                outcome, why = host.refused
                cut_short.add(outcome)
                Session.of(self._crawler).note(Finding(outcome, name, f"{host.left} requests were left: {why}"))
        found = [status for outcome, status in STATUSES.items() if outcome in cut_short]
        return found[0] if found and reason == "finished" else reason


def standing() -> dict[str, tuple[float, float]]:
    """Return of each host that this process asked how many seconds ago that was, and for how many more it is held."""
    at = monotonic()
    return {name: (at - asked, max(0.0, _held_until.get(name, 0.0) - at)) for name, asked in _last_asked.items()}


def take_over(hosts: Mapping[str, Sequence[float]]) -> None:
    """Go by what other processes asked, as `standing` tells it."""
    at = monotonic()
    for name, (ago, held) in hosts.items():
        _last_asked[name] = max(_last_asked.get(name, 0.0), at - ago)
        _held_until[name] = max(_held_until.get(name, 0.0), at + held)


class RefusalMiddleware:
    """Turns a request away before it waits for its turn, where its host is asked no more."""

    def __init__(self, crawler: Crawler) -> None:
        self.politeness = Politeness.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise HostRefused for a host that is asked no more."""
        self.politeness.refuse(request)


class ServerThrottle(AutoThrottle):
    """Scrapy's AutoThrottle, which slows down for a slow server; the least delay is each host's own (see above)."""

    def _min_delay(self) -> float:
        return 0.0


def _name(request: Request) -> str:
    return urlsplit(request.url).hostname or ""
