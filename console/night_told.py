"""What is told of a night: a summary of what its steps gave, the status that it deserves, its line in the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from archive.folder import CATALOGUE
from archive.nights import ENDED, put_night
from archive.release.folder import Releases
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import Journal, JournalDamaged
from archive.store.room import forecast
from archive.watches.news import Made
from console.clustering import problems_of
from console.crawling import report_of
from console.ending import Exit
from console.looking import open_to_read
from console.night import Night
from console.night_needs import needs_of
from console.steps import DONE
from pipelines.clock import now
from pipelines.due import longest_gaps


def summary(night: Night, status: int) -> dict[str, Any]:
    """Return a night's summary, and note it in the journal, where there is something to note and it can be."""
    told: dict[str, Any] = {
        "night": night.day,
        "began": night.began,
        "at": now(),
        "replay": night.asked.recording is not None,
        "due": [asdict(one) for one in night.due],
        "steps": [asdict(step) for step in night.steps.taken],
        "release": night.release,
        "messages": _messages(night.made, night.begun),
        "delivered": night.delivered.as_json() if night.delivered else None,
        "serves": night.serves,
        "expiries": [{**asdict(one), "near": one.is_near} for one in night.ends],
        "cluster": [*night.alone, *problems_of(night.cluster)],
    }
    if (night.folder / CATALOGUE).exists():
        told |= report_of(night.folder, night.crawled, night.before, longest_gaps(night.settings.getdict("EVERY")))
        told |= _of_catalogue(night)
    needs = needs_of(told, stopped=night.crawled.stopped)
    told["needs"] = [asdict(one) for one in needs]
    told["status"] = status or _status(night, told)
    told["noted"] = _note(night, told)
    return told


def _messages(made: Made | None, begun: Sequence[str]) -> dict[str, Any] | None:
    """Return what was made for those who watch; None where nobody does."""
    if made is None:
        return None
    return {
        "watches": len(made.watches),
        "began": sorted({*begun, *made.began}),
        "made": len(made.messages),
        "hits": sum(made.hits.values()),
        "problems": [f"{one.subject}: {one.detail}" for one in made.problems],
        "notes": list(made.notes),
    }


def _of_catalogue(night: Night) -> dict[str, Any]:
    with closing(open_to_read(night.folder)) as catalogue:
        room = forecast(night.folder, catalogue, night.settings.getint("KEEP_FREE"))
        return {"changes": _changed(catalogue, Releases(night.folder), night.stood), "room": asdict(room)}


def _changed(catalogue: sqlite3.Connection, releases: Releases, stood: int | None) -> dict[str, int]:
    """Count by kind the changes that the release which stood when the night began hasn't: so a night that was killed
    and gone on with tells of all of it."""
    path = releases.database(stood or 0)
    known = ""
    if stood is not None and path.exists():
        catalogue.execute("ATTACH ? AS stood", (f"{path.absolute().as_uri()}?mode=ro&immutable=1",))
        if catalogue.execute("SELECT 1 FROM stood.sqlite_master WHERE name = 'changes'").fetchone():
            known = " WHERE id NOT IN (SELECT id FROM stood.changes)"
    rows = catalogue.execute(f"SELECT kind, count(*) FROM main.changes{known} GROUP BY kind ORDER BY kind")  # noqa: S608
    return dict(rows.fetchall())


def _status(night: Night, told: dict[str, Any]) -> int:
    built = night.steps.status("release") == DONE and not (night.release or {}).get("closed")
    if night.serves or not (built or night.crawled.stopped):
        return Exit.USAGE
    return Exit.FAILED if told["needs"] else Exit.OK


def _note(night: Night, told: dict[str, Any]) -> bool:
    """Write the night's line. A replay that brought nothing says nothing new, and is no night."""
    release = night.release or {}
    if told["replay"] and not any(told.get("added", {}).values()) and not release.get("new"):
        return False
    facts = {name: told[name] for name in ("night", "began", "at", "status", "replay", "needs")}
    facts |= {name: told[name] for name in ("added", "changes", "room") if name in told}
    steps = [{name: step[name] for name in ("name", "status", "seconds")} for step in told["steps"]]
    if told["messages"]:
        facts["messages"] = {name: told["messages"][name] for name in ("watches", "made", "hits")}
    if told["delivered"]:
        facts["delivered"] = {name: told["delivered"][name] for name in ("sent", "due")}
    published = {"number": release.get("number"), "new": release.get("new", False)}
    published["closed"] = [one["gate"] for one in release.get("closed", ())]
    event = {**facts, "sources": _by_source(told.get("runs", ())), "steps": steps, "release": published}
    try:
        with closing(Journal(night.folder)) as journal:
            journal.append(ENDED, **event)
        put_night(Releases(night.folder), event)
    except (StoreFull, StoreFailed, JournalDamaged, OSError):
        return False
    return True


def _by_source(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what each source gave: in a replay of many nights, and with what was cited, it has several runs."""
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        nothing = {"name": run["source"], "captures": 0, "documents": 0, "failures": 0}
        one = found.setdefault(run["source"], nothing)
        one |= {"run": run["id"], "status": run["status"]}
        one |= {name: one[name] + run[name] for name in ("captures", "documents", "failures")}
    return [found[name] for name in sorted(found)]
