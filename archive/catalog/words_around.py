"""Some words around a place in a text: what a reference is shown with. Functions of a text and of numbers."""

from __future__ import annotations

import re

# Words on both sides: as many as an excerpt has of them (archive/release/excerpts.py), so that they stand in it.
AROUND = 8
# So many characters are looked at on both sides: a "word" without a blank may be a page long.
REACH = 160
MOST = 600

_WORD = re.compile(r"\S+")


def words_around(text: str, start: int, end: int) -> str:
    """Return the words in which `text[start:end]` stands and AROUND more on both sides, parted by single blanks."""
    first = max(start - REACH, 0)
    window = text[first : end + REACH]
    spans = [found.span() for found in _WORD.finditer(window)]
    inside = [at for at, (begin, stop) in enumerate(spans) if begin < end - first and stop > start - first]
    if not inside:
        return ""
    chosen = spans[max(inside[0] - AROUND, 0) : inside[-1] + AROUND + 1]
    return " ".join(window[begin:stop] for begin, stop in chosen)[:MOST]
