"""Copies one file so that it is whole or not there, and only if its bytes are those that the journal knows of."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from archive.store.seals import Seal
from archive.store.segment import file_digest, refusal, sync_folder

_PIECE = 1 << 20
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
_OLD = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW


class NotAsSealed(Exception):  # noqa: N818
    """The bytes that were to be copied are not those that were sealed; nothing was put in place."""


def is_as_sealed(path: Path, seal: Seal) -> bool:
    """Tell whether a file begins with the bytes that were sealed; one that was never sealed does. Raises OSError."""
    if path.is_symlink() or not path.is_file():
        return False
    return seal.size == 0 or file_digest(path, seal.size) == (seal.size, seal.sha256)


def copy_sealed(source: Path, target: Path, seal: Seal) -> None:
    """Copy a file with all that was added to it since it was sealed.

    Raises NotAsSealed, and StoreFull, StoreFailed for what the system refuses; what stood at `target` then stays.
    """
    join([(source, 0, -1)], target, seal)


def join(parts: list[tuple[Path, int, int]], target: Path, seal: Seal) -> None:
    """Put together stretches of files (path, from byte, to byte; -1 is its end) at `target`; raises as `copy_sealed`.

    The last stretch may go on behind what was sealed.
    """
    beside = target.with_name(f".{target.name}.new")
    try:
        _make_folder(target.parent)
        with os.fdopen(os.open(beside, _NEW, 0o600), "wb") as file:
            left, digest = seal.size, hashlib.sha256()
            for piece in _pieces(parts):
                digest.update(piece[:left])
                left -= len(piece[:left])
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if left or (seal.size and digest.hexdigest() != seal.sha256):
            raise NotAsSealed(target.name)
        beside.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise refusal(target, error) from error
    finally:
        beside.unlink(missing_ok=True)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True)
        sync_folder(folder.parent)


def _pieces(parts: list[tuple[Path, int, int]]) -> Iterator[bytes]:
    for path, start, stop in parts:
        with os.fdopen(os.open(path, _OLD), "rb") as file:
            file.seek(start)
            left = stop - start if stop >= 0 else _PIECE
            while piece := file.read(min(_PIECE, left)):
                left -= len(piece) if stop >= 0 else 0
                yield piece
