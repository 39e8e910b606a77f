"""Tables between horizontal rules: finds the stretches of a page that rules of one width bound. No PDF in here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from pipelines.text.drawn import Word
from pipelines.text.table_columns import Region
from pipelines.text.table_lines import Heights, Line, lines_of
from pipelines.text.table_rules import Rule

_SHORTEST = 60.0
_ASIDE = 8.0


class _Group(NamedTuple):
    """Horizontal rules that share a side, from top to bottom, and the sides of the widest."""

    x0: float
    x1: float
    rules: list[Rule]


def banded(words: Sequence[Word], heights: Heights, across: Sequence[Rule], upright: Sequence[Rule]) -> list[Region]:
    """Return the stretches between rules in which most lines are of several pieces."""
    regions: list[Region] = []
    for group in _groups([rule for rule in across if rule.end - rule.start > _SHORTEST]):
        for run in _runs(words, heights, group):
            inside = [rule for rule in across if run[0] < rule.place < run[-1]]
            regions.append(_region(group, run, inside, upright))
    return regions


def _groups(rules: Sequence[Rule]) -> list[_Group]:
    groups: list[list[Rule]] = []
    for rule in sorted(rules):
        group = next((group for group in groups if _share_sides(group[0], rule)), None)
        if group is None:
            groups.append([rule])
        else:
            group.append(rule)
    return [
        _Group(min(rule.start for rule in group), max(rule.end for rule in group), group)
        for group in groups
        if len(group) > 1
    ]


def _share_sides(one: Rule, other: Rule) -> bool:
    # The rule over a head often leaves out the column of labels.
    short, long = sorted((one.end - one.start, other.end - other.start))
    sides = (abs(one.start - other.start) < _ASIDE) + (abs(one.end - other.end) < _ASIDE)
    return sides == 2 or (sides == 1 and short > 0.5 * long)


def _runs(words: Sequence[Word], heights: Heights, group: _Group) -> list[list[float]]:
    """Return the heights of the rules of each run of bands that look like a table's."""
    runs: list[list[float]] = [[]]
    waiting: float | None = None
    for one, other in pairwise(group.rules):
        lines = lines_of(words, heights.within((group.x0 - 3, one.place, group.x1 + 3, other.place)))
        if _tabular(lines):
            runs[-1] += [other.place] if runs[-1] else [waiting or one.place, other.place]
            waiting = None
        elif len(lines) <= 2 and other.end - other.start < 0.92 * (group.x1 - group.x0) and not runs[-1]:
            # What stands over a rule shorter than the table is the head of some columns.
            waiting = waiting or one.place
        else:
            waiting = None
            runs.append([])
    return [run for run in runs if run]


def _tabular(lines: Sequence[Line]) -> bool:
    several = [line.pieces for line in lines if len(line.pieces) > 1]
    if not several or 2 * len(several) >= len(lines) or len(lines) <= 2:
        return bool(several)
    others = [piece for pieces in several for piece in pieces[1:]]
    return 3 * len(several) >= len(lines) and 2 * sum(piece.figure for piece in others) > len(others)


def _region(group: _Group, run: Sequence[float], across: Iterable[Rule], upright: Iterable[Rule]) -> Region:
    x0, top, x1, bottom = group.x0, run[0], group.x1, run[-1]
    inside = tuple(rule for rule in across if rule.start > x0 - _ASIDE and rule.end < x1 + _ASIDE)
    beside = tuple(
        rule for rule in upright if x0 < rule.place < x1 and top - 4 <= rule.start and rule.end <= bottom + 4
    )
    return Region(x0, top, x1, bottom, inside, beside)
