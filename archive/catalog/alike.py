"""Whether a file or a page that took another's place is the same document, edited: by its title and its text alone.

Two forms with the same wording are two documents, and so are two years of one report. So nothing that tells (a number,
a date, a name) may stand on one first page and nowhere in the other text, nor be exchanged for another further on.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SHINGLE = 5
# Fewer words than these tell nothing; less in common than this share of all shingles is another text.
FEWEST_WORDS, LEAST = 50, 0.7
_WORD = re.compile(r"[^\W_]+(?:['’.,/-][^\W_]+)*")
# What a sentence begins after: a capital there is no name.
_OPENS = frozenset('.!?:;•"“”(')


@dataclass(frozen=True, slots=True)
class Text:
    """What is compared: a title as it was listed, and the text of each page."""

    title: str
    pages: Sequence[str]


class Verdict(NamedTuple):
    """Whether two texts are one document; `score` is the share of shingles in common, `why` says what decided."""

    same: bool
    score: float
    why: str


def alike(one: Text, other: Text) -> Verdict:
    """Compare two texts. The order of the two doesn't matter."""
    if not one.title.strip() or _plain(one.title) != _plain(other.title):
        return Verdict(False, 0.0, "other titles")
    words = [_words(text.pages) for text in (one, other)]
    if min(map(len, words)) < FEWEST_WORDS:
        return Verdict(False, 0.0, f"fewer than {FEWEST_WORDS} words")
    score = _in_common(*words)
    telling = [_telling(text.pages) for text in (one, other)]
    for here, there in ((0, 1), (1, 0)):
        first = _telling((one, other)[here].pages[:1])
        if missing := first - telling[there]:
            return Verdict(False, score, f"only one first page says {_some(missing)}")
    lost, gained = telling[0] - telling[1], telling[1] - telling[0]
    if lost and gained:
        return Verdict(False, score, f"{_some(lost)} in one, {_some(gained)} in the other")
    if score < LEAST:
        return Verdict(False, score, "another text")
    return Verdict(True, score, f"the same title, {score:.0%} of the text, and every number, date and name of it")


def _plain(title: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", title).casefold())


def _words(pages: Iterable[str]) -> list[str]:
    return [word for page in pages for word in _plain(page)]


def _in_common(one: Sequence[str], other: Sequence[str]) -> float:
    """Return how many runs of SHINGLE words both have, of all that either has."""
    first, second = (
        {tuple(words[place : place + SHINGLE]) for place in range(len(words) - SHINGLE + 1)} for words in (one, other)
    )
    return round(len(first & second) / len(first | second), 4)


def _telling(pages: Iterable[str]) -> set[str]:
    """Return the words that tell one document from another: those with a digit, and names."""
    found = set()
    for page in pages:
        text = unicodedata.normalize("NFKC", page)
        for match in _WORD.finditer(text):
            word = match[0]
            gap = text[max(match.start() - 40, 0) : match.start()]
            before = gap.rstrip()
            opens = not before or before[-1] in _OPENS or "\n\n" in gap[len(before) :]
            if any(letter.isdigit() for letter in word) or (word[0].isupper() and not opens):
                found.add(word.casefold().removesuffix("'s").removesuffix("’s"))
    return found


def _some(words: Iterable[str]) -> str:
    named = sorted(words)
    return ", ".join(f"“{word[:40]}”" for word in named[:3]) + (" …" if len(named) > 3 else "")
