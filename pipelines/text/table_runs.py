"""Tables without rules: finds lines that stand in columns, and tells them from prose and lists of contents. No PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise, product
from statistics import median

from pipelines.text.drawn import Word
from pipelines.text.table_columns import columns_of
from pipelines.text.table_heads import reached
from pipelines.text.table_lines import Line, Piece, lines_of
from pipelines.text.table_prose import unstretched

_ORDINAL = re.compile(r"(?:[A-Z]{1,2}-?)?(\d{1,4})|([ivxlc]+)")
_LED = re.compile(r"[.…_·-](?: ?[.…_·-]){2,}")
_FENCE = re.compile(r"[:;)(|§•\ufffd]")
_ENUMERATOR = re.compile(r"[(\[]?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)\]]+|[^\w$(]")


def runs_of(words: Sequence[Word], free: Iterable[int]) -> list[list[int]]:
    """Return the words of each stretch of a page's lines that may be a table: at least three of several pieces."""
    lines = lines_of(words, free)
    lines, joined = unstretched(words, lines, _prose(lines))
    prose = _prose(lines) | joined
    runs: list[list[Line]] = [[]]
    for line in lines:
        kept = tuple(piece for number, piece in enumerate(line.pieces) if piece.words[0] not in prose)
        kept = _with_label(line, kept)
        before = runs[-1][-1] if runs[-1] else None
        if not kept or (before and line.top - before.bottom > 3 * (line.bottom - line.top)):
            runs.append([])
        if kept:
            runs[-1].append(Line(line.top, line.bottom, kept))
    return [
        [place for line in run for piece in line.pieces for place in piece.words]
        for run in map(_trimmed, runs)
        if sum(len(line.pieces) > 1 for line in run) >= 3
    ]


def mostly_prose(lines: Sequence[Line]) -> bool:
    """Say whether most words are in lines of paragraphs."""
    prose = _prose(lines)
    return 5 * sum(len(p.words) for line in lines for p in line.pieces if p.words[0] in prose) > 3 * sum(
        len(p.words) for line in lines for p in line.pieces
    )


def _prose(lines: Sequence[Line]) -> set[int]:
    """Return the first word of each piece that is a line of a paragraph: several words, over or under others."""
    prose: set[int] = set()
    for number, line in enumerate(lines):
        size = line.bottom - line.top
        for following in lines[number + 1 : number + 3]:
            if following.top - line.bottom > 0.8 * size:
                break
            for piece, other in product(line.pieces, following.pieces):
                if len(piece.words) >= 4 and not piece.figure and not other.figure and _reads_into(piece, other, size):
                    prose |= {piece.words[0], other.words[0]}
            # Marks of footnotes, which are small and raised, may be a line between two.
            if following.bottom - following.top > 0.75 * size:
                break
    return prose


def _reads_into(piece: Piece, other: Piece, size: float) -> bool:
    shared = min(piece.x1, other.x1) - max(piece.x0, other.x0)
    if shared <= 0.5 * min(piece.x1 - piece.x0, other.x1 - other.x0):
        return False
    # The last line of a paragraph may be short; a label under a label begins with it and is as long.
    long = len(other.words) >= 4 or abs(other.x0 - piece.x0) < 1.5 * size
    return long and piece.x1 - piece.x0 > 8 * size


