"""What withdrawals still need: a command that was killed is finished by the next, the public side first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from archive.folder import CATALOGUE, ArchiveFolder
from archive.release.erasure import Erased, erase, erasures_due, note_erased
from archive.release.remaking import Remade, carry_out
from archive.release.withdrawals import ERASURE
from archive.store.journal import Journal
from pipelines.clock import now


def finish_withdrawals(folder: Path, but: Iterable[int] = ()) -> tuple[Remade, list[Erased]]:
    """Make releases again, short of those in `but`, and erase, as far as either is due. The caller holds the lock."""
    at = now()
    return carry_out(folder, at, but), _erase_due(folder, at)


def _erase_due(folder: Path, at: str) -> list[Erased]:
    journal = Journal(folder)
    events = journal.read() if journal.path.exists() else []
    if not any(event["event"] == ERASURE for event in events):
        return []
    if (folder / CATALOGUE).exists():
        with closing(sqlite3.connect(f"{(folder / CATALOGUE).absolute().as_uri()}?mode=ro", uri=True)) as catalogue:
            if not erasures_due(catalogue, events):
                return []
    from pipelines.rebuild import rebuild  # noqa: PLC0415 (it is large, and seldom is anything due)
    from pipelines.told import checked_settings  # noqa: PLC0415

    archive = ArchiveFolder.open(folder)
    try:
        archive.store.close()  # seals what a run that was killed had left
        done = erase(folder, archive.connection, archive.journal, at)
    finally:
        archive.close()
    # Words stay in a catalogue's full-text index and in its free pages: only a new one is without them.
    rebuild(folder, checked_settings(folder))
    note_erased(Journal(folder), done, at)
    return done
