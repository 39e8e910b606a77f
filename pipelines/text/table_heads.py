"""The head of a table: cells of several lines, and those that stand over several columns. No PDF in here."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from pipelines.text.drawn import Word
from pipelines.text.table_grid import Cell
from pipelines.text.table_lines import Line, Piece, is_figure, piece_of
from pipelines.text.table_rules import Rule

Columns = Sequence[tuple[float, float]]


class _Head(NamedTuple):
    """A header cell while it is put together: the columns that it is over, and its pieces from top to bottom."""

    first: int
    last: int
    pieces: tuple[Piece, ...]


def head_cells(
    words: Sequence[Word], lines: Sequence[Line], columns: Columns, across: Sequence[Rule], upright: Sequence[Rule]
) -> list[Cell]:
    """Return the cells of a table's head from its lines; those with nothing over or under them take all of its rows."""
    heads: list[_Head] = []
    for line in lines:
        parts = _parts(words, line, columns)
        for piece in parts:
            first, last = _over(piece, parts, columns, across, upright)
            above = next(
                (n for n, h in enumerate(heads) if (h.first, h.last) == (first, last) and _near(h, piece, across)), None
            )
            if above is None:
                heads.append(_Head(first, last, (piece,)))
            else:
                heads[above] = heads[above]._replace(pieces=(*heads[above].pieces, piece))
    return _levelled(heads)


def grid_head(words: Sequence[Word], cells: Sequence[Cell]) -> int:
    """Return how many first rows of a grid are its head: those over figures, or in another font than the next."""
    deep = 1
    while any(cell.row < deep < cell.row + cell.rows and cell.rows < 4 for cell in cells):
        deep += 1
    if any(cell.columns > 1 and cell.row + cell.rows == deep for cell in cells):
        deep += 1
    first = {cell: words[cell.words[0]] for cell in cells if cell.column}
    last = {cell.column: word for cell, word in first.items() if cell.row < deep <= cell.row + cell.rows}
    if not {word.font for word in last.values()} & {word.font for cell, word in first.items() if cell.row == deep}:
        return deep if any(cell.row >= deep for cell in cells) else 0
    under: dict[int, list[bool]] = {}
    for cell, word in first.items():
        if cell.row >= deep:
            under.setdefault(cell.column, []).append(is_figure(word.text))
    named = (column for column, word in last.items() if not is_figure(word.text))
    return deep if any(len(found := under.get(column, [])) > 1 and all(found) for column in named) else 0


def _over(
    piece: Piece, line: Sequence[Piece], columns: Columns, across: Sequence[Rule], upright: Sequence[Rule]
) -> tuple[int, int]:
    """Return the columns that a header is over: its box's, those of the rule under it, or those that it reaches."""
    middle = (piece.top + piece.bottom) / 2
    left, right = columns[0][0], columns[-1][1]
    beside = [rule.place for rule in upright if rule.start <= middle <= rule.end and left < rule.place < right]
    if beside:
        centre = (piece.x0 + piece.x1) / 2
        before, after = [x for x in beside if x < centre], [x for x in beside if x > centre]
        sides = max(before, default=left - 1), min(after, default=right + 1)
        central = abs(sides[0] + sides[1] - 2 * centre) < 0.3 * (sides[1] - sides[0])
        if central and _alone(line, *sides) and (inside := _inside(columns, *sides)):
            return inside
    for rule in across:
        if middle < rule.place < 2 * piece.bottom - piece.top and rule.end - rule.start < 0.95 * (right - left):
            sides = rule.start - 3, rule.end + 3
            over = sides[0] <= piece.x0 and piece.x1 <= sides[1]
            if over and _alone(line, *sides) and (inside := _inside(columns, *sides)):
                return inside
    return reached(piece, columns)


def _alone(line: Sequence[Piece], left: float, right: float) -> bool:
    return sum(left <= (piece.x0 + piece.x1) / 2 <= right for piece in line) == 1


