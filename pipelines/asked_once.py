"""Drops requests that a page repeats before Scrapy works on them: sites link from every page to the same ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response


class AskedOnce:
    """A spider middleware, the first behind the source's callbacks.

    Scrapy's own filter of duplicates would drop the same requests (it goes by method, address and body too, and takes
    more addresses for equal), but only after each has passed through everything that schedules it.
    """

    def __init__(self) -> None:
        self._asked: set[tuple[str, str, bytes]] = set()

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Yield what the callback yields, but for requests that were yielded before in this crawl."""
        async for said in result:
            if not isinstance(said, Request) or said.dont_filter or self._is_new(said):
                yield said

    def _is_new(self, request: Request) -> bool:
        known = len(self._asked)
        self._asked.add((request.url, request.method, request.body))
        return len(self._asked) > known
