"""Tables whose cells are boxed: from a grid of rules and the words in it to cells that may span. No PDF in here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipelines.text.drawn import Word
from pipelines.text.table_lines import is_figure, lines_of, rows_of
from pipelines.text.table_rules import Grid, Rule, clusters, covered

_MOST_CELLS = 20_000
_NARROW = 4.5


class Cell(NamedTuple):
    """A cell's first row and column, how many of each it takes, and its words in reading order."""

    row: int
    column: int
    rows: int
    columns: int
    words: tuple[int, ...]


class Boxed(NamedTuple):
    """What a grid holds: its cells, and whether they are each one entry (not whole columns of them).

    `framed` says that the rules are no more than a frame.
    """

    cells: tuple[Cell, ...]
    complete: bool
    framed: bool = False


def boxed(words: Sequence[Word], chosen: Sequence[int], grid: Grid) -> Boxed:
    """Return the cells that a grid's rules make of the chosen words; rows and columns without words are left out."""
    xs = _bounds(grid.upright, (grid.x0, grid.x1))
    ys = _bounds(grid.across, (grid.top, grid.bottom))
    if min(len(xs), len(ys)) < 3 or len(xs) * len(ys) > _MOST_CELLS:
        return Boxed((), False, max(len(xs), len(ys)) < 3)
    places: dict[tuple[int, int], list[int]] = {}
    for place in chosen:
        word = words[place]
        column = bisect_right(xs, (word.x0 + word.x1) / 2) - 1
        row = bisect_right(ys, (word.top + word.bottom) / 2) - 1
        if 0 <= column < len(xs) - 1 and 0 <= row < len(ys) - 1:
            places.setdefault((row, column), []).append(place)
    beside, below = _drawn(grid.upright, xs, ys), _drawn(grid.across, ys, xs)
    shape = len(ys) - 1, len(xs) - 1
    cells = []
    for group in _merged(shape, beside, below):
        if _open_sided(group, shape, beside):
            cells += _labels(words, group, places)
        else:
            cells.append(_whole(words, group, places))
    cells = _narrowed(cells, places)
    return Boxed(_packed(cells), not _lists_entries(words, cells))


def _bounds(rules: Sequence[Rule], ends: tuple[float, float]) -> list[float]:
    """Return where cells begin and end: a double rule is one, and so is a grid's open side."""
    groups = clusters((*rules, *(Rule(end, 0, 0) for end in ends)), _NARROW)
    return [(group[0].place + group[-1].place) / 2 for group in groups]


def _merged(
    shape: tuple[int, int], beside: set[tuple[int, int]], below: set[tuple[int, int]]
) -> list[list[tuple[int, int]]]:
    """Return the elementary cells in groups that no rule parts."""
    high, wide = shape
    group = {(row, column): [(row, column)] for row in range(high) for column in range(wide)}
    for row in range(high):
        for column in range(wide):
            if column + 1 < wide and (column + 1, row) not in beside:
                _unite(group, (row, column), (row, column + 1))
            if row + 1 < high and (row + 1, column) not in below:
                _unite(group, (row, column), (row + 1, column))
    return list({id(members): members for members in group.values()}.values())


def _unite(group: dict[tuple[int, int], list[tuple[int, int]]], one: tuple[int, int], other: tuple[int, int]) -> None:
    small, large = sorted((group[one], group[other]), key=len)
    if small is not large:
        large += small
        for member in small:
            group[member] = large


def _drawn(rules: Sequence[Rule], bounds: list[float], along: list[float]) -> set[tuple[int, int]]:
    """Return which stretches (number of the bound, number of the stretch along it) have a rule drawn."""
    drawn = set()
    for number, bound in enumerate(bounds):
        near = [rule for rule in rules if abs(rule.place - bound) <= _NARROW]
        for stretch, (start, end) in enumerate(pairwise(along)):
            if covered(near, start, end) > 0.5:
                drawn.add((number, stretch))
    return drawn


def _open_sided(group: list[tuple[int, int]], shape: tuple[int, int], beside: set[tuple[int, int]]) -> bool:
    """Say whether several rows are joined at a side of the grid that no rule closes, as labels of rows are."""
    high = {row for row, _ in group}
    columns = {column for _, column in group}
    side = 0 if 0 in columns else shape[1] if shape[1] - 1 in columns else None
    return len(high) >= 3 and side is not None and 2 * sum((side, row) in beside for row in high) < len(high)


