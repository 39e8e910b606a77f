"""One WARC record to bytes and back (WARC/1.1, ISO 28500:2017); it knows no capture, no file and no index."""

from __future__ import annotations

import hashlib
import mmap
import re
import zlib
from dataclasses import dataclass
from typing import Protocol

GZIP_MAGIC = b"\x1f\x8b\x08"
MAX_MEMBER = 1024 * 1024 * 1024
PIECE = 256 * 1024
VERSION = b"WARC/1.1\r\n"

_VERSION_LINE = re.compile(rb"WARC/(\d+\.\d+)[ \t]*\r?\n")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_MAX_HEADER = 256 * 1024
# Printable characters stay; the rest (CR, LF, NUL, controls, separators that some readers take for a line's
# end, lone surrogates) is written as %XX of its UTF-8 bytes.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]")


class Buffer(Protocol):
    """Bytes, or a file mapped into memory."""

    def __getitem__(self, key: slice, /) -> bytes: ...

    def __len__(self) -> int: ...


class RecordError(Exception):
    """Bytes that are no whole record. `torn` says that they are the sound beginning of one."""

    def __init__(self, reason: str, *, torn: bool = False) -> None:
        super().__init__(reason)
        self.torn = torn


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One record: `headers` as they stand, `block` without the blank lines that close it."""

    version: str
    headers: tuple[tuple[str, str], ...]
    block: bytes

    def header(self, name: str) -> str:
        """Return the first value of a header, or ""."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    @property
    def type(self) -> str:
        return self.header("WARC-Type").lower()

    @property
    def target(self) -> str:
        """The address, without the angle brackets that WARC/1.0 writers put around it."""
        return self.header("WARC-Target-URI").removeprefix("<").removesuffix(">")


def clean_value(value: str) -> str:
    """Return a value that stays within its line: every control character percent-encoded.

    The one place that keeps a crafted address from becoming a header of its own (PT-03).
    """
    return _UNSAFE.sub(lambda found: _percent(found[0]), value).strip(" ")


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def sha256_label(content: bytes) -> str:
    """Return a digest as WARC headers carry it: "sha256:<hex>"."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def record_bytes(headers: list[tuple[str, str]], block: bytes) -> bytes:
    """Return one record as a gzip member of its own (ISO 28500 Annex D); empty headers are left out.

    The same record always gives the same bytes: the member carries no time and no name.
    """
    digest = ("WARC-Block-Digest", sha256_label(block))
    lines = [f"{name}: {clean_value(value)}\r\n" for name, value in [*headers, digest] if value]
    head = "".join(lines).encode()
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    parts = (VERSION, head, f"Content-Length: {len(block)}\r\n\r\n".encode(), block, b"\r\n\r\n")
    return b"".join([compressor.compress(part) for part in parts] + [compressor.flush()])


def read_member(data: Buffer, offset: int) -> tuple[bytes, int]:
    """Unpack the gzip member at `offset`; return its content and where it ends. Raises RecordError."""
    decoder = zlib.decompressobj(31)
    parts: list[bytes] = []
    total, position = 0, offset
    while not decoder.eof:
        piece = data[position : position + PIECE]
        try:
            part = decoder.decompress(piece, MAX_MEMBER - total + 1)
        except zlib.error as error:
            raise RecordError(f"the gzip member is damaged ({error})") from None
        if not piece and not part and not decoder.eof:
            raise RecordError("the gzip member ends too early", torn=True)
        position += len(piece) - len(decoder.unconsumed_tail) - len(decoder.unused_data)
        parts.append(part)
        total += len(part)
        if total > MAX_MEMBER:
            raise RecordError(f"the record unpacks to more than {MAX_MEMBER} bytes")
    return b"".join(parts), position


def parse_record(content: bytes | mmap.mmap, position: int = 0) -> tuple[WarcRecord, int]:
    """Parse the record that starts at `position`; return it and where its block ends. Raises RecordError."""
    version = _VERSION_LINE.match(content, position)
    if version is None:
        raise RecordError("no WARC record starts here")
    end = _HEADER_END.search(content, version.end() - 1, version.end() + _MAX_HEADER)
    if end is None:
        raise RecordError("the record's header doesn't end", torn=True)
    headers = _parse_headers(content[version.end() : end.start()])
    record = WarcRecord(version[1].decode(), headers, b"")
    length = record.header("Content-Length")
    if re.fullmatch(r"[0-9]{1,15}", length) is None:
        raise RecordError(f"Content-Length is {length[:40]!r}")
    start, stop = end.end(), end.end() + int(length)
    if stop > len(content):
        raise RecordError(f"the block has {len(content) - start} of {length} bytes", torn=True)
    return WarcRecord(record.version, headers, content[start:stop]), stop


def _parse_headers(head: bytes) -> tuple[tuple[str, str], ...]:
    headers: list[tuple[str, str]] = []
    for line in head.decode("utf-8", "replace").split("\n"):
        if line[:1] in (" ", "\t") and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.strip(), value.strip()))
    return tuple(headers)


def read_record(data: Buffer, offset: int) -> tuple[WarcRecord, int]:
    """Read a record that is a gzip member of its own, as this archive writes them; return where it ends.

    Raises RecordError also where the member holds anything else, or its block isn't what its digest says.
    """
    content, end = read_member(data, offset)
    try:
        record, stop = parse_record(content)
    except RecordError as error:
        # A record that is short within a whole member wasn't torn by a crash.
        raise RecordError(str(error)) from None
    if content[stop:] != b"\r\n\r\n":
        raise RecordError("the record is not closed by two line ends and nothing else")
    if record.header("WARC-Block-Digest") != sha256_label(record.block):
        raise RecordError("the block is not what its digest says")
    return record, end


def next_record(data: Buffer, position: int) -> int:
    """Return where the next whole gzip member with a WARC record in it starts, -1 where there is none."""
    step = 1 << 20
    while position < len(data):
        found = data[position : position + step].find(GZIP_MAGIC)
        if found < 0:
            position += step - len(GZIP_MAGIC) + 1
            continue
        position += found
        try:
            parse_record(read_member(data, position)[0])
        except RecordError:
            position += 1
            continue
        return position
    return -1
