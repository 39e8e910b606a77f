"""Which elements of two sequences are the same, in order: anchors on blocks that occur once, an exact LCS between them.

A function of sequences of anything that can be hashed; it knows nothing of words or pages. Never quadratic in time:
what is compared exactly is bounded by a number of cells, and beyond it a stretch counts as replaced as a whole.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# Blocks by which the sequences are anchored, the longest first.
BLOCKS = (16, 4, 1)
# Cells (elements of one times elements of the other) that are compared exactly in one stretch, and in all together.
MOST_CELLS = 100_000_000
ALL_CELLS = 1_000_000_000
# So far an edit is moved to where it begins best.
MOST_STEPS = 200

Elements = Sequence[Hashable]
Rank = Callable[[int], int]


class Run(NamedTuple):
    """`length` elements that are equal, from `before` on in one sequence and from `after` on in the other."""

    before: int
    after: int
    length: int


class Gap(NamedTuple):
    """A stretch of both sequences, from `a0` to `a1` of one and from `b0` to `b1` of the other."""

    a0: int
    a1: int
    b0: int
    b1: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """`runs` are equal and in order on both sides; `coarse` are the gaps that were not compared exactly."""

    runs: tuple[Run, ...]
    coarse: tuple[Gap, ...] = ()

    def gaps(self, before: int, after: int) -> Iterator[Gap]:
        """Yield what lies between the runs, of sequences of these lengths."""
        a, b = 0, 0
        for run in (*self.runs, Run(before, after, 0)):
            if run.before > a or run.after > b:
                yield Gap(a, run.before, b, run.after)
            a, b = run.before + run.length, run.after + run.length


def align(before: Elements, after: Elements) -> Alignment:
    """Return the runs of equal elements: many and long, though not always as many as there could be."""
    work = _Work(before, after)
    work.align(Gap(0, len(before), 0, len(after)))
    return Alignment(tuple(_joined(sorted(work.runs))), tuple(sorted(work.coarse)))


def slid(before: Elements, after: Elements, alignment: Alignment, ranks: tuple[Rank, Rank]) -> Alignment:
    """Return the alignment with what came, or went, where it begins best.

    “A zebra. A horse.” after “A horse.” may have gained “zebra. A” or “A zebra.”: of all such places the one is taken
    that `ranks` (of a place in `before`, and in `after`) say most of, and of these the first.
    """
    runs = [Run(0, 0, 0), *alignment.runs, Run(len(before), len(after), 0)]
    for number in range(1, len(runs)):
        one, other = runs[number - 1], runs[number]
        gap = Gap(one.before + one.length, other.before, one.after + one.length, other.after)
        if (gap.a0 == gap.a1) != (gap.b0 == gap.b1):
            side = (before, gap.a0, gap.a1) if gap.a0 < gap.a1 else (after, gap.b0, gap.b1)
            step = _best_step(*side, (one.length, other.length), ranks[0] if gap.a0 < gap.a1 else ranks[1])
            runs[number - 1] = one._replace(length=one.length + step)
            runs[number] = Run(other.before + step, other.after + step, other.length - step)
    return Alignment(tuple(_joined(run for run in runs if run.length)), alignment.coarse)


def _best_step(held: Elements, start: int, end: int, room: tuple[int, int], rank: Rank) -> int:
    """Return how far a stretch is best moved, without its saying anything else; backwards is less than 0."""
    back, on = 0, 0
    while back < min(room[0], MOST_STEPS) and held[start - back - 1] == held[end - back - 1]:
        back += 1
    while on < min(room[1], MOST_STEPS) and held[start + on] == held[end + on]:
        on += 1
    return max(range(-back, on + 1), key=lambda step: (rank(start + step), -step))


class _Work:
    """An alignment while it is worked out."""

    def __init__(self, before: Elements, after: Elements) -> None:
        self.before, self.after = before, after
        self.runs: list[Run] = []
        self.coarse: list[Gap] = []
        self.cells = ALL_CELLS

    def align(self, whole: Gap) -> None:
        pending = [(whole, 0)]
        while pending:
            gap, level = pending.pop()
            gap = self._inside(gap)
            cells = (gap.a1 - gap.a0) * (gap.b1 - gap.b0)
            if not cells or set(self.before[gap.a0 : gap.a1]).isdisjoint(self.after[gap.b0 : gap.b1]):
                continue
            if cells <= 4_096 or (level == len(BLOCKS) and cells <= min(MOST_CELLS, self.cells)):
                self.cells -= cells
                self.runs += _exact(self.before, self.after, gap)
            elif level == len(BLOCKS):
                self.coarse.append(gap)
            else:
                pending += self._anchored(gap, level)

    def _inside(self, gap: Gap) -> Gap:
        """Take what both begin and end with as runs; return what is between."""
        a0, a1, b0, b1 = gap
        head = _equal_from(self.before, self.after, a0, b0, min(a1 - a0, b1 - b0))
        if head:
            self.runs.append(Run(a0, b0, head))
        a0, b0 = a0 + head, b0 + head
        tail, most = 0, min(a1 - a0, b1 - b0)
        while tail < most and self.before[a1 - tail - 1] == self.after[b1 - tail - 1]:
            tail += 1
        if tail:
            self.runs.append(Run(a1 - tail, b1 - tail, tail))
        return Gap(a0, a1 - tail, b0, b1 - tail)

    def _anchored(self, gap: Gap, level: int) -> list[tuple[Gap, int]]:
        """Take the heaviest chain of matching blocks as runs; return what is between, with the level to go on at."""
        size = BLOCKS[level]
        index = blocks_of(self.before, [(gap.a0, gap.a1)], size)
        found = matches_of(self.before, self.after, index, size, (gap.b0, gap.b1), lambda _: (gap.a0, gap.a1))
        chain = _chain(list(found))
        self.runs += chain
        between = Alignment(tuple(run._replace(before=run.before - gap.a0, after=run.after - gap.b0) for run in chain))
        half = (gap.a1 - gap.a0 + gap.b1 - gap.b0) // 2
        return [
            (inner, level if inner.a1 - inner.a0 + inner.b1 - inner.b0 <= half else level + 1)
            for one in between.gaps(gap.a1 - gap.a0, gap.b1 - gap.b0)
            for inner in [Gap(one.a0 + gap.a0, one.a1 + gap.a0, one.b0 + gap.b0, one.b1 + gap.b0)]
        ]


def blocks_of(before: Elements, stretches: list[tuple[int, int]], size: int) -> dict[object, int]:
    """Return where each block of `size` elements begins, of those that stand side by side and occur once; others -1."""
    places: dict[object, int] = {}
    for start, end in stretches:
        for place in range(start, end - size + 1, size):
            block = before[place] if size == 1 else tuple(before[place : place + size])
            places[block] = -1 if block in places else place
    return places


def matches_of(
    before: Elements,
    after: Elements,
    index: dict[object, int],
    size: int,
    stretch: tuple[int, int],
    around: Callable[[int], tuple[int, int]],
) -> Iterator[Run]:
    """Yield the longest runs around blocks of the index, one after another in a stretch of `after`."""
    start, end = stretch
    place, free = start, start
    while place <= end - size:
        found = index.get(after[place] if size == 1 else tuple(after[place : place + size]), -1)
        if found < 0:
            place += 1
            continue
        first, last = around(found)
        back = 0
        while found - back > first and place - back > free and before[found - back - 1] == after[place - back - 1]:
            back += 1
        most = min(last - found, end - place)
        length = size + _equal_from(before, after, found + size, place + size, most - size)
        yield Run(found - back, place - back, back + length)
        place += length
        free = place


def _equal_from(before: Elements, after: Elements, a: int, b: int, most: int) -> int:
    """Return how many elements from here on are equal, at most so many; whole slices are compared where they can be."""
    done, step = 0, 8
    while done < most:
        step = min(step, most - done)
        if before[a + done : a + done + step] == after[b + done : b + done + step]:
            done += step
            step *= 4
        elif step == 1:
            break
        else:
            step = max(1, step // 8)
            most = min(most, done + step * 16)
    return done


def _chain(runs: list[Run]) -> list[Run]:
    """Return the heaviest runs that are in order on both sides, shortened where they overlap."""
    runs.sort(key=lambda run: (run.after, run.before))
    starts = sorted({run.before for run in runs})
    tree: list[tuple[int, int]] = [(0, -1)] * (len(starts) + 1)
    came: list[int] = []
    for number, run in enumerate(runs):
        place = bisect_left(starts, run.before)
        best, at = (0, -1), place
        while at > 0:
            best = max(best, tree[at])
            at -= at & -at
        came.append(best[1])
        told, at = (best[0] + run.length, number), place + 1
        while at <= len(starts):
            tree[at] = max(tree[at], told)
            at += at & -at
    chain, at = [], max(tree)[1]
    while at >= 0:
        chain.append(runs[at])
        at = came[at]
    return list(_apart(reversed(chain)))


def _apart(chain: Iterable[Run]) -> Iterator[Run]:
    a, b = 0, 0
    for run in chain:
        over = max(a - run.before, b - run.after, 0)
        if over < run.length:
            yield Run(run.before + over, run.after + over, run.length - over)
            a, b = run.before + run.length, run.after + run.length


def _exact(before: Elements, after: Elements, gap: Gap) -> list[Run]:
    """Return a longest common subsequence of a gap, as runs: bit-parallel, each row one number (Hyyrö 2004)."""
    a0, a1, b0, b1 = gap
    where: dict[object, int] = {}
    for bit, element in enumerate(itertools.islice(before, a0, a1)):
        where[element] = where.get(element, 0) | 1 << bit
    full = (1 << (a1 - a0)) - 1
    row, rows = full, [full]
    for element in itertools.islice(after, b0, b1):
        same = row & where.get(element, 0)
        row = ((row + same) | (row - same)) & full
        rows.append(row)
    runs: list[Run] = []
    a, b = a1 - a0, b1 - b0
    while a and b:
        if rows[b] >> (a - 1) & 1:
            a -= 1
        elif b > 1 and not rows[b - 1] >> (a - 1) & 1:
            b -= 1
        else:
            a, b = a - 1, b - 1
            runs.append(Run(a0 + a, b0 + b, 1))
    return runs


def _joined(runs: Iterable[Run]) -> Iterator[Run]:
    """Yield the runs, those that follow on one another as one."""
    held: Run | None = None
    for run in runs:
        if held and (held.before + held.length, held.after + held.length) == (run.before, run.after):
            held = held._replace(length=held.length + run.length)
        elif run.length:
            if held:
                yield held
            held = run
    if held:
        yield held
