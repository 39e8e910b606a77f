"""Every record of any WARC or ARC file, whoever wrote it: where it lies, and what is damaged; damage is passed over."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.store.record import GZIP_MAGIC, RecordError, WarcRecord, parse_record, read_member

PLAIN = -1

# ARC 1.0: "address ip date type length"; ARC 2.0 has five more fields before the length.
_ARC_LINE = re.compile(
    rb"([A-Za-z][A-Za-z0-9+.-]*:[^\r\n]{0,65536}?)[ \t](\S+)[ \t](\d{14})[ \t](\S+)"
    rb"(?:[ \t]\S+){0,5}?[ \t](\d{1,15})\r?\n"
)
_NEXT_RECORD = re.compile(rb"\nWARC/\d\.\d[ \t]*\r?\n|\n" + _ARC_LINE.pattern)
_BLANK_LINES = re.compile(rb"[\r\n]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record lies: the gzip member that holds it (PLAIN in an uncompressed file), and where in that."""

    member: int
    position: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is no whole record, and where."""

    place: Place
    reason: str


def iter_records(data: bytes | mmap.mmap) -> Iterator[tuple[Place, WarcRecord] | Damage]:
    """Yield the records of a file in order. An ARC record is given the WARC headers that mean the same.

    Takes one gzip member a record, one for all, or none. Yields nothing for an empty file.
    """
    if data[: len(GZIP_MAGIC)] != GZIP_MAGIC:
        yield from _iter_content(data, PLAIN)
        return
    offset = 0
    while offset < len(data):
        try:
            content, end = read_member(data, offset)
        except RecordError as error:
            yield Damage(Place(offset, 0), str(error))
            offset = _next_member(data, offset + 1)
            continue
        yield from _iter_content(content, offset)
        offset = end


def read_at(data: bytes | mmap.mmap, place: Place) -> WarcRecord:
    """Read the record that lies at a place. Raises RecordError."""
    if place.member == PLAIN:
        return _parse_any(data, place.position)[0]
    return _parse_any(read_member(data, place.member)[0], place.position)[0]


def _iter_content(content: bytes | mmap.mmap, member: int) -> Iterator[tuple[Place, WarcRecord] | Damage]:
    position = _skip_blank(content, 0)
    while position < len(content):
        try:
            record, end = _parse_any(content, position)
        except RecordError as error:
            yield Damage(Place(member, position), str(error))
            found = _NEXT_RECORD.search(content, position)
            if found is None:
                return
            position = found.start() + 1
            continue
        yield Place(member, position), record
        position = _skip_blank(content, end)


def _skip_blank(content: bytes | mmap.mmap, position: int) -> int:
    found = _BLANK_LINES.match(content, position)
    return found.end() if found else position


def _parse_any(content: bytes | mmap.mmap, position: int) -> tuple[WarcRecord, int]:
    line = _ARC_LINE.match(content, position)
    if line is None:
        return parse_record(content, position)
    stop = line.end() + int(line[5])
    if stop > len(content):
        raise RecordError(f"the block has {len(content) - line.end()} of {int(line[5])} bytes", torn=True)
    address, ip_address, date, media_type = (part.decode("utf-8", "replace") for part in line.group(1, 2, 3, 4))
    kind = "warcinfo" if address.startswith("filedesc:") else "response"
    instant = f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}Z"
    headers = (
        ("WARC-Type", kind),
        ("WARC-Target-URI", address.replace(" ", "%20")),
        ("WARC-Date", instant),
        ("WARC-IP-Address", ip_address),
        ("X-ARC-Type", media_type),
    )
    return WarcRecord("arc", headers, content[line.end() : stop]), stop


def _next_member(data: bytes | mmap.mmap, offset: int) -> int:
    """Return where the next gzip member starts that unpacks to records, or the end of the file."""
    while (offset := data.find(GZIP_MAGIC, offset)) >= 0:
        try:
            content, _ = read_member(data, offset)
            _parse_any(content, _skip_blank(content, 0))
        except RecordError:
            offset += 1
            continue
        return offset
    return len(data)
