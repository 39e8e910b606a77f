"""What is published of an article's page: headline, dates, its quotations, some words around each reference."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

GAP = " … "
# Words on both sides of a reference; of the page's words at most this share, and never more than so many.
AROUND = 8
SHARE = 0.25
MOST_WORDS = 250
# A reference is named by a few words; a link around a whole paragraph would publish it.
MOST_LINK_WORDS = 12

_WORD = re.compile(r"\S+")
Span = tuple[int, int]


def excerpt(text: str, opening: Iterable[str], quotations: Iterable[str], references: Iterable[str]) -> str:
    """Return the excerpt of a page: what opens it (headline, dates), then passages in their order on the page.

    Quotations are taken first, then references in their order, as long as the share isn't used up. A passage is never
    cut: one that would be too much is left out.
    """
    words = [found.span() for found in _WORD.finditer(text)]
    left = min(int(len(words) * SHARE), MOST_WORDS)
    taken: set[int] = set()
    wanted = [*(_whole(text, words, one) for one in quotations), *(_around(text, words, one) for one in references)]
    for span in wanted:
        new = set(range(*span)) - taken
        if len(new) <= left:
            left -= len(new)
            taken |= new
    return GAP.join([*filter(None, opening), *_passages(text, words, sorted(taken))])


def link_words(printed: str) -> str:
    """Return as much of a link's words as is published."""
    words = printed.split()
    return printed if len(words) <= MOST_LINK_WORDS else " ".join(words[:MOST_LINK_WORDS]) + " …"


def holds(excerpted: str, quotation: str) -> bool:
    """Tell whether a quotation is among what is published."""
    return " ".join(quotation.split()) in " ".join(excerpted.split())


def published_words(excerpted: str, words: str, printed: str) -> tuple[str, int | None]:
    """Return of the words around a reference what is published, and where in the excerpt the reference stands."""
    if not words or not holds(excerpted, words):
        return "", None
    spans = [word.span() for word in re.finditer(r"\S+", excerpted)]
    first, end = _whole(excerpted, spans, words)
    place = excerpted.find(printed, spans[first][0], spans[end - 1][1]) if first < end else -1
    return words, place if place >= 0 else None


def _whole(text: str, words: Sequence[Span], passage: str) -> Span:
    """Return the words in which a passage stands, as a range; an empty one where it isn't there."""
    spoken, wanted = [text[start:end] for start, end in words], " ".join(passage.split())
    place = " ".join(spoken).find(wanted) if wanted else -1
    if place < 0:
        return (0, 0)
    starts = list(itertools.accumulate((len(word) + 1 for word in spoken), initial=0))
    inside = [at for at, word in enumerate(spoken)
              if starts[at] < place + len(wanted) and starts[at] + len(word) > place]  # fmt: skip
    return (inside[0], inside[-1] + 1) if inside else (0, 0)


def _around(text: str, words: Sequence[Span], passage: str) -> Span:
    first, last = _whole(text, words, passage)
    if first == last or last - first > MOST_LINK_WORDS:
        return (0, 0)
    return (max(0, first - AROUND), min(len(words), last + AROUND))


def _passages(text: str, words: Sequence[Span], taken: Sequence[int]) -> list[str]:
    """Join the words that stand beside each other."""
    passages, begin = [], 0
    for at, word in enumerate(taken):
        if at + 1 == len(taken) or taken[at + 1] != word + 1:
            passages.append(text[words[taken[begin]][0] : words[word][1]])
            begin = at + 1
    return passages
