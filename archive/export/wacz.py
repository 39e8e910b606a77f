"""Writes a WACZ file (1.1.1): records as they lie in the archive, byte for byte, with an index and a list of pages.

The same captures of the same release give the same bytes. It doesn't choose them (archive/export/chosen.py).
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from archive.export import cdxj
from archive.model import Exchange
from archive.store.errors import RecordDamaged
from archive.store.index import find_record
from archive.store.store import CaptureStore
from archive.store.unit import Record, Unit, read_unit, unit_bytes, warcinfo_bytes

VERSION, SOFTWARE = "1.1.1", "oversight-archive"
# A file of records is closed at this size, as those of the archive are.
SEGMENT_BYTES = 1_000_000_000
# The moment that every entry of the zip carries: the earliest that a zip can say.
_MOMENT = (1980, 1, 1, 0, 0, 0)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Told:
    """What a WACZ file says of itself; `created` is an instant that follows from its content."""

    title: str
    description: str
    created: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A document for the list of pages: the address and the instant of a capture, and what it is called."""

    url: str
    captured_at: str
    title: str


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many captures, how many of them anew (`rebuilt`), and which couldn't be (`lost`)."""

    captures: int
    rebuilt: int
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes are: an archive's folder and its catalogue, open for reading."""

    folder: Path
    catalogue: sqlite3.Connection

    def store(self) -> CaptureStore:
        """Return the store of captures, for reading only."""
        return CaptureStore(self.folder, self.catalogue, None)


def write_wacz(
    file: BinaryIO, source: Source, captures: Sequence[str], pages: Iterable[Page], told: Told, progress: Progress
) -> Written:
    """Write the package to an open file. Raises OSError, and RecordDamaged for stored bytes that were altered."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package, closing(cdxj.Lines()) as lines:
        zipped = _Zip(package)
        records = _Records(zipped, source, captures, lines, progress)
        records.write()
        _write_index(zipped, lines)
        first, pages = _first_of(pages)
        zipped.write("pages/pages.jsonl", _pages(pages))
        listing = _listing(zipped, told, first)
        zipped.write("datapackage.json", [listing])
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(listing).hexdigest()}"}
        zipped.write("datapackage-digest.json", [json.dumps(digest, indent=1).encode() + b"\n"])
    return Written(records.written, records.rebuilt, tuple(records.lost))


class _Zip:
    """A zip that is written entry by entry; `resources` says of each what datapackage.json lists."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self.package, self.resources = package, list[dict[str, Any]]()

    def write(self, name: str, parts: Iterable[bytes]) -> None:
        """Write an entry, part by part."""
        digest, size = hashlib.sha256(), 0
        with self.open(name) as entry:
            for part in parts:
                entry.write(part)
                digest.update(part)
                size += len(part)
        self.list(name, size, digest.hexdigest())

    def open(self, name: str, *, large: bool = False) -> IO[bytes]:
        info = zipfile.ZipInfo(name, _MOMENT)
        info.external_attr = 0o644 << 16
        info.create_system = 3
        return self.package.open(info, "w", force_zip64=large)

    def list(self, path: str, size: int, sha256: str) -> None:
        name = path.rpartition("/")[2].lower()
        self.resources.append({"name": name, "path": path, "hash": f"sha256:{sha256}", "bytes": size})


