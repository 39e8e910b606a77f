"""Crashes, full and failing disks: nothing acknowledged is lost, nothing torn is kept, nothing foreign is deleted."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.opening import open_catalogue
from archive.store.errors import StoreFailed, StoreFull
from archive.store.fixity import check_store
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from tests.conftest import ROOT, need
from tests.exchanges import ASKED, captures, exchange
from tests.figures import figure


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sqlite3.Connection]:
    connection = open_catalogue(tmp_path / "archive.db")
    # These tests cut files themselves; the real processes below sync as they do in earnest.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    connection.execute("PRAGMA synchronous=OFF")
    yield connection
    connection.close()


def forget(connection: sqlite3.Connection, capture: str) -> None:
    """Take the row away, as if the process had died before writing it."""
    with connection:
        connection.execute("DELETE FROM records WHERE capture = ?", (capture,))
        connection.execute("DELETE FROM captures WHERE id = ?", (capture,))


def assert_warcio_reads(content: bytes, records: int) -> None:
    found = 0
    for record in ArchiveIterator(io.BytesIO(content), check_digests="raise"):
        record.content_stream().read()
        found += 1
    assert found == records


def test_the_last_unit_cut_at_every_byte(tmp_path: Path, connection: sqlite3.Connection) -> None:
    """CR-04: what is left are exactly the earlier units, and the next one is as good as ever."""
    store = CaptureStore.open(tmp_path, connection)
    kept = [store.add(exchange(0), ASKED).id, store.add(exchange(1), ASKED).id]
    path = tmp_path / "warc" / "run-00000.warc.gz"
    before = path.read_bytes()
    last = store.add(exchange(2), ASKED).id
    content = path.read_bytes()
    for end in range(len(before), len(content)):
        for held in set(captures(connection)) - set(kept):
            forget(connection, held)
        path.write_bytes(content[:end])
        again = CaptureStore.open(tmp_path, connection)
        assert path.read_bytes() == before
        assert captures(connection) == kept
        assert [finding.outcome for finding in again.recovered] == ["tail-cut"] * (end > len(before))
        if end % 20 == 0:
            assert again.add(exchange(2), ASKED).id == last
            assert path.read_bytes() == content
            assert_warcio_reads(content, 10)
            assert check_store(tmp_path, connection) == []
    assert end == len(content) - 1
    figure("CR-04", cut_points=len(content) - len(before), wrongly_kept=0, wrongly_dropped=0)


def test_the_first_unit_cut_at_every_byte(tmp_path: Path, connection: sqlite3.Connection) -> None:
    path = tmp_path / "warc" / "run-00000.warc.gz"
    first = CaptureStore.open(tmp_path, connection).add(exchange(0), ASKED).id
    content = path.read_bytes()
    for end in range(0, len(content), 7):
        forget(connection, first)
        path.write_bytes(content[:end])
        again = CaptureStore.open(tmp_path, connection)
        assert captures(connection) == []
        again.add(exchange(0), ASKED)
        assert check_store(tmp_path, connection) == [] or path.stat().st_size != len(content)
        for extra in (tmp_path / "warc").glob("run-00001*"):
            extra.unlink()


@pytest.mark.parametrize("hole", [(0, 512), (512, 4096), (1000, 5096), (0, 10**6)])
def test_a_unit_with_a_hole_is_cut(tmp_path: Path, connection: sqlite3.Connection, hole: tuple[int, int]) -> None:
    """After a power cut a file system may leave zeros where blocks were not written."""
    store = CaptureStore.open(tmp_path, connection)
    kept = store.add(exchange(0), ASKED).id
    path = tmp_path / "warc" / "run-00000.warc.gz"
    before = path.read_bytes()
    forget(connection, store.add(exchange(1, os.urandom(8000)), ASKED).id)
    unit = bytearray(path.read_bytes()[len(before) :])
    first, last = hole[0], min(hole[1], len(unit))
    unit[first:last] = bytes(last - first)
    path.write_bytes(before + unit)
    again = CaptureStore.open(tmp_path, connection)
    if first == 0 and last < len(unit):
        # Its beginning is gone, so that nothing says whose it was: it stays.
        assert [finding.outcome for finding in again.recovered] == ["file-unknown"]
    else:
        assert [finding.outcome for finding in again.recovered] == ["tail-cut"]
        assert path.read_bytes() == before
    assert captures(connection) == [kept]


@pytest.mark.parametrize(
    "foreign", [b"garbage", b"\x1f\x8b\x08" + b"x" * 50, b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", b"\n"]
)
def test_foreign_bytes_are_left_alone(tmp_path: Path, connection: sqlite3.Connection, foreign: bytes) -> None:
    store = CaptureStore.open(tmp_path, connection)
    store.add(exchange(0), ASKED)
    path = tmp_path / "warc" / "run-00000.warc.gz"
    content = path.read_bytes() + foreign
    path.write_bytes(content)
    (tmp_path / "warc" / "theirs.warc.gz").write_bytes(foreign)
    again = CaptureStore.open(tmp_path, connection)
    assert [finding.outcome for finding in again.recovered] == ["file-unknown", "file-unknown"]
    again.add(exchange(1), ASKED)
    assert path.read_bytes() == content
    assert (tmp_path / "warc" / "run-00001.warc.gz").exists()


def test_damage_before_a_whole_unit_is_never_cut(tmp_path: Path, connection: sqlite3.Connection) -> None:
    """With an older catalogue from a backup, units past its end had been acknowledged."""
    store = CaptureStore.open(tmp_path, connection)
    path = tmp_path / "warc" / "run-00000.warc.gz"
    store.add(exchange(0), ASKED)
    start = path.stat().st_size
    for number in (1, 2):
        store.add(exchange(number), ASKED)
    for held in captures(connection)[1:]:
        forget(connection, held)
    content = bytearray(path.read_bytes())
    content[start + 100 : start + 700] = bytes(600)
    path.write_bytes(content)
    again = CaptureStore.open(tmp_path, connection)
    assert [finding.outcome for finding in again.recovered] == ["file-unknown"]
    assert path.read_bytes() == content


def test_a_lost_index_is_made_again(tmp_path: Path, connection: sqlite3.Connection) -> None:
    store = CaptureStore.open(tmp_path, connection)
    held = [store.add(exchange(number, b"same"), ASKED).id for number in range(3)]
    rows = [tuple(row) for row in connection.execute("SELECT * FROM records ORDER BY offset")]
    for capture in held:
        forget(connection, capture)
    again = CaptureStore.open(tmp_path, connection)
    assert [finding.outcome for finding in again.recovered] == ["record-indexed"] * 3
    assert [tuple(row) for row in connection.execute("SELECT * FROM records ORDER BY offset")] == rows
    assert check_store(tmp_path, connection) == []


CHILD = """
import sys
from pathlib import Path
from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.store.errors import StoreFailed, StoreFull
from archive.store.store import CaptureStore
from tests.exchanges import ASKED, exchange
folder = Path(sys.argv[1])
store = CaptureStore.open(folder, open_catalogue(folder / "archive.db"))
for number in range(2):
    try:
        print(store.add(exchange(number), ASKED).id, flush=True)
    except StoreFailed as error:
        print("failed", flush=True)
    except StoreFull as error:
        print("full", flush=True)
