"""Finds the columns of a page: the white walls that part words which stand in one row but not in one line."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from pipelines.text.drawn import Word

# In ems of the page's body: what parts columns, and how far apart the left edges of one column's lines may lie.
_GUTTER = 0.7
_TIGHT = 0.3
_EDGE = 0.25
# So far apart are rows that don't belong together, and no column of prose is narrower.
_FAR = 4.0
_NARROWEST = 5.5
# How many rows a column has at least, and how many edges of columns a page.
_LEAST_ROWS = 3
_LEAST_LEVEL = 5
_MOST_EDGES = 40
_MOST_WALLS = 250
_MOST_HEADING_ROWS = 4


class Wall(NamedTuple):
    """A white strip without a word at `x`, from `top` to `bottom`."""

    x: float
    top: float
    bottom: float


class Stretch(NamedTuple):
    """Words of one row without a wide gap among them; `words` counts them, `listed` says that a bullet is the first.

    `starts` says where the words after a gap a little wider than usual begin: (x0, where the one before ends, how many
    words are before).
    """

    x0: float
    x1: float
    top: float
    bottom: float
    words: int
    size: float
    listed: bool
    starts: tuple[tuple[float, float, int], ...] = ()


Row = list[Stretch]
# What stands next to an edge in a row, left and right of it.
_Sides = tuple[Stretch | None, Stretch | None]


def body_size(words: Sequence[Word]) -> float:
    """Return the size, in points, in which most of the letters are set; 10 where there are none."""
    letters: Counter[float] = Counter()
    for word in words:
        letters[round(word.size * 2) / 2] += len(word.text)
    return max(letters.items(), key=lambda entry: (entry[1], entry[0]))[0] or 10.0 if letters else 10.0


def find_walls(words: Sequence[Word], em: float) -> list[Wall]:
    """Return the walls between the columns of a page, from left to right; `em` is the size of its body.

    A wall stands before an edge at which many stretches of text begin, for as many rows as no word crosses it. Labels,
    numbers and values that stand in line with what they belong to are no columns: they are read row by row.
    """
    rows = _rows(words, em)
    starts = Counter(round(stretch.x0 / (_EDGE * em)) for row in rows for stretch in row)
    edges = _edges(starts, _EDGE * em)
    walls: list[Wall] = []
    for edge in edges:
        walls += _walls_before(edge, rows, em)
    return _tallest(_cut_by_headings(_tallest(walls), rows, em)) + _margin_walls(rows, em)


def _tallest(walls: list[Wall]) -> list[Wall]:
    """Leave out the lowest walls where there are more than any page of text has: each word is held against each."""
    if len(walls) <= _MOST_WALLS:
        return walls
    return sorted(sorted(walls, key=lambda wall: wall.top - wall.bottom)[:_MOST_WALLS])


def _margin_walls(rows: Sequence[Row], em: float) -> list[Wall]:
    """Return the walls between the text and the notes in its margins, which are smaller and may be of a single line."""
    lines = [one for row in rows for one in row if one.words >= 5 and abs(one.size - em) <= 0.05 * em]
    if len(lines) < 5:
        return []
    left, right = min(one.x0 for one in lines), max(one.x1 for one in lines)
    small = [one for row in rows for one in row if one.size <= 0.97 * em]
    walls = []
    after = [one for one in small if one.x0 > right + 0.2 * em]
    before = [one for one in small if one.x1 < left - 0.2 * em]
    if any(one.words > 1 for one in after):
        top, bottom = min(one.top for one in after), max(one.bottom for one in after)
        walls.append(Wall((right + min(one.x0 for one in after)) / 2, top, bottom))
    if any(one.words > 1 for one in before):
        top, bottom = min(one.top for one in before), max(one.bottom for one in before)
        walls.append(Wall((left + max(one.x1 for one in before)) / 2, top, bottom))
    return walls


def _cut_by_headings(walls: Sequence[Wall], rows: Sequence[Row], em: float) -> list[Wall]:
    """Cut walls where a heading, which need not be wide enough to cross them, stands with nothing beside it."""
    bands = _bands(rows, em)
    cut: list[Wall] = []
    for wall in walls:
        inside = [band for band in bands if wall.top < band.middle < wall.bottom]
        both = [number for number, band in enumerate(inside) if band.left < wall.x < band.right]
        top = wall.top
        for number, band in enumerate(inside):
            lies_between = both and both[0] < number < both[-1] and band.rows <= _MOST_HEADING_ROWS
            if lies_between and not band.left < wall.x < band.right:
                cut.append(Wall(wall.x, top, band.top - 1))
                top = band.bottom + 1
        cut.append(Wall(wall.x, top, wall.bottom))
    return cut


class _Band(NamedTuple):
    """Rows with no white between them that reaches over the whole page."""

    left: float
    right: float
    top: float
    bottom: float
    rows: int

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def _bands(rows: Sequence[Row], em: float) -> list[_Band]:
    bands: list[_Band] = []
    for row in rows:
        left, right = row[0].x0, max(one.x1 for one in row)
        top, bottom = min(one.top for one in row), max(one.bottom for one in row)
        if bands and top - bands[-1].bottom < 0.5 * em:
            last = bands[-1]
            bands[-1] = _Band(
                min(left, last.left),
                max(right, last.right),
                min(top, last.top),
                max(bottom, last.bottom),
                last.rows + 1,
            )
        else:
            bands.append(_Band(left, right, top, bottom, 1))
    return bands


def _rows(words: Sequence[Word], em: float) -> list[Row]:
    """Put words whose middles are level into rows, from the top, and each row into stretches."""
    ordered = sorted(words, key=lambda word: word.top + word.bottom)
    rows: list[Row] = []
    row: list[Word] = []
    level = 0.0
    for word in ordered:
        middle = (word.top + word.bottom) / 2
        if row and middle - level > 0.3 * em:
            rows.append(_stretches(row, em))
            row = []
        if not row:
            level = middle
        row.append(word)
    if row:
        rows.append(_stretches(row, em))
    return rows


def _stretches(row: list[Word], em: float) -> Row:
    row.sort(key=attrgetter("x0", "x1", "size", "text"))
    found: Row = []
    x0, x1, top, bottom, count, size, listed = 0.0, 0.0, 0.0, 0.0, 0, 0.0, False
    starts: list[tuple[float, float, int]] = []
    for word in row:
        if count and word.x0 - x1 <= _GUTTER * em:
            if word.x0 - x1 > _TIGHT * em:
                starts.append((word.x0, x1, count))
            x1, count = max(x1, word.x1), count + 1
            top, bottom, size = min(top, word.top), max(bottom, word.bottom), max(size, word.size)
            continue
        if count:
            found.append(Stretch(x0, x1, top, bottom, count, size, listed, tuple(starts)))
            starts = []
        x0, x1, top, bottom, count, size = word.x0, word.x1, word.top, word.bottom, 1, word.size
        listed = len(word.text) == 1 and not word.text.isalnum()
    found.append(Stretch(x0, x1, top, bottom, count, size, listed, tuple(starts)))
    return found


def _edges(starts: Counter[int], grain: float) -> list[float]:
    """Return where enough stretches begin, from left to right; the leftmost is no edge between columns."""
    often = [
        (count + starts[place + 1], place)
        for place, count in starts.items()
        if count >= starts[place + 1] and count > starts[place - 1] and count + starts[place + 1] >= _LEAST_ROWS
    ]
    chosen = sorted(place for _, place in sorted(often, reverse=True)[:_MOST_EDGES])
    return [(place - 0.5) * grain for place in chosen]


def _walls_before(edge: float, rows: Sequence[Row], em: float) -> list[Wall]:
    """Return the walls just left of `edge`: where one stands, short ones above and below it are walls too."""
    runs = list(_runs(edge, rows, em))
    if not any(_wall(run, edge, em) for run in runs):
        return []
    return [wall for run in runs if (wall := _wall(run, edge, em, surely=True)) is not None]


def _runs(edge: float, rows: Sequence[Row], em: float) -> Iterator[list[_Sides]]:
    """Yield each run of rows that nothing crosses at the edge, and in which nothing is far from what is above it."""
    all_sides = [_sides(row, edge, em) for row in rows]
    run: list[_Sides] = []
    bottom = 0.0
    for number, row in enumerate(rows):
        sides = all_sides[number]
        if sides is None and run and number + 1 < len(rows) and all_sides[number + 1] is not None:
            # A line that is too long for its column leaves but a narrow gap.
            sides = _narrow_sides(row, edge, em)
        if run and (sides is None or min(one.top for one in row) > bottom + _FAR * em):
            yield run
            run = []
        if sides is not None:
            run.append(sides)
            bottom = max(one.bottom for one in row)
    if run:
        yield run


def _sides(row: Row, edge: float, em: float) -> _Sides | None:
    """Return the stretches next to the edge, left and right of it; None where one crosses it."""
    place = bisect_left(row, edge - 0.1 * em, key=lambda stretch: stretch.x0)
    left = row[place - 1] if place else None
    if left is not None and left.x1 > edge - 0.5 * em:
        return None
    return left, row[place] if place < len(row) else None


def _narrow_sides(row: Row, edge: float, em: float) -> _Sides | None:
    """Return the two parts of the stretch that crosses the edge, if a word of it begins right there."""
    for stretch in row:
        for x0, end, before in stretch.starts if stretch.size <= 1.1 * em else ():
            if edge - 0.1 * em <= x0 <= edge + _EDGE * em + 0.1 * em:
                left = stretch._replace(x1=end, words=before, starts=())
                return left, stretch._replace(x0=x0, words=stretch.words - before, starts=())
    return None


def _wall(run: Sequence[_Sides], edge: float, em: float, *, surely: bool = False) -> Wall | None:
    """Return the wall that stands in a run, or None; `surely` that there is one at this edge on this page."""
    near = edge + 4 * em
    # A row whose right part begins far from the edge is another's: a table's above or below the columns.
    reaching = [right is not None and right.x0 < near for _, right in run]
    least = 1 if surely else _LEAST_ROWS
    if sum(reaching) < least:
        return None
    first, last = reaching.index(True), len(run)
    while run[last - 1][1] is not None and not reaching[last - 1]:
        last -= 1
    held = run[first:last]
    lefts = [left for left, _ in held if left is not None]
    rights = [right for _, right in held if right is not None and right.x0 < near]
    at_edge = sum(right.x0 < edge + em for right in rights)
    if len(lefts) < least or at_edge < least or not (surely or _are_columns(held, lefts, rights, em)):
        return None
    stretches = [one for sides in held for one in sides if one is not None]
    return Wall(edge - 0.25 * em, min(one.top for one in stretches), max(one.bottom for one in stretches))


def _are_columns(run: Sequence[_Sides], lefts: Sequence[Stretch], rights: Sequence[Stretch], em: float) -> bool:
    """Tell columns of prose from labels and values, which stand in line with each other and have few words."""
    sizes = [sorted(one.size for one in side)[len(side) // 2] for side in (lefts, rights)]
    if abs(sizes[0] - sizes[1]) > 0.07 * em:
        return True
    if 2 * sum(one.listed for one in rights) > len(rights):
        return True  # two lists
    widths = [sorted(one.x1 - one.x0 for one in side)[len(side) // 2] for side in (lefts, rights)]
    if min(widths) < _NARROWEST * em:
        return False
    level = sum(1 for left, right in run if left is not None and right is not None)
    if level < 0.6 * min(len(lefts), len(rights)):
        return True
    if level < _LEAST_LEVEL:
        return False  # wide gaps of a few justified lines
    words = [sum(one.words for one in side) / len(side) for side in (lefts, rights)]
    return min(words) >= 2.5
