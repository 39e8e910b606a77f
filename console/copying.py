"""`oversight backup` and `oversight restore`, of a folder and of an object store: what they do is in archive/copies."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
from click.core import ParameterSource

from archive.copies.backup import BackedUp, back_up
from archive.copies.journals import AnotherArchive
from archive.copies.object_store import ObjectStore, StoreUnreachable, holds_password, is_url
from archive.copies.repair import repair
from archive.copies.stored import Fetched, back_up_to, check_store, fetched
from archive.counted import counted
from archive.model import Finding
from archive.outcomes import severity
from archive.release.folder import Releases
from archive.store.journal import Journal, JournalDamaged
from archive.store.lock import Locked, writer_lock
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import require_archive
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.writing import writing
from pipelines.clock import now
from pipelines.rebuild import rebuild
from pipelines.told import checked_settings

# A line of the journal: a backup was made, and nothing was wrong with it.
BACKED_UP = "backed-up"


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one sentence what stands in the way of a copy."""
    try:
        yield
    except (AnotherArchive, JournalDamaged, StoreUnreachable) as refused:
        end(str(refused), Exit.FAILED)
    except Locked as held:
        end(str(held), Exit.LOCKED)


def _place(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    """Refuse a password on the command line, which all users of the machine can read; and no place at all."""
    if not value:
        raise click.UsageError("Name the place: a folder on another disk or an address; or set OVERSIGHT_BACKUP to it.")
    given = context.get_parameter_source(str(parameter.name))
    if given is ParameterSource.COMMANDLINE and holds_password(value):
        raise click.UsageError("Everybody on this machine can read that password; set OVERSIGHT_BACKUP to the address.")
    return value


place = click.argument("place", required=False, envvar="OVERSIGHT_BACKUP", callback=_place)


@click.command()
@place
@click.option("--check", is_flag=True, help="Read back all that the copy has; what it lost is copied again.")
@json_option
@archive_option
@click.pass_obj
def backup(folder: Path, place: str, check: bool, as_json: bool) -> None:
    """Bring a copy of the archive on another disk, or in an object store, up to date.

    Everything that can't be made again is copied: captures, journal, lists of records, what is kept by hand, releases.
    A file whose bytes aren't those that were sealed is named and never replaces a good copy. The copy holds what was
    withdrawn: keep it as private as the archive. PLACE is a folder or an address; without one it is OVERSIGHT_BACKUP.

    \b
    Examples: oversight backup /mnt/second-disk/archive
              oversight backup s3://bucket/archive
              oversight backup s3://bucket/archive --check
    """
    require_archive(folder)
    with writing(folder, "backup"), refusals(), ProgressReport() as progress:
        if is_url(place):
            store = ObjectStore(place)
            done = back_up_to(folder, store, progress)
            findings = (*done.findings, *(check_store(folder, store, progress) if check else ()))
        else:
            done = _back_up_to_folder(folder, Path(place), progress, check=check)
            findings = done.findings
        if not any(severity(one.outcome) == "failure" for one in findings):
            with closing(Journal(folder)) as journal:
                journal.append(BACKED_UP, at=now(), copied=done.copied, bytes=done.size)
    if as_json:
        show_json({"copied": done.copied, "bytes": done.size, "held": done.held, "findings": _rows(findings)})
    else:
        _show(findings)
        click.echo(f"{counted(done.copied, 'file')} copied ({done.size:,} bytes), {done.held:,} were there already.")
    _end_by(findings)


def _back_up_to_folder(folder: Path, target: Path, progress: ProgressReport, *, check: bool) -> BackedUp:
    if target.exists() and not target.is_dir():
        raise click.UsageError(f"{target} is no folder.")
    if target.resolve() == folder.resolve() or folder.resolve() in target.resolve().parents:
        raise click.UsageError("A backup lies outside the archive; name a folder on another disk.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    with writer_lock(target, "backup"):
        return back_up(folder, target, progress, check=check)


@click.command()
@place
@json_option
@archive_option
@click.pass_obj
def restore(folder: Path, place: str, as_json: bool) -> None:
    """Make an archive from a backup, or mend one: what is damaged or gone here and whole there comes back.

    What is whole here stays. Damaged bytes are set aside in the folder `damaged`. The catalogue is then made again.
    What was withdrawn after the backup was made is known only where the journal is still here: after a restore into an
    empty folder, withdraw it again before you serve. PLACE is a folder or an address, as for `oversight backup`.

    \b
    Examples: oversight restore /mnt/second-disk/archive --archive /srv/archive
              oversight restore s3://bucket/archive --archive /srv/archive
              oversight restore /mnt/second-disk/archive --json
    """
    if not is_url(place):
        _require_copy(Path(place), folder)
    with writing(folder, "restore", finishing=False), refusals(), ProgressReport() as progress:
        with _copy_at(place, folder, progress) as copy:
            findings = list(copy.findings)
            findings += repair(folder, copy.folder, progress) if copy.folder != folder else []
        if Releases(folder).folder.is_dir():
            Releases(folder).make_folder()
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


def _require_copy(copy: Path, folder: Path) -> None:
    if not copy.is_dir():
        raise click.UsageError(f"{copy} is no folder, or isn't there.")
    if not (copy / "journal").is_dir():
        raise click.UsageError(f"{copy} is no backup: it has no folder journal.")
    if copy.resolve() == folder.resolve():
        raise click.UsageError("That is the archive itself; name a copy of it.")


@contextmanager
def _copy_at(place: str, folder: Path, progress: ProgressReport) -> Iterator[Fetched]:
    """Give a folder that holds the copy, or what of it isn't here."""
    if is_url(place):
        with fetched(ObjectStore(place), folder, progress) as found:
            yield found
        return
    with writer_lock(Path(place), "restore"):
        yield Fetched(Path(place), ())


def _rows(findings: list[Finding] | tuple[Finding, ...]) -> list[dict[str, str]]:
    return [{"outcome": one.outcome, "subject": one.subject, "detail": one.detail} for one in findings]


def _show(findings: list[Finding] | tuple[Finding, ...]) -> None:
    for one in findings:
        click.echo(shown(f"{one.outcome}: {one.subject} {one.detail}".rstrip()))


def _end_by(findings: list[Finding] | tuple[Finding, ...]) -> None:
    if any(severity(one.outcome) == "failure" for one in findings):
        sys.exit(Exit.FAILED)
