"""Lines of words and the pieces that wide gaps part them into: what tables are told from prose by. No PDF in here."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pipelines.text.drawn import Word

# Typesetters part words by a quarter of the letters' size, typewriters by six tenths.
_GAP = 0.75
_GAP_OF_FIGURES = 0.28
_FIGURE = re.compile(
    r"[^\W\d_]?[^A-Za-z•]*\d[^A-Za-z]*[A-Za-z]?[^A-Za-z]*|[-‐‑–—−*†‡#§.…/]{1,6}|\(?(?:X|NA|N/A|n/a)\)?"
)
_STROKES = frozenset("-_=—–―")
_DOTS = frozenset(".…_·")
_LEADER = re.compile(r"[.…_·]{3,}|[.…·]")


class Piece(NamedTuple):
    """Words of one line with no wide gap between them: their places in the page's words, in order."""

    x0: float
    top: float
    x1: float
    bottom: float
    words: tuple[int, ...]
    text: str
    figure: bool


class Line(NamedTuple):
    """Pieces at one height, from left to right."""

    top: float
    bottom: float
    pieces: tuple[Piece, ...]


class Heights:
    """Words by the heights of their middles, so that those in a part of a page are found without a look at all."""

    def __init__(self, words: Sequence[Word], places: Iterable[int]) -> None:
        self._words = words
        self._order = sorted((words[place].top + words[place].bottom, place) for place in places)

    def within(self, box: tuple[float, float, float, float]) -> list[int]:
        """Return the places of the words whose middles are in a box (x0, top, x1, bottom), in order."""
        x0, top, x1, bottom = (2 * side for side in box)
        near = self._order[bisect_left(self._order, (top, -1)) : bisect_right(self._order, (bottom, len(self._words)))]
        return sorted(place for _, place in near if x0 <= self._words[place].x0 + self._words[place].x1 <= x1)


def is_figure(text: str) -> bool:
    """Say whether a word is a number, a date or a sign that stands for none (a dash, "NA")."""
    return len(text) < 25 and _FIGURE.fullmatch(text) is not None


def lines_of(words: Sequence[Word], chosen: Iterable[int], cuts: Sequence[float] = ()) -> list[Line]:
    """Return the chosen words as lines from top to bottom, parted by wide gaps and at the `cuts` (x, sorted)."""
    return [_line(words, row, cuts) for row in rows_of(words, chosen)]


def rows_of(words: Sequence[Word], chosen: Iterable[int]) -> list[list[int]]:
    """Return the words' places by lines: of one line are those whose middles are within a third of their height."""
    order = sorted(chosen, key=lambda place: (words[place].top + words[place].bottom, words[place].x0))
    rows: list[list[int]] = []
    middle = size = 0.0
    for place in order:
        word = words[place]
        centre = (word.top + word.bottom) / 2
        height = word.bottom - word.top
        if rows and centre - middle <= 0.35 * max(min(size, height), 0.5 * size):
            rows[-1].append(place)
            if height > size:
                middle, size = centre, height
        else:
            rows.append([place])
            middle, size = centre, height
    for row in rows:
        row.sort(key=lambda place: words[place].x0)
    return rows


def _line(words: Sequence[Word], row: list[int], cuts: Sequence[float]) -> Line:
    pieces: list[list[int]] = []
    before: Word | None = None
    for place in row:
        word = words[place]
        if before is None or _parted(before, word, cuts):
            pieces.append([])
        pieces[-1].append(place)
        before = word
    made = tuple(piece_of(words, piece) for piece in pieces)
    return Line(min(piece.top for piece in made), max(piece.bottom for piece in made), made)


def _parted(before: Word, word: Word, cuts: Sequence[float]) -> bool:
    gap = word.x0 - before.x1
    size = min(before.bottom - before.top, word.bottom - word.top)
    if gap > _GAP * size:
        return not (is_leader(word.text) and gap < 2 * size)
    if gap > _GAP_OF_FIGURES * size and (is_figure(before.text) or is_leader(before.text)) and is_figure(word.text):
        return not is_leader(word.text)
    if cuts:
        cut = bisect_left(cuts, (before.x0 + before.x1) / 2)
        return cut < len(cuts) and cuts[cut] < (word.x0 + word.x1) / 2
    return False


def is_rule(text: str) -> bool:
    """Say whether a word is a rule that was typed, such as "-----"."""
    return len(text) > 3 and text[0] in _STROKES and not text.strip(text[0])


def is_leader(text: str) -> bool:
    """Say whether a word is nothing but dots that lead the eye."""
    return text[:1] in _DOTS and _LEADER.fullmatch(text) is not None


def piece_of(words: Sequence[Word], places: Sequence[int]) -> Piece:
    """Return words of one line as one piece."""
    if len(places) == 1:
        one = words[places[0]]
        return Piece(one.x0, one.top, one.x1, one.bottom, (places[0],), one.text, is_figure(one.text))
    texts = [words[place].text for place in places]
    said = [text for text in texts if not is_leader(text)] or texts
    return Piece(
        words[places[0]].x0,
        min(words[place].top for place in places),
        max(words[place].x1 for place in places),
        max(words[place].bottom for place in places),
        tuple(places),
        " ".join(texts),
        all(map(is_figure, said)),
    )
