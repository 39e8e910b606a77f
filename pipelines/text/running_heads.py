"""Finds running headers and footers: lines at a page's edge that come again, level, on the pages around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pipelines.text.layout import Line, PageLayout

# How deep headers and footers reach (share of the height), in how many rows, and how far apart their pages may be:
# left and right pages often have their own.
_DEPTH = 0.17
_MOST_ROWS = 6
_AROUND = (1, 2, -1, -2)
_NUMBER = re.compile(r"\b(?:[0-9]+|[ivxlc]+)\b")
# What is nothing but a page's number, its numbers left out.
_NUMBERED = re.compile(r"(?:#|of|page:?|[-–—/|]|\s)*")
# A number printed at a page's edge counts also where no other page has one.
_ALONE = re.compile(
    r"(?:.{0,60}\s)?page\s{0,3}:?\s{0,3}(?:\d{1,5}|[ivxlc]{1,7})(?:\s{0,3}(?:of|/)\s{0,3}\d{1,5})?"
    r"|[-–—\s]{0,6}(?:\d{1,4}|[ivxl]{1,6})[-–—\s]{0,6}|\d{1,4}\s{0,3}(?:of|/)\s{0,3}\d{1,4}",
    re.IGNORECASE,
)


class _EdgeRow(NamedTuple):
    """Lines that are level: `key` is their words without numbers, `away` how far from the page's edge they stand."""

    lines: tuple[Line, ...]
    key: str
    away: float
    near: float
    far: float

    @property
    def size(self) -> float:
        return max(line.size for line in self.lines)


class Edges(NamedTuple):
    """The lines of a page's running header and footer, each from the top and from the left."""

    header: tuple[Line, ...]
    footer: tuple[Line, ...]


def find_edges(pages: Sequence[PageLayout]) -> list[Edges]:
    """Return each page's running header and footer. Takes time in proportion to the number of pages."""
    heads = [_edge_rows(page, from_top=True) for page in pages]
    feet = [_edge_rows(page, from_top=False) for page in pages]
    return [
        Edges(
            _ordered(_running(heads, number)),
            _ordered(_running(feet, number)),
        )
        for number in range(len(pages))
    ]


def _ordered(rows: Sequence[_EdgeRow]) -> tuple[Line, ...]:
    lines = [line for row in sorted(rows, key=lambda row: row.lines[0].top) for line in row.lines]
    return tuple(lines)


def _edge_rows(page: PageLayout, *, from_top: bool) -> list[_EdgeRow]:
    """Return the page's outermost rows, from the edge inwards, and one more to tell how far the next is."""
    reach = _DEPTH * page.height
    lines = [
        line
        for block in page.blocks
        if block.kind != "table"
        for line in block.lines
        if (line.middle < 2 * reach if from_top else line.middle > page.height - 2 * reach)
    ]
    lines.sort(key=lambda line: line.middle, reverse=not from_top)
    rows: list[list[Line]] = []
    for line in lines:
        if rows and abs(line.middle - rows[-1][0].middle) < 0.4 * max(line.size, rows[-1][0].size):
            rows[-1].append(line)
        elif len(rows) > _MOST_ROWS:
            break
        else:
            rows.append([line])
    return [_edge_row(row, page.height, from_top=from_top) for row in rows]


def _edge_row(lines: list[Line], height: float, *, from_top: bool) -> _EdgeRow:
    lines.sort(key=lambda line: line.x0)
    # Left and right pages have the same words in another order.
    key = " ".join(sorted(_NUMBER.sub("#", " ".join(line.text for line in lines).lower()).split()))
    top, bottom = min(line.top for line in lines), max(line.bottom for line in lines)
    near, far = (top, bottom) if from_top else (height - bottom, height - top)
    return _EdgeRow(tuple(lines), key, (near + far) / 2, near, far)


def _running(pages: Sequence[Sequence[_EdgeRow]], number: int) -> Sequence[_EdgeRow]:
    """Return the rows of this page's edge that are running ones: down to the innermost that comes again nearby."""
    rows = pages[number]
    around = [pages[number + step] for step in _AROUND if 0 <= number + step < len(pages)]
    count = 0
    for place, row in enumerate(rows[:_MOST_ROWS]):
        if any(_same(row, other) for others in around for other in others):
            count = place + 1
        elif not (place == 0 and _is_lone_number(rows)):
            if place - count >= 2:
                break
        else:
            count = 1
    while count and not _ends_there(rows, count):
        count -= 1
    return rows[:count]


def _same(row: _EdgeRow, other: _EdgeRow) -> bool:
    return row.key == other.key and abs(row.away - other.away) <= 6


def _is_lone_number(rows: Sequence[_EdgeRow]) -> bool:
    text = " ".join(line.text for line in rows[0].lines).strip()
    apart = len(rows) < 2 or rows[1].near - rows[0].far > 0.8 * rows[0].size
    return apart and len(text) <= 70 and _ALONE.fullmatch(text) is not None


def _ends_there(rows: Sequence[_EdgeRow], count: int) -> bool:
    """Say whether the text begins after `count` rows: with more space than within it, or in another size."""
    if count >= len(rows):
        return count <= 2
    if _NUMBERED.fullmatch(rows[count - 1].key):
        return True
    last, after = rows[count - 1], rows[count]
    return after.near - last.far > 0.55 * max(last.size, after.size) or abs(last.size - after.size) > 0.75
