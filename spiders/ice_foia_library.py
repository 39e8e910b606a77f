"""ICE's FOIA library: files that the agency has released, by category.

Evidence: the pages of two entries (Drupal 11, in full), and of the listing only the code of others: items
`usa-collection__item` with a linked heading and a printed day, and a pager whose links say `?page=`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import Request, Response

from pipelines.items import Expect, File, Index, Listed, PrintedDate, Problem
from pipelines.screening import accepts
from spiders._addresses import index_address, page_address
from spiders._file_lists import collection_rows, labelled_fields
from spiders._library import link_of, one_spelling, page_number, paged
from spiders._markup import base_of, frame_of, page_of, words_of
from spiders._platform import Said, Source, is_on, once

HOST = "www.ice.gov"
LIBRARY = f"https://{HOST}/foia/library"
MOST_PAGES = 1_000
LISTING = re.compile(r"^/(?:foia/library|foia-category/[\w-]{2,100})$")
FILE = re.compile(r"^/doclib/.+\.\w{2,5}$", re.IGNORECASE)
ENTRY = re.compile(r"^/node/\d{1,9}$")
IS_ENTRY = re.compile(r"^https?://(?:www\.)?ice\.gov/(?:doclib/.+\.\w{2,5}$|node/\d)", re.IGNORECASE)
LEFT_OUT = {"Proactive Disclosure"}


class IceFoiaLibrary(Source):
    """The library's listing leads to files, some by way of a page of their own; these lead to their category."""

    name = "ice_foia_library"
    title = "ICE FOIA Library"
    publisher = "U.S. Immigration and Customs Enforcement, FOIA Office"
    home = LIBRARY
    collection = "foia-library"
    description = (
        "What Immigration and Customs Enforcement has released under the Freedom of Information Act and by its own "
        "account: contracts, policies, inspections, reports and data, by category."
    )
    allowed_domains = ("ice.gov",)
    expect = Expect(300, 30_000, {"listed.title": 0.99})

    def __init__(self, listings: Sequence[str] = (LIBRARY,), **kwargs: Any) -> None:
        """Take the listings to walk: the library, or single categories of it."""
        super().__init__(**kwargs)
        self.listings = listings

    async def start(self) -> AsyncIterator[Request]:
        for request in filter(None, map(self._ask_for, self.listings)):
            yield request

    def request_for(self, url: str) -> Request | None:
        # The library lists files from all over the site; what it doesn't list is its own where the address says so.
        request = self._ask_for(url)
        is_file = request is not None and FILE.match(urlsplit(request.url).path)
        return None if is_file and "/foia/" not in url.lower() else request

    def _ask_for(self, url: str) -> Request | None:
        url = one_spelling(url, HOST)
        path = urlsplit(url).path
        if not is_on(url, self.allowed_domains):
            return None
        if FILE.match(path):
            return self.ask(url, self.parse_file)
        if LISTING.match(path):
            return self._listing(index_address(url), page_number(url))
        return self.ask(url, self.parse_entry) if ENTRY.match(path) else None

    def _listing(self, index: str, page: int) -> Request:
        return self.ask(page_address(index, page), self.parse_listing, index=index, page=page)

    @accepts("html")
    def parse_listing(self, response: Response, index: str, page: int) -> Said:
        def entries(main: Selector, base: str) -> Iterator[Listed | Problem]:
            for entry in collection_rows(main, base, index, IS_ENTRY):
                yield entry
                if isinstance(entry, Listed) and is_on(entry.url, [HOST]) and self._ask_for(entry.url) is None:
                    yield Problem("unknown-value", index, f"leads to no file and no entry: {entry.url[:200]}")

        read = paged(response, index, page, MOST_PAGES, entries)
        yield from read.said
        yield from once(filter(None, map(self._ask_for, read.urls)))
        if read.next_page is not None:
            yield self._listing(index, read.next_page)

    @accepts("html")
    def parse_entry(self, response: Response) -> Said:
        """Read the page of one entry: its file under `FOIA Link`, its `Category`. It is no document itself."""
        here = one_spelling(response.url, HOST)
        page = page_of(response)
        title, main = frame_of(page)
        fields = labelled_fields(main) if main is not None else {}
        linked, category = fields.pop("FOIA Link", None), fields.pop("Category", None)
        if linked is None:
            yield Problem("layout-changed", here, "no field labelled `FOIA Link`")
            return
        heading = words_of(category.css(".field__item")[0]) if category and category.css(".field__item") else ""
        posted = page.css('meta[property="article:published_time"]::attr(content)').get("")
        dates = (PrintedDate("posted", posted),) if posted else ()
        base = base_of(page)
        links = once(link_of(anchor, base) for anchor in linked.css("a[href]"))
        yield Index(here, 0, len(links), last=True)
        for link in links:
            yield Listed(here, link.url, link.text or title, dates=dates, heading=heading)
        if not links:
            yield Problem("missing-field", here, "`FOIA Link` without an address")
        for label in sorted(fields.keys() - LEFT_OUT):
            yield Problem("unmapped-field", here, label)
        yield from once(filter(None, (self._ask_for(link.url) for link in links)))

    @accepts("pdf", "office", "zip", "csv")
    def parse_file(self, response: Response) -> Said:
        yield File()
