"""Crawls killed or stopped at any moment and done again: the same catalogue as an undisturbed one (CR-06)."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest

from tests.demo_archive import (
    SAMPLE,
    DemoArchive,
    differences,
    dump,
    left_running,
    oversight,
    rows,
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


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_random_moments(demo_made: DemoArchive, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        _killed_at(tmp_path, chance.uniform(0.1, 1) * demo_made.seconds)
    _done_again_it_is_whole(tmp_path, demo_made)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_killed_once(demo_made: DemoArchive, tmp_path: Path, seed: int) -> None:
    _killed_at(tmp_path, random.Random(1000 + seed).uniform(0, 1) * demo_made.seconds)
    _done_again_it_is_whole(tmp_path, demo_made)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(("when", "status"), [("warc/news-2018-01-26*", "shutdown"), ("cache/readings/*/*", "")])
def test_stopped(tmp_path: Path, number: signal.Signals, when: str, status: str) -> None:
    process = start("nightly", "--replay", SAMPLE, "--archive", tmp_path)
    while not list(tmp_path.glob(when)):
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(60) == 1
    assert left_running(process.pid) == []
    assert bool(status) == bool(rows(tmp_path, "SELECT 1 FROM runs WHERE status = ?", status))
    assert not rows(tmp_path, "SELECT 1 FROM captures WHERE outcome = ''")
    assert not rows(tmp_path, "SELECT 1 FROM captures LEFT JOIN records ON capture = id WHERE warc IS NULL")


def test_stopped_and_done_again(demo_made: DemoArchive, tmp_path: Path) -> None:
    assert _killed_at(tmp_path, 0.4 * demo_made.seconds, signal.SIGTERM) in (0, 1)
    assert oversight("demo", "--no-serve", "--archive", tmp_path).returncode == 0
    assert differences(dump(demo_made.path, PLACES), dump(tmp_path, PLACES)) == {}
