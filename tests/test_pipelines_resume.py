"""A crawl that was killed, stopped or had spent its budget is gone on with: nothing lost, nothing doubled (CR-06)."""

from __future__ import annotations

import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.runs import Told, fold
from pipelines.rebuild import rebuild
from pipelines.resume import run_again, unfinished_run
from tests.counted_site import CountedSite, Reply
from tests.demo_archive import differences, dump, left_running, rows
from tests.live_crawls import crawled, outcomes, site_pages, started, walked_settings

ONE_BY_ONE = {"*": {"delay": 0, "concurrency": 1}}
# What says when, in which run, or in which capture.
OWN = ("first_seen", "last_seen", "capture", "run", "id", "started", "finished", "night", "made_of")
TABLES = ("documents", "versions", "pages", "identifiers", "listings", "addresses", "outcomes", "statements", "runs")


def told(archive: Path) -> dict[str, list[Any]]:
    """Return what a catalogue tells, but for when, and in which run."""
    found = {}
    for table in TABLES:
        columns = [name for _, name, *_ in rows(archive, f"PRAGMA table_info({table})") if name not in OWN]
        found[table] = sorted(rows(archive, f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_stopped_in_the_middle_and_run_again(tmp_path: Path, number: signal.Signals) -> None:
    with CountedSite(site_pages(8, 4)) as site:
        crawled(tmp_path / "undisturbed", site)
        before = len(site.log)
        for done in (5, 11):
            process = started(tmp_path / "stopped", site, HOST_RULES={"*": {"delay": 0.03, "concurrency": 1}})
            while len(site.log) < before + done:
                assert process.poll() is None, "it ended before it could be stopped"
                time.sleep(0.005)
            process.send_signal(number)
            process.wait(60)
            assert left_running(process.pid) == []
        crawled(tmp_path / "stopped", site)
    asked = Counter(site.asked(before))
    assert asked.keys() == set(site.pages)
    # At a kill there may be one answer on its way to the disk, and one request on the wire.
    doubled = sum(asked.values()) - len(asked)
    assert doubled <= (4 if number == signal.SIGKILL else 0), asked
    assert rows(tmp_path / "stopped", "SELECT count(*), count(DISTINCT url), count(DISTINCT run) FROM captures") == [
        (19, 19, 1)
    ]
    assert differences(told(tmp_path / "undisturbed"), told(tmp_path / "stopped")) == {}
    whole = dump(tmp_path / "stopped")
    rebuild(tmp_path / "stopped", walked_settings(tmp_path / "stopped"))
    assert differences(whole, dump(tmp_path / "stopped")) == {}


# The fourth night's run is a new one: it has only what the third left of the budget of this one day.
STATUSES = ("budget", "budget", "finished", "budget")


def test_a_quota_is_gone_on_with_where_it_ended(tmp_path: Path) -> None:
    with CountedSite(site_pages(8, 4, files=False)) as site:
        for night in range(1, 5):
            rules = {"*": {"delay": 0, "concurrency": 1, "requests_a_night": 4 * night}}
            report = crawled(tmp_path, site, HOST_RULES=rules)
            assert [run["status"] for run in report["runs"]] == [STATUSES[night - 1]]
            assert len(site.log) == (4, 8, 11, 16)[night - 1]
    assert rows(tmp_path, "SELECT count(*) FROM runs") == [(2,)]
    assert rows(tmp_path, "SELECT count(DISTINCT run) FROM outcomes WHERE outcome = 'over-budget'") == [(1,)]
    asked = site.asked()
    assert max(Counter(asked[:11]).values()) == 1, "nothing is asked twice in the run of three nights"


def test_what_went_wrong_is_asked_again(tmp_path: Path) -> None:
    pages = site_pages(4, 4, files=False)
    pages["/page-1"], good = Reply(b"", 503, {"Retry-After": "99999"}), pages["/page-1"]
    with CountedSite(pages) as site:
        first = crawled(tmp_path, site, HOST_RULES=ONE_BY_ONE)
        assert [run["status"] for run in first["runs"]] == ["given-up"]
        site.pages["/page-1"] = good
        again = crawled(tmp_path, site, HOST_RULES=ONE_BY_ONE)
    assert [run["status"] for run in again["runs"]] == ["finished"]
    assert again["runs"][0]["id"] == first["runs"][0]["id"]
    assert again["failures"] == 0, "what was mended isn't told any more"
    assert outcomes(again)["document"] == 4
    assert {path: times for path, times in Counter(site.asked()).items() if times > 1} == {"/page-1": 2}


def events(*ended: str, run: str = "dhs_pia-20261101T020000Z", **facts: Any) -> list[dict[str, Any]]:
    """Return a run's events: its begin, and how it ended, once or more."""
    begun = {"event": "run-started", "run": run, "source": "dhs_pia", "at": "2026-11-01T02:00:00Z", "replay": False,
             "night": "2026-11-01", "minimum": 5, "maximum": 9, "fields": {"notice.title": 1.0}}  # fmt: skip
    said: list[dict[str, Any]] = [{**begun, **facts}]
    for number, status in enumerate(ended):
        if number:
            said.append({"event": "run-resumed", "run": run, "at": f"2026-11-0{1 + number}T02:00:00Z"})
        said.append({"event": "run-ended", "run": run, "at": f"2026-11-0{1 + number}T03:00:00Z", "status": status})
    return said


LATER = {"run": "dhs_pia-20261102T020000Z", "at": "2026-11-02T02:00:00Z"}


@pytest.mark.parametrize(
    ("said", "resumed"),
    [
        ([], False),
        (events(), True),
        (events("shutdown"), True),
        (events("budget"), True),
        (events("given-up"), True),
        (events("finished"), False),
        (events("limit"), False),
        (events("start_error"), False),
        (events("budget", "budget"), True),
        (events("budget", "finished"), False),
        (events(replay=True), False),
        (events(source="news", run="news-20261101T020000Z"), False),
        (events(run="dhs_pia-20261101T020000Z-add"), False),
        (events(run="dhs_pia-20261101T020000Z-limit"), False),
        (events(run="dhs_pia-20261101T020000Z-cited"), False),
        (events() + events("finished", **LATER), False),
        (events("finished") + events(**LATER), True),
        (events() + events("finished", run="dhs_pia-20261102T020000Z-add", at="2026-11-02T02:00:00Z"), True),
    ],
)
def test_which_run_is_gone_on_with(said: list[dict[str, Any]], resumed: bool) -> None:
    assert (unfinished_run(said, "dhs_pia", "2026-11-05T02:00:00Z", 7) is not None) is resumed


def test_it_is_the_same_run_and_not_for_ever() -> None:
    said = events("budget", "budget")
    facts = unfinished_run(said, "dhs_pia", "2026-11-09T02:00:00Z", 7)
    assert facts is not None, "its last sign of life counts, not its begin"
    run = run_again(facts)
    assert {"event": "run-started", "run": run.id} | {
        key: getattr(run, key) for key in ("source", "night", "at", "replay", "minimum", "maximum", "fields")
    } == said[0]
    assert unfinished_run(said, "dhs_pia", "2026-11-09T03:00:01Z", 7) is None


def test_what_became_of_requests_is_told_anew() -> None:
    failed = {"event": "outcome", "run": "r", "outcome": "timed-out", "subject": "https://a.example/", "detail": ""}
    resumed = {"event": "run-resumed", "run": "r", "at": "2026-11-02T02:00:00Z"}
    said = [*events("shutdown", run="r"), failed, resumed]
    run = fold(said)["r"]
    assert (run.findings, run.finished, run.status) == ({}, "", "interrupted")
    assert Told(said).is_news(failed)
    assert Told(said).is_news({"event": "run-ended", "run": "r", "at": "2026-11-01T03:00:00Z", "status": "shutdown"})
    assert not Told(said).is_news(said[0])
    assert fold([*said, failed])["r"].findings
