"""Finds markup that would take a parser too long, before any parser sees it; it builds no tree."""

from __future__ import annotations

import re

# libxml2 compares each attribute of a tag with all those before it: 80,000 take 9 s (2.14.6, November 2026).
_LONGEST_TAG = 64 * 1024
_MOST_COMPARISONS = 10**8

_QUOTED = rb"""=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))"""
_INSIDE_TAG = rb"(?:[^>=]++|" + _QUOTED + rb"|=)*+"
_SKIPPED_XML = rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<![^>]*+>?"
_SKIPPED_HTML = rb"<!--.*?(?:-->|\Z)|<[!?][^>]*+>?"
_XML = re.compile(_SKIPPED_XML + rb"|(?P<tag></?[A-Za-z_:]" + _INSIDE_TAG + rb")>?", re.DOTALL)
_HTML = re.compile(_SKIPPED_HTML + rb"|(?P<tag></?[A-Za-z]" + _INSIDE_TAG + rb")>?", re.DOTALL)
# A run of text and of tags of at most 500 bytes in their commonest form: looking at them one by one is what costs.
# Where it takes a tag, `_INSIDE_TAG` ends that tag at the same byte.
_SHORT_VALUE = rb"""=\s{0,2}"[^">]{0,85}"[^>"'=]{0,20}"""
_HARMLESS = re.compile(
    rb"""(?:[^<]++|<(?!/?(?i:script|style|textarea|title))/?[A-Za-z][^>"'=]{0,60}(?:""" + _SHORT_VALUE + rb"){0,4}>)*+"
)
_CLOSED_VALUE = re.compile(rb"""=\s*+(?:"[^"]*+"|'[^']*+')""")
_RAW_START = re.compile(rb"<(script|style|textarea|title)(?=[\s/>]|\Z)", re.IGNORECASE)
_RAW_END = {
    name: re.compile(rb"</" + name + rb"[\s/>]", re.IGNORECASE) for name in (b"script", b"style", b"textarea", b"title")
}


def hostile_markup(body: bytes, kind: str = "html") -> str:
    """Return why this markup would take too long to parse ("" if it won't); linear in its length.

    A tag may hold 64 KB beside its quoted values (a picture inside an attribute is long, yet harmless), and
    all tags together may not cost more than 10**8 comparisons of attribute names.
    """
    pattern, place, comparisons = _XML if kind == "xml" else _HTML, 0, 0
    while match := pattern.search(body, _after_harmless(body, place)):
        place = match.end()
        tag = match["tag"]
        if tag is None:
            continue
        if len(tag) > 512:
            bare = _CLOSED_VALUE.sub(b"=", tag)
            if len(bare) > _LONGEST_TAG:
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
