"""How the archive is: what it holds, how its sources are, and what became of named runs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from archive.outcomes import OUTCOMES
from archive.research.clock_doubt import TLS_FAILED, clock_doubt
from archive.research.lookups import count_all, list_sources
from archive.research.missed import missed_before

EXAMPLES = 5
Row = dict[str, Any]
_NONE: Mapping[str, str] = MappingProxyType({})


def archive_status(connection: sqlite3.Connection, overdue: Mapping[str, str] = _NONE) -> dict[str, Any]:
    """Return `sources` (a list), and how many `captures`, `documents`, `versions`, `pages`, `references` there are."""
    return {"sources": source_states(connection, overdue=overdue), **count_all(connection)}


def source_states(
    connection: sqlite3.Connection, known: Sequence[Row] = (), overdue: Mapping[str, str] = _NONE
) -> list[Row]:
    """Return how each source is, by name.

    Each has `name`, `title`, `documents`, `last_run` (an instant or None), `health` ("ok", "failing": the last run had
    a failure or was not what was expected, "interrupted", "never run"), `run` (the last run's `id`, `night`,
    `captures`, `documents`, `failures`, or None), `expected` (`minimum` and `maximum` documents of a run) and
    `overdue`, the first day without a run where too many went by (archive/research/missed.py), else None.
    `known` are sources that exist, with their `name`, `title` and `expected`; they may not have been run yet.
    """
    states = {row["name"]: _state(row) for row in list_sources(connection)}
    for one in known:
        state = states.setdefault(one["name"], never_run(one))
        state["expected"] = state["expected"] or one["expected"]
    for name, state in states.items():
        state["overdue"] = overdue.get(name)
    return [states[name] for name in sorted(states)]


def never_run(source: Row) -> Row:
    """Return the state of a source of which nothing is held."""
    nothing = {"documents": 0, "last_run": None, "health": "never run", "overdue": None, "run": None}
    return {"name": source["name"], "title": source["title"], **nothing, "expected": source["expected"]}


def _state(row: Row) -> Row:
    run = row["run"]
    bounds = {"minimum": run["minimum"], "maximum": run["maximum"]} if run else {}
    return {
        **{name: row[name] for name in ("name", "title", "documents", "last_run", "health")},
        "run": {name: run[name] for name in ("id", "night", "captures", "documents", "failures")} if run else None,
        "expected": bounds if bounds.get("minimum") is not None else None,
    }


def run_report(
    connection: sqlite3.Connection, runs: Sequence[str], gaps: Mapping[str, int] = MappingProxyType({})
) -> dict[str, Any]:
    """Return what became of these runs: `runs` (each with its outcomes that `failed`, counted), `outcomes` by name
    with counts and examples, `failures` in all, and the nights that were `missed` before them; `gaps` are what
    archive/research/missed.py says."""
    wanted = json.dumps(list(runs))
    held = [
        dict(row)
        for row in connection.execute(
            "SELECT id, source, night, status, captures, documents, failures FROM runs"
            " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY started, id",
            (wanted,),
        )
    ]
    failed = _failed_of(connection, wanted)
    for run in held:
        run["failed"] = failed.get(run["id"], {})
    counted = connection.execute(
        "SELECT outcome, severity, count(*) AS count FROM outcomes"
        " WHERE run IN (SELECT value FROM json_each(?)) GROUP BY outcome, severity"
        " ORDER BY severity != 'failure', severity != 'note', outcome",
        (wanted,),
    ).fetchall()
    outcomes = [
        {
            "outcome": row["outcome"],
            "severity": row["severity"],
            "count": row["count"],
            "meaning": OUTCOMES[row["outcome"]].meaning,
            "remedy": (row["outcome"] == TLS_FAILED and clock_doubt(connection, wanted))
            or OUTCOMES[row["outcome"]].remedy,
            "examples": _examples(connection, wanted, row["outcome"], row["severity"]),
        }
        for row in counted
    ]
    unfinished = (
        sum(run["status"] not in ("finished", "limit", "budget", "failed") for run in held) + len(runs) - len(held)
    )
    failures = sum(run["failures"] for run in held) + unfinished
    return {"runs": held, "outcomes": outcomes, "failures": failures, "missed": missed_before(connection, runs, gaps)}


def _failed_of(connection: sqlite3.Connection, wanted: str) -> dict[str, dict[str, int]]:
    """Return for each run its outcomes that are failures, counted."""
    rows = connection.execute(
        "SELECT run, outcome, count(*) FROM outcomes WHERE run IN (SELECT value FROM json_each(?))"
        " AND severity = 'failure' GROUP BY run, outcome ORDER BY run, outcome",
        (wanted,),
    )
    failed: dict[str, dict[str, int]] = {}
    for run, outcome, count in rows:
        failed.setdefault(run, {})[outcome] = count
    return failed


def _examples(connection: sqlite3.Connection, wanted: str, outcome: str, severity: str) -> list[str]:
    """Return the first few subjects of an outcome with their details; none where all is as it should be."""
    if severity == "ok":
        return []
    rows = connection.execute(
        "SELECT subject, detail FROM outcomes WHERE run IN (SELECT value FROM json_each(?))"
        " AND outcome = ? AND severity = ? GROUP BY subject, detail ORDER BY subject, detail LIMIT ?",
        (wanted, outcome, severity, EXAMPLES),
    )
    return [f"{row['subject']}  {row['detail']}".strip() for row in rows]
