"""Imports as a command runs them: which files were meant, what became of their records, and the status for it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from archive.counted import counted
from archive.outcomes import OUTCOMES, severity
from console.answers import show_json, shown
from console.ending import Exit
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.taking_in import opened
from console.writing import writing
from pipelines.deposit import files_under
from pipelines.importing import Imported, import_files, recordings_under
from pipelines.told import checked_settings


def import_and_report(folder: Path, paths: Sequence[Path], by: str, *, recursive: bool, as_json: bool) -> None:
    """Take in recordings, report, and end with the status that they deserve; return only where all is well."""
    try:
        files = list(recordings_under(list(files_under(paths, recursive)), paths))
    except IsADirectoryError as error:
        raise click.UsageError(f"{error} is a folder; take in its recordings with --recursive.") from error
    except FileNotFoundError as error:
        raise click.UsageError(f"{error} isn't there, or lies where this user may not look.") from error
    if not files:
        raise click.UsageError("No file in there is called like a recording (.warc, .warc.gz, .arc, .arc.gz, .wacz).")
    with writing(folder, "import"), opened(folder) as archive, ProgressReport() as progress:
        done = import_files(archive, checked_settings(folder), files, by, progress)
    outcomes = sum((one.outcomes for one in done), Counter[str]())
    show_json(_report(done, outcomes)) if as_json else _show(done, outcomes)
    if any(severity(outcome) == "failure" for outcome in outcomes):
        sys.exit(Exit.FAILED)


def _report(done: Sequence[Imported], outcomes: Counter[str]) -> dict[str, object]:
    files = [
        {
            "file": one.file,
            "run": one.run,
            "records": one.records,
            "added": one.added,
            "outcomes": one.outcomes,
            "findings": [
                {"outcome": found.outcome, "subject": found.subject, "detail": found.detail, "capture": found.capture}
                for found in one.findings
            ],
        }
        for one in done
    ]
    return {"added": sum(one.added for one in done), "outcomes": outcomes, "files": files}


def _show(done: Sequence[Imported], outcomes: Counter[str]) -> None:
    """Print a line for each file, what is worth naming in it, and the counts, which add up to the records."""
    for one in done:
        told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(one.outcomes.items()))
        click.echo(shown(f"{Path(one.file).name}: {counted(one.records, 'record')}: {told}"))
        for found in one.findings:
            detail = f": {found.detail}" if found.detail else ""
            mark = "!" if severity(found.outcome) == "failure" else " "
            click.echo(shown(f"{mark}   {found.outcome} {found.subject}{detail}"))
    for outcome, count in sorted(outcomes.items()):
        click.echo(f"{count:6} {outcome:20} {OUTCOMES[outcome].meaning}")
    added = sum(one.added for one in done)
    click.echo(f"{counted(added, 'capture')} taken in" if added else "nothing new was taken in")


@click.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--by", default="", help="Who made them, as it is to be shown.")
@click.option("--recursive", "-r", is_flag=True, help="Take in the recordings in folders too.")
@json_option
@archive_option
@click.pass_obj
def import_command(folder: Path, paths: tuple[Path, ...], by: str, recursive: bool, as_json: bool) -> None:
    """Take in recordings of others: WARC, ARC and WACZ files.

    Each answer keeps its original time and where it is from, and is read by the source that knows its address.

    \b
    Examples: oversight import colleague.warc.gz --by "A colleague's crawl of 2018"
              oversight import --recursive ~/crawls
              oversight import saved-pages.wacz --json
    """
    import_and_report(folder, paths, by, recursive=recursive, as_json=as_json)
