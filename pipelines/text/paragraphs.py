"""Tells where a paragraph ends: between the lines of a column, at a column's end and at a page's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from pipelines.text.layout import Block, Line

_ENDED = re.compile(r"[.!?:;][”’\"')\]]*(?:\s?\d{1,3})?$")
_HYPHENS = ("-", "‐", "\u00ad")
_LABEL = re.compile(r"(?:[•▪◦‣·■□●○–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxlc]{1,5})[.)]|\d{1,2}(?:\.\d{1,2}){1,3}\.?|§+)\s")


class Paragraph(NamedTuple):
    """Lines that belong together; `kind` is that of a page's part, `open` says that its last sentence may go on in
    the next paragraph of its kind, `fresh` that its first line can't be the rest of another."""

    kind: str
    lines: tuple[Line, ...]
    open: bool
    fresh: bool


def paragraphs_of(block: Block, body: float) -> list[Paragraph]:
    """Return the block's paragraphs in order; `body` is the size of the document's running text in points."""
    if block.kind == "table":
        return [Paragraph("table", block.lines, open=False, fresh=True)]
    if not block.lines:
        return []
    column = _Column.of(block)
    groups: list[list[Line]] = [[block.lines[0]]]
    for line in block.lines[1:]:
        if column.begins(line, groups[-1]):
            groups.append([line])
        else:
            groups[-1].append(line)
    return [_paragraph(block.kind, tuple(group), column, body) for group in groups]


def goes_on(one: Paragraph, other: Paragraph) -> bool:
    """Say whether `other`, the next running paragraph in another column or on another page, is the rest of `one`."""
    if one.kind != other.kind or not one.open or other.fresh:
        return False
    return abs(one.lines[-1].size - other.lines[0].size) < 0.75 and one.lines[-1].bold == other.lines[0].bold


class _Column(NamedTuple):
    """What is usual in a column: its left and right side, the space between its lines, and how far the sizes of two
    lines may differ that are of one size (points): those of letters made by OCR all do."""

    kind: str
    left: float
    right: float
    space: float
    unsteady: float

    @classmethod
    def of(cls, block: Block) -> _Column:
        lines = block.lines
        lefts = Counter(round(line.x0 / 2) for line in lines)
        left = 2.0 * max(lefts.items(), key=lambda entry: (entry[1], -entry[0]))[0]
        spaces = sorted(after.top - line.bottom for line, after in pairwise(lines) if after.top > line.top)
        # The most lines of a column are within paragraphs; where they aren't, the smaller space is the lines'.
        steps = sorted(abs(after.size - line.size) for line, after in pairwise(lines))
        unsteady = 2.5 * steps[len(steps) // 2] if steps else 0.0
        return cls(block.kind, left, block.right, spaces[len(spaces) // 3] if spaces else 0.0, unsteady)

    def begins(self, line: Line, group: Sequence[Line]) -> bool:
        """Say whether a paragraph begins with `line`, after the lines of `group`."""
        before, size = group[-1], line.size
        if before.text.endswith(_HYPHENS) and line.text[:1].islower() and line.top - before.bottom < 2 * size:
            return False
        if line.top - before.bottom > self.space + 0.4 * size or abs(size - before.size) > max(
            0.06 * size + 0.2, self.unsteady
        ):
            return True
        if self.kind == "note" and line.marked:
            return True
        if line.bold != before.bold and (before.x1 < self.right - 3 * size or line.x0 > self.left + 0.7 * size):
            return True
        if _LABEL.match(line.text) and (self.is_short(before) or line.x0 < before.x0 - 0.6 * size or _ended(before)):
            return True
        hangs = len(group) > 1 and line.x0 < before.x0 - 0.7 * size
        indented = line.x0 > self.left + 0.7 * size and before.x0 < line.x0 - 0.7 * size
        return (indented and (len(group) > 1 or _ended(before))) or hangs or (self.is_short(before) and _ended(before))

    def is_short(self, line: Line) -> bool:
        return line.x1 < self.right - max(0.12 * (self.right - self.left), 2 * line.size)


def _paragraph(kind: str, lines: tuple[Line, ...], column: _Column, body: float) -> Paragraph:
    first, last = lines[0], lines[-1]
    if kind == "text" and _is_heading(lines, 1.12 * body + column.unsteady):
        kind = "heading"
    broken = last.text.endswith(_HYPHENS)
    runs_out = broken or not (_ended(last) or column.is_short(last))
    begins_low = first.text[:1].islower()
    indented = first.x0 > column.left + 0.7 * first.size and len(lines) > 1
    return Paragraph(
        kind,
        lines,
        open=runs_out or (not _ended(last) and not column.is_short(last)),
        fresh=not begins_low and (indented or _LABEL.match(first.text) is not None),
    )


def _is_heading(lines: Sequence[Line], large: float) -> bool:
    text = " ".join(line.text for line in lines)
    if not any(letter.isalpha() for letter in text) or len(text) > 300:
        return False
    if min(line.size for line in lines) >= large:
        return True
    if len(lines) <= 3 and all(line.bold for line in lines):
        return not text.endswith((".", ";", ",")) or len(text) < 60
    return len(lines) <= 2 and text.isupper() and sum(letter.isalpha() for letter in text) > 4


def _ended(line: Line) -> bool:
    return _ENDED.search(line.text) is not None
