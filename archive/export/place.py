"""Where an export is written: beside its place, and put there by one rename when it is whole; knows nothing of it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.store.errors import StoreFailed, StoreFull
from archive.store.segment import refusal, sync_folder

READABLE = 0o644


class Occupied(Exception):  # noqa: N818
    """Something is at the place already; the words say what to do."""


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write, which stands at `path` once the block has ended well, and nowhere else.

    Raises Occupied, StoreFull, StoreFailed.
    """
    _refuse_occupied(path)
    beside = _beside(path)
    with _told(path):
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, READABLE)
        with os.fdopen(descriptor, "w+b") as file:
            _hold(descriptor, beside)
            try:
                os.ftruncate(descriptor, 0)  # what a command that was killed had left
                yield file
                file.flush()
                os.fsync(descriptor)
                _refuse_occupied(path)
                beside.replace(path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
        sync_folder(path.parent)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill, which stands at `path` once the block has ended well, and nowhere else.

    An empty folder may be there. Raises Occupied, StoreFull, StoreFailed.
    """
    _refuse_occupied(path)
    beside = _beside(path)
    with _told(path):
        beside.mkdir(exist_ok=True)
        descriptor = os.open(beside, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            _hold(descriptor, beside)
            try:
                _empty(beside)
                yield beside
                os.sync()  # one for all files: a site has many
                _refuse_occupied(path)
                beside.replace(path)
            except BaseException:
                shutil.rmtree(beside, ignore_errors=True)
                raise
        finally:
            os.close(descriptor)
        sync_folder(path.parent)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _hold(descriptor: int, beside: Path) -> None:
    """Make sure that nobody else writes there, until the descriptor is closed. Raises Occupied."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        mine = os.path.samestat(os.fstat(descriptor), os.lstat(beside))
    except (BlockingIOError, FileNotFoundError):
        mine = False  # held, or put in its place meanwhile
    if not mine:
        raise Occupied(f"Another command writes {beside} at this moment; wait for it, or name another place.")


def _empty(folder: Path) -> None:
    """Take away what a command that was killed had left. Raises OSError."""
    for left in folder.iterdir():
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left)
        else:
            left.unlink()


def size_of(folder: Path) -> tuple[int, int]:
    """Return how many files a folder holds, and how many bytes. Raises OSError."""
    files = size = 0
    for at, _, names in os.walk(folder):
        files += len(names)
        size += sum(os.lstat(Path(at, name)).st_size for name in names)
    return files, size


def _refuse_occupied(path: Path) -> None:
    if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
        return
    if path.exists() or path.is_symlink():
        raise Occupied(f"{path} is there already, and nothing is written over: name another, or take it away.")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say in the store's words what a disk refused."""
    try:
        yield
    except OSError as error:
        told: StoreFull | StoreFailed = refusal(Path(error.filename or path), error)
        raise told from error
