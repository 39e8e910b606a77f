"""Writes Atom feeds (RFC 4287) of whatever text it is given; knows nothing of what it is about.

What XML can't hold (control characters, half surrogate pairs) is left out of the text, never the entry.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

MEDIA_TYPE = "application/atom+xml; charset=utf-8"
# The production Char of XML 1.0 (fifth edition, 2.2), turned round.
_NO_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Names within this namespace are the same wherever the archive stands, and for good.
_NAMESPACE = uuid.UUID("3f0b2d5e-6c1a-5b7e-9d53-0a4f6c2e8b71")
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `name` is what it is known by for good, `link` an address or a path, `updated` an instant in UTC."""

    name: str
    title: str
    updated: str
    link: str
    summary: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `name` is what it is known by, `link` the page that it is of, `own` its own address, `author` whose it
    is, `more` the address of what follows ("" at the end), `updated` an instant before which it wasn't as it is."""

    name: str
    title: str
    author: str
    link: str
    own: str
    more: str = ""
    updated: str = _EPOCH


def identity(name: str) -> str:
    """Return the URI that a name has in every feed: the same in a year, at another address, and after a rebuild."""
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, name.encode('utf-8', 'replace').decode())}"


def write_feed(feed: Feed, entries: Iterable[Entry]) -> bytes:
    """Return the feed in UTF-8."""
    held = list(entries)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<id>{identity(feed.name)}</id>",
        f"<title>{_text(feed.title)}</title>",
        f"<updated>{max([feed.updated, *(entry.updated for entry in held)])}</updated>",
        f"<author><name>{_text(feed.author)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={_link(feed.own)}/>',
        f'<link rel="alternate" type="text/html" href={_link(feed.link)}/>',
    ]
    if feed.more:
        lines.append(f'<link rel="next" type="application/atom+xml" href={_link(feed.more)}/>')
    for entry in held:
        lines += _entry(entry)
    return "\n".join([*lines, "</feed>", ""]).encode("utf-8")


def _entry(entry: Entry) -> list[str]:
    category = [f"<category term={_value(entry.category)}/>"] if entry.category else []
    return [
        "<entry>",
        f"<id>{identity(entry.name)}</id>",
        f"<title>{_text(entry.title) or 'Untitled'}</title>",
        f"<updated>{_text(entry.updated)}</updated>",
        f'<link rel="alternate" type="text/html" href={_link(entry.link)}/>',
        *category,
        f'<summary type="text">{_text(entry.summary)}</summary>',
        "</entry>",
    ]


def _text(text: str) -> str:
    return escape(_NO_CHARACTER.sub("", text).replace("\r", "\n"))


def _value(text: str) -> str:
    return quoteattr(_NO_CHARACTER.sub("", text))


def _link(address: str) -> str:
    """Return an address for a link: one of the web, or a path of this site; what is neither leads to its front page."""
    plain = _NO_CHARACTER.sub("", address)
    return quoteattr(plain if plain.startswith(("https://", "http://", "/")) and not plain.startswith("//") else "/")
