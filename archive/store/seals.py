"""Seals: what a WARC file holds, record by record, written beside it (`manifest/`) and, by digest, in the journal.

A seal finds a change, and the list of records says which captures it touches, also where there is no index.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from archive.store.describe import to_json
from archive.store.lock import require_same
from archive.store.put import put
from archive.store.segment import SUFFIX, file_digest, refusal, sync_folder

FOLDER = "manifest"
EVENT = "segment-sealed"


@dataclass(frozen=True, slots=True)
class Seal:
    """What the journal says of a WARC file: its size, its hex SHA-256, and that of its list of records.

    `manifest` is "" where an earlier version sealed it, which wrote no list.
    """

    size: int
    sha256: str
    manifest: str = ""


NO_SEAL = Seal(0, "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list of records: where a capture's unit lies, the SHA-256 of its stored bytes, what it is."""

    capture: str
    offset: int
    length: int
    sha256: str
    url: str
    captured_at: str
    payload_digest: str


def seals_in(events: Iterable[Mapping[str, object]]) -> dict[str, Seal]:
    """Return the last seal of each WARC file that the journal's events tell of."""
    seals: dict[str, Seal] = {}
    for event in events:
        size = event.get("bytes")
        if event["event"] == EVENT and isinstance(size, int):
            seals[str(event.get("file"))] = Seal(size, str(event.get("sha256")), str(event.get("manifest") or ""))
    return seals


def manifest_path(folder: Path, warc: str) -> Path:
    """Return where the list of a WARC file's records lies in the archive's folder."""
    return folder / FOLDER / f"{warc.removesuffix(SUFFIX)}.jsonl"


def manifest_bytes(connection: sqlite3.Connection, warc: str) -> bytes:
    """Return the list of a file's records as the index has them: a line of JSON for each, in their order."""
    rows = connection.execute(
        "SELECT capture, offset, length, digest, url, captured_at, payload_digest"
        " FROM records JOIN captures ON captures.id = capture WHERE warc = ? ORDER BY offset",
        (warc,),
    )
    return b"".join(to_json(dataclasses.asdict(Entry(*row))).encode() + b"\n" for row in rows)


def read_manifest(content: bytes) -> list[Entry]:
    """Return the lines of a list of records. Raises ValueError for what is none."""
    try:
        entries = [Entry(**json.loads(line)) for line in content.splitlines()]
    except (TypeError, RecursionError) as error:
        raise ValueError("not a list of records") from error
    for entry in entries:
        if not all(isinstance(value, int if name in ("offset", "length") else str)
                   for name, value in dataclasses.asdict(entry).items()):  # fmt: skip
            raise ValueError("not a list of records")
    return entries


def write_seal(folder: Path, connection: sqlite3.Connection, warc: str) -> Seal:
    """Write the list of a file's records, and return the seal that the journal is to have.

    The list goes by what was written, not by what lies in the file now: a difference is found later, not sealed.
    Raises StoreFull, StoreFailed.
    """
    require_same(folder)
    path, content = manifest_path(folder, warc), manifest_bytes(connection, warc)
    try:
        size, digest = file_digest(folder / "warc" / warc)
        if not path.parent.is_dir():
            path.parent.mkdir(mode=0o700)
            sync_folder(folder)
        if not path.exists() or path.read_bytes() != content:
            put(path, content)
    except OSError as error:
        raise refusal(path, error) from error
    return Seal(size, digest, hashlib.sha256(content).hexdigest())
