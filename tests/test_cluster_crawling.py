"""Crawls on a Dask cluster of real processes: what one process gives, whoever of them is killed (CR-15)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from pipelines.cluster.attempts import Attempt
from pipelines.cluster.shared import Shared
from pipelines.rebuild import rebuild
from tests.cluster_here import ClusterHere, kill
from tests.conftest import ROOT
from tests.counted_site import CountedSite, Reply
from tests.crawled_apart import crawled, settings_for, started
from tests.demo_archive import SAMPLE, differences, dump, oversight, rows
from tests.figures import figure
from tests.hostile.pdf import lines, written
from tests.live_crawls import site_pages
from tests.test_pipelines_resume import told

PAGES = 8
REQUESTS = 19  # 8 pages with a file each, two pages of the list, robots.txt


@contextlib.contextmanager
def sites(names: str, pages: int = PAGES, *, files: bool = True) -> Iterator[dict[str, CountedSite]]:
    """Serve a site for each of the sources walked_a to walked_d that is named by its letter."""
    with contextlib.ExitStack() as held:
        yield {
            f"walked_{name}": held.enter_context(
                CountedSite(_own_pages(name, pages, files=files), address=f"127.0.0.{1 + 'abcd'.index(name)}")
            )
            for name in names
        }


def _own_pages(name: str, pages: int, *, files: bool) -> dict[str, Any]:
    """Return a site that says nothing that another says: what is the same on two is one document."""
    made: dict[str, Any] = site_pages(pages, 4, files=files)
    for path, reply in made.items():
        if path.startswith("/page"):
            made[path] = replace(reply, body=reply.body.replace(b"Page", f"Page {name}".encode()))
        elif path.startswith("/file"):
            made[path] = replace(reply, body=written(lines(f"The file {path} of the site {name}.")))
    return made


def asked(served: dict[str, CountedSite]) -> int:
    return sum(len(site.log) for site in served.values())


def wait_for(served: dict[str, CountedSite], requests: int, process: subprocess.Popen[str]) -> None:
    """Wait until the sites have been asked so often."""
    until = time.monotonic() + 90
    while asked(served) < requests:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    """Return the crawls that a worker has started, and what crawls beside them on that machine."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
            if int(parent) == pid and b"crawl_process" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def captures(archive: Path) -> tuple[int, int, int]:
    """Return how many captures an archive has, of how many addresses, in how many runs."""
    [row] = rows(archive, "SELECT count(*), count(DISTINCT url), count(DISTINCT run) FROM captures")
    return int(row[0]), int(row[1]), int(row[2])


SLOW = {"HOST_RULES": {"*": {"delay": 0.25, "concurrency": 1}}}


