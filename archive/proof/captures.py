"""One WARC file held against its seal, its list of records and the index: each names the captures by itself."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from archive.proof.damage import Checked, Damage, damage_of
from archive.store.fixity import check_file, check_record
from archive.store.index import find_record, records_of
from archive.store.mapped import mapped
from archive.store.record import Buffer, RecordError
from archive.store.seals import FOLDER, NO_SEAL, Entry, Seal, manifest_path, read_manifest
from archive.store.segment import SUFFIX
from archive.store.unit import Record, check_unit, read_unit, read_warcinfo

PART = "captures"


def warc_files(folder: Path) -> list[str]:
    """Return the names of everything that lies among the WARC files, but for the marks of closed ones."""
    return sorted(
        path.name
        for path in (folder / "warc").glob("*")
        if not path.name.endswith(f"{SUFFIX}.sealed") or path.is_symlink()
    )


def unknown_manifests(folder: Path, names: Iterable[str]) -> Iterator[Damage]:
    """Yield what lies among the lists of records and is none of these files'."""
    known = {manifest_path(folder, name).name for name in names}
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name not in known:
            yield Damage("manifest-altered", f"{FOLDER}/{path.name}", "the list of a file that isn't there")


def check_capture_file(folder: Path, name: str, seal: Seal, index: sqlite3.Connection | None) -> Checked:
    """Check one WARC file; `index` is None where there is no catalogue. Damage of one record is told once."""
    path = folder / "warc" / name
    entries, damages = _manifest(folder, name, seal)
    if path.is_symlink() or (path.exists() and (not path.is_file() or not name.endswith(SUFFIX))):
        damages.append(Damage("file-unknown", name, "not a WARC file of this archive"))
        return Checked(PART, 1, 0, tuple(damages))
    if not path.exists():
        damages.append(Damage("record-missing", name, "a sealed file is gone" if seal.size else "the file isn't there"))
        damages += [Damage("record-missing", name, "the file is gone", one.capture, one.url) for one in entries]
        return Checked(PART, 1, 0, tuple(_once(damages)))
    try:
        with mapped(path) as data:
            damages += _against_seal(data, name, seal)
            damages += _against_list(data, name, entries, alone=index is None)
            size = len(data)
        if index is not None:
            damages += _against_index(path, entries, seal, index)
    except OSError as error:
        damages += _unread(name, entries, index, str(error.strerror))
        size = 0
    return Checked(PART, 1, size, tuple(_once(damages)))


def _unread(name: str, entries: list[Entry], index: sqlite3.Connection | None, why: str) -> Iterator[Damage]:
    """Name every capture of a file that the disk doesn't give back, as its list or the index has them."""
    problem = f"it can't be read: {why}"
    yield Damage("record-altered", name, problem)
    for one in entries:
        yield Damage("record-altered", name, problem, one.capture, one.url)
    for record in records_of(index, name) if index is not None else ():
        yield Damage("record-altered", name, problem, record.capture)


def check_captures(
    folder: Path, captures: Iterable[str], seals: Mapping[str, Seal], index: sqlite3.Connection
) -> Checked:
    """Check the records of some captures alone."""
    damages, files, size = list[Damage](), 0, 0
    lists: dict[str, dict[str, Entry]] = {}
    for capture in captures:
        record = find_record(index, capture)
        if record is None:
            damages.append(Damage("record-missing", "records", "the index doesn't say where it lies", capture))
            continue
        files, size = files + 1, size + record.length
        if record.warc not in lists:
            entries, problems = _manifest(folder, record.warc, seals.get(record.warc, NO_SEAL))
            lists[record.warc] = {one.capture: one for one in entries}
            damages += problems
        if problem := _record_problem(folder, record, lists[record.warc].get(capture), index):
            damages.append(Damage("record-altered", record.warc, f"at byte {record.offset}: {problem}", capture))
    return Checked(PART, files, size, tuple(damages))


def _record_problem(folder: Path, record: Record, entry: Entry | None, index: sqlite3.Connection) -> str:
    try:
        with mapped(folder / "warc" / record.warc) as data:
            problem = check_record(data, record, index)
    except OSError as error:
        return str(error.strerror)
    if (
        not problem
        and entry
        and (entry.offset, entry.length, entry.sha256) != (*(record.offset, record.length, record.digest),)
    ):
        return "index and list of records differ"
    return problem


