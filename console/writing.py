"""An archive as a command writes to it: the lock, what is done first, and a sentence for whatever stands in the way."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click

from archive.catalog.versions import is_behind
from archive.folder import CATALOGUE, make_folder
from archive.release.withdrawals import WithdrawalsUnreadable
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import JournalDamaged
from archive.store.lock import Locked, writer_lock
from console.ending import Exit, end, end_refused
from console.finishing import finish_withdrawals


@contextmanager
def writing(folder: Path, purpose: str, *, finishing: bool = True) -> Iterator[None]:
    """Hold the archive's lock, and end with the status that fits what stopped the work.

    What a withdrawal that was killed had left to do is done first, unless `finishing` is False: a damaged archive is
    mended before that. Nobody else may read what is written meanwhile, whatever the umask was.
    """
    umask = os.umask(0o077)
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
        end_refused(error)
    finally:
        os.umask(umask)


def _finish(folder: Path) -> None:
    """Do what withdrawals still need; where damage stands in the way, say so: a crawl goes on all the same."""
    try:
        finish_withdrawals(folder)
    except (JournalDamaged, StoreFailed, WithdrawalsUnreadable) as error:
        click.echo(f"oversight: what a withdrawal still needs could not be done: {error}", err=True)


def _bring_up_to_date(path: Path) -> None:
    """Migrate a catalogue of an earlier version. One that can't be is told by who needs it, as a rebuild doesn't."""
    with suppress(sqlite3.DatabaseError):
        if _is_behind(path):
            from archive.catalog.opening import open_catalogue  # noqa: PLC0415 (what writes is large, and seldom needed here)

            open_catalogue(path).close()


def _is_behind(path: Path) -> bool:
    """Tell whether an earlier version made the catalogue at a path; false where none can be read."""
    if path.exists():
        with (
            suppress(sqlite3.Error),
            closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as catalogue,
        ):
            return is_behind(catalogue)
    return False
