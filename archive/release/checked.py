"""A release is read from only after its file was compared with its manifest; knows nothing of how it was built.

Whoever serves may write nowhere in the archive: everything here reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive.catalog.versions import WRITTEN
from archive.release.folder import Releases
from archive.release.history import History
from archive.store.journal import Journal, JournalDamaged

# Tells a file from any other that is put in its place: a file is written once and renamed into it.
Mark = tuple[int, ...] | None


class ReleaseRefused(Exception):  # noqa: N818
    """A release can't be read from; says why, and what to do, in sentences for people."""


class NoSuchRelease(ReleaseRefused):
    """There is no release of that number: it was never built, or is kept no longer."""


class ReleaseBroken(ReleaseRefused):
    """A release isn't what its manifest says, or what the journal says of it."""


@dataclass(frozen=True, slots=True)
class CheckedRelease:
    """A release whose file has the size and the SHA-256 that its manifest says; `mark` is that of the file."""

    number: int
    path: Path
    manifest: dict[str, Any]
    manifest_sha256: str
    mark: Mark

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of its file."""
        return str(self.manifest["file"]["sha256"])

    @property
    def size(self) -> int:
        """Return how many bytes its file has."""
        return int(self.manifest["file"]["bytes"])


def mark_of(path: Path) -> Mark:
    """Return what tells the file at a path from any other that may stand there; None where there is none."""
    try:
        return _mark(path.stat())
    except OSError:
        return None


def _mark(state: os.stat_result) -> tuple[int, ...]:
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns


def named_release(releases: Releases) -> int | None:
    """Return the number of the release that is to be served; None where there are no releases at all.

    Raises ReleaseRefused where there are some, and none is named.
    """
    try:
        number = releases.current()
    except (OSError, ValueError) as error:
        raise ReleaseRefused(f"{releases.folder / 'current'} names no release ({error}). {_REMEDY}") from error
    if number is None and releases.numbers():
        raise ReleaseRefused(f"{releases.folder} holds releases, and none is named as the current one. {_REMEDY}")
    return number


def check_release(releases: Releases, number: int, *, copy: int | None = None) -> CheckedRelease:
    """Compare a release's file with its manifest, byte for byte. Raises ReleaseRefused.

    `copy` is a file's descriptor: it gets the bytes that were compared, whatever stands in the release's file later.
    """
    if number not in releases.numbers():
        held = ", ".join(map(str, releases.numbers())) or "none"
        raise NoSuchRelease(f"There is no release {number} in {releases.folder}. There are: {held}.")
    try:
        told = releases.manifest_path(number).read_bytes()
        manifest = _manifest(told, number)
        path = releases.database(number)
        if not path.exists():
            raise NoSuchRelease(f"The file of release {number} isn't kept in {releases.folder}. {_REMEDY}")
        mark, sha256 = _digest_of(path, manifest["file"]["bytes"], copy)
    except ReleaseRefused:
        raise
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _refusal(number, f"{type(error).__name__}: {error}") from error
    if sha256 != manifest["file"]["sha256"]:
        raise _refusal(number, f"{path.name} has another SHA-256, {sha256}")
    manifest_sha256 = hashlib.sha256(told).hexdigest()
    if not _is_noted(releases.archive, number, manifest_sha256):
        raise _refusal(number, f"{number}.json isn't the one that this archive's journal tells of")
    return CheckedRelease(number, path, manifest, manifest_sha256, mark)


def _is_noted(archive: Path, number: int, manifest_sha256: str) -> bool:
    """Tell whether the journal tells of a manifest; true where there is no journal that can be read here."""
    try:
        events = Journal(archive).read()
    except (OSError, JournalDamaged):
        return True
    return not events or History.of(events).built.get(number, {}).get("manifest") == manifest_sha256


def _manifest(told: bytes, number: int) -> dict[str, Any]:
    manifest = json.loads(told)
    if not isinstance(manifest, dict) or manifest.get("number") != number:
        raise ValueError(f"{number}.json is no manifest of release {number}")
    return manifest


def _digest_of(path: Path, size: int, copy: int | None) -> tuple[Mark, str]:
    """Return the mark and the SHA-256 of the file at a path. Raises ValueError for one of another size."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:
        mark = _mark(os.fstat(file.fileno()))
        if mark[2] != size:
            raise ValueError(f"{path.name} has {mark[2]:,} bytes, its manifest says {size:,}")
        return mark, _copied(file, copy)


def _copied(file: BufferedReader, copy: int | None) -> str:
    """Return the SHA-256 of what is left of a file to read; `copy`, a descriptor, gets the same bytes."""
    if copy is None:
        return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    with os.fdopen(copy, "wb", closefd=False) as copied:
        while part := file.read(1 << 20):
            digest.update(part)
            copied.write(part)
    return digest.hexdigest()


def _refusal(number: int, why: str) -> ReleaseBroken:
    return ReleaseBroken(f"Release {number} is not what its manifest says ({why}). {_REMEDY}")


_REMEDY = "Make a new one with `oversight release build`, or serve an older one with `oversight serve --release N`."


def address_of(release: CheckedRelease, copy: Path | None = None) -> str:
    """Return the URI by which SQLite opens a checked release, or its copy: it can't change, and isn't locked."""
    return f"file:{quote(str((copy or release.path).absolute()))}?mode=ro&immutable=1"


def open_release(release: CheckedRelease, copy: Path | None = None) -> sqlite3.Connection:
    """Open a checked release for reading, or the copy that was made while it was checked; nothing is written beside it.

    Raises ReleaseRefused where its file was replaced.
    """
    try:
        connection = sqlite3.connect(address_of(release, copy), uri=True, check_same_thread=False)
    except sqlite3.Error as error:
        raise _refusal(release.number, str(error)) from error
    problem = _problem(connection)
    if not problem and copy is None and mark_of(release.path) != release.mark:
        problem = "was replaced after it was checked"
    if problem:
        connection.close()
        raise _refusal(release.number, f"{release.path.name} {problem}")
    connection.row_factory = sqlite3.Row
    return connection


def _problem(connection: sqlite3.Connection) -> str:
    """Return what stands against reading from a file that was just opened; "" where nothing does."""
    try:
        connection.execute("SELECT 1 FROM documents LIMIT 1")
        unknown = {row[0] for row in connection.execute("SELECT name FROM _sqlite_migrations")} - WRITTEN.keys()
    except sqlite3.Error as error:
        return f"is no catalogue: {error}"
    if unknown:
        return f"was built by a newer version of this program: it knows {', '.join(sorted(unknown))}"
    return ""


def table_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: connection.execute(f"""SELECT count(*) FROM "{name}" """).fetchone()[0]  # noqa: S608 (a table's name)
        for name in names
    }
