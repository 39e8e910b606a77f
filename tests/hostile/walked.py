"""A source for crawls of a site on loopback: pages of a list, the pages that they list, and the files of these."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy.http import Request, Response, TextResponse

from pipelines.items import File, Index, Listed, WebPage
from pipelines.screening import accepts
from spiders._platform import Said, Source


class Walked(Source):
    """Walks the list that begins at `listing`, by its links of class "next"."""

    name = "walked"
    title = "Walked"
    collection = "Walked"
    allowed_domains = ("127.0.0.1",)

    def __init__(self, listing: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listing = listing

    async def start(self) -> AsyncIterator[Request]:
        yield self.ask(self.listing, self.parse_listing, listing=self.listing, page=0)

    @accepts("html")
    def parse_listing(self, response: Response, listing: str, page: int) -> Said:
        assert isinstance(response, TextResponse)
        links = response.css("li a::attr(href)").getall()
        onward = response.css("a.next::attr(href)").get()
        yield Index(listing, page, len(links), last=onward is None)
        for link in map(response.urljoin, links):
            yield Listed(listing, link, link.rsplit("/", 1)[1])
            yield self.ask(link, self.parse_file if link.endswith(".pdf") else self.parse_page)
        if onward is not None:
            yield self.ask(response.urljoin(onward), self.parse_listing, listing=listing, page=page + 1)

    @accepts("html")
    def parse_page(self, response: Response) -> Said:
        assert isinstance(response, TextResponse)
        yield WebPage("page", response.css("h1::text").get(""), tuple(response.css("p::text").getall()))
        for link in response.css("p a::attr(href)").getall():
            yield self.ask(response.urljoin(link), self.parse_file)

    @accepts("pdf")
    def parse_file(self, response: Response) -> Said:
        yield File()
