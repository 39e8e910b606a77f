"""How often a source is crawled: what `every` in sources.toml means, and whether a day is one; it reads no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

EVERY_DAY = "day"
_ALL, _WEEKDAYS, _WEEKEND = frozenset(range(7)), frozenset(range(5)), frozenset({5, 6})
_DAYS = re.compile(r"([1-9][0-9]{0,2}) days")


class RhythmError(ValueError):
    """What stands for a rhythm is none; the words say what can."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A source is crawled when so many `days` have passed since its last run, and only `on` these days of the week.

    `longest` is how many days lie between two runs at most, where none is missed.
    """

    words: str
    days: int
    on: frozenset[int]
    longest: int

    def is_due(self, last: date | None, today: date) -> bool:
        """Tell whether a source whose last run belongs to the night `last` (None: it never ran) is due today.

        A run more than a day ahead was made under a clock that was wrong, and doesn't hold anything up.
        """
        if today.weekday() not in self.on:
            return False
        return last is None or last - today > timedelta(1) or (today - last).days >= self.days

    def next_due(self, last: date, today: date) -> date:
        """Return the first day from `today` on, on which a source is due whose last run was that night."""
        return next(day for day in (today + timedelta(n) for n in range(1000)) if self.is_due(last, day))


_NAMED: Mapping[str, Rhythm] = {
    one.words: one
    for one in (
        Rhythm(EVERY_DAY, 1, _ALL, 1),
        Rhythm("weekday", 1, _WEEKDAYS, 3),
        Rhythm("weekend", 1, _WEEKEND, 6),
        Rhythm("week", 7, _ALL, 7),
    )
}
WORDS = f"one of {', '.join(_NAMED)}, or a number of days (“10 days”)"


def rhythm_of(words: str) -> Rhythm:
    """Return the rhythm that is meant. Raises RhythmError."""
    if words in _NAMED:
        return _NAMED[words]
    if found := _DAYS.fullmatch(words):
        return Rhythm(words, int(found[1]), _ALL, int(found[1]))
    raise RhythmError(f"every can't be {words!r}: it is {WORDS}.")
