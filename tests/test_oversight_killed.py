"""Crawls killed or stopped at any moment and done again: the same catalogue as an undisturbed one (CR-06)."""

from __future__ import annotations

import hashlib
import random
import signal
import time
from pathlib import Path

import pytest

from tests.conftest import need
from tests.demo_archive import (
    SAMPLE,
    DemoArchive,
    command,
    differences,
    dump,
    left_running,
    oversight,
    rows,
    run,
    start,
)

# Where a record lies depends on which of the runs wrote it.
PLACES = ("records",)


def _killed_at(archive: Path, seconds: float, number: signal.Signals = signal.SIGKILL) -> int:
    process = start("nightly", "--replay", SAMPLE, "--archive", archive)
    time.sleep(seconds)
    process.send_signal(number)
    status = process.wait(60)
    assert left_running(process.pid) == []
    return status


def _done_again_it_is_whole(archive: Path, undisturbed: DemoArchive) -> None:
    again = oversight("nightly", "--replay", SAMPLE, "--archive", archive)
    assert again.returncode == 0, again.stderr
    assert differences(dump(undisturbed.path, PLACES), dump(archive, PLACES)) == {}
    assert oversight("rebuild", "--archive", archive).returncode == 0
    assert differences(dump(undisturbed.path, PLACES), dump(archive, PLACES)) == {}


def test_killed_at_random_moments(demo_made: DemoArchive, tmp_path: Path) -> None:
    chance = random.Random(20180126)
    for _ in range(4):
        _killed_at(tmp_path, chance.uniform(0.1, 0.7) * demo_made.seconds)
    _done_again_it_is_whole(tmp_path, demo_made)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_killed_once(demo_made: DemoArchive, tmp_path: Path, seed: int) -> None:
    _killed_at(tmp_path, random.Random(1000 + seed).uniform(0, 1) * demo_made.seconds)
    _done_again_it_is_whole(tmp_path, demo_made)


FIRST = f"dhs_pia-2018-01-10-{hashlib.sha256(SAMPLE.read_bytes()).hexdigest()[:8]}-00000.warc.gz"
# Which call, on which file, is the last that the process begins; the calls are counted in each of its threads.
WINDOWS = (
    ("while the catalogue is made", "archive.db-journal", "pwrite64", 2),
    ("before a record", f"warc/{FIRST}", "write", 4),
    ("between a record and its sync", f"warc/{FIRST}", "fsync", 3),
    ("in the middle of a row", "archive.db-wal", "pwrite64", 75),
    ("while deriving", "archive.db-wal", "fdatasync", 12),
    ("while deriving another", "archive.db-wal", "fdatasync", 5),
    ("between a row and its reading", "", "rename", 3),
    ("while settling", "archive.db-wal", "pwrite64", 120),
    ("while the log is folded in", "archive.db", "pwrite64", 10),
)


def test_killed_in_every_window(demo_made: DemoArchive, tmp_path: Path) -> None:
    strace = need("strace", "strace")
    if run([strace, "-o", "/dev/null", "true"]).returncode:
        pytest.skip("strace may not look at processes here: the kills at exact calls are left out")
    again = command("crawl", "dhs_pia", "--replay", SAMPLE, "--night", "2018-01-10", "--archive", tmp_path)
    for window, file, call, count in WINDOWS:
        place = ["-P", str(tmp_path / file)] if file else []
        kill = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={count}"]
        killed = run([strace, "-f", "-b", "execve", "-o", "/dev/null", *place, *kill, *again])
        assert killed.returncode == -signal.SIGKILL, f"{window}: not killed; another count is needed here"
    done = oversight("demo", "--no-serve", "--archive", tmp_path)
    assert done.returncode == 0, done.stderr
    assert differences(dump(demo_made.path, PLACES), dump(tmp_path, PLACES)) == {}
    again_made = oversight("rebuild", "--archive", tmp_path)
    assert again_made.returncode == 0, f"a capture lies there twice: {again_made.stdout}"
    assert differences(dump(demo_made.path, PLACES), dump(tmp_path, PLACES)) == {}


@pytest.mark.parametrize(
    ("number", "when", "status"),
    [(signal.SIGINT, "warc/news-2018-01-26*", "shutdown"), (signal.SIGTERM, "cache/readings/*/*", None)],
)
def test_stopped(demo_made: DemoArchive, tmp_path: Path, number: signal.Signals, when: str, status: str | None) -> None:
    process = start("nightly", "--replay", SAMPLE, "--archive", tmp_path)
    while not list(tmp_path.glob(when)):
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(60) == 1
    assert left_running(process.pid) == []
    held = rows(tmp_path, "SELECT DISTINCT status FROM runs WHERE status <> 'finished'")
    assert held == ([(status,)] if status else []), "a stopped crawl is loaded; stopped loading isn't settled"
    assert oversight("demo", "--no-serve", "--archive", tmp_path).returncode == 0
    assert differences(dump(demo_made.path, PLACES), dump(tmp_path, PLACES)) == {}
