"""CO-03: records and files altered with every digest made right again are found all the same."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.outcomes import OUTCOMES
from archive.store.fixity import check_seals, check_store
from archive.store.index import records_of
from archive.store.journal import Journal
from archive.store.record import read_record, record_bytes
from archive.store.store import CaptureStore


@dataclass(frozen=True)
class Archive:
    folder: Path
    connection: sqlite3.Connection
    journal: Journal

    @property
    def warc(self) -> Path:
        return self.folder / "warc" / "one-00000.warc.gz"

    @property
    def other(self) -> Path:
        return self.folder / "warc" / "two-00000.warc.gz"

    def units(self) -> tuple[bytes, list[bytes]]:
        """Return the first file's warcinfo and its units."""
        content, places = self.warc.read_bytes(), records_of(self.connection, self.warc.name)
        return content[: places[0].offset], [content[one.offset : one.offset + one.length] for one in places]

    def put(self, first: bytes, units: list[bytes]) -> None:
        self.warc.write_bytes(first + b"".join(units))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    connection, journal = open_catalogue(tmp_path / "archive.db"), Journal(tmp_path)
    with CaptureStore.open(tmp_path, connection, journal) as store:
        for run in ("one", "two"):
            for number in range(4):
                body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n%s %d" % (run.encode(), number % 3)
                url, date = f"https://www.dhs.gov/{run}/{number}", f"2018-01-26T15:00:0{number}Z"
                store.add(Exchange(url, date, b"GET / HTTP/1.1\r\n\r\n", body, status=200), Asked("s", run))
    yield Archive(tmp_path, connection, journal)
    connection.close()


def rewritten(unit: bytes, old: bytes, new: bytes) -> bytes:
    """Change every record of a unit, with digests that are right again."""
    made, position = b"", 0
    while position < len(unit):
        record, position = read_record(unit, position)
        left_out = ("WARC-Block-Digest", "Content-Length")
        headers = [
            (name, value.replace(old.decode(), new.decode())) for name, value in record.headers if name not in left_out
        ]
        made += record_bytes(headers, record.block.replace(old, new))
    return made


def removed(archive: Archive) -> None:
    first, units = archive.units()
    archive.put(first, units[:1] + units[2:])


def repeated(archive: Archive) -> None:
    first, units = archive.units()
    archive.put(first, [*units, units[0]])


def reordered(archive: Archive) -> None:
    first, units = archive.units()
    archive.put(first, [units[1], units[0], *units[2:]])


def redated(archive: Archive) -> None:
    first, units = archive.units()
    archive.put(first, [rewritten(units[0], b"2018-01-26T15:00:00Z", b"2018-01-25T15:00:00Z"), *units[1:]])


def readdressed(archive: Archive) -> None:
    first, units = archive.units()
    archive.put(first, [rewritten(units[0], b"/one/0", b"/one/9"), *units[1:]])


def recompressed(archive: Archive) -> None:
    first, units = archive.units()
    same = gzip.compress(gzip.decompress(units[0]), 9, mtime=0)
    archive.put(first, [same, *units[1:]])


def another_first_record(archive: Archive) -> None:
    _, units = archive.units()
    archive.put(record_bytes([("WARC-Type", "warcinfo")], b"software: other\r\n"), units)


def emptied(archive: Archive) -> None:
    archive.warc.write_bytes(b"")


def gone(archive: Archive) -> None:
    archive.warc.unlink()


def cut(archive: Archive) -> None:
    archive.put(*(archive.units()[0], archive.units()[1][:-1]))


def cut_by_one(archive: Archive) -> None:
    archive.warc.write_bytes(archive.warc.read_bytes()[:-1])


def joined(archive: Archive) -> None:
    archive.warc.write_bytes(archive.warc.read_bytes() + archive.other.read_bytes())
    archive.other.unlink()


def renamed(archive: Archive) -> None:
    archive.warc.rename(archive.warc.with_name("one-00001.warc.gz"))


def copied(archive: Archive) -> None:
    shutil.copy(archive.warc, archive.warc.with_name("one-00001.warc.gz"))


def swapped(archive: Archive) -> None:
    kept = archive.warc.read_bytes()
    archive.warc.write_bytes(archive.other.read_bytes())
    archive.other.write_bytes(kept)


def zeros_appended(archive: Archive) -> None:
    archive.warc.write_bytes(archive.warc.read_bytes() + b"\0" * 512)


def noise_between(archive: Archive) -> None:
    first, units = archive.units()
    archive.put(first + b"noise", units)


TRICKS = [
    removed, repeated, reordered, redated, readdressed, recompressed, another_first_record, emptied, gone, cut,
    cut_by_one, joined, renamed, copied, swapped, zeros_appended, noise_between,
]  # fmt: skip
# What the journal's seals alone can only say of bytes past a seal, or of a file of that name: "unsealed".
NOTED = ("repeated", "copied", "zeros_appended", "joined")


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_every_trick_is_found(archive: Archive, trick: Callable[[Archive], None]) -> None:
    assert check_store(archive.folder, archive.connection) == []
    assert check_seals(archive.folder, archive.journal) == []
    trick(archive)
    by_index = check_store(archive.folder, archive.connection)
    by_seal = check_seals(archive.folder, archive.journal)
    assert {OUTCOMES[finding.outcome].severity for finding in by_index} == {"failure"}
    worst = {OUTCOMES[finding.outcome].severity for finding in by_seal}
    assert "failure" in worst or (trick.__name__ in NOTED and worst == {"note"})


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE captures SET url = 'https://x/' WHERE run = 'one'",
        "UPDATE captures SET captured_at = '2018-01-25T00:00:00Z' WHERE run = 'one'",
        "UPDATE captures SET content_digest = 'x' WHERE run = 'one'",
        "UPDATE records SET offset = offset + 1",
        "UPDATE records SET revisit_of = 'x'",
        "UPDATE records SET response_offset = 0",
        "DELETE FROM records WHERE offset > 2000",
        "DELETE FROM captures WHERE run = 'one'",
        "UPDATE records SET warc = warc || 'x'",
    ],
)
def test_a_changed_row_is_found(archive: Archive, change: str) -> None:
    archive.connection.execute(change)
    assert check_store(archive.folder, archive.connection) != []


def test_a_unit_without_rows_is_found(archive: Archive) -> None:
    middle = records_of(archive.connection, archive.warc.name)[1].capture
    archive.connection.execute("DELETE FROM records WHERE capture = ?", (middle,))
    archive.connection.execute("DELETE FROM captures WHERE id = ?", (middle,))
    assert [finding.outcome for finding in check_store(archive.folder, archive.connection)] == ["file-unknown"]


def test_every_byte_counts(archive: Archive) -> None:
    """One bit of each byte of a file: none flips unseen (`warcio check` misses seven a record)."""
    content = archive.warc.read_bytes()
    unseen = []
    for place in range(0, len(content), 23):
        archive.warc.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        if not check_store(archive.folder, archive.connection):
            unseen.append(place)
    assert unseen == []
