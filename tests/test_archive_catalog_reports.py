"""What became of each run: its outcomes add up, and it is as expected or not."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from archive.catalog.runs import fold
from pipelines.items import File, Index, Listed, Notice, PrintedDate, Problem, WebPage
from tests.evidence import Captured, World, night

URL = "https://www.dhs.gov/a.pdf"
LIST = "https://www.dhs.gov/list"


def outcomes(world: World) -> list[tuple[str, str, str]]:
    return [(row["outcome"], row["severity"], row["subject"]) for row in world.settle().rows("outcomes")]


def journal(run: str = "library-2018-01-01", **facts: Any) -> list[dict[str, Any]]:
    """Return a journal of one run with these facts, `status` "" for one that was killed."""
    started = {
        "source": "library",
        "night": "2018-01-01",
        "at": night(1),
        "replay": False,
        "minimum": None,
        "maximum": None,
    }
    status = facts.pop("status", "finished")
    ended = [{"event": "run-ended", "run": run, "at": night(1, 30), "status": status}] if status else []
    return [{"event": "run-started", "run": run, **started, **facts}, *ended]


def run_row(world: World) -> dict[str, Any]:
    (row,) = world.settle().rows("runs")
    return row


def test_every_capture_has_exactly_one_outcome_of_its_own() -> None:
    world = World(
        Captured(LIST, night(1), (Index(LIST, 0, 1, True), Listed(LIST, URL, "A"))),
        Captured(URL, night(1, 1), (File(),), "x", ()),
        Captured(URL, night(1, 2), outcome="blocked"),
        Captured("https://www.dhs.gov/old", night(1, 3), location=URL),
        Captured("https://www.dhs.gov/none", night(1, 4), outcome="not-found"),
    )
    counted = Counter(outcome for outcome, _, _ in outcomes(world))
    assert counted == {"listing": 1, "document": 1, "no-pages": 1, "blocked": 1, "redirect": 1, "not-found": 1}
    assert run_row(world)["failures"] == 1


def test_a_failure_that_was_answered_when_asked_again_is_a_note() -> None:
    world = World(
        Captured(URL, night(1), outcome="server-error"), Captured(URL, night(1, 5), (File(),), "x", ("Text",))
    )
    assert ("server-error", "note", URL) in outcomes(world)
    assert run_row(world)["failures"] == 0


@pytest.mark.parametrize(
    "good", [Captured(URL, night(2), (File(),), "x", ("Text",)), Captured(URL, night(1), (File(),), "x")]
)
def test_a_failure_after_the_answer_or_in_another_run_stays_one(good: Captured) -> None:
    world = World(Captured(URL, night(1, 9), outcome="server-error"), good)
    assert ("server-error", "failure", URL) in outcomes(world)


def test_what_a_page_says_of_its_own_troubles_is_counted_once() -> None:
    trouble = Problem("missing-field", "row 3", "no link")
    world = World(Captured(LIST, night(1), (Index(LIST, 0, 1, True), trouble, trouble)))
    assert sorted(outcomes(world)) == [("listing", "ok", LIST), ("missing-field", "failure", "row 3")]


@pytest.mark.parametrize(
    ("minimum", "maximum", "named"),
    [(1, 1, []), (2, 9, ["below-expected"]), (0, 0, ["above-expected"]), (None, None, [])],
)
def test_a_run_is_measured_against_what_its_source_gives(
    minimum: int | None, maximum: int | None, named: list[str]
) -> None:
    world = World(Captured(URL, night(1), (File(),), "x", ("Text",)))
    world.runs = fold(journal(minimum=minimum, maximum=maximum))
    assert [outcome for outcome, _, _ in outcomes(world) if outcome != "document"] == named


def test_a_run_that_was_killed_is_interrupted_and_not_measured() -> None:
    world = World(Captured(URL, night(1), (File(),), "x", ("Text",)))
    world.runs = fold(journal(minimum=2, status=""))
    row = run_row(world)
    assert (row["status"], row["finished"], row["failures"]) == ("interrupted", None, 0)


def test_a_run_that_captured_nothing_is_told_from_the_journal() -> None:
    world = World()
    events = [
        *journal(minimum=1),
        {"event": "outcome", "run": "library-2018-01-01", "outcome": "name-not-resolved", "subject": URL, "detail": ""},
    ]
    world.runs = fold(events)
    row = run_row(world)
    assert (row["captures"], row["documents"], row["failures"], row["status"]) == (0, 0, 2, "failed")


def test_a_run_that_the_journal_does_not_know_is_told_from_its_captures() -> None:
    world = World(Captured(URL, night(1), (File(),), "x", ("Text",)), Captured(URL, night(1, 9), (File(),), "x"))
    row = run_row(world)
    assert (row["status"], row["started"], row["finished"], row["night"]) == (
        "unknown",
        night(1),
        night(1, 9),
        "2018-01-01",
    )
    assert (row["captures"], row["documents"]) == (2, 2)


def test_dates_that_are_none_are_named_and_none_is_made_of_them() -> None:
    page = WebPage(
        "publication page", "A", (), (PrintedDate("created", "February 30, 2018"), PrintedDate("updated", ""))
    )
    said = Notice("a" * 32, {"type": "Solicitation", "posted": "soon", "response_due": "13/45/2018"})
    world = World(
        Captured("https://www.dhs.gov/publication/a", night(1), (page,)),
        Captured(
            LIST,
            night(1),
            (Index(LIST, 0, 1, True), Listed(LIST, URL, "A", dates=(PrintedDate("published", "20188"),))),
        ),
        Captured("https://sam.gov/csv", night(1), (said,), source="notices"),
    ).settle()
    named = {row["detail"] for row in world.rows("outcomes", "outcome = 'invalid-date'")}
    assert named == {"created: February 30, 2018", "published: 20188", "posted: soon", "due: 13/45/2018"}
    assert world.rows("dates") == []
    assert [row["posted"] for row in world.rows("documents")] == [None, None]
    assert [(row["posted"], row["response_due"]) for row in world.rows("notices")] == [(None, None)]


def test_a_name_that_is_no_text_is_reported_all_the_same() -> None:
    world = World()
    odd = {
        "event": "outcome",
        "run": "library-2018-01-01",
        "outcome": "not-a-file",
        "subject": "a\udcff.pdf",
        "detail": "",
    }
    world.runs = fold([*journal(), odd])
    assert outcomes(world) == [("not-a-file", "note", "a?.pdf")]


def test_a_file_that_cannot_be_read_is_counted_as_what_it_is() -> None:
    world = World(
        Captured(URL, night(1), (File(),), "x", ()),
        Captured("https://www.dhs.gov/b.pdf", night(1), (File(),), "y", ("Text",)),
    )
    assert sorted(outcomes(world)) == [
        ("document", "ok", URL),
        ("document", "ok", "https://www.dhs.gov/b.pdf"),
        ("no-pages", "note", URL),
    ]
