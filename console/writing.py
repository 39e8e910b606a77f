"""An archive as a command opens it: the lock, the exit statuses, and one sentence for whatever stands in the way."""

from __future__ import annotations

import errno
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

import click

from archive.catalog.schema import CatalogueNewer, is_behind, open_catalogue, refuse_newer
from archive.folder import CATALOGUE, ArchiveFolder, make_folder
from archive.release.checked import ReleaseRefused, check_release, open_release
from archive.release.folder import Releases
from archive.release.withdrawals import WithdrawalsUnreadable
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import JournalDamaged
from archive.store.lock import Locked, writer_lock
from archive.store.segment import NO_ROOM, refusal
from archive.store.store import catalogue_refusal
from console.finishing import finish_withdrawals
from pipelines.clock import ClockImplausible
from pipelines.following import FollowingError
from pipelines.plan import CrawlRefused, project_settings


class Exit(IntEnum):
    """What a scheduler can go by."""

    OK = 0
    FAILED = 1  # an item failed, or a source fell outside what it expects
    USAGE = 2
    LOCKED = 3  # another command is writing to this archive
    DISK_FULL = 4
    STORE_FAILED = 5  # the disk refused; nothing more is taken in until someone looks


@contextmanager
def writing(folder: Path, purpose: str, *, finishing: bool = True) -> Iterator[None]:
    """Hold the archive's lock, and end with the status that fits what stopped the work.

    What a withdrawal that was killed had left to do is done first, unless `finishing` is False: a damaged archive is
    mended before that.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a scheduler's stop is Ctrl-C
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # and so is a terminal that is closed, without nohup
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        make_folder(folder)
        with writer_lock(folder, purpose):
            _bring_up_to_date(folder / CATALOGUE)
            if finishing:
                _finish(folder)
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
    except (sqlite3.Error, OSError) as error:
        _end_refused(error)


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
        _end_refused(error)


def _finish(folder: Path) -> None:
    """Do what withdrawals still need; where damage stands in the way, say so: a crawl goes on all the same."""
    try:
        finish_withdrawals(folder)
    except (JournalDamaged, StoreFailed, WithdrawalsUnreadable) as error:
        click.echo(f"oversight: what a withdrawal still needs could not be done: {error}", err=True)


# What a disk, or who is set over it, says of files; anything else that goes wrong is ours.
_REFUSED = (errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENODEV, errno.ESTALE)
_CATALOGUE_REFUSED = (
    sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL,
)  # fmt: skip


def _end_refused(error: sqlite3.Error | OSError) -> NoReturn:
    """End with what the disk refused. Raises the error where it is of another kind."""
    refused = _disk_refusal(error)
    if refused is None:
        raise error
    end(str(refused), Exit.DISK_FULL if isinstance(refused, StoreFull) else Exit.STORE_FAILED)


def _disk_refusal(error: sqlite3.Error | OSError) -> StoreFull | StoreFailed | None:
    """Return what the disk refused, in the store's words; None where the error is of another kind."""
    if isinstance(error, OSError):
        refuses = error.errno in (*_REFUSED, *NO_ROOM)
        return refusal(Path(error.filename or "the archive"), error) if refuses else None
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreFailed(f"the catalogue is damaged ({error}); `oversight rebuild` makes it again")
    return catalogue_refusal(error) if code in _CATALOGUE_REFUSED else None


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (CrawlRefused, ClockImplausible) as refused:
        raise click.UsageError(str(refused)) from refused


class Commands(click.Group):
    """Commands, none of which can do anything while the file of what is followed, or the journal, is broken."""

    def invoke(self, ctx: click.Context) -> Any:
        """Carry out a command; a broken file is told in one sentence."""
        try:
            return super().invoke(ctx)
        except FollowingError as error:
            raise click.UsageError(str(error)) from error
        except CatalogueNewer as newer:
            end(str(newer), Exit.USAGE)
        except JournalDamaged as damaged:
            end(str(damaged), Exit.STORE_FAILED)
        except sqlite3.Error as error:
            _end_refused(error)


def end(message: str, status: Exit) -> NoReturn:
    click.echo(f"oversight: {message}", err=True)
    sys.exit(status)


@contextmanager
def opened(folder: Path) -> Iterator[ArchiveFolder]:
    archive = ArchiveFolder.open(folder, keep_free=project_settings(folder).getint("KEEP_FREE"))
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


def _bring_up_to_date(path: Path) -> None:
    """Migrate a catalogue of an earlier version. One that can't be is told by who needs it, as a rebuild doesn't."""
    with suppress(sqlite3.DatabaseError):
        if _is_behind(path):
            open_catalogue(path).close()


def _is_behind(path: Path) -> bool:
    """Tell whether an earlier version made the catalogue at a path; false where none can be read."""
    if path.exists():
        with suppress(sqlite3.Error), closing(_reading(path)) as catalogue:
            return is_behind(catalogue)
    return False


def _reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def open_to_read(folder: Path, release: int | None = None) -> sqlite3.Connection:
    """Open the working catalogue, or a release, for reading. Raises a usage error where there is none.

    A catalogue that an earlier version made is brought up to date first. Raises CatalogueNewer.
    """
    if release is not None:
        try:
            return open_release(check_release(Releases(folder), release))
        except ReleaseRefused as refused:
            raise click.UsageError(str(refused)) from refused
    require_archive(folder)
    path = folder / CATALOGUE
    connection = _reading(path)
    try:
        connection.execute("SELECT 1 FROM documents LIMIT 1")
        refuse_newer(connection)
        behind = is_behind(connection)
    except CatalogueNewer:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _CATALOGUE_REFUSED:
            end(str(catalogue_refusal(error)), Exit.STORE_FAILED)
        helps = "`oversight rebuild` makes it again from the stored bytes."
        raise click.UsageError(f"{path} is not a whole catalogue ({error}). {helps}") from error
    if not behind:
        return connection
    connection.close()
    with writing(folder, "upgrade"):
        open_catalogue(path).close()
    return _reading(path)
