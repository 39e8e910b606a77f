"""Runs a WireTransport by itself: Scrapy's reactor under a test, without a crawl."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.resolver import HostResolution
from scrapy.utils.reactor import install_reactor, is_reactor_installed
from scrapy.utils.test import get_crawler
from twisted.internet.abstract import isIPAddress, isIPv6Address
from twisted.internet.address import IPv4Address, IPv6Address

from pipelines.address_guard import AddressGuard, GuardedResolver
from pipelines.transport import Fetched
from pipelines.wire import WireTransport

T = TypeVar("T")

NOW = datetime(2018, 1, 26, 15, 0, 0, tzinfo=UTC)


def reactor() -> Any:
    """Return the process's reactor, which is asyncio's."""
    if not is_reactor_installed():
        install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed  # noqa: PLC0415

    return installed


class ScriptedLookup:
    """Answers name look-ups from a script: the first list of addresses first, the last one from then on.

    An IP address is its own answer, as with getaddrinfo(); a name that isn't in the script has none.
    """

    def __init__(self, answers: Mapping[str, list[list[str]]] | None = None) -> None:
        self._answers = {name: list(turns) for name, turns in (answers or {}).items()}
        self.asked: list[str] = []

    def resolveHostName(  # noqa: N802
        self, receiver: Any, name: str, port: int = 0, kinds: object = None, semantics: str = "TCP"
    ) -> HostResolution:
        self.asked.append(name)
        resolution = HostResolution(name)
        receiver.resolutionBegan(resolution)
        for address in self._turn(name):
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, port))
        receiver.resolutionComplete()
        return resolution

    def _turn(self, name: str) -> list[str]:
        if isIPAddress(name) or isIPv6Address(name):
            return [name]
        turns = self._answers.get(name, [[]])
        return turns.pop(0) if len(turns) > 1 else turns[0]


@contextmanager
def resolver(guard: AddressGuard, lookup: ScriptedLookup) -> Iterator[None]:
    """Have the reactor look names up by `lookup`, behind the guard."""
    before = reactor().nameResolver
    reactor().installNameResolver(GuardedResolver(reactor(), guard, lookup))
    try:
        yield
    finally:
        reactor().installNameResolver(before)


def run(work: Awaitable[T]) -> T:
    """Run `work` on the reactor's loop until it is done."""
    loop: asyncio.AbstractEventLoop = reactor()._asyncioEventloop

    async def all_of_it() -> T:
        return await work

    return loop.run_until_complete(all_of_it())


def crawler_with(**settings: Any) -> Crawler:
    """Return a crawler that isn't started, with the project's settings that matter on the wire."""
    reactor()
    ours = {"DOWNLOAD_VERIFY_CERTIFICATES": True, "DOWNLOAD_TLS_MIN_VERSION": "TLSv1.2", "DOWNLOAD_TIMEOUT": 20}
    return get_crawler(Spider, settings_dict={**ours, **settings})


def fetch_all(
    requests: list[Request], lookup: ScriptedLookup | None = None, **settings: Any
) -> list[Fetched | Exception]:
    """Fetch all at once, by one transport; return what came of each, in the order asked."""
    return fetch_with(crawler_with(**settings), requests, lookup)


def fetch_with(
    crawler: Crawler, requests: list[Request], lookup: ScriptedLookup | None = None
) -> list[Fetched | Exception]:
    """As fetch_all(), for a crawler."""
    transport = WireTransport.from_crawler(crawler, clock=lambda: NOW)

    async def at_once() -> list[Fetched | BaseException]:
        results = await asyncio.gather(*(transport.fetch(request) for request in requests), return_exceptions=True)
        await transport.close()
        return results

    with resolver(AddressGuard.from_settings(crawler.settings), lookup or ScriptedLookup()):
        results = run(at_once())
    return [_expected(result) for result in results]


def _expected(result: Fetched | BaseException) -> Fetched | Exception:
    if isinstance(result, (Fetched, Exception)):
        return result
    raise result


def fetch(request: Request | str, **settings: Any) -> Fetched:
    """Fetch one. Raises what the transport raises."""
    (result,) = fetch_all([Request(request) if isinstance(request, str) else request], **settings)
    if isinstance(result, Exception):
        raise result
    return result
