"""`oversight timeline`: when anything was mentioned, seen, listed, amended and paid, for a terminal or a program."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from archive.research.timeline_events import read_timeline
from archive.research.timelines import MOST_TOLD
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option


@click.command(name="timeline")
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
@json_option
@archive_option
@click.pass_obj
def timeline_command(folder: Path, what: tuple[str, ...], release: int | None, as_json: bool) -> None:
    """Tell when something was mentioned, seen, listed, amended and paid.

    WHAT is a number in any spelling, a document's id, words, a "phrase", or vendor:NAME.

    \b
    Examples: oversight timeline 70CDCR18P00000017
              oversight timeline license plate reader --json
              oversight timeline vendor:"west publishing"
    """
    with closing(open_to_read(folder, release)) as catalogue:
        found = read_timeline(catalogue, " ".join(what))
    if as_json:
        show_json(found.data())
    else:
        for event in found.events[:MOST_TOLD]:
            days = event.since if event.since == event.until else f"{event.since} to {event.until}"
            click.echo(f"{days or 'no date':24}  {event.kind:12}  {shown(event.words)}  {event.address}")
        if len(found.events) > MOST_TOLD:
            click.echo(f"\nThe first {MOST_TOLD:,} of {len(found.events):,}; --json tells how many there are by month.")
        for note in found.notes:
            click.echo(shown(note))
    if not found.events:
        why = "was withdrawn from publication" if found.gone else "has no date in what is held"
        end(f"{found.asked} {why}.", Exit.FAILED)
