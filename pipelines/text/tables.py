"""Finds a page's tables, ruled or not, among its words and boxes. It knows no PDF and no reading order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from pipelines.text.drawn import Box, Word
from pipelines.text.table_bands import banded
from pipelines.text.table_columns import Region, entries
from pipelines.text.table_grid import Cell, boxed
from pipelines.text.table_heads import grid_head
from pipelines.text.table_lines import Heights, is_figure, is_leader, is_rule, lines_of
from pipelines.text.table_rules import Grid, Rule, grids_of, rules_of
from pipelines.text.table_runs import lists_contents, mostly_prose, parted, runs_of, stands_in_columns
from pipelines.text.table_turns import main_turn, turned, turned_boxes, turned_words

# The densest page seen, a list of facilities in letters of two points, holds 9,573 (2026-11).
MOST_WORDS = 12_000

_FULL = 0.35


class Span(NamedTuple):
    """A cell that takes several rows or columns: it is written in the first, the others are ""."""

    row: int
    column: int
    rows: int
    columns: int


class FoundTable(NamedTuple):
    """A table: `headers` of its `rows`, which are all as long, are its head; `words` are the places of those it took.

    `box` is x0, top, x1, bottom around those words; `spans` are the cells that take more than one row or column.
    """

    box: tuple[float, float, float, float]
    rows: tuple[tuple[str, ...], ...]
    headers: int
    words: frozenset[int]
    spans: tuple[Span, ...] = ()


class _Made(NamedTuple):
    cells: Sequence[Cell]
    headers: int


def find_tables(words: Sequence[Word], boxes: Sequence[Box], width: float, height: float) -> list[FoundTable]:
    """Return a page's tables from top to bottom; no word is in two. None where a page has more than a page can have.

    A page whose words are mostly turned is looked at as if they were upright; `rows` are then as they are read.
    Titles above and sources below a table are left to the running text, and so are lists of contents.
    """
    if not 0 < len(words) <= MOST_WORDS:
        return []
    if (turn := main_turn(words)) not in (90, 180, 270):
        return _upright_tables(words, boxes, width, height)
    shape = (width, height) if turn == 180 else (height, width)
    found = _upright_tables(turned_words(words, turn, width, height), turned_boxes(boxes, turn, width, height), *shape)
    return [table._replace(box=turned(table.box, 360 - turn, *shape)) for table in found]


def _upright_tables(words: Sequence[Word], boxes: Sequence[Box], width: float, height: float) -> list[FoundTable]:
    free = {
        place for place, word in enumerate(words) if word.turn == 0 and word.text.strip() and not is_rule(word.text)
    }
    found: list[FoundTable] = []
    across, upright = rules_of(boxes, words, width, height)
    for search in _SEARCHES:
        for made in search(words, free, across, upright):
            table = _assembled(words, made)
            found.append(table)
            free -= table.words
    return sorted(found, key=lambda table: (table.box[1], table.box[0]))


# What follows yields tables made of free words; the words of one are free no more when the next is asked for.
def _in_grids(
    words: Sequence[Word], free: set[int], across: Sequence[Rule], upright: Sequence[Rule]
) -> Iterator[_Made]:
    heights = Heights(words, free)
    for grid in grids_of(across, upright):
        inside = heights.within((grid.x0 - 1, grid.top - 1, grid.x1 + 1, grid.bottom + 1))
        chosen = [place for place in inside if place in free]
        if len(chosen) >= 4 and (made := _of_grid(words, chosen, grid)):
            yield made


def _of_grid(words: Sequence[Word], chosen: Sequence[int], grid: Grid) -> _Made | None:
    found = boxed(words, chosen, grid)
    if found.framed:
        return None
    if found.complete:
        cells = _without_captions(found.cells)
        return _Made(cells, grid_head(words, cells)) if _is_grid(words, cells) else None
    return _of_region(words, chosen, Region(grid.x0, grid.top, grid.x1, grid.bottom, grid.across, grid.upright))


def _of_region(words: Sequence[Word], chosen: Sequence[int], region: Region) -> _Made | None:
    table = entries(words, chosen, region)
    lines = lines_of(words, chosen)
    if table is None or lists_contents(lines) or (not table.headers and mostly_prose(lines)):
        return None
    if not table.ruled and len(region.across) < 2 and not stands_in_columns(lines):
        return None
    return _Made(table.cells, table.headers)


def _without_captions(cells: Sequence[Cell]) -> list[Cell]:
    """Return a grid's cells without rows above and below that one cell takes whole: its title, its source."""
    kept = list(cells)
    while kept:
        columns = max(cell.column + cell.columns for cell in kept)
        first, last = min(cell.row for cell in kept), max(cell.row for cell in kept)
        whole = {cell.row: cell for cell in kept if cell.columns == columns > 1 and cell.rows == 1}
        outside = [whole[row] for row in (first, last) if row in whole and (row == first or len(whole[row].words) > 7)]
        if not outside:
            break
        kept = [cell for cell in kept if cell not in outside]
    above = min((cell.row for cell in kept), default=0)
    return [cell._replace(row=cell.row - above) for cell in kept]


