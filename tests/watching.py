"""What the tests of watches share: watch files put in place, and an archive to which some nights are still new."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from archive.release.folder import Releases
from archive.store.journal import Journal
from archive.watches.journaled import BEGAN, MADE, NOTED
from archive.watches.news import ended_runs
from archive.watches.watch_file import WATCHES

AT = "2026-12-01T03:00:00Z"
PLATES = """title = "Licence plates"
public = true
terms = '''
license plate   # as the assessments call it
70CDCR18P00000017
vendor:West Publishing Corporation
'''
"""


def put_watch(folder: Path, text: str = PLATES, name: str = "plates") -> Path:
    """Write a watch's file into an archive."""
    path = folder / WATCHES / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def forget_news(folder: Path) -> None:
    """Have the journal be what it was before anything was said of watches: in the demo these lines are its last."""
    path = folder / "journal" / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    said = [json.loads(line)["event"] in (BEGAN, MADE, NOTED) for line in lines]
    first = said.index(True) if True in said else len(lines)
    assert all(said[first:])
    path.write_bytes(b"".join(lines[:first]))
    (folder / "journal" / "head").unlink(missing_ok=True)


def as_told_before(folder: Path, told: Iterable[str], watches: Iterable[str] = ("plates",)) -> None:
    """Have the journal say that these runs were no news any more before the archive's release, and that the watches
    had begun then."""
    forget_news(folder)
    with closing(Journal(folder)) as journal:
        for watch in watches:
            journal.append(BEGAN, watch=watch, release=0, at=AT, states={})
        journal.append(NOTED, release=0, at=AT, runs=sorted(told), changes=[], waiting=[])


def runs_of(folder: Path) -> set[str]:
    """Return the runs that the archive's release has."""
    releases = Releases(folder)
    with closing(releases.open(int(releases.current() or 0))) as release:
        return ended_runs(release)
