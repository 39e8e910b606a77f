"""DHS privacy impact assessments: the publication library, the older component pages, and the files they list.

Known of dhs.gov are its addresses and the words of its pages, from stored copies of 2012 to 2024; known markup is that
of its siblings ice.gov (pager) and uscis.gov (rows of a view). The markup of its own pages is not evidenced.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, File, Listed, Problem, WebPage
from pipelines.screening import accepts
from spiders._library import attachments, component_page, listing, one_spelling, page_number, publication
from spiders._markup import blocks, body_of, frame_of, heading_of, page_of
from spiders._platform import Said, Source, is_on, once

HOST = "www.dhs.gov"
COLLECTION = f"https://{HOST}/publications-library/collections/privacy-impact-assessments-(pia)"
COMPONENTS = ("ice", "us-customs-and-border-protection", "cisa")  # the three of which copies were seen
LISTINGS = (COLLECTION, *(f"https://{HOST}/privacy-documents-{component}" for component in COMPONENTS))
MOST_PAGES = 200  # The collection had at least 52 pages of ten.
NOTICE = re.compile(r"/(?:documents|articles|citation|d|a|content/pkg|link)/")
DOCUMENT = re.compile(r"/publication/|\.pdf(?:\?|$)", re.IGNORECASE)
ROWS = 'a[href*="/publication/"], a[href*=".pdf"], a[href*=".PDF"]'


class DhsPia(Source):
    """Listings and component pages lead to publication pages; these to PDFs, notices and pages that no list shows."""

    name = "dhs_pia"
    title = "DHS Privacy Impact Assessments"
    publisher = "U.S. Department of Homeland Security, Privacy Office"
    home = COLLECTION
    collection = "privacy-impact-assessments"
    description = (
        "Privacy impact assessments of the Department of Homeland Security and its components, every version and "
        "update, with their publication pages and the system of records notices that they name."
    )
    allowed_domains = ("dhs.gov", "federalregister.gov", "govinfo.gov")
    expect = Expect(400, 20_000)

    def __init__(self, listings: Sequence[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listings = listings or LISTINGS

    async def start(self) -> AsyncIterator[Request]:
        for request in filter(None, map(self.request_for, self.listings)):
            yield request

    def request_for(self, url: str) -> Request | None:
        url = one_spelling(url, HOST)
        path = urlsplit(url).path
        if not is_on(url, self.allowed_domains):
            return None
        if path.lower().endswith(".pdf"):
            return self.ask(url, self.parse_file)
        if not is_on(url, ["dhs.gov"]):
            return self.ask(url, self.parse_notice) if NOTICE.match(path) else None
        if path.startswith("/publication/"):
            return self.ask(url, self.parse_publication)
        if path.startswith("/privacy-documents-"):
            return self.ask(url, self.parse_component)
        return self._listing(url, page_number(url)) if path.startswith(("/publications", "/keywords/")) else None

    def _listing(self, url: str, page: int) -> Request:
        index = urlunsplit(urlsplit(url)._replace(query=""))
        return self.ask(f"{index}?page={page}", self.parse_listing, index=index, page=page)

    @accepts("html")
    def parse_listing(self, response: Response, index: str, page: int) -> Said:
        read = listing(response, index, page, ROWS, MOST_PAGES)
        yield from read.said
        yield from self._follow(read.urls)
        if read.next_page is not None:
            yield self._listing(index, read.next_page)

    @accepts("html")
    def parse_publication(self, response: Response) -> Said:
        here = one_spelling(response.url, HOST)
        title, main = frame_of(page_of(response))
        if main is None:
            yield Problem("layout-changed", here, "no heading, or no main part")
            return
        files = attachments(main, response.url, here)
        read = publication(blocks(main, response.url, files.elements), title)
        yield from files.problems
        yield from files.listed
        yield from (Listed(here, link.url, link.text, "sorn") for link in read.notices)
        # Drupal 7 pages carry the labelled dates, those of 2022 and later the attachment table.
        if files.has_table or any(date.role != "published" for date in read.dates):
            yield WebPage("publication page", title, read.text, read.dates, read.links)
        else:
            yield Problem("layout-changed", here, "neither `Created Date:` nor a table of attachments")
        linked = [link.url for link in read.links if is_on(link.url, ["dhs.gov"])]
        yield from self._follow([entry.url for entry in files.listed] + [link.url for link in read.notices] + linked)

    @accepts("html")
    def parse_component(self, response: Response) -> Said:
        said = component_page(response, one_spelling(response.url, HOST), DOCUMENT)
        yield from said
        yield from self._follow(item.url for item in said if isinstance(item, Listed))

    @accepts("html")
    def parse_notice(self, response: Response) -> Said:
        page = page_of(response)
        read = blocks(body_of(page), response.url)
        yield WebPage("system of records notice", heading_of(page), tuple(block.text for block in read))

    @accepts("pdf")
    def parse_file(self, response: Response) -> Said:
        yield File()

    def _follow(self, urls: Iterable[str]) -> Iterator[Request]:
        wanted = (url for url in urls if DOCUMENT.search(url) or not is_on(url, ["dhs.gov"]))
        yield from once(filter(None, map(self.request_for, wanted)))
