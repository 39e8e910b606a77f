"""The one writer's side: takes in what attempts handed over, whole units only, each of them once.

What is taken in twice (a task delivered twice, an attempt taken in and not cleared) changes nothing. An attempt is
cleared from the store when all of it is in the archive, synced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from archive.catalog.runs import Told, fold
from archive.folder import ArchiveFolder
from archive.model import Finding
from archive.outcomes import OUTCOMES
from archive.store.errors import RecordDamaged
from archive.store.group import Described
from archive.store.handed_over import described, response_id
from archive.store.index import find_capture
from archive.store.record import RecordError
from archive.store.unit import Unit, read_unit, read_warcinfo
from pipelines.cluster.attempts import Attempt
from pipelines.keeping import GROUP_BYTES

# What an attempt may say of its run; all else is the writer's to say.
EVENTS = ("run-started", "run-resumed", "outcome")
END = "run-ended"


@dataclass(slots=True)
class Taken:
    """What came of an attempt: how many captures were new, how many were held, what was wrong with what was handed
    over, how the hosts stand that it asked, why its machine took in nothing more, and what mistake of ours ended it."""

    new: int = 0
    held: int = 0
    problems: list[Finding] = field(default_factory=list)
    hosts: Mapping[str, Any] = field(default_factory=dict)
    refused: str = ""
    broken: str = ""


def take_in(archive: ArchiveFolder, attempt: Attempt) -> Taken:
    """Take in an attempt that is over, and clear it. Raises StoreFull, StoreFailed, OSError: it is then left there."""
    taken = Taken()
    job, end = _job(attempt), _end(attempt, taken)
    if job is None:
        if attempt.shared.names(f"{attempt.folder}/pieces"):
            taken.problems.append(Finding("file-unknown", attempt.folder, "its job can't be read; it is left there"))
        else:
            attempt.clear()
        return taken
    if end or attempt.has("sign"):
        told = Told(event for event in archive.journal.read() if event.get("run") == attempt.run)
        for event in _begin(job, end):
            _say(archive, told, attempt.run, event)
        whole = _take_pieces(archive, attempt, end, taken)
        for event in _rest(end, whole=whole):
            _say(archive, told, attempt.run, event)
        hosts = end.get("hosts") or attempt.told("sign").get("hosts")
        taken.hosts = dict(hosts) if isinstance(hosts, Mapping) and _are_hosts(hosts) else {}
        taken.refused, taken.broken = str(end.get("refused", "")), str(end.get("broken", ""))
    attempt.clear()
    return taken


def _job(attempt: Attempt) -> dict[str, Any] | None:
    try:
        job = attempt.job()
    except (OSError, ValueError, TypeError, EOFError):
        return None
    return job if isinstance(job.get("run"), dict) and job["run"].get("id") == attempt.run else None


def _end(attempt: Attempt, taken: Taken) -> dict[str, Any]:
    """Return what came of an attempt; nothing where what it says is none of ours, as if it had been killed.

    What is noted in the journal stays there for good, so nothing is taken from here that can't be read again.
    """
    end = attempt.told("end")
    pieces = end.get("pieces", [])
    if (
        _are_events(end.get("events", []), attempt.run)
        and isinstance(pieces, list)
        and all(
            isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one) for one in pieces
        )
        and _are_hosts(end.get("hosts", {}))
    ):
        return end
    taken.problems.append(Finding("record-altered", f"{attempt.folder}/end", "it is no end that an attempt has"))
    return {}


def _are_events(events: object, run: str) -> bool:
    """Tell whether these are events of a run that can be read again (archive/catalog/runs.py)."""
    began = {"event": "run-started", "run": run, "source": "", "night": "", "at": "", "replay": False}
    try:
        fold([{**began, "minimum": None, "maximum": None}, *events])  # type: ignore[misc]
        return all(one["run"] == run and _is_event(one) for one in events)  # type: ignore[attr-defined]
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _is_event(event: Mapping[str, Any]) -> bool:
    texts = {"outcome": ("outcome", "subject", "detail"), END: ("at", "status")}.get(event["event"], ("at",))
    return all(isinstance(event[name], str) for name in texts) and event.get("outcome", "blocked") in OUTCOMES


def _are_hosts(hosts: object) -> bool:
    """Tell whether this is how hosts stand: by name when each was asked, and how long it is to be left alone."""
    return isinstance(hosts, Mapping) and all(
        isinstance(told, list)
        and len(told) == 2
        and all(isinstance(one, int | float) and isfinite(one) for one in told)
        for told in hosts.values()
    )


def _begin(job: Mapping[str, Any], end: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield how the run began; of an attempt that didn't live to say so, as its job has it."""
    said = [event for event in end.get("events", []) if event.get("event") in EVENTS[:2]]
    if end:
        yield from said
        return
    run = dict(job["run"])
    yield {"event": "run-started", "run": run.pop("id"), **run}
    if job["own"].get("RESUMED"):
        yield {"event": "run-resumed", "run": job["run"]["id"], "at": job["at"]}


