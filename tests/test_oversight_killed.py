"""Crawls killed in every window or stopped, and done again: the same catalogue as an undisturbed one (CR-06).

At random moments they are killed in test_faults_killed.py, at every call in test_faults_at_calls.py.
"""

from __future__ import annotations

import hashlib
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


FIRST = f"dhs_pia-2018-01-10-{hashlib.sha256(SAMPLE.read_bytes()).hexdigest()[:8]}-00000.warc.gz"
# Which call, on which file, is the last that the process begins; the calls are counted in each of its threads.
WINDOWS = (
    ("while the catalogue is made", "archive.db-journal", "pwrite64", 2),
    ("before a record", f"warc/{FIRST}", "write", 4),
    ("between a record and its sync", f"warc/{FIRST}", "fsync", 3),
    ("in the middle of a row", "archive.db-wal", "pwrite64", 75),
    ("while deriving", "archive.db-wal", "fdatasync", 12),
    ("in the middle of what was derived", "archive.db-wal", "pwrite64", 20),
    ("between a row and its reading", "", "rename", 3),
    ("while settling", "archive.db-wal", "pwrite64", 120),
    ("while the log is folded in", "archive.db", "pwrite64", 10),
)


# Of what CR-06 names; the others, and every call, are tried by `make soak` (see test_faults_at_calls.py).
OFTEN = ("between a record and its sync", "while settling")


@pytest.mark.parametrize(
    "windows",
    [
        [one for one in WINDOWS if one[0] in OFTEN],
        pytest.param([one for one in WINDOWS if one[0] not in OFTEN], marks=pytest.mark.soak),
    ],
    ids=["often", "the others"],
)
def test_killed_in_windows(windows: list[tuple[str, str, str, int]], demo_made: DemoArchive, tmp_path: Path) -> None:
    strace = need("strace", "strace")
    if run([strace, "-o", "/dev/null", "true"]).returncode:
        pytest.skip("strace may not look at processes here: the kills at exact calls are left out")
    again = command("crawl", "dhs_pia", "--replay", SAMPLE, "--night", "2018-01-10", "--archive", tmp_path)
    for window, file, call, count in windows:
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
    [
        pytest.param(signal.SIGINT, "warc/news-2018-01-26*", "shutdown", marks=pytest.mark.soak),
        (signal.SIGTERM, "cache/readings/*/*", None),
    ],
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
