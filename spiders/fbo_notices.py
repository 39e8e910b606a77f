"""FedBizOpps, where contract notices stood until November 2019: its nightly files and saved pages, read as they are.

The site is gone. What comes in was handed in (`oversight deposit`), imported, or is a copy at a web archive.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Request, Response

from pipelines.items import Expect, File, Listed
from pipelines.screening import accepts, content_kind
from spiders._fbo_feed import TYPES, is_feed, read_feed
from spiders._fbo_page import https, notice_page
from spiders._markup import page_of
from spiders._notices import Scope, notices
from spiders._platform import Said, Source, is_on, once, web_address

HOST = "www.fbo.gov"
FEED = re.compile(r"FBOFeed[0-9]{8}(?:\.(?:txt|xml))?", re.IGNORECASE)
_ID = re.compile(r"[0-9a-fA-F]{32}")
_SITE_TYPES = frozenset(TYPES.values())


class FboNotices(Source):
    """A nightly file holds a record for each notice, change and archiving of a day; a page one notice as it was."""

    name = "fbo_notices"
    title = "FedBizOpps contract notices, to November 2019"
    publisher = "U.S. General Services Administration"
    home = "https://www.fbo.gov/"
    collection = "procurement-notices"
    description = (
        "Solicitations, awards and other contract notices of the years before SAM.gov, from the nightly files of "
        "FedBizOpps and from saved pages. Contacts (names, phones and mail of officials) are left out."
    )
    allowed_domains = ("fbo.gov",)
    expect = Expect(0, 1_000_000, {"notice.type": 1.0, "notice.posted": 0.95, "notice.department": 0.95})
    passive = True

    def __init__(
        self,
        agencies: Sequence[str] = (),
        naics: Sequence[str] = (),
        psc: Sequence[str] = (),
        keywords: Sequence[str] = (),
        feeds: Sequence[str] = (),
        pages: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        """Take what is in scope (see Scope), and the addresses of nightly files and of pages to ask for."""
        super().__init__(**kwargs)
        self.scope = Scope(tuple(agencies), tuple(naics), tuple(psc), tuple(keywords))
        self.addresses = (*feeds, *pages)

    async def start(self) -> AsyncIterator[Request]:
        for request in once(filter(None, map(self.request_for, self.addresses))):
            yield request

    @classmethod
    def reader_for(cls, name: str, body: bytes) -> str:
        if is_feed(body):
            return "parse_feed"
        return "parse_notice" if b'id="dnf_class_values_procurement_notice__' in body[: 1 << 20] else ""

    def request_for(self, url: str) -> Request | None:
        url = https(web_address(url, ""))
        if not is_on(url, self.allowed_domains):
            return None
        parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
        named = next((value for value in query.get("id", ()) if _ID.fullmatch(value)), "").lower()
        if FEED.fullmatch(parts.path.rpartition("/")[2]):
            return self.ask(url, self.parse_feed)
        if parts.path == "/utils/view" and named:
            return self.ask(f"https://{HOST}/utils/view?id={named}", self.parse_attachment)
        page = _page(parts.path, query, named)
        return self.ask(f"https://{HOST}{page}", self.parse_notice) if page else None

    @accepts("text", "html", "xml", "csv", "unknown")
    def parse_feed(self, response: Response) -> Said:
        yield from notices(read_feed(response.body), response.url, _SITE_TYPES, self.scope.holds, amended=True)

    @accepts("html")
    def parse_notice(self, response: Response) -> Said:
        for said in notice_page(page_of(response)):
            yield said
            if isinstance(said, Listed) and (request := self.request_for(said.url)):
                yield request

    @accepts("pdf", "office", "zip", "image", "text", "csv", "xml", "gzip", "unknown")
    def parse_attachment(self, response: Response) -> Said:
        yield File(content_kind(response.body))


def _page(path: str, query: Mapping[str, Sequence[str]], named: str) -> str:
    """Return the path of a notice's page as it is asked for, or "" for what is none.

    A notice has an address of its own, one among its agency's, and one as a form; `_cview=1` shows all its texts.
    """
    if re.fullmatch(r"/notices/[0-9a-fA-F]{32}/?", path):
        return path.lower().rstrip("/")
    if re.fullmatch(r"/spg/.+\.html", path):
        return path
    is_form = query.get("s") == ["opportunity"] and query.get("tab", ["core"]) == ["core"]
    if not (re.fullmatch(r"/(?:index(?:\.php)?)?", path) and is_form and named):
        return ""
    whole = "&_cview=1" if query.get("_cview") == ["1"] else ""
    return f"/index?s=opportunity&mode=form&id={named}&tab=core{whole}"