def _rest(end: Mapping[str, Any], *, whole: bool) -> Iterator[dict[str, Any]]:
    """Yield what became of requests without a capture; and the run's end, if all that it captured is here."""
    for event in end.get("events", []):
        if event.get("event") == "outcome" or (event.get("event") == END and whole):
            yield event


def _say(archive: ArchiveFolder, told: Told, run: str, event: Mapping[str, Any]) -> None:
    if event.get("run") == run and told.is_news(event):
        facts = {name: value for name, value in event.items() if name != "event"}
        archive.journal.append(str(event["event"]), **facts)
        told.add(event)


def _take_pieces(archive: ArchiveFolder, attempt: Attempt, end: Mapping[str, Any], taken: Taken) -> bool:
    """Take in all whole units that were handed over; say whether they are all that were to be."""
    promised = {str(name): str(digest) for name, digest in end.get("pieces", [])}
    there = [name.removeprefix(f"{attempt.folder}/") for name in attempt.shared.names(f"{attempt.folder}/pieces")]
    for name in sorted(promised.keys() - set(there)):
        taken.problems.append(Finding("record-missing", name, "the shared store doesn't have it"))
    made_from: dict[str, str] = {}
    for name in sorted(there):
        content = attempt.get(name)
        if promised.get(name, "") not in ("", hashlib.sha256(content).hexdigest()):
            taken.problems.append(Finding("record-altered", name, "it is not what was handed over"))
        _take_units(archive, attempt.run, name, content, taken, made_from)
    return not taken.problems


def _take_units(
    archive: ArchiveFolder, run: str, name: str, content: bytes, taken: Taken, made_from: dict[str, str]
) -> None:
    group: list[Described] = []
    room = GROUP_BYTES
    for unit in _units(name, content, taken):
        if unit.capture.run != run:
            taken.problems.append(Finding("record-altered", name, "it is another run's", unit.capture.id))
            continue
        made_from[response_id(unit.capture)] = unit.capture.id
        if find_capture(archive.connection, unit.capture.id) is not None:
            taken.held += 1
            continue
        if unit.revisit_of:  # it may refer to one before it
            _add(archive, group, taken)
        try:
            one = described(archive.store, unit, made_from)
        except (RecordError, RecordDamaged) as error:
            taken.problems.append(Finding("record-altered", name, str(error), unit.capture.id))
            continue
        group.append(one)
        room -= len(one.exchange.response)
        if room < 0:
            _add(archive, group, taken)
            room = GROUP_BYTES
    _add(archive, group, taken)


def _add(archive: ArchiveFolder, group: list[Described], taken: Taken) -> None:
    if group:
        archive.store.add_all(group)
        taken.new += len(group)
        group.clear()


def _units(name: str, content: bytes, taken: Taken) -> Iterator[Unit]:
    """Yield the whole units of a stretch; what follows on the first that isn't whole is named."""
    position = 0
    try:
        if name.endswith(f"@{0:012d}"):
            position = read_warcinfo(content, name.removeprefix("pieces/").partition("@")[0])
        while position < len(content):
            unit = read_unit(content, position)
            yield unit
            position = unit.end
    except RecordError as error:
        taken.problems.append(
            Finding("tail-cut", name, f"{len(content) - position} bytes from byte {position}: {error}")
        )
