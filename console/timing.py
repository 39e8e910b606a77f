"""`oversight search --over-time`, and what a document said on a day, as people read them on a terminal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import click

from archive.research.documents import find_document
from archive.research.on_day import is_day, on_day
from archive.research.reading import find_text
from console.answers import shown
from console.ending import Exit, end


def require_day(day: str | None) -> None:
    """Raise a usage error for what is no day."""
    if day is not None and not is_day(day):
        raise click.UsageError(f"{day!r} is no day; write it like 2018-01-26.")


def show_over_time(found: Mapping[str, Any]) -> None:
    """Print since when and until when what was asked for has stood, in all the archive and by document."""
    for note in found["notes"]:
        click.echo(shown(note), err=True)
    given = len(found["results"])
    more = f"; the first {given} (--limit N shows more)" if given < found["total"] else ""
    click.echo(f"{found['total']} document{'s'[: found['total'] != 1]}{more}")
    for which, at in (("first", "at"), ("last", "until")):
        if sight := found[which]:
            click.echo(shown(f"{which} seen {sight[at]}  {sight['title'] or sight['identifier']}  {sight['url']}"))
    for result in found["results"]:
        number = "" if result["identifier"] in result["title"] else f"{result['identifier']}  "
        click.echo()
        click.echo(shown(f"{number}{result['title']}  ({result['collection']})"))
        click.echo(f"  in {result['stands_in']} of {result['versions']} version{'s'[: result['versions'] != 1]}"
                   f"{'' if result['in_newest'] else ', not in the newest'}")  # fmt: skip
        for line in _stretch_lines(result):
            click.echo(shown(line))


def show_changed(found: Mapping[str, Any]) -> None:
    """Print the changes that added, or removed, what was asked for, each passage with its address."""
    for note in found["notes"]:
        click.echo(shown(note), err=True)
    given = len(found["results"])
    more = f"; the first {given} (--limit N shows more)" if given < found["total"] else ""
    click.echo(f"{found['total']} change{'s'[: found['total'] != 1]} {found['in']} it{more}")
    for result in found["results"]:
        click.echo()
        click.echo(shown(f"{result['title'] or result['id']}  ({result['collection']})"))
        click.echo(shown(f"  version {result['ordinal']}, first seen {result['first_seen']}: {result['summary']}"))
        for one in result["passages"]:
            click.echo(shown(f"  p{one['page']}  {one['snippet']}"))
            click.echo(f"     {one['url']}")


def _stretch_lines(result: Mapping[str, Any]) -> Iterator[str]:
    for one in result["stretches"]:
        first, last = one["from"], one["to"]
        until = f" to {last['until']}" if last["until"] != first["at"] else ""
        yield f"  {first['at']}{until}"
        yield f"     from version {first['ordinal']}, page {first['page']}: {first['url']}"
        if last["version"] != first["version"]:
            yield f"     to version {last['ordinal']}, page {last['page']}: {last['url']}"
        for name in ("before", "after"):
            if sight := one[name]:
                said = "doesn't say it" if sight["wholly_read"] else "can't tell: not all of it could be read"
                yield f"     {name}: version {sight['ordinal']}, seen {sight['at']}, {said}"
    if result["stretches_left_out"]:
        yield f"  {result['stretches_left_out']} more between these are left out"
    if result["not_wholly_read"]:
        yield f"  not all could be read of {len(result['not_wholly_read'])} more of its versions"


def version_on(catalogue: sqlite3.Connection, named: str, day: str) -> dict[str, Any]:
    """Return what is known of a document on a day (see archive/research/on_day.py), under `address` the version that
    was in force; ends the command where nothing is held under that name, or nothing had been captured by then."""
    found = find_text(catalogue, named)
    document = find_document(catalogue, found["document"]) if found else None
    if document is None:
        end(f"Nothing held is known as {named!r}. Look for it with `oversight search`.", Exit.FAILED)
    known = on_day(catalogue, document["id"], day)
    if known["version"] is None:
        first = known["first"]
        begins = f" What is held begins with version {first['ordinal']}, captured {first['at']}." if first else ""
        own = ", ".join(f"{name} {document[name]}" for name in ("published", "posted") if document[name])
        end(f"By the end of {day} nothing of it had been captured.{begins}"
            + (f" Its own dates are another matter: {own}." if own else ""), Exit.FAILED)  # fmt: skip
    return known


def show_day(known: Mapping[str, Any]) -> None:
    """Say, beside a version's text, why it is this version's."""
    captured = "captured that day" if known["captured_that_day"] else "last captured before that"
    again = f", and again {known['again']}" if known["again"] else ""
    after = f"; version {known['next']['ordinal']} was seen {known['next']['at']}" if known["next"] else ""
    click.echo(f"oversight: {known['day']}: version {known['ordinal']}, {captured} ({known['captured']}){again}{after}",
               err=True)  # fmt: skip
