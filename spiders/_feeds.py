"""Reads feeds (RSS, Atom, RDF, JSON) and sitemaps into entries; opens nothing that they name, knows no outlet."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax import SAXException  # only the exception's name: feedparser does the parsing

import feedparser
from lxml import etree
from scrapy.http import Response

from pipelines.items import Index, Problem
from pipelines.screening import content_kind, screen
from spiders._markup import words
from spiders._platform import printed, web_address
from spiders._records import MalformedError, read_json

MOST_ENTRIES = 1_000  # of a feed: the longest seen had a few hundred
MOST_TAGS = 100_000  # of a feed's own: feedparser takes 60 µs for each, and a crawl waits for it
MOST_LOCATIONS = 50_000  # sitemaps.org's own limits on one sitemap: so many addresses, and so many bytes
LARGEST_SITEMAP = 50 << 20
_ENTRY = re.compile(rb"<(?:[A-Za-z]\w{0,20}:)?(?:item|entry)[\s>]")
_DATA = re.compile(rb"<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_DECLARED = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Entry:
    """An address with the words that stand beside it, and its dates as printed.

    `published` is when it says that it came out, `changed` that or when it was changed, `day` the day of `changed`
    ("" where that is unclear).
    """

    url: str
    words: str = ""
    published: str = ""
    changed: str = ""
    day: str = ""
    is_sitemap: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """What a feed or a sitemap says. `entries` are those with a web address; the index counts all."""

    said: tuple[Index | Problem, ...]
    entries: tuple[Entry, ...] = ()
    is_index: bool = False


def read_feed(response: Response) -> Entries:
    """Read a feed in RSS 0.9 to 2.0, RDF, Atom or JSON Feed.

    One that is broken off gives a `malformed-xml` and the entries before the break; one of more than MOST_ENTRIES
    gives a `trap` and the first of them.
    """
    if content_kind(response.body) == "json":
        return _json_feed(response)
    body = _in_utf_8(response.body)
    starts = [match.start() for _, match in zip(range(MOST_ENTRIES + 1), _ENTRY.finditer(body), strict=False)]
    is_trap = len(starts) > MOST_ENTRIES
    # feedparser expands what a document declares, and what that is made of: a bomb of 1 KB takes it seconds.
    if b"<!ENTITY" in body[: starts[0] if starts else None]:
        return Entries((Problem("hostile-markup", response.url, "a feed that declares entities"),))
    whole = body[: starts[-1]] if is_trap else body
    if (tags := _DATA.sub(b"", whole).count(b"<")) > MOST_TAGS:
        return Entries((Problem("hostile-markup", response.url, f"a feed of {tags} tags"),))
    # feedparser takes a text for an address or a path and opens it; this file object it only reads.
    try:
        feed = feedparser.parse(
            io.BytesIO(whole),
            response_headers={"content-location": response.url},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except ValueError as error:  # a namespace with a blank in it is more than its parser can unpack
        return Entries((Problem("malformed-xml", response.url, str(error)[:200]),))
    problems = [Problem("trap", response.url, f"more than {MOST_ENTRIES} entries")] if is_trap else []
    if isinstance(feed.get("bozo_exception"), SAXException) and not is_trap:  # its other complaints are of headers
        problems.append(Problem("malformed-xml", response.url, str(feed.bozo_exception)[:200]))
    return _entries(response.url, [_feed_entry(response.url, entry) for entry in feed.entries], problems)


def _entries(url: str, found: list[Entry], problems: list[Problem], root: str = "") -> Entries:
    if not found:
        problems.append(Problem("empty-listing", url, f"a {'sitemap' if root else 'feed'} without an entry"))
    return Entries(
        (Index(url, 0, len(found), last=True), *problems),
        tuple(entry for entry in found if entry.url),
        is_index=root == "sitemapindex",
    )


def _in_utf_8(body: bytes) -> bytes:
    """Return a feed in UTF-16 as UTF-8, so that it can be cut, and any other as it is."""
    if not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body
    return _DECLARED.sub("", body.decode("utf-16", "replace")).encode()


def _feed_entry(base: str, entry: Any) -> Entry:
    links = [
        entry.get("feedburner_origlink"),
        entry.get("link"),
        *(link.get("href") for link in entry.get("links", ())),
    ]
    url = next((url for link in [*links, entry.get("id")] if link and (url := web_address(base, printed(link)))), "")
    said = f"{printed(entry.get('title'))} {printed(entry.get('summary'))}"
    # feedparser's own look-up would give the one date for the other, with a warning.
    told = {name: dict.get(entry, name) for name in ("published", "updated", "published_parsed", "updated_parsed")}
    parsed = told["published_parsed"] or told["updated_parsed"]
    day = "{:04}-{:02}-{:02}".format(*parsed[:3]) if parsed else ""
    published = printed(told["published"])[:60]
    return Entry(url, said, published, published or printed(told["updated"])[:60], day)


def _json_feed(response: Response) -> Entries:
    """Read a JSON Feed (jsonfeed.org, version 1.1)."""
    try:
        feed = read_json(response.body)
    except MalformedError as error:
        return Entries((Problem("malformed-json", response.url, str(error)),))
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Entries((Problem("malformed-json", response.url, "no list of items"),))
    problems = [Problem("trap", response.url, f"more than {MOST_ENTRIES} entries")] if len(items) > MOST_ENTRIES else []
    found = [_json_entry(response.url, item if isinstance(item, dict) else {}) for item in items[:MOST_ENTRIES]]
    return _entries(response.url, found, problems)


def _json_entry(base: str, item: dict[str, Any]) -> Entry:
    told = {name: value for name, value in item.items() if isinstance(value, str)}
    link = told.get("url") or told.get("external_url") or told.get("id") or ""
    said = f"{printed(told.get('title'))} {printed(told.get('summary') or told.get('content_text'))}"
    published = printed(told.get("date_published"))[:60]
    changed = published or printed(told.get("date_modified"))[:60]
    return Entry(web_address(base, link) if link else "", said, published, changed, _day(changed))


def read_sitemap(response: Response) -> Entries:
    """Read a sitemap, or an index of sitemaps (`is_index`), plain or gzipped, as sitemaps.org describes them.

    Of Google's news extension the title, the keywords and the date are taken. Entities are not expanded. One of more
    than MOST_LOCATIONS gives a `trap` and the first of them.
    """
    body, problems = response.body, []
    if content_kind(body) == "gzip":
        body, outcome = _unzipped(body)
        if outcome:
            problems.append(Problem(outcome, response.url, "a gzipped sitemap"))
        if refused := screen(200, "", body, {"xml"}):
            return Entries((*problems, Problem(refused.outcome, response.url, f"unzipped: {refused.detail}")))
    root, found, broken = _locations(body, response.url)
    if root not in ("urlset", "sitemapindex"):
        return Entries((*problems, Problem("malformed-xml", response.url, broken or f"<{root}> is no sitemap")))
    if len(found) > MOST_LOCATIONS:
        problems.append(Problem("trap", response.url, f"more than {MOST_LOCATIONS} addresses"))
    elif broken:
        problems.append(Problem("malformed-xml", response.url, broken))
        found = found[:-1]  # closed by the parser where it broke off: its address may be half of one
    return _entries(response.url, found[:MOST_LOCATIONS], problems, root)


def _locations(body: bytes, base: str) -> tuple[str, list[Entry], str]:
    """Return the name of a document's root, one more than MOST_LOCATIONS at most, and where it is broken off."""
    found: list[Entry] = []
    root = ""
    try:
        walk = etree.iterparse(io.BytesIO(body), events=("start", "end"), **_SAFELY)
        for event, element in walk:
            name = _local(element)
            root = root or name
            if root not in ("urlset", "sitemapindex") or len(found) > MOST_LOCATIONS:
                return root, found, ""
            if event == "end" and name in ("url", "sitemap"):
                location = _location(element, base, is_sitemap=name == "sitemap")
                found += [location] if location.url else []
                _forget(element)
    except SyntaxError as error:  # lxml's XMLSyntaxError is one
        return root, found, str(error)[:200]
    broken = [error.message for error in walk.error_log if error.level >= etree.ErrorLevels.FATAL]
    return root, found, broken[0][:200] if broken else ""


