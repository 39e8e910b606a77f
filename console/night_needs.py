"""What of a night needs a person: worked out from its summary, each with what to do; says names and figures only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from archive.counted import counted
from archive.nights import Need
from archive.outcomes import OUTCOMES
from archive.watches.watch_file import WATCHES
from console.steps import DONE

# So few nights before the disk is full somebody has to know.
FEW_NIGHTS = 14
# What follows from other trouble, where there is such.
_FOLLOW = frozenset({"below-expected", "robots-unreachable"})
# What all sources have together where this machine has no network: it is said once.
_NO_NAMES = "name-not-resolved"
_ENDED_WELL = ("finished", "limit", "budget", "failed")


def needs_of(told: Mapping[str, Any], *, stopped: bool = False) -> list[Need]:
    """Return what needs a look, the gravest first."""
    return [
        *_of_release(told),
        *_of_steps(told),
        *_of_sources(told),
        *_of_cluster(told),
        *_of_curation(told),
        *_of_delivery(told),
        *_of_disk(told),
        *_of_ends(told),
        *(_of_stop(told) if stopped else ()),
    ]


def _of_release(told: Mapping[str, Any]) -> Iterator[Need]:
    if told["serves"]:
        yield Need(
            "release", "served", "the release that is to be served isn't what it should be", "`oversight verify`"
        )
    release = told["release"] or {}
    for one in release.get("closed", ()):
        yield Need("gate", one["gate"], f"no new release: {one['reason']}", one.get("remedy", ""))
    failing = {run["source"] for run in told.get("runs", ()) if run["failures"]}
    for one in release.get("looks", ()):
        if one["gate"] != "sources" and one.get("source") not in failing:  # these are told of one by one
            yield Need("gate", one["gate"], one["reason"], one.get("remedy", ""))
    if release.get("not_stamped"):
        yield Need("release", "time-stamp", "the authority gave no time-stamp", "The next release asks again.")


def _of_steps(told: Mapping[str, Any]) -> Iterator[Need]:
    for step in told["steps"]:
        if step["status"] != DONE:
            why = f"{step['status']}: {step['why'].partition(':')[0]}"
            yield Need("step", step["name"], why, "The log says more. The next night goes on from there.")


def _of_cluster(told: Mapping[str, Any]) -> Iterator[Need]:
    for why in told.get("cluster", ()):
        yield Need("cluster", "workers", why, "docs/scale.md says what a cluster needs.")


def _of_sources(told: Mapping[str, Any]) -> Iterator[Need]:
    for one in told.get("broken", ()):
        why = f"its run broke ({one['why'].partition(':')[0]})"
        yield Need("source", one["source"], why, "A mistake in this program: the log says where.")
    runs = told.get("runs", ())
    failing = [run for run in runs if run["failures"] or run["status"] not in _ENDED_WELL]
    if len(failing) > 1 and _had_no_network(runs, failing):
        why = f"none of {len(failing)} sources gave anything: no name could be resolved"
        yield Need("source", "network", why, OUTCOMES[_NO_NAMES].remedy)
        return
    for run in failing:
        yield Need("source", run["source"], _why(run), _remedy(run))


def _had_no_network(runs: Sequence[Mapping[str, Any]], failing: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether nothing came, and for this reason alone: a dead link of a source that answers is another thing."""
    causes = {outcome for run in failing for outcome in run["failed"]} - _FOLLOW
    return causes == {_NO_NAMES} and not any(run["captures"] for run in runs)


def _why(run: Mapping[str, Any]) -> str:
    """Say how a run went: how it ended, and what failed, counted."""
    failed = [f"{count:,} {outcome}" for outcome, count in run["failed"].items()]
    ended = {"failed": "not as expected", "finished": "", "limit": ""}.get(run["status"], run["status"])
    return ": ".join(part for part in (ended, ", ".join(failed)) if part) or "it has no end"


def _remedy(run: Mapping[str, Any]) -> str:
    """Return what to do about the outcome that most of what failed has, but for those that only follow from others."""
    failed = run["failed"]
    if not failed:
        return "The next night goes on with it."
    causes = [outcome for outcome in failed if outcome not in _FOLLOW] or list(failed)
    return OUTCOMES[max(causes, key=lambda outcome: failed[outcome])].remedy


def _of_curation(told: Mapping[str, Any]) -> Iterator[Need]:
    problems = told.get("curation", ())
    if problems:
        of_watches = all(problem.startswith(f"{WATCHES}/") for problem in problems)
        remedy = (
            "Mend the line that is named; docs/watches.md says how a watch is written."
            if of_watches
            else OUTCOMES["curation-unreadable"].remedy
        )
        about = "an entry or file" if len(problems) == 1 else f"{len(problems)} entries or files"
        yield Need("curation", "curation", f"{about} can't be understood", remedy)


def _of_delivery(told: Mapping[str, Any]) -> Iterator[Need]:
    delivered = told["delivered"] or {}
    for one in delivered.get("failures", ()):
        stopped = f"It is stopped: `oversight deliver --resume {one['to']}` tries again."
        yield Need("delivery", one["to"], one["reason"], stopped if one["stopped"] else f"Tried again {one['again']}.")
    for one in delivered.get("waiting", ()):
        yield Need(
            "delivery",
            one["to"],
            f"{counted(one['messages'], 'message')} still due: {one['why']}",
            "`oversight deliver`",
        )
    for one in delivered.get("set_aside", ()):
        remedy = f"`oversight deliver --message {one['message']}` sends it all the same."
        yield Need("delivery", one["to"], f"a message was set aside: {one['reason']}", remedy)


def _of_disk(told: Mapping[str, Any]) -> Iterator[Need]:
    nights = told.get("room", {}).get("nights")
    if nights is not None and nights < FEW_NIGHTS and not told["replay"]:
        why = f"room for {counted(nights, 'more night')} like those of late"
        yield Need("disk", "disk", why, "Make room, or add a disk.")


def _of_ends(told: Mapping[str, Any]) -> Iterator[Need]:
    for one in told.get("expiries", ()):
        if one["near"]:
            yield Need("expiry", one["name"], one["why"] or ends_in_words(one), one["do"])


def ends_in_words(one: Mapping[str, Any]) -> str:
    """Say when something ends, or ended."""
    return f"ended on {one['on']}" if one["days"] < 0 else f"{counted(one['days'], 'day')} left, till {one['on']}"


def _of_stop(told: Mapping[str, Any]) -> Iterator[Need]:
    why = f"stopped, {counted(told.get('not_begun', 0), 'run')} not begun; nothing was published"
    yield Need("step", "crawl", why, "The same command goes on.")
