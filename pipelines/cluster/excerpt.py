"""What a run on another machine has to know of what was captured before, as plain values; and an archive made of them.

The rows are those that a run asks for: its source's captures as long as they are young enough to make conditions of,
its own where it is gone on with, and what was asked tonight, which counts against the budgets of the hosts. The bytes
of those that may be needed lie in the shared store, one object each, below `held/`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.catalog.opening import open_catalogue
from archive.folder import CATALOGUE, ArchiveFolder, make_folder
from archive.outcomes import ANSWERED
from archive.release.withdrawals import ALLOWED, ERASURE, UNDONE, WITHDRAWN
from archive.store.errors import RecordDamaged
from archive.store.journal import Journal
from pipelines.cluster.shared import Shared
from pipelines.conditional import days_before

HELD = "held"
_WITHDRAWALS = (WITHDRAWN, UNDONE, ALLOWED, ERASURE)
# Of several answers to one question the latest whole one makes the condition.
_WHOLE = (
    "SELECT id, max(captured_at) FROM captures WHERE source = :source AND captured_at >= :since AND status = 200"
    " AND method = 'GET' AND outcome IN (SELECT value FROM json_each(:answered)) GROUP BY url, callback, arguments"
)
_ROWS = (
    "SELECT * FROM captures WHERE (source = :source AND captured_at >= :since) OR run = :run"
    " OR (captured_at >= :midnight AND kind = 'response')"
)


def excerpt_of(archive: ArchiveFolder, shared: Shared, run: str, source: str, at: str, days: float) -> dict[str, Any]:
    """Return what a run of a source is to know that begins at an instant; whole answers make conditions for `days`.

    Puts the bytes that it may need into the store. Raises OSError.
    """
    asked = {"source": source, "run": run, "since": days_before(at, days), "midnight": f"{at[:10]}T00:00:00Z"}
    asked["answered"] = json.dumps(ANSWERED)
    captures = {row["id"]: row for row in _rows(archive.connection, _ROWS, asked)}
    wanted = {row["id"] for row in captures.values() if row["run"] == run and row["outcome"] in ANSWERED}
    wanted |= {one for one, _ in archive.connection.execute(_WHOLE, asked)}
    records = _held(archive, shared, wanted)
    originals = {one["revisit_of"] for one in records.values()} - {"", *records}
    records |= _held(archive, shared, originals)
    for one in originals & records.keys():
        captures[one] = _rows(archive.connection, "SELECT * FROM captures WHERE id = :id", {"id": one})[0]
    events = [
        event for event in archive.journal.read() if event.get("run") == run or event.get("event") in _WITHDRAWALS
    ]
    return {"captures": list(captures.values()), "records": list(records.values()), "events": events}


def _held(archive: ArchiveFolder, shared: Shared, wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Put captures' units into the store, and return where each lies; one that is damaged is left out."""
    held = {}
    for one in sorted(wanted):
        rows = _rows(archive.connection, "SELECT * FROM records WHERE capture = :id", {"id": one})
        try:
            content = archive.store.stored(one)
        except RecordDamaged:
            continue
        name = f"{HELD}/{one}"
        if not shared.has(name):
            shared.put(name, content)
        held[one] = {**rows[0], "warc": shared.url_of(name), "offset": 0}
    return held


def lay_out(excerpt: Mapping[str, Any], folder: Path) -> int:
    """Make an archive of an excerpt, in which a run can go on; return how many lines its journal has."""
    make_folder(folder)
    with closing(open_catalogue(folder / CATALOGUE)) as catalogue, catalogue:
        for table in ("captures", "records"):
            for row in excerpt[table]:
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                # The names are those of the other side's own table.
                catalogue.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    journal = Journal(folder)
    for event in excerpt["events"]:
        facts = {name: value for name, value in event.items() if name != "event"}
        journal.append(event["event"], **facts)
    return len(excerpt["events"])


def forget_old(connection: sqlite3.Connection, shared: Shared, since: str) -> None:
    """Remove from the store the bytes of what was captured before an instant, or isn't in the catalogue any more."""
    young = {one for (one,) in connection.execute("SELECT id FROM captures WHERE captured_at >= ?", (since,))}
    for name in shared.names(HELD):
        if name.removeprefix(f"{HELD}/") not in young:
            shared.remove(name)


def _rows(connection: sqlite3.Connection, sql: str, values: Mapping[str, object]) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, dict(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
