"""Puts a small file in its place, whole or not at all; knows nothing of what is in it."""

from __future__ import annotations

import os
from pathlib import Path

from archive.store.segment import sync_folder

PRIVATE = 0o600


def put(path: Path, content: bytes, mode: int = PRIVATE) -> None:
    """Put a file in its place by one rename; when this returns, it survives a power cut. Raises OSError.

    Nobody else may read it, unless `mode` says so, whatever the umask is.
    """
    beside = path.with_name(f".{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    try:
        if mode != PRIVATE:
            os.fchmod(descriptor, mode)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(path)
    sync_folder(path.parent)
