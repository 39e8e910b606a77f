"""Finds footnotes: small lines at the foot of a column that begin with a mark or stand under a short rule."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from pipelines.text.layout import Block, Line, PageLayout

_MARK = re.compile(r"(?:\[?\(?\d{1,3}[\])]?|[*†‡§¶]{1,4}|[a-z][.)]?)(?:\s|(?=[A-Z“\"(]))")
# Notes are set at least this much smaller than the text, unless a rule parts them from it.
_SMALLER = 0.94


def document_size(pages: Iterable[PageLayout]) -> float:
    """Return the size, in points, in which most of a document's running letters are set; 0 where it has none."""
    letters: Counter[float] = Counter()
    for page in pages:
        for block in page.blocks:
            if block.kind == "text":
                for line in block.lines:
                    letters[round(line.size * 2) / 2] += len(line.text)
    return max(letters.items(), key=lambda entry: (entry[1], entry[0]))[0] if letters else 0.0


def without_notes(blocks: Sequence[Block], rules: Sequence[tuple[float, float, float]], body: float) -> list[Block]:
    """Return the blocks with the notes at the foot of each column as blocks of the kind "note", in the same order.

    `rules` are horizontal lines (x0, x1, y), `body` the size of the document's running text, all in points.
    """
    parted: list[Block] = []
    text = [
        (block.top, block.left, block.right, block)
        for block in blocks
        if block.kind == "table" or (block.kind == "text" and _largest(block.lines) > _SMALLER * body)
    ]
    text.sort(key=lambda one: one[0])
    for block in blocks:
        cut = len(block.lines)
        if block.kind == "text" and not _has_text_below(block, text):
            cut = _notes_begin(block, rules, body)
        if cut:
            parted.append(block._replace(lines=block.lines[:cut]))
        if cut < len(block.lines):
            parted.append(block._replace(lines=block.lines[cut:], kind="note"))
    return parted


def starts_note(line: Line) -> bool:
    """Say whether a note begins with this line: a raised mark, a number or a sign before its first word."""
    return line.marked or _MARK.match(line.text) is not None


def _has_text_below(block: Block, text: Sequence[tuple[float, float, float, Block]]) -> bool:
    """`text` are the blocks that aren't small, from the top: (top, left, right, block)."""
    first = bisect_left(text, block.bottom - 1, key=lambda one: one[0])
    return any(
        left < block.right and right > block.left and other is not block
        for _, left, right, other in islice(text, first, None)
    )


def _notes_begin(block: Block, rules: Sequence[tuple[float, float, float]], body: float) -> int:
    """Return the number of the line with which the notes at the block's foot begin; the number of lines if none do."""
    lines = block.lines
    small = len(lines)
    while small and lines[small - 1].size <= _SMALLER * body:
        small -= 1
    ruled = _line_after_rule(block, rules)
    if ruled is not None and (ruled >= small or starts_note(lines[ruled])) and _is_plausible(lines[ruled:], body):
        return ruled
    for number in range(small, len(lines)):
        if starts_note(lines[number]):
            return number
    return len(lines)


def _is_plausible(lines: Sequence[Line], body: float) -> bool:
    return _largest(lines) <= body + 0.3


def _largest(lines: Sequence[Line]) -> float:
    return max(line.size for line in lines)


def _line_after_rule(block: Block, rules: Sequence[tuple[float, float, float]]) -> int | None:
    """Return the first line under the lowest short rule that begins at the column's left side, or None."""
    width = max(block.right - block.left, 1.0)
    for x0, x1, y in reversed(rules):
        if abs(x0 - block.left) < 12 and 20 <= x1 - x0 <= 0.75 * width:
            under = next((number for number, line in enumerate(block.lines) if line.middle > y), None)
            if under is not None:
                return under
    return None
