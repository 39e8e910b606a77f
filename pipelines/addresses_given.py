"""Starts a source at addresses that a person names (`oversight add`) in place of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Self

from scrapy.crawler import Crawler


class GivenAddresses:
    """A spider middleware; without the setting ADDRESSES it changes nothing."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield the source's own first requests, or those for the addresses that were given."""
        given = self.crawler.settings["ADDRESSES"]
        if not given:
            async for request in start:
                yield request
            return
        source: Any = self.crawler.spider
        for url in given:
            request = source.request_for(url)
            if request is not None:
                yield request
