"""Captures that are written together: all acknowledged or none, and the same files as if they had come one by one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Capture, Exchange
from archive.store.errors import StoreFailed, StoreFull
from archive.store.fixity import check_store
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures
from tests import test_archive_store_recovery as recovery
from tests.exchanges import ASKED, captures, exchange
from tests.test_archive_store_recovery import forget

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nbody 0\r\n0\r\n\r\n"


def opened(folder: Path) -> tuple[CaptureStore, sqlite3.Connection]:
    folder.mkdir(exist_ok=True)
    connection = open_catalogue(folder / "archive.db")
    connection.execute("PRAGMA synchronous=OFF")
    return CaptureStore.open(folder, connection), connection


@pytest.fixture(autouse=True)
def no_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests cut files themselves; the processes that are killed sync as they do in earnest."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def keep(store: CaptureStore, exchanges: Sequence[Exchange], asked: Sequence[Asked] = ()) -> list[Capture]:
    told = asked or [ASKED] * len(exchanges)
    return store.add_all([store.describe(one, who) for one, who in zip(exchanges, told, strict=True)])


def rows(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute("SELECT * FROM records ORDER BY warc, offset")]


def same_payload(number: int) -> Exchange:
    return exchange(number, b"body 0")


def test_one_write_and_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, connection = opened(tmp_path)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    kept = keep(store, [exchange(number) for number in range(20)])
    assert len(synced) == 2, "the new file's sync, and its folder's"
    assert [capture.id for capture in kept] == captures(connection)
    assert check_store(tmp_path, connection) == []
    keep(store, [exchange(number) for number in range(20, 30)])
    assert len(synced) == 3


def test_the_same_twice_is_kept_once(tmp_path: Path) -> None:
    store, connection = opened(tmp_path)
    first, again, other = keep(store, [exchange(0), exchange(0), same_payload(1)])
    assert first == again
    assert [(row[0], row[6]) for row in rows(connection)] == [(first.id, ""), (other.id, first.id)]
    assert store.payload(other.id) == b"body 0"
    chunked = Exchange("https://www.dhs.gov/c", "2018-01-26T15:30:00Z", b"", CHUNKED, status=200)
    (framed,) = keep(store, [chunked])
    assert rows(connection)[-1][6] == "", "in another framing its bytes are its own"
    assert store.payload(framed.id) == b"body 0"
    assert check_store(tmp_path, connection) == []


EXCHANGES = [
    exchange(0),
    exchange(1),
    same_payload(2),
    exchange(3),
    exchange(1),
    same_payload(4),
    exchange(5, b"x" * 900),
]


@given(st.sets(st.integers(1, len(EXCHANGES) - 1)), st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_and_rows_do_not_depend_on_what_came_together(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, cuts: set[int], small: bool
) -> None:
    monkeypatch.setattr("archive.store.store.SEGMENT_BYTES", 4000 if small else 10**9)
    folders = [tmp_path_factory.mktemp("group"), tmp_path_factory.mktemp("single")]
    made = []
    for folder, borders in zip(folders, [sorted(cuts), range(1, len(EXCHANGES))], strict=True):
        store, connection = opened(folder)
        kept = [
            one for start, end in pairwise([0, *borders, len(EXCHANGES)]) for one in keep(store, EXCHANGES[start:end])
        ]
        assert check_store(folder, connection) == []
        read_back = [found[1] for found in iter_captures(folder / "warc") if isinstance(found, tuple)]
        files = {path.name: path.read_bytes() for path in (folder / "warc").iterdir()}
        assert [(one.capture, one.warc, one.offset) for one in read_back] == [row[:3] for row in rows(connection)]
        made.append(([one.id for one in kept], rows(connection), files))
        connection.close()
    assert made[0] == made[1]
    assert len(made[0][2]) > 1 or not small


def test_runs_have_files_of_their_own(tmp_path: Path) -> None:
    store, connection = opened(tmp_path)
    asked = [Asked("s", "one"), Asked("s", "two"), Asked("s", "one")]
    keep(store, [exchange(number) for number in range(3)], asked)
    assert [row[1] for row in rows(connection)] == ["one-00000.warc.gz"] * 2 + ["two-00000.warc.gz"]
    assert check_store(tmp_path, connection) == []


def test_a_group_cut_at_any_byte(tmp_path: Path) -> None:
    """What was whole is indexed in its order, the rest cut, and the group comes again as if nothing had been."""
    store, connection = opened(tmp_path)
    before = [store.add(exchange(9), ASKED).id]
    path = tmp_path / "warc" / "run-00000.warc.gz"
    start = path.stat().st_size
    group = [exchange(0), exchange(1), same_payload(2)]
    kept = [capture.id for capture in keep(store, group)]
    content, all_rows = path.read_bytes(), rows(connection)
    for end in range(start, len(content), 23):
        for one in kept:
            forget(connection, one)
        path.write_bytes(content[:end])
        again = CaptureStore.open(tmp_path, connection)
        whole = [one for one, row in zip(kept, all_rows[1:], strict=True) if int(str(row[2])) + int(str(row[3])) <= end]
        assert captures(connection) == before + whole
        assert check_store(tmp_path, connection) == []
        assert [capture.id for capture in keep(again, group)] == kept
        assert (path.read_bytes(), rows(connection)) == (content, all_rows)


def test_a_row_refused_refuses_all_and_is_written_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, connection = opened(tmp_path)
    connection.execute(f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(StoreFull, match="make room"):
        _keep_for_ever(store)
    held = captures(connection)
    assert len(held) % 3 == 0, "none of the group has a row"
    connection.execute("PRAGMA max_page_count = 1000000")
    keep(store, [exchange(2000)])
    assert len(captures(connection)) == len(held) + 4
    assert check_store(tmp_path, connection) == []


def _keep_for_ever(store: CaptureStore) -> None:
    for number in range(1000):
        keep(store, [exchange(3 * number + one) for one in range(3)])


def test_a_full_disk_between_two_files_of_a_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written is there, and isn't acknowledged; the same exchanges again are kept once."""
    monkeypatch.setattr("archive.store.store.SEGMENT_BYTES", 2500)
    store, connection = opened(tmp_path)
    write, calls = os.write, []

    def full(descriptor: int, content: bytes) -> int:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        return write(descriptor, content)

    monkeypatch.setattr(os, "write", full)
    group = [exchange(number) for number in range(4)]
    with pytest.raises(StoreFull):
        keep(store, group)
    assert captures(connection) == []
    kept = keep(store, group)
    assert sorted(captures(connection)) == sorted(capture.id for capture in kept)
    assert check_store(tmp_path, connection) == []


