"""News articles about the archive's subjects, from the feeds and sitemaps of the outlets that sources.toml names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from pipelines.items import Article, Expect, PrintedDate, Problem
from pipelines.screening import accepts
from spiders._articles import MOST_LINKS, article_links, canonical_of, facts_of, plain_article
from spiders._feeds import Entries, read_feed, read_sitemap
from spiders._markup import page_of
from spiders._platform import Said, Source, is_on, once

MOST_SITEMAPS = 12  # newest first: an outlet's yearly sitemaps reach back for decades
MOST_ARTICLES = 2_000  # that one feed or sitemap may lead to in a night
# What `[[sources.news.outlets]]` may say of one; the first two it must.
OUTLET = ("name", "domains", "title", "feeds", "sitemaps", "article_pattern")


class News(Source):
    """Feeds and sitemaps lead to articles on our terms; an article to those that it links to, one step far."""

    name = "news"
    title = "News articles"
    publisher = "The news outlets that are followed"
    home = ""
    collection = "news-articles"
    description = (
        "Articles that quote, link to or report on the archived documents. Their text is kept so that it can be "
        "searched and quoted; it belongs to its publishers."
    )
    expect = Expect(1, 20_000, {"article.headline": 1.0, "article.published": 0.8})

    def __init__(
        self,
        terms: Sequence[str] = (),
        outlets: Sequence[Mapping[str, Any]] = (),
        until: str = "",
        **kwargs: Any,
    ) -> None:
        """Take the words on whose account an article is fetched (none: every article), the outlets, and the day."""
        super().__init__(**kwargs)
        for outlet in outlets:
            _refuse_outlet(outlet)
        self.outlets = outlets
        self.terms = re.compile(rf"\b(?:{'|'.join(map(re.escape, terms))})\b") if terms else None
        self.allowed_domains = [domain for outlet in self.outlets for domain in outlet["domains"]]
        self.until = until

    async def start(self) -> AsyncIterator[Request]:
        day = {"until": self.until} if self.until else {}
        for outlet in self.outlets:
            for url in outlet.get("feeds", ()):
                yield self.ask(url, self.parse_feed, **day)
            for url in outlet.get("sitemaps", ()):
                yield self.ask(url, self.parse_sitemap, depth=0, **day)

    def request_for(self, url: str) -> Request | None:
        return self._article(url, step=1)

    def _article(self, url: str, step: int, listed: str = "") -> Request | None:
        """Return the request for an article of a named outlet, under its plain address; a feed dated it `listed`."""
        plain = plain_article(url)
        outlet = self._outlet_of(plain)
        if outlet is None:
            return None
        named = {"outlet": outlet["name"], "domains": list(outlet["domains"])}
        dated = {"listed": listed} if listed else {}
        return self.ask(plain, self.parse_article, **named, step=step, **dated)

    def _outlet_of(self, plain: str) -> Mapping[str, Any] | None:
        path = urlsplit(plain).path
        for outlet in self.outlets:
            pattern = outlet.get("article_pattern") or r"/[^/]*-[^/]*-[^/]*/?$|/\d{4}/\d"
            if is_on(plain, outlet["domains"]) and re.search(pattern, path):
                return outlet
        return None

    def _is_on_terms(self, *texts: str) -> bool:
        said = re.sub(r"[\W_]+", " ", " ".join(texts).lower())
        return self.terms is None or self.terms.search(said) is not None

    @accepts("xml", "json")
    def parse_feed(self, response: Response, until: str = "") -> Said:
        feed = read_feed(response)
        yield from feed.said
        yield from self._articles(response, feed, until)

    @accepts("xml", "gzip")
    def parse_sitemap(self, response: Response, depth: int, until: str = "") -> Said:
        sitemap = read_sitemap(response)
        yield from sitemap.said
        inner = [entry for entry in sitemap.entries if entry.is_sitemap or sitemap.is_index]
        if inner and depth:
            yield Problem("trap", response.url, "an index of sitemaps inside another")
        elif inner:
            own = [entry for entry in inner if is_on(entry.url, self.allowed_domains)]
            newest = sorted(own, key=lambda entry: entry.changed, reverse=True)
            if newest[MOST_SITEMAPS:]:
                yield Problem("out-of-scope", response.url, f"{len(newest) - MOST_SITEMAPS} older sitemaps")
            day = {"until": until} if until else {}
            for entry in newest[:MOST_SITEMAPS]:
                yield self.ask(entry.url, self.parse_sitemap, depth=1, **day)
        yield from self._articles(response, sitemap, until)

    def _articles(self, response: Response, listed: Entries, until: str) -> Iterator[Problem | Request]:
        """Ask for the articles on our terms; where there are very many, for the newest that are not of the future."""
        tomorrow = (date.fromisoformat(until) + timedelta(days=1)).isoformat() if until else ""
        future = {entry for entry in listed.entries if tomorrow and entry.day > tomorrow}
        if future:
            yield Problem("invalid-date", response.url, f"{len(future)} entries dated after {until}")
        found = [
            entry
            for entry in listed.entries
            if not (entry.is_sitemap or listed.is_index)
            and self._is_on_terms(entry.words, urlsplit(entry.url).path)
            and self._outlet_of(plain_article(entry.url)) is not None
        ]
        if len(found) > MOST_ARTICLES:
            yield Problem("trap", response.url, f"{len(found)} articles on our terms")
            found = sorted(found, key=lambda entry: "" if entry in future else entry.day, reverse=True)[:MOST_ARTICLES]
        asked = (self._article(entry.url, step=0, listed="" if entry in future else entry.published) for entry in found)
        yield from once(filter(None, asked))

    @accepts("html")
    def parse_article(self, response: Response, outlet: str, domains: list[str], step: int, listed: str = "") -> Said:
        page = page_of(response)
        facts = facts_of(page)
        canonical, elsewhere = canonical_of(page, domains)
        links, dropped = article_links(page)
        if not facts.headline:
            yield Problem("layout-changed", response.url, "no headline")
            return
        for what in facts.skipped:
            yield Problem("metadata-skipped", response.url, what)
        if elsewhere:
            yield Problem("link-dropped", response.url, f"canonical address on another site: {elsewhere[0]}")
        if dropped:
            yield Problem("link-dropped", response.url, f"{dropped} links that are not http or https")
        if len(links) > MOST_LINKS:
            yield Problem("link-dropped", response.url, f"{len(links) - MOST_LINKS} links after the first {MOST_LINKS}")
            links = links[:MOST_LINKS]
        dates = facts.dates
        if listed and not any(one.role == "published" for one in dates):
            dates = (PrintedDate("posted", listed), *dates)
        yield Article(outlet, facts.headline, facts.byline, canonical, dates, facts.section, links)
        if step == 0:
            yield from once(request for link in links if (request := self._article(link.url, step=1)))


def _refuse_outlet(outlet: Mapping[str, Any]) -> None:
    """Raise ValueError for an outlet that would silently give nothing, or less than was meant."""
    named = f"outlet {outlet.get('name', '')!r}"
    if lacking := [key for key in OUTLET[:2] if not outlet.get(key)]:
        raise ValueError(f"{named} lacks {', '.join(lacking)}")
    if unknown := sorted(set(outlet) - set(OUTLET)):
        raise ValueError(f"{named} takes no {', '.join(unknown)}; it takes: {', '.join(OUTLET)}")
    if texts := [key for key in ("domains", "feeds", "sitemaps") if isinstance(outlet.get(key), str)]:
        raise ValueError(f"{named}: {', '.join(texts)} must be in brackets, a list")
    try:
        re.compile(outlet.get("article_pattern") or "")
    except re.error as error:
        raise ValueError(f"{named}: article_pattern is no regular expression ({error})") from error
