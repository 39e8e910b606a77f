"""`oversight status`: how an archive is, for a person who has a minute: what needs a look first, then the rest."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from archive.counted import counted
from archive.nights import Need, nights_in
from archive.release.folder import Releases
from archive.release.gates import remedy_of
from archive.release.history import History
from archive.research.engine import engine
from archive.research.missed import overdue
from archive.research.status import archive_status
from archive.store.journal import Journal
from archive.store.room import forecast
from archive.watches.outbox import Outbox, stopped_in
from archive.watches.watch_file import read_watches
from console.answers import of_release, show_json, show_status, shown
from console.copying import BACKED_UP
from console.ending import Exit
from console.looking import open_to_read
from console.night_needs import FEW_NIGHTS, ends_in_words
from console.options import archive_option, json_option
from console.verifying import last_checked, show_last_checked
from pipelines.clock import now
from pipelines.due import longest_gaps
from pipelines.plan import followed
from pipelines.told import checked_settings

Event = Mapping[str, Any]
# Days after which a backup, and a look at all that is held, is old.
OLD_BACKUP, OLD_LOOK = 8, 35


@click.command()
@click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
@json_option
@archive_option
@click.pass_obj
def status(folder: Path, release: int | None, as_json: bool) -> None:
    """Say what needs a look, how the sources are, and what the archive holds.

    The exit status is 1 where something needs a look, for a program that watches over it. Of the site's certificate its
    public address is asked (ARCHIVE_ADDRESS), and nothing else of the network.

    \b
    Examples: oversight status --archive data/demo --json
              oversight status --release 12
    """
    if release is not None:
        with closing(open_to_read(folder, release)) as catalogue:
            state = archive_status(catalogue)
        show_json(of_release(release, state)) if as_json else show_status(state)
        return
    state = read_status(folder)
    if as_json:
        show_json(state)
    else:
        _show(state)
    if state["needs"]:
        sys.exit(Exit.FAILED)


def late_sources(catalogue: sqlite3.Connection, settings: Any) -> dict[str, str]:
    """Return the sources that are overdue by their rhythms, each with the first day without a run."""
    gaps = longest_gaps(settings.getdict("EVERY"))
    return overdue(catalogue, now()[:10], followed(settings, live=True), gaps)


def read_status(folder: Path) -> dict[str, Any]:
    """Return how an archive is, `needs` first."""
    from pipelines.expiries import expiries  # noqa: PLC0415 (what reads certificates is large)

    settings, today = checked_settings(folder), now()[:10]
    with closing(open_to_read(folder)) as catalogue:
        state = archive_status(catalogue, late_sources(catalogue, settings))
        state["room"] = asdict(forecast(folder, catalogue, settings.getint("KEEP_FREE")))
        lives = bool(catalogue.execute("SELECT 1 FROM runs WHERE NOT replay LIMIT 1").fetchone())
    sound, damage = Journal(folder).sound()
    events: Sequence[Event] = [event for _, event in sound]
    state |= {
        "lives": lives,
        "journal": damage,
        "last_night": _last_night(events),
        "published": _published(folder, events),
        "backup": _last(events, BACKED_UP),
        "verified": last_checked(folder),
        "watches": _watches(folder, events),
        "expiries": [{**asdict(one), "near": one.is_near} for one in expiries(events, today)],
        "sqlite": engine(),
    }
    state["needs"] = [asdict(one) for one in needs_of(state, events, today)]
    return state


def _last(events: Sequence[Event], kind: str) -> str | None:
    return max((str(event.get("at", "")) for event in events if event["event"] == kind), default=None)


def _last_night(events: Sequence[Event]) -> dict[str, Any] | None:
    nights = nights_in(events)
    names = ("night", "began", "at", "status", "added", "changes", "release", "needs", "steps")
    return {name: nights[-1].get(name) for name in names} if nights else None


def _published(folder: Path, events: Sequence[Event]) -> dict[str, Any]:
    history, releases = History.of(events), Releases(folder)
    try:
        current = releases.current()
    except (OSError, ValueError):
        current = None
    built = history.built.get(current or 0, {})
    gates = [{**gate, "do": remedy_of(gate)} for gate in (history.refused or {}).get("gates", ())]
    since = (history.refused or {}).get("at")
    return {"current": current, "built": built.get("at"), "held_back_since": since, "gates": gates}


def _watches(folder: Path, events: Sequence[Event]) -> dict[str, Any]:
    """Return how many watches there are, and what became of their messages."""
    watches = read_watches(folder).held
    outbox = Outbox.of(events)
    due = outbox.due({watch.name: [one.name for one in watch.destinations] for watch in watches})
    stopped = [{"to": one.to, "since": one.stopped, "reason": one.reason} for one in stopped_in(events)]
    return {"watches": len(watches), "made": len(outbox.made), "due": sum(map(len, due.values())), "stopped": stopped}


def needs_of(state: Mapping[str, Any], events: Sequence[Event], today: str) -> Iterator[Need]:
    """Yield what needs a look, the gravest first."""
    if state["journal"]:
        yield Need("journal", "journal", state["journal"], "`oversight restore` from a backup.")
    for gate in state["published"]["gates"]:
        why = f"no release since {str(state['published']['held_back_since'])[:10]}: {gate['reason']}"
        yield Need("gate", gate["gate"], why, gate["do"])
    for one in state.get("watches", {}).get("stopped", ()):
        why = f"it is sent nothing since {one['since'][:10]}: {one['reason']}"
        yield Need("delivery", one["to"], why, f"`oversight deliver --resume '{one['to']}'` goes on.")
    yield from _of_last_night(state["last_night"])
    for source in state["sources"]:
        if source["overdue"]:
            why = f"no run since {source['overdue']}"
            yield Need("source", source["name"], why, "Is the timer running? `oversight nightly` catches up.")
        elif source["health"] in ("failing", "interrupted"):
            yield Need("source", source["name"], source["health"], "/sources says what failed, and what to do.")
    nights = state["room"]["nights"]
    if nights is not None and nights < FEW_NIGHTS and state["lives"]:
        yield Need("disk", "disk", f"room for {counted(nights, 'more night')}", "Make room, or add a disk.")
    for one in state["expiries"]:
        if one["near"]:
            yield Need("expiry", one["name"], one["why"] or ends_in_words(one), one["do"])
    yield from _of_care(state, events, today)


def _of_last_night(night: Mapping[str, Any] | None) -> Iterator[Need]:
    """Yield what the last night said that isn't told otherwise: a step that failed, a watch, a time-stamp."""
    for need in (night or {}).get("needs") or ():
        if need["about"] not in ("source", "gate", "disk", "expiry"):
            yield Need(need["about"], need["name"], f"last night: {need['why']}", need["do"])


