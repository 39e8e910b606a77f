"""Reads what a news page says of its article: headline, byline, dates, address, outgoing links; it knows no outlet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from scrapy.http import TextResponse

from pipelines.items import PageLink, PrintedDate
from spiders._addresses import without_session
from spiders._markup import base_of, blocks, body_of, heading_of, words, words_of
from spiders._platform import is_on, once, web_address, without_tracking
from spiders._records import MalformedError, read_json

# fmt: off
_ARTICLE_TYPES = frozenset([
    "AnalysisNewsArticle", "Article", "BackgroundNewsArticle", "BlogPosting", "LiveBlogPosting", "NewsArticle",
    "OpinionNewsArticle", "Report", "ReportageNewsArticle", "ReviewNewsArticle",
])
# fmt: on
MOST_BLOCKS = 50  # JSON-LD scripts on one page; a page with a shop behind it has about ten
MOST_LINKS = 1_000
_DEEPEST_GRAPH = 4
_WRAPPED = re.compile(r"^(?:<!--|(?://)?\s{0,9}<!\[CDATA\[)|(?:-->|(?://)?\s{0,9}\]\]>)$")
# Google's and the AMP Project's copies of a page: the page's own address stands in theirs, after "s" if it is https.
_AMP_COPY = re.compile(
    r"^https?://(?:(?:www\.)?google\.[a-z.]{2,6}/amp|[\w-]+\.cdn\.ampproject\.org/(?:c|v|wp))/(s/)?(?=[\w-]+\.)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the page says of its article; "" where it says nothing. `skipped` says what JSON-LD could not be read."""

    headline: str
    byline: str
    section: str
    dates: tuple[PrintedDate, ...]
    skipped: tuple[str, ...] = ()


def facts_of(page: TextResponse) -> Facts:
    """Read schema.org's JSON-LD first, then Open Graph's meta elements, then what is printed on the page."""
    data, skipped = _json_ld(page)
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
        skipped=skipped,
    )


def canonical_of(page: TextResponse, domains: Sequence[str]) -> tuple[str, list[str]]:
    """Return the canonical address (on the outlet's own domains, else "") and those that point elsewhere."""
    named = [*page.css('link[rel="canonical"]::attr(href)').getall(), _meta(page, "og:url")]
    base = base_of(page)
    addresses = [address for href in named if href and (address := web_address(base, href))]
    own = [address for address in addresses if is_on(address, domains)]
    return (plain_article(own[0]) if own else ""), [address for address in addresses if address not in own]


def article_links(page: TextResponse) -> tuple[tuple[PageLink, ...], int]:
    """Return the links inside the article's text, each address once, and how many hrefs were no web address."""
    found = page.css("article") or page.css('[itemprop="articleBody"]')
    # Cards that tease other stories are articles too: the story itself is the longest.
    body = max(found[:20], key=lambda part: len(words_of(part))) if found else body_of(page)
    links = [link for block in blocks(body, base_of(page)) for link in block.links]
    return tuple(once(links)), sum(not link.url for link in links)


def plain_article(url: str) -> str:
    """Return the address of the plain article behind an AMP form, a comments view, a session or tracking."""
    copy = _AMP_COPY.match(url)
    own = f"http{'s' if copy[1] else ''}://{url[copy.end() :]}" if copy else url
    parts = urlsplit(without_session(without_tracking(own)))
    fields = [f for f in parts.query.split("&") if f and not re.fullmatch(_DRESS, f, re.IGNORECASE)]
    host = re.sub(r"^amp\.(?=[^.]+\.)", "www.", parts.netloc)
    path = re.sub(r"(?<=[^/])/amp/?$", "", parts.path)
    return urlunsplit(parts._replace(netloc=host, path=path, query="&".join(fields)))


_DRESS = r"_?amp(=(1|true|on)?)?|comments=true|outputType=amp(-type)?"


def _json_ld(page: TextResponse) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the first article among the page's JSON-LD objects, and what of them could not be read."""
    blocks_of_data = page.css('script[type^="application/ld+json"]')
    skipped = [f"{len(blocks_of_data)} JSON-LD blocks"] if len(blocks_of_data) > MOST_BLOCKS else []
    article: Mapping[str, Any] = {}
    by_id: dict[str, Any] = {}
    for place, block in enumerate(blocks_of_data[:MOST_BLOCKS], 1):
        text = _WRAPPED.sub("", "".join(block.root.itertext()).strip())
        try:
            parsed = read_json(text.strip().encode("utf-8", "replace"))
        except MalformedError as error:
            skipped.append(f"JSON-LD block {place}: {error}")
            continue
        for value in _objects(parsed):
            if isinstance(name := value.get("@id"), str):
                by_id.setdefault(name, value)
            article = article or (value if _ARTICLE_TYPES.intersection(_types(value)) else {})
    # An author may be named elsewhere on the page: {"@id": "#somebody"}. One look-up, so that a circle ends.
    author = article.get("author")
    authors = [_found(one, by_id) for one in (author if isinstance(author, list) else [author])]
    return ({**article, "author": authors} if article else {}), tuple(skipped)


def _found(author: Any, by_id: Mapping[str, Any]) -> Any:
    named = author.get("@id") if isinstance(author, dict) and "name" not in author else None
    return by_id.get(named, author) if isinstance(named, str) else author


def _types(value: Mapping[str, Any]) -> set[str]:
    """Return an object's types by their own names: "NewsArticle" of "https://schema.org/NewsArticle"."""
    kinds = value.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return {re.split("[/:#]", kind)[-1] for kind in named if isinstance(kind, str)}


def _objects(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    for inner in values:
        if isinstance(inner, dict):
            yield inner
            if depth < _DEEPEST_GRAPH:
                yield from _objects(inner.get("@graph") or [], depth + 1)


def _meta(page: TextResponse, name: str) -> str:
    return words(page.css(f'meta[property="{name}"]::attr(content), meta[name="{name}"]::attr(content)').get(""))


def _first(*values: object) -> str:
    """Return the first value that says something; of a list its parts."""
    said = (
        ", ".join(words(v) for v in value if isinstance(v, str)) if isinstance(value, list) else value
        for value in values
    )
    return next((words(value) for value in said if isinstance(value, str) and value.strip()), "")


def _names(authors: Any) -> str:
    """Return the names in schema.org's forms of `author`: texts, persons, lists of either; addresses are no names."""
    named: list[str] = []
    for person in authors if isinstance(authors, list) else [authors]:
        told = person.get("name") if isinstance(person, dict) else person
        named += [words(name) for name in (told if isinstance(told, list) else [told]) if isinstance(name, str)]
    return ", ".join(dict.fromkeys(name for name in named if name and not name.startswith("http")))[:500]


def _byline(page: TextResponse) -> str:
    if named := _first(_meta(page, "author"), _meta(page, "article:author")):
        return "" if named.startswith("http") else named
    found = page.css('a[rel~="author"], [itemprop="author"], .byline')
    return re.sub(r"^by\s+", "", words_of(found[0]), flags=re.IGNORECASE)[:200] if found else ""
