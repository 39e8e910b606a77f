"""A night is a chain of steps: killed at any it is gone on with; a source that fails costs the others nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from archive.nights import ENDED
from archive.release.folder import Releases
from archive.store.journal import Journal
from tests.demo_archive import differences, dump, rows
from tests.figures import figure
from tests.forked import Ended, Forked
from tests.hostile import web
from tests.hostile.web import BAD, GOOD, Told

SOURCES = ("dhs_pia", "news", "sam_notices")
FAILED = Told(b"oops", status=500)
PLACES = ("records",)
STEPS = ("crawl", "read", "settle", "release")


def recorded(folder: Path, changes: Mapping[str, Told | None], most: int = 100) -> Path:
    """Write a good night of three sources, and one with changes, and return the recording."""
    good = {url: told for source in SOURCES for url, told in web.SITES[source]().items()}
    bad = {url: told for url, told in {**good, **changes}.items() if told is not None}
    expected = {"minimum": 1, "maximum": most, "fields": {}}
    expect = {source: dict.fromkeys((GOOD, BAD), expected) for source in SOURCES}
    path = folder / "nights.warc.gz"
    path.write_bytes(web.recording({GOOD: good, BAD: bad}, {one: web.ARGUMENTS[one] for one in SOURCES}, expect))
    return path


def nightly(forked: Forked, archive: Path, recording: Path, night: str, **faults: Any) -> tuple[Ended, Any]:
    """Play a night; return how it ended, and its summary (None where it printed none)."""
    ended = forked.run(archive, "nightly", *SOURCES, "--replay", recording, "--night", night, "--json", **faults)
    begin = ended.said.find("{\n")
    return ended, json.loads(ended.said[begin : ended.said.rindex("}") + 1]) if begin >= 0 else None


def test_an_interface_that_is_refused_keeps_nothing_back(forked: Forked, tmp_path: Path) -> None:
    """One answer holds all that a source of records gives: where that is refused, a list is, whatever is missing."""
    night = {**web.library(), **web.newsroom(), **web.interface()}
    bad = {**night, web.SEARCHES[BAD]: Told(b"no", status=403)}
    expect = {one: {day: {"minimum": 2, "maximum": 9} for day in (GOOD, BAD)} for one in SOURCES}
    recording = tmp_path / "nights.warc.gz"
    recording.write_bytes(web.recording({GOOD: night, BAD: bad}, {one: web.ARGUMENTS[one] for one in SOURCES}, expect))
    nightly(forked, tmp_path / "archive", recording, GOOD)
    ended, told = nightly(forked, tmp_path / "archive", recording, BAD)
    assert (ended.status, told["release"]["closed"], told["release"]["new"]) == (1, [], True), ended.said
    assert [need["name"] for need in told["needs"] if need["about"] == "source"] == ["sam_notices"]


def library_fails() -> dict[str, Told | None]:
    return dict.fromkeys(web.library(), FAILED)


def test_a_source_that_fails_costs_the_others_nothing(forked: Forked, tmp_path: Path) -> None:
    third = f"{web.NEWSROOM}/2018/01/third-told-here"
    news: dict[str, Told | None] = {web.FEED: web.feed(*web.STORIES.values(), third), third: web.story("third")}
    recording = recorded(tmp_path, {**library_fails(), **news})
    first, told = nightly(forked, tmp_path / "archive", recording, GOOD)
    assert (first.status, told["status"], told["needs"]) == (0, 0, []), first.said
    assert (told["release"]["number"], told["added"]["documents"]) == (1, told["release"]["documents"])
    assert [step["name"] for step in told["steps"]] == list(STEPS)
    second, worse = nightly(forked, tmp_path / "archive", recording, BAD)
    assert (second.status, worse["status"], worse["release"]["new"]) == (1, 1, True), second.said
    assert [(need["about"], need["name"]) for need in worse["needs"]] == [("source", "dhs_pia")]
    assert "server-error" in worse["needs"][-1]["why"]
    assert worse["needs"][-1]["do"]
    manifest = Releases(tmp_path / "archive").manifest(2)
    assert manifest["failing"] == ["dhs_pia"], "the release says whose state is an older one"
    assert worse["release"]["documents"] == told["release"]["documents"] + 1, "what it gave before stands"
    ended = [event for event in Journal(tmp_path / "archive").read() if event["event"] == ENDED]
    assert [(one["night"], one["status"]) for one in ended] == [(GOOD, 0), (BAD, 1)]
    assert ended[1]["added"] == worse["added"]
    assert "http" not in json.dumps(ended), "figures and names, and no address"


def test_what_a_source_never_gives_keeps_the_last_release_up(forked: Forked, tmp_path: Path) -> None:
    """SV-13: twice as many rows as there ever were."""
    names = [f"trap-{one}" for one in range(8)]
    files = {name: f"{web.LIBRARY}/sites/default/files/publications/{name}.pdf" for name in names}
    pages = {f"{web.LIBRARY}/publication/{name}": web.publication(name, href=url) for name, url in files.items()}
    changes: dict[str, Told | None] = {web.LISTING: web.listing(*web.PAGES.values(), *pages), **pages}
    changes |= {url: Told(web.file_of(name), web.PDF) for name, url in files.items()}
    recording = recorded(tmp_path, changes, most=10)
    assert nightly(forked, tmp_path / "archive", recording, GOOD)[0].status == 0
    ended, told = nightly(forked, tmp_path / "archive", recording, BAD)
    assert (ended.status, told["status"]) == (2, 2), ended.said
    assert [one["gate"] for one in told["release"]["closed"]] == ["counts"]
    assert Releases(tmp_path / "archive").current() == 1
    need = told["needs"][0]
    assert (need["about"], need["name"]) == ("gate", "counts")
    assert "oversight release accept counts:dhs_pia" in need["do"]
    line = next(event for event in Journal(tmp_path / "archive").read()[::-1] if event["event"] == ENDED)
    assert line["release"] == {"number": None, "new": False, "closed": ["counts"]}
    reason = "The library grew"
    accepted = forked.run(tmp_path / "archive", "release", "accept", "counts:dhs_pia", "--reason", reason, "--for", "7")
    assert (accepted.status, Releases(tmp_path / "archive").current()) == (0, 2), accepted.said
    assert Releases(tmp_path / "archive").manifest(2)["accepted"] == {"counts:dhs_pia": reason}


# What a library tells that was made anew, parked, or emptied; each is told to the operator, and nothing of it replaces
# what was good.
WRONG: Mapping[str, Mapping[str, Told]] = {
    "an empty list": {web.LISTING: web.listing()},
    "all gone": dict.fromkeys([*web.PAGES.values(), *web.FILES.values()], Told(b"gone", status=404)),
    "made anew": {web.LISTING: Told(b"<html><body><h1>Welcome to our new site</h1></body></html>")},
    "parked": dict.fromkeys([web.LISTING, *web.PAGES.values()], Told(b"<html><h1>This domain is for sale</h1></html>")),
}


@pytest.mark.soak
@pytest.mark.parametrize("what", WRONG)
def test_sv_14_what_was_good_stays_up(what: str, forked: Forked, tmp_path: Path) -> None:
    recording, archive = recorded(tmp_path, WRONG[what]), tmp_path / "archive"
    assert nightly(forked, archive, recording, GOOD)[0].status == 0
    held = rows(archive, "SELECT id, digest FROM versions ORDER BY id")
    ended, told = nightly(forked, archive, recording, BAD)
    assert ended.status in (1, 2), ended.said
    assert "dhs_pia" in json.dumps(told["needs"]), told["needs"]
    assert ended.status == 1 or Releases(archive).current() == 1
    assert set(held) <= set(rows(archive, "SELECT id, digest FROM versions")), "nothing good is overwritten"
    gone = rows(archive, "SELECT count(*) FROM documents WHERE listing = 'delisted'")
    assert gone == [(0,)]
    figure("SV-14", case=what, nights_until_told=1, held_back=ended.status == 2, wrong_deletions=0)


@pytest.mark.soak
def test_a_release_that_cant_be_served_is_told_though_nothing_is_new(forked: Forked, tmp_path: Path) -> None:
    recording, archive = recorded(tmp_path, {}), tmp_path / "archive"
    assert nightly(forked, archive, recording, GOOD)[0].status == 0
    again, told = nightly(forked, archive, recording, GOOD)
    assert (again.status, told["release"]["new"]) == (0, False)
    number = Releases(archive).manifest_path(1)
    number.chmod(0o644)
    number.write_bytes(number.read_bytes().replace(b'"number": 1', b'"number": 7'))
    worse, told = nightly(forked, archive, recording, GOOD, before=NO_RELEASE)
    assert (worse.status, told["serves"][:9]) == (2, "Release 1"), worse.said


WATCH = """
title = "The third"
terms = "third story"
[[send]]
webhook = "https://127.0.0.1:9/hook"
secret = "env:NO_SUCH_SECRET"
"""


def watched(archive: Path) -> None:
    """Put a watch into an archive that may not be there yet."""
    (archive / "curation" / "watches").mkdir(parents=True)
    (archive / "curation" / "watches" / "badges.toml").write_text(WATCH)


@pytest.mark.soak
def test_only_what_may_be_is_accepted_and_only_where_it_was_meant(forked: Forked, tmp_path: Path) -> None:
    pages: dict[str, Told | None] = {web.LISTING: web.listing()}
    recording, archive = recorded(tmp_path, pages), tmp_path / "archive"
    assert nightly(forked, archive, recording, GOOD)[0].status == 0
    assert nightly(forked, archive, recording, BAD)[0].status == 2
    for wrong, says in (("whole", "can't be accepted"), ("counts:nobody", "No source is called")):
        refused = forked.run(archive, "release", "accept", wrong, "--reason", "x")
        assert (refused.status, says in refused.said) == (2, True), refused.said
    narrow = forked.run(archive, "release", "accept", "counts:news", "--reason", "not that one")
    assert (narrow.status, Releases(archive).current()) == (2, 1), narrow.said
    assert forked.run(archive, "release", "accept", "counts", "--reason", "It is empty").status == 0
    assert Releases(archive).current() == 2


def test_who_watches_is_told_and_what_cant_be_sent_is_named(forked: Forked, tmp_path: Path) -> None:
    third = f"{web.NEWSROOM}/2018/01/third-told-here"
    news: dict[str, Told | None] = {web.FEED: web.feed(*web.STORIES.values(), third), third: web.story("third")}
    recording, archive = recorded(tmp_path, news), tmp_path / "archive"
    first, told = nightly(forked, archive, recording, GOOD)
    assert (first.status, told["messages"]) == (0, None), first.said
    watched(archive)  # its first night tells it what that night brings
    second, told = nightly(forked, archive, recording, BAD)
    assert [step["name"] for step in told["steps"]] == ["watches", *STEPS, "messages", "deliver"]
    assert (told["messages"]["began"], told["messages"]["hits"]) == (["badges"], 1), second.said
    assert (second.status, told["messages"]["made"], told["delivered"]["due"]) == (1, 1, 1), second.said
    assert [(need["about"], need["name"].partition("/")[0]) for need in told["needs"]] == [("delivery", "badges")]
    line: Any = next(event for event in Journal(archive).read()[::-1] if event["event"] == ENDED)
    assert (line["messages"]["made"], line["delivered"]) == (1, {"sent": 0, "due": 1})


NO_RELEASE = """
import console.nightly
console.nightly.build_held = lambda *_: {"new": False, "number": 1, "documents": 0, "closed": [], "looks": [],
                                         "not_stamped": []}
