"""One writer at a time to an archive's folder; the kernel lets go when the writer dies, however it dies."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive.store.errors import StoreFailed

# Looks that are taken for the holder's name, fifty a second.
PATIENCE = 10
# The folders that this process writes to, by their paths, each with its device and inode.
_held: dict[Path, tuple[int, int]] = {}


_BACK = "put the first one back, then run the same command again"


class Locked(Exception):  # noqa: N818
    """Somebody else writes to this archive; the message names the holder."""


@contextlib.contextmanager
def writer_lock(folder: Path, purpose: str) -> Iterator[None]:
    """Hold the folder's lock for the time of a `with`; `purpose` is what others are told ("crawl dhs_pia").

    Raises Locked at once where another process, or this one, holds it, by whichever path to the folder.
    """
    path = folder / "lock"
    with contextlib.ExitStack() as held:
        descriptor = _lock(path, path, os.O_RDWR | os.O_CREAT, held)
        # The folder too: a lock file that somebody deleted would let in a second writer.
        locked = os.fstat(_lock(path, folder, os.O_RDONLY | os.O_DIRECTORY, held))
        _held[folder.absolute()] = (locked.st_dev, locked.st_ino)
        held.callback(_held.pop, folder.absolute(), None)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(_holder(purpose)).encode(), 0)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)


def require_same(folder: Path) -> None:
    """Raise StoreFailed where this process writes to an archive by this path, and another folder is there by now."""
    if (locked := _held.get(folder.absolute())) is None:
        return
    try:
        there = folder.stat()
    except OSError as error:
        raise StoreFailed(f"{folder}: {error.strerror}; it was moved away while it was written: {_BACK}") from error
    if (there.st_dev, there.st_ino) != locked:
        raise StoreFailed(f"{folder} is another folder than the one that was locked; {_BACK}")


def holder(folder: Path) -> str:
    """Return who writes to an archive now, "" where nobody does; takes no lock, and writes nothing."""
    path = folder / "lock"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _told_by(path) or "another command"
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return ""


def _lock(path: Path, what: Path, flags: int, held: contextlib.ExitStack) -> int:
    """Lock a file or folder until `held` is left; return its descriptor."""
    try:
        descriptor = os.open(what, flags | os.O_CLOEXEC | (os.O_NOFOLLOW if what == path else 0), 0o600)
    except OSError as error:
        raise StoreFailed(f"{what}: {error.strerror}; check its permissions") from error
    held.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Locked(_describe(path)) from None
    except OSError as error:
        # Some network file systems lock files, and no folders.
        if what == path:
            raise StoreFailed(f"{path}: {error.strerror}; this file system can't be locked") from error
    return descriptor


def _holder(purpose: str) -> dict[str, object]:
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"purpose": purpose, "pid": os.getpid(), "since": since, "host": socket.gethostname()}


def _describe(path: Path) -> str:
    who = ""
    for _ in range(PATIENCE):
        if who := _told_by(path):
            break
        time.sleep(0.02)  # the holder has its lock, and is about to say who it is
    return f"{path.parent} is being written by {who or 'another command'}; wait for it to end, or stop it"


def _told_by(path: Path) -> str:
    """Return what the holder says of itself, "" where it says nothing that can be understood."""
    try:
        holder = dict(json.loads(path.read_bytes()[:4096]))
        return f"{holder['purpose']} (process {holder['pid']} on {holder['host']}, since {holder['since']})"
    except (OSError, ValueError, TypeError, KeyError):
        return ""
