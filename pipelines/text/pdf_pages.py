"""What can be told of a PDF page from its text alone: what its glyphs mean, and the number printed on it."""

from __future__ import annotations

import re

# What pdfminer writes for a glyph whose letter the file doesn't tell.
_UNKNOWN_GLYPH = re.compile(r"\(cid:\d{1,9}\)")
_SAID = re.compile(
    r"(?:^|\s)pages?\s{0,3}[:#]?\s{0,3}(?P<number>\d{1,5}|[ivxlc]{1,7})(?:\s{0,3}(?:of|/)\s{0,3}\d{1,5})?\s{0,3}$"
    r"|^[-–—\s]{0,5}(?P<bare>\d{1,4}|[ivxl]{1,6})[-–—\s]{0,5}$"
    r"|^(?P<word>\d{1,4})\s{0,3}\|\s{0,3}p\s?a\s?g\s?e(?:\s|$)"
    r"|^(?P<of>\d{1,4})\s(?:of|/)\s\d{1,4}$",
    re.IGNORECASE,
)


def readable_text(raw: str) -> str:
    """Put U+FFFD in place of each glyph without a meaning; "" where the page has no other."""
    text, unknown = _UNKNOWN_GLYPH.subn("�", raw)
    if unknown and not any(character.isalnum() for character in text):
        return ""
    return text


def printed_label(text: str) -> str:
    """Return the page number printed in the header or the footer ("7", "iv"), or "".

    "Page 7", "Page 7 of 20" and the like count in the first five lines and the last three; a bare number only as
    the first or the last line.
    """
    lines = [line for line in (line.strip() for line in text.split("\n")) if line]
    outer = {0, len(lines) - 1}
    for place in [*range(len(lines) - 1, max(len(lines) - 4, -1), -1), *range(min(5, len(lines)))]:
        line = lines[place]
        if len(line) > 200 or not (match := _SAID.search(line)):
            continue
        if match["bare"] and place not in outer:
            continue
        return next(group for group in match.groups() if group)
    return ""