def test_what_fails_stops_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, connection = opened(tmp_path)
    monkeypatch.setattr("archive.store.store.insert", recovery._broken)
    with pytest.raises(StoreFailed, match="look at the disk"):
        keep(store, [exchange(0), exchange(1)])
    with pytest.raises(StoreFailed):
        keep(store, [exchange(2)])
    assert captures(connection) == []


CHILD = """
import sys
from pathlib import Path
from archive.catalog.opening import open_catalogue
from archive.store.store import CaptureStore
from pipelines.keeping import keep_together
from tests.exchanges import ASKED, exchange
folder = Path(sys.argv[1])
store = CaptureStore.open(folder, open_catalogue(folder / "archive.db"))
for numbers in ((0, 1, 2), (3, 4)):
    for kept in keep_together(store, [(exchange(number), ASKED) for number in numbers]):
        print(type(kept).__name__ if isinstance(kept, Exception) else kept.id, flush=True)
"""


@pytest.fixture
def in_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "CHILD", CHILD)


@pytest.mark.usefixtures("in_groups")
def test_killed_between_any_two_syncs(tmp_path: Path) -> None:
    """What is acknowledged has its record and its row, wherever the process died."""
    points, mended = recovery.killed_at_every(tmp_path / "archive", "fsync", "fdatasync")
    assert points >= 6
    assert "record-indexed" in mended


@pytest.mark.soak
@pytest.mark.usefixtures("in_groups")
def test_killed_between_any_two_writes(tmp_path: Path) -> None:
    points, _ = recovery.killed_at_every(tmp_path / "archive", "write", "pwrite64", "ftruncate")
    assert points > 20


@pytest.mark.usefixtures("in_groups")
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("write:error=ENOSPC:when=1", ["StoreFull"] * 3),
        ("write:error=EIO:when=1", ["StoreFailed"] * 5),
        ("write:retval=1500:when=1", ["StoreFailed"] * 5),
        ("fsync:error=EIO:when=2", ["StoreFailed"] * 5),
    ],
)
def test_what_the_disk_refuses_is_refused_to_all(tmp_path: Path, fault: str, said: list[str]) -> None:
    open_catalogue(tmp_path / "archive.db").close()
    status, told = recovery.traced(tmp_path, fault)
    assert (status, told[: len(said)], len(told)) == (0, said, 5)
    acknowledged = [one for one in told if len(one) == 20]
    assert len(acknowledged) == 5 - len(said)
    recovery.assert_nothing_is_lost(tmp_path, acknowledged)
    shutil.rmtree(tmp_path)
