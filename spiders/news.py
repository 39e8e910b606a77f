"""News articles about the archive's subjects, from the feeds and sitemaps of the outlets that sources.toml names."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from pipelines.items import Article, Expect, Problem
from pipelines.screening import accepts
from spiders._articles import article_links, canonical_of, facts_of, plain_article
from spiders._feeds import Entries, read_feed, read_sitemap
from spiders._markup import page_of
from spiders._platform import Said, Source, is_on, once

MOST_SITEMAPS = 12  # newest first: an outlet's yearly sitemaps reach back for decades


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
    expect = Expect(1, 20_000)

    def __init__(self, terms: Sequence[str] = (), outlets: Sequence[Mapping[str, Any]] = (), **kwargs: Any) -> None:
        """Take the words on whose account an article is fetched (none: every article), and the outlets."""
        super().__init__(**kwargs)
        self.outlets = outlets
        self.terms = tuple(terms)
        self.allowed_domains = [domain for outlet in self.outlets for domain in outlet["domains"]]

    async def start(self) -> AsyncIterator[Request]:
        for outlet in self.outlets:
            for url in outlet.get("feeds", ()):
                yield self.ask(url, self.parse_feed)
            for url in outlet.get("sitemaps", ()):
                yield self.ask(url, self.parse_sitemap, depth=0)

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
    def parse_feed(self, response: Response) -> Said:
        feed = read_feed(response)
        yield from feed.said
        yield from self._articles(feed)

    @accepts("xml")
    def parse_sitemap(self, response: Response, depth: int) -> Said:
        sitemap = read_sitemap(response)
        yield from sitemap.said
        if not sitemap.is_index:
            yield from self._articles(sitemap)
        elif depth:
            yield Problem("trap", response.url, "an index of sitemaps inside another")
        else:
            own = [entry for entry in sitemap.entries if is_on(entry.url, self.allowed_domains)]
            for entry in sorted(own, key=lambda entry: entry.changed, reverse=True)[:MOST_SITEMAPS]:
                yield self.ask(entry.url, self.parse_sitemap, depth=1)

    def _articles(self, listed: Entries) -> Iterator[Request]:
        on_terms = (entry.url for entry in listed.entries if self._is_on_terms(entry.words, urlsplit(entry.url).path))
        yield from once(request for url in on_terms if (request := self._article(url, step=0)))

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
