"""Which nights of a source went by without a run; it is told what day it is, and which sources are followed.

Only whole runs against the network count: no replay, no run of named addresses or of a limit.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

# A scheduler that is late, or a night across midnight, is nothing to tell of.
PATIENCE = timedelta(days=2)
_DAY = timedelta(days=1)
# A run that was gone on with for nights belongs to its first one; its last sign of life is its end.
_LIVE = (
    "SELECT id, source, night, max(night, substr(coalesce(finished, ''), 1, 10)) AS seen FROM runs"
    " WHERE NOT replay AND minimum IS NOT NULL"
)


def overdue(connection: sqlite3.Connection, today: str, followed: Iterable[str]) -> dict[str, str]:
    """Return, for each source that ran before and has not for more than two days, the first day without a run."""
    rows = connection.execute(f"SELECT source, max(seen) FROM ({_LIVE}) GROUP BY source")  # noqa: S608
    last = {source: date.fromisoformat(seen) for source, seen in rows}
    now = date.fromisoformat(today)
    return {name: str(last[name] + _DAY) for name in followed if name in last and now - last[name] > PATIENCE}


def missed_before(connection: sqlite3.Connection, runs: Sequence[str]) -> list[dict[str, Any]]:
    """Return the nights that went by before each of these runs: `source`, `first`, `last`, and how many `nights`."""
    rows = connection.execute(
        f"WITH live AS ({_LIVE}) SELECT source, night, (SELECT max(seen) FROM live AS before"  # noqa: S608
        " WHERE before.source = live.source AND before.night < live.night) AS last_seen FROM live"
        " WHERE id IN (SELECT value FROM json_each(?)) AND last_seen IS NOT NULL ORDER BY source, night",
        (json.dumps(list(runs)),),
    )
    found = []
    for source, night, seen in rows:
        first, last = date.fromisoformat(seen) + _DAY, date.fromisoformat(night) - _DAY
        if last - first >= PATIENCE - _DAY:
            found.append(
                {"source": source, "first": str(first), "last": str(last), "nights": (last - first + _DAY).days}
            )
    return found