"""
# The command is killed right before a step, or right behind it.
KILL = """
import os, console.steps
take = console.steps.Steps.take
def killed(self, name, do, after=()):
    if (name, {behind}) == ({step!r}, False):
        os.kill(os.getpid(), 9)
    given = take(self, name, do, after)
    if name == {step!r}:
        os.kill(os.getpid(), 9)
    return given
console.steps.Steps.take = killed
"""
POINTS = [(step, behind) for step in (*STEPS, "messages", "deliver") for behind in (False, True)]


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([("release", True)], id="some"),
        pytest.param(POINTS, id="all", marks=pytest.mark.soak),
    ],
)
def test_killed_between_steps(points: list[tuple[str, bool]], forked: Forked, tmp_path: Path) -> None:
    recording = recorded(tmp_path, library_fails())
    watched(tmp_path / "undisturbed")
    undisturbed, whole = nightly(forked, tmp_path / "undisturbed", recording, GOOD)
    assert undisturbed.status == 0, undisturbed.said
    expected = dump(tmp_path / "undisturbed", PLACES)
    killed = 0
    for step, behind in points:
        archive = tmp_path / f"{step}-{behind}"
        watched(archive)
        ended, _ = nightly(forked, archive, recording, GOOD, before=KILL.format(step=step, behind=behind))
        assert ended.status == -9, (step, behind, ended.said)
        killed += 1
        again, told = nightly(forked, archive, recording, GOOD)
        assert again.status == 0, again.said
        assert differences(expected, dump(archive, PLACES)) == {}, (step, behind)
        assert Releases(archive).numbers() == [1]
        assert told["release"]["digest"] == whole["release"]["digest"], (step, behind)
        began = [event for event in Journal(archive).read() if event["event"] in ("watch-began", "news-noted")]
        assert len(began) == 2, (step, behind, began)
    figure(
        "CR-06", steps_of_a_night=len(STEPS) + 2, killed_between=killed, catalogues_different=0, releases_different=0
    )


@pytest.mark.soak
def test_a_step_that_fails_keeps_back_what_hangs_on_it(forked: Forked, tmp_path: Path) -> None:
    recording = recorded(tmp_path, {})
    broken = "import console.nightly\ndef settle_all(*_): raise TypeError('a mistake of ours')\n"
    ended, told = nightly(
        forked, tmp_path / "archive", recording, GOOD, before=f"{broken}console.nightly.settle_all = settle_all"
    )
    assert ended.status == 2, ended.said
    steps = {step["name"]: step["status"] for step in told["steps"]}
    assert steps == {"crawl": "done", "read": "done", "settle": "failed", "release": "kept back"}
    assert "a mistake of ours" in ended.said
    again, told = nightly(forked, tmp_path / "archive", recording, GOOD)
    assert (again.status, told["release"]["new"]) == (0, True), again.said


def test_a_source_that_breaks_by_our_mistake_stops_no_other(forked: Forked, tmp_path: Path) -> None:
    recording = recorded(tmp_path, {})
    broken = (
        "import pipelines.crawl\nreal = pipelines.crawl._Sequence._run_one\n"
        "async def broken(self, plan):\n    if plan.run.source == 'dhs_pia': raise LookupError('a mistake of ours')\n"
        "    await real(self, plan)\npipelines.crawl._Sequence._run_one = broken"
    )
    ended, told = nightly(forked, tmp_path / "archive", recording, GOOD, before=broken)
    assert ended.status == 1, ended.said
    assert [one["source"] for one in told["broken"]] == ["dhs_pia"]
    assert {run["source"] for run in told["runs"]} == {"news", "sam_notices"}
    assert told["release"]["new"]
