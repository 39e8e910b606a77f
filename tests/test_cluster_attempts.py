"""What an attempt at a run hands over is taken in once and whole, whatever became of it on its way (CR-15)."""

from __future__ import annotations

import gzip
import json
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.runs import fold
from archive.folder import ArchiveFolder
from pipelines.clock import now
from pipelines.cluster.attempts import Attempt, attempts_left
from pipelines.cluster.crawl_task import crawl_once
from pipelines.cluster.crawling import capture_on, settings_sent, take_in_left
from pipelines.cluster.shared import Shared, SharedUnusable
from pipelines.cluster.taking_in import Taken, take_in
from pipelines.crawl import load_captured
from pipelines.plan import plan_live
from pipelines.readers import Readers
from pipelines.session import begun
from tests.counted_site import CountedSite
from tests.crawled_apart import settings_for
from tests.demo_archive import differences, dump, rows
from tests.figures import figure
from tests.live_crawls import site_pages
from tests.test_pipelines_resume import told

pytestmark = pytest.mark.soak
REQUESTS = 19
QUIET = lambda what, done, of: None  # noqa: E731
NOTHING: dict[str, list[Any]] = {"captures": [], "records": [], "events": []}


class Gone:
    """A cluster whose scheduler is gone: this machine does all of it."""

    lost, slots = "The cluster's scheduler is gone.", 0

    def __init__(self, shared: Shared) -> None:
        self.shared = shared


@pytest.fixture(scope="module")
def site() -> Iterator[CountedSite]:
    with CountedSite(site_pages(8, 4)) as made:
        yield made


