"""Where an export is written: beside its place, and put there by one rename when it is whole; knows nothing of it."""

from __future__ import annotations

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
    beside = path.with_name(f".{path.name}.new")
    with _told(path):
        descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, READABLE)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _refuse_occupied(path)
            beside.replace(path)
            sync_folder(path.parent)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill, which stands at `path` once the block has ended well, and nowhere else.

    An empty folder may be there. Raises Occupied, StoreFull, StoreFailed.
    """
    _refuse_occupied(path)
    beside = path.with_name(f".{path.name}.new")
    with _told(path):
        try:
            if beside.exists():  # left by a command that was killed
                shutil.rmtree(beside)
            beside.mkdir(parents=True)
            yield beside
            os.sync()  # one for all files: a site has many
            _refuse_occupied(path)
            beside.replace(path)
            sync_folder(path.parent)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


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
