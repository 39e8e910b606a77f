"""Tables cell by cell: tables, rows and columns are paired by what stands in them; a new one marks itself only."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence

from archive.diff.alignment import Gap, Run, align
from archive.diff.edits import TYPOGRAPHY
from archive.diff.model import ADDED, CHANGED, REMOVED, Cell, Table, TableChange
from archive.diff.words import set_as

# Pairs of what is neither equal nor between equals are looked for among so many cells; beyond, they go in their order.
MOST_CELLS = 500_000
# The share of cells that two tables, or two rows, have in common at least.
LEAST_LIKE = 0.3
Rows = Sequence[tuple[str, ...]]
Pairs = list[tuple[int | None, int | None]]


def table_changes(before: Sequence[Table], after: Sequence[Table]) -> tuple[TableChange, ...]:
    """Return the tables that were added or removed, and those of which cells or rows were."""
    found = []
    for one, other in pair(list(map(_cells_of, before)), list(map(_cells_of, after))):
        old, new = None if one is None else before[one], None if other is None else after[other]
        if old is None or new is None:
            held = old or new
            where = (held.page, held.number) if held else None
            found.append(TableChange(ADDED if old is None else REMOVED, where if old else None, where if new else None))
        elif old.rows != new.rows:
            change = _changed(old, new)
            found += [change] if change else []
    return tuple(found)


def _changed(old: Table, new: Table) -> TableChange | None:
    columns = _columns(old.rows, new.rows)
    both = [(one, other) for one, other in columns if one is not None and other is not None]
    before = [tuple(_at(row, one) for one, _ in both) for row in _plain(old.rows)]
    after = [tuple(_at(row, other) for _, other in both) for row in _plain(new.rows)]
    rows = pair(before, after)
    cells = [cell for row in rows for cell in _cells(old, new, row, columns)]
    added = tuple(other for one, other in rows if one is None and other is not None)
    removed = tuple(one for one, other in rows if other is None and one is not None)
    if not (cells or added or removed):
        return None
    why = TYPOGRAPHY if not (added or removed) and all(cell.why for cell in cells) else ""
    return TableChange(CHANGED, (old.page, old.number), (new.page, new.number), tuple(cells), added, removed, why)


def _cells(old: Table, new: Table, row: tuple[int | None, int | None], columns: Pairs) -> Iterator[Cell]:
    one, other = row
    if one is None or other is None:
        return
    for left, right in columns:
        said = "" if left is None else _at(old.rows[one], left)
        says = "" if right is None else _at(new.rows[other], right)
        if said != says:
            alike = " ".join(set_as(said).split()) == " ".join(set_as(says).split())
            yield Cell(one, other, left, right, said, says, TYPOGRAPHY if alike else "")


def _plain(rows: Rows) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(" ".join(set_as(cell).split()) for cell in row) for row in rows)


def _at(row: tuple[str, ...], column: int) -> str:
    return row[column] if column < len(row) else ""


def _columns(old: Rows, new: Rows) -> Pairs:
    """Return which column is which; where both have as many, in their order."""
    widths = [max(map(len, rows), default=0) for rows in (old, new)]
    if widths[0] == widths[1]:
        return [(column, column) for column in range(widths[0])]
    return pair(*(list(itertools.zip_longest(*_plain(rows), fillvalue="")) for rows in (old, new)))


def _cells_of(table: Table) -> tuple[str, ...]:
    return tuple(cell for row in _plain(table.rows) for cell in row)


def _like(one: Counter[str], other: Counter[str]) -> float:
    """Return the share of cells that two rows have in common."""
    most = max(one.total(), other.total())
    return (one & other).total() / most if most else 1.0


def pair(before: Sequence[tuple[str, ...]], after: Sequence[tuple[str, ...]]) -> Pairs:
    """Pair what is equal, and between these what is like one another, all in order; each is a row of cells."""
    aligned = align(before, after)
    between = {(gap.a0, gap.b0): gap for gap in aligned.gaps(len(before), len(after))}
    pairs, at = Pairs(), (0, 0)
    for run in (*aligned.runs, Run(len(before), len(after), 0)):
        if at in between:
            pairs += _likeliest(before, after, between[at])
        pairs += [(run.before + number, run.after + number) for number in range(run.length)]
        at = (run.before + run.length, run.after + run.length)
    return pairs


def _likeliest(before: Sequence[tuple[str, ...]], after: Sequence[tuple[str, ...]], gap: Gap) -> Pairs:
    """Return the pairs of a gap with the greatest likeness in all; what is like nothing stands alone."""
    n, m = gap.a1 - gap.a0, gap.b1 - gap.b0
    old, new = before[gap.a0 : gap.a1], after[gap.b0 : gap.b1]
    if m * sum(map(len, old)) + n * sum(map(len, new)) > MOST_CELLS:
        return [(gap.a0 + at if at < n else None, gap.b0 + at if at < m else None) for at in range(max(n, m))]
    counted = [[Counter(filter(None, cells)) for cells in side] for side in (old, new)]
    like = [[_like(one, other) for other in counted[1]] for one in counted[0]]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            both = best[i + 1][j + 1] + like[i][j] if like[i][j] >= LEAST_LIKE else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    pairs, i, j = Pairs(), 0, 0
    while i < n and j < m:
        if like[i][j] >= LEAST_LIKE and best[i][j] == best[i + 1][j + 1] + like[i][j]:
            pairs.append((gap.a0 + i, gap.b0 + j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            pairs.append((gap.a0 + i, None))
            i += 1
        else:
            pairs.append((None, gap.b0 + j))
            j += 1
    pairs += [(gap.a0 + at, None) for at in range(i, n)]
    return pairs + [(None, gap.b0 + at) for at in range(j, m)]
