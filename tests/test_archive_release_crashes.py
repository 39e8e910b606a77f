"""A build that is killed, or that the disk refuses, leaves the old release or the new one; the next one mends."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from archive.release.folder import Releases
from archive.release.publishing import GatesClosed
from archive.store.journal import Journal
from archive.store.segment import file_digest
from tests.conftest import ROOT, need
from tests.demo_archive import oversight
from tests.figures import figure
from tests.released import build, change, unreleased

__all__ = ["unreleased"]

# What writes, places or syncs. Of the many writes to the new file itself a few stand for all.
CALLS = "write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,ftruncate,fchmodat,chmod,mkdir,openat"
RELEASES = (".2.db.new", "2.db", ".2.json.new", "2.json", ".current.new", "current", "")


@pytest.fixture
def one_built(unreleased: Path) -> Path:
    """Give an archive with one release, and something new since."""
    build(unreleased)
    change(unreleased, "UPDATE documents SET title = 'Another' WHERE id = 'dhs-ice-pia-039a'")
    return unreleased


def _strace(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    strace = need("strace", "strace")
    places = [str(path / "releases" / name).rstrip("/") for name in RELEASES]
    places += [str(path / "journal" / name) for name in ("journal.jsonl", ".head.new", "head")]
    watched = [part for place in places for part in ("-P", place)]
    return subprocess.run(
        [strace, "-f", *watched, *options, sys.executable, "-m", "tests.released_apart", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _calls(path: Path, log: Path) -> list[str]:
    """Return the calls of an undisturbed build, in order."""
    done = _strace(path, "-o", str(log), "-e", f"trace={CALLS}")
    if "ptrace" in done.stderr and done.returncode:
        pytest.skip("tracing processes isn't allowed here")
    assert done.returncode == 0, done.stderr
    return [name for line in log.read_text().splitlines() if (name := _call(line))]


def _call(line: str) -> str:
    found = re.match(r"\d+ +(\w+)\(", line)
    return found[1] if found else ""


def _assert_old_or_new(path: Path, digests: tuple[str, str]) -> int:
    """Look at what a reader would be given; return which release it is."""
    releases = Releases(path)
    number = releases.current()
    assert number is not None
    manifest = releases.manifest(number)
    assert file_digest(releases.database(number)) == (manifest["file"]["bytes"], manifest["file"]["sha256"])
    with closing(releases.open(number)) as connection:
        assert [tuple(row) for row in connection.execute("PRAGMA quick_check")] == [("ok",)]
        assert connection.execute("SELECT value FROM about WHERE key = 'release'").fetchone()[0] == str(number)
    assert manifest["digest"] == digests[number > 1]
    return number


def _kill_at(
    one_built: Path, place: Path, calls: list[str], points: list[int], digests: tuple[str, str]
) -> dict[str, int]:
    counted = {"points": 0, "old": 0, "new": 0, "mended": 0}
    for point in points:
        path = Path(shutil.copytree(one_built, place / str(point)))
        # strace counts each call by its name.
        name, when = calls[point - 1], calls[:point].count(calls[point - 1])
        done = _strace(path, "-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:signal=KILL:when={when}")
        assert done.returncode in (-9, 137), (point, done)
        number = _assert_old_or_new(path, digests)
        again = build(path)
        assert (again.manifest["digest"], Releases(path).current()) == (digests[1], again.number), point
        assert _assert_old_or_new(path, digests) > 1
        left = [one.name for one in Releases(path).folder.iterdir() if one.name.startswith(".")]
        assert not left, (point, left)
        numbers = [str(event["release"]) for event in Journal(path).read() if event["event"] == "release-built"]
        assert numbers == sorted(set(numbers)), "no number twice"
        counted = {
            "points": counted["points"] + 1,
            "old": counted["old"] + (number == 1),
            "new": counted["new"] + (number > 1),
            "mended": counted["mended"] + 1,
        }
        shutil.rmtree(path)
    return counted


def _undisturbed(one_built: Path, tmp_path: Path) -> tuple[list[str], tuple[str, str]]:
    control = Path(shutil.copytree(one_built, tmp_path / "control"))
    calls = _calls(control, tmp_path / "log")
    releases = Releases(control)
    digests = (releases.manifest(1)["digest"], releases.manifest(2)["digest"])
    assert digests[0] != digests[1]
    return calls, digests


def test_rs_01_killed_at_some_system_calls(one_built: Path, tmp_path: Path) -> None:
    calls, digests = _undisturbed(one_built, tmp_path)
    placing = [at for at, name in enumerate(calls, 1) if name in ("rename", "renameat", "renameat2")]
    points = sorted({placing[0], placing[0] + 1, placing[1] + 1, placing[-2], placing[-1], len(calls) // 3})
    counted = _kill_at(one_built, tmp_path, calls, points, digests)
    assert counted["points"] == len(points) >= 5
    figure("RS-01", calls=len(calls), **counted)


@pytest.mark.soak
def test_rs_01_killed_at_every_system_call(one_built: Path, tmp_path: Path) -> None:
    calls, digests = _undisturbed(one_built, tmp_path)
    points = [at for at, name in enumerate(calls, 1) if name != "pwrite64" or at % 8 == 0]
    counted = _kill_at(one_built, tmp_path, calls, points, digests)
    assert counted["old"] > 0 < counted["new"]
    figure("RS-01", calls=len(calls), every=True, **counted)


def test_rs_03_a_full_disk_leaves_the_last_good_release(one_built: Path, tmp_path: Path) -> None:
    digest = Releases(one_built).manifest(1)["digest"]
    need("strace", "strace")
    full = 0
    for call, when in (("pwrite64", 40), ("write", 1), ("fsync", 1)):
        done = _strace(one_built, "-o", os.devnull, "-e", f"trace={call}",
                       "-e", f"inject={call}:error=ENOSPC:when={when}+")  # fmt: skip
        assert done.returncode == 1, done
        assert re.search(r"StoreFull|database or disk is full|disk I/O error|StoreFailed", done.stderr), done.stderr
        full += 1
        assert Releases(one_built).current() == 1
        assert Releases(one_built).manifest(1)["digest"] == digest
        assert not [one.name for one in Releases(one_built).folder.iterdir() if one.name.startswith(".2.db")]
    assert build(one_built).new
    figure("RS-03", full_disks=full, releases_lost=0)


def test_rs_03_what_is_no_release_is_not_opened_and_the_next_build_mends_it(unreleased: Path, tmp_path: Path) -> None:
    releases = Releases(unreleased)
    build(unreleased)
    database, manifest = releases.database(1), releases.manifest_path(1)
    whole = database.read_bytes()
    database.unlink()
    database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="is not the file that its manifest tells of"):
        releases.open(1)
    assert (build(unreleased).number, releases.current()) == (2, 2), "half a file isn't what the archive says"
    database.unlink()
    database.write_bytes(whole)
    told = json.loads(releases.manifest_path(2).read_bytes())
    releases.put(releases.manifest_path(2), json.dumps(told | {"digest": "0" * 64}, indent=1, sort_keys=True).encode())
    assert build(unreleased).number == 3, "a manifest that the journal doesn't know says nothing"
    assert manifest.exists()


def test_rs_03_releases_of_another_archive_stop_the_build(unreleased: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(unreleased, tmp_path / "other"))
    change(other, "UPDATE documents SET title = 'Other'")
    build(other)
    shutil.copytree(other / "releases", unreleased / "releases")
    before = {path: path.read_bytes() for path in Releases(unreleased).folder.iterdir()}
    with pytest.raises(GatesClosed, match="journal"):
        build(unreleased)
    assert {path: path.read_bytes() for path in Releases(unreleased).folder.iterdir()} == before


def test_rs_03_and_04_the_command_says_why_and_goes_past_on_the_record(one_built: Path) -> None:
    change(one_built, "UPDATE runs SET documents = maximum + 1 WHERE source = 'news'")
    done = oversight("release", "build", "--archive", one_built)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no new release: counts: news gave " in done.stderr
    listed = oversight("release", "list", "--archive", one_built)
    assert "no release is built: counts" in listed.stdout
    accepted = oversight(
        "release",
        "build",
        "--archive",
        one_built,
        "--json",
        "--accept",
        "counts",
        "--accept",
        "captures",
        "--reason",
        "known",
    )
    assert accepted.returncode == 0, accepted.stderr
    assert json.loads(accepted.stdout)["number"] == 2
    newest_first = json.loads(oversight("release", "list", "--json", "--archive", one_built).stdout)
    with closing(sqlite3.connect(one_built / "archive.db")) as catalogue:
        ((held,),) = catalogue.execute("SELECT count(*) FROM documents").fetchall()
    assert [(one["number"], one["documents"]) for one in newest_first] == [(2, held), (1, held)]
    assert {"number", "built", "digest", "documents"} <= newest_first[0].keys()
    assert oversight("release", "use", "1", "--reason", "2 is wrong", "--archive", one_built).returncode == 0
    assert Releases(one_built).current() == 1
    with closing(sqlite3.connect(one_built / "archive.db")) as catalogue:
        assert catalogue.execute("SELECT count(*) FROM documents").fetchone() == (held,)