def _is_grid(words: Sequence[Word], cells: Sequence[Cell]) -> bool:
    """Say whether boxed cells are a table: two rows of several, not mostly empty, not figures alone, as charts are."""
    in_row = Counter(cell.row for cell in cells)
    if sum(count > 1 for count in in_row.values()) < 2:
        return False
    high, wide = max(cell.row + cell.rows for cell in cells), max(cell.column + cell.columns for cell in cells)
    if sum(cell.rows * cell.columns for cell in cells) < _FULL * high * wide:
        return False
    return any(not is_figure(words[cell.words[0]].text) for cell in cells)


def _in_bands(
    words: Sequence[Word], free: set[int], across: Sequence[Rule], upright: Sequence[Rule]
) -> Iterator[_Made]:
    heights = Heights(words, free)
    for region in banded(words, heights, across, upright):
        inside = heights.within((region.x0 - 3, region.top, region.x1 + 3, region.bottom))
        chosen = [place for place in inside if place in free]
        if len(chosen) >= 4 and (made := _of_region(words, chosen, region)):
            yield made


def _in_runs(words: Sequence[Word], free: set[int], across: Sequence[Rule], upright: Sequence[Rule]) -> Iterator[_Made]:
    for run in runs_of(words, free):
        for lines in parted(lines_of(words, run)):
            left, right = min(line.pieces[0].x0 for line in lines), max(line.pieces[-1].x1 for line in lines)
            places = [place for line in lines for piece in line.pieces for place in piece.words]
            if table := entries(words, places, Region(left, lines[0].top, right, lines[-1].bottom)):
                yield _Made(table.cells, table.headers)


_SEARCHES = (_in_grids, _in_bands, _in_runs)


def _assembled(words: Sequence[Word], made: _Made) -> FoundTable:
    high = max(cell.row + cell.rows for cell in made.cells)
    wide = max(cell.column + cell.columns for cell in made.cells)
    rows = [[""] * wide for _ in range(high)]
    for cell in made.cells:
        texts = [words[place].text for place in cell.words]
        while len(texts) > 1 and is_leader(texts[-1]):
            texts.pop()
        rows[cell.row][cell.column] = " ".join(filter(None, (rows[cell.row][cell.column], " ".join(texts))))
    places = frozenset(chain.from_iterable(cell.words for cell in made.cells))
    took = [words[place] for place in places]
    return FoundTable(
        (min(w.x0 for w in took), min(w.top for w in took), max(w.x1 for w in took), max(w.bottom for w in took)),
        tuple(map(tuple, rows)),
        min(made.headers, high),
        places,
        tuple(Span(*cell[:4]) for cell in made.cells if cell.rows > 1 or cell.columns > 1),
    )
