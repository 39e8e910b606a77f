"""`oversight absence`: that nothing matches a question, among what, as of when; the exit status says which it is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from archive.release.folder import Releases
from archive.research.absence import ABSENT, CAUTION, FOUND, Absence, absence
from console.answers import show_json, shown
from console.looking import open_to_read
from console.options import archive_option, json_option

# As of a search that is hoped to find nothing: stated, something matches, nothing can be said.
STATUSES = {ABSENT: 0, FOUND: 1}
UNSAID = 2


@click.command(name="absence")
@click.argument("query", nargs=-1, required=True)
@click.option("--release", type=click.IntRange(1), metavar="N", help="Of this release.  [default: the newest]")
@click.option("--working", is_flag=True, help="Of the working catalogue, which changes: nothing gives it again.")
@json_option
@archive_option
@click.pass_obj
def absence_command(folder: Path, query: tuple[str, ...], release: int | None, *, working: bool, as_json: bool) -> None:
    """State that no document matches a search: among how many, captured up to when, of which release.

    The statement is exact, and is made only where nothing at all matches. With it come the spellings that numbers were
    looked for in, what is known to be missing, and an address that gives it again. Without a release yet, the working
    catalogue is asked.

    The exit status is 0 where nothing matches, 1 where something does, 2 where nothing can be said.

    \b
    Examples: oversight absence '"facial recognition"'
              oversight absence PIA-077 --json
              oversight absence 'drone component:ICE before:2018' --release 12
    """
    if working and release is not None:
        raise click.UsageError("Use --release or --working, not both.")
    number = None if working else release or Releases(folder).current()
    with closing(open_to_read(folder, number)) as catalogue:
        made = absence(catalogue, " ".join(query).strip())
    if as_json:
        show_json(made.as_row())
    else:
        for line in _lines(made):
            click.echo(shown(line))
    sys.exit(STATUSES.get(made.outcome, UNSAID))


def _lines(made: Absence) -> Iterator[str]:
    yield made.sentence
    yield from made.notes
    for row in made.results:
        yield f"  {row['url']}  {row['title']}"
    for typed, spelled in made.identifiers.items():
        yield f"{typed} was looked for as {'; '.join(spelled)}."
    yield from made.how
    if made.outcome == ABSENT:
        yield CAUTION
        yield "Known to be missing:" if made.gaps else "Nothing is known to be missing."
        yield from (f"  {gap.told}" for gap in made.gaps)
    yield f"Again: {made.address}" if made.is_pinned else "Of the working catalogue, which changes."
