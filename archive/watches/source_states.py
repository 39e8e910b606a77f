"""How the sources behind a watch are, in a sentence each: silent since nothing happened, or since nobody could see.

It asks the working catalogue, whatever became of the release, and is told what day it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.release.history import History
from archive.research.missed import overdue
from archive.research.rows import select
from archive.research.status import source_states
from archive.watches.model import SourceState, Watch

GOOD, OVERDUE, BLOCKED, CLOSED = "ok", "overdue", "blocked", "gate closed"
# What is told where it begins and where it ends. A source that never ran was never seen well.
ILL = ("failing", "interrupted", OVERDUE, BLOCKED)
# The archive's own: no release is built, so nothing that came in can be told.
ARCHIVE = "archive"
# Outcomes that say that a host would not answer at all.
_REFUSED = ("bot-wall", "host-given-up", "robots-unreachable")


def states_of(
    connection: sqlite3.Connection, today: str, events: Iterable[Mapping[str, Any]] = ()
) -> tuple[SourceState, ...]:
    """Return how each source is, by name, and the archive itself where the journal (`events`) says that no release is
    built; `today` is the day that it is."""
    rows = source_states(connection)
    late = overdue(connection, today, [row["name"] for row in rows])
    good = dict(
        connection.execute(
            "SELECT source, max(coalesce(finished, started)) FROM runs"
            " WHERE failures = 0 AND status IN ('finished', 'limit', 'budget') GROUP BY source"
        ).fetchall()
    )
    states = [_state(connection, row, late.get(row["name"], ""), good.get(row["name"], "")) for row in rows]
    refused = History.of(events).refused
    return (*([closed_state(refused)] if refused else []), *states)


def behind(watch: Watch, states: Sequence[SourceState], collections: Mapping[str, str]) -> tuple[SourceState, ...]:
    """Return the states of the sources that a watch hears of, the ill ones first; `collections` says what each source
    collects. A watch without a filter on sources or collections hears of all."""
    wanted, kept = set(watch.filters.get("source", ())), set(watch.filters.get("collection", ()))
    held = [
        one
        for one in states
        if one.name == ARCHIVE
        or ((not wanted or one.name in wanted) and (not kept or collections.get(one.name, "") in kept))
    ]
    # A filter that is written otherwise than the catalogue has it (part of a name) leaves no source out.
    told = held if any(one.name != ARCHIVE for one in held) else list(states)
    return tuple(sorted(told, key=lambda one: (not is_ill(one), one.name != ARCHIVE, one.name)))


def is_ill(state: SourceState) -> bool:
    """Tell whether silence may come from how a source is."""
    return state.health in ILL or state.health == CLOSED


def ill_of(states: Iterable[SourceState]) -> dict[str, str]:
    """Return, by name, how those are that are ill."""
    return {one.name: one.health for one in states if is_ill(one)}


def collections_of(connection: sqlite3.Connection) -> dict[str, str]:
    """Return what each source collects."""
    return {row["name"]: row["collection"] for row in select(connection, "SELECT name, collection FROM sources")}


def _state(connection: sqlite3.Connection, row: Mapping[str, Any], late: str, good: str) -> SourceState:
    health = str(row["health"])
    if health == "failing" and row["run"] and (refused := _refused(connection, row["run"])):
        health = BLOCKED
        told = f"its last run was refused ({refused}); silence says nothing of what is published there"
    elif late:
        health = OVERDUE
        told = f"it has not been looked at since {late}; silence says nothing of what is published there"
    elif health == "failing":
        told = "its last run had failures; something may have been missed"
    elif health == "interrupted":
        told = "its last run did not come to its end; something may have been missed"
    elif health == GOOD:
        told = "its last run was as it should be"
    else:
        told = "it never ran"
    last = f" Last seen well on {good[:10]}." if good and health != GOOD else ""
    return SourceState(row["name"], row["title"], health, good, f"{row['title']}: {told}.{last}")


def _refused(connection: sqlite3.Connection, run: Mapping[str, Any]) -> str:
    """Return by which outcome a host refused a run, "" where none did; a document that is refused is no such thing,
    unless nothing else was had."""
    names = (*_REFUSED, *(() if run["documents"] else ("blocked", "server-error", "connection-failed", "timed-out")))
    marks = ", ".join("?" * len(names))
    row = connection.execute(
        f"SELECT outcome FROM outcomes WHERE run = ? AND severity = 'failure' AND outcome IN ({marks})"  # noqa: S608
        " GROUP BY outcome ORDER BY count(*) DESC, outcome LIMIT 1",
        (run["id"], *names),
    ).fetchone()
    return str(row[0]) if row else ""


def closed_state(refused: Mapping[str, Any]) -> SourceState:
    """Return how the archive is while no release is built; `refused` has `at` and `gates`, each with its reason."""
    gates = "; ".join(f"{one['gate']}: {one['reason']}" for one in refused.get("gates", ()))
    told = (
        f"No release has been built since {refused.get('at', '')[:16]}Z ({gates}); what came in since is not told yet."
    )
    return SourceState(ARCHIVE, "The archive", CLOSED, "", told)
