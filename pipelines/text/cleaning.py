"""The border of text/: takes out of every extracted text what no store, feed or page can carry. It alone does so."""

from __future__ import annotations

import re

# C0 and C1 controls, DEL, lone surrogates, noncharacters of all 17 planes (Unicode 23.7) and the byte order mark.
UNSTORABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def clean_text(text: str) -> tuple[str, int]:
    """Return `text` fit to be stored, and how many characters had to be taken out.

    Line ends of every kind become a line feed, which isn't counted. Letters, marks and direction signs stay.
    """
    return UNSTORABLE.subn("", _LINE_ENDS.sub("\n", text))


def clean_line(text: str, limit: int) -> str:
    """Return `text` cleaned, on one line, and cut to `limit` characters: for titles, labels and addresses."""
    return " ".join(clean_text(text[: 4 * limit])[0].split())[:limit]