def _with_label(line: Line, kept: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Return what is kept of a line, and what was taken for prose to the left of several pieces: their label."""
    left = [piece for piece in line.pieces if kept and piece.x1 < kept[0].x0][-1:]
    if left and len(kept) > 1 and (len(left[0].words) < 4 or all(piece.figure for piece in kept)):
        return (*left, *kept)
    return kept


def _trimmed(run: list[Line]) -> list[Line]:
    """Return a run without the single pieces and the lines of prose at its ends."""
    several = [number for number, line in enumerate(run) if len(line.pieces) > 1 and not _reads_on(line)]
    return run[several[0] : several[-1] + 1] if several else []


def _reads_on(line: Line) -> bool:
    """Say whether a line is one of prose in columns: no figures, and long pieces."""
    return not _figures(line) and max(len(piece.words) for piece in line.pieces[1:]) > 4


def stands_in_columns(lines: Sequence[Line]) -> bool:
    """Say whether lines without rules are a table: figures under one another, or short entries in three columns."""
    by_column = _by_column(lines)
    several = [line for line in lines if len(line.pieces) > 1]
    if len(by_column) < 2 or len(several) < 3 or 2 * len(several) < len(lines):
        return False
    if not all(map(_aligned, by_column[1:])) or not _named(by_column, several[0]) or _counts_pages(by_column, lines):
        return False
    others = [piece for column in by_column[1:] for piece in column]
    if 3 * sum(piece.figure for piece in others) >= 2 * len(others):
        return True
    count = sum(map(len, by_column))
    # Lines of prose are longer, and begin small.
    short = sum(len(piece.words) <= 3 and not piece.text[0].islower() for column in by_column for piece in column)
    full = count / (len(by_column) * len(several))
    return len(by_column) >= 3 and len(several) >= 4 and full > 0.6 and short > 0.7 * count


def parted(lines: Sequence[Line]) -> list[Sequence[Line]]:
    """Return lines whole if they are a table; if not, those parts that are: each begins after a space with a head."""
    if stands_in_columns(lines):
        return [lines]
    parts: list[list[Line]] = [[]]
    for line in lines:
        before = parts[-1][-1] if parts[-1] else line
        named = not line.pieces[0].figure and (before.pieces[0].figure or 2 * _figures(line) < len(line.pieces))
        if named and line.top - before.bottom > 0.8 * (line.bottom - line.top):
            parts.append([])
        parts[-1].append(line)
    return [part for part in parts if len(parts) > 1 and stands_in_columns(part)]


def _figures(line: Line) -> int:
    return sum(piece.figure for piece in line.pieces)


def lists_contents(lines: Sequence[Line]) -> bool:
    """Say whether lines are a list of contents, or one of paragraphs with their numbers or bullets."""
    by_column = _by_column(lines)
    return len(by_column) < 2 or _counts_pages(by_column, lines)


def _by_column(lines: Sequence[Line]) -> list[list[Piece]]:
    """Return the pieces of lines that have several by columns, without those of a list's numbers or bullets."""
    columns = columns_of(lines)
    by_column: list[list[Piece]] = [[] for _ in columns]
    for line in lines:
        if columns and len(line.pieces) > 1:
            for piece in line.pieces:
                if _LED.fullmatch(piece.text) is None:
                    by_column[reached(piece, columns)[0]].append(piece)
    by_column = [column for column in by_column if column]
    while by_column and _enumerates(by_column[0]):
        by_column.pop(0)
    return [column for column in by_column if not _is_fence(column)]


def _named(columns: Sequence[Sequence[Piece]], first: Line) -> bool:
    """Say whether anything tells what the figures are; a chart's scales stand by themselves."""
    labels = sum(not piece.figure for piece in columns[0])
    return (
        2 * labels >= len(columns[0])
        or not first.pieces[0].figure
        or sum(not piece.figure for piece in first.pieces) > 1
    )


def _enumerates(column: Sequence[Piece]) -> bool:
    """Say whether a column is the numbers or bullets of a list."""
    return 3 * sum(_ENUMERATOR.fullmatch(piece.text) is not None for piece in column) > 2 * len(column)


def _is_fence(column: Sequence[Piece]) -> bool:
    """Say whether a column is signs that part two others, as in the head of a court's paper."""
    return 3 * sum(_FENCE.fullmatch(piece.text) is not None for piece in column) > 2 * len(column)


def _aligned(column: Sequence[Piece]) -> bool:
    """Say whether most pieces of a column have their left sides, right sides or middles under one another."""
    if len(column) < 2:
        return False
    size = median(piece.bottom - piece.top for piece in column)
    for sides in ([p.x0 for p in column], [p.x1 for p in column], [(p.x0 + p.x1) / 2 for p in column]):
        middle = median(sides)
        if sum(abs(side - middle) < 0.35 * size for side in sides) >= 0.6 * len(sides):
            return True
    return False


def _counts_pages(columns: Sequence[Sequence[Piece]], lines: Sequence[Line]) -> bool:
    """Say whether the last column is the page numbers of a list of contents: whole numbers that don't go down."""
    if len(columns) > 3 or len(columns[-1]) < 3 or any(piece.figure for piece in columns[-2][1:-1]):
        return False
    led = 2 * sum(any(map(is_led, line.pieces)) for line in lines) >= len(columns[-1])
    last = [_ORDINAL.fullmatch(piece.text.split()[-1]) for piece in columns[-1]]
    numbers = [int(match[1]) for match in last if match and match[1]]
    letters = sum(match is not None and match[1] is None for match in last)
    if 5 * (len(numbers) + letters) < 4 * len(last) or (len(last) < 4 and not led):
        return False
    rising = sum(one <= other for one, other in pairwise(numbers))
    return 5 * rising >= 4 * (len(numbers) - 1)


def is_led(piece: Piece) -> bool:
    """Say whether dots lead on from a piece."""
    return _LED.search(piece.text) is not None
