"""Check that the files are what was written: against the index, byte for byte, and against the journal's seals."""

from __future__ import annotations

import dataclasses
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from archive.model import Capture, Finding
from archive.store.index import find_capture, records_of
from archive.store.journal import Journal
from archive.store.mapped import mapped
from archive.store.record import Buffer, RecordError
from archive.store.seals import NO_SEAL, Seal
from archive.store.segment import SUFFIX, file_digest
from archive.store.unit import Record, check_unit, read_unit, read_warcinfo


def check_store(folder: Path, connection: sqlite3.Connection) -> list[Finding]:
    """Compare the archive in `folder` with its index: every row, and every byte of every WARC file.

    Returns what is wrong, each by name; an empty list says that every capture's bytes are those that were
    written, where they were written, and that nothing else lies among them.
    """
    findings = rows_without_record(connection)
    names = {str(row[0]) for row in connection.execute("SELECT DISTINCT warc FROM records")}
    for path in sorted((folder / "warc").glob("*")):
        if path.name in names and path.is_file() and not path.is_symlink():
            names.discard(path.name)
            findings += check_file(path, connection)
        elif not _may_lie_here(path):
            findings.append(Finding("file-unknown", path.name, "no capture of the index lies in it"))
    for name in sorted(names):
        for record in records_of(connection, name):
            findings.append(Finding("record-missing", name, "the file is not there", record.capture))
    return findings


def _may_lie_here(path: Path) -> bool:
    """Return whether a file that holds no capture is one of ours: a seal's mark, or one that a full disk left."""
    if path.is_symlink() or not path.is_file():
        return False
    known = path.name.endswith(f"{SUFFIX}.sealed") or f"{SUFFIX}.torn-" in path.name
    return known or (path.name.endswith(SUFFIX) and path.stat().st_size == 0)


def rows_without_record(connection: sqlite3.Connection) -> list[Finding]:
    """Return the captures without a place, and the places without a capture."""
    rows = connection.execute(
        "SELECT id, url FROM captures LEFT JOIN records ON capture = id WHERE capture IS NULL ORDER BY id"
    ).fetchall()
    findings = [Finding("record-missing", row[1], "a capture without a place", row[0]) for row in rows]
    rows = connection.execute(
        "SELECT capture, warc FROM records LEFT JOIN captures ON capture = id WHERE id IS NULL ORDER BY capture"
    ).fetchall()
    return findings + [Finding("file-unknown", row[1], "a place without its capture", row[0]) for row in rows]


def check_file(path: Path, connection: sqlite3.Connection) -> list[Finding]:
    """Compare one WARC file with the index that `connection` is: every row, every byte."""
    records = records_of(connection, path.name)
    if path.stat().st_size == 0:
        return [Finding("record-missing", path.name, "the file is empty", record.capture) for record in records]
    with mapped(path) as data:
        return list(_check_bytes(data, path.name, records, connection))


def _check_bytes(data: Buffer, name: str, records: list[Record], connection: sqlite3.Connection) -> Iterator[Finding]:
    try:
        position = read_warcinfo(data, name)
    except RecordError as error:
        yield Finding("record-altered", name, f"at byte 0: {error}")
        position = records[0].offset if records else len(data)
    for record in records:
        if record.offset != position:
            yield Finding("file-unknown", name, f"bytes {position} to {record.offset} are not the index's")
        position = record.offset + record.length
        problem = check_record(data, record, connection)
        if problem:
            missing = record.offset + record.length > len(data)
            outcome = "record-missing" if missing else "record-altered"
            yield Finding(outcome, name, f"at byte {record.offset}: {problem}", record.capture)
    if position < len(data):
        yield Finding("file-unknown", name, f"{len(data) - position} bytes follow the last record of the index")


def check_record(data: Buffer, record: Record, connection: sqlite3.Connection) -> str:
    """Return why a row and its bytes disagree, or ""."""
    content = data[record.offset : record.offset + record.length]
    if len(content) < record.length:
        return f"the file ends {record.length - len(content)} bytes too early"
    if hashlib.sha256(content).hexdigest() != record.digest:
        return "the bytes are not those that were written"
    try:
        unit = read_unit(content, 0)
    except RecordError as error:
        return str(error)
    held = find_capture(connection, record.capture)
    said = unit.capture
    differing = [
        field.name
        for field in dataclasses.fields(Capture)
        if held is not None and not _agree(field.name, getattr(held, field.name), getattr(said, field.name))
    ]
    if differing or said.id != record.capture or unit.end != record.length:
        return f"the index and the record differ in {', '.join(differing) or 'what lies there'}"
    if (unit.revisit_of, unit.response_offset) != (record.revisit_of, record.response_offset - record.offset):
        return "the index and the record differ in where the payload lies"
    return check_unit(unit) or _check_original(unit.revisit_of, said, connection)


def _agree(name: str, held: object, said: object) -> bool:
    """Tell whether index and record say the same; the index adds to a copy's provenance what was read in it."""
    return str(held).startswith(str(said)) if name == "provenance" else held == said


def _check_original(revisit_of: str, capture: Capture, connection: sqlite3.Connection) -> str:
    if not revisit_of:
        return ""
    held = find_capture(connection, revisit_of)
    if held is None or held.payload_digest != capture.payload_digest:
        return f"its payload should lie in capture {revisit_of}, and doesn't"
    return ""


def check_seals(folder: Path, journal: Journal) -> list[Finding]:
    """Compare the WARC files in `folder` with the last seal of each in the journal; the index isn't asked.

    A file may have grown since it was sealed (a run that was killed): its sealed part is checked, and the
    rest is named "unsealed".
    """
    seals = journal.seals()
    present = {path.name: path for path in sorted((folder / "warc").glob(f"*{SUFFIX}")) if path.is_file()}
    findings = [Finding("record-missing", name, "a sealed file is gone") for name in seals if name not in present]
    for name, path in present.items():
        findings += _check_seal(path, seals.get(name, NO_SEAL))
    return findings


def _check_seal(path: Path, seal: Seal) -> Iterator[Finding]:
    size = path.stat().st_size
    if size < seal.size:
        yield Finding("record-missing", path.name, f"it was sealed with {seal.size} bytes and has {size}")
    elif seal.size and (problem := _sealed_problem(path, seal)):
        yield Finding("record-altered", path.name, problem)
    if size > seal.size:
        yield Finding("unsealed", path.name, f"{size - seal.size} bytes without a seal")


def _sealed_problem(path: Path, seal: Seal) -> str:
    try:
        same = file_digest(path, seal.size)[1] == seal.sha256
    except OSError as error:
        return f"it can't be read: {error.strerror}"
    return "" if same else "the sealed bytes are not those that were written"
