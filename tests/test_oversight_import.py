"""`oversight import`: what a person sees of it, and that being killed costs nothing but time."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

from archive.store.record import record_bytes
from tests.demo_archive import differences, dump, left_running, oversight, rows, start

# What was done when isn't what was taken in; where a record lies depends on which try wrote it.
WHEN_AND_WHERE = ("records", "runs")


def recording(path: Path, count: int) -> Path:
    """Write a file of pages that nobody knows, and one that DHS's source can't read."""

    def answer(number: int, url: str) -> bytes:
        body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><title>%d</title><p>Words.</p></html>" % number
        date = f"2018-01-{number % 28 + 1:02}T15:00:00Z"
        return record_bytes([("WARC-Type", "response"), ("WARC-Target-URI", url), ("WARC-Date", date)], body)

    pages = [answer(number, f"https://nobody.example/{number}") for number in range(count)]
    path.write_bytes(b"".join(pages) + answer(count, "https://www.dhs.gov/publication/x"))
    return path


def test_what_a_person_sees(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    recording(folder / "a.warc.gz", 2)
    (folder / "notes.txt").write_text("left alone in a folder")
    archive = tmp_path / "archive"
    done = oversight("import", "-r", folder, "--by", "a colleague", "--archive", archive)
    assert done.returncode == 1, "a page that its source can't read is a failure"
    assert "a.warc.gz: 3 records: 1 layout-changed, 2 no-source" in done.stdout
    assert "3 captures taken in" in done.stdout
    again = oversight("import", folder / "a.warc.gz", "--archive", archive, "--json")
    assert again.returncode == 0
    report = json.loads(again.stdout)
    assert (report["added"], report["outcomes"]) == (0, {"already-held": 3})
    assert report["files"][0]["records"] == 3
    assert "nothing new was taken in" in oversight("import", folder / "a.warc.gz", "--archive", archive).stdout
    assert rows(archive, "SELECT source, status, captures FROM runs") == [("import", "finished", 3)]


def test_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for arguments, words in (
        ((tmp_path / "none.warc",), "isn't there"),
        ((tmp_path / "folder",), "--recursive"),
        (("-r", tmp_path / "folder"), "No file in there"),
    ):
        done = oversight("import", *arguments, "--archive", tmp_path / "archive")
        assert (done.returncode, "Traceback" in done.stderr) == (2, False)
        assert words in done.stderr
    assert not (tmp_path / "archive" / "archive.db").exists()


def test_killed_and_done_again(tmp_path: Path) -> None:
    file = recording(tmp_path / "a.warc.gz", 150)
    began = time.monotonic()
    assert oversight("import", file, "--archive", tmp_path / "whole").returncode == 1
    seconds = time.monotonic() - began
    chance = random.Random(20180126)
    killed = tmp_path / "killed"
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = start("import", file, "--archive", killed)
        time.sleep(chance.uniform(0.3, 0.9) * seconds)
        process.send_signal(number)
        process.wait(60)
        assert left_running(process.pid) == []
    assert oversight("import", file, "--archive", killed).returncode in (0, 1)
    whole = dump(tmp_path / "whole", WHEN_AND_WHERE)
    assert differences(whole, dump(killed, WHEN_AND_WHERE)) == {}
    assert rows(killed, "SELECT id, status, captures FROM runs") == rows(
        tmp_path / "whole", "SELECT id, status, captures FROM runs"
    )
    assert oversight("rebuild", "--archive", killed).returncode == 0
    assert differences(whole, dump(killed, WHEN_AND_WHERE)) == {}
