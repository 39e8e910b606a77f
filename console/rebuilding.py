"""`oversight rebuild`: the catalogue made again from what is stored."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.counted import counted
from archive.outcomes import severity
from console.answers import show_json, shown
from console.clustering import Where, cluster_options, connected, readers_of
from console.ending import Exit
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.writing import writing
from pipelines.rebuild import rebuild
from pipelines.told import checked_settings


@click.command(name="rebuild")
@cluster_options
@json_option
@archive_option
@click.pass_obj
def rebuild_command(folder: Path, where: Where, as_json: bool) -> None:
    """Make the catalogue again from what is stored.

    It is worked out from the captures and the journal; the network is asked for nothing.

    \b
    Examples: oversight rebuild --archive data/demo
              oversight rebuild --cluster tcp://10.0.0.5:8786 --shared file:///srv/shared
    """
    if not (folder / "warc").is_dir():
        raise click.UsageError(f"{folder} is not an archive: it has no folder warc.")
    with writing(folder, "rebuild"), connected(where) as there, ProgressReport() as progress:
        done = rebuild(folder, checked_settings(folder), progress, readers=readers_of(there))
    failures = [one for one in done.findings if severity(one.outcome) == "failure"]
    if as_json:
        found = [{"outcome": one.outcome, "subject": one.subject, "detail": one.detail} for one in done.findings]
        show_json({"captures": done.captures, "findings": found})
    else:
        click.echo(f"{counted(done.captures, 'capture')}, {counted(done.loaded.read, 'payload')} read anew")
        for one in done.findings:
            click.echo(shown(f"{one.outcome}: {one.subject} {one.detail}"))
    if failures:
        sys.exit(Exit.FAILED)
