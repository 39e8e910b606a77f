"""Where what was looked for stands in a page's text: offsets, never markup."""

from __future__ import annotations

import re
import sqlite3
import unicodedata

from archive.research.query import Query

Marks = list[tuple[int, int]]

# Noncharacters: FTS5 is asked to put them around what it found, and no real text holds them.
OPEN, CLOSE = "\ufdd0", "\ufdd1"
LONGEST_QUOTATION = 400
# What may stand between two words of a quotation: spaces, line breaks, dashes, quotation marks.
_BETWEEN = r"[\W_]+"


def split_marks(marked: str) -> tuple[str, Marks]:
    """Return a text without its markers, and where they stood."""
    plain: list[str] = []
    marks: Marks = []
    length, opened = 0, -1
    for piece in re.split(f"([{OPEN}{CLOSE}])", marked):
        if piece == OPEN:
            opened = length
        elif piece == CLOSE:
            if 0 <= opened < length:
                marks.append((opened, length))
            opened = -1
        else:
            plain.append(piece)
            length += len(piece)
    return "".join(plain), marks


def mark_words(connection: sqlite3.Connection, page: int, text: str, match: str) -> Marks:
    """Return where the page with row id `page` holds what an FTS5 expression asks for."""
    if not match:
        return []
    found = connection.execute(
        "SELECT highlight(pages_fts, 0, ?, ?) FROM pages_fts WHERE pages_fts MATCH ? AND rowid = ?",
        (OPEN, CLOSE, match, page),
    ).fetchone()
    plain, marks = split_marks(found[0]) if found else ("", [])
    return marks if plain == text else []


def mark_quotation(text: str, quotation: str) -> Marks:
    """Return where a quotation stands, whatever its line breaks, quotation marks and case.

    Only whole words count. A word that the page breaks at the end of a line is found all the same.
    """
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", quotation))
    if not words or len(words) > LONGEST_QUOTATION:
        return []
    pattern = _BETWEEN.join(_word(word) for word in words)
    return [found.span() for found in re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE)]


def mark_page(connection: sqlite3.Connection, page: int, text: str, query: Query, match: str) -> Marks:
    """Return where a page holds a quotation as it was typed or, failing that, the words of the query."""
    return mark_quotation(text, query.text) or mark_words(connection, page, text, match)


def _word(word: str) -> str:
    return r"(?:[-\u00ad\u2010]\n\s*)?".join(re.escape(letter) for letter in word)
