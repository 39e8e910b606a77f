"""`oversight sources`: what each source has given and how it is, and what a source is told."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from archive.folder import CATALOGUE
from archive.research.status import never_run, source_states
from console.answers import show_json, show_source, show_sources
from console.looking import open_to_read
from console.options import archive_option, json_option
from console.status import late_sources
from pipelines.derive import Sources
from pipelines.plan import expected_of, told_of
from pipelines.told import checked_settings


@click.command()
@click.argument("name", required=False)
@json_option
@archive_option
@click.pass_obj
def sources(folder: Path, name: str | None, as_json: bool) -> None:
    """List the sources: what each has given and how it is. With a NAME, what that source is told.

    \b
    Examples: oversight sources --json
              oversight sources news
    """
    settings = checked_settings(folder)
    if name is not None:
        if name not in Sources(settings).names():
            raise click.UsageError(f"No source is called {name!r}. There are: {', '.join(Sources(settings).names())}.")
        told = told_of(Sources(settings), settings, name)
        show_json(told) if as_json else show_source(told)
        return
    known = expected_of(Sources(settings))
    if (folder / CATALOGUE).exists():
        with closing(open_to_read(folder)) as catalogue:
            states = source_states(catalogue, known, late_sources(catalogue, settings))
    else:
        states = [never_run(source) for source in known]
    show_json(states) if as_json else show_sources(states)
