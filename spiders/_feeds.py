"""Reads feeds and sitemaps into entries; it knows no outlet, and opens nothing that they name."""

from __future__ import annotations

import io
from dataclasses import dataclass
from xml.sax import SAXException  # only the exception's name: feedparser does the parsing

import feedparser
from scrapy.http import Response
from scrapy.utils.sitemap import Sitemap

from pipelines.items import Index, Problem
from spiders._platform import printed, web_address


@dataclass(frozen=True, slots=True)
class Entry:
    """An address with the words that stand beside it, and the day it was changed as printed."""

    url: str
    words: str = ""
    changed: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """What a feed or a sitemap says. `entries` are those with a web address; the index counts all."""

    said: tuple[Index | Problem, ...]
    entries: tuple[Entry, ...] = ()
    is_index: bool = False


def read_feed(response: Response) -> Entries:
    """Read an RSS or Atom feed; one that is broken off gives a `malformed-xml` and the entries before the break."""
    # feedparser takes a text for an address or a path and opens it; this file object it only reads.
    feed = feedparser.parse(io.BytesIO(response.body), response_headers={"content-location": response.url})
    said: list[Index | Problem] = [Index(response.url, 0, len(feed.entries), last=True)]
    if isinstance(feed.get("bozo_exception"), SAXException):  # its other complaints are of headers
        said.append(Problem("malformed-xml", response.url, str(feed.bozo_exception)[:200]))
    if not feed.entries:
        said.append(Problem("empty-listing", response.url, "a feed without an entry"))
    found = (
        Entry(web_address(response.url, entry.get("link", "")), f"{entry.get('title', '')} {entry.get('summary', '')}")
        for entry in feed.entries
    )
    return Entries(tuple(said), tuple(entry for entry in found if entry.url))


def read_sitemap(response: Response) -> Entries:
    """Read a sitemap, or an index of sitemaps (`is_index`), as sitemaps.org describes them."""
    try:
        sitemap = Sitemap(response.body)
        found = list(sitemap)
    except (SyntaxError, StopIteration) as error:  # lxml's XMLSyntaxError is a SyntaxError
        return Entries((Problem("malformed-xml", response.url, str(error)[:200]),))
    if sitemap.type not in ("urlset", "sitemapindex"):
        return Entries((Problem("malformed-xml", response.url, f"<{sitemap.type}> is no sitemap"),))
    said: list[Index | Problem] = [Index(response.url, 0, len(found), last=True)]
    if not found:
        said.append(Problem("empty-listing", response.url, "a sitemap without an entry"))
    entries = (Entry(web_address(response.url, one["loc"]), changed=printed(one.get("lastmod"))) for one in found)
    return Entries(tuple(said), tuple(entry for entry in entries if entry.url), sitemap.type == "sitemapindex")
