"""What stands elsewhere on the other side: stretches that no alignment in order can hold, the same or nearly."""

from __future__ import annotations

from bisect import bisect_left

from archive.diff.alignment import BLOCKS, Alignment, Elements, Gap, Run, blocks_of, matches_of

# A run of as many elements that stands elsewhere has moved; two such runs with fewer between them are one.
SHORTEST_MOVE = 24
MOST_BETWEEN = 24


def moved(before: Elements, after: Elements, alignment: Alignment) -> list[Gap]:
    """Return stretches of what is in no run that stand elsewhere on the other side, the same or nearly."""
    gaps = list(alignment.gaps(len(before), len(after)))
    gone = _Left([(gap.a0, gap.a1) for gap in gaps if gap.a1 - gap.a0 >= SHORTEST_MOVE])
    come = _Left([(gap.b0, gap.b1) for gap in gaps if gap.b1 - gap.b0 >= SHORTEST_MOVE])
    if not gone.stretches or not come.stretches:
        return []
    index = blocks_of(before, gone.stretches, BLOCKS[0] // 2)
    found = [
        run
        for stretch in come.stretches
        for run in matches_of(before, after, index, BLOCKS[0] // 2, stretch, gone.around)
        if run.length >= SHORTEST_MOVE
    ]
    return _clusters(found, gone, come)


class _Left:
    """Stretches of a sequence, and which of them a place lies in."""

    def __init__(self, stretches: list[tuple[int, int]]) -> None:
        self.stretches = stretches
        self.starts = [start for start, _ in stretches]

    def around(self, place: int) -> tuple[int, int]:
        return self.stretches[bisect_left(self.starts, place + 1) - 1]


def _clusters(runs: list[Run], gone: _Left, come: _Left) -> list[Gap]:
    """Join runs that follow one another on both sides with little between them; no element is in two clusters."""
    clusters: list[Gap] = []
    taken: list[tuple[int, int]] = []
    for run in sorted(runs, key=lambda one: one.after):
        a1, b1 = run.before + run.length, run.after + run.length
        if any(start < a1 and run.before < end for start, end in taken):
            continue
        last = clusters[-1] if clusters else None
        if (
            last is not None
            and 0 <= run.before - last.a1 <= MOST_BETWEEN
            and 0 <= run.after - last.b1 <= MOST_BETWEEN
            and gone.around(run.before) == gone.around(last.a0)
            and come.around(run.after) == come.around(last.b0)
        ):
            clusters[-1] = Gap(last.a0, a1, last.b0, b1)
            taken[-1] = (last.a0, a1)
        else:
            clusters.append(Gap(run.before, a1, run.after, b1))
            taken.append((run.before, a1))
    return clusters
