"""Runs at the same time (group CC): many commands, two paths, races for the lock, workers in any order."""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import pipelines.load as loading
import pipelines.rebuild as rebuilding
from archive.folder import CATALOGUE, ArchiveFolder
from archive.model import Asked, Exchange
from archive.research.search import search
from archive.store.lock import writer_lock
from archive.store.unit import iter_captures
from console.looking import open_to_read
from pipelines.derive import Sources
from pipelines.plan import project_settings
from pipelines.readers import Readers, Wanted
from pipelines.text.reading import Reading
from tests.at_once import at_once
from tests.conftest import ROOT
from tests.demo_archive import SAMPLE, command, differences, dump, environment, oversight, rows
from tests.figures import figure
from tests.hostile.pdf import lines, written

# Where a record lies depends on which run wrote it.
PLACES = ("records",)
DONE, LOCKED = 0, 3
NIGHTLY = ("nightly", "--replay", SAMPLE, "--night", "2018-01-10")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of one night, made by one command alone. Nobody writes to it (see `night`)."""
    path = tmp_path_factory.mktemp("night") / "archive"
    made = oversight("--archive", path, *NIGHTLY)
    assert made.returncode == DONE, made.stderr
    return path


@pytest.fixture
def night(undisturbed: Path, tmp_path: Path) -> Path:
    """Give a copy of it that a test may do anything to."""
    return Path(shutil.copytree(undisturbed, tmp_path / "night"))


@pytest.mark.parametrize("started", [16, pytest.param(50, marks=pytest.mark.soak)])
def test_cc_01_of_many_nightly_runs_one_works(started: int, undisturbed: Path, tmp_path: Path) -> None:
    ended = at_once([["--archive", tmp_path, *NIGHTLY]] * started, stretched=tmp_path)
    winners = [one for one in ended if one["status"] == DONE]
    others = [one for one in ended if one["status"] == LOCKED]
    assert (len(winners), len(others)) == (1, started - 1), Counter(one["status"] for one in ended)
    figure("CC-01", started=len(ended), winners=len(winners), refused_by_name=len(others))
    holder = f"{tmp_path} is being written by nightly ("
    for one in others:
        assert holder in one["said"], one["said"]
        assert f"process {winners[0]['pid']} on " in one["said"]
        assert ", since 20" in one["said"]
    assert differences(dump(undisturbed, PLACES), dump(tmp_path, PLACES)) == {}


def races(folder: Path, count: int, *more: str) -> dict[str, int]:
    folder.mkdir(exist_ok=True)
    line = [sys.executable, "-m", "tests.racing", str(folder), str(count), "2018", *more]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, check=True, timeout=1200)
    counted: dict[str, int] = json.loads(done.stdout)
    return counted


def test_cc_03_no_race_for_the_lock_has_two_winners_or_none(tmp_path: Path) -> None:
    """Holders are killed, and lock files deleted, emptied, overwritten, and made to name another host, meanwhile."""
    counted = races(tmp_path, 60)
    figure("CC-03", **counted)
    assert counted["held by two"] == counted["held by none"] == 0, counted
    assert counted["killed"] > 5, counted
    assert counted["refused"] > 20, counted


def test_cc_03_the_races_can_be_lost(tmp_path: Path) -> None:
    """The control: without the lock on the folder, deleting the lock file lets in a second writer."""
    assert races(tmp_path, 60, "sabotaged")["held by two"] > 0


@pytest.mark.soak
def test_cc_03_a_thousand_races(tmp_path: Path) -> None:
    counted = races(tmp_path, 1000)
    figure("CC-03", **counted)
    assert counted["held by two"] == counted["held by none"] == 0, counted


@pytest.mark.parametrize("what", ["a folder", "a link to nowhere", "a link to a file of somebody's"])
def test_cc_03_what_is_no_lock_file_is_refused_in_one_sentence(what: str, tmp_path: Path) -> None:
    archive, precious = tmp_path / "archive", tmp_path / "precious"
    archive.mkdir()
    precious.write_text("somebody's")
    lock = archive / "lock"
    lock.mkdir() if what == "a folder" else lock.symlink_to(precious if "file" in what else tmp_path / "nowhere")
    refused = oversight("--archive", archive, "crawl", "dhs_pia", "--replay", SAMPLE)
    assert (refused.returncode, refused.stderr.count("\n")) == (5, 1), refused.stderr
    assert f"{lock}: " in refused.stderr
    assert precious.read_text() == "somebody's"
    assert not (tmp_path / "nowhere").exists()


PDF = written(lines("One report, of one page, under two addresses."))
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: %d\r\n\r\n" % len(PDF)


def test_cc_05_one_document_by_two_sources_in_two_spellings(tmp_path: Path) -> None:
    """Also with two workers: its one payload is read once."""
    first, second = (
        "https://www.dhs.gov/sites/default/files/a%20report.pdf",
        "https://www.dhs.gov/sites/default/files/a report.pdf",
    )
    asked = [(first, "dhs_pia", "parse_file"), (second.replace(" ", "%20") + "?x=1", "dhs_sorn", "parse_file")]
    archive = ArchiveFolder.open(tmp_path)
    settings = project_settings(tmp_path)
    known = Sources(settings)
    for number, (url, source, callback) in enumerate(asked):
        assert known.callback(source, callback) is not None
        exchange = Exchange(url, f"2018-01-26T15:00:0{number}Z", b"", HEAD + PDF, status=200)
        archive.store.add(exchange, Asked(source, f"{source}-2018", callback))
    loaded = loading.load(archive, settings)
    archive.close()
    assert loaded.read == 1
    assert rows(tmp_path, "SELECT count(*) FROM captures WHERE outcome = 'document'") == [(2,)]
    assert rows(tmp_path, "SELECT count(*) FROM documents") == [(1,)]
    assert rows(tmp_path, "SELECT count(*) FROM versions") == [(1,)]
    figure("CC-05", captures=2, documents=1, readings=loaded.read)


def test_cc_05_one_file_handed_in_by_two_processes_at_once(tmp_path: Path) -> None:
    """Who is refused comes again; there is one document and no doubled capture."""
    (tmp_path / "report.pdf").write_bytes(PDF)
    hand_in = ["--archive", tmp_path / "archive", "deposit", tmp_path / "report.pdf"]
    addresses = ["https://example.gov/a%2Db.pdf", "https://EXAMPLE.gov:443/a-b.pdf"]
    ended = at_once([[*hand_in, "--url", address] for address in addresses])
    assert {one["status"] for one in ended} <= {DONE, LOCKED}, ended
    for address in addresses:
        assert oversight(*hand_in, "--url", address).returncode == DONE
    assert rows(tmp_path / "archive", "SELECT count(*), count(DISTINCT url) FROM captures") == [(2, 2)]
    assert rows(tmp_path / "archive", "SELECT count(*) FROM documents") == [(1,)]


def test_cc_06_two_paths_are_one_lock_and_a_copy_is_an_archive_of_its_own(night: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(night)
    (tmp_path / "report.pdf").write_bytes(PDF)
    paths = [tmp_path / "link", night / ".." / night.name, Path(os.path.relpath(night, ROOT))]
    with writer_lock(night, "a long crawl"):
        copy = Path(shutil.copytree(night, tmp_path / "copy"))
        ended = at_once([["--archive", path, "deposit", tmp_path / "report.pdf"] for path in [*paths, copy]])
    assert [one["status"] for one in ended] == [LOCKED, LOCKED, LOCKED, DONE]
    figure("CC-06", paths_to_one_lock=3, copies_written=1)
    assert all(f"a long crawl (process {os.getpid()} on " in one["said"] for one in ended[:3])
    assert rows(copy, "SELECT count(*) FROM captures WHERE kind = 'resource'") == [(1,)]
    assert rows(night, "SELECT count(*) FROM captures WHERE kind = 'resource'") == [(0,)]


class _Shuffled(Readers):
    """Gives what the workers read in another order than they do."""

    chance = random.Random(0)

    def read_all(self, wanted: Any) -> Iterator[tuple[Wanted, Reading]]:
        done = list(super().read_all(wanted))
        self.chance.shuffle(done)
        yield from done


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_cc_07_the_same_catalogue_for_any_number_of_workers_in_any_order(
    workers: int, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Captures come in another order, too: by the names of their files, which are drawn anew."""
    chance = random.Random(workers)
    archive = Path(shutil.copytree(undisturbed, tmp_path / "archive", ignore=shutil.ignore_patterns("cache")))
    monkeypatch.setattr(_Shuffled, "chance", chance)
    monkeypatch.setattr(loading.read_pending, "__defaults__", (workers, None))
    (archive / CATALOGUE).unlink()
    order = itertools.count()

    def shuffled(folder: Path) -> Iterator[Any]:
        found = list(iter_captures(folder))
        chance.shuffle(found)
        next(order)
        yield from found

    monkeypatch.setattr(rebuilding, "iter_captures", shuffled)
    assert rebuilding.rebuild(archive, project_settings(archive), readers=_Shuffled).findings == ()
    assert next(order) == 1
    assert differences(dump(undisturbed), dump(archive)) == {}
    figure("CC-07", workers=workers, different_dumps=0)


