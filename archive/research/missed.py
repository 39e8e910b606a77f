"""Which nights of a source went by without a run; it is told what day it is, and which sources are followed.

Only whole runs against the network count: no replay, no run of named addresses or of a limit. A source that isn't
crawled every night misses none by that: `gaps` says how many days lie between two of its runs.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

_NIGHTLY: Mapping[str, int] = MappingProxyType({})
# A day more than there should be, of a scheduler that is late or a night across midnight, is nothing to tell of.
_DAY = timedelta(days=1)
# A run that was gone on with for nights belongs to its first one; its last sign of life is its end.
_LIVE = (
    "SELECT id, source, night, max(night, substr(coalesce(finished, ''), 1, 10)) AS seen FROM runs"
    " WHERE NOT replay AND minimum IS NOT NULL"
)


def overdue(
    connection: sqlite3.Connection, today: str, followed: Iterable[str], gaps: Mapping[str, int] = _NIGHTLY
) -> dict[str, str]:
    """Return, for each source that ran before and has not for a day longer than it should, the first day without a
    run that should have been."""
    rows = connection.execute(f"SELECT source, max(seen) FROM ({_LIVE}) GROUP BY source")  # noqa: S608
    last = {source: date.fromisoformat(seen) for source, seen in rows}
    now = date.fromisoformat(today)
    first = {name: last[name] + gaps.get(name, 1) * _DAY for name in followed if name in last}
    return {name: str(day) for name, day in first.items() if now - day > _DAY}


def missed_before(
    connection: sqlite3.Connection, runs: Sequence[str], gaps: Mapping[str, int] = _NIGHTLY
) -> list[dict[str, Any]]:
    """Return the nights that went by before each of these runs: `source`, `first`, `last`, and how many `nights`."""
    rows = connection.execute(
        f"WITH live AS ({_LIVE}) SELECT source, night, (SELECT max(seen) FROM live AS before"  # noqa: S608
        " WHERE before.source = live.source AND before.night < live.night) AS last_seen FROM live"
        " WHERE id IN (SELECT value FROM json_each(?)) AND last_seen IS NOT NULL ORDER BY source, night",
        (json.dumps(list(runs)),),
    )
    found = []
    for source, night, seen in rows:
        first, last = date.fromisoformat(seen) + gaps.get(source, 1) * _DAY, date.fromisoformat(night) - _DAY
        if last - first >= _DAY:
            found.append(
                {"source": source, "first": str(first), "last": str(last), "nights": (last - first + _DAY).days}
            )
    return found
