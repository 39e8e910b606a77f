"""Sources for crawls of a server on loopback: one that follows all links of a page, and the real one of notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response, TextResponse

from pipelines.items import File, Index, Listed
from pipelines.screening import accepts
from spiders._platform import Said, Source
from spiders.sam_notices import API, SamNotices


class Links(Source):
    """Follows every link of one page, without a thought."""

    name = "links"
    collection = "links"
    allowed_domains = ("127.0.0.1", "localhost")

    def __init__(self, listing: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listing = listing

    async def start(self) -> AsyncIterator[Request]:
        yield self.ask(self.listing, self.parse_listing)

    @accepts("html")
    def parse_listing(self, response: Response) -> Said:
        assert isinstance(response, TextResponse)
        links = response.css("a::attr(href)").getall()
        yield Index(response.url, 0, len(links), last=True)
        readers = {"/odd": self.parse_odd, "/hostile": self.parse_listing}
        for link in map(response.urljoin, links):
            yield Listed(response.url, link, "A link")
            yield self.ask(link, readers.get(urlsplit(link).path, self.parse_file))

    @accepts("pdf")
    def parse_file(self, response: Response) -> Said:
        yield File()

    @accepts("json")
    def parse_odd(self, response: Response) -> Said:
        assert isinstance(response, TextResponse)
        yield Index(response.url, 0, len(response.json()["rows"]), last=True)
        yield File()


class NamedLinks(Links):
    """As Links, and follows them to hosts that have names."""

    name = "named_links"
    allowed_domains = ("127.0.0.1", "example.com")


class LocalNotices(SamNotices):
    """The source of notices, sent to another address."""

    name = "sam_notices"
    allowed_domains = ("127.0.0.1",)

    def __init__(self, api: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.api = api

    def _search(self, agency: str, since: date, until: date) -> Request:
        request = super()._search(agency, since, until)
        return request.replace(url=request.url.replace(API, self.api))
