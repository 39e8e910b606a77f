"""An archive as a command opens it: the lock, the exit statuses, and one sentence for whatever stands in the way."""

from __future__ import annotations

import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

import click

from archive.folder import CATALOGUE, ArchiveFolder, make_folder
from archive.release.checked import ReleaseRefused, check_release, open_release
from archive.release.folder import Releases
from archive.release.remaking import carry_out
from archive.release.withdrawals import WithdrawalsUnreadable
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import JournalDamaged
from archive.store.lock import Locked, writer_lock
from pipelines.following import FollowingError
from pipelines.plan import CrawlRefused


class Exit(IntEnum):
    """What a scheduler can go by."""

    OK = 0
    FAILED = 1  # an item failed, or a source fell outside what it expects
    USAGE = 2
    LOCKED = 3  # another command is writing to this archive
    DISK_FULL = 4
    STORE_FAILED = 5  # the disk refused; nothing more is taken in until someone looks


@contextmanager
def writing(folder: Path, purpose: str) -> Iterator[None]:
    """Hold the archive's lock, and end with the status that fits what stopped the work."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop is Ctrl-C
    try:
        make_folder(folder)
        with writer_lock(folder, purpose):
            # What a withdrawal that was killed had left to do comes before all else.
            carry_out(folder, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
            yield
    except KeyboardInterrupt:
        end("stopped; what was taken in is kept, and the same command goes on from there", Exit.FAILED)
    except Locked as held:
        end(str(held), Exit.LOCKED)
    except StoreFull as full:
        end(str(full), Exit.DISK_FULL)
    except StoreFailed as failed:
        end(str(failed), Exit.STORE_FAILED)
    except WithdrawalsUnreadable as error:
        end(str(error), Exit.STORE_FAILED)
    except sqlite3.OperationalError as error:
        if "full" in str(error):
            end(f"The disk is full; nothing that was acknowledged is lost. Make room and run it again. ({error})",
                 Exit.DISK_FULL)  # fmt: skip
        raise


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except CrawlRefused as refused:
        raise click.UsageError(str(refused)) from refused


class Commands(click.Group):
    """Commands, none of which can do anything while the file of what is followed, or the journal, is broken."""

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out a command; a broken file is told in one sentence."""
        try:
            return super().invoke(ctx)
        except FollowingError as error:
            raise click.UsageError(str(error)) from error
        except JournalDamaged as damaged:
            end(str(damaged), Exit.STORE_FAILED)


def end(message: str, status: Exit) -> NoReturn:
    click.echo(f"oversight: {message}", err=True)
    sys.exit(status)


@contextmanager
def opened(folder: Path) -> Iterator[ArchiveFolder]:
    archive = ArchiveFolder.open(folder)
    try:
        yield archive
    finally:
        archive.close()


def require_archive(folder: Path) -> None:
    """Raise a usage error, with what helps, where a folder is no archive."""
    if (folder / CATALOGUE).exists():
        return
    demo_folder = folder / "demo"
    helps = f"The demo's is in {demo_folder}: name it with --archive {demo_folder}, or"
    helps = helps if (demo_folder / CATALOGUE).exists() else "Name one with --archive, look at `oversight demo`, or"
    raise click.UsageError(f"There is no archive in {folder}. {helps} begin one with `oversight crawl` or `deposit`.")


def open_to_read(folder: Path, release: int | None = None) -> sqlite3.Connection:
    """Open the working catalogue, or a release, for reading. Raises a usage error where there is none."""
    if release is not None:
        try:
            return open_release(check_release(Releases(folder), release))
        except ReleaseRefused as refused:
            raise click.UsageError(str(refused)) from refused
    require_archive(folder)
    connection = sqlite3.connect(f"{(folder / CATALOGUE).absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("SELECT 1 FROM documents LIMIT 1")
    except sqlite3.DatabaseError as error:
        connection.close()
        helps = "`oversight rebuild` makes it again from the stored bytes."
        raise click.UsageError(f"{folder / CATALOGUE} is not a whole catalogue ({error}). {helps}") from error
    return connection
