"""DHS privacy impact assessments: the publication library, the older component pages, and the files they list.

Known of dhs.gov are its addresses and the words of its pages, from stored copies of 2012 to 2024; known markup is that
of its siblings ice.gov (pager) and uscis.gov (rows of a view). The markup of its own pages is not evidenced.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, File, Listed, Problem, WebPage
from pipelines.screening import accepts
from spiders._addresses import index_address, page_address
from spiders._dhs import HOST, PIA_COLLECTION, assessment_search
from spiders._library import (
    attachments,
    component_page,
    leads_of,
    listing,
    one_spelling,
    page_number,
    publication,
)
from spiders._markup import base_of, blocks, body_of, frame_of, heading_of, page_of
from spiders._platform import Said, is_on, once
from spiders._register_source import RegisterReader

COLLECTION = PIA_COLLECTION
KEYWORD = f"https://{HOST}/keywords/privacy-impact-assessment-pia"
LANDING = f"https://{HOST}/privacy-impact-assessments"
# The component pages that were seen; those of the others are found from these, the landing page and the listings.
COMPONENTS = ("ice", "us-customs-and-border-protection", "cisa", "us-coast-guard")
LISTINGS = (COLLECTION, KEYWORD, LANDING, *(f"https://{HOST}/privacy-documents-{name}" for name in COMPONENTS))
MOST_PAGES = 200  # The collection had at least 54 pages of ten.
MOST_STEPS = 2  # from a landing page to a component's page, and from there to another that nothing else names
FILE = re.compile(
    r"/sites/default/files/.+|/xlibrary/.+\.\w+$|/media/\d+/download$|.+\.(?:pdf|docx?|rtf)$", re.IGNORECASE
)
DOCUMENT = re.compile(r"/publication/|\.(?:pdf|docx?|rtf)(?:\?|$)|/media/\d+/download", re.IGNORECASE)
COMPONENT = re.compile(r"^/(?:privacy-documents-[\w-]{2,100}|privacy-impact-assessments)/?$")
ROWS = 'a[href*="/publication/"], a[href*=".pdf"], a[href*=".PDF"]'


class DhsPia(RegisterReader):
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
    expect = Expect(400, 20_000, {"listed.title": 0.95, "web-page.title": 1.0, "web-page.text": 0.98})

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
        if not is_on(url, ["dhs.gov"]):
            return self.register_request(url)
        if FILE.match(path):
            return self.ask(url, self.parse_file)
        if path.startswith("/publication/"):
            return self.ask(url, self.parse_publication)
        if COMPONENT.match(path):
            return self.ask(url, self.parse_component)
        listed = path.startswith(("/publications", "/keywords/"))
        return self._listing(index_address(url), page_number(url)) if listed else None

    def address_of(self, kind: str, target: str) -> str:
        """Return where the library's own search looks for the number of an assessment."""
        return assessment_search(target) if kind == "pia" else ""

    def _listing(self, index: str, page: int) -> Request:
        return self.ask(page_address(index, page), self.parse_listing, index=index, page=page)

    @accepts("html")
    def parse_listing(self, response: Response, index: str, page: int) -> Said:
        is_search = "combine=" in index
        read = listing(response, index, page, ROWS, MOST_PAGES, may_be_empty=is_search)
        yield from read.said
        yield from self._follow(read.urls)
        if page == 0 and not is_search:
            yield from self._lead(leads_of(response, COMPONENT), response.url, 0)
        if read.next_page is not None:
            yield self._listing(index, read.next_page)

    @accepts("html")
    def parse_publication(self, response: Response) -> Said:
        here = one_spelling(response.url, HOST)
        page = page_of(response)
        title, main = frame_of(page)
        if main is None:
            yield Problem("layout-changed", here, "no heading, or no main part")
            return
        base = base_of(page)
        files = attachments(main, base, here)
        read = publication(blocks(main, base, files.elements), title)
        yield from files.problems
        yield from files.listed
        yield from (Listed(here, link.url, link.text, "sorn") for link in read.notices)
        # Drupal 7 pages carry the labelled dates, those of 2022 and later the attachment table.
        if files.has_table or any(date.role != "published" for date in read.dates):
            yield WebPage("publication page", title, read.text, read.dates, read.links)
        else:
            yield Problem("layout-changed", here, "neither `Created Date:` nor a table of attachments")
        linked = [link.url for link in read.links if is_on(link.url, ["dhs.gov"])]
        # What a table of attachments lists is a document, whatever its address looks like.
        attached = filter(None, (self.request_for(entry.url) for entry in files.listed))
        yield from once([*attached, *self._follow([link.url for link in read.notices] + linked)])

    @accepts("html")
    def parse_component(self, response: Response, step: int = 0) -> Said:
        leads = leads_of(response, COMPONENT)
        said = component_page(response, one_spelling(response.url, HOST), DOCUMENT, leads)
        yield from said
        yield from self._follow(item.url for item in said if isinstance(item, Listed))
        yield from self._lead(leads, response.url, step)

    @accepts("html")
    def parse_notice(self, response: Response) -> Said:
        """The page of a notice as it was asked for until November 2026: such captures are still read."""
        page = page_of(response)
        read = blocks(body_of(page), base_of(page))
        yield WebPage("system of records notice", heading_of(page), tuple(block.text for block in read))

    @accepts("pdf", "office")
    def parse_file(self, response: Response) -> Said:
        yield File()

    def _follow(self, urls: Iterable[str]) -> Iterator[Request]:
        wanted = (url for url in urls if DOCUMENT.search(url) or not is_on(url, ["dhs.gov"]))
        yield from once(filter(None, map(self.request_for, wanted)))

    def _lead(self, urls: Iterable[str], here: str, step: int) -> Iterator[Request]:
        """Ask for the other component pages that a page leads to, so many steps from where the crawl began."""
        if step < MOST_STEPS:
            for url in dict.fromkeys(one_spelling(url, HOST) for url in urls):
                if is_on(url, [HOST]) and url != one_spelling(here, HOST):
                    yield self.ask(url, self.parse_component, step=step + 1)
