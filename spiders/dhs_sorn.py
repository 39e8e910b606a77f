"""DHS system of records notices: the publication library's collection, the page that lists them all, what both lead to.

Known of dhs.gov are addresses and words (see dhs_pia.py); of the list of all notices its sections by component,
"Retired and Removed Notices" among them, and entries that end in date and citation: `… November 18, 2008, 73 FR 68435`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, Index, Listed, PageLink, PrintedDate, Problem, WebPage
from pipelines.screening import accepts
from spiders._addresses import index_address, page_address, search_address
from spiders._dhs import HOST, SORN_COLLECTION
from spiders._federal_register import address_to_ask, citations_in, known_address
from spiders._library import MOST_ROWS, attachments, listing, one_spelling, page_number, publication
from spiders._markup import Block, base_of, blocks, frame_of, page_of
from spiders._platform import Said, is_on, once
from spiders._register_source import RegisterReader

LIST = f"https://{HOST}/system-records-notices-sorns"
LISTINGS = (SORN_COLLECTION, LIST)
MOST_PAGES = 200
HEADINGS = ("h2", "h3", "h4", "h5", "h6", "caption", "dt")
ROWS = 'a[href*="/publication/"], a[href*=".pdf"], a[href*=".PDF"]'
FILE = re.compile(r"/sites/default/files/.+|/xlibrary/.+\.\w+$|/media/\d+/download$|.+\.pdf$", re.IGNORECASE)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# "November 18, 2008, 73 FR 68435", also without the second comma, in brackets, and the other way round.
_PUBLISHED = re.compile(rf"(?:{_MONTHS}) \d{{1,2}}, ?\d{{4}}")
_CITED = re.compile(rf"[\s,(–-]{{0,9}}(?:(?:{_MONTHS}) \d{{1,2}}, ?\d{{4}}[\s,;(]{{0,9}})?\d{{1,3}} FR [\d,]+.*$")


class DhsSorn(RegisterReader):
    """Lists lead to publication pages and to the Federal Register, where each notice stands in full."""

    name = "dhs_sorn"
    title = "DHS System of Records Notices"
    publisher = "U.S. Department of Homeland Security, Privacy Office"
    home = LIST
    collection = "system-of-records-notices"
    description = (
        "Notices of the systems of records that the Department of Homeland Security and its components keep on people, "
        "as the Department lists them, with their text in the Federal Register."
    )
    allowed_domains = ("dhs.gov", "federalregister.gov", "govinfo.gov")
    expect = Expect(50, 20_000, {"listed.title": 0.95, "web-page.title": 1.0, "web-page.text": 0.95})

    def __init__(self, listings: Sequence[str] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.listings = listings or LISTINGS

    async def start(self) -> AsyncIterator[Request]:
        for request in filter(None, map(self.request_for, self.listings)):
            yield request

    def request_for(self, url: str) -> Request | None:
        url = one_spelling(url, HOST)
        if not is_on(url, ["dhs.gov"]):
            return self.register_request(url)
        path = urlsplit(url).path
        if FILE.match(path):
            return self.ask(url, self.parse_file)
        if path.startswith("/publication/"):
            return self.ask(url, self.parse_publication)
        if path == urlsplit(LIST).path:
            return self.ask(url, self.parse_list)
        is_collection = path == urlsplit(SORN_COLLECTION).path
        return self._listing(index_address(url), page_number(url)) if is_collection else None

    def address_of(self, kind: str, target: str) -> str:
        return search_address(SORN_COLLECTION, target) if kind == "sorn" else super().address_of(kind, target)

    def _listing(self, index: str, page: int) -> Request:
        return self.ask(page_address(index, page), self.parse_listing, index=index, page=page)

    @accepts("html")
    def parse_listing(self, response: Response, index: str, page: int) -> Said:
        read = listing(response, index, page, ROWS, MOST_PAGES, may_be_empty="combine=" in index)
        yield from read.said
        yield from self._follow(read.urls)
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
        notices = once(link for link in (*read.links, *read.notices) if known_address(link.url))
        yield from files.problems
        yield from files.listed
        yield from (Listed(here, link.url, link.text, "sorn") for link in notices)
        # Drupal 7 pages carry the labelled dates, those of 2022 and later the attachment table.
        if files.has_table or any(date.role != "published" for date in read.dates):
            yield WebPage("publication page", title, read.text, read.dates, (*read.links, *read.notices))
        else:
            yield Problem("layout-changed", here, "neither `Created Date:` nor a table of attachments")
        yield from self._follow([entry.url for entry in files.listed] + [link.url for link in notices])

    @accepts("html")
    def parse_list(self, response: Response) -> Said:
        """The page that lists all notices, section by section."""
        here = one_spelling(response.url, HOST)
        page = page_of(response)
        title, main = frame_of(page)
        if main is None:
            yield Problem("layout-changed", here, "no heading, or no main part")
            return
        read = blocks(main, base_of(page))
        listed = once(_entries(read, here))
        # Cited without a link: the register finds it by its citation.
        cited = [one for block in read if not any(link.url for link in block.links) for one in citations_in(block.text)]
        yield Index(here, 0, len(listed[:MOST_ROWS]), last=True)
        if not listed and not cited:
            yield Problem("empty-listing", here)
        if len(listed) + len(cited) > MOST_ROWS:
            yield Problem("trap", here, f"{len(listed)} entries, and {len(cited)} citations without a link")
        yield from listed[:MOST_ROWS]
        read_as = publication(read, title)
        yield WebPage("list of notices", title, read_as.text, read_as.dates)
        wanted = [entry.url for entry in listed] + [address_to_ask(one) for one in cited]
        yield from self._follow(wanted[:MOST_ROWS])

    def _follow(self, urls: Iterable[str]) -> Iterator[Request]:
        yield from once(filter(None, map(self.request_for, urls)))


def _entries(read: Iterable[Block], index: str) -> Iterator[Listed]:
    """Yield the entries of the list: linked notices with the section they stand in, and what is printed after them.

    Of a block with one link the whole is the entry, whichever words of it the link is on.
    """
    heading = ""
    for block in read:
        if block.tag in HEADINGS:
            heading = block.text
        links = [link for link in block.links if _is_entry(link)]
        starts = [block.text.find(link.text) for link in links]
        for place, link in enumerate(links):
            printed = block.text
            if len(links) > 1:
                printed = printed[max(starts[place], 0) : starts[place + 1] if place + 1 < len(links) else None]
            date = _PUBLISHED.search(printed)
            title = _CITED.sub("", printed).strip(" ,(–-") or link.text
            dates = (PrintedDate("published", date[0]),) if date else ()
            note = ", ".join(citations_in(printed))
            yield Listed(index, link.url, title[:500], dates=dates, heading=heading, note=note)


def _is_entry(link: PageLink) -> bool:
    path = urlsplit(link.url).path
    own = is_on(link.url, ["dhs.gov"]) and (path.startswith("/publication/") or path.lower().endswith(".pdf"))
    return bool(own or (link.url and known_address(link.url)))