def _labels(
    words: Sequence[Word], group: list[tuple[int, int]], places: dict[tuple[int, int], list[int]]
) -> list[Cell]:
    """Return a cell for each row of a column without rules beside one that has them."""
    by_row: dict[int, list[int]] = {}
    for row, column in sorted(group):
        by_row.setdefault(row, []).extend(places.get((row, column), ()))
    if 4 * sum(map(bool, by_row.values())) < 3 * len(by_row):
        return [_whole(words, group, places)]
    columns = {column for _, column in group}
    return [Cell(row, min(columns), 1, len(columns), _read(words, found)) for row, found in by_row.items()]


def _whole(words: Sequence[Word], group: list[tuple[int, int]], places: dict[tuple[int, int], list[int]]) -> Cell:
    rows, columns = [row for row, _ in group], [column for _, column in group]
    row, column = min(rows), min(columns)
    found = [one for place in group for one in places.get(place, ())]
    return Cell(row, column, max(rows) - row + 1, max(columns) - column + 1, _read(words, found))


def _narrowed(cells: list[Cell], places: dict[tuple[int, int], list[int]]) -> list[Cell]:
    """Return the cells without the strips in which no word has its middle, such as a shade's edge within a cell."""
    kept_rows, kept_columns = sorted({row for row, _ in places}), sorted({column for _, column in places})
    narrowed = []
    for cell in cells:
        top, left = bisect_left(kept_rows, cell.row), bisect_left(kept_columns, cell.column)
        high = bisect_left(kept_rows, cell.row + cell.rows) - top
        wide = bisect_left(kept_columns, cell.column + cell.columns) - left
        if cell.words:
            narrowed.append(Cell(top, left, high, wide, cell.words))
    return narrowed


def _read(words: Sequence[Word], places: Sequence[int]) -> tuple[int, ...]:
    return tuple(place for row in rows_of(words, places) for place in row)


def _packed(cells: list[Cell]) -> tuple[Cell, ...]:
    """Return the cells without the rows and columns in which none begins."""
    rows, columns = sorted({cell.row for cell in cells}), sorted({cell.column for cell in cells})
    packed = []
    for cell in sorted(cells):
        top, left = bisect_left(rows, cell.row), bisect_left(columns, cell.column)
        high = bisect_left(rows, cell.row + cell.rows) - top
        wide = bisect_left(columns, cell.column + cell.columns) - left
        packed.append(Cell(top, left, high, wide, cell.words))
    return tuple(packed)


def _lists_entries(words: Sequence[Word], cells: list[Cell]) -> bool:
    """Say whether most words are in cells that hold several entries each, which line up from cell to cell."""
    listed = total = 0
    by_row: dict[tuple[int, int], list[Cell]] = {}
    for cell in cells:
        total += len(cell.words)
        by_row.setdefault((cell.row, cell.rows), []).append(cell)
    for row in by_row.values():
        filled = [cell for cell in row if cell.words]
        if (len(filled) > 1 and _line_up(words, filled)) or (len(filled) == 1 and _is_row(words, filled[0])):
            listed += sum(len(cell.words) for cell in filled)
    return 3 * listed > total


def _is_row(words: Sequence[Word], cell: Cell) -> bool:
    """Say whether a cell over several columns holds an entry for each."""
    lines = lines_of(words, cell.words) if cell.columns > 2 else []
    return any(len(line.pieces) > 2 for line in lines)


def _line_up(words: Sequence[Word], cells: list[Cell]) -> bool:
    """Say whether lines of neighbouring cells are rows: most have an entry in each, or there are lists of figures."""
    together = rows_of(words, [place for cell in cells for place in cell.words])
    if len(together) < 2:
        return False
    owner = {place: number for number, cell in enumerate(cells) for place in cell.words}
    entries = sum(len({owner[place] for place in row}) for row in together)
    # Figures don't run on in the next line.
    lists = sum(len(rows_of(words, cell.words)) > 1 and _all_figures(words, cell) for cell in cells)
    return 2 * lists >= len(cells) or (len(together) > 2 and entries >= 0.8 * len(together) * len(cells))


def _all_figures(words: Sequence[Word], cell: Cell) -> bool:
    return all(is_figure(words[place].text) for place in cell.words)
