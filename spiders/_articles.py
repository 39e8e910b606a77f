"""Reads what a news page says of its article: headline, byline, dates, address, outgoing links; it knows no outlet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scrapy.http import TextResponse

from pipelines.items import PageLink, PrintedDate
from spiders._markup import blocks, body_of, heading_of, words, words_of
from spiders._platform import is_on, once, web_address, without_tracking
from spiders._records import MalformedError, read_json

# fmt: off
_ARTICLE_TYPES = frozenset([
    "AnalysisNewsArticle", "Article", "BlogPosting", "NewsArticle", "OpinionNewsArticle", "Report",
    "ReportageNewsArticle",
])
# fmt: on


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page says of its article; "" where it says nothing."""

    headline: str
    byline: str
    section: str
    dates: tuple[PrintedDate, ...]


def facts_of(page: TextResponse) -> Facts:
    """Read schema.org's JSON-LD first, then Open Graph's meta elements, then what is printed on the page."""
    data = _json_ld(page)
    printed_times = page.css("article time[datetime]::attr(datetime), time[datetime]::attr(datetime)").getall()
    dates = {
        "published": _first(data.get("datePublished"), _meta(page, "article:published_time"), *printed_times[:1]),
        "modified": _first(data.get("dateModified"), _meta(page, "article:modified_time")),
    }
    return Facts(
        headline=_first(data.get("headline"), _meta(page, "og:title"), heading_of(page)),
        byline=_first(_names(data.get("author")), _byline(page)),
        section=_first(data.get("articleSection"), _meta(page, "article:section")),
        dates=tuple(PrintedDate(role, said) for role, said in dates.items() if said),
    )


def canonical_of(page: TextResponse, domains: Sequence[str]) -> tuple[str, list[str]]:
    """Return the canonical address (on the outlet's own domains, else "") and those that point elsewhere."""
    named = [*page.css('link[rel="canonical"]::attr(href)').getall(), _meta(page, "og:url")]
    addresses = [address for href in named if href and (address := web_address(page.url, href))]
    own = [address for address in addresses if is_on(address, domains)]
    return (plain_article(own[0]) if own else ""), [address for address in addresses if address not in own]


def article_links(page: TextResponse) -> tuple[tuple[PageLink, ...], int]:
    """Return the links inside the article's text, each address once, and how many hrefs were no web address."""
    found = page.css("article") or page.css('[itemprop="articleBody"]')
    # Cards that tease other stories are articles too: the story itself is the longest.
    body = max(found[:20], key=lambda part: len(words_of(part))) if found else body_of(page)
    links = [link for block in blocks(body, page.url) for link in block.links]
    return tuple(once(links)), sum(not link.url for link in links)


def plain_article(url: str) -> str:
    """Return the address of the plain article behind an AMP form, a comments view or an address with tracking."""
    parts = urlsplit(without_tracking(url))
    fields = [
        f for f in parts.query.split("&") if f and not re.fullmatch(r"amp(=(1|true)?)?|comments=true|outputType=amp", f)
    ]
    host = re.sub(r"^amp\.(?=[^.]+\.)", "www.", parts.netloc)
    path = re.sub(r"(?<=[^/])/amp/?$", "", parts.path)
    return urlunsplit(parts._replace(netloc=host, path=path, query="&".join(fields)))


def _json_ld(page: TextResponse) -> Mapping[str, Any]:
    """Return the first article among the page's JSON-LD objects; what can't be read says nothing."""
    for text in page.css('script[type="application/ld+json"]::text').getall():
        try:
            parsed = read_json(text.encode("utf-8", "replace"))
        except MalformedError:
            continue
        for value in _objects(parsed):
            kinds = value.get("@type")
            if _ARTICLE_TYPES.intersection(
                kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)
            ):
                return value
    return {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    for inner in values:
        if isinstance(inner, dict):
            yield inner
            yield from _objects(inner.get("@graph") or [])


def _meta(page: TextResponse, name: str) -> str:
    return words(page.css(f'meta[property="{name}"]::attr(content), meta[name="{name}"]::attr(content)').get(""))


def _first(*values: object) -> str:
    """Return the first value that says something; of a list its parts."""
    said = (
        ", ".join(words(v) for v in value if isinstance(v, str)) if isinstance(value, list) else value
        for value in values
    )
    return next((words(value) for value in said if isinstance(value, str) and value.strip()), "")


def _names(author: Any) -> str:
    authors = author if isinstance(author, list) else [author]
    named = [person.get("name") if isinstance(person, dict) else person for person in authors]
    return ", ".join(words(name) for name in named if isinstance(name, str) and not name.startswith("http"))


def _byline(page: TextResponse) -> str:
    if named := _first(_meta(page, "author"), _meta(page, "article:author")):
        return "" if named.startswith("http") else named
    found = page.css('a[rel~="author"], [itemprop="author"], .byline')
    return re.sub(r"^by\s+", "", words_of(found[0]), flags=re.IGNORECASE)[:200] if found else ""
