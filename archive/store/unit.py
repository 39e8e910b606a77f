"""A capture as it lies in a file: metadata, request and response record, written and read as one unit."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import ipaddress
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.model import RENDERED_TYPE, Capture, Exchange, Finding
from archive.store.describe import asked_with, capture_id, parse_kind, to_json
from archive.store.http import Message, decoded, entity
from archive.store.mapped import mapped
from archive.store.record import (
    Buffer,
    RecordError,
    WarcRecord,
    clean_value,
    next_record,
    read_record,
    record_bytes,
    sha256_label,
)
from archive.store.segment import SUFFIX

# Record ids follow from the capture's id, so that the same capture gives the same bytes.
NAMESPACE = uuid.UUID("6f1a4c86-52d7-5d0e-9c57-0a4f1d3b8e21")
REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
WARC_FORMAT = "WARC File Format 1.1"
WARC_SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
FINAL_TYPES = ("response", "revisit", "resource", "conversion")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the table `records`: where a capture's unit lies.

    `digest` is the hex SHA-256 of its stored bytes; `revisit_of` is the capture that holds the payload, "" where
    the unit holds it itself.
    """

    capture: str
    warc: str
    offset: int
    length: int
    response_offset: int
    digest: str
    revisit_of: str


@dataclass(frozen=True, slots=True)
class Original:
    """The capture that a revisit refers to, and the payload digest that its own record carries."""

    capture: Capture
    digest_header: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit read back: its request and last record. `response_offset` counts from the file's start."""

    capture: Capture
    revisit_of: str
    request: WarcRecord | None
    final: WarcRecord
    response_offset: int
    end: int

    @property
    def unchanged(self) -> bool:
        """Whether the server said that what `revisit_of` holds still stands there (ISO 28500 6.7.3)."""
        return self.final.type == "revisit" and self.final.header("WARC-Profile") == NOT_MODIFIED_PROFILE


def digest_header(kind: str, message: Message) -> str:
    """Return WARC-Payload-Digest for a response record, "" where it is better left out.

    ISO 28500 6.3.2 means the entity, without chunking; warcio (issue 74) and what is built on it hash the
    bytes after the head as they are, and `warcio check` calls the right digest of a chunked body failed. We
    write what those programs compute, since it is they who read the header; the entity's digest stands in
    the metadata record, and our index goes by that. Left out where programs disagree about the head's end.
    """
    return sha256_label(message.body) if message.plain or kind == "resource" else ""


def unit_bytes(
    capture: Capture, exchange: Exchange, original: Original | None, *, unchanged: bool = False
) -> tuple[bytes, int]:
    """Return a capture's unit, and where in it the last record starts.

    `original` holds the payload; `unchanged` says that the server said so, and sent none.
    """
    common = [("WARC-Date", capture.captured_at), ("WARC-Target-URI", capture.url)]
    ids = {part: record_id(capture.id, part) for part in ("metadata", "request", "response")}
    facts = dataclasses.asdict(capture) | {"revisit_of": original.capture.id if original else ""}
    if not capture.provenance:
        del facts["provenance"]  # files of before it was kept have none either, and stay what they were
    # Without an address of its own: pywb would index it under the page's, and show it in place of the page.
    metadata = record_bytes(
        [("WARC-Type", "metadata"), ("WARC-Record-ID", ids["metadata"]), ("WARC-Date", capture.captured_at),
         ("WARC-Concurrent-To", ids["response"]), ("Content-Type", "application/json")],
        to_json({"capture": facts}).encode(),
    )  # fmt: skip
    request = b""
    if exchange.request:
        request = record_bytes(
            [("WARC-Type", "request"), ("WARC-Record-ID", ids["request"]), *common,
             ("WARC-Concurrent-To", ids["response"]), ("Content-Type", "application/http; msgtype=request")],
            exchange.request,
        )  # fmt: skip
    profile = NOT_MODIFIED_PROFILE if unchanged else REVISIT_PROFILE
    final = _final_bytes(capture, exchange, original, profile, [("WARC-Record-ID", ids["response"]), *common])
    return metadata + request + final, len(metadata) + len(request)


