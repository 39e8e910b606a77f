"""A file of records as bytes in memory, read through first; it must not know what they say."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from archive.store.record import Buffer

_PIECE = 1 << 20


@contextmanager
def mapped(path: Path) -> Iterator[Buffer]:
    """Give a file's bytes. Raises OSError, which names the file, where some of them can't be read.

    A sector that went bad is an error to who reads it; who has it in memory unread is killed by SIGBUS.
    """
    with path.open("rb", buffering=0) as file:
        try:
            size = _read_through(file)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(path)) from error
        if not size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _read_through(file: FileIO) -> int:
    piece, size = bytearray(_PIECE), 0
    while read := file.readinto(piece):
        size += read
    return size
