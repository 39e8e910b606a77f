"""Draws tables of known cells into a generated page, with rules and without."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from bench.sentences import NOUNS
from bench.typed_pdf import Rule, Run, width

FONT, SIZE = "Helvetica", 8.0


@dataclass(slots=True)
class Grid:
    """A table from `top` down; `random_grid` fills the rest in."""

    left: float
    top: float
    width: float
    row_height: float
    ruled: bool
    runs: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    bottom: float = 0


def random_grid(random: Random, grid: Grid) -> Grid:
    """Fill a table with words at the left of each row and right-aligned numbers behind them."""
    columns, rows = random.randint(3, 5), random.randint(4, 7)
    wide = grid.width / (columns + 1)
    edges = [grid.left, *(grid.left + wide * (column + 2) for column in range(columns))]
    for row in range(rows):
        y = grid.top - (row + 0.7) * grid.row_height
        for column in range(columns):
            text = _cell(random, row, column)
            x = edges[column] + 4
            if column:
                x = edges[column + 1] - 4 - width(text, FONT, SIZE)
            grid.runs.append(Run(x, y, FONT, SIZE, text, width(" ", FONT, SIZE)))
            grid.words += text.split()
    grid.bottom = grid.top - rows * grid.row_height
    if grid.ruled:
        ys = [grid.top - row * grid.row_height for row in range(rows + 1)]
        grid.rules += [Rule(grid.left, y, edges[-1], y) for y in ys]
        grid.rules += [Rule(x, grid.top, x, grid.bottom) for x in edges]
    return grid


def _cell(random: Random, row: int, column: int) -> str:
    noun = random.choice(NOUNS).replace("·", "").capitalize()
    if column == 0:
        return f"{noun} {random.choice(NOUNS).replace('·', '')}"
    return noun if row == 0 else f"{random.randint(1, 99)},{random.randint(100, 999)}"
