"""CK-06: which sources a night is for, over weekends, skipped months, failed runs and clocks that were wrong."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipelines.crawl import Crawled
from pipelines.due import due_tonight, gone_on_with, longest_gaps
from pipelines.rhythm import RhythmError, rhythm_of
from tests.figures import figure

MONDAY = date(2026, 11, 30)


def run(source: str, night: str, status: str = "finished", ending: str = "") -> list[dict[str, object]]:
    name = f"{source}-{night.replace('-', '')}T020000Z{ending}"
    at = f"{night}T02:00:00Z"
    own = {"run": name, "source": source, "night": night, "at": at}
    started: dict[str, object] = {"event": "run-started", **own, "replay": False, "minimum": 1, "maximum": 9}
    ended: dict[str, object] = {"event": "run-ended", "run": name, "at": at, "status": status}
    return [started, ended] if status else [started]


def nights(words: str, days: int, first: date = MONDAY) -> list[str]:
    """Return on which of so many days, each with its night, a source was crawled."""
    events: list[dict[str, object]] = []
    crawled = []
    for day in (str(first + timedelta(number)) for number in range(days)):
        if due_tonight(["news"], {"news": words}, events, day)[0].due:
            events += run("news", day)
            crawled.append(day)
    return crawled


def test_ck_06_each_rhythm_over_five_weeks() -> None:
    counted = {words: len(nights(words, 35)) for words in ("day", "weekday", "weekend", "week", "10 days")}
    assert counted == {"day": 35, "weekday": 25, "weekend": 10, "week": 5, "10 days": 4}
    assert {date.fromisoformat(day).weekday() for day in nights("weekday", 35)} == set(range(5))
    figure("CK-06", nights=35, crawled=counted)


def test_ck_06_a_month_without_a_night_is_caught_up_with_once() -> None:
    for words in ("day", "week", "10 days"):
        before = run("news", "2026-10-01")
        (one,) = due_tonight(["news"], {"news": words}, before, "2026-11-30")
        assert one.due
        (again,) = due_tonight(["news"], {"news": words}, before + run("news", "2026-11-30"), "2026-11-30")
        assert not again.due
        assert again.next > "2026-11-30"


def test_ck_06_two_nights_in_one_day_crawl_once() -> None:
    events = run("news", "2026-11-30")
    assert [one.due for one in due_tonight(["news", "dhs_pia"], {}, events, "2026-11-30")] == [False, True]


def test_ck_06_a_run_that_isnt_at_its_end_or_failed_is_asked_again() -> None:
    weekly = {"news": "week"}
    for status in ("", "shutdown", "budget", "given-up"):
        assert due_tonight(["news"], weekly, run("news", "2026-11-29", status), "2026-11-30")[0].due, status
    events = run("news", "2026-11-29")
    assert not due_tonight(["news"], weekly, events, "2026-11-30")[0].due
    failed = {str(events[0]["run"])}
    assert due_tonight(["news"], weekly, events, "2026-11-30", failed)[0].due
    assert not due_tonight(["news"], weekly, events, "2026-11-29", failed)[0].due, "not twice in a night"


def test_ck_06_a_clock_set_back_or_ahead_holds_nothing_up() -> None:
    ahead = run("news", "2031-05-01")
    assert due_tonight(["news"], {"news": "week"}, ahead, "2026-11-30")[0].due, "that clock was wrong"
    tomorrow = run("news", "2026-12-01")
    assert not due_tonight(["news"], {}, tomorrow, "2026-11-30")[0].due, "a clock a little behind crawls nothing twice"


def test_runs_of_single_addresses_are_no_run_of_the_source() -> None:
    for ending in ("-add", "-cited", "-limit"):
        assert due_tonight(["news"], {}, run("news", "2026-11-30", ending=ending), "2026-11-30")[0].due


@pytest.mark.parametrize("words", ["", "daily", "0 days", "-1 days", "1000 days", "7", "monday", "day "])
def test_what_is_no_rhythm(words: str) -> None:
    with pytest.raises(RhythmError, match="one of day, weekday"):
        rhythm_of(words)


def test_what_misses_no_night_by_its_rhythm() -> None:
    assert longest_gaps({"news": "week", "dhs_pia": "weekday"}) == {"news": 7, "dhs_pia": 3}


def test_a_night_that_is_gone_on_with_tells_of_what_its_first_part_gave() -> None:
    """A night that was killed behind its crawl crawls nothing when it is gone on with; what failed in it failed."""
    told: dict[str, object] = {"event": "night-ended", "night": "2026-11-29"}
    events = [
        *run("dhs_pia", "2026-11-29"),
        told,
        *run("news", "2026-11-30"),
        *run("dhs_oig", "2026-11-30", "", "-add"),
    ]
    at = "2026-11-30T02:30:00Z"
    assert gone_on_with(Crawled((), 0), events, at).runs == ("news-20261130T020000Z",)
    both = gone_on_with(Crawled(("x", "news-20261130T020000Z"), 1, stopped=True), events, at)
    assert both == Crawled(("news-20261130T020000Z", "x"), 1, stopped=True)
    assert gone_on_with(Crawled(("x",), 0), [*events, {**told, "night": "2026-11-30"}], at).runs == ("x",)
    assert gone_on_with(Crawled(("x",), 0), events, "2026-12-02T02:30:00Z").runs == ("x",)
