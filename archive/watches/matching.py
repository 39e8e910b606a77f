"""Which of thousands of terms stand in a text: all of them in one pass, and equal to looking for each by itself.

It knows terms and text; neither a watch, nor a document, nor where either came from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick

from archive.watches.terms import Check, Pattern
from archive.watches.words import Words


class Stands(NamedTuple):
    """A term (its number), and where in a text it stands."""

    term: int
    start: int
    end: int


class _Automaton:
    """Patterns of one kind: each with the terms that it is of."""

    def __init__(self, patterns: Iterable[tuple[int, Pattern]]) -> None:
        terms: dict[bytes, list[tuple[int, Check | None]]] = defaultdict(list)
        for number, pattern in patterns:
            terms[pattern.words].append((number, pattern.check))
        self.terms = list(terms.values())
        self.found = BytesAhoCorasick(list(terms)) if terms else None

    def terms_in(self, words: Words, within: bytes) -> set[int]:
        """Return the terms that stand among words; what was found is looked for no more."""
        found: set[int] = set()
        left = dict(enumerate(self.terms))
        for place, start, end in self.found.find_matches_as_indexes(within, overlapping=True) if self.found else ():
            if not (asked := left.get(place)):
                continue
            found |= {number for number, check in asked if check is None or check(words, start, end)}
            left[place] = [(number, check) for number, check in asked if number not in found]
        return found

    def matches(self, words: Words, within: bytes) -> Iterator[tuple[int, int, int]]:
        """Yield each term that stands among words, and where."""
        if self.found is None:
            return
        for place, start, end in self.found.find_matches_as_indexes(within, overlapping=True):
            for number, check in self.terms[place]:
                if check is None or check(words, start, end):
                    yield number, start, end


class Matcher:
    """Terms, each given as its patterns; a term is known by its place among them."""

    def __init__(self, terms: Sequence[Iterable[Pattern]]) -> None:
        every = [(number, pattern) for number, patterns in enumerate(terms) for pattern in patterns]
        self._folded = _Automaton((number, one) for number, one in every if not one.cased)
        self._cased = _Automaton((number, one) for number, one in every if one.cased)

    def terms_in(self, text: str) -> set[int]:
        """Return the terms that stand in a text."""
        words = Words(text)
        return self._folded.terms_in(words, words.folded) | self._cased.terms_in(words, words.cased)

    def places_in(self, text: str) -> list[Stands]:
        """Return every place where a term stands in a text, in order."""
        words = Words(text)
        found = ((number, *words.place(start, end)) for number, start, end in self._found(words))
        return sorted({Stands(*one) for one in found}, key=lambda one: (one.start, one.end, one.term))

    def over(self, left: str, right: str, between: str) -> list[Stands]:
        """Return the places that begin in one text and end in the next, as places of `left + between + right`."""
        text = left + between + right
        edge = len(left) + len(between)
        return [one for one in self.places_in(text) if one.start < len(left) and one.end > edge]

    def _found(self, words: Words) -> Iterator[tuple[int, int, int]]:
        yield from self._folded.matches(words, words.folded)
        yield from self._cased.matches(words, words.cased)
