"""Makes lists of records again that are gone, or that an earlier version never wrote, from whole WARC files."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

from archive.model import Finding
from archive.store.index import indexed_end
from archive.store.journal import Journal
from archive.store.put import put
from archive.store.seals import EVENT, NO_SEAL, Seal, manifest_bytes, manifest_path, write_seal
from archive.store.segment import file_digest, refusal


def remake_manifests(folder: Path, connection: sqlite3.Connection, journal: Journal) -> list[Finding]:
    """Bring `manifest/` to what the journal's seals say, as far as the files are what was sealed. Only for the writer.

    `connection` is an index that was just made of the files. What doesn't agree with its seal stays as it is, for
    `oversight verify` to name. Returns what was made; raises StoreFull, StoreFailed.
    """
    seals, made = journal.seals(), []
    names = [str(row[0]) for row in connection.execute("SELECT DISTINCT warc FROM records ORDER BY warc")]
    for name in names:
        content, path = manifest_bytes(connection, name), manifest_path(folder, name)
        if path.is_file() and path.read_bytes() == content:
            continue
        seal = seals.get(name, NO_SEAL)
        if hashlib.sha256(content).hexdigest() == seal.manifest:
            _put(path, content)
        elif seal.size and not seal.manifest and _as_sealed(folder, connection, name, seal):
            seal = write_seal(folder, connection, name)
            journal.append(EVENT, file=name, bytes=seal.size, sha256=seal.sha256, manifest=seal.manifest)
        else:
            continue
        made.append(Finding("manifest-made", path.name, f"from {name}, which is what its seal says"))
    return made


def _as_sealed(folder: Path, connection: sqlite3.Connection, name: str, seal: Seal) -> bool:
    whole = file_digest(folder / "warc" / name) == (seal.size, seal.sha256)
    return whole and indexed_end(connection, name) == seal.size


def _put(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        put(path, content)
    except OSError as error:
        raise refusal(path, error) from error