class _Records:
    """Copies units into files of records, and gathers the lines of the index."""

    def __init__(
        self, zipped: _Zip, source: Source, captures: Sequence[str], lines: cdxj.Lines, progress: Progress
    ) -> None:
        self.zipped, self.store, self.lines, self.progress = zipped, source.store(), lines, progress
        self.captures, self.going, self.catalogue = captures, frozenset(captures), source.catalogue
        self.written = self.rebuilt = 0
        self.lost: list[str] = []

    def write(self) -> None:
        units, number = self._units(), 0
        held = next(units, b"")
        while held:
            number += 1
            held = self._write_file(f"records-{number:05d}.warc.gz", held, units)

    def _write_file(self, name: str, held: bytes, units: Iterator[bytes]) -> bytes:
        """Write one file of records, from a unit on; return the unit that has no room in it."""
        head = warcinfo_bytes(name, read_unit(held, 0).capture.captured_at)
        digest, size = hashlib.sha256(head), len(head)
        with self.zipped.open(f"archive/{name}", large=len(held) > SEGMENT_BYTES) as entry:
            entry.write(head)
            while held and (size == len(head) or size + len(held) <= SEGMENT_BYTES):
                entry.write(held)
                digest.update(held)
                self._index(held, name, size)
                size += len(held)
                held = next(units, b"")
        self.zipped.list(f"archive/{name}", size, digest.hexdigest())
        return held

    def _units(self) -> Iterator[bytes]:
        for number, capture in enumerate(self.captures):
            self.progress("copying records", number, len(self.captures))
            if unit := self._unit(capture):
                self.written += 1
                yield unit

    def _unit(self, capture: str) -> bytes:
        """Return a capture's unit: as it is stored, or anew where the record that it refers to doesn't go along."""
        record = find_record(self.catalogue, capture)
        if record is None:
            raise RecordDamaged("records", 0, f"the index doesn't say where capture {capture} lies")
        if not record.revisit_of or record.revisit_of in self.going:
            return _stored(self.store, record)
        made = self._alone(capture, record)
        self.rebuilt += bool(made)
        return made

    def _alone(self, capture: str, record: Record) -> bytes:
        """Return a unit that holds its payload itself; b"" where the server had only said that nothing changed."""
        unit = read_unit(_stored(self.store, record), 0)
        if unit.unchanged:
            self.lost.append(capture)
            return b""
        answer = self.store.answer(capture)
        exchange = Exchange(
            unit.capture.url, unit.capture.captured_at, unit.request.block if unit.request else b"",
            answer.head + answer.body, unit.capture.method, unit.capture.status, unit.capture.kind,
            unit.final.header("WARC-IP-Address"),
        )  # fmt: skip
        return unit_bytes(unit.capture, exchange, None)[0]

    def _index(self, content: bytes, name: str, offset: int) -> None:
        unit = read_unit(content, 0)
        if unit.final.type != "conversion":  # nobody sent it
            self.lines.add(unit.capture.url, unit.capture.captured_at, _facts(unit, name, offset, len(content)))


def _stored(store: CaptureStore, record: Record) -> bytes:
    """Return the stored bytes of a unit. Raises RecordDamaged where they aren't those that were written."""
    try:
        with (store.warc_folder / record.warc).open("rb") as file:
            file.seek(record.offset)
            content = file.read(record.length)
    except OSError as error:
        raise RecordDamaged(record.warc, record.offset, str(error.strerror)) from error
    if hashlib.sha256(content).hexdigest() != record.digest:
        raise RecordDamaged(record.warc, record.offset, "the bytes are not those that were written")
    return content


def _facts(unit: Unit, name: str, offset: int, length: int) -> dict[str, Any]:
    """Return the fields of a line of the index (WACZ 1.1.1, 5.1.2.1)."""
    capture, revisit = unit.capture, unit.final.type == "revisit"
    facts: dict[str, Any] = {
        "digest": unit.final.header("WARC-Payload-Digest") or capture.payload_digest,
        "mime": "warc/revisit" if revisit else capture.media_type,
        "offset": offset + unit.response_offset,
        "length": length - unit.response_offset,
        "recordDigest": unit.final.header("WARC-Block-Digest"),
        "status": capture.status or 200,  # a file that was handed in
        "filename": name,
    }
    return facts if capture.method == "GET" else {**facts, "method": capture.method}


def _write_index(zipped: _Zip, lines: cdxj.Lines) -> None:
    told = [cdxj.head()]

    def packed() -> Iterator[bytes]:
        for block, line in cdxj.blocks(lines.sorted()):
            told.append(line)
            yield block

    zipped.write(f"indexes/{cdxj.NAME}", packed())
    zipped.write("indexes/index.idx", ["".join(told).encode()])


def _first_of(pages: Iterable[Page]) -> tuple[Page | None, Iterable[Page]]:
    """Return the first page, where a reader begins, and all of them."""
    rest = iter(pages)
    first = next(rest, None)
    return first, rest if first is None else itertools.chain([first], rest)


def _pages(pages: Iterable[Page]) -> Iterator[bytes]:
    yield json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "Documents"}).encode() + b"\n"
    ids: Counter[str] = Counter()
    for page in pages:
        ids[page.url] += 1
        name = hashlib.sha256(f"{page.url} {page.captured_at} {ids[page.url]}".encode()).hexdigest()[:20]
        told = {"id": name, "url": page.url, "ts": page.captured_at, "title": page.title}
        yield json.dumps(told, ensure_ascii=True).encode() + b"\n"


def _listing(zipped: _Zip, told: Told, first: Page | None) -> bytes:
    """Return datapackage.json (WACZ 1.1.1, 5.2.2)."""
    main = {"mainPageUrl": first.url, "mainPageDate": first.captured_at} if first else {}
    package = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "title": told.title,
        "description": told.description,
        "created": told.created,
        "software": SOFTWARE,
        **main,
        **told.facts,
        "resources": zipped.resources,
    }
    return json.dumps(package, indent=1, ensure_ascii=True).encode() + b"\n"