_SAFELY: dict[str, Any] = {
    "recover": True,
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}


def _unzipped(body: bytes) -> tuple[bytes, str]:
    """Return what a gzip file holds, up to LARGEST_SITEMAP, and the outcome of what went wrong ("" for nothing)."""
    made = bytearray()
    try:
        while body and len(made) <= LARGEST_SITEMAP:
            member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            made += member.decompress(body, LARGEST_SITEMAP + 1 - len(made))
            if len(made) > LARGEST_SITEMAP:
                return bytes(made[:LARGEST_SITEMAP]), "too-large"
            if not member.eof:
                return bytes(made), "truncated"
            body = member.unused_data.lstrip(b"\x00")
    except zlib.error:
        return bytes(made), "decode-failed"
    return bytes(made), ""


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _location(element: Any, base: str, *, is_sitemap: bool) -> Entry:
    """Read one `url` or `sitemap` element: its address, when it was changed, what its news says."""
    told: dict[str, str] = {}
    for name, text in _leaves(element):
        told.setdefault(name, text)
    published = told.get("publication_date", "")[:60]
    changed = published or told.get("lastmod", "")[:60]
    said = f"{told.get('title', '')} {told.get('keywords', '')}".strip()
    loc = told.get("loc", "")
    return Entry(web_address(base, loc) if loc else "", said, published, changed, _day(changed), is_sitemap)


def _leaves(element: Any) -> Iterator[tuple[str, str]]:
    for child in element:
        if _local(child) in ("news", "publication"):
            yield from _leaves(child)
        else:
            yield _local(child), words("".join(child.itertext()))


def _forget(element: Any) -> None:
    """Free what was read, so that memory doesn't grow with the sitemap."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _day(words_of_date: str) -> str:
    match = _ISO_DAY.match(words_of_date)
    return match[0] if match else ""
