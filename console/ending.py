"""How a command ends: the statuses that a scheduler can go by, and one sentence for whatever stood in the way."""

from __future__ import annotations

import errno
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

import click

from archive.store.errors import StoreFailed, StoreFull
from archive.store.segment import NO_ROOM, refusal
from archive.store.store import catalogue_refusal


class Exit(IntEnum):
    """What a scheduler can go by."""

    OK = 0
    FAILED = 1  # an item failed, or a source fell outside what it expects
    USAGE = 2
    LOCKED = 3  # another command is writing to this archive
    DISK_FULL = 4
    STORE_FAILED = 5  # the disk refused; nothing more is taken in until someone looks


def end(message: str, status: Exit) -> NoReturn:
    click.echo(f"oversight: {message}", err=True)
    sys.exit(status)


# What a disk, or who is set over it, says of files; anything else that goes wrong is ours.
_REFUSED = (errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.ESTALE)
CATALOGUE_REFUSED = (
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL,
)  # fmt: skip


def end_refused(error: sqlite3.Error | OSError) -> NoReturn:
    """End with what the disk refused. Raises the error where it is of another kind."""
    refused = disk_refusal(error)
    if refused is None:
        raise error
    end(str(refused), Exit.DISK_FULL if isinstance(refused, StoreFull) else Exit.STORE_FAILED)


def disk_refusal(error: sqlite3.Error | OSError) -> StoreFull | StoreFailed | None:
    """Return what the disk refused, in the store's words; None where the error is of another kind."""
    if isinstance(error, OSError):
        refuses = error.errno in (*_REFUSED, *NO_ROOM)
        return refusal(Path(error.filename or "the archive"), error) if refuses else None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(f"the catalogue is damaged ({error}); `oversight rebuild` makes it again")
    return catalogue_refusal(error) if code in CATALOGUE_REFUSED else None


@contextmanager
def writing_elsewhere(purpose: str) -> Iterator[None]:
    """End with the status that fits what stopped a command that writes nothing into the archive."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        end(f"stopped; nothing was left of the {purpose}", Exit.FAILED)
    except StoreFull as full:
        end(str(full), Exit.DISK_FULL)
    except StoreFailed as failed:
        end(str(failed), Exit.STORE_FAILED)
    except (sqlite3.Error, OSError) as error:
        end_refused(error)