@pytest.fixture(scope="module")
def handed_over(site: CountedSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a store with one attempt that is over, whose task was delivered three times at once."""
    folder = tmp_path_factory.mktemp("handed")
    settings = settings_for(folder / "none", {"walked_a": site.host})
    job: dict[str, Any] = {
        "run": asdict(begun("walked_a", now(), None)),
        "own": {"ADDRESS_GUARD_ADMIT": site.host},
        "settings": settings_sent(settings),
        "excerpt": NOTHING,
        "hosts": {},
        "recording": "",
        "at": now(),
    }
    shared = Shared(f"file://{folder / 'shared'}")
    attempt = Attempt.new(shared, job["run"]["id"], job)
    sent = {"shared": shared.url, "attempt": attempt.folder, "every": 0.3}
    deliveries = [threading.Thread(target=crawl_once, args=(sent,)) for _ in range(3)]
    for one in deliveries:
        one.start()
    for one in deliveries:
        one.join()
    assert attempt.has("end")
    return folder / "shared"


@pytest.fixture
def store(handed_over: Path, tmp_path: Path) -> tuple[Path, Attempt]:
    """Give a copy of the store, and the attempt in it."""
    copy = Path(shutil.copytree(handed_over, tmp_path / "shared"))
    [attempt] = attempts_left(Shared(f"file://{copy}"))
    return copy, attempt


def taken_in(archive: Path, attempt: Attempt) -> Taken:
    with closing(ArchiveFolder.open(archive)) as opened:
        return take_in(opened, attempt)


def status(archive: Path) -> list[str]:
    with closing(ArchiveFolder.open(archive)) as opened:
        return [run.status for run in fold(opened.journal.read()).values()]


def gone_on_with(archive: Path, shared: Path, site: CountedSite) -> None:
    """Crawl the site into an archive as a command does whose cluster is gone."""
    settings = settings_for(archive, {"walked_a": site.host})
    cluster: Any = Gone(Shared(f"file://{shared}"))
    take_in_left(cluster.shared, settings, QUIET)
    plans = [
        replace(plan, settings={**plan.settings, "ADDRESS_GUARD_ADMIT": site.host})
        for plan in plan_live(settings, ["walked_a"])
    ]
    assert not capture_on(cluster, settings, plans, QUIET, Readers).broken
    load_captured(settings, QUIET)


def test_cr_15_delivered_thrice_is_done_once(store: tuple[Path, Attempt], site: CountedSite, tmp_path: Path) -> None:
    assert max(Counter(site.asked()[:REQUESTS]).values()) == 1
    assert len(site.log) == REQUESTS
    again = shutil.copytree(store[0], tmp_path / "again")
    archive = tmp_path / "archive"
    first = taken_in(archive, store[1])
    assert (first.new, first.held, first.problems) == (REQUESTS, 0, [])
    assert attempts_left(store[1].shared) == []
    load_captured(settings_for(archive, {}), QUIET)
    whole, journal = dump(archive), (archive / "journal" / "journal.jsonl").read_bytes()
    [late] = attempts_left(Shared(f"file://{again}"))
    second = taken_in(archive, late)
    assert (second.new, second.held, second.problems) == (0, REQUESTS, [])
    load_captured(settings_for(archive, {}), QUIET)
    assert differences(whole, dump(archive)) == {}
    assert (archive / "journal" / "journal.jsonl").read_bytes() == journal
    figure("CR-15", delivered=3, taken_in=2, doubled=0, missing=0)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 2, len(content) // 2 + 40):  # one alone may stand where nothing depends on it
        content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [_cut, _flip, Path.unlink], ids=["half", "flipped", "missing"])
def test_cr_15_what_isnt_whole_is_asked_again(
    store: tuple[Path, Attempt], site: CountedSite, tmp_path: Path, damage: Any
) -> None:
    shared, attempt = store
    [whole] = attempts_left(Shared(f"file://{shutil.copytree(shared, tmp_path / 'whole')}"))
    taken_in(tmp_path / "undisturbed", whole)
    load_captured(settings_for(tmp_path / "undisturbed", {}), QUIET)
    piece = max((shared / attempt.folder / "pieces").iterdir(), key=lambda path: path.stat().st_size)
    damage(piece)
    before = len(site.log)
    first = taken_in(tmp_path / "archive", attempt)
    assert first.problems
    assert first.new < REQUESTS
    assert status(tmp_path / "archive") == ["interrupted"], "a run of which something is missing has no end"
    gone_on_with(tmp_path / "archive", shared, site)
    assert status(tmp_path / "archive") == ["finished"]
    assert len(site.log) - before == REQUESTS - first.new, "only what is missing is asked for"
    assert rows(tmp_path / "archive", "SELECT count(*), count(DISTINCT url), count(DISTINCT run) FROM captures") == [
        (REQUESTS, REQUESTS, 1)
    ]
    assert differences(told(tmp_path / "undisturbed"), told(tmp_path / "archive")) == {}


def test_cr_15_killed_before_it_said_anything(store: tuple[Path, Attempt], site: CountedSite, tmp_path: Path) -> None:
    """An attempt without an end counts as far as it handed something over; one that nobody took on isn't one."""
    shared, attempt = store
    attempt.shared.remove(f"{attempt.folder}/end")
    job = attempt.job()
    Attempt.new(attempt.shared, job["run"]["id"], job)
    settings = settings_for(tmp_path / "archive", {"walked_a": site.host})
    attempt.put("sign", json.dumps({"signs": 1, "hosts": {"127.0.0.1": [0.0, 0.0]}}).encode())
    attempt_left = attempts_left(attempt.shared)
    assert len(attempt_left) == 2
    assert not attempt_left[1].has_begun()
    taken = taken_in(tmp_path / "archive", attempt)
    assert (taken.new, taken.problems, dict(taken.hosts)) == (REQUESTS, [], {"127.0.0.1": [0.0, 0.0]})
    assert status(tmp_path / "archive") == ["interrupted"]
    before = len(site.log)
    take_in_left(attempt.shared, settings, QUIET)
    gone_on_with(tmp_path / "archive", shared, site)
    assert status(tmp_path / "archive") == ["finished"]
    assert len(site.log) == before, "all that it captured is here"


def test_what_isnt_ours_in_the_store_stops_nothing(store: tuple[Path, Attempt], tmp_path: Path) -> None:
    shared, attempt = store
    for name, content in (
        ("x/y/job", b"no job"),
        ("x/z/job", gzip.compress(b"[1]")),
        ("x/z/end", b"[]"),
        ("stray", b""),
    ):
        (shared / "runs" / name).parent.mkdir(parents=True, exist_ok=True)
        (shared / "runs" / name).write_bytes(content)
    (shared / attempt.folder / "pieces" / "walked-00000.warc.gz@000000000000").write_bytes(b"no WARC file")
    settings = settings_for(tmp_path / "archive", {})
    (shared / "runs" / "x" / "z" / "pieces").mkdir()
    (shared / "runs" / "x" / "z" / "pieces" / "a").write_bytes(b"")
    assert take_in_left(attempt.shared, settings, QUIET) == 3
    assert [left.folder for left in attempts_left(attempt.shared)] == ["runs/x/z"], "nothing that isn't ours is removed"
    assert rows(tmp_path / "archive", "SELECT count(*) FROM captures") == [(REQUESTS,)]


@pytest.mark.parametrize("forged", [
    {"events": [1]}, {"events": "no"}, {"events": [{"event": "run-started", "run": "RUN"}]},
    {"events": [{"event": "outcome", "run": "RUN", "outcome": "hacked", "subject": "", "detail": ""}]},
    {"events": [{"event": "run-ended", "run": "RUN", "at": 1, "status": "finished"}]},
    {"events": [{"event": "run-ended", "run": "another", "at": "", "status": "finished"}]},
    {"pieces": [1]}, {"pieces": {}}, {"hosts": {"a.example": "no"}}, {"hosts": {"a.example": [float("nan"), 1]}},
])  # fmt: skip
def test_a_forged_end_neither_stops_a_night_nor_comes_into_the_journal(
    store: tuple[Path, Attempt], tmp_path: Path, forged: dict[str, Any]
) -> None:
    _, attempt = store
    end = json.dumps({**attempt.told("end"), **forged}).replace('"RUN"', json.dumps(attempt.run))
    attempt.put("end", end.encode())
    taken = taken_in(tmp_path / "archive", attempt)
    assert [one.outcome for one in taken.problems] == ["record-altered"]
    assert taken.new == REQUESTS, "what it captured proves itself"
    assert status(tmp_path / "archive") == ["interrupted"]
    assert attempts_left(attempt.shared) == []


def test_what_another_run_captured_is_not_taken_for_this_one(store: tuple[Path, Attempt], tmp_path: Path) -> None:
    _, attempt = store
    job = attempt.job()
    job["run"]["id"] = "another-run"
    other = Attempt.new(attempt.shared, "another-run", job)
    for name in attempt.shared.names(f"{attempt.folder}/pieces"):
        other.put(name.removeprefix(f"{attempt.folder}/"), attempt.shared.get(name))
    other.put("sign", b"{}")
    taken = taken_in(tmp_path / "archive", other)
    assert taken.new == 0
    assert {one.outcome for one in taken.problems} == {"record-altered"}


def test_a_store_that_cannot_be_used_is_named_without_its_password() -> None:
    with pytest.raises(SharedUnusable) as refused:
        Shared("nosuch://operator:canary-word@store.example/shared")
    assert "canary" not in str(refused.value)
