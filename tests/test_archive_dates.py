"""Dates: as precise as printed, never more; the same on whatever day they are read."""

from __future__ import annotations

import re
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import dates
from archive.dates import PartialDate, find_dates, parse_date, parse_instant

PRINTED = [
    ("May 10, 2019", "2019-05-10"),
    ("06/23/2011", "2011-06-23"),
    ("6/23/11", "2011-06-23"),
    ("2017-12-14", "2017-12-14"),
    ("2017/12/14", "2017-12-14"),
    ("20171214", "2017-12-14"),
    ("15/05/2018", "2018-05-15"),
    ("15/05/18 00:00", "2018-05-15"),
    ("03/04/2018", "2018-03-04"),
    ("Jan. 26, 2018", "2018-01-26"),
    ("Sept. 3, 2019", "2019-09-03"),
    ("(Dec. 14, 2020)", "2020-12-14"),
    ("Friday, January 26th, 2018", "2018-01-26"),
    ("26 January 2018", "2018-01-26"),
    ("26-JAN-18", "2018-01-26"),
    ("the", None),
    ("MAY\u00a01,\n2020", "2020-05-01"),
    ("10–18–16", "2016-10-18"),
    ("2018-01-26T23:30:00-05:00", "2018-01-26"),
    ("2014-02-11 17:04:41", "2014-02-11"),
    ("2018-01-26T15:00:00.123Z", "2018-01-26"),
    ("Apr 23, 2014 2:00 pm\u00a0Mountain", "2014-04-23"),
    ("Fri, 26 Jan 2018 15:00:00 GMT", "2018-01-26"),
    ("December 2017", "2017-12"),
    ("May 2021", "2021-05"),
    ("02/2018", "2018-02"),
    ("2018-02", "2018-02"),
    ("2017", "2017"),
    ("February 29, 2020", "2020-02-29"),
]

