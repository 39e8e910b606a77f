"""Which captures an erasure takes: those that are what was withdrawn, and nothing beside it; and what may remain of it.

The same bytes, captured again later, are taken by the next command: an erasure holds until its withdrawal is undone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.addresses import url_key
from archive.mementos.which import place_of
from archive.release.tombstones import memento_name, tombstone
from archive.release.withdraw_target import OF_SEVERAL
from archive.release.withdrawals import ERASED, Withdrawal, withdrawals_of
from archive.research.rows import select
from archive.store.erasing import ERASING, erase_captures, finish_erasing
from archive.store.journal import Journal
from archive.store.segment import sync_folder

# Under this name the journal has a tombstone with each capture that was erased.
MEMENTO = "memento"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of a withdrawal: how many captures, from which files; `kept` hold other documents too."""

    withdrawal: int
    captures: int
    files: tuple[str, ...]
    kept: tuple[str, ...]


def captures_of(connection: sqlite3.Connection, one: Withdrawal) -> tuple[set[str], set[str]]:
    """Return the captures that are what was withdrawn, and those that hold something else beside it."""
    came_from = "SELECT document, id, capture FROM versions"
    versions = [tuple(row) for row in connection.execute(came_from)]
    own = {capture for _, version, capture in versions if version in one.versions}
    others = {capture for document, _, capture in versions if document != one.document}
    others |= {capture for document, version, capture in versions
               if one.what == "version" and document == one.document and version not in one.versions}  # fmt: skip
    others |= {row[0] for row in connection.execute(OF_SEVERAL)}
    found = set()
    for capture, key, original, content in connection.execute(
        "SELECT id, url_key, original_url, content_digest FROM captures"
    ):
        addresses = {key, url_key(original)} if original else {key}
        if capture in own or content in one.contents or addresses.intersection(one.addresses):
            found.add(str(capture))
    found |= _revisits(connection, found - others)
    return found - others, found & others


def _revisits(connection: sqlite3.Connection, captures: set[str]) -> set[str]:
    """Return the captures whose payload lies in one of these."""
    rows = connection.execute("SELECT capture, revisit_of FROM records WHERE revisit_of <> ''")
    return {str(capture) for capture, original in rows if original in captures}


def erasures_due(connection: sqlite3.Connection, events: Iterable[Mapping[str, Any]]) -> list[Withdrawal]:
    """Return the withdrawals whose erasure was ordered and not done, or whose bytes came in again."""
    events = list(events)
    done = {event["withdrawal"] for event in events if event["event"] == ERASED}
    ordered = [one for one in withdrawals_of(events).values() if one.erased and not one.undone]
    return [one for one in ordered if one.number not in done or captures_of(connection, one)[0]]


def erase(folder: Path, connection: sqlite3.Connection, journal: Journal, at: str) -> list[Erased]:
    """Take what is due out of the WARC files and of the cached readings; return what went.

    The catalogue still has its words: it is made again next, and then `note_erased` writes that it is done.
    Raises StoreFull, StoreFailed.
    """
    finish_erasing(folder, connection, journal)
    done = []
    for one in erasures_due(connection, journal.read()):
        captures, kept = captures_of(connection, one)
        told = _as_mementos(connection, captures)
        files = erase_captures(folder, connection, journal, told, {"withdrawal": one.number, "at": at})
        _erase_readings(folder / "cache" / "readings", {*one.contents, *one.digests})
        done.append(Erased(one.number, len(captures), tuple(files), tuple(sorted(kept))))
    return done


def _as_mementos(connection: sqlite3.Connection, captures: Iterable[str]) -> dict[str, dict[str, object]]:
    """Return what is told of each capture that goes: the tombstone of its address and instant, which answered for it.

    Once it is erased nothing else says that there was one, and its neighbour would be shown in its place.
    """
    rows = select(
        connection,
        "SELECT id, url_key, url, captured_at, original_url, original_at FROM captures"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(captures)),),
    )
    placed = {str(row["id"]): place_of(row) for row in rows}
    return {capture: {MEMENTO: tombstone("memento", memento_name(key, at))} for capture, (key, _, at) in placed.items()}


def erased_mementos(events: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return the tombstones of captures that were erased, each with its withdrawal's number."""
    return {
        str(capture[MEMENTO]): int(event["withdrawal"])
        for event in events
        if event["event"] == ERASING and "withdrawal" in event
        for capture in event["erased"]
        if MEMENTO in capture
    }


def note_erased(journal: Journal, done: Iterable[Erased], at: str) -> None:
    """Write that erasures are done; until then the next command does them again."""
    for one in done:
        journal.append(ERASED, withdrawal=one.withdrawal, at=at, captures=one.captures, files=list(one.files),
                       kept=list(one.kept))  # fmt: skip


def _erase_readings(cache: Path, digests: set[str]) -> None:
    for digest in digests:
        folder = cache / digest[:2]
        for path in folder.glob(f"{digest}.*"):
            path.unlink()
            sync_folder(folder)
