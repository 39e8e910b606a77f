"""An archive's folder, opened for writing: the catalogue, the captures and the journal that lie in it."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive.store.journal import Journal
from archive.store.lock import require_same
from archive.store.store import CaptureStore

CATALOGUE = "archive.db"
PRIVATE = 0o700  # Captures may hold what must not be published: nobody else on the machine reads them.


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """The parts of one archive, held open by one writer at a time (archive/store/lock.py)."""

    path: Path
    connection: sqlite3.Connection
    store: CaptureStore
    journal: Journal

    @property
    def readings(self) -> Path:
        """Where readings are cached by digest; may be deleted at any time."""
        return self.path / "cache" / "readings"

    @classmethod
    def open(cls, path: Path, *, catalogue: str = CATALOGUE, keep_free: int = 0) -> ArchiveFolder:
        """Make the folder where there is none, bring its catalogue up to date, and mend what a crash tore.

        Nothing is taken in that would leave less than `keep_free` bytes of the disk.
        Raises StoreFailed where this process locked another folder by that path.
        """
        from archive.catalog.opening import open_catalogue  # noqa: PLC0415 (sqlite-utils is large, and who reads needs none)

        require_same(path)
        make_folder(path)
        connection = open_catalogue(path / catalogue)
        journal = Journal(path)
        return cls(path, connection, CaptureStore.open(path, connection, journal, keep_free=keep_free), journal)

    def close(self) -> None:
        """Close all of it; what was acknowledged is on the disk already.

        The catalogue is left in one file where no reader holds on to its write-ahead log.
        """
        self.store.close()
        self.journal.close()
        with contextlib.suppress(sqlite3.OperationalError):
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self.connection.close()


def no_folder(path: Path) -> str:
    """Return why there can't be an archive's folder at a path, and what to do; "" where there is one, or may be."""
    there = next((one for one in (path, *path.parents) if one.is_symlink() or one.exists()), path)
    if there.is_dir() or not (there.is_symlink() or there.exists()):
        return ""
    what = "is a link to what is no folder, or isn't there" if there.is_symlink() else "is no folder"
    helps = "Name the archive's folder with --archive or ARCHIVE_DIR; if it lies on a disk, see that this is mounted."
    return f"{there} {what}. {helps}"


def make_folder(path: Path) -> None:
    """Make an archive's folder with the folders inside it."""
    path.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
    for name in ("warc", "manifest", "journal", "curation"):
        (path / name).mkdir(exist_ok=True, mode=PRIVATE)


def holds_real_captures(connection: sqlite3.Connection) -> bool:
    """Tell whether anything but the sample has been taken in."""
    return connection.execute("SELECT 1 FROM captures WHERE sample = 0 LIMIT 1").fetchone() is not None
