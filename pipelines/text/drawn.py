"""What a page draws, as the steps of reading hand it on: plain values in points from the page's upper left corner.

Coordinates are those of the page as it is shown (its /Rotate applied); y grows downwards. Nothing here reads a PDF.
"""

from __future__ import annotations

from typing import NamedTuple


class Letter(NamedTuple):
    """One letter as a font shows it: `text` is what it means ("(cid:7)" where the file doesn't say), `size` its font's
    in points, `font` the full name; `turn` as in a word; `shade` how light it is painted (0 black, 1 white, None not
    known), `invisible` whether it isn't (render modes 3 and 7); `order` its place in the order of drawing; `base` where
    its baseline runs (its y, or x of letters turned by 90 or 270 degrees); `upright` is pdfplumber's."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    font: str
    turn: int
    shade: float | None
    invisible: bool
    order: int
    base: float
    upright: bool


class Word(NamedTuple):
    """One word in its own line: `size` is its font's in points, `font` the name without the subset's prefix;
    `first` is the place of its first letter in the order of drawing; `turn` says by how many degrees clockwise
    (0, 90, 180, 270) its letters are turned on the page as it is shown."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    font: str = ""
    first: int = 0
    turn: int = 0


class Box(NamedTuple):
    """A rectangle or a straight line: `shade` is how light it is filled (0 black, 1 white, None not filled), `stroked`
    whether it has a border; `order` is the number of letters that were drawn before it; one that isn't `opaque` lets
    what lies under it be seen."""

    x0: float
    top: float
    x1: float
    bottom: float
    shade: float | None = None
    stroked: bool = False
    order: int = 0
    opaque: bool = True


class Picture(NamedTuple):
    """An image's place; `order` is the number of letters that were drawn before it; one that isn't `opaque` is a mask
    or has one."""

    x0: float
    top: float
    x1: float
    bottom: float
    order: int = 0
    opaque: bool = True