"""


def traced(folder: Path, inject: str) -> tuple[int, list[str]]:
    """Run the child with a fault injected; return its exit status and what it acknowledged."""
    strace = need("strace", "strace")
    if subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True, check=False).returncode:
        pytest.skip("ptrace is not allowed here: faults can't be injected")
    syscalls = inject.split(":", maxsplit=1)[0]
    command = [strace, "-f", "-o", os.devnull, "-e", f"trace={syscalls}", "-e", f"inject={inject}"]
    done = subprocess.run(
        [*command, sys.executable, "-c", CHILD, str(folder)], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.stderr == "", done.stderr
    return done.returncode, done.stdout.split()


def assert_nothing_is_lost(folder: Path, acknowledged: list[str]) -> tuple[str, ...]:
    """Open the archive as the next command does; return what it had to mend."""
    connection = open_catalogue(folder / "archive.db")
    store = CaptureStore.open(folder, connection)
    assert set(acknowledged) <= set(captures(connection))
    assert check_store(folder, connection) == []
    for number in range(3):
        assert store.payload(store.add(exchange(number), ASKED).id) == b"body %d" % number
    assert check_store(folder, connection) == []
    for path in (folder / "warc").glob("*.warc.gz"):
        assert_warcio_reads(path.read_bytes(), 1 + 3 * path.read_bytes().count(b"\x1f\x8b\x08") // 3 - 1)
    connection.close()
    return tuple(finding.outcome for finding in store.recovered)


def killed_at_every(folder: Path, *syscalls: str) -> tuple[int, set[str]]:
    """Kill the child at each call of each kind; return at how many points, and what was mended afterwards.

    It starts each time from the folder "fresh" beside `folder`, an empty archive where there is none.
    """
    fresh = folder.with_name("fresh")
    if not fresh.exists():
        fresh.mkdir()
        open_catalogue(fresh / "archive.db").close()
    points, mended = 0, set[str]()
    for syscall in syscalls:
        status, number = -1, 0
        while status:
            number += 1
            shutil.copytree(fresh, folder)
            status, acknowledged = traced(folder, f"{syscall}:signal=KILL:when={number}")
            mended |= set(assert_nothing_is_lost(folder, acknowledged))
            shutil.rmtree(folder)
        points += number - 1
    return points, mended


def test_killed_at_every_sync(tmp_path: Path) -> None:
    """CR-06: between record and row, and at every other point at which something reaches the disk."""
    points, mended = killed_at_every(tmp_path / "archive", "fsync", "fdatasync")
    figure("CR-06", kills=points, mended=sorted(mended), lost=0)
    assert points >= 8
    assert "record-indexed" in mended


@pytest.mark.soak
def test_killed_at_every_write(tmp_path: Path) -> None:
    points, _ = killed_at_every(tmp_path / "archive", "write", "pwrite64", "ftruncate")
    assert points > 40


@pytest.mark.soak
def test_killed_while_mending_what_a_kill_left(tmp_path: Path) -> None:
    """CR-05: a whole unit without a row and a torn one after it; then killed at every step of the recovery."""
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    connection = open_catalogue(fresh / "archive.db")
    store = CaptureStore.open(fresh, connection)
    held = [store.add(exchange(number), ASKED).id for number in range(3)]
    for capture in held[1:]:
        forget(connection, capture)
    connection.close()
    path = fresh / "warc" / "run-00000.warc.gz"
    path.write_bytes(path.read_bytes()[:-30])
    points, mended = killed_at_every(tmp_path / "archive", "fsync", "fdatasync", "pwrite64", "ftruncate")
    assert points > 20
    assert {"record-indexed", "tail-cut"} <= mended


def test_a_failed_sync_acknowledges_nothing_more(tmp_path: Path) -> None:
    """CR-12: after EIO from fsync the file is sealed, and this process writes no more."""
    open_catalogue(tmp_path / "archive.db").close()
    # The first fsync is that of the archive's folder, the second that of the new file.
    status, said = traced(tmp_path, "fsync:error=EIO:when=2")
    assert (status, said) == (0, ["failed", "failed"])
    first = tmp_path / "warc" / "run-00000.warc.gz"
    assert first.with_name(f"{first.name}.sealed").exists()
    content = first.read_bytes()
    assert assert_nothing_is_lost(tmp_path, []) == ("record-indexed",)
    assert first.read_bytes() == content
    assert (tmp_path / "warc" / "run-00001.warc.gz").exists()


@pytest.mark.parametrize("fault", ["write:error=ENOSPC", "write:retval=10", "write:error=EIO"])
def test_a_refused_write_leaves_the_file_as_it_was(tmp_path: Path, fault: str) -> None:
    open_catalogue(tmp_path / "archive.db").close()
    status, said = traced(tmp_path, f"{fault}:when=1")
    assert status == 0
    if "ENOSPC" in fault:
        assert said[0] == "full"
        assert len(said[1]) == 20
    else:
        assert said == ["failed", "failed"]
    assert assert_nothing_is_lost(tmp_path, [one for one in said if len(one) == 20]) == ()


def test_a_row_refused_for_lack_of_room_is_written_later(
    tmp_path: Path, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = CaptureStore.open(tmp_path, connection, Journal(tmp_path))
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    done: list[str] = []
    with pytest.raises(StoreFull, match="make room"):
        _add_for_ever(store, done)
    with pytest.raises(StoreFull):
        store.add(exchange(2000), ASKED)
    connection.execute("PRAGMA max_page_count = 1000000")
    pending = store.add(exchange(len(done)), ASKED).id
    store.add(exchange(2000), ASKED)
    assert captures(connection)[: len(done) + 1] == [*done, pending]
    assert check_store(tmp_path, connection) == []
    monkeypatch.setattr("archive.store.store.insert", _broken)
    with pytest.raises(StoreFailed, match="look at the disk"):
        store.add(exchange(3000), ASKED)
    with pytest.raises(StoreFailed):
        store.add(exchange(3001), ASKED)


def _add_for_ever(store: CaptureStore, done: list[str]) -> None:
    for number in range(1000):
        done.append(store.add(exchange(number), ASKED).id)


def _broken(*_: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")


FILL = """
import os, sys
from pathlib import Path
from archive.catalog.opening import open_catalogue
from archive.store.errors import StoreFull
from archive.store.fixity import check_store
from archive.store.store import CaptureStore
from tests.exchanges import ASKED, captures, exchange
folder = Path(sys.argv[1])
ballast = folder / "ballast"
ballast.write_bytes(bytes(4_800_000))
connection = open_catalogue(folder / "archive.db")
store = CaptureStore.open(folder, connection)
acknowledged, number = [], 0
for passed in range(10):
    os.truncate(ballast, 4_800_000 - 500_000 * passed)
    try:
        while True:
            acknowledged.append(store.add(exchange(number, os.urandom(30_000)), ASKED).id)
            number += 1
    except StoreFull:
        number += 1
    held = captures(connection)
    problems = [finding for finding in check_store(folder, connection) if "follow the last" not in finding.detail]
    assert set(acknowledged) <= set(held), (len(held), len(acknowledged))
    assert problems == [], problems
    acknowledged = held
    if passed % 3 == 2:
        connection.close()
        os.truncate(ballast, 4_800_000 - 500_000 * passed - 200_000)
        connection = open_catalogue(folder / "archive.db")
        store = CaptureStore.open(folder, connection)
        acknowledged = captures(connection)
os.truncate(ballast, 0)
store = CaptureStore.open(folder, connection)
assert check_store(folder, connection) == []
assert all(len(store.payload(capture)) == 30_000 for capture in captures(connection))
print(len(captures(connection)))
"""


def test_a_disk_that_really_fills_up(tmp_path: Path) -> None:
    """DF-02: an 8 MB disk is filled ten times, with room made in between; no state is corrupt."""
    unshare = need("unshare", "util-linux")
    script = 'mount -t tmpfs -o size=8m none "$0" && exec "$1" -c "$2" "$0"'
    command = [unshare, "-rm", "sh", "-c", script, str(tmp_path), sys.executable, FILL]
    if subprocess.run([*command[:4], "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode:
        pytest.skip("no disk of its own can be mounted here (user namespaces are denied)")
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 100
    figure("DF-02", passes=10, captures=int(done.stdout), corrupt_states=0)
