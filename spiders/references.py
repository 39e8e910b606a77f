"""Official documents that an archived page cites and no listing shows: how unlisted documents come in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, File, WebPage
from pipelines.screening import accepts, content_kind
from spiders._dhs import assessment_search
from spiders._federal_register import address_to_ask
from spiders._markup import base_of, blocks, body_of, heading_of, page_of
from spiders._platform import Said, Source, is_on, web_address, without_tracking

# Where a number leads. What another source knows is fetched by that source.
NUMBERS = {
    "pia": assessment_search,
    "fr-citation": address_to_ask,
    "fr-document": address_to_ask,
    "award-id": "https://www.usaspending.gov/award/{}/".format,
}


class References(Source):
    """One step from a page to what it cites, on official hosts only; what it finds there is followed no further."""

    name = "references"
    title = "Official documents that others cite"
    publisher = "Government departments and courts"
    collection = "cited-documents"
    description = (
        "Documents and pages on official sites that an archived document or article links to, or names by its number, "
        "and that no list of the other sources shows."
    )
    expect = Expect(0, 10_000)
    wants = "references"

    def __init__(self, hosts: Sequence[str] = (), wanted: Sequence[str] = (), **kwargs: Any) -> None:
        """Take the hosts that count as official, and the addresses to ask for."""
        super().__init__(**kwargs)
        self.allowed_domains = list(hosts)
        self.wanted = wanted

    async def start(self) -> AsyncIterator[Request]:
        for request in filter(None, map(self.request_for, self.wanted)):
            yield request

    def address_of(self, kind: str, target: str) -> str:
        if kind in NUMBERS:
            return NUMBERS[kind](target)
        return target if kind == "link" and self._is_document(target) else ""

    def request_for(self, url: str) -> Request | None:
        plain = without_tracking(url)
        return self.ask(plain, self.parse_cited) if self._is_document(plain) else None

    def _is_document(self, url: str) -> bool:
        """Say whether an address may be a document: a site's front page is cited often, and says nothing."""
        front = urlsplit(url).path.strip("/") in ("", "index.html", "index.htm")
        return bool(web_address(url, url)) and is_on(url, self.allowed_domains) and not front

    @accepts("pdf", "html", "office", "zip", "image", "text", "csv", "xml", "json")
    def parse_cited(self, response: Response) -> Said:
        kind = content_kind(response.body)
        if kind != "html":
            yield File(kind)
            return
        page = page_of(response)
        read = blocks(body_of(page), base_of(page))
        links = tuple(link for block in read for link in block.links if link.url)
        yield WebPage("cited page", heading_of(page), tuple(block.text for block in read), (), links)
