"""Takes captures out of WARC files for good: each file is written anew without them, sealed anew, and put in its place.

The journal says what went, where it lay and the digest of its stored bytes; every other record keeps its bytes. What
was killed on its way is finished by `finish_erasing`. The caller holds the folder's lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from archive.store.errors import StoreFailed
from archive.store.index import records_of
from archive.store.journal import Journal
from archive.store.seals import EVENT, NO_SEAL, seals_in, write_seal
from archive.store.segment import file_digest, refusal, sync_folder
from archive.store.unit import Record

# The journal's line before a file is replaced: what it was, what it is to be, and what is taken out of it.
ERASING = "segment-erasing"
PIECE = 1 << 20


def erase_captures(
    folder: Path,
    connection: sqlite3.Connection,
    journal: Journal,
    captures: Mapping[str, Mapping[str, object]],
    facts: Mapping[str, object],
) -> list[str]:
    """Take captures out of the files that they lie in; return the names of these.

    `facts` are told with each file in the journal, those of `captures` with each of them. Raises StoreFull,
    StoreFailed, also for a file that isn't what it was sealed as: that is for `oversight verify` to look into first.
    """
    wanted = json.dumps(sorted(captures))
    sql = "SELECT DISTINCT warc FROM records WHERE capture IN (SELECT value FROM json_each(?)) ORDER BY warc"
    names = [str(row[0]) for row in connection.execute(sql, (wanted,))]
    for name in names:
        try:
            _erase(folder, connection, journal, name, captures, facts)
        except OSError as error:
            raise refusal(folder / "warc" / name, error) from error
    return names


def finish_erasing(folder: Path, connection: sqlite3.Connection, journal: Journal) -> None:
    """Bring index and seals in line with files that were replaced when a command was killed. Raises as the other."""
    begun: dict[str, dict[str, Any]] = {}
    events: list[dict[str, Any]] = journal.read()
    for event in events:
        if event["event"] == ERASING:
            begun[str(event["file"])] = event
        elif event["event"] == EVENT:
            begun.pop(str(event["file"]), None)
    for name, event in begun.items():
        path = folder / "warc" / name
        _beside(path).unlink(missing_ok=True)
        if file_digest(path) == (event["bytes"], event["sha256"]):
            _settle(folder, connection, journal, name, {str(one["capture"]): one for one in event["erased"]})


def _erase(
    folder: Path, connection: sqlite3.Connection, journal: Journal, name: str,
    captures: Mapping[str, Mapping[str, object]], facts: Mapping[str, object],
) -> None:  # fmt: skip
    path = folder / "warc" / name
    seal = seals_in(journal.read()).get(name, NO_SEAL)
    before = file_digest(path)
    if before != (seal.size, seal.sha256):
        raise StoreFailed(f"{path} isn't what it was sealed as, so nothing is taken out of it; see `oversight verify`")
    records = records_of(connection, name)
    gone = [record for record in records if record.capture in captures]
    size, digest = _write_without(path, gone, empty=len(gone) == len(records))
    erased = [{**captures[record.capture], **_told(connection, record)} for record in gone]
    journal.append(ERASING, **facts, file=name, before=before[1], bytes=size, sha256=digest, erased=erased)
    _beside(path).replace(path)
    sync_folder(path.parent)
    _settle(folder, connection, journal, name, captures)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _write_without(path: Path, gone: Sequence[Record], *, empty: bool) -> tuple[int, str]:
    """Write a file's bytes without some units beside it, and sync that; return its size and digest.

    A file in which no capture is left is left empty: what it is called is still known.
    """
    digest, size = hashlib.sha256(), 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    with os.fdopen(os.open(_beside(path), flags, 0o600), "wb") as target:
        for piece in () if empty else _pieces_without(path, gone):
            digest.update(piece)
            target.write(piece)
            size += len(piece)
        target.flush()
        os.fsync(target.fileno())
    return size, digest.hexdigest()


def _pieces_without(path: Path, gone: Sequence[Record]) -> Iterator[bytes]:
    """Yield a file's bytes, short of some units."""
    with path.open("rb") as source:
        for record in gone:
            while (left := record.offset - source.tell()) > 0:
                yield source.read(min(PIECE, left))
            source.seek(record.offset + record.length)
        while piece := source.read(PIECE):
            yield piece


def _told(connection: sqlite3.Connection, record: Record) -> dict[str, object]:
    """Return what the journal keeps of a unit that goes: of what was in it the digests alone."""
    run, payload = connection.execute(
        "SELECT run, payload_digest FROM captures WHERE id = ?", (record.capture,)
    ).fetchone()
    documents = connection.execute(
        "SELECT count(*) FROM sightings JOIN statements ON statements.id = statement WHERE capture = ?"
        " AND kind IN ('file', 'web-page', 'article', 'notice', 'award')",
        (record.capture,),
    ).fetchone()[0]
    return {
        "capture": record.capture, "offset": record.offset, "length": record.length, "digest": record.digest,
        "payload_digest": payload, "run": run, "documents": documents,
    }  # fmt: skip


def _settle(
    folder: Path, connection: sqlite3.Connection, journal: Journal, name: str, captures: Mapping[str, object]
) -> None:
    """Move the places of what is left in a file, take the rows of what went away, and seal the file."""
    taken = 0
    with connection:
        for record in records_of(connection, name):
            if record.capture in captures:
                taken += record.length
                for table, column in (("outcomes", "capture"), ("sightings", "capture"), ("records", "capture"),
                                      ("captures", "id")):  # fmt: skip
                    connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (record.capture,))  # noqa: S608
            elif taken:
                connection.execute(
                    "UPDATE records SET offset = ?, response_offset = ? WHERE capture = ?",
                    (record.offset - taken, record.response_offset - taken, record.capture),
                )
    seal = write_seal(folder, connection, name)
    journal.append(EVENT, file=name, bytes=seal.size, sha256=seal.sha256, manifest=seal.manifest)
