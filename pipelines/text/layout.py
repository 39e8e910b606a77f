"""How a page is laid out: lines in blocks in reading order, before anything is known of the pages around it."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """One line of one column: its words, where it stands (points from the page's upper left, the page turned so that
    its text is upright), the size of its font, whether all of it is bold, and whether it starts with a raised mark."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool = False
    marked: bool = False

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


class Block(NamedTuple):
    """Lines of one column that follow one another; `kind` is "text", "table" or "side-note", `left` and `right` are
    the column's sides. A table's lines are its rows, their cells parted by tabs."""

    kind: str
    lines: tuple[Line, ...]
    left: float
    right: float

    @property
    def top(self) -> float:
        return min(line.top for line in self.lines)

    @property
    def bottom(self) -> float:
        return max(line.bottom for line in self.lines)


class PageLayout(NamedTuple):
    """A page: its blocks in reading order and the horizontal rules (x0, x1, y) that may part notes from text."""

    width: float
    height: float
    blocks: tuple[Block, ...]
    rules: tuple[tuple[float, float, float], ...] = ()

    @property
    def length(self) -> int:
        """How many characters its lines have."""
        return sum(len(line.text) for block in self.blocks for line in block.lines)