def _final_bytes(
    capture: Capture, exchange: Exchange, original: Original | None, profile: str, common: list[tuple[str, str]]
) -> bytes:
    message = parse_kind(capture.kind, exchange.response)
    kind, block = capture.kind, exchange.response
    headers = [("WARC-IP-Address", _ip_address(exchange.ip_address))]
    if original is None:
        # What was made of another record refers to it (ISO 28500 6.9).
        made_from = record_id(exchange.made_from, "response") if exchange.made_from else ""
        headers += [("WARC-Payload-Digest", digest_header(kind, message)), ("WARC-Refers-To", made_from)]
    else:
        kind, block = "revisit", message.head
        headers += [
            ("WARC-Profile", profile),
            ("WARC-Payload-Digest", original.digest_header or capture.payload_digest),
            ("WARC-Refers-To", record_id(original.capture.id, "response")),
            ("WARC-Refers-To-Target-URI", original.capture.url),
            ("WARC-Refers-To-Date", original.capture.captured_at),
        ]
    media_type = _block_type(capture.kind, exchange.response)
    headers += [("WARC-Truncated", capture.truncated), ("Content-Type", media_type)]
    return record_bytes([("WARC-Type", kind), *common, *headers], block)


def record_id(capture: str, part: str) -> str:
    return f"<urn:uuid:{uuid.uuid5(NAMESPACE, f'{capture}/{part}')}>"


def _block_type(kind: str, block: bytes) -> str:
    if kind == "response":
        return "application/http; msgtype=response"
    if kind == "conversion":
        return RENDERED_TYPE
    return "application/pdf" if b"%PDF-" in block[:1024] else "application/octet-stream"


def _ip_address(printed: str) -> str:
    try:
        return str(ipaddress.ip_address(printed))
    except ValueError:
        return ""


def warcinfo_bytes(name: str, date: str) -> bytes:
    """Return the first record of a file; it follows from the file's name and its first capture's instant."""
    fields = f"software: oversight-archive\r\nformat: {WARC_FORMAT}\r\nconformsTo: {WARC_SPECIFICATION}\r\n"
    headers = [
        ("WARC-Type", "warcinfo"),
        ("WARC-Record-ID", record_id(name, "warcinfo")),
        ("WARC-Date", date),
        ("WARC-Filename", name),
        ("Content-Type", "application/warc-fields"),
    ]
    return record_bytes(headers, fields.encode())


def read_unit(data: Buffer, offset: int) -> Unit:
    """Read the unit that starts at `offset`. Raises RecordError where no whole one of ours stands there."""
    record, end = read_record(data, offset)
    if record.type != "metadata":
        raise RecordError(f"a {clean_value(record.type)[:40] or 'nameless'} record where a capture should begin")
    capture, revisit_of = parse_metadata(record.block)
    response_id = record_id(capture.id, "response")
    start = end
    record, end = _next_record(data, start)
    request = None
    if record.type == "request":
        request, start = record, end
        record, end = _next_record(data, start)
    if record.type not in FINAL_TYPES or record.header("WARC-Record-ID") != response_id:
        raise RecordError("the capture's response record is not the one that its metadata names")
    return Unit(capture, revisit_of, request, record, start, end)


def _next_record(data: Buffer, offset: int) -> tuple[WarcRecord, int]:
    if offset >= len(data):
        raise RecordError("the capture's response record is not there", torn=True)
    return read_record(data, offset)


