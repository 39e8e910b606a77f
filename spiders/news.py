"""News articles about the archive's subjects, from the feeds and sitemaps of the outlets in outlets.json."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit
from xml.sax import SAXException  # only the exception's name: feedparser does the parsing

import feedparser
from scrapy.http import Request, Response
from scrapy.utils.sitemap import Sitemap

from pipelines.items import Article, Expect, Index, Problem
from pipelines.screening import accepts
from spiders._articles import article_links, canonical_of, facts_of, plain_article
from spiders._markup import page_of
from spiders._platform import Said, Source, is_on, once, printed, web_address

MOST_SITEMAPS = 12  # newest first: an outlet's yearly sitemaps reach back for decades


class News(Source):
    """Feeds and sitemaps lead to articles on our terms; an article to those that it links to, one step far."""

    name = "news"
    title = "News articles"
    publisher = "The outlets named in spiders/outlets.json"
    home = ""
    collection = "news-articles"
    description = (
        "Articles that quote, link to or report on the archived documents. Their text stays with the archive's "
        "own search; headline, byline, dates, address and outgoing links are shown."
    )
    expect = Expect(1, 20_000)
    from_settings: ClassVar[Mapping[str, str]] = {"outlets": "OUTLETS"}

    def __init__(self, outlets: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        """Take what outlets.json holds: `terms` and `outlets`."""
        super().__init__(**kwargs)
        named: Mapping[str, Any] = outlets or {}
        self.outlets: Sequence[Mapping[str, Any]] = named.get("outlets", ())
        self.terms = tuple(named.get("terms", ()))
        self.allowed_domains = [domain for outlet in self.outlets for domain in outlet["domains"]]

    async def start(self) -> AsyncIterator[Request]:
        for outlet in self.outlets:
            for url in outlet.get("feeds", ()):
                yield self.ask(url, self.parse_feed, outlet=outlet["name"])
            for url in outlet.get("sitemaps", ()):
                yield self.ask(url, self.parse_sitemap, outlet=outlet["name"], depth=0)

    def request_for(self, url: str) -> Request | None:
        return self._article(url, step=1)

    def _article(self, url: str, step: int) -> Request | None:
        """Return the request for an article of a named outlet, under its plain address."""
        plain = plain_article(url)
        for outlet in self.outlets:
            pattern = outlet.get("article_pattern") or r"/[^/]*-[^/]*-[^/]*/?$|/\d{4}/\d"
            if is_on(plain, outlet["domains"]) and re.search(pattern, urlsplit(plain).path):
                named = {"outlet": outlet["name"], "domains": list(outlet["domains"])}
                return self.ask(plain, self.parse_article, **named, step=step)
        return None

    def _is_on_terms(self, *texts: str) -> bool:
        said = re.sub(r"[\W_]+", " ", " ".join(texts).lower())
        return not self.terms or any(re.search(rf"\b{re.escape(term)}\b", said) for term in self.terms)

    @accepts("xml")
    def parse_feed(self, response: Response, outlet: str) -> Said:
        # A text in place of this file object would be taken for a path or an address, and opened.
        feed = feedparser.parse(io.BytesIO(response.body), response_headers={"content-location": response.url})
        if isinstance(feed.get("bozo_exception"), SAXException):  # other complaints are of headers, not of the feed
            yield Problem("malformed-xml", response.url, str(feed.bozo_exception)[:200])
        yield Index(response.url, 0, len(feed.entries), last=True)
        if not feed.entries:
            yield Problem("empty-listing", response.url, outlet)
        for entry in feed.entries:
            url = web_address(response.url, entry.get("link", ""))
            if url and self._is_on_terms(entry.get("title", ""), entry.get("summary", ""), urlsplit(url).path):
                yield from self._some(self._article(url, step=0))

    @accepts("xml")
    def parse_sitemap(self, response: Response, outlet: str, depth: int) -> Said:
        try:
            sitemap = Sitemap(response.body)
            entries = list(sitemap)
        except (SyntaxError, StopIteration) as error:  # lxml's XMLSyntaxError is a SyntaxError
            yield Problem("malformed-xml", response.url, str(error)[:200])
            return
        yield Index(response.url, 0, len(entries), last=True)
        if not entries or sitemap.type not in ("urlset", "sitemapindex"):
            yield Problem("empty-listing" if not entries else "malformed-xml", response.url, sitemap.type)
            return
        places = [(printed(entry.get("lastmod")), web_address(response.url, entry["loc"])) for entry in entries]
        if sitemap.type == "urlset":
            for _, url in places:
                if url and self._is_on_terms(urlsplit(url).path):
                    yield from self._some(self._article(url, step=0))
        elif depth:
            yield Problem("trap", response.url, "a sitemap index inside another")
        else:
            for _, url in sorted(places, reverse=True)[:MOST_SITEMAPS]:
                if url and is_on(url, self.allowed_domains):
                    yield self.ask(url, self.parse_sitemap, outlet=outlet, depth=1)

    @accepts("html")
    def parse_article(self, response: Response, outlet: str, domains: list[str], step: int) -> Said:
        page = page_of(response)
        facts = facts_of(page)
        canonical, elsewhere = canonical_of(page, domains)
        links, dropped = article_links(page)
        if not facts.headline:
            yield Problem("layout-changed", response.url, "no headline")
            return
        if elsewhere:
            yield Problem("link-dropped", response.url, f"canonical address on another site: {elsewhere[0]}")
        if dropped:
            yield Problem("link-dropped", response.url, f"{dropped} links that are not http or https")
        yield Article(outlet, facts.headline, facts.byline, canonical, facts.dates, facts.section, links)
        if step == 0:
            yield from once(request for link in links if (request := self._article(link.url, step=1)))

    @staticmethod
    def _some(request: Request | None) -> Iterator[Request]:
        if request:
            yield request
