"""The bench's source: follows every link of every page, as bare Scrapy does beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response, TextResponse

from pipelines.items import File
from pipelines.screening import accepts
from spiders._platform import Said, Source


class Website(Source):
    """All of a website, from one page on."""

    name = "website"
    collection = "bench"
    allowed_domains = ("127.0.0.1",)

    def __init__(self, begin: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.begin = begin

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self.begin, self.parse_page)

    @accepts("html")
    def parse_page(self, response: Response) -> Said:
        """Follow the links."""
        assert isinstance(response, TextResponse)
        for href in response.css("a::attr(href)").getall():
            yield response.follow(href, self.parse_file if href.endswith(".pdf") else self.parse_page)

    @accepts("pdf")
    def parse_file(self, response: Response) -> Said:
        """Say that it is a file."""
        yield File()
