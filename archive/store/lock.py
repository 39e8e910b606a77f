"""One writer at a time to an archive's folder; the kernel lets go when the writer dies, however it dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive.store.errors import StoreFailed


class Locked(Exception):  # noqa: N818
    """Somebody else writes to this archive; the message names the holder."""


@contextlib.contextmanager
def writer_lock(folder: Path, purpose: str) -> Iterator[None]:
    """Hold the folder's lock for the time of a `with`; `purpose` is what others are told ("crawl dhs_pia").

    Raises Locked at once where another process, or this one, holds it, by whichever path to the folder.
    """
    path = folder / "lock"
    descriptor = _acquire(path)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(_holder(purpose)).encode(), 0)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
        os.close(descriptor)


def _acquire(path: Path) -> int:
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StoreFailed(f"{path}: {error.strerror}; check the folder's permissions") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = _describe(path, os.pread(descriptor, 4096, 0))
            os.close(descriptor)
            raise Locked(message) from None
        # Somebody may have deleted the file between our opening and our locking it: then the lock is no lock.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)


def _holder(purpose: str) -> dict[str, object]:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"purpose": purpose, "pid": os.getpid(), "since": since, "host": socket.gethostname()}


def _describe(path: Path, content: bytes) -> str:
    try:
        holder = dict(json.loads(content))
        who = f"{holder['purpose']} (process {holder['pid']} on {holder['host']}, since {holder['since']})"
    except (ValueError, TypeError, KeyError):
        who = "another command"
    return f"{path.parent} is being written by {who}; wait for it to end, or stop it"
