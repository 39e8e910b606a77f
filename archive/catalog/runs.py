"""Runs, as the journal tells them: what can't be read out of the captures themselves.

The journal's events for a run are `run-started` (run, source, night, at, replay, minimum, maximum, fields), `outcome`
(run, outcome, subject, detail), `run-resumed` (run, at) and `run-ended` (run, at, status); `segment-erasing` tells what
was erased of its captures since, which it was given all the same. Folding them is idempotent:
a run that was killed and done again reads like one that was never disturbed. One that is gone on with begins at the
beginning of its source: what became of its requests before is said again, or is no longer so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.model import Finding

# How a run ends that isn't at its end: the next one of its source goes on with it (pipelines/resume.py).
UNFINISHED = ("interrupted", "shutdown", "budget", "given-up")


@dataclass(slots=True)
class RunFacts:
    """One run as the journal has it; `finished` is "" while it goes on, or when it was killed. `last_sign` is when it
    began, was gone on with, or ended, whichever came last. `erased` has those of its captures
    that were erased, with how many documents each had given."""

    id: str
    source: str
    night: str = ""
    started: str = ""
    finished: str = ""
    last_sign: str = ""
    status: str = "interrupted"
    replay: bool = False
    minimum: int | None = None
    maximum: int | None = None
    fields: Mapping[str, float] = field(default_factory=dict)
    findings: dict[Finding, None] = field(default_factory=dict)
    erased: dict[str, int] = field(default_factory=dict)


def fold(events: Iterable[Mapping[str, Any]]) -> dict[str, RunFacts]:
    """Return the runs by id, the later event of a kind standing for the earlier."""
    runs: dict[str, RunFacts] = {}
    for event in events:
        if event.get("event") == "run-started":
            _begin(runs.setdefault(event["run"], RunFacts(event["run"], event["source"])), event)
        elif event.get("event") in _CHANGES and event["run"] in runs:
            _CHANGES[event["event"]](runs[event["run"]], event)
        elif event.get("event") == "segment-erasing":
            for one in event["erased"]:
                if one["run"] in runs:
                    runs[one["run"]].erased[one["capture"]] = one["documents"]
    return runs


def last_sign(runs: Iterable[RunFacts]) -> str:
    """Return when a run that was no replay last gave a sign of life, "" where there was none."""
    return max((run.last_sign for run in runs if not run.replay), default="")


def _begin(facts: RunFacts, event: Mapping[str, Any]) -> None:
    facts.night, facts.started, facts.replay = event["night"], event["at"], event["replay"]
    facts.minimum, facts.maximum = event["minimum"], event["maximum"]
    facts.fields = event.get("fields", {})
    facts.last_sign = max(facts.last_sign, event["at"])


def _note(facts: RunFacts, event: Mapping[str, Any]) -> None:
    facts.findings[Finding(event["outcome"], event["subject"], event["detail"])] = None


def _go_on(facts: RunFacts, event: Mapping[str, Any]) -> None:
    facts.finished, facts.status = "", "interrupted"
    facts.last_sign = max(facts.last_sign, event["at"])
    facts.findings.clear()


def _end(facts: RunFacts, event: Mapping[str, Any]) -> None:
    facts.finished, facts.status = event["at"], event["status"]
    facts.last_sign = max(facts.last_sign, event["at"])


_CHANGES: Mapping[str, Callable[[RunFacts, Mapping[str, Any]], None]] = {
    "outcome": _note,
    "run-resumed": _go_on,
    "run-ended": _end,
}


class Told:
    """What the journal says of runs already: a replay of a night that was replayed before says nothing new."""

    def __init__(self, events: Iterable[Mapping[str, Any]] = ()) -> None:
        self._latest: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._outcomes: set[tuple[str, ...]] = set()
        for event in events:
            self.add(event)

    def add(self, event: Mapping[str, Any]) -> None:
        """Take note of an event that the journal has now."""
        if event.get("event") == "outcome":
            self._outcomes.add(_outcome(event))
        elif event.get("event") == "run-resumed":
            self._outcomes = {said for said in self._outcomes if said[0] != event["run"]}
            self._latest.pop((event["run"], "run-ended"), None)
        elif "run" in event:
            self._latest[event["run"], event["event"]] = event

    def is_news(self, event: Mapping[str, Any]) -> bool:
        """Tell whether `event` would change what the journal says of its run."""
        if event["event"] == "outcome":
            return _outcome(event) not in self._outcomes
        latest = self._latest.get((event["run"], event["event"]))
        return latest is None or any(latest.get(key) != value for key, value in event.items())


def _outcome(event: Mapping[str, Any]) -> tuple[str, ...]:
    return (event["run"], event["outcome"], event["subject"], event["detail"])
