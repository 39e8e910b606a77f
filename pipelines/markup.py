"""Finds markup that would take a parser too long, or that it would cut off, before any source reads it."""

from __future__ import annotations

import codecs
import re

from lxml import etree

# libxml2 compares each attribute of a tag with all those before it: 80,000 take 9 s (2.14.6, November 2026).
_LONGEST_TAG = 64 * 1024
# Whatever its value is for, a tag of 10 MB holds up the crawl for 80 to 200 ms: parsed, serialised, taken apart again.
_LONGEST_WITH_VALUES = 4 * 1024 * 1024
_MOST_COMPARISONS = 10**8
# The largest page seen has 2,859 tags. A source takes a second and more for half a million.
_MOST_TAGS = 250_000
# Below 2,048 levels, libxml2 leaves out the whole rest of a page (2.14.6); it tells nobody but its own log.
_SURELY_SHALLOW = 2_000

_QUOTED = rb"""=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))"""
_INSIDE_TAG = rb"(?:[^>=]++|" + _QUOTED + rb"|=)*+"
_SKIPPED_XML = rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*+>?"
_SKIPPED_HTML = rb"<!--.*?(?:-->|\Z)|<[!?][^>]*+>?"
_XML = re.compile(_SKIPPED_XML + rb"|(?P<tag></?[A-Za-z_:]" + _INSIDE_TAG + rb")>?", re.DOTALL)
_HTML = re.compile(_SKIPPED_HTML + rb"|(?P<tag></?[A-Za-z]" + _INSIDE_TAG + rb")>?", re.DOTALL)
# A run of text and of tags of at most 500 bytes in their commonest form: looking at them one by one is what costs.
# Where it takes a tag, `_INSIDE_TAG` ends that tag at the same byte.
# `(?!)` gives up where it begins: before Python 3.11.5 (Debian 12 has 3.11.2), a possessive repeat goes on from where
# its last alternative gave up (cpython issue 106052).
_SHORT_VALUE = rb"""=\s{0,2}"[^">]{0,85}"[^>"'=]{0,20}"""
_HARMLESS = re.compile(
    rb"""(?:[^<]++|<(?!/?(?i:script|style|textarea|title))/?[A-Za-z][^>"'=]{0,60}(?:"""
    + (_SHORT_VALUE + rb"){0,4}>|(?!))*+")
)
_CLOSED_VALUE = re.compile(rb"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s{0,4}=\s{0,4}["']?([A-Za-z0-9_.:-]{1,40})""", re.IGNORECASE)
_PROBE = rb"<a>\x3c+ADw-"  # as unicode_escape and UTF-7 write two more
_DECLARED_WITHIN = 4096  # as w3lib looks for it
_RAW_START = re.compile(rb"<(script|style|textarea|title)(?=[\s/>]|\Z)", re.IGNORECASE)
_RAW_END = {
    name: re.compile(rb"</" + name + rb"[\s/>]", re.IGNORECASE) for name in (b"script", b"style", b"textarea", b"title")
}


def hostile_markup(body: bytes, kind: str = "html") -> str:
    """Return why this markup would take too long to parse ("" if it won't); linear in its length.

    A tag may hold 64 KB beside its quoted values and 4 MB with them (a picture inside an attribute is long, yet
    harmless), and all tags together may not cost more than 10**8 comparisons of attribute names. A page may have
    250,000 tags, and no more levels than its parser reads. UTF-16 and other bytes with NULs between them are looked at
    without those.
    """
    if b"\x00" in body:
        body = body.replace(b"\x00", b"")
    if kind == "xml":
        return _hostile_tag(body, kind)
    if (tags := body.count(b"<")) > _MOST_TAGS:
        return f"a page of {tags} tags"
    return _foreign_letters(body) or _hostile_tag(body, kind) or _too_deep(body)


def _foreign(declared: str) -> str:
    """Say why a page in the encoding `declared` can't be looked at: what Python takes for one may write "<" with other
    bytes, or be none for text."""
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return ""  # nobody reads it as that
    try:
        text = "" if name.startswith(("utf-16", "utf-32")) else _PROBE.decode(declared)
    except (LookupError, ValueError):
        return f"a page that is said to be in {declared}, which is no encoding"
    plain = not text or (text.startswith("<a>") and text.count("<") == 1)
    return "" if plain else f"a page that is said to be in {declared}"


def _foreign_letters(body: bytes) -> str:
    declared = {match[1].decode("ascii") for match in _CHARSET.finditer(body[:_DECLARED_WITHIN])}
    return next((why for name in sorted(declared) if (why := _foreign(name))), "")


def _too_deep(body: bytes) -> str:
    """Say whether libxml2 would leave out the rest of a page for its depth, by asking it; its tags are harmless."""
    if body.count(b"<") - body.count(b"</") <= _SURELY_SHALLOW:
        return ""
    parser = etree.HTMLParser(recover=True, encoding="iso-8859-1", huge_tree=True)
    try:
        etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return ""  # nothing that could be cut off
    log = parser.error_log
    limits = [one.message for one in log if one.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    return f"markup that its parser would cut off: {limits[0][:100]}" if limits else ""


def _hostile_tag(body: bytes, kind: str) -> str:
    pattern, place, comparisons = _XML if kind == "xml" else _HTML, 0, 0
    while match := pattern.search(body, _after_harmless(body, place)):
        place = match.end()
        tag = match["tag"]
        if tag is None:
            continue
        if len(tag) > 512:
            bare = _CLOSED_VALUE.sub(b"=", tag)
            if len(bare) > _LONGEST_TAG or len(tag) > _LONGEST_WITH_VALUES:
                return f"a tag of {len(tag)} bytes at byte {match.start()}"
            comparisons += (bare.count(b"=") + len(bare.split())) ** 2
            if comparisons > _MOST_COMPARISONS:
                return f"too many attributes, up to byte {match.start()}"
        # Inside a script, `a<b` is no tag (HTML standard, 13.2.5.4).
        if kind != "xml" and (raw := _RAW_START.match(tag)):
            ending = _RAW_END[raw[1].lower()].search(body, place)
            if ending is None:
                return ""
            place = ending.start()
    return ""


def _after_harmless(body: bytes, place: int) -> int:
    harmless = _HARMLESS.match(body, place)
    return harmless.end() if harmless else place
