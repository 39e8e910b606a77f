"""Tables whose cells aren't boxed: finds columns by the white between them, and rows by their lines. No PDF in here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from pipelines.text.drawn import Word
from pipelines.text.table_grid import Cell
from pipelines.text.table_heads import head_cells, reached
from pipelines.text.table_lines import Line, Piece, lines_of, piece_of, rows_of
from pipelines.text.table_rules import Rule, clusters, covered

_MOST_COLUMNS = 100


class Region(NamedTuple):
    """Part of a page that may be a table, with the rules inside of it."""

    x0: float
    top: float
    x1: float
    bottom: float
    across: tuple[Rule, ...] = ()
    upright: tuple[Rule, ...] = ()


class Entries(NamedTuple):
    """A table by its cells; `headers` of its rows are its head, and `ruled` says that a rule stands under it."""

    cells: tuple[Cell, ...]
    headers: int
    ruled: bool


def entries(words: Sequence[Word], chosen: Sequence[int], region: Region) -> Entries | None:
    """Return the table that the chosen words of a region are, or None where they aren't one."""
    lines = cut_lines(words, chosen, region.upright)
    head = _head_lines(lines, region)
    body = lines[head:]
    columns = columns_of(body)
    if not 2 <= len(columns) <= _MOST_COLUMNS:
        return None
    start, end = _outside(lines, columns)
    lines, head = lines[start:end], max(0, head - start)
    ruled = bool(head)
    head = head or _unruled_head(lines, columns)
    rows = body_rows(words, lines[head:], columns, region)
    full = sum(map(len, rows)) / (len(rows) * len(columns)) if rows else 0
    if sum(len(row) >= 2 for row in rows) < 2 or full < (0.4 if ruled else 0.5):
        return None
    above = head_cells(words, lines[:head], columns, region.across, region.upright)
    deep = max((cell.row + cell.rows for cell in above), default=0)
    cells = list(above)
    for number, row in enumerate(rows, start=deep):
        cells += [Cell(number, first, 1, last - first + 1, places) for (first, last), places in sorted(row.items())]
    return Entries(tuple(cells), deep, ruled)


