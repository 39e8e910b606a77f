"""`oversight watch`: which watches there are, whether a file is right, and what a watch would have told."""

from __future__ import annotations

import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.counted import counted
from archive.model import Finding
from archive.outcomes import OUTCOMES
from archive.release.folder import Releases
from archive.research.changes import changes_named
from archive.research.rows import select
from archive.store.journal import Journal
from archive.watches.hits import TOLD, Finder
from archive.watches.journaled import Journaled
from archive.watches.model import Hit, Watch
from archive.watches.news import hits_among
from archive.watches.terms import kind_of
from archive.watches.watch_file import Watches, parse_watch, read_watches
from console.answers import show_json, shown
from console.ending import Exit
from console.looking import open_to_read
from console.options import archive_option, json_option
from console.timing import require_day

SHOWN = 20


@click.group()
def watch() -> None:
    """Watch for words, numbers and vendors: files in curation/watches/.

    \b
    Examples: oversight watch list
              oversight watch check curation/watches/plates.toml
              oversight watch try plates --since 2026-11-01
    """


@watch.command(name="list")
@json_option
@archive_option
@click.pass_obj
def list_command(folder: Path, as_json: bool) -> None:
    """List the watches, since which release each tells, and what of their files can't be understood.

    \b
    Example: oversight watch list --json
    """
    held = read_watches(folder)
    began = Journaled.of(Journal(folder).read()).began
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "title": one.title,
            "terms": len(one.terms),
            "public": one.public,
            "sent_to": [f"{to.name} ({to.kind})" for to in one.destinations],
            "tells_since_release": began.get(one.name),
        }
        for one in held.held
    ]
    if as_json:
        show_json({"watches": rows, "problems": _problems(held.problems)})
        return
    for row in rows:
        since = row["tells_since_release"]
        told = (
            f"tells what came after release {since}" if since is not None else "tells what comes from the next night on"
        )
        terms = counted(row["terms"], "term")
        click.echo(shown(f"{row['name']:24} {row['title']}: {terms}; {_sent_to(held.named(row['name']))}; {told}"))
    if not rows and not held.problems:
        click.echo("There is no watch. A file in curation/watches/ is one; docs/watches.md says how it is written.")
    _show(held.problems)


@watch.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Say what a watch's file is taken for, term by term, and what in it can't be understood.

    The exit status is 0 where all of it is understood, else 1.

    \b
    Example: oversight watch check curation/watches/plates.toml
    """
    held = _file(file)
    terms = [{"term": term, "kind": kind_of(term)} for one in held.held for term in one.terms]
    if as_json:
        show_json({"watches": [_as_row(one) for one in held.held], "terms": terms,
                   "problems": _problems(held.problems)})  # fmt: skip
    else:
        for one in held.held:
            kinds = Counter(term["kind"] for term in terms)
            told = ", ".join(f"{count:,} as {kind}" for kind, count in sorted(kinds.items()))
            click.echo(
                shown(f"{one.name}: {one.title}. {_sent_to(one)}. {counted(len(terms), 'term')}{told and ': '}{told}.")
            )
        for term in terms:
            click.echo(shown(f"  {term['kind']:10} {term['term']}"))
        _show(held.problems)
    if held.problems:
        sys.exit(Exit.FAILED)


@watch.command(name="try")
@click.argument("name")
@click.option("--since", default="", metavar="DATE", help="Only what was seen from this day on.")
@click.option("--release", type=click.IntRange(1), metavar="N", help="Only what release N brought.")
@click.option("--working", is_flag=True, help="Of the working catalogue.  [default: the newest release]")
@json_option
@archive_option
@click.pass_obj
def try_command(
    folder: Path, name: str, since: str, release: int | None, working: bool, as_json: bool
) -> None:  # fmt: skip
    """Show what a watch would have told, and send nothing. NAME is a watch's name, or a file.

    \b
    Examples: oversight watch try plates
              oversight watch try drafts/plates.toml --since 2026-11-01
              oversight watch try plates --release 12 --json
    """
    require_day(since or None)
    if working and release is not None:
        raise click.UsageError("Use --release or --working, not both.")
    held = _file(Path(name)) if name.endswith(".toml") else read_watches(folder)
    wanted = held.held[0] if name.endswith(".toml") and held.held else held.named(name)
    if wanted is None:
        _show(held.problems)
        raise click.UsageError(f"There is no watch {name}; there are: {', '.join(one.name for one in held.held)}.")
    number = None if working else release or Releases(folder).current()
    with closing(open_to_read(folder, number)) as connection:
        known = _known(folder, release - 1) if release is not None else set()
        changes = [one for one in _changes(connection, since) if one not in known]
        found, notes = hits_among(connection, [wanted], changes)
        ids = found.get(wanted.name, [])
        finder, rows = Finder(connection, [wanted]), changes_named(connection, ids if as_json else ids[:SHOWN])
        hits = [finder.hit(wanted.name, rows[one]) for one in ids if one in rows]
    if as_json:
        show_json({"watch": _as_row(wanted), "of": len(changes), "hits": [asdict(hit) for hit in hits],
                   "notes": notes, "problems": _problems(held.problems)})  # fmt: skip
        return
    for line in _lines(hits):
        click.echo(shown(line))
    for note in notes:
        click.echo(shown(f"! {note}"))
    more = f", of which the first {SHOWN} are shown" if len(ids) > SHOWN else ""
    click.echo(f"{len(ids):,} of {len(changes):,} changes would have been told{more}. Nothing was sent.")


def _sent_to(one: Watch | None) -> str:
    """Return who is told by a watch: everybody by its page and feed, the places of its file, by their names."""
    names = [to.name for to in one.destinations] if one else []
    public = "public" if one and one.public else "private"
    return f"{public}, sent to {', '.join(names)}" if names else f"{public}, sent to nobody"


def _file(path: Path) -> Watches:
    """Read a watch's file wherever it lies."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} can't be read: {error}") from error
    return parse_watch(text, Path(path.name), path.absolute().parent)


def _changes(connection: sqlite3.Connection, since: str) -> list[str]:
    rows = select(connection, "SELECT id FROM changes WHERE at >= ? ORDER BY at DESC, id DESC", (since,))
    return [row["id"] for row in rows]


def _known(folder: Path, number: int) -> set[str]:
    """Return the changes that a release had; none where it is the first."""
    if number == 0:
        return set()
    with closing(open_to_read(folder, number)) as connection:
        return {row["id"] for row in select(connection, "SELECT id FROM changes")}


def _lines(hits: Iterable[Hit]) -> Iterator[str]:
    for hit in hits:
        yield f"{hit.at[:10]}  {TOLD.get(hit.kind, hit.kind)}: {hit.title or hit.number or hit.document}"
        yield f"            {hit.address}"
        if hit.difference:
            yield f"            {hit.difference}"
        for place in hit.places:
            on = f"page {place.page}" if place.page else "its name"
            yield f"            {place.change + ', ' if place.change else ''}{on}, {place.term}: {place.words}"
        if hit.more:
            yield f"            and {counted(hit.more, 'place')} more"


def _as_row(one: Watch) -> dict[str, Any]:
    """Return a watch without where it is sent: that may be an address."""
    return {name: value for name, value in asdict(one).items() if name != "destinations"}


def _problems(problems: Iterable[Finding]) -> list[str]:
    return [f"{one.subject}: {one.detail}" for one in problems]


def _show(problems: Iterable[Finding]) -> None:
    for one in problems:
        click.echo(shown(f"! {one.outcome}: {one.subject}: {one.detail}. {OUTCOMES[one.outcome].meaning}"), err=True)
