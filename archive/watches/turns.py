"""Since when each source sees, or doesn't: what a feed says beside its entries, so that its silence can be read.

It asks whatever is served, and is told what day it is. A source that was always well has no turn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.research.lookups import health
from archive.research.missed import overdue
from archive.research.rows import select
from archive.watches.model import SourceState, Watch
from archive.watches.source_states import GOOD, OVERDUE, behind, closed_state, collections_of, is_ill, states_of

# Runs of a source that are looked back at; who has failed for longer has failed for long.
MOST_RUNS = 400
_RUNS = "SELECT * FROM runs WHERE source = ? ORDER BY started DESC, night DESC, minimum IS NULL, id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Turn:
    """A source that went blind, or sees again: what it is called for good (`name`), since when, and in a sentence."""

    name: str
    at: str
    title: str
    sentence: str
    state: SourceState


def states_behind(
    connection: sqlite3.Connection, watch: Watch, today: str, refused: Mapping[str, Any] | None = None
) -> tuple[SourceState, ...]:
    """Return how the sources behind a watch are; `refused` is why no release is built, where one isn't."""
    states = (*([closed_state(refused)] if refused else []), *states_of(connection, today))
    return behind(watch, states, collections_of(connection))


def turns_of(
    connection: sqlite3.Connection, states: Sequence[SourceState], today: str, refused: Mapping[str, Any] | None = None
) -> list[Turn]:
    """Return the last turn of each of these sources, the newest first."""
    late = overdue(connection, today, [state.name for state in states])
    turns = []
    for state in states:
        if refused and state == closed_state(refused):
            turns.append(
                Turn(f"archive closed {refused['at']}", refused["at"], "No new release", state.sentence, state)
            )
        elif state.health == OVERDUE:
            day = late[state.name]
            turns.append(_turn(state, f"overdue {day}", f"{day}T00:00:00Z"))
        elif (run := _turned(connection, state)) is not None:
            turns.append(_turn(state, f"{state.health == GOOD} {run['id']}", run["finished"] or run["started"]))
    return sorted(turns, key=lambda turn: (turn.at, turn.name), reverse=True)


def _turn(state: SourceState, of: str, at: str) -> Turn:
    if is_ill(state):
        return Turn(f"source {state.name} {of}", at, f"Not wholly seen: {state.title}", state.sentence, state)
    told = f"{state.title}: its runs are as they should be again, since {at[:10]}."
    return Turn(f"source {state.name} {of}", at, f"Seen again: {state.title}", told, state)


def _turned(connection: sqlite3.Connection, state: SourceState) -> Mapping[str, Any] | None:
    """Return the first of the latest runs that all were as the last one was; None where there was no other before."""
    since = None
    for run in select(connection, _RUNS, (state.name, MOST_RUNS)):
        if (health(run) != GOOD) != is_ill(state):
            return since
        since = run
    return since if is_ill(state) else None
