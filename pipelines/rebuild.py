"""Rebuilding: the catalogue made again from WARC files and journal alone, put in the old one's place when whole.

No request is made. The new catalogue is written beside the old and copied over it in one SQLite transaction, so that a
reader, or a crash, sees the old one or the new one.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scrapy.settings import Settings

from archive.catalog.opening import open_catalogue
from archive.catalog.renames import Named
from archive.claims_file import read_claims
from archive.folder import CATALOGUE, ArchiveFolder, make_folder
from archive.joins_file import corrections_in_force
from archive.links_file import links_in_force
from archive.model import Finding
from archive.store.fixity import check_seals
from archive.store.index import find_capture, insert
from archive.store.journal import Journal
from archive.store.resealing import remake_manifests
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures
from archive.watches.watch_file import read_watches
from pipelines.load import Loaded, MakeReaders, Progress, load
from pipelines.readers import Readers

# Not *.db: nothing may take it for a catalogue.
BESIDE = "archive.rebuilding"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild did, and what it found wrong with the files."""

    captures: int
    loaded: Loaded
    findings: tuple[Finding, ...]


def rebuild(
    path: Path,
    settings: Settings,
    progress: Progress = lambda what, done, of: None,
    *,
    readers: MakeReaders = Readers,
) -> Rebuilt:
    """Make the catalogue of the archive at `path` again. The caller holds its lock; `readers` makes what reads.

    Returns what was found; damaged records are left out by name, and never stop the rest.
    """
    make_folder(path)
    journal = Journal(path)
    events = journal.read()
    curated = (*corrections_in_force(path, events).problems, *links_in_force(path, events).problems)
    findings = [*check_seals(path, journal), *curated, *read_claims(path).problems, *read_watches(path).problems]
    with _beside(path) as beside:
        connection = open_catalogue(beside)
        # What a power cut leaves of it is cleared away; only the copy that takes the old one's place is synced.
        connection.execute("PRAGMA synchronous=OFF")
        count = index_captures(path, connection, findings, progress)
        findings += remake_manifests(path, connection, journal)
        archive = ArchiveFolder(path, connection, CaptureStore.open(path, connection, recovering=False), journal)
        loaded = load(archive, settings, progress, held=_names(path / CATALOGUE), readers=readers)
        progress("replacing", 0, 1)
        _replace(connection, path / CATALOGUE)
        archive.close()
    return Rebuilt(count, loaded, tuple(findings))


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give the new catalogue's path, free of what an interrupted rebuild left, and clear it away afterwards."""
    _remove(path / BESIDE)
    try:
        yield path / BESIDE
    finally:
        _remove(path / BESIDE)


def _remove(path: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + tail).unlink(missing_ok=True)


def index_captures(path: Path, connection: sqlite3.Connection, findings: list[Finding], progress: Progress) -> int:
    """Index every capture in the WARC files; add to `findings` what is damaged, and return how many there are."""
    count = 0
    with connection:
        for entry in iter_captures(path / "warc"):
            if isinstance(entry, Finding):
                findings.append(entry)
                continue
            if find_capture(connection, entry[0].id) is not None:
                findings.append(
                    Finding("file-unknown", entry[1].warc, "holds a capture that another file holds", entry[0].id)
                )
                continue
            insert(connection, *entry)
            count += 1
            progress("indexing", count, 0)
    return count


def _names(path: Path) -> frozenset[Named]:
    """Return what versions are called in the old catalogue; nothing where there is none, or it can't be read."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as old:
            return frozenset(Named(*map(str, row)) for row in old.execute("SELECT id, capture FROM versions"))
    except sqlite3.DatabaseError:
        return frozenset()


def _replace(new: sqlite3.Connection, path: Path) -> None:
    """Copy the new catalogue over the old one in one transaction; an old one that can't be opened is moved aside."""
    try:
        _copy(new, path)
    except sqlite3.DatabaseError:
        for tail in ("-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
        path.replace(path.with_name(f"{path.name}.damaged"))
        _copy(new, path)


def _copy(new: sqlite3.Connection, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as old:
        old.execute("PRAGMA synchronous=FULL")
        new.backup(old, pages=-1)
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
