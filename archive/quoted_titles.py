"""Titles in quotation marks, found in text: what is set like a title, most words with a capital.

Whether anything has that title is told elsewhere; one that nothing has is no reference, and shown nowhere.
"""

from __future__ import annotations

import re
from typing import NamedTuple

FEWEST_WORDS, MOST_WORDS = 4, 40
# Of a title's longer words at least this share begins with a capital.
CAPITALS = 0.7
LONGEST = 300

_QUOTED = re.compile(rf"[\u201c\"]([^\u201c\u201d\"]{{12,{LONGEST}}})[\u201d\"]")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_NUMBER_BEFORE = re.compile(r"^DHS/\S{1,40}(?:\s?[-\u2013]\s?[0-9]{3}\S{0,4})?\s{1,3}(?:[-\u2013]\s{1,3})?")


class TitleAt(NamedTuple):
    """What stands in quotation marks like a title, in the form in which titles are compared, and where."""

    title: str
    start: int
    end: int


def find_titles(text: str) -> list[TitleAt]:
    """Return what is quoted like a title, in the order of the text. Any string is answered."""
    return [
        TitleAt(title_key(match[1]), match.start(1), match.end(1))
        for match in _QUOTED.finditer(text)
        if _is_set_as_title(match[1])
    ]


def title_key(title: str) -> str:
    """Return a title as it is compared: its words in lower case, without a number of DHS before it."""
    return " ".join(word.casefold() for word in _WORD.findall(_NUMBER_BEFORE.sub("", title)))


def is_telling(key: str) -> bool:
    """Tell whether a title, as it is compared, is long enough to be one document's own."""
    return FEWEST_WORDS <= len(key.split()) <= MOST_WORDS


def _is_set_as_title(quoted: str) -> bool:
    words: list[str] = _WORD.findall(quoted)
    long = [word for word in words if len(word) > 3]
    if not is_telling(title_key(quoted)) or not long or not words[0][:1].isupper():
        return False
    return sum(word[:1].isupper() or word[:1].isdigit() for word in long) >= CAPITALS * len(long)