NO_DATES = [
    "", " ", "10", "12:30", "May", "May 10", "Friday", "31 February 2018", "February 29, 2019", "13/13/2018",
    "00/00/2018", "2018-00-10", "2018-13", "13/2018", "20181301", "20180230",
    "1066", "1799-12-31", "2101", "0001", "0001-01-01", "9999", "9999-12-31", "99999", "1e5", "null", "2018-2019",
    "January 5-7, 2018", "May 2017 2018", "12 pages 2018", "Q1 2018", "٢٠١٨", "2018-01-26T", "yesterday",
    "\x00", "\ud800", "x" * 10_000, "2018-01-01 " * 1_000, "1" * 10_000, "Jan " * 2_500, "-" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize(("words", "value"), PRINTED)
def test_a_date_is_as_precise_as_printed(words: str, value: str | None) -> None:
    parsed = parse_date(words)
    if value is None:
        assert parsed is None
    else:
        precision = {4: "year", 7: "month", 10: "day"}[len(value)]
        assert parsed == PartialDate(value, precision, words)


@pytest.mark.parametrize("words", NO_DATES, ids=lambda words: ascii(words)[:30])
def test_what_is_no_date_gives_none(words: str) -> None:
    assert parse_date(words) is None
    assert parse_instant(words) is None


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("2023-12-21T10:00:00-05:00", "2023-12-21T15:00:00Z"),
        ("2018-01-26T23:30:00-0500", "2018-01-27T04:30:00Z"),
        ("2026-09-11T13:40:20Z", "2026-09-11T13:40:20Z"),
        ("2018-01-26T15:00:00.999+00:00", "2018-01-26T15:00:00Z"),
        ("Fri, 26 Jan 2018 15:00:00 GMT", "2018-01-26T15:00:00Z"),
        ("Fri, 26 Jan 2018 15:00:00 EST", "2018-01-26T20:00:00Z"),
        ("July 26, 2018 at 3:00 p.m. ET", "2018-07-26T19:00:00Z"),
        ("Apr 23, 2014 2:00 pm\u00a0Mountain", "2014-04-23T20:00:00Z"),
        ("2014-02-11 17:04:41", None),
        ("2014-02-11", None),
        ("2014-02 17:04:41Z", None),
        ("2018-01-26 15:00 XYZ", None),
        ("2018-01-26 25:00Z", None),
        ("2018-01-26 15:00:60Z", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_an_instant_needs_day_time_and_zone(words: str, instant: str | None) -> None:
    assert parse_instant(words) == instant


def test_dates_in_text_in_order_and_once() -> None:
    text = (
        "Created Date: March 19, 2015 Last Published Date: May 10, 2019. It may 2018 not. December 2017\n"
        "FR Doc. 2016-25197; 2018; 06/23/2011 and March 19, 2015, 2018-01-26T15:00:00Z, 1/2/2018/3, Feb. 30, 2018, "
        "MAY 2018–July 3, 2018"
    )
    values = ["2015-03-19", "2019-05-10", "2017-12", "2011-06-23", "2018-01-26", "2018-05", "2018-07-03"]
    assert [found.value for found in find_dates(text)] == values
    assert find_dates(text, limit=1) == [PartialDate("2015-03-19", "day", "March 19, 2015")]
    assert find_dates("18\u00a0May\u00a02018")[0].words == "18\u00a0May\u00a02018"


SHAPES = ["%B %d, %Y", "%b. %d, %Y", "%b %d %Y", "%d %B %Y", "%m/%d/%Y", "%Y-%m-%d", "%Y%m%d", "%A, %B %d, %Y"]
DAYS = st.dates(date(1800, 1, 1), date(2100, 12, 31))


@settings(deadline=None)
@given(DAYS, st.sampled_from(SHAPES))
def test_every_day_is_read_back_from_every_shape(day: date, shape: str) -> None:
    words = day.strftime(shape)
    assert parse_date(words) == PartialDate(day.isoformat(), "day", words)
    if not shape.startswith("%Y%m"):
        assert [found.value for found in find_dates(f"on {words}, and")] == [day.isoformat()]


@settings(deadline=None)
@given(DAYS, st.sampled_from(["%B %Y", "%b. %Y", "%Y-%m", "%m/%Y"]))
def test_a_month_has_no_day_and_a_year_no_month(day: date, shape: str) -> None:
    words = day.strftime(shape)
    assert parse_date(words) == PartialDate(day.strftime("%Y-%m"), "month", words)
    assert parse_date(f"{day.year}") == PartialDate(f"{day.year}", "year", f"{day.year}")


@pytest.mark.parametrize("today", [datetime(2024, 2, 29, 23, 59, tzinfo=UTC), datetime(2091, 12, 31, tzinfo=UTC)])
def test_no_part_comes_from_today(monkeypatch: pytest.MonkeyPatch, today: datetime) -> None:
    """Whatever the clock says and whatever the defaults are, the same words give the same date."""
    words = [printed for printed, _ in PRINTED] + ["10", "May", "May 10", "Friday", "12:30"]
    before = [parse_date(printed) for printed in words]
    monkeypatch.setattr(dates, "_DEFAULTS", (today, datetime(1999, 7, 4, 5, 6, tzinfo=UTC)))
    monkeypatch.setattr(dates._READER.info, "_year", today.year)
    monkeypatch.setattr(dates._READER.info, "_century", today.year // 100 * 100)
    assert [parse_date(printed) for printed in words] == before


LIKELY = st.text(st.sampled_from("0123456789/-.,: TZJanMaySept()\u00a0–"), max_size=30)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=60), LIKELY))
def test_no_text_breaks_it(text: str) -> None:
    parsed = parse_date(text)
    if parsed:
        assert re.fullmatch(r"[12][0-9]{3}(-[01][0-9](-[0-3][0-9])?)?", parsed.value)
        assert parsed.words == text.strip()
    parse_instant(text)
    for found in find_dates(text):
        assert found.words in text
        assert parse_date(found.words) == found


# fmt: off
NEAR_MISSES = [
    "a", "0", "1", "12", " ", "-", "/", ".", "1/", "12/", "2018-", "2018-01-", "Jan", "May ", "May 1", "Sept. 3, ",
    "January ", "Friday, ", "12 ", "12th of ", "1 Jan", "1-Jan-", "May 10, 201", "12:00 ", "2018-01-01T1",
]
# fmt: on


@pytest.mark.parametrize("pattern", [one for one in vars(dates).values() if isinstance(one, re.Pattern)], ids=str)
def test_near_misses_take_linear_time(pattern: re.Pattern[str]) -> None:
    for near in NEAR_MISSES:
        text = near * (100_000 // len(near)) + "!"
        start = time.process_time()
        sum(1 for _ in pattern.finditer(text))
        assert time.process_time() - start < 10, near


def test_a_megabyte_is_searched() -> None:
    start = time.process_time()
    assert find_dates("May 1, 201" * 100_000) == []
    assert len(find_dates("Feb. 30, 2018 " * 2_000 + "May 10, 2019")) == 1
    assert time.process_time() - start < 30
