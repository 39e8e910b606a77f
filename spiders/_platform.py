"""What all sources share: how one is made and how it asks for addresses; it knows no site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from inspect import signature
from typing import Any, ClassVar, Protocol, Self, TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Request
from w3lib.url import safe_url_string

from pipelines.items import Expect, Item

Said = Iterable[Item | Request]


class Source(scrapy.Spider):
    """One publisher's documents: where they are, and where each fact stands on its pages.

    A subclass names itself and its callbacks; each callback is a function of its response and of JSON values handed
    in by name, marked with what it reads (`@accepts`), so that a rebuild can call it again. All arguments of
    `__init__` are optional: a source that only reads stored responses is made without any.
    """

    title: ClassVar[str] = ""
    publisher: ClassVar[str] = ""
    home: ClassVar[str] = ""
    collection: ClassVar[str] = ""
    description: ClassVar[str] = ""
    expect: ClassVar[Expect] = Expect()
    # What of the catalogue it is handed as `wanted`: "references" or "copies"; its run then comes after the others'.
    wants: ClassVar[str] = ""
    # Asks for nothing unless it is told addresses: it reads what others captured or a person handed in.
    passive: ClassVar[bool] = False

    def __init__(self, **unknown: Any) -> None:
        """Take what a subclass left over, which must be nothing. Raises TypeError for an argument that no one takes."""
        if unknown:
            known = [name for name in signature(type(self).__init__).parameters if name not in ("self", "kwargs")]
            told = ", ".join(sorted(unknown))
            raise TypeError(f"the source {self.name} takes no {told}; it takes: {', '.join(known) or 'nothing'}")
        super().__init__()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Make the source with what the settings hand to it; what the caller hands in (`-a`) comes first.

        SOURCE_ARGUMENTS is for the source it names, SHARED_ARGUMENTS for each source that takes an argument of the
        name.
        """
        settings = crawler.settings
        taken = signature(cls.__init__).parameters
        shared = {key: value for key, value in settings.getdict("SHARED_ARGUMENTS").items() if key in taken}
        handed = settings.getdict("SOURCE_ARGUMENTS").get(cls.name, {})
        return super().from_crawler(crawler, *args, **{**shared, **handed, **kwargs})

    def ask(self, url: str, callback: Callable[..., Any], /, **arguments: object) -> Request:
        """Return a request whose answer goes to `callback` with `arguments` (JSON values)."""
        # An address goes out as its publisher prints it, where that can be sent: Scrapy would escape more of it.
        verbatim = safe_url_string(url) != url and re.fullmatch(r"[!$-;=?-\[\]_a-z|~]+", url)
        return Request(url, callback, cb_kwargs=arguments, meta={"verbatim_url": True} if verbatim else None)

    def request_for(self, url: str) -> Request | None:
        """Return the request for one address that a person names, or None where this source doesn't know it."""
        return None

    @classmethod
    def reader_for(cls, name: str, body: bytes) -> str:
        """Return the name of the callback that reads a file of this name and content that somebody hands in, or "".

        A callback without arguments, told by the file alone: a rebuild asks again.
        """
        return ""

    def address_of(self, kind: str, target: str) -> str:
        """Return the address to ask for something that is wanted (see `wants`), or "" where the source knows none.

        `kind` is "link", "copy" or the scheme of a number ("pia", "fr-citation", …), `target` an address or a number.
        """
        return ""


# An address has 8,000 letters at most, its fragment may have more. To take 10 MB apart costs 150 ms, for a picture.
_LONGEST_HREF = 64_000


def joined(base: str, href: str) -> str:
    """Return a link's address as a browser joins it to a web address, where "\\" in a path is "/" (WHATWG URL, 4.4).

    Raises ValueError where it is none.
    """
    path, mark, rest = re.split(r"([?#]|\Z)", re.sub(r"[\t\r\n]", "", href.strip()), maxsplit=1)
    return str(urljoin(base, path.replace("\\", "/") + mark + rest))


def web_address(base: str, href: str) -> str:
    """Return a link's absolute address without its fragment, or "" where it is no http or https address."""
    if len(href) > _LONGEST_HREF:
        return ""
    try:
        parts = urlsplit(joined(base, href))
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    address = urlunsplit(parts._replace(fragment="")).replace(" ", "%20")
    sane = parts.scheme in ("http", "https") and re.fullmatch(r"[^\s@/\\%<>\"]*[^\s@/\\%<>\".]\.?", host)
    if not sane or "@" in parts.netloc or len(address) > 8000 or re.search(r"[\x00-\x20\x7f\ud800-\udfff]", address):
        return ""
    return address


def is_on(url: str, domains: Iterable[str]) -> bool:
    """Say whether an address is on one of these domains, or on a host below one."""
    host = (urlsplit(url).hostname or "").removesuffix(".")
    return any(host == domain or host.endswith("." + domain) for domain in domains)


_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|mc_[ce]id|itid|oref|cmp|cmpid|smid)(?:=.*)?|source=post_page.*", re.IGNORECASE
)


class _Addressed(Protocol):
    @property
    def url(self) -> str: ...


_Link = TypeVar("_Link", bound=_Addressed)


def once(links: Iterable[_Link]) -> list[_Link]:
    """Return the first of the links to each address, in order; those without an address are left out."""
    first: dict[str, _Link] = {}
    for link in links:
        if link.url:
            first.setdefault(link.url, link)
    return list(first.values())


def without_tracking(url: str) -> str:
    """Return an address without the query fields that only say where a reader came from; the others stay in order."""
    parts = urlsplit(url)
    fields = [field for field in parts.query.split("&") if field and not _TRACKING.fullmatch(field)]
    return urlunsplit(parts._replace(query="&".join(fields), fragment=""))


_UNSTORABLE = re.compile(r"[\ud800-\udfff\x00]")


def printed(value: object) -> str:
    """Return a value in its printed form: None is "", and what no text may hold (lone surrogates, NUL) is U+FFFD."""
    if value is None:
        return ""
    return _UNSTORABLE.sub("\ufffd", value if isinstance(value, str) else str(value)).strip()
