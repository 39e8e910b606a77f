"""The words of one side that are compared with one another: running text, notes, tables, and each page's furniture."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate

from archive.diff.model import Page
from archive.diff.words import ENDS, set_as
from archive.running_text import OnPage, RunningText, running_text

# Which parts of a page are compared together; a page without parts is all running text.
BESIDE = {"table": ("table",), "note": ("note", "side-note")}
FURNITURE = ("header", "footer")
_WORD = re.compile(r"\S+")
_BREAK = re.compile(r"\n\s*\n")


class Stream:
    """A text with where it is from, cut into words; where a word stands is looked for only when it is asked.

    `words` are what stands between blanks, `said` the same without what only the way they are set tells apart.
    """

    def __init__(self, text: RunningText, part: str) -> None:
        self.whole = text
        self.part = part
        self.words: list[str] = []
        breaks = [found.end() for found in _BREAK.finditer(text.text)]
        begun = [one.at for one in text.stretches if one.at and text.text[one.at - 1].isspace()]
        self._starts = sorted({0, *breaks, *begun})
        counted = []
        for start, end in zip(self._starts, [*self._starts[1:], len(text.text)], strict=True):
            words = text.text[start:end].split()
            self.words += words
            counted.append(len(words))
        self._first = list(accumulate(counted, initial=0))
        odd = {word: set_as(word) for word in set(self.words) if not word.isascii()} if not text.text.isascii() else {}
        self.said = [odd.get(word, word) for word in self.words] if odd else self.words
        self._breaks = breaks
        self._spans: dict[int, list[tuple[int, int]]] = {}

    def span(self, word: int) -> tuple[int, int]:
        """Return where a word stands in the text."""
        piece = bisect_right(self._first, word, hi=len(self._starts)) - 1
        if piece not in self._spans:
            end = self._starts[piece + 1] if piece + 1 < len(self._starts) else len(self.whole.text)
            found = _WORD.finditer(self.whole.text, self._starts[piece], end)
            self._spans[piece] = [one.span() for one in found]
        return self._spans[piece][word - self._first[piece]]

    def stretch(self, first: int, end: int) -> tuple[int, int]:
        """Return where the words from `first` to `end` stand; of none of them, the place between two words."""
        if first < end:
            return self.span(first)[0], self.span(end - 1)[1]
        place = self.span(first - 1)[1] if first else 0
        return place, place

    def on_pages(self, start: int, end: int) -> tuple[OnPage, ...]:
        """Return the stretches of pages that a stretch of the text is made of, without blanks at their ends."""
        return tuple(self.whole.on_pages(start, end))

    def rank(self, word: int) -> int:
        """Return how well a passage begins at a word: with a page, with a paragraph, with a sentence, or within one."""
        if word in self._begun:
            return 3
        if word in self._firsts:
            return 2
        return int(word == 0 or self.words[word - 1][-1] in ENDS)

    @cached_property
    def _begun(self) -> frozenset[int]:
        return frozenset(self.page_starts()[0])

    @cached_property
    def _firsts(self) -> frozenset[int]:
        return frozenset(map(self._words_before, [0, *self._breaks]))

    def page_starts(self) -> tuple[list[int], list[int]]:
        """Return the first word of each stretch of a page, and that page's number."""
        starts, pages = list[int](), list[int]()
        for one in self.whole.stretches:
            if not pages or pages[-1] != one.page:
                starts.append(self._words_before(one.at))
                pages.append(one.page)
        return starts, pages

    def _words_before(self, offset: int) -> int:
        """Return how many words begin before a place in the text."""
        piece = bisect_right(self._starts, offset) - 1
        return self._first[piece] + len(self.whole.text[self._starts[piece] : offset].split())

    def place(self, offset: int) -> OnPage | None:
        """Return the place on a page that an offset of the text is, as an empty stretch."""
        if not self.whole.text:
            return None
        found = self.whole.place(min(max(offset - 1, 0), len(self.whole.text) - 1))
        at = found.offset + (1 if offset else 0)
        return OnPage(found.page, at, at)


def running(pages: Sequence[Page]) -> Stream:
    """Return the running text of pages."""
    return Stream(running_text(pages), "text")


def beside(pages: Sequence[Page], part: str) -> Stream:
    """Return what stands beside the running text: "table" or "note"."""
    return Stream(_only(pages, BESIDE[part]), part)


def _only(pages: Iterable[Page], kinds: Sequence[str]) -> RunningText:
    """Return some parts of pages, each as a paragraph of its own."""
    only = [_Only(page, [part for part in page.parts if part[0] in kinds]) for page in pages if page.parts]
    return running_text(one for one in only if one.parts)


class _Only:
    """A page of which nothing is left but some of its parts; they count as running text."""

    runs_on = ""

    def __init__(self, page: Page, parts: Sequence[tuple[str, int, int]]) -> None:
        self.number, self.text = page.number, page.text
        self.parts = [("text", start, end) for _, start, end in parts]
