"""A text as the words that terms are looked for among: folded, with one blank between two, each leading back to its
place. It knows no term.

A word is a run of letters and digits of whatever alphabet; all else parts words, as in the search. Case and accents are
folded, ligatures and full-width letters are the letters that they stand for; soft hyphens and what has no width are
nothing. A raised digit is the mark of a note, and parts words.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import Any

_DROPPED = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Of ASCII letters and digits stay, the rest are blanks.
_PLAIN = bytes(byte if byte < 128 and chr(byte).isalnum() else 0x20 for byte in range(256))
# What the quick way can't fold: letters and digits beyond ASCII, marks that are composed with letters, what is dropped.
_ODD = re.compile(f"[^\\W\x00-\x7f]|[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f{_DROPPED}]")
_WORD = re.compile(r"[^\W_]+", re.ASCII)


class _Folding(dict[int, str | None]):
    """What becomes of each character, worked out once: nothing, a blank, or letters without accents."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        kind = unicodedata.category(sign)
        if sign in _DROPPED or kind.startswith("M"):
            told: str | None = None
        elif kind == "No" or not sign.isalnum():
            told = " "
        else:
            told = "".join(one for one in unicodedata.normalize("NFKD", sign) if one.isalnum()) or " "
        self[code] = told
        return told


_FOLDING = _Folding()


class Words:
    """A text as words: `folded` and `cased` hold the same words, parted, begun and ended by one blank, in UTF-8."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.is_plain = text.isascii() or _ODD.search(text) is None
        if self.is_plain:
            words = text.encode("ascii", "replace").translate(_PLAIN).split()
        else:
            words = text.translate(_FOLDING).encode("utf-8", "replace").split()
        self.cased = b" %s " % b" ".join(words)
        # What whoever looks at this text finds out about it, and needs again at its next place.
        self.noted: dict[Any, Any] = {}

    @cached_property
    def folded(self) -> bytes:
        """Return the words without their case."""
        return self.cased.lower() if self.is_plain else self.cased.decode().casefold().encode()

    def same_case(self, start: int, wanted: tuple[tuple[int, bytes], ...]) -> bool:
        """Tell whether words from the one that begins at `start` of `folded` on are written as wanted: (which, how)."""
        first = bisect_left(self._blanks, start)
        return all(self._written[first + place] == word for place, word in wanted)

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text the words stand that `folded[start:end]`, blanks at both ends, holds."""
        first = bisect_left(self._blanks, start)
        last = bisect_left(self._blanks, end - 1) - 1
        return self._spans[first][0], self._spans[last][1]

    def word_at(self, offset: int) -> int:
        """Return how many words begin before a place of the text, one at it among them."""
        return bisect_right(self._spans, offset, key=lambda span: span[0])

    @cached_property
    def _written(self) -> list[bytes]:
        return self.cased.split()

    @cached_property
    def _blanks(self) -> list[int]:
        """Return where the blanks of `folded` are: counting them from the beginning for each of the places of a word
        that is on every line takes the square of the text."""
        return [place for place, sign in enumerate(self.folded) if sign == 0x20]

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        if self.is_plain:
            return [found.span() for found in _WORD.finditer(self.text)]
        spans: list[tuple[int, int]] = []
        begun = -1
        for at, sign in enumerate(self.text):
            told = _FOLDING[ord(sign)]
            if told == " " and begun >= 0:
                spans.append((begun, at))
                begun = -1
            elif told is not None and told != " " and begun < 0:
                begun = at
        return [*spans, (begun, len(self.text))] if begun >= 0 else spans


def words_of(text: str) -> list[str]:
    """Return a text's words, folded."""
    return Words(text).folded.decode().split()