def _of_care(state: Mapping[str, Any], events: Sequence[Event], today: str) -> Iterator[Need]:
    """Yield what an archive that lives should have by now: a backup, and a look at all that it holds."""
    live = [one for one in events if one["event"] == "run-started" and not one["replay"]]
    begun = min((str(one["at"])[:10] for one in live), default="")
    if not state["lives"] or not begun:
        return
    backup = (state["backup"] or begun)[:10]
    if _days(backup, today) > OLD_BACKUP:
        why = f"the last one is {_days(backup, today)} days old" if state["backup"] else "there is none"
        yield Need("backup", "backup", why, "`oversight backup PLACE`; docs/operating.md has a timer for it.")
    looks = [part["oldest"] for part in state["verified"].values() if part["oldest"]]
    if _days(min(looks, default=begun)[:10], today) > OLD_LOOK:
        why = (
            f"a part of what is held was last looked at on {min(looks)[:10]}" if looks else "nothing was ever verified"
        )
        yield Need("verification", "verify", why, "`oversight verify`, or a part of it each day (`--part 1/7`).")


def _days(day: str, today: str) -> int:
    return (date.fromisoformat(today) - date.fromisoformat(day)).days


def _show(state: Mapping[str, Any]) -> None:
    """Print what needs a look, then everything else."""
    for need in state["needs"]:
        about = need["name"] if need["about"] == need["name"] else f"{need['about']} {need['name']}"
        click.echo(shown(f"! {about}: {need['why']}"))
        if need["do"]:
            click.echo(shown(f"    → {need['do']}"))
    if not state["needs"]:
        click.echo("All is well.")
    for line in _lines(state):
        click.echo(shown(line))
    show_status(state)
    show_last_checked(state["verified"])


def _lines(state: Mapping[str, Any]) -> Iterator[str]:
    night, published, nights = state["last_night"], state["published"], state["room"]["nights"]
    yield f"last night:  {night['night']}, ended with {night['status']}" if night else "last night:  none yet"
    release = f"{published['current']}, built {published['built']}" if published["current"] else "none yet"
    yield f"release:     {release}"
    yield f"backup:      {state['backup'] or 'never'}"
    if nights is not None and state["lives"]:
        full = date.fromisoformat(now()[:10]) + timedelta(min(nights, 36_500))
        yield f"disk:        full about {full}" if nights < 3_650 else "disk:        room for ten years and more"
    if state["watches"]["watches"]:
        told = state["watches"]
        made = counted(told["made"], "message")
        yield f"watches:     {told['watches']:,}, {made} made, {told['due']:,} still to be sent"
    for one in state["expiries"]:
        yield f"ends:        {one['name']}: {one['why'] or ends_in_words(one)}"
    yield ""