def _outside(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """Return the first line that isn't a title over several columns, and the end of those that aren't notes."""
    start, end = 0, len(lines)
    while start < end and _runs_over(lines[start], columns):
        start += 1
    while start < end and _runs_over(lines[end - 1], columns) and len(lines[end - 1].pieces[0].words) > 3:
        end -= 1
    return start, end


def _runs_over(line: Line, columns: Sequence[tuple[float, float]]) -> bool:
    left, right = line.pieces[0].x0, line.pieces[-1].x1
    return len(line.pieces) == 1 and left < columns[0][1] and right > columns[1][0]


def cut_lines(words: Sequence[Word], chosen: Sequence[int], upright: Sequence[Rule]) -> list[Line]:
    """Return words as lines, parted where an upright rule passes."""
    if not upright:
        return lines_of(words, chosen)
    lines = []
    for row in rows_of(words, chosen):
        middle = (words[row[0]].top + words[row[0]].bottom) / 2
        lines += lines_of(words, row, sorted(rule.place for rule in upright if rule.start <= middle <= rule.end))
    return lines


def columns_of(lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return where columns begin and end: stretches that pieces of the fullest lines cover, parted by white.

    What stands in none of them in emptier lines is a column of its own.
    """
    several = [line for line in lines if len(line.pieces) > 1]
    if not several:
        return []
    fullest = sorted(len(line.pieces) for line in several)[-1 - len(several) // 20]
    full = [line for line in several if 3 * len(line.pieces) >= 2 * fullest]
    columns = _supported(_stretches(full), full)
    others = [
        Line(line.top, line.bottom, free)
        for line in several
        if 3 * len(line.pieces) < 2 * fullest
        and (free := tuple(piece for piece in line.pieces if not any(_meet(piece, column) for column in columns)))
    ]
    return sorted(columns + [one for one in _supported(_stretches(others), others) if not _touching(one, columns)])


def _meet(piece: Piece, column: tuple[float, float]) -> bool:
    return piece.x0 < column[1] and column[0] < piece.x1


def _touching(one: tuple[float, float], columns: Sequence[tuple[float, float]]) -> bool:
    return any(one[0] < x1 and x0 < one[1] for x0, x1 in columns)


def _stretches(lines: Sequence[Line]) -> list[tuple[float, float]]:
    ends: list[tuple[float, int]] = []
    for line in lines:
        for piece in line.pieces:
            ends += [(piece.x0, 1), (piece.x1, -1)]
    ends.sort()
    spared = len(lines) // 30
    columns: list[tuple[float, float]] = []
    depth, start = 0, 0.0
    for x, step in ends:
        if depth <= spared < depth + step:
            start = x
        elif depth + step <= spared < depth:
            columns.append((start, x))
        depth += step
    return columns


def _supported(columns: list[tuple[float, float]], lines: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the columns without those that a single line out of many has."""
    if len(lines) < 4:
        return columns
    counts = [0] * len(columns)
    starts = [start for start, _ in columns]
    for line in lines:
        for piece in line.pieces:
            at = max(0, bisect_left(starts, (piece.x0 + piece.x1) / 2) - 1)
            counts[at] += 1
    return [column for column, count in zip(columns, counts, strict=True) if count > 1]


def _head_lines(lines: Sequence[Line], region: Region) -> int:
    """Return how many lines stand above the rule under a table's head; 0 where no such rule is drawn."""
    found = 0
    middles = [(line.top + line.bottom) / 2 for line in lines]
    for height in _whole_rules(region):
        above = bisect_left(middles, height)
        between = [piece for line in lines[found:above] for piece in line.pieces]
        if above == len(lines) or above > 8 + found:
            break
        if found and 2 * sum(piece.figure for piece in between) >= len(between):
            break
        found = above
    return found


def _whole_rules(region: Region) -> list[float]:
    """Return the heights at which rules cross most of a region, its first column too."""
    width = region.x1 - region.x0
    return [
        group[0].place
        for group in clusters(region.across, 2.0)
        if covered(group, region.x0, region.x1) > 0.7 and min(rule.start for rule in group) < region.x0 + 0.15 * width
    ]


def _unruled_head(lines: Sequence[Line], columns: Sequence[tuple[float, float]]) -> int:
    """Return how many first lines hold no figures, where the columns below hold little else."""
    count = next((n for n, line in enumerate(lines) if any(p.figure for p in line.pieces[1:])), 0)
    while count and lines[count - 1].pieces[-1].x1 < columns[1][0]:
        count -= 1
    below = [piece for line in lines[count:] for piece in line.pieces if reached(piece, columns)[0] > 0]
    return count if count <= 4 and 3 * sum(piece.figure for piece in below) >= 2 * len(below) else 0


Row = dict[tuple[int, int], tuple[int, ...]]


def body_rows(
    words: Sequence[Word], lines: Sequence[Line], columns: Sequence[tuple[float, float]], region: Region
) -> list[Row]:
    """Return the rows that lines make: a line that only goes on with cells of the line above is of its row."""
    rows: list[Row] = []
    above: dict[tuple[int, int], Piece] = {}
    rules = sorted(rule.place for rule in region.across if rule.end - rule.start > 0.5 * (region.x1 - region.x0))
    parting = len([place for place in rules if lines and lines[0].bottom < place < lines[-1].top])
    parted = parting >= 3 and 3 * parting >= len(lines)
    for line in lines:
        cells = _placed(words, line, columns)
        if rows and not _rule_between(above, cells, rules) and _goes_on(above, cells, parted):
            above = {**above, **cells}
            for span, piece in cells.items():
                rows[-1][span] = rows[-1].get(span, ()) + piece.words
        else:
            above = cells
            rows.append({span: piece.words for span, piece in cells.items()})
    return rows


def _placed(words: Sequence[Word], line: Line, columns: Sequence[tuple[float, float]]) -> dict[tuple[int, int], Piece]:
    """Return a line's pieces by the columns that they are in."""
    placed: dict[tuple[int, int], Piece] = {}
    for piece in line.pieces:
        first, last = reached(piece, columns)
        if first == 0 and len(line.pieces) > 1:
            last = 0
        elif first > 0 and len(line.pieces) == 1 and _centred(piece, columns):
            first, last = 1, len(columns) - 1
        same = next((other for other in placed if other[0] <= last and first <= other[1]), None)
        if same is not None:
            placed[same] = piece_of(words, placed[same].words + piece.words)
        else:
            placed[first, last] = piece
    return placed


def _centred(piece: Piece, columns: Sequence[tuple[float, float]]) -> bool:
    """Say whether a line stands in the middle over all columns but the first: a heading within the table."""
    left, right = columns[1][0], columns[-1][1]
    return len(columns) > 2 and abs(piece.x0 + piece.x1 - left - right) < 0.1 * (right - left)


def _rule_between(
    above: dict[tuple[int, int], Piece], cells: dict[tuple[int, int], Piece], rules: Sequence[float]
) -> bool:
    low = max(piece.top + piece.bottom for piece in above.values()) / 2
    high = min(piece.top + piece.bottom for piece in cells.values()) / 2
    return bisect_left(rules, low) < bisect_left(rules, high)


def _goes_on(above: dict[tuple[int, int], Piece], cells: dict[tuple[int, int], Piece], parted: bool) -> bool:
    """Say whether a line belongs to the row above it, from which no rule parts it; `parted` where rows have rules."""
    shared = above.keys() & cells.keys()
    if any(above[span].figure or cells[span].figure for span in shared):
        return False
    if parted:
        return True
    size = min(piece.bottom - piece.top for piece in cells.values())
    low = max(piece.top + piece.bottom for piece in above.values()) / 2
    high = min(piece.top + piece.bottom for piece in cells.values()) / 2
    if not shared and high - low < 0.8 * size:
        return True
    if min(piece.top for piece in cells.values()) - max(piece.bottom for piece in above.values()) > 0.6 * size:
        return False
    if all(not piece.figure and _continues(piece.text) for piece in cells.values()) and cells.keys() <= above.keys():
        return True
    label = (0, 0)
    return label in cells and list(above) == [label] and _continues(cells[label].text)


def _continues(text: str) -> bool:
    return text[:1].islower() or text[:1] in "(&/"
