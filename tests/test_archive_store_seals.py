"""Each WARC file is sealed with a list of its records, by digest in the journal; one that is gone is made again."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.store.index import records_of
from archive.store.journal import Journal
from archive.store.resealing import remake_manifests
from archive.store.seals import Entry, manifest_path, read_manifest
from archive.store.store import CaptureStore

NAME = "one-00000.warc.gz"


def add(folder: Path, connection: sqlite3.Connection, journal: Journal, *numbers: int) -> None:
    with CaptureStore.open(folder, connection, journal) as store:
        for number in numbers:
            body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n%d" % (number % 3)
            date = f"2018-01-26T15:00:0{number}Z"
            store.add(Exchange(f"https://www.dhs.gov/{number}", date, b"", body, status=200), Asked("s", "one"))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_catalogue(tmp_path / "archive.db")
    yield opened
    opened.close()


def entries(folder: Path) -> list[Entry]:
    return read_manifest(manifest_path(folder, NAME).read_bytes())


def test_the_list_says_what_lies_where(tmp_path: Path, connection: sqlite3.Connection) -> None:
    add(tmp_path, connection, Journal(tmp_path), 0, 1)
    add(tmp_path, connection, Journal(tmp_path), 2, 3)
    content = (tmp_path / "warc" / NAME).read_bytes()
    places = records_of(connection, NAME)
    assert [(one.capture, one.offset) for one in entries(tmp_path)] == [(one.capture, one.offset) for one in places]
    for one in entries(tmp_path):
        assert hashlib.sha256(content[one.offset : one.offset + one.length]).hexdigest() == one.sha256
    assert [one.url[-1] for one in entries(tmp_path)] == ["0", "1", "2", "3"]
    seals = [event for event in Journal(tmp_path).read() if event["event"] == "segment-sealed"]
    assert len(seals) == 2
    assert seals[-1]["manifest"] == hashlib.sha256(manifest_path(tmp_path, NAME).read_bytes()).hexdigest()
    assert (seals[-1]["bytes"], seals[-1]["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_list_goes_by_what_was_written(tmp_path: Path, connection: sqlite3.Connection) -> None:
    """What a disk made of it meanwhile is not what gets sealed as a record."""
    journal = Journal(tmp_path)
    store = CaptureStore.open(tmp_path, connection, journal)
    body = b"HTTP/1.1 200 OK\r\n\r\nwhole"
    store.add(Exchange("https://www.dhs.gov/", "2018-01-26T15:00:00Z", b"", body, status=200), Asked("s", "one"))
    path = tmp_path / "warc" / NAME
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    store.close()
    entry = entries(tmp_path)[0]
    stored = path.read_bytes()[entry.offset : entry.offset + entry.length]
    assert hashlib.sha256(stored).hexdigest() != entry.sha256


def test_a_run_that_was_killed_is_sealed_by_the_next_writer(tmp_path: Path, connection: sqlite3.Connection) -> None:
    journal = Journal(tmp_path)
    add(tmp_path, connection, journal, 0)
    journal.path.unlink()
    journal.head_path.unlink(missing_ok=True)
    shutil.rmtree(tmp_path / "manifest")
    with CaptureStore.open(tmp_path, connection, Journal(tmp_path)):
        pass
    assert len(entries(tmp_path)) == 1
    assert Journal(tmp_path).seals()[NAME].manifest


def test_a_list_that_is_gone_is_made_again(tmp_path: Path, connection: sqlite3.Connection) -> None:
    add(tmp_path, connection, Journal(tmp_path), 0, 1)
    before, journal = manifest_path(tmp_path, NAME).read_bytes(), Journal(tmp_path).path.read_bytes()
    shutil.rmtree(tmp_path / "manifest")
    assert [one.outcome for one in remake_manifests(tmp_path, connection, Journal(tmp_path))] == ["manifest-made"]
    assert manifest_path(tmp_path, NAME).read_bytes() == before
    assert remake_manifests(tmp_path, connection, Journal(tmp_path)) == []
    assert Journal(tmp_path).path.read_bytes() == journal


def test_none_is_made_of_a_file_that_is_not_as_it_was_sealed(tmp_path: Path, connection: sqlite3.Connection) -> None:
    add(tmp_path, connection, Journal(tmp_path), 0, 1)
    shutil.rmtree(tmp_path / "manifest")
    connection.execute("UPDATE records SET digest = 'x' WHERE offset = (SELECT max(offset) FROM records)")
    assert remake_manifests(tmp_path, connection, Journal(tmp_path)) == []
    assert not manifest_path(tmp_path, NAME).exists()


def without_lists(folder: Path) -> None:
    """Make the archive what an earlier version left: seals without lists, lines without a chain."""
    journal = Journal(folder)
    lines = [
        json.dumps({name: value for name, value in event.items() if name != "manifest"}) for event in journal.read()
    ]
    journal.path.write_text("".join(f"{line}\n" for line in lines))
    journal.head_path.unlink(missing_ok=True)
    shutil.rmtree(folder / "manifest")


def test_files_that_an_earlier_version_sealed_get_their_lists(tmp_path: Path, connection: sqlite3.Connection) -> None:
    add(tmp_path, connection, Journal(tmp_path), 0, 1)
    without_lists(tmp_path)
    assert Journal(tmp_path).seals()[NAME].manifest == ""
    assert [one.outcome for one in remake_manifests(tmp_path, connection, Journal(tmp_path))] == ["manifest-made"]
    assert Journal(tmp_path).seals()[NAME].manifest
    assert len(entries(tmp_path)) == 2


def test_unless_they_are_altered(tmp_path: Path, connection: sqlite3.Connection) -> None:
    add(tmp_path, connection, Journal(tmp_path), 0, 1)
    without_lists(tmp_path)
    path = tmp_path / "warc" / NAME
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    assert remake_manifests(tmp_path, connection, Journal(tmp_path)) == []


@pytest.mark.parametrize("content", [b"x\n", b"[]\n", b"{}\n", b"[" * 100_000, b'{"capture": 1}\n', b"\xff\n"])
def test_what_is_no_list_of_records(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_manifest(content)
