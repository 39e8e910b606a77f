"""Append to a WARC file so that it survives a power cut, or leave it as it was; knows bytes, not records."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from archive.store.errors import StoreFailed, StoreFull

# A file is closed at this size: small enough to copy, hash and read again.
SEGMENT_BYTES = 1_000_000_000
SUFFIX = ".warc.gz"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def file_stem(run: str) -> str:
    """Return a run's id as the beginning of a file name: itself where it is safe, else a cleaned form."""
    if _SAFE_NAME.fullmatch(run):
        return run
    cleaned = re.sub(r"[^A-Za-z0-9]+", "-", run).strip("-")[:60] or "run"
    return f"{cleaned}-{hashlib.sha256(run.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def segment_name(run: str, number: int) -> str:
    """Return the name of a run's nth file."""
    return f"{file_stem(run)}-{number:05d}{SUFFIX}"


def segment_numbers(folder: Path, run: str) -> list[int]:
    """Return the numbers of the files that a run has, in order."""
    pattern = re.compile(rf"{re.escape(file_stem(run))}-([0-9]{{5,9}}){re.escape(SUFFIX)}")
    return sorted(int(found[1]) for path in folder.iterdir() if (found := pattern.fullmatch(path.name)))


def seal(path: Path, reason: str) -> None:
    """Mark a file as one that is never appended to again; as well as the disk still allows."""
    with contextlib.suppress(OSError):
        seal_path(path).write_text(f"{reason}\n")
        sync_folder(path.parent)


def seal_path(path: Path) -> Path:
    """Return the name of the mark that `seal` leaves."""
    return path.with_name(f"{path.name}.sealed")


def append(path: Path, content: bytes, size: int) -> None:
    """Append to a file that has `size` bytes (0: it may be absent), and sync it and its folder.

    Raises StoreFull where there is no room, StoreFailed for everything else that the system refuses; the file
    is then cut back to what it was, or sealed where even that, or a sync, failed: after a failed fsync the
    kernel may forget what it didn't write, so that trying again proves nothing.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise refusal(path, error) from error
    try:
        if os.fstat(descriptor).st_size != size:
            raise StoreFailed(f"{path} was changed by somebody else; is another program writing to this archive?")
        _write_whole(path, descriptor, content, size)
        _sync_all(path, descriptor, new=size == 0)
    finally:
        os.close(descriptor)


def _write_whole(path: Path, descriptor: int, content: bytes, size: int) -> None:
    rest = memoryview(content)
    try:
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        if os.fstat(descriptor).st_size != size + len(content):
            raise OSError(errno.EIO, "The disk took fewer bytes than it said")
    except OSError as error:
        _cut_back(path, descriptor, size, error)
        raise refusal(path, error) from error


def _cut_back(path: Path, descriptor: int, size: int, cause: OSError) -> None:
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    except OSError as error:
        seal(path, f"{cause.strerror}; cutting it back failed too: {error.strerror}")


def _sync_all(path: Path, descriptor: int, *, new: bool) -> None:
    try:
        os.fsync(descriptor)
        if new:
            sync_folder(path.parent)
    except OSError as error:
        seal(path, f"fsync failed: {error.strerror}")
        raise StoreFailed(
            f"{path}: the disk could not be synced ({error.strerror}); the file is sealed. Look at the disk"
        ) from error


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refusal(path: Path, error: OSError) -> StoreFull | StoreFailed:
    """Turn what the system said of a write into the store's own words."""
    if error.errno in NO_ROOM:
        return StoreFull(f"{path}: {error.strerror}; make room, then run the same command again")
    return StoreFailed(f"{path}: {error.strerror}; look at the disk and at the file's permissions")


def file_digest(path: Path, length: int = -1) -> tuple[int, str]:
    """Return the size and the hex SHA-256 of a file, or of its first `length` bytes. Raises OSError."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as file:
        for piece in _pieces(file.fileno(), length):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def _pieces(descriptor: int, length: int) -> Iterator[bytes]:
    while length and (piece := os.read(descriptor, 1 << 20 if length < 0 else min(length, 1 << 20))):
        length -= len(piece) if length > 0 else 0
        yield piece
