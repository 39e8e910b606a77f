"""Near-misses against every regular expression there is: the time grows as the text does (HT-06)."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.figures import figure
from tests.hostile.patterns import Found, all_patterns, near_misses

SMALL, LARGE = 8_000, 64_000
_SUSPECT = 1.5e-3  # seconds for SMALL: 190 ns a character
# What takes less than this for a quarter of SMALL isn't suspect, even if its time grows with the square.
_LITTLE = _SUSPECT / 4**2
_MEASURABLE = 2e-2  # seconds for LARGE; a clock is coarse
_GROWTH = 2.5


# What is only ever used in one way where that can't be told from the source: the parts of tuples.
_USED_AS = {"archive.identifiers.ALONE": {"fullmatch"}}
# Texts that no stranger writes: Datasette's own templates, and pages that our own made, in which every "<" is ours.
_OUR_OWN_TEXT = {"archive.site.security._INLINE_SCRIPT", "archive.site.offline_names._OF_A_SERVER"}


class _TooLongError(Exception):
    pass


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stop what runs inside after so much processor time; `re` looks for signals while it matches."""

    def stop(*_: object) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def cost(pattern: re.Pattern[Any], use: str, near: tuple[str, str], length: int, most: float) -> float:
    """Return the processor time for a near-miss of so many characters (or `most`)."""
    start, part = near
    text: Any = start + part * max(1, (length - len(start)) // len(part)) + "\x00!"
    if isinstance(pattern.pattern, bytes):
        text = text.encode("latin-1", "replace")
    began = time.process_time()
    try:
        with at_most(most):
            if use == "finditer":
                for _ in pattern.finditer(text):
                    pass
            else:
                getattr(pattern, use)(text)
    except _TooLongError:
        return most
    return time.process_time() - began


def growth(pattern: re.Pattern[Any], use: str, near: tuple[str, str]) -> float:
    """Return how many times longer a text of double length takes: 2 where the time is linear."""
    if (once := cost(pattern, use, near, LARGE, 2)) < 2:
        once = min(once, cost(pattern, use, near, LARGE, 2))
    if once < _MEASURABLE:
        return 2.0
    if once >= 2:
        return float("inf")
    return min(cost(pattern, use, near, 2 * LARGE, 8) for _ in range(2)) / once


def worst_growth(found: Found) -> tuple[int, float, tuple[str, str]]:
    """Return how many near-misses were tried, and the worst growth of those that cost anything."""
    tried, worst = 0, (2.0, ("", ""))
    for use in sorted(_USED_AS.get(found.place, found.uses)):
        costs = sorted((cost(found.pattern, use, near, SMALL // 4, 0.04), near) for near in near_misses(found.pattern))
        tried += len(costs)
        costs = sorted((cost(found.pattern, use, near, SMALL, 0.15), near) for took, near in costs if took > _LITTLE)
        for seconds, near in costs[-3:]:
            if seconds > _SUSPECT and worst[0] < float("inf"):
                worst = max(worst, (growth(found.pattern, use, near), near))
    return tried, *worst


def test_every_pattern_takes_linear_time() -> None:
    patterns = [found for found in all_patterns() if found.place not in _OUR_OWN_TEXT]
    tried, slow, worst = 0, {}, 2.0
    for found in patterns:
        count, grown, near = worst_growth(found)
        if grown > _GROWTH:  # a busy machine can double anything once
            grown = min(grown, *(worst_growth(found)[1] for _ in range(2)))
        tried, worst = tried + count, max(worst, grown)
        if grown > _GROWTH:
            slow[found.place] = (round(grown, 1), near, found.pattern.pattern)
    figure("HT-06", patterns=len(patterns), near_misses=tried, worst_growth_of_2n=round(worst, 2), slow=len(slow))
    assert len(patterns) > 200
    assert slow == {}


def test_a_quadratic_pattern_is_found() -> None:
    """The control: without it, the test above might measure nothing."""
    for bad in (r"\s+$", r"<!--.*?-->", r"(?:\w+\s?)+!"):
        assert worst_growth(Found("control", re.compile(bad), {"finditer"}))[1] > _GROWTH, bad
    assert worst_growth(Found("control", re.compile(r"a{1,9}b"), {"finditer"}))[1] <= _GROWTH
