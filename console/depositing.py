"""`oversight deposit`: files that somebody has, taken in with the provenance of what is fetched."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.addresses import is_web_address
from archive.outcomes import severity
from console.answers import show_deposit, show_json
from console.ending import Exit
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.taking_in import opened, refusals
from console.writing import writing
from pipelines.deposit import deposit, files_under
from pipelines.told import checked_settings


@click.command(name="deposit")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", default="", help="Where the file was published.")
@click.option("--recursive", "-r", is_flag=True, help="Take in the files of folders too.")
@json_option
@archive_option
@click.pass_obj
def deposit_command(folder: Path, paths: tuple[Path, ...], url: str, recursive: bool, as_json: bool) -> None:
    """Take in files that you have.

    They are kept with the same provenance as what is fetched.

    \b
    Examples: oversight deposit report.pdf --url https://www.dhs.gov/report.pdf
              oversight deposit --recursive ~/pias
    """
    try:
        files = list(files_under(paths, recursive))
    except IsADirectoryError as error:
        raise click.UsageError(f"{error} is a folder; take in its files with --recursive.") from error
    except FileNotFoundError as error:
        raise click.UsageError(f"{error} isn't there, or lies where this user may not look.") from error
    if url and len(files) > 1:
        raise click.UsageError("--url says where one file was published; hand in one file with it.")
    if url and not is_web_address(url):
        raise click.UsageError(f"{url!r} is no web address.")
    with refusals(), writing(folder, "deposit"), opened(folder) as archive, ProgressReport() as progress:
        done = deposit(archive, checked_settings(folder), files, url, progress)
    failures = [finding for finding in done.findings if severity(finding.outcome) == "failure"]
    if as_json:
        rows = [
            {"file": one.subject, "outcome": one.outcome, "detail": one.detail, "capture": one.capture}
            for one in done.findings
        ]
        show_json({"run": done.run, "outcomes": done.counts(), "files": rows})
    else:
        show_deposit(done.findings, done.counts())
    if failures:
        sys.exit(Exit.FAILED)
