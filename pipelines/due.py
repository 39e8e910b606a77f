"""Which sources a night is for: each has its own rhythm; one whose run isn't at its end, or failed, is asked again.

It goes by the journal, which knows of a run before the catalogue does; the day is handed in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from archive.catalog.runs import UNFINISHED, RunFacts, fold
from archive.nights import ENDED as NIGHT_ENDED
from pipelines.conditional import days_before
from pipelines.crawl import Crawled
from pipelines.resume import is_whole
from pipelines.rhythm import EVERY_DAY, Rhythm, rhythm_of


@dataclass(frozen=True, slots=True)
class Due:
    """Whether a source is crawled tonight, and why, in words; `next` is the day on which it is due, "" for tonight."""

    source: str
    due: bool
    why: str
    next: str = ""


def due_tonight(
    sources: Sequence[str],
    every: Mapping[str, str],
    events: Iterable[Mapping[str, Any]],
    today: str,
    failed: Collection[str] = (),
) -> list[Due]:
    """Say of each source whether it is due on a day.

    `every` are the rhythms that differ from every day, `events` the journal's, `failed` the ids of runs that weren't
    as expected.
    """
    latest = latest_runs(events)
    day = date.fromisoformat(today)
    return [_due(name, rhythm_of(every.get(name, EVERY_DAY)), latest.get(name), day, failed) for name in sources]


def latest_runs(events: Iterable[Mapping[str, Any]]) -> dict[str, RunFacts]:
    """Return the latest run of each source that was one of all of it, against the network."""
    latest: dict[str, RunFacts] = {}
    for run in fold(events).values():
        if is_whole(run) and (run.source not in latest or run.started > latest[run.source].started):
            latest[run.source] = run
    return latest


def _due(name: str, rhythm: Rhythm, run: RunFacts | None, today: date, failed: Collection[str]) -> Due:
    if run is None:
        wait = "" if rhythm.is_due(None, today) else str(rhythm.next_due(today, today))
        return Due(name, not wait, "it never ran", wait)
    if run.status in UNFINISHED:
        return Due(name, due=True, why="its last run isn't at its end")
    last = date.fromisoformat(run.night)
    if run.id in failed and last != today:
        return Due(name, due=True, why="its last run failed")
    if rhythm.is_due(last, today):
        return Due(name, due=True, why=f"every {rhythm.words}")
    return Due(name, due=False, why=f"every {rhythm.words}", next=str(rhythm.next_due(last, today)))


def gone_on_with(crawled: Crawled, events: Iterable[Mapping[str, Any]], at: str) -> Crawled:
    """Return what was crawled with the runs that came to their end since a night was last told of: of a night that was
    killed and gone on with, what its first part gave has to be told too. A day ago is another night."""
    told = list(events)
    last = max((place for place, event in enumerate(told) if event["event"] == NIGHT_ENDED), default=-1)
    runs = fold(told)
    ended = [str(event["run"]) for event in told[last + 1 :] if event["event"] == "run-ended" and event["run"] in runs]
    since = days_before(at, 1)
    own = [one for one in ended if is_whole(runs[one]) and runs[one].last_sign >= since]
    return replace(crawled, runs=tuple(dict.fromkeys([*own, *crawled.runs])))


def longest_gaps(every: Mapping[str, str]) -> dict[str, int]:
    """Return how many days lie between two runs at most, of each source that isn't crawled every day."""
    return {name: rhythm_of(words).longest for name, words in every.items()}