def parse_metadata(block: bytes) -> tuple[Capture, str]:
    """Return the capture that a metadata record describes, and what it revisits. Raises RecordError."""
    try:
        facts = dict(json.loads(block)["capture"])
        revisit_of = facts.pop("revisit_of")
        capture = Capture(**facts)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise RecordError("not a metadata record of this archive") from None
    for field in dataclasses.fields(Capture):
        kind = {"str": str, "int": int, "bool": bool}.get(str(field.type), dict)
        if type(getattr(capture, field.name)) is not kind:
            raise RecordError(f"the metadata record's {field.name} is not a {kind.__name__}")
    place = (capture.source, capture.method, capture.url, capture.captured_at)
    asked = asked_with(capture.method, capture.callback, capture.arguments)
    expected = capture_id(*place, str(capture.status), capture.payload_digest, *asked)
    if capture.id != expected or not isinstance(revisit_of, str):
        raise RecordError("the metadata record's id is not that of its facts")
    return capture, revisit_of


def check_unit(unit: Unit) -> str:
    """Return why a unit's records contradict each other, or "": address, date, payload, content."""
    capture, final = unit.capture, unit.final
    if final.header("WARC-Target-URI") != capture.url:
        return "its response record names another address"
    if final.header("WARC-Date") != capture.captured_at:
        return "its response record names another date"
    if unit.revisit_of or final.type == "revisit":
        if not unit.revisit_of or final.type != "revisit":
            return "its records disagree on where its payload lies"
        # A 304 has no payload of its own; every other answer has one that is the same.
        contradicts = unit.unchanged and capture.status != 304
        return "its records disagree on what the server said" if contradicts else ""
    message = parse_kind(capture.kind, final.block)
    if final.type != capture.kind or sha256_label(entity(message)[0]) != capture.payload_digest:
        return "its payload is not what its digest says"
    same = hashlib.sha256(decoded(message)[0]).hexdigest() == capture.content_digest
    return "" if same else "its decoded body is not what its digest says"


def place(data: Buffer, warc: str, offset: int, unit: Unit) -> Record:
    """Return the row that says where a unit lies."""
    return Record(
        capture=unit.capture.id,
        warc=warc,
        offset=offset,
        length=unit.end - offset,
        response_offset=unit.response_offset,
        digest=hashlib.sha256(data[offset : unit.end]).hexdigest(),
        revisit_of=unit.revisit_of,
    )


def read_warcinfo(data: Buffer, name: str) -> int:
    """Return where the first record of a file of ours ends. Raises RecordError where it isn't ours."""
    record, end = read_record(data, 0)
    if data[0:end] != warcinfo_bytes(name, record.header("WARC-Date")):
        raise RecordError("its first record is not one that this archive wrote for a file of this name")
    return end


def iter_captures(warc_folder: Path) -> Iterator[tuple[Capture, Record] | Finding]:
    """Yield every capture in the files of a folder with its place, file by file; or what is wrong, by name.

    Compression, digests and what the records say of each other are verified; damage is passed over.
    """
    for path in sorted(warc_folder.glob(f"*{SUFFIX}")):
        if path.is_symlink() or not path.is_file():
            yield Finding("file-unknown", path.name, "not a plain file")
        elif path.stat().st_size:
            yield from _iter_file(path)


def _iter_file(path: Path) -> Iterator[tuple[Capture, Record] | Finding]:
    try:
        with mapped(path) as data:
            yield from _iter_units(data, path.name)
    except OSError as error:
        yield Finding("record-altered", path.name, f"it can't be read: {error.strerror}")


def _iter_units(data: Buffer, name: str) -> Iterator[tuple[Capture, Record] | Finding]:
    try:
        position = read_warcinfo(data, name)
    except RecordError as error:
        yield Finding("file-unknown", name, str(error))
        return
    while 0 <= position < len(data):
        try:
            unit = read_unit(data, position)
            problem = check_unit(unit)
        except RecordError as error:
            yield Finding("record-altered", name, f"at byte {position}: {error}")
            position = _next_unit(data, position + 1)
            continue
        if problem:
            yield Finding("record-altered", name, f"at byte {position}: {problem}", unit.capture.id)
        else:
            yield unit.capture, place(data, name, position, unit)
        position = unit.end


def _next_unit(data: Buffer, position: int) -> int:
    while (position := next_record(data, position)) >= 0:
        with contextlib.suppress(RecordError):
            if read_record(data, position)[0].type == "metadata":
                return position
        position += 1
    return -1
