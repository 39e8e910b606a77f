"""How words are compared: as what stands between blanks first, then token by token where that differs.

A token is a word, a number with its marks, or one sign. Two tokens are the same if they differ in nothing but the way
they are set: ligatures, kinds of quotation marks, dashes and bullets. Case, digits and signs are never folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from archive.diff.alignment import Alignment, align, slid

# A word begins with a letter and may have apostrophes within; a number may have points, commas and colons.
_TOKEN = re.compile(r"\d+(?:[.,:]\d+)*\w*|\w+(?:['\u2019]\w+)*|[^\w\s]")
# What ends a sentence.
ENDS = frozenset(".!?:;")
_SET_AS = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"),
        **dict.fromkeys("\u2022\u25cf\u25aa\u25a0\u25e6\u25cb\u00b7\uf0b7\uf0a7\u2219\u27a2\uf0d8", "\u2022"),
    }
)


class Token(NamedTuple):
    """A token as it is compared, and where it stands in its text."""

    said: str
    start: int
    end: int


def tokens(text: str, start: int = 0) -> list[Token]:
    """Return the tokens of a text; their places count from `start`."""
    return [Token(set_as(found[0]), start + found.start(), start + found.end()) for found in _TOKEN.finditer(text)]


def set_as(words: str) -> str:
    """Return words without what only the way they are set tells apart."""
    if words.isascii():
        return words if "`" not in words else words.replace("`", "'")
    return unicodedata.normalize("NFKC", words.translate(_SET_AS)).translate(_SET_AS)


def align_tokens(before: Sequence[Token], after: Sequence[Token]) -> Alignment:
    """Align two lists of tokens by what they say; what came or went begins with a sentence, where it can."""
    old, new = [one.said for one in before], [one.said for one in after]
    return slid(old, new, align(old, new), (_ranks(old), _ranks(new)))


def _ranks(said: Sequence[str]) -> Callable[[int], int]:
    return lambda place: int(place == 0 or said[place - 1] in ENDS)
