"""`oversight backup` and `oversight restore`: what they do stands in archive/copies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from archive.copies.backup import back_up
from archive.copies.journals import AnotherArchive
from archive.copies.repair import repair
from archive.model import Finding
from archive.outcomes import severity
from archive.store.journal import Journal, JournalDamaged
from archive.store.lock import Locked, writer_lock
from console.answers import show_json, shown
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.writing import Exit, end, require_archive, writing
from pipelines.rebuild import rebuild
from pipelines.told import checked_settings


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one sentence what stands in the way of a copy."""
    try:
        yield
    except (AnotherArchive, JournalDamaged) as refused:
        end(str(refused), Exit.FAILED)
    except Locked as held:
        end(str(held), Exit.LOCKED)


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@json_option
@archive_option
@click.pass_obj
def backup(folder: Path, target: Path, as_json: bool) -> None:
    """Bring a copy of the archive on another disk up to date.

    Everything that can't be made again is copied: captures, journal, lists of records, what is kept by hand, releases.
    A file whose bytes aren't those that were sealed is named and never replaces a good copy. The copy holds what was
    withdrawn: keep it as private as the archive.

    \b
    Example: oversight backup /mnt/second-disk/archive
    """
    require_archive(folder)
    if target.resolve() == folder.resolve() or folder.resolve() in target.resolve().parents:
        raise click.UsageError("A backup lies outside the archive; name a folder on another disk.")
    with writing(folder, "backup"), refusals():
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with writer_lock(target, "backup"), ProgressReport() as progress:
            done = back_up(folder, target, progress)
    if as_json:
        show_json({"copied": done.copied, "bytes": done.size, "held": done.held, "findings": _rows(done.findings)})
    else:
        _show(done.findings)
        click.echo(f"{done.copied:,} files copied ({done.size:,} bytes), {done.held:,} were there already.")
    _end_by(done.findings)


@click.command()
@click.argument("copy", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
@archive_option
@click.pass_obj
def restore(folder: Path, copy: Path, as_json: bool) -> None:
    """Make an archive from a backup, or mend one: what is damaged or gone here and whole there comes back.

    What is whole here stays. Damaged bytes are set aside in the folder `damaged`. The catalogue is then made again.
    What was withdrawn after the backup was made is known only where the journal is still here: after a restore into an
    empty folder, withdraw it again before you serve.

    \b
    Examples: oversight restore /mnt/second-disk/archive --archive /srv/archive
              oversight restore /mnt/second-disk/archive --json
    """
    if not (copy / "journal").is_dir():
        raise click.UsageError(f"{copy} is no backup: it has no folder journal.")
    if copy.resolve() == folder.resolve():
        raise click.UsageError("That is the archive itself; name a copy of it.")
    with (
        writing(folder, "restore", finishing=False),
        refusals(),
        writer_lock(copy, "restore"),
        ProgressReport() as progress,
    ):
        findings = repair(folder, copy, progress)
        made = rebuild(folder, checked_settings(folder), progress)
        findings += [one for one in made.findings if severity(one.outcome) == "failure"]
        brought = sorted(f"{one.outcome}: {one.subject}" for one in findings)
        if brought:
            Journal(folder).append("restored", found=brought)
    if as_json:
        show_json({"captures": made.captures, "findings": _rows(findings)})
    else:
        _show(findings)
        click.echo(f"{made.captures:,} captures. `oversight verify` checks all of it.")
    _end_by(findings)


def _rows(findings: list[Finding] | tuple[Finding, ...]) -> list[dict[str, str]]:
    return [{"outcome": one.outcome, "subject": one.subject, "detail": one.detail} for one in findings]


def _show(findings: list[Finding] | tuple[Finding, ...]) -> None:
    for one in findings:
        click.echo(shown(f"{one.outcome}: {one.subject} {one.detail}".rstrip()))


def _end_by(findings: list[Finding] | tuple[Finding, ...]) -> None:
    if any(severity(one.outcome) == "failure" for one in findings):
        sys.exit(Exit.FAILED)
