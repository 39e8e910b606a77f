"""Windows of the calendar cover every day once, keep their addresses, and are all asked for within a known time."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders._sam_windows import Window, parts, tonight, turn, windows

DAYS = st.dates(date(2001, 1, 1), date(2030, 12, 31))
MONTHS = st.sampled_from([1, 2, 3, 4, 6, 12])


def days_of(found: list[Window]) -> list[date]:
    return [since + timedelta(step) for since, until in found for step in range((until - since).days + 1)]


@given(DAYS, DAYS, MONTHS)
def test_windows_cover_each_day_once(since: date, until: date, months: int) -> None:
    found = windows(since, until, months)[::-1]
    assert days_of(found) == days_of([(since, until)] if since <= until else [])
    assert all((end - start).days < 366 and start.year == end.year for start, end in found)


@given(DAYS, st.integers(0, 2000), MONTHS)
def test_only_the_newest_window_changes_from_night_to_night(since: date, days: int, months: int) -> None:
    night = since + timedelta(days)
    before, after = windows(since, night, months), windows(since, night + timedelta(1), months)
    assert set(before[1:]) <= set(after)
    assert after[0][1] == night + timedelta(1)


@given(DAYS, st.integers(0, 400))
def test_parts_cover_each_day_once_and_are_smaller(since: date, days: int) -> None:
    until = since + timedelta(days)
    found = list(parts(since, until))
    if not days:
        assert not found
        return
    assert days_of(found) == days_of([(since, until)])
    assert all(end - start < until - since for start, end in found), "so that asking again comes to an end"


@given(DAYS, st.integers(1, 40), st.integers(1, 40))
def test_parts_of_an_open_window_keep_their_addresses(since: date, days: int, more: int) -> None:
    """A month that fills up is cut at the same days, whichever day it is today."""
    first = since.replace(day=1)
    before = list(parts(first, first + timedelta(days)))
    after = list(parts(first, first + timedelta(days + more)))
    same_month = (first + timedelta(days + more)).month == first.month
    assert not same_month or set(before[:-1]) <= set(after) or (days < 8 <= days + more)


@pytest.mark.parametrize("months", [0, 5, 13, -1])
def test_a_year_is_cut_evenly(months: int) -> None:
    with pytest.raises(ValueError, match="choose one of"):
        windows(date(2018, 1, 1), date(2018, 2, 1), months)


def test_ten_searches_a_day_collect_all_and_keep_it_current() -> None:
    """From 2018 by months: never more than ten searches a night, all windows within 16 nights, over and over."""
    since, first, seen = date(2018, 1, 1), date(2026, 11, 23), {}
    for step in range(120):
        night = first + timedelta(step)
        held = windows(since, night, 1)
        asked = tonight(held, 8, night)
        assert len(asked) == len(set(asked)) == 9
        assert asked[:2] == held[:2]
        seen.update(dict.fromkeys(asked, night))
        if step >= 32:
            assert all((night - seen[window]).days <= 32 for window in held if window[1] < night)
    assert set(windows(since, first, 1)[1:]) <= set(seen)


def test_a_tour_over_the_same_windows_leaves_none_out() -> None:
    older = list(range(105))
    for start in range(0, 700, 50):
        nights = [date.fromordinal(730_000 + start + step) for step in range(15)]
        assert {one for night in nights for one in turn(older, 7, night)} == set(older)


@given(st.integers(0, 30), st.integers(0, 40), DAYS)
def test_what_is_asked_for_is_among_the_windows(count: int, closed: int, night: date) -> None:
    held = list(range(count))
    asked = tonight(held, closed, night)
    assert set(asked) <= set(held)
    assert len(asked) == len(set(asked))
    assert asked[:2] == held[:2]
    assert closed or asked == held
