"""Runs, as the journal tells them: what can't be read out of the captures themselves.

The journal's events for a run are `run-started` (run, source, night, at, replay, minimum, maximum), `outcome`
(run, outcome, subject, detail) and `run-ended` (run, at, status). Folding them is idempotent: a run that was killed and
done again reads like one that was never disturbed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.model import Finding


@dataclass(slots=True)
class RunFacts:
    """One run as the journal has it; `finished` is "" while it goes on, or when it was killed."""

    id: str
    source: str
    night: str = ""
    started: str = ""
    finished: str = ""
    status: str = "interrupted"
    replay: bool = False
    minimum: int | None = None
    maximum: int | None = None
    findings: list[Finding] = field(default_factory=list)


def fold(events: Iterable[Mapping[str, Any]]) -> dict[str, RunFacts]:
    """Return the runs by id, the later event of a kind standing for the earlier."""
    runs: dict[str, RunFacts] = {}
    for event in events:
        if event.get("event") == "run-started":
            facts = runs.setdefault(event["run"], RunFacts(event["run"], event["source"]))
            facts.night, facts.started, facts.replay = event["night"], event["at"], event["replay"]
            facts.minimum, facts.maximum = event["minimum"], event["maximum"]
        elif event.get("event") == "outcome" and event["run"] in runs:
            finding = Finding(event["outcome"], event["subject"], event["detail"])
            if finding not in runs[event["run"]].findings:
                runs[event["run"]].findings.append(finding)
        elif event.get("event") == "run-ended" and event["run"] in runs:
            runs[event["run"]].finished, runs[event["run"]].status = event["at"], event["status"]
    return runs


def is_news(events: Iterable[Mapping[str, Any]], event: Mapping[str, Any]) -> bool:
    """Tell whether `event` would change what the journal says of its run.

    A replay of a night that was replayed before says nothing new, so it adds no line.
    """
    latest: Mapping[str, Any] | None = None
    for earlier in events:
        if earlier.get("run") != event["run"] or earlier.get("event") != event["event"]:
            continue
        if event["event"] == "outcome":
            if all(earlier.get(key) == value for key, value in event.items()):
                return False
        else:
            latest = earlier
    return latest is None or any(latest.get(key) != value for key, value in event.items())
