"""Which versions hold the words of something withdrawn: all of them, or so many that somebody has to look."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from archive.release.sketch import Sketch, shingles_of, text_digest, unpacked, words_of
from archive.release.withdrawals import Withdrawal

# Measured (docs/design.md, "Withdrawal"): so many words that follow each other on one page as in what was withdrawn
# are no wording that both have from elsewhere.
MUCH = 100
# A page that is short, and a withdrawn text that is short: half of it, and at least so many words.
HALF = 0.5
SOME = 40
LEAST = 20

SAME, HELD = "withdrawn-again", "held-back"
Hit = tuple[str, int, str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    withdrawal: Withdrawal
    sketch: Sketch

    def words_in(self, page: Set[int]) -> int:
        """Return about how many words a page with these shingles has in common with it."""
        return len(self.sketch.shingles & page) * self.sketch.sampled

    @property
    def words(self) -> int:
        """About how many words it has that tell it."""
        return len(self.sketch.shingles) * self.sketch.sampled


def like_withdrawn(
    connection: sqlite3.Connection, active: Sequence[Withdrawal], known: Mapping[str, int]
) -> Iterator[Hit]:
    """Yield (version, withdrawal, why, outcome) of each version that has too much of a withdrawn text.

    Those that are `known` are passed over. Takes one pass over all pages.
    """
    sketches = [_Known(one, unpacked(one.shingles, one.sampled)) for one in active if one.shingles or one.texts]
    if not sketches:
        return
    every = frozenset().union(*(one.sketch.shingles for one in sketches))
    rows = connection.execute("SELECT version, number, text FROM pages ORDER BY version, number")
    for version, found in itertools.groupby(rows, key=lambda row: str(row[0])):
        if version in known:
            continue
        pages = {int(number): words_of(text) for _, number, text in found}
        yield from _hits(version, pages, sketches, every)


def _hits(version: str, pages: Mapping[int, list[str]], known: list[_Known], every: frozenset[int]) -> Iterator[Hit]:
    digest = text_digest(pages.values())
    shared = {number: every.intersection(shingles_of(words)) for number, words in pages.items()}
    for one in known:
        withdrawal = one.withdrawal
        if digest and digest in withdrawal.texts:
            yield version, withdrawal.number, "has the same words as", SAME
            return
        if version not in withdrawal.allowed_versions and (why := _why(one, pages, shared)):
            yield version, withdrawal.number, why, HELD
            return


def _why(one: _Known, pages: Mapping[int, list[str]], shared: Mapping[int, frozenset[int]]) -> str:
    total: set[int] = set()
    for number, shingles in shared.items():
        words = one.words_in(shingles)
        if words >= MUCH or words >= max(SOME, HALF * len(pages[number])):
            return f"has on page {number} some {words} words of"
        total |= shingles
    words = one.words_in(total)
    return f"has some {words} words, and so most, of" if words >= max(LEAST, HALF * one.words) else ""