@pytest.mark.soak
@pytest.mark.parametrize("killed", ["none", "worker", "machine", "scheduler", "command"])
def test_cr_15_crawled_by_a_cluster(tmp_path: Path, killed: str) -> None:
    with sites("abc") as served, ClusterHere(tmp_path / "cluster") as cluster:
        crawled(tmp_path / "one", served)
        before = {name: len(site.log) for name, site in served.items()}
        slow = {"HOST_RULES": {"*": {"delay": 2, "concurrency": 1}}} if killed == "command" else SLOW
        process, kills = started(tmp_path / "many", served, cluster, **slow), 0
        if killed != "none":
            wait_for(served, sum(before.values()) + 20, process)
            assert cluster.scheduler is not None
            crawls = children(cluster.workers[0].pid)
            if killed == "machine":
                for pid in crawls:
                    os.kill(pid, signal.SIGKILL)
                    kills += 1
            if killed == "command":
                process.kill()
            else:
                kill(cluster.scheduler if killed == "scheduler" else cluster.workers[0])
            kills += 1
        _, complaints = process.communicate(timeout=300)
        if killed == "command":
            time.sleep(1)
            crawled(tmp_path / "many", served, cluster, **SLOW)
        else:
            assert process.returncode == 0, complaints
            assert ("scheduler is gone" in complaints) == (killed == "scheduler"), complaints
        paths = {name: Counter(site.asked(before[name])) for name, site in served.items()}
        left = [path for path in (tmp_path / "cluster" / "shared" / "runs").rglob("*") if path.is_file()]
        assert left == [], "nothing is left"
    doubled = sum(times.total() - len(times) for times in paths.values())
    assert all(set(times) == set(served[name].pages) for name, times in paths.items())
    assert differences(told(tmp_path / "one"), told(tmp_path / "many")) == {}
    held, addresses, runs = captures(tmp_path / "many")
    assert (addresses, runs) == (3 * REQUESTS, 3)
    figure("CR-15", crawling=killed, kills=kills, asked_again=doubled, missing=3 * REQUESTS - addresses,
           doubled=held - addresses)  # fmt: skip
    assert held == addresses, "nothing is captured twice"
    # What was captured after the last sign of life of a machine that is gone is asked for again.
    assert doubled <= (0 if killed == "none" else 3 * 12)
    whole = dump(tmp_path / "many")
    rebuild(tmp_path / "many", settings_for(tmp_path / "many", {}))
    assert differences(whole, dump(tmp_path / "many")) == {}


@pytest.mark.soak
def test_a_replay_on_a_cluster_gives_the_same_rows(tmp_path: Path) -> None:
    line = ("crawl", "news", "dhs_pia", "references", "--replay", SAMPLE, "--night", "2018-01-26", "--archive")
    assert oversight(*line, tmp_path / "one").returncode == 0
    with ClusterHere(tmp_path / "cluster") as cluster:
        for _ in range(2):
            done = oversight(*line, tmp_path / "many", *cluster.options)
            assert done.returncode == 0, done.stderr
            assert differences(dump(tmp_path / "one", ("records",)), dump(tmp_path / "many", ("records",))) == {}
    assert oversight("verify", "--archive", tmp_path / "many").returncode == 0


@pytest.mark.soak
def test_the_second_night_asks_on_a_condition(tmp_path: Path) -> None:
    with sites("ab") as served, ClusterHere(tmp_path / "cluster") as cluster:
        page = served["walked_a"].pages["/page-1"]
        for archive, there in ((tmp_path / "one", None), (tmp_path / "many", cluster)):
            served["walked_a"].pages["/page-1"] = page
            crawled(archive, served, there)
            before = {name: len(site.log) for name, site in served.items()}
            served["walked_a"].pages["/page-1"] = Reply(archive.name.encode() * 40, 200, {"Content-Type": "text/html"})
            crawled(archive, served, there)
            statuses = Counter(one.status for name, site in served.items() for one in site.log[before[name] :])
            # The page that is another has no link to its file any more.
            assert statuses == {304: 2 * REQUESTS - 2, 200: 1}, (archive.name, statuses)
        held = list((tmp_path / "cluster" / "shared" / "held").iterdir())
    count = "SELECT outcome, count(*) FROM captures GROUP BY outcome"
    found = [rows(tmp_path / name, count) for name in ("one", "many")]
    assert found[0] == found[1]
    assert dict(found[0])["unchanged"] > 30
    assert 0 < len(held) <= 2 * REQUESTS


