"""Disks that are full, without inodes, read-only or nearly full (DF-03 to DF-05, DF-07), and a log that is full."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from archive.catalog.opening import open_catalogue
from archive.folder import ArchiveFolder
from archive.store.errors import StoreFull
from archive.store.room import forecast, free_bytes, require_room
from console.ending import Exit
from console.progress import ProgressReport
from tests.conftest import ROOT, need
from tests.demo_archive import command, environment, oversight
from tests.exchanges import ASKED, exchange
from tests.figures import figure
from tests.one_night import TEN, Night


def in_a_namespace(*line: str) -> str:
    """Run a program that may mount disks; return what it printed, or skip where that is denied."""
    unshare = need("unshare", "util-linux")
    denied = [unshare, "-rm", "mount", "-t", "tmpfs", "none", "/mnt"]
    if subprocess.run(denied, capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own can be mounted here (user namespaces are denied)")
    done = subprocess.run([unshare, "-rm", *line], cwd=ROOT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Any]]:
    """Play the night on every bad disk, each in a folder of its own."""
    folder = str(tmp_path_factory.mktemp("small"))
    told = json.loads(in_a_namespace(sys.executable, "-m", "tests.small_disks", folder))
    return {what: rest for what, *rest in told}


def test_df_03_df_04_wherever_there_is_no_room_the_run_stops_and_the_next_one_ends_well(
    played: Mapping[str, list[Any]],
) -> None:
    full = {what: told for what, told in played.items() if what.startswith("no ")}
    for what, (statuses, said, wrong) in full.items():
        assert statuses == [Exit.DISK_FULL], (what, said)
        assert "make room, then run the same command again" in said, what
        assert "Traceback" not in said, what
        assert wrong == [], what
    figure("DF-03", places=len(full), without_inodes=sum("inodes" in what for what in full), wrong=0)
    figure("DF-04", places=sorted(full))
    assert len(full) == 6


def test_df_04_what_was_there_stays_where_a_release_or_a_backup_finds_no_room(
    played: Mapping[str, list[Any]],
) -> None:
    assert played["before"][0] == [Exit.OK] * 3, played["before"]
    full = {what: told for what, told in played.items() if what.endswith(" without room")}
    for what, (statuses, said, wrong) in full.items():
        assert statuses == [Exit.DISK_FULL, Exit.OK], (what, statuses, said)
        assert "Traceback" not in said, what
        assert said.strip().count("\n") == 0, (what, said)
        assert wrong == [], what
    figure("DF-04", places=sorted(full))
    assert len(full) == 2


def test_df_05_read_only_refuses_in_a_sentence_and_is_read_on(played: Mapping[str, list[Any]]) -> None:
    (refused, again), said, wrong = played["read-only"]
    assert (refused, again, wrong) == (Exit.STORE_FAILED, Exit.OK, [])
    assert said.strip().count("\n") == 0
    assert "Read-only file system" in said
    assert played["read"][0] == [Exit.OK, Exit.OK]
    assert played["gone"][0] == [Exit.USAGE]
    assert "There is no archive in" in played["gone"][1]
    figure("DF-05", read_only=refused, read_meanwhile=played["read"][0], gone=played["gone"][0])


def test_df_04_a_full_log_stops_no_capture(night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("wb") as full:
        line = command("--archive", night.folder / "logged", *TEN)
        env = environment(ARCHIVE_KEEP_FREE="0")
        done = subprocess.run(line, cwd=ROOT, env=env, stdout=full, stderr=full, check=False)
    lines = Path("/dev/full").open("w")  # noqa: SIM115 (it can't be closed well)
    monkeypatch.setattr(sys, "stderr", lines)
    with ProgressReport() as progress:
        progress._began -= 60
        progress._said -= 60
        progress("reading", 1, 2)
    with suppress(OSError):
        lines.close()
    assert done.returncode != Exit.OK, "its report could not be written"
    assert night.wrong_with("logged") == []
    figure("DF-04", log="full", status=done.returncode, wrong=0)


GATE = """
import os, sys
from pathlib import Path
from archive.folder import ArchiveFolder
from archive.store.errors import StoreFull
from archive.store.room import forecast, free_bytes
from tests.exchanges import ASKED, exchange
from dataclasses import replace
folder, keep = Path(sys.argv[1]), 6 << 20
archive = ArchiveFolder.open(folder, keep_free=keep)
nights, told = 0, None
try:
    while True:
        nights += 1
        for number in range(4):
            body = os.urandom(30_000)
            one = replace(exchange(nights * 10 + number, body), captured_at=f"2018-01-{nights:02d}T15:00:0{number}Z")
            archive.store.add(one, ASKED)
        if nights == 8:
            told = nights + forecast(folder, archive.connection, keep).nights
except StoreFull as full:
    print(nights, told, free_bytes(folder), full)
archive.close()
"""


def test_df_07_nothing_is_taken_in_below_what_is_kept_free_and_the_night_is_foretold(tmp_path: Path) -> None:
    script = 'mount -t tmpfs -o size=11m none "$0" && exec "$1" -c "$2" "$0"'
    said = in_a_namespace("sh", "-c", script, str(tmp_path), sys.executable, GATE)
    last, told, free, words = said.split(" ", 3)
    left = int(free) / (1 << 20)
    figure("DF-07", kept_free_mb=6, left_mb=round(left, 2), night=int(last), foretold=int(told))
    assert 5.5 < left < 6.2, "the last exchange fits, with what SQLite writes for its row"
    assert "MB are kept free" in words
    assert abs(int(told) - int(last)) <= 5, said


def test_df_07_a_crawl_asks_nobody_where_there_is_too_little_room(tmp_path: Path) -> None:
    short = str((free_bytes(tmp_path) >> 20) + 100_000)
    refused = oversight("--archive", tmp_path / "archive", *TEN, ARCHIVE_KEEP_FREE=short)
    assert (refused.returncode, refused.stderr.count("\n")) == (Exit.DISK_FULL, 1), refused.stderr
    assert "set ARCHIVE_KEEP_FREE lower" in refused.stderr
    assert not list(tmp_path.rglob("*.warc.gz"))
    senseless = oversight("--archive", tmp_path, "sources", ARCHIVE_KEEP_FREE="much")
    assert senseless.returncode == Exit.USAGE
    assert "a whole number of megabytes" in senseless.stderr


def test_the_forecast_of_an_empty_archive_and_of_a_full_disk(tmp_path: Path) -> None:
    archive = ArchiveFolder.open(tmp_path)
    assert forecast(tmp_path, archive.connection, 0).nights is None
    archive.store.add(exchange(0), ASKED)
    archive.close()
    with closing(open_catalogue(tmp_path / "archive.db")) as catalogue:
        assert forecast(tmp_path, catalogue, 1 << 60).nights == 0
    require_room(tmp_path, 0, 1 << 60)
    with pytest.raises(StoreFull, match="are kept free"):
        require_room(tmp_path, 1, 1 << 60)
