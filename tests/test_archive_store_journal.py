"""The journal keeps what was acknowledged, and the lock keeps a second writer out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from archive.store.journal import Journal, JournalDamaged
from archive.store.lock import Locked, writer_lock


def test_events_come_back_in_order(tmp_path: Path) -> None:
    Journal(tmp_path).append("run-started", run="a\n“b”", count=1)
    Journal(tmp_path).append("run-finished", run=None)
    expected = [{"event": "run-started", "run": "a\n“b”", "count": 1}, {"event": "run-finished", "run": None}]
    assert Journal(tmp_path).read() == expected


def test_an_absent_journal_is_empty(tmp_path: Path) -> None:
    assert Journal(tmp_path).read() == []


def test_a_line_torn_at_any_byte_is_cut(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append("one")
    whole = journal.path.read_bytes()
    journal.append("two", text="“x”")
    content = journal.path.read_bytes()
    for end in range(len(whole) + 1, len(content)):
        journal.path.write_bytes(content[:end])
        again = Journal(tmp_path)
        assert again.read() == [{"event": "one"}]
        assert [finding.outcome for finding in again.recover()] == ["tail-cut"]
        assert journal.path.read_bytes() == whole
        again.append("three")
        assert [event["event"] for event in again.read()] == ["one", "three"]
        assert again.recovered != ()


@pytest.mark.parametrize("line", ["", "x", "[]", "{}", '{"event": 1}', "[" * 100_000])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    journal = Journal(tmp_path)
    journal.append("one")
    with journal.path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(JournalDamaged, match="line 2"):
        journal.read()


def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    other_way = tmp_path / "link"
    other_way.symlink_to(tmp_path)
    with writer_lock(tmp_path, "crawl dhs_pia"):
        for path in (tmp_path, other_way):
            with pytest.raises(Locked, match=r"crawl dhs_pia \(process \d+ on .*wait"), writer_lock(path, "other"):
                pass
    with writer_lock(tmp_path, "rebuild"):
        pass


HOLD = """
import sys, pathlib
from archive.store.lock import writer_lock
with writer_lock(pathlib.Path(sys.argv[1]), "nightly"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_dead_writer_holds_nothing(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    with pytest.raises(Locked, match="nightly"), writer_lock(tmp_path, "crawl"):
        pass
    child.kill()
    child.wait()
    child.stdin.close()
    child.stdout.close()
    with writer_lock(tmp_path, "crawl"):
        pass


def test_a_deleted_lock_file_lets_nobody_in(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "crawl"):
        (tmp_path / "lock").unlink()
        with pytest.raises(Locked, match="another command"), writer_lock(tmp_path, "other"):
            pass
    with writer_lock(tmp_path, "crawl"):
        pass
