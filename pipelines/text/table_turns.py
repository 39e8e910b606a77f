"""Turns words and boxes so that text that runs up or down a page can be looked at as if it stood upright."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pipelines.text.drawn import Box, Word

Sides = tuple[float, float, float, float]


def main_turn(words: Sequence[Word]) -> int:
    """Return by how many degrees clockwise most words are turned: wide tables are often printed sideways."""
    return Counter(word.turn for word in words).most_common(1)[0][0]


def turned_words(words: Sequence[Word], turn: int, width: float, height: float) -> list[Word]:
    """Return all words of a page turned back by `turn`; those that are upright then have no turn."""
    return [
        Word(word.text, *turned(word[1:5], turn, width, height), word.size, word.font, word.first, word.turn - turn)
        for word in words
    ]


def turned_boxes(boxes: Sequence[Box], turn: int, width: float, height: float) -> list[Box]:
    """Return all boxes of a page turned back by `turn`."""
    return [Box(*turned(box[:4], turn, width, height), *box[4:]) for box in boxes]


def turned(sides: Sides, turn: int, width: float, height: float) -> Sides:
    """Return x0, top, x1, bottom as they are on a page of `width` and `height` that is turned back by `turn`."""
    x0, top, x1, bottom = sides
    if turn == 90:
        return top, width - x1, bottom, width - x0
    if turn == 180:
        return width - x1, height - bottom, width - x0, height - top
    if turn == 270:
        return height - bottom, x0, height - top, x1
    return sides
