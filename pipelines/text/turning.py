"""Turns a page so that most of its text is upright: landscape tables are often drawn sideways on an upright page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar

from pipelines.text.drawn import Box, Word

_Drawn = TypeVar("_Drawn", Word, Box)


class Turned(NamedTuple):
    """A page's words and boxes, and its size in points, turned so that most of its letters are upright."""

    words: Sequence[Word]
    boxes: Sequence[Box]
    width: float
    height: float


def turn_upright(words: Sequence[Word], boxes: Sequence[Box], width: float, height: float) -> Turned:
    """Return the page as its reader would turn it; `turn` of a word is then that against the most of the others."""
    turn = _main_turn(words)
    if not turn:
        return Turned(words, boxes, width, height)
    back = [_turned_back(word, turn, width, height)._replace(turn=(word.turn - turn) % 360) for word in words]
    sides = (height, width) if turn in (90, 270) else (width, height)
    return Turned(back, [_turned_back(box, turn, width, height) for box in boxes], *sides)


def _main_turn(words: Iterable[Word]) -> int:
    letters: Counter[int] = Counter({0: 1})
    for word in words:
        letters[word.turn] += len(word.text)
    return min(letters, key=lambda turn: (-letters[turn], turn))


def _turned_back(one: _Drawn, turn: int, width: float, height: float) -> _Drawn:
    x0, top, x1, bottom = one.x0, one.top, one.x1, one.bottom
    if turn == 90:
        x0, top, x1, bottom = top, width - x1, bottom, width - x0
    elif turn == 180:
        x0, top, x1, bottom = width - x1, height - bottom, width - x0, height - top
    else:
        x0, top, x1, bottom = height - bottom, x0, height - top, x1
    return one._replace(x0=x0, top=top, x1=x1, bottom=bottom)
