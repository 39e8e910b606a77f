"""Rules of a page, and the grids that they form: joins drawn lines, and says which of them cross. No PDF in here."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pipelines.text.drawn import Box, Word

# Dense tables draw each cell's border by itself: some 4,000 boxes a page, and 200 rules when those are joined.
MOST_BOXES = 20_000
MOST_RULES = 1_500

_THIN = 4.0
_SAME = 2.0
_TOUCH = 3.5
_MOST_LOOKS = 1_000_000


class Rule(NamedTuple):
    """A straight line at `place` (y of a horizontal one, x of an upright one) from `start` to `end`."""

    place: float
    start: float
    end: float
    joints: tuple[float, ...] = ()


class Grid(NamedTuple):
    """Rules that hang together, by the box around them."""

    x0: float
    top: float
    x1: float
    bottom: float
    across: tuple[Rule, ...]
    upright: tuple[Rule, ...]


def rules_of(boxes: Sequence[Box], words: Sequence[Word], width: float, height: float) -> tuple[list[Rule], list[Rule]]:
    """Return the horizontal and the upright rules that boxes draw, joined; none of either where there are too many."""
    across: list[Rule] = []
    upright: list[Rule] = []
    if len(boxes) > MOST_BOXES:
        return across, upright
    shades: list[Box] = []
    for box in boxes:
        wide, high = box.x1 - box.x0, box.bottom - box.top
        if not (0 <= wide <= 1e5 and 0 <= high <= 1e5) or (box.shade is None and not box.stroked):
            continue
        if high <= _THIN and wide > high:
            across.append(Rule((box.top + box.bottom) / 2, box.x0, box.x1))
        elif wide <= _THIN and high > wide:
            upright.append(Rule((box.x0 + box.x1) / 2, box.top, box.bottom))
        elif wide > _THIN and high > _THIN and wide * high < 0.8 * width * height:
            if box.stroked:
                across += [Rule(box.top, box.x0, box.x1), Rule(box.bottom, box.x0, box.x1)]
                upright += [Rule(box.x0, box.top, box.bottom), Rule(box.x1, box.top, box.bottom)]
            elif box.shade is not None and box.shade < 0.995:
                shades.append(box)
    for box, above, below in _with_words(shades, words):
        upright += [Rule(box.x0, box.top, box.bottom), Rule(box.x1, box.top, box.bottom)]
        across += [Rule(box.top, box.x0, box.x1)] * above + [Rule(box.bottom, box.x0, box.x1)] * below
    joined = _join(across), _join(upright)
    return joined if len(joined[0]) + len(joined[1]) <= MOST_RULES else ([], [])


def _with_words(shades: Sequence[Box], words: Sequence[Word]) -> Iterator[tuple[Box, bool, bool]]:
    """Yield the shaded areas that have words in them (a chart's bars have none), and whether their top and bottom show.

    Between two areas of one shade that meet, as those behind the lines of one cell do, nothing is to be seen.
    """
    if len(shades) > MOST_RULES:
        return
    tops = Counter((round(box.x0), round(box.x1), round(box.top), box.shade) for box in shades)
    bottoms = Counter((round(box.x0), round(box.x1), round(box.bottom), box.shade) for box in shades)
    middles = sorted(((word.top + word.bottom) / 2, (word.x0 + word.x1) / 2) for word in words)
    looked_at = 0
    for box in shades:
        near = middles[bisect_left(middles, (box.top, 0.0)) : bisect_left(middles, (box.bottom, 0.0))]
        looked_at += len(near)
        if looked_at > _MOST_LOOKS:
            return
        if any(box.x0 <= x <= box.x1 for _, x in near):
            sides = round(box.x0), round(box.x1)
            above = not bottoms[*sides, round(box.top), box.shade]
            below = not tops[*sides, round(box.bottom), box.shade]
            yield box, above, below


def _join(rules: list[Rule]) -> list[Rule]:
    joined: list[Rule] = []
    for group in clusters(rules, _SAME):
        place = group[0].place if len(group) == 1 else sum(rule.place for rule in group) / len(group)
        group.sort(key=lambda rule: (rule.start, rule.end))
        start, end = group[0].start, group[0].end
        joints: list[float] = []
        for rule in group[1:]:
            if rule.start > end + _TOUCH:
                joined.append(Rule(place, start, end, tuple(joints)))
                start, end, joints = rule.start, rule.end, []
            else:
                # Where pieces meet, one cell's border ends and another's begins.
                if abs(rule.start - end) <= _SAME and rule.end - rule.start > 2 * _TOUCH:
                    joints.append(rule.start)
                end = max(end, rule.end)
        joined.append(Rule(place, start, end, tuple(joints)))
    return joined


def clusters(rules: Iterable[Rule], within: float) -> list[list[Rule]]:
    """Return rules in groups of about the same place."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules):
        if groups and rule.place - groups[-1][0].place <= within:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return groups


def grids_of(across: Sequence[Rule], upright: Sequence[Rule]) -> list[Grid]:
    """Return the groups of rules that touch or cross one another; those of less than two each way are left out."""
    parent = list(range(len(across) + len(upright)))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    order = sorted(range(len(upright)), key=lambda one: upright[one].place)
    places = [upright[one].place for one in order]
    for number, rule in enumerate(across):
        for one in order[bisect_left(places, rule.start - _TOUCH) : bisect_left(places, rule.end + _TOUCH)]:
            if upright[one].start - _TOUCH <= rule.place <= upright[one].end + _TOUCH:
                parent[root(number)] = root(len(across) + one)
    members: dict[int, tuple[list[Rule], list[Rule]]] = {}
    for number, rule in enumerate((*across, *upright)):
        members.setdefault(root(number), ([], []))[number >= len(across)].append(rule)
    return [_grid(*both) for both in members.values() if len(both[0]) > 1 and both[1]]


def _grid(across: list[Rule], upright: list[Rule]) -> Grid:
    xs = [side for rule in across for side in (rule.start, rule.end)] + [rule.place for rule in upright]
    ys = [side for rule in upright for side in (rule.start, rule.end)] + [rule.place for rule in across]
    return Grid(min(xs), min(ys), max(xs), max(ys), tuple(across), tuple(upright))


def covered(rules: Sequence[Rule], start: float, end: float) -> float:
    """Return the share of a stretch that rules at one place cover (they don't overlap)."""
    shared = sum(max(0.0, min(rule.end, end) - max(rule.start, start)) for rule in rules)
    return shared / ((end - start) or 1)
