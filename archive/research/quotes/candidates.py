"""Which pages may hold a quotation: by its rarest words in the full-text index, never by looking at every page.

A page that holds all that is asked for comes first; then, since a word may be altered, pages that hold some of it. What
was asked for, and where there was more than was looked at, is told.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from archive.research.places import place_column
from archive.research.query_expression import expression
from archive.research.query_tree import Term
from archive.research.quotes.quotation import Quotation
from archive.research.quotes.signs import WORD, Token
from archive.research.quotes.weight import is_small

# Words of a phrase that is looked up, how many phrases of one quotation, and pages of each.
PHRASE, MOST_PHRASES, MOST_PAGES = 3, 6, 60
MOST_WORDS, MOST_PAIRS, MOST_COUNTED = 5, 6, 2_000
# What a small word, or one that isn't known, is taken to be: on so many pages.
_EVERYWHERE = 1_000_000
_WORD = re.compile(r"[^\W_]+")


@dataclass
class Index:
    """What is asked of the full-text index of one connection, and what it is known to hold."""

    connection: sqlite3.Connection
    place: str = ""
    has_words: bool = False
    counted: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, tuple[int, int] | None] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: sqlite3.Connection) -> Index:
        """Look at what a catalogue or release has."""
        names = "SELECT count(*) FROM sqlite_master WHERE name IN ('words', 'searched_documents')"
        return cls(connection, place_column(connection), connection.execute(names).fetchone()[0] == 2)

    def count(self, word: str) -> int:
        """Return on about how many pages a word stands; 0 for one that is on none."""
        word = word.casefold()
        if word not in self.counted:
            self.counted[word] = self._count(word)
        return self.counted[word]

    def _count(self, word: str) -> int:
        if self.has_words:
            found = self.connection.execute("SELECT pages FROM words WHERE word = ?", (word,)).fetchone()
            return int(found[0]) if found else 0
        if is_small(word):
            return _EVERYWHERE
        asked = "SELECT count(*) FROM (SELECT 1 FROM pages_fts WHERE pages_fts MATCH ? LIMIT ?)"
        return int(self.connection.execute(asked, (_quoted(word), MOST_COUNTED)).fetchone()[0])

    def pages(self, match: str, document: str = "", most: int = MOST_PAGES) -> list[int]:
        """Return the places of the first pages that an FTS5 expression finds, one more than `most` where there are
        more; of one document only, where it is named."""
        if not match:
            return []
        if not document:
            return self._places("", (match, most + 1))
        if self.has_words:
            stretch = self._range(document)
            return self._places("AND rowid BETWEEN ? AND ?", (match, *stretch, most + 1)) if stretch else []
        asked = (
            f"SELECT p.{self.place} FROM (SELECT rowid AS found FROM pages_fts WHERE pages_fts MATCH ?)"  # noqa: S608
            f" CROSS JOIN pages AS p ON p.{self.place} = found WHERE p.document = ? LIMIT ?"
        )
        return [row[0] for row in self.connection.execute(asked, (match, document, most + 1))]

    def _places(self, more: str, values: Sequence[object]) -> list[int]:
        asked = f"SELECT rowid FROM pages_fts WHERE pages_fts MATCH ? {more} LIMIT ?"  # noqa: S608
        return [row[0] for row in self.connection.execute(asked, values)]

    def _range(self, document: str) -> tuple[int, int] | None:
        if document not in self.ranges:
            asked = "SELECT first, last FROM searched_documents WHERE document = ? AND first IS NOT NULL"
            found = self.connection.execute(asked, (document,)).fetchone()
            self.ranges[document] = (found[0], found[1]) if found else None
        return self.ranges[document]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of a quotation by which it is looked for, the rarest first; and its rarest words."""

    phrases: tuple[str, ...]
    words: tuple[str, ...]


def phrases_of(index: Index, quotation: Quotation) -> Phrases:
    """Return what a quotation is looked for by: phrases that don't overlap, so that an altered word spoils only one."""
    windows: list[tuple[int, int, int, tuple[str, ...]]] = []
    every: Counter[str] = Counter()
    for number, part in enumerate(quotation.plain):
        words = list(_words(part))
        every.update(words)
        size = min(PHRASE, len(words))
        for at in range(len(words) - size + 1):
            window = tuple(words[at : at + size])
            windows.append((sum(map(index.count, window)), number, at, window))
    chosen: list[tuple[int, int, tuple[str, ...]]] = []
    for _, number, at, window in sorted(windows):
        if all(number != other or abs(at - place) >= PHRASE for other, place, _ in chosen):
            chosen.append((number, at, window))
        if len(chosen) == MOST_PHRASES:
            break
    rare = sorted((word for word in every if not is_small(word)), key=lambda word: (index.count(word), word))
    known = [word for word in rare if index.count(word)]
    return Phrases(tuple(" ".join(window) for _, _, window in chosen), tuple(known[:MOST_WORDS]))


def _words(part: Sequence[Token]) -> Iterator[str]:
    """Yield the words of a part as the index has them; halves that a line's end parts are one."""
    half = ""
    for place, token in enumerate(part):
        if token.kind == WORD:
            is_half = place + 2 < len(part) and part[place + 1].soft and part[place + 2].kind == WORD
            if is_half:
                half += token.text
                continue
            yield from _WORD.findall(half + token.text)
            half = ""


def whole_pages(index: Index, asked: Phrases, document: str = "") -> list[int]:
    """Return pages that hold every phrase."""
    return index.pages(" AND ".join(map(_quoted, asked.phrases)), document)


def pages_with_some(index: Index, asked: Phrases, document: str = "") -> tuple[list[int], bool]:
    """Return pages that hold some of a quotation, those first that hold most of it; and whether there are more.

    A page holds a phrase, or two pairs of the rarest words; these are asked for where no page holds half of
    the phrases.
    """
    weighed: Counter[int] = Counter()
    is_cut = False
    for phrase in asked.phrases:
        places = index.pages(_quoted(phrase), document)
        is_cut = is_cut or len(places) > MOST_PAGES
        weighed.update(dict.fromkeys(places[:MOST_PAGES], 2))
    if max(weighed.values(), default=0) < max(len(asked.phrases), 4):
        for pair in list(combinations(asked.words, 2))[:MOST_PAIRS]:
            places = index.pages(" AND ".join(map(_quoted, pair)), document)
            is_cut = is_cut or len(places) > MOST_PAGES
            weighed.update(places[:MOST_PAGES])
    return [place for place, weight in weighed.most_common() if weight > 1], is_cut


def _quoted(words: str) -> str:
    return expression(Term(words))
