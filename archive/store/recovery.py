"""After a crash: index what was written whole, cut what was torn, set aside what a power cut left in pieces.

Nothing else is touched. Only bytes past a file's last indexed unit are looked at, so that the cost follows the open
file, not the archive.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.model import Finding
from archive.store.errors import StoreFailed
from archive.store.index import find_capture, indexed_end, insert
from archive.store.mapped import mapped
from archive.store.put import put
from archive.store.record import GZIP_MAGIC, Buffer, RecordError, next_record, read_record
from archive.store.segment import SUFFIX, refusal, sync_folder
from archive.store.unit import Record, Unit, check_unit, place, read_unit, read_warcinfo, record_id

# What a file system leaves of a block that it never wrote.
HOLE = b"\0" * 512


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found, and the names of the files that were changed or newly indexed."""

    findings: tuple[Finding, ...]
    changed: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tail:
    """What lies past a file's last indexed unit: whole units, where they end, what became of the rest.

    The rest is `cut` off where it is less than a unit; `aside` is what of it is kept beside the file.
    """

    units: tuple[tuple[Unit, Record], ...]
    end: int
    findings: tuple[Finding, ...]
    cut: bool
    aside: bytes = b""


def recover(warc_folder: Path, connection: sqlite3.Connection, sealed: Mapping[str, int] | None = None) -> Recovery:
    """Bring files and index together. Raises StoreFull, StoreFailed where the disk refuses.

    `sealed` says how much of each file was sealed when its run was closed, which is not touched; None where nobody
    knows.
    """
    findings: list[Finding] = []
    changed: set[str] = set()
    for path in sorted(warc_folder.glob(f"*{SUFFIX}")):
        if path.is_symlink() or not path.is_file():
            findings.append(Finding("file-unknown", path.name, "not a plain file"))
            continue
        size, start = path.stat().st_size, indexed_end(connection, path.name)
        if size < start:
            findings.append(Finding("record-missing", path.name, f"ends at {size}, the index knows {start}"))
        if size <= start:
            continue
        tail = _examine(path, start, connection)
        if sealed is not None and sealed.get(path.name, 0) <= tail.end:
            tail = _with_pieces_aside(path, tail)
        findings += tail.findings
        if tail.units or tail.cut:
            _settle(path, start, tail, connection)
            changed.add(path.name)
    return Recovery(tuple(findings), frozenset(changed))


def _examine(path: Path, start: int, connection: sqlite3.Connection) -> Tail:
    with mapped(path) as data:
        units: list[tuple[Unit, Record]] = []
        findings: list[Finding] = []
        position = start
        try:
            if start == 0:
                position = read_warcinfo(data, path.name)
            while position < len(data):
                unit = read_unit(data, position)
                problem = check_unit(unit) or _already_held(unit, connection, units)
                if problem:
                    raise RecordError(problem)
                units.append((unit, place(data, path.name, position, unit)))
                findings.append(Finding("record-indexed", path.name, f"at byte {position}", unit.capture.id))
                position = unit.end
        except RecordError as error:
            # A file without one whole unit is emptied: its first record says nothing by itself.
            position = position if units or start else 0
            detail = f"{len(data) - position} bytes from byte {position}: {error}"
            cut = is_torn(data, position, path.name)
            findings.append(Finding("tail-cut" if cut else "file-unknown", path.name, detail))
            return Tail(tuple(units), position, tuple(findings), cut)
        return Tail(tuple(units), position, tuple(findings), cut=False)


def _with_pieces_aside(path: Path, tail: Tail) -> Tail:
    """Return what a power cut left of our last write as what is to be set aside.

    Of bytes that were not synced any sectors may be there, and others not: whole records may follow on torn ones. None
    of it had been acknowledged; but who knows that only from the sectors that are missing throws nothing away.
    """
    if tail.cut or path.stat().st_size == tail.end:
        return tail
    content = path.read_bytes()[tail.end :]
    if not _lacks_sectors(content, tail.end):
        return tail
    detail = f"{len(content)} bytes from byte {tail.end}: sectors are missing; see {aside_path(path, tail.end).name}"
    finding = Finding("tail-set-aside", path.name, detail)
    return Tail(tail.units, tail.end, (*tail.findings[: len(tail.units)], finding), cut=True, aside=content)


def _lacks_sectors(content: bytes, start: int) -> bool:
    """Tell whether a sector of the disk holds nothing but zeros, as far as it belongs to these bytes of a file."""
    first = len(HOLE) - start % len(HOLE)
    sectors = [content[:first], *(content[at : at + len(HOLE)] for at in range(first, len(content), len(HOLE)))]
    return any(not sector.strip(b"\0") for sector in sectors)


def aside_path(path: Path, position: int) -> Path:
    """Return where the pieces are kept that lay in a file from a byte on."""
    return path.with_name(f"{path.name}.torn-{position}")


def _already_held(unit: Unit, connection: sqlite3.Connection, units: list[tuple[Unit, Record]]) -> str:
    twice = any(known.capture.id == unit.capture.id for known, _ in units)
    if twice or find_capture(connection, unit.capture.id) is not None:
        return f"capture {unit.capture.id} is held already"
    return ""


def _settle(path: Path, start: int, tail: Tail, connection: sqlite3.Connection) -> None:
    """Put the units on the disk for certain, cut the rest, then write the rows."""
    try:
        if tail.aside:
            put(aside_path(path, tail.end), tail.aside)
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            # What we read may be memory that a failed sync never brought to the disk: write it once more.
            for position in range(start, tail.end, 1 << 20):
                piece = os.pread(descriptor, min(1 << 20, tail.end - position), position)
                os.pwrite(descriptor, piece, position)
            if tail.cut:
                os.ftruncate(descriptor, tail.end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(path.parent)
    except OSError as error:
        raise refusal(path, error) from error
    try:
        with connection:
            for unit, record in tail.units:
                insert(connection, unit.capture, record)
    except sqlite3.Error as error:
        raise StoreFailed(f"the catalogue: {error}; look at the disk") from error


def is_torn(data: Buffer, position: int, name: str) -> bool:
    """Return whether the bytes from `position` are what a crash leaves of our last write, and nothing more.

    Anything else stays where it is: bytes that may be evidence are not ours to delete.
    """
    start = position
    if start == 0:
        try:
            position = read_warcinfo(data, name)
        except RecordError as error:
            beginning = f"WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Record-ID: {record_id(name, 'warcinfo')}\r\n"
            return _ends_torn(data, 0, beginning.encode(), merely_cut=error.torn)
    while position < len(data):
        try:
            record, end = read_record(data, position)
        except RecordError as error:
            return _ends_torn(data, position, b"WARC/1.1\r\nWARC-Type: ", merely_cut=error.torn)
        if record.type not in ("metadata", "request"):
            return False
        position = end
    return position > start


def _ends_torn(data: Buffer, position: int, beginning: bytes, *, merely_cut: bool) -> bool:
    rest = data[position : position + 4096]
    if not rest.strip(b"\0"):
        return not data[position : len(data)].strip(b"\0")
    begun = _unpack_some(rest)[: len(beginning)]
    if not GZIP_MAGIC.startswith(rest[:3]) or not beginning.startswith(begun):
        return False
    # Damage that isn't a mere cut: a power cut leaves holes, and nothing whole after them.
    hole = HOLE in data[position : len(data)]
    return merely_cut or (hole and next_record(data, position + 1) < 0)


def _unpack_some(piece: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(piece, 4096)
    except zlib.error:
        return b""
