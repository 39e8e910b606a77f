"""Which days one search of SAM.gov covers: windows of the calendar, so that an address means the same every night."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

Window = tuple[date, date]
_One = TypeVar("_One")

# The last days of the parts that a month is asked for in, where one answer doesn't hold it.
_PARTS = (8, 16, 24, 31)


def windows(since: date, until: date, months: int) -> list[Window]:
    """Return the windows of `months` months from `since` to `until`, the newest first.

    They begin in January, whatever the day is, and none is longer than a year. The newest one ends on the day itself;
    all others keep their address. Raises ValueError where 12 can't be divided by `months`.
    """
    if months < 1 or 12 % months:
        raise ValueError(f"months can't be {months}; choose one of 1, 2, 3, 4, 6 and 12")
    found = []
    start = since
    while start <= until:
        month = start.month + months - 1 - (start.month - 1) % months
        end = date(start.year, month, monthrange(start.year, month)[1])
        found.append((start, min(end, until)))
        start = end + timedelta(1)
    return found[::-1]


def tonight(all_windows: Sequence[_One], closed_a_night: int, night: date) -> list[_One]:
    """Return what is asked for on a night: the newest two, and some of the older ones in turn.

    A window that is over seldom changes. `closed_a_night` of them are asked for each night (0: all), the one before
    the newest and then the next ones of a tour that the day alone decides, so that it needs no memory: with 107
    months and 8 a night a tour takes 16 nights, and a night 9 searches. A new month may begin the tour elsewhere.
    """
    newest, recent, older = all_windows[:1], all_windows[1:2], all_windows[2:]
    if not closed_a_night or len(older) < closed_a_night:
        return list(all_windows)
    return [*newest, *recent, *turn(older, closed_a_night - 1, night)]


def turn(older: Sequence[_One], a_night: int, night: date) -> list[_One]:
    """Return the next `a_night` of a tour over all of `older` that takes its place from the day."""
    first = night.toordinal() * a_night
    return [older[(first + step) % len(older)] for step in range(min(a_night, len(older)))]


def parts(since: date, until: date) -> Iterator[Window]:
    """Yield the smaller windows that hold what is too much for one answer, oldest first; none for a single day.

    More than a month goes by months, a month by its quarters, less by days: always the same, whatever was found.
    """
    start = since
    while start <= until and since < until:
        last_of_month = monthrange(start.year, start.month)[1]
        if (since.year, since.month) != (until.year, until.month):
            day = last_of_month
        elif _part_of(since.day) != _part_of(until.day):
            day = min(_part_of(start.day), last_of_month)
        else:
            day = start.day
        yield start, min(start.replace(day=day), until)
        start = start.replace(day=day) + timedelta(1)


def _part_of(day: int) -> int:
    return next(last for last in _PARTS if day <= last)
