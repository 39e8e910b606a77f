"""What a page repeats is asked for once, and what only looks like a repetition is asked for all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response

from pipelines.asked_once import AskedOnce
from pipelines.items import File

PAGE = Response("https://www.example.gov/")


def let_through(middleware: AskedOnce, *said: Any) -> list[Any]:
    """Return what comes out, of what a callback yields."""

    async def yielded() -> AsyncIterator[Any]:
        for one in said:
            yield one

    async def collected() -> list[Any]:
        return [one async for one in middleware.process_spider_output(PAGE, yielded())]

    return asyncio.run(collected())


def test_a_repeated_request_is_dropped_over_all_pages() -> None:
    middleware = AskedOnce()
    first, again, other = (Request(f"https://www.example.gov/{path}") for path in ("a", "a", "b"))
    assert let_through(middleware, first, again, other) == [first, other]
    assert let_through(middleware, again, other) == []


def test_other_questions_to_the_same_address_are_not_repetitions() -> None:
    url = "https://api.example.gov/search"
    asked = [
        Request(url),
        Request(url, method="POST", body=b"page=1"),
        Request(url, method="POST", body=b"page=2"),
        Request(url, dont_filter=True),
        Request(url, dont_filter=True),
    ]
    assert let_through(AskedOnce(), *asked) == asked


def test_items_pass() -> None:
    assert let_through(AskedOnce(), File(), File()) == [File(), File()]
