"""A night's summary for a person at breakfast: what came, what changed, what needs a look, and what was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from archive.counted import counted
from archive.outcomes import OUTCOMES
from console.answers import shown

_IN_WORDS = {0: "all is well", 1: "something needs a look", 2: "nothing was published that should have been"}
# Of what failed so many examples are shown for each outcome.
_EXAMPLES = 2


def show_night(told: Mapping[str, Any]) -> None:
    """Print the summary."""
    click.echo(f"Night of {told['night']}: {_IN_WORDS.get(told['status'], 'it was ended before its end')}.")
    lines = {
        "sources": _sources(told),
        "came": _came(told),
        "changed": ", ".join(f"{count:,} {kind}" for kind, count in told.get("changes", {}).items()),
        "release": _release(told),
        "watches": _messages(told["messages"]),
        "sent": _sent(told["delivered"]),
        "disk": _disk(told.get("room")),
        "took": ", ".join(f"{step['name']} {_span(step['seconds'])}" for step in told["steps"]),
    }
    for name, line in lines.items():
        if line:
            click.echo(shown(f"  {name:8} {line}"))
    for line in [*_missed(told), *_needs(told), *_examples(told)]:
        click.echo(shown(line))


def _sources(told: Mapping[str, Any]) -> str:
    due = [one for one in told["due"] if one["due"]]
    waiting = sorted(f"{one['source']} ({one['next']})" for one in told["due"] if not one["due"])
    begun = f"{len(due)} of {len(told['due'])}" if waiting else f"{len(due)}"
    return f"{begun} crawled" + (f"; not due: {', '.join(waiting)}" if waiting else "")


def _came(told: Mapping[str, Any]) -> str:
    added = {name: count for name, count in told.get("added", {}).items() if count}
    if added:
        return ", ".join(f"{count:,} {name}" for name, count in added.items())
    return "nothing was added" if told.get("failures") else "nothing was added: all of this was held already"


def _release(told: Mapping[str, Any]) -> str:
    release = told["release"]
    if release is None:
        return "none was built"
    if release["closed"]:
        return "none was built; the last one is served on"
    documents = counted(release["documents"], "document")
    return (
        f"{release['number']}, {documents}" if release["new"] else f"nothing is new since release {release['number']}"
    )


def _messages(messages: Mapping[str, Any] | None) -> str:
    if messages is None:
        return ""
    hits, made = counted(messages["hits"], "match", "matches"), counted(messages["made"], "message")
    began = f"; told from now on: {', '.join(messages['began'])}" if messages.get("began") else ""
    return f"{messages['watches']:,}, {hits}, {made} made{began}"


def _sent(delivered: Mapping[str, Any] | None) -> str:
    if delivered is None:
        return ""
    due = f", {delivered['due']:,} still due" if delivered["due"] else ""
    return f"{counted(delivered['sent'], 'message')}{due}"


def _disk(room: Mapping[str, Any] | None) -> str:
    if not room:
        return ""
    lasts = "" if room["nights"] is None else f", room for {room['nights']:,} nights like those of late"
    return f"{room['free'] >> 20:,} MB free{lasts}"


def _span(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {int(seconds % 60)} s" if minutes else f"{seconds:.1f} s"


def _missed(told: Mapping[str, Any]) -> Iterator[str]:
    for one in told.get("missed", ()):
        yield f"  missed   {one['source']}: {counted(one['nights'], 'night')}, {one['first']} to {one['last']}"


def _needs(told: Mapping[str, Any]) -> Iterator[str]:
    for need in told["needs"]:
        about = need["name"] if need["about"] == need["name"] else f"{need['about']} {need['name']}"
        yield f"! {about}: {need['why']}"
        if need["do"]:
            yield f"    → {need['do']}"
        if need["about"] == "curation":
            yield from (f"    {problem}" for problem in told.get("curation", ()))
    if told["serves"]:
        yield f"  {told['serves']}"


def _examples(told: Mapping[str, Any]) -> Iterator[str]:
    for outcome in told.get("outcomes", ()):
        if outcome["severity"] == "failure":
            yield f"  {outcome['outcome']} ({outcome['count']:,}): {OUTCOMES[outcome['outcome']].meaning}"
            if outcome["remedy"] != OUTCOMES[outcome["outcome"]].remedy:  # it is told by what was seen beside it
                yield f"    → {outcome['remedy']}"
            yield from (f"    {example}" for example in outcome["examples"][:_EXAMPLES])