def _inside(columns: Columns, left: float, right: float) -> tuple[int, int] | None:
    inside = [number for number, (x0, x1) in enumerate(columns) if left <= (x0 + x1) / 2 <= right]
    return (inside[0], inside[-1]) if inside else None


def reached(piece: Piece, columns: Columns) -> tuple[int, int]:
    """Return the first and the last column that a piece stands over; the nearest where it is over none."""
    near = range(bisect_left(columns, piece.x0, key=itemgetter(1)), bisect_right(columns, piece.x1, key=itemgetter(0)))
    over = []
    for number in near:
        x0, x1 = columns[number]
        if min(x1, piece.x1) - max(x0, piece.x0) > min(2.0, 0.4 * (x1 - x0), 0.4 * (piece.x1 - piece.x0)):
            over.append(number)
    if over:
        return over[0], over[-1]
    middle = (piece.x0 + piece.x1) / 2
    nearest = min(range(len(columns)), key=lambda n: max(columns[n][0] - middle, middle - columns[n][1]))
    return nearest, nearest


def _parts(words: Sequence[Word], line: Line, columns: Columns) -> list[Piece]:
    """Return a line's pieces, those parted that are headers of neighbouring columns set close together."""
    parts: list[Piece] = []
    for piece in line.pieces:
        groups: list[list[int]] = [[piece.words[0]]]
        for before, place in pairwise(piece.words):
            if _between(words[before], words[place], columns):
                groups.append([])
            groups[-1].append(place)
        parts += [piece_of(words, group) for group in groups]
    return parts


def _between(before: Word, word: Word, columns: Columns) -> bool:
    """Say whether the white between two words is where one column ends and the next begins, and wider than a blank."""
    gap = word.x0 - before.x1
    size = min(before.bottom - before.top, word.bottom - word.top)
    if gap <= max(0.33 * size, _typed_blank(before, word)):
        return False
    return any(
        one[1] - 0.5 * (one[1] - one[0]) < word.x0
        and before.x1 < other[0] + 0.5 * (other[1] - other[0])
        and before.x1 <= other[0] + 1
        and word.x0 >= one[1] - 1
        for one, other in pairwise(columns)
    )


def _typed_blank(before: Word, word: Word) -> float:
    """Return the width of a blank where all letters are as wide, 0 where they aren't."""
    widths = [(one.x1 - one.x0) / len(one.text) for one in (before, word) if len(one.text) > 1]
    same = len(widths) == 2 and abs(widths[0] - widths[1]) < 0.02 * widths[0]
    return 1.3 * widths[0] if same else 0.0


def _near(head: _Head, piece: Piece, across: Sequence[Rule]) -> bool:
    last = head.pieces[-1]
    size = piece.bottom - piece.top
    if piece.top - last.bottom > 0.7 * size:
        return False
    low, high = (last.top + last.bottom) / 2, (piece.top + piece.bottom) / 2
    middle = (piece.x0 + piece.x1) / 2
    return not any(low < rule.place < high and rule.start <= middle <= rule.end for rule in across)


def _levelled(heads: list[_Head]) -> list[Cell]:
    """Return header cells by rows: each is below those that it stands under."""
    order = sorted(heads, key=lambda head: head.pieces[0].top)
    levels: list[int] = []
    for number, head in enumerate(order):
        over = [levels[n] for n in range(number) if order[n].first <= head.last and head.first <= order[n].last]
        levels.append(max(over, default=-1) + 1)
    deep = max(levels, default=-1) + 1
    cells = []
    for number, head in enumerate(order):
        under = [
            levels[n]
            for n in range(number + 1, len(order))
            if order[n].first <= head.last and head.first <= order[n].last
        ]
        end = min(under, default=deep)
        places = tuple(place for piece in head.pieces for place in piece.words)
        cells.append(Cell(levels[number], head.first, end - levels[number], head.last - head.first + 1, places))
    return sorted(cells)