@pytest.mark.soak
def test_through_an_object_store(tmp_path: Path) -> None:
    """Nothing is appended to, renamed, or looked for in a folder."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    there = {"PYTHONPATH": str(ROOT / "tests" / "shelf"), "SHELF": str(shelf)}
    with sites("ab") as served, ClusterHere(tmp_path / "cluster", 2, **there) as cluster:
        cluster.shared = "shelf://bucket/oversight"
        for archive, cluster_or_none in ((tmp_path / "one", None), (tmp_path / "many", cluster)):
            crawled(archive, served, cluster_or_none)
            before = {name: len(site.log) for name, site in served.items()}
            crawled(archive, served, cluster_or_none)
            statuses = Counter(one.status for name, site in served.items() for one in site.log[before[name] :])
            assert statuses == {304: 2 * REQUESTS}, (archive.name, statuses)
    assert differences(told(tmp_path / "one"), told(tmp_path / "many")) == {}
    left = [unquote(path.name) for path in shelf.iterdir()]
    assert left
    assert all(name.startswith("bucket/oversight/held/") for name in left), left


@pytest.mark.soak
def test_a_host_is_asked_by_one_run_at_a_time(tmp_path: Path) -> None:
    """Delay, Retry-After and budget hold from one run to the next, on whichever worker it goes on."""
    wait = 4
    pages = site_pages(4, 4, files=False)
    pages["/page-3"] = lambda _path, _headers, before: (
        Reply(b"later", 503, {"Retry-After": str(wait)}) if before == 0 else Reply(b"<p>Here</p>", 200, {})
    )
    rules = {"*": {"delay": 0.3, "concurrency": 1, "requests_a_night": 10}}
    with CountedSite(pages) as site, ClusterHere(tmp_path / "cluster") as cluster:
        both = {"walked_a": site, "walked_too": site}
        report = crawled(tmp_path / "many", both, cluster, HOST_RULES=rules)
        log = list(site.log)
    gaps = [later.at - sooner.at for sooner, later in pairwise(log)]
    assert min(gaps) >= 0.2, gaps
    refused = [number for number, one in enumerate(log) if one.status == 503]
    assert len(refused) == 1
    assert gaps[refused[0]] >= wait - 0.05, gaps
    assert len(log) == 10, "the budget of the night is both runs'"
    assert "budget" in {run["status"] for run in report["runs"]}


@pytest.mark.soak
def test_stopped_it_ends_in_order_and_is_gone_on_with(tmp_path: Path) -> None:
    with sites("abcd") as served, ClusterHere(tmp_path / "cluster") as cluster:
        process = started(tmp_path / "many", served, cluster, **SLOW)
        wait_for(served, 12, process)
        process.send_signal(signal.SIGTERM)
        said, complaints = process.communicate(timeout=120)
        assert process.returncode == 0, complaints
        stopped = rows(tmp_path / "many", "SELECT status, count(*) FROM runs GROUP BY status")
        assert stopped == [("shutdown", 2)], stopped
        assert '"not_begun": 2' in said
        crawled(tmp_path / "many", served, cluster)
        paths = [path for name, site in served.items() for path in (f"{name}{one}" for one in site.asked())]
    assert captures(tmp_path / "many") == (4 * REQUESTS, 4 * REQUESTS, 4)
    assert max(Counter(paths).values()) == 1, "nothing is asked for twice"


def test_two_workers_crawl_two_sites(tmp_path: Path) -> None:
    with sites("ab", 4, files=False) as served, ClusterHere(tmp_path / "cluster") as cluster:
        report = crawled(tmp_path / "many", served, cluster)
        assert {run["status"] for run in report["runs"]} == {"finished"}
        assert all(Counter(site.asked()) == Counter(list(site.pages)) for site in served.values())
    assert captures(tmp_path / "many") == (12, 12, 2)
    left = [path for path in (tmp_path / "cluster" / "shared").rglob("*") if path.is_file()]
    assert {path.parent.name for path in left} <= {"held"}


def test_an_attempt_is_taken_on_once(tmp_path: Path) -> None:
    attempt = Attempt.new(Shared(f"file://{tmp_path}"), "walked-20261130T000000Z", {"run": {}})
    assert attempt.claim(b"one")
    assert not attempt.claim(b"another")
    assert attempt.has_begun()
    late = Attempt.new(attempt.shared, attempt.run, {})
    assert not late.has_begun()
    assert not late.claim(b"too late"), "the command has given it up"
