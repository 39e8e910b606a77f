"""Runs as the journal tells them: folding is idempotent, and what says nothing new is no news."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from archive.catalog.runs import Told, fold

FACTS = {"source": "library", "night": "2018-01-01", "replay": True, "minimum": None, "maximum": None}


def events() -> st.SearchStrategy[list[dict[str, Any]]]:
    runs = st.sampled_from(["one", "two"])
    at = st.sampled_from(["2018-01-01T00:00:00Z", "2018-01-02T00:00:00Z"])
    started = st.builds(lambda run, at: {"event": "run-started", "run": run, "at": at, **FACTS}, runs, at)
    outcome = st.builds(
        lambda run, subject: {"event": "outcome", "run": run, "outcome": "trap", "subject": subject, "detail": ""},
        *(runs, st.sampled_from("ab")),
    )
    ended = st.builds(
        lambda run, at, status: {"event": "run-ended", "run": run, "at": at, "status": status},
        *(runs, at, st.sampled_from(["finished", "shutdown"])),
    )
    other = st.just({"event": "recovered", "outcome": "tail-cut", "subject": "x", "detail": "", "capture": ""})
    begun = [{"event": "run-started", "run": run, "at": "2018-01-01T00:00:00Z", **FACTS} for run in ("one", "two")]
    return st.lists(st.one_of(started, outcome, ended, other), max_size=12).map(lambda told: [*begun, *told])


@given(events())
def test_folding_again_says_the_same(told: list[dict[str, Any]]) -> None:
    assert fold([*told, *told]) == fold(told)


@given(events())
def test_leaving_out_what_is_no_news_changes_nothing(told: list[dict[str, Any]]) -> None:
    kept: list[dict[str, Any]] = []
    journal = Told()
    for event in told:
        if event["event"] == "recovered" or journal.is_news(event):
            kept.append(event)
            journal.add(event)
    assert fold(kept) == fold(told)


@given(events())
def test_what_the_journal_has_is_no_news(told: list[dict[str, Any]]) -> None:
    last = {(event["run"], event["event"], event.get("subject")): event for event in told if "run" in event}
    journal = Told([*told, {"event": "sealed", "warc": "x", "length": 1}])
    assert not any(journal.is_news(event) for event in last.values())


def test_a_run_without_an_end_is_interrupted_until_it_is_done_again() -> None:
    started = {"event": "run-started", "run": "one", "at": "2018-01-01T00:00:00Z", **FACTS}
    ended = {"event": "run-ended", "run": "one", "at": "2018-01-01T05:00:00Z", "status": "finished"}
    assert fold([started])["one"].status == "interrupted"
    assert fold([started, started, ended])["one"].status == "finished"


def test_what_is_said_of_a_run_that_never_started_is_left_alone() -> None:
    assert fold([{"event": "run-ended", "run": "x", "at": "", "status": "finished"}, {"event": "sealed"}]) == {}