def test_cc_07_no_worker_holds_the_catalogue_open(night: Path) -> None:
    """SQLite's connections don't survive a fork: what a worker inherits, it could damage."""
    shutil.rmtree(night / "cache")
    loads = subprocess.Popen(command("rebuild", "--archive", night), cwd=ROOT, env=environment(),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    workers: set[int] = set()
    held: set[str] = set()
    while loads.poll() is None:
        for child in _children(loads.pid):
            files = _open_files(child)
            if _command_line(child) not in (_command_line(loads.pid), b""):  # until then it is a copy of its parent
                workers.add(child)
                held |= {name for name in files if str(night) in name}
        time.sleep(0.01)
    assert loads.returncode == DONE
    assert workers
    assert held == set()


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _open_files(pid: int) -> list[str]:
    names = []
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            names.append(str(link.readlink()))
        except OSError:
            continue
    return names


def _commands(folder: Path, report: Path) -> dict[str, list[object]]:
    crawled = ["--replay", SAMPLE, "--night", "2018-01-26"]
    return {
        "crawl": ["crawl", "dhs_pia", *crawled],
        "add": ["add", "https://www.dhs.gov/publication/dhsicepia-039", *crawled],
        "deposit": ["deposit", report],
        "import": ["import", SAMPLE, "--by", "a test"],
        "rebuild": ["rebuild"],
        "release": ["release", "build"],
        "withdraw": ["withdraw", "dhs-ice-pia-045", "--reason", "By order of a court."],
        "verify": ["verify"],
        "backup": ["backup", report.parent / "backup"],
        "export": ["export", "wacz", report.parent / "all.wacz"],
        "search": ["search", "license plate"],
        "status": ["status"],
    }


READERS = {"search", "status"}
PAIRS = [
    pair
    for pair in itertools.combinations_with_replacement(_commands(Path(), Path()), 2)
    if not READERS.issuperset(pair)
]


@pytest.mark.soak
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_cc_02_every_pair_of_commands(one: str, other: str, night: Path, tmp_path: Path) -> None:
    """Who writes refuses whoever writes; who reads waits for nobody; the archive is whole afterwards."""
    (tmp_path / "report.pdf").write_bytes(PDF)
    commands = _commands(night, tmp_path / "report.pdf")
    ended = at_once([["--archive", night, *commands[name]] for name in (one, other)])
    for name, how in zip((one, other), ended, strict=True):
        # 1: what it was handed isn't all as it should be; a release isn't built where a gate is closed.
        # An export is refused where another writes the same, and stopped where something is withdrawn meanwhile.
        refused = name in ("release", "export")
        allowed = {DONE} if name in READERS else {DONE, 1, 2, LOCKED} if refused else {DONE, 1, LOCKED}
        assert how["status"] in allowed, (name, how)
        assert "Traceback" not in how["said"], how
        assert name != "verify" or how["status"] != 1, how["said"]  # nothing is damaged: somebody writes
    assert {how["status"] for how in ended} != {LOCKED}, "neither had the lock"
    figure("CC-02", pair=[one, other], statuses=[how["status"] for how in ended])
    again = oversight("--archive", night, "rebuild")
    assert again.returncode == DONE, again.stdout
    assert dump(night)["(broken)"] == []
    whole = oversight("--archive", night, "verify")
    assert whole.returncode == DONE, whole.stdout


@pytest.mark.soak
def test_cc_04_a_hundred_readers_meet_no_lock(night: Path, tmp_path: Path) -> None:
    """They search while the catalogue is rebuilt, written to, and its log folded in."""
    stop = threading.Event()
    errors: list[str] = []
    took: list[float] = []

    def read() -> None:
        while not stop.is_set():
            began = time.monotonic()
            try:
                with closing(open_to_read(night)) as catalogue:
                    assert search(catalogue, "license plate")["results"]
            except Exception as error:  # whatever a reader is told counts
                errors.append(repr(error))
            took.append(time.monotonic() - began)
            stop.wait(0.5)

    readers = [threading.Thread(target=read) for _ in range(100)]
    for reader in readers:
        reader.start()
    (tmp_path / "report.pdf").write_bytes(PDF)
    for writes in (["rebuild"], ["crawl", "dhs_pia", "--replay", SAMPLE, "--night", "2018-01-26"],
                   ["deposit", tmp_path / "report.pdf"], ["rebuild"]):  # fmt: skip
        assert oversight("--archive", night, *writes).returncode == DONE
    stop.set()
    for reader in readers:
        reader.join()
    took.sort()
    p50, p99 = (round(took[len(took) * percent // 100], 2) for percent in (50, 99))
    figure("CC-04", readers=100, searches=len(took), errors=len(errors), p50=p50, p99=p99)
    assert len(took) > 500
    assert Counter(errors) == {}
