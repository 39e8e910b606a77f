"""Reports of the DHS inspector general: tables that lead straight to the files.

Evidence: the code of others, of 2018 (`#content-area tbody tr`: number, title, day) and of July 2026 (the same cells,
with a fourth for the fiscal year). That the list of all lacks reports which a component's own list has, too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from parsel import Selector
from scrapy.http import Request, Response

from pipelines.items import Expect, File, Listed, Problem
from pipelines.screening import accepts
from spiders._addresses import index_address, page_address
from spiders._file_lists import report_rows
from spiders._library import one_spelling, page_number, paged
from spiders._platform import Said, Source, is_on, once

HOST = "www.oig.dhs.gov"
REPORTS = f"https://{HOST}/reports/audits-inspections-and-evaluations"
MOST_PAGES = 400  # about 60 of fifty rows are expected
LISTING = re.compile(r"^/reports/[\w-]{4,100}$")
FILE = re.compile(r"^/(?:sites/default/files|assets)/.+|.+\.(?:pdf|docx?|xlsx?)$", re.IGNORECASE)


class DhsOig(Source):
    """Each listing is walked to its end; its rows lead to the reports' files."""

    name = "dhs_oig"
    title = "Reports of the DHS Inspector General"
    publisher = "U.S. Department of Homeland Security, Office of Inspector General"
    home = REPORTS
    collection = "inspector-general-reports"
    description = (
        "Audits, inspections, evaluations, alerts and investigations that the inspector general of the Department of "
        "Homeland Security has published, with the number and the day of issue of each."
    )
    allowed_domains = ("oig.dhs.gov",)
    expect = Expect(500, 20_000, {"listed.title": 0.99, "listed.heading": 0.8, "listed.published": 0.95})

    def __init__(self, listings: Sequence[str] = (REPORTS,), **kwargs: Any) -> None:
        """Take the listings to walk; one that is filtered is a listing of its own."""
        super().__init__(**kwargs)
        self.listings = listings

    async def start(self) -> AsyncIterator[Request]:
        for request in filter(None, map(self.request_for, self.listings)):
            yield request

    def request_for(self, url: str) -> Request | None:
        url = one_spelling(url, HOST)
        if not is_on(url, self.allowed_domains):
            return None
        if FILE.match(urlsplit(url).path):
            return self.ask(url, self.parse_file)
        return self._listing(index_address(url), page_number(url)) if LISTING.match(urlsplit(url).path) else None

    def _listing(self, index: str, page: int) -> Request:
        return self.ask(page_address(index, page), self.parse_listing, index=index, page=page)

    @accepts("html")
    def parse_listing(self, response: Response, index: str, page: int) -> Said:
        def entries(main: Selector, base: str) -> Iterator[Listed | Problem]:
            for entry in report_rows(main, base, index):
                if not isinstance(entry, Listed):
                    yield entry
                    continue
                url = one_spelling(entry.url, HOST)
                yield replace(entry, url=url)
                if not FILE.match(urlsplit(url).path):
                    yield Problem("unknown-value", index, f"leads to no file: {url[:200]}")

        read = paged(response, index, page, MOST_PAGES, entries)
        yield from read.said
        yield from once(filter(None, map(self.request_for, read.urls)))
        if read.next_page is not None:
            yield self._listing(index, read.next_page)

    @accepts("pdf", "office", "zip")
    def parse_file(self, response: Response) -> Said:
        yield File()