def _once(damages: Iterable[Damage]) -> Iterator[Damage]:
    """Leave out what says of a capture what was said of it before."""
    told = set()
    for one in damages:
        if not one.capture or (one.outcome, one.capture) not in told:
            told.add((one.outcome, one.capture))
            yield one


def _manifest(folder: Path, name: str, seal: Seal) -> tuple[list[Entry], list[Damage]]:
    """Return a file's list of records, as far as it is the one that was sealed, and what is wrong with it."""
    path = manifest_path(folder, name)
    subject = f"{FOLDER}/{path.name}"
    if not seal.manifest:
        return [], [Damage("unsealed", name, "its seal has no list of records")] if seal.size else []
    try:
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest() == seal.manifest:
            return read_manifest(content), []
        return [], [Damage("manifest-altered", subject, "not the list that was sealed")]
    except (OSError, ValueError) as error:
        return [], [Damage("manifest-altered", subject, f"it is gone, or can't be read: {type(error).__name__}")]


def _against_seal(data: Buffer, name: str, seal: Seal) -> Iterator[Damage]:
    if len(data) < seal.size:
        yield Damage("record-missing", name, f"it was sealed with {seal.size} bytes and has {len(data)}")
    elif seal.size and _digest(data, 0, seal.size) != seal.sha256:
        yield Damage("record-altered", name, "the sealed bytes are not those that were written")
    if len(data) > seal.size:
        yield Damage("unsealed", name, f"{len(data) - seal.size} bytes without a seal")


def _digest(data: Buffer, start: int, end: int) -> str:
    digest = hashlib.sha256()
    for place in range(start, end, 1 << 20):
        digest.update(data[place : min(end, place + (1 << 20))])
    return digest.hexdigest()


def _against_list(data: Buffer, name: str, entries: list[Entry], *, alone: bool) -> Iterator[Damage]:
    """Compare each record with the list; `alone` reads it too, where no index is there to be compared with."""
    for one in entries:
        end = one.offset + one.length
        problem = ""
        if end > len(data):
            yield Damage("record-missing", name, f"the file ends before byte {end}", one.capture, one.url)
            continue
        if _digest(data, one.offset, end) != one.sha256:
            problem = "the bytes are not those that were written"
        elif alone:
            problem = _problem(data, one)
        if problem:
            yield Damage("record-altered", name, f"at byte {one.offset}: {problem}", one.capture, one.url)
    if alone and entries:
        yield from _first_record(data, name, entries[0].offset)


def _problem(data: Buffer, entry: Entry) -> str:
    try:
        unit = read_unit(data, entry.offset)
    except RecordError as error:
        return str(error)
    said = unit.capture
    if (said.id, said.url, said.captured_at, said.payload_digest) != (
        *(entry.capture, entry.url, entry.captured_at, entry.payload_digest),
    ):
        return "another capture lies there than the list says"
    return check_unit(unit)


def _first_record(data: Buffer, name: str, end: int) -> Iterator[Damage]:
    try:
        if read_warcinfo(data, name) == end:
            return
        reason = f"bytes before {end} are no record of the list"
    except RecordError as error:
        reason = f"at byte 0: {error}"
    yield Damage("record-altered", name, reason)


def _against_index(path: Path, entries: list[Entry], seal: Seal, index: sqlite3.Connection) -> Iterator[Damage]:
    yield from map(damage_of, check_file(path, index))
    held = {
        row[0]: tuple(row)
        for row in index.execute(
            "SELECT capture, offset, length, digest, url, captured_at, payload_digest"
            " FROM records JOIN captures ON captures.id = capture WHERE warc = ?",
            (path.name,),
        )
    }
    for one in entries:
        listed = (one.capture, one.offset, one.length, one.sha256, one.url, one.captured_at, one.payload_digest)
        if held.pop(one.capture, None) != listed:
            yield Damage("record-altered", path.name, "index and list of records differ", one.capture, one.url)
    if seal.manifest and entries:
        for capture, offset, *_ in held.values():
            if offset < seal.size:
                yield Damage("record-altered", path.name, "the list of records doesn't know it", capture)
