"""From an address as people have it in hand to the documents that it led to: wrapped, mistyped, moved or redirected."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urljoin, urlsplit

from archive.addresses import LONGEST, is_web_address, url_key
from archive.research.lookups import SHOWN, documents_by_address
from archive.research.rows import Row, select
from archive.research.withdrawn import gone_address

MOST_WRAPS, MOST_LEADS, MOST_FOUND = 4, 5, 20
# Copies in web archives, this one's among them, have the original address behind an instant.
_COPY = re.compile(
    r"/(?:[0-9]{4,14}(?:[a-z]{2}_|-[0-9a-f]{10,64})?|\*|timegate|(?:link|json)(?:/[0-9]+)?)/(https?:/{1,2}.+)$",
    re.IGNORECASE,
)
_LEADS_ON = {"google.com": ("q", "url"), "l.facebook.com": ("u",), "nam.safelinks.protection.outlook.com": ("url",)}
_DEFAULT = re.compile(r"/(?:index|default|home)\.(?:html?|php|aspx?|shtml|cfm|jsp)$", re.IGNORECASE)
_DEFAULTS = ("/index.html", "/index.htm", "/index.php", "/default.aspx", "/default.htm")
_AROUND = " \t\r\n<>\"'“”‘’«»"
_BEHIND = ".,;:!?)]}>\"'”’»"
# Files of dhs.gov lay in a folder for each library until 2013, then in one for all, and since 2022 in one a month.
_FILE = re.compile(
    r"dhs\.gov/(?:xlibrary/assets(?:/[a-z0-9_-]{1,40}){0,3}|sites/default/files/(?:publications|[0-9]{4}-[0-9]{2}))"
    r"/(?P<name>[^/?]{1,200}\.[a-z]{3,4})",
    re.IGNORECASE,
)
_PUBLICATION = re.compile(r"dhs\.gov/publication/(?P<name>[^/?]{1,300})", re.IGNORECASE)
# What Drupal puts behind the name of a file that it had already.
_AGAIN = re.compile(r"(?:_[0-9]{1,2}){1,4}(?=\.[a-z]{3,4}$)", re.IGNORECASE)
HOW = {
    "": "",
    "spelling": "by another spelling of this address",
    "redirect": "this address led there when it was captured",
    "moved": "the site moved its files; this one has the same name",
}


def meant_address(pasted: str) -> str:
    """Return the address that is meant by what was pasted: without what stands around it, out of its wrapping.

    What has no scheme is taken for https; what is no address stays as it is.
    """
    url = pasted.strip(_AROUND)[: LONGEST + 1]
    if not re.match(r"[a-z][a-z0-9+.-]{0,30}:", url, re.IGNORECASE) and "." in url.partition("/")[0]:
        url = f"https://{url}"
    for _ in range(MOST_WRAPS):
        inner = _unwrapped(url)
        if not is_web_address(inner):
            break
        url = inner
    return url


def _unwrapped(url: str) -> str:
    """Return the address within another, or ""."""
    copied = _COPY.search(url)
    if copied:
        return re.sub(r"^(https?):/+", r"\1://", copied[1], flags=re.IGNORECASE)
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    names = _LEADS_ON.get((parts.hostname or "").removeprefix("www."), ())
    held = parse_qs(parts.query, max_num_fields=100) if names and parts.query.count("&") < 90 else {}
    return next((held[name][0] for name in names if name in held), "")


def documents_at(connection: sqlite3.Connection, url: str) -> list[Row]:
    """Return the documents that an address leads to, each with `how` (a key of HOW); `url` is what was meant.

    The very address counts before other spellings, these before redirects that were captured, and these before the
    moves of sites that are known.
    """
    ways = ((documents_by_address(connection, url), ""), (_by_spelling(connection, url), "spelling"),
            (_by_redirect(connection, url), "redirect"), (_by_move(connection, url), "moved"))  # fmt: skip
    found, how = next(((rows, how) for rows, how in ways if rows), ([], ""))
    return [{**row, "how": how} for row in found]


def gone_at(connection: sqlite3.Connection, url: str) -> Row | None:
    """Return the withdrawal of the document that an address led to, in any spelling of it that `documents_at` knows."""
    return next(filter(None, (gone_address(connection, one) for one in (url, *_spellings(url)))), None)


def _spellings(url: str) -> Iterator[str]:
    """Yield other spellings of an address: without what a sentence put behind it, with and without a default page."""
    bare = url.rstrip(_BEHIND)
    if bare != url:
        yield bare
    path, _, query = bare.partition("#")[0].partition("?")
    tail = f"?{query}" if query else ""
    if _DEFAULT.search(path):
        yield _DEFAULT.sub("", path) + tail
    elif "." not in path.rpartition("/")[2]:
        yield from (path.rstrip("/") + name + tail for name in _DEFAULTS)


def _by_spelling(connection: sqlite3.Connection, url: str) -> list[Row]:
    """Return what is found by another spelling; at last by one that differs in its capitals."""
    for one in _spellings(url):
        if found := documents_by_address(connection, one):
            return found
    return _with_keys(connection, "a.url_key = ? COLLATE NOCASE", (url_key(url),)) if is_web_address(url) else []


def _by_redirect(connection: sqlite3.Connection, url: str) -> list[Row]:
    """Return the documents that an address led to by redirects that were captured."""
    seen: set[str] = set()
    for _ in range(MOST_LEADS):
        key = url_key(url) if is_web_address(url) else ""
        if not key or key in seen:
            return []
        seen.add(key)
        led = select(
            connection,
            "SELECT url, location FROM captures WHERE url_key = ? AND status BETWEEN 300 AND 399 AND location <> '' "
            "ORDER BY captured_at DESC, id LIMIT 1",
            (key,),
        )
        if not led:
            return []
        try:
            url = urljoin(led[0]["url"], led[0]["location"])
        except ValueError:
            return []
        if found := documents_by_address(connection, url):
            return found
    return []


def _by_move(connection: sqlite3.Connection, url: str) -> list[Row]:
    """Return what lies at dhs.gov under the same name as a file, or a publication's page, that was moved there.

    Nothing where several do: which of them is meant nobody knows.
    """
    key = url_key(url)
    for pattern, name_of in _MOVES:
        asked = pattern.fullmatch(key)
        if asked is None:
            continue
        wanted = name_of(asked["name"])
        held = select(
            connection, "SELECT url_key FROM addresses WHERE url_key >= 'dhs.gov/' AND url_key < 'dhs.gov0'", ()
        )
        keys = [row["url_key"] for row in held if _is_named(row["url_key"], pattern, name_of, wanted)]
        found = _with_keys(connection, "a.url_key IN (SELECT value FROM json_each(?))", (json.dumps(keys),))
        return found if len(found) == 1 else []
    return []


def _is_named(key: str, pattern: re.Pattern[str], name_of: Callable[[str], str], wanted: str) -> bool:
    found = pattern.fullmatch(key)
    return found is not None and name_of(found["name"]) == wanted


def _file_name(name: str) -> str:
    return _AGAIN.sub("", name).lower()


def _squeezed(name: str) -> str:
    """Return a page's name without hyphens: until 2016 they stood in its number, and then no longer."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_MOVES = ((_FILE, _file_name), (_PUBLICATION, _squeezed))


def _with_keys(connection: sqlite3.Connection, where: str, asked: tuple[str, ...]) -> list[Row]:
    return select(
        connection,
        f"SELECT {SHOWN}, min(a.url) AS address, min(a.role) AS role FROM addresses AS a "  # noqa: S608
        f"JOIN documents AS d ON d.id = a.document WHERE {where} GROUP BY d.id ORDER BY d.id LIMIT {MOST_FOUND}",
        asked,
    )
