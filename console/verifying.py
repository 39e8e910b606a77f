"""`oversight verify` and `oversight accept`: what was checked, what was found, and that it is on the record."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.copies.backup import is_backup
from archive.outcomes import OUTCOMES, severity
from archive.proof import curation, rows
from archive.proof.audit import VERIFIED, Age, Scope, ages, verified_event
from archive.proof.damage import Damage
from archive.research.reading import find_text
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import Journal, JournalDamaged
from archive.store.lock import Locked, writer_lock
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.proving import check_and_report
from console.writing import writing
from pipelines.clock import now
from pipelines.told import checked_settings
from pipelines.verify import CannotVerify, NoRoom, Verified, check_by_name, dated_items, verify

# Of findings of one kind so many are printed; a program gets them all.
MOST_SHOWN = 20
# What a row is when it isn't what the records say.
OF_ROWS = ("row-altered", "row-missing", "row-unknown")


@click.command(name="verify")
@click.argument("document", required=False)
@click.option("--part", metavar="N/T", help="Only the Nth of T parts; T runs take in everything.")
@click.option("--proof", type=click.Path(path_type=Path), help="Check this proof file; DOCUMENT is a file then.")
@click.option("--manifest", default="", metavar="SHA256", help="With --proof: the manifest's, as it was published.")
@click.option("--anew", is_flag=True, help="Read every file again in place of believing what is kept in cache/.")
@json_option
@archive_option
@click.pass_obj
def verify_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    document: str | None,
    part: str | None,
    proof: Path | None,
    manifest: str,
    anew: bool,
    as_json: bool,
) -> None:
    """Check that nothing was changed: every byte, every row, every release.

    Offline; nothing is written but a line in the journal that says what was checked and found. The whole catalogue is
    worked out anew from the stored bytes, in a folder for temporary files, and compared row by row. A DOCUMENT is named
    as in `oversight text`; then its records, its rows and the releases that have it are checked. A proof file is
    checked without any archive; docs/checking-a-proof.md says how to do so with standard tools.

    \b
    Examples: oversight verify
              oversight verify --part 1/7
              oversight verify dhs-ice-pia-039a --json
              oversight verify --proof proof.json pia-039a.pdf
    """
    if proof:
        check_and_report(proof, Path(document) if document else None, manifest)
        return
    _verify_and_report(folder, document, part, anew=anew, as_json=as_json)


@click.command(name="accept")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("--reason", default="", help="Why it is right; it stands in the journal.")
@archive_option
@click.pass_obj
def accept_command(folder: Path, files: tuple[str, ...], reason: str) -> None:
    """Put on record that files in the folder curation are right as they are.

    `oversight verify` finds each that was changed, added or taken away since. Without a FILE all of them are meant.

    \b
    Example: oversight accept curation/notes.toml --reason "Two spellings of one office"
    """
    _accept_and_report(folder, files, reason)


def _verify_and_report(folder: Path, named: str | None, part: str | None, *, anew: bool, as_json: bool) -> None:
    """Verify an archive, a part of it, or one document; note it; end with the status that it deserves."""
    if named and part:
        raise click.UsageError("Name a document, or say --part: not both.")
    try:
        scope = Scope.parse(part or "all")
    except ValueError as error:
        raise click.UsageError(f"--part: {error}.") from error
    settings, began = checked_settings(folder), time.monotonic()
    try:
        with ProgressReport() as progress:
            document = _document(folder, named) if named else ""
            done = (
                check_by_name(folder, settings, document, progress)
                if named
                else verify(folder, settings, scope, progress, anew=anew)
            )
    except NoRoom as full:
        end(str(full), Exit.DISK_FULL)
    except CannotVerify as refused:
        raise click.UsageError(str(refused)) from refused
    told_scope = f"document {document}" if named else str(scope)
    told = {"at": now(), **verified_event(told_scope, done.lines, done.checked)}
    told |= {"seconds": round(time.monotonic() - began, 3), "noted": _note(folder, told)}
    show_json(_as_json(done, told)) if as_json else _show(done, told)
    if any(severity(one.outcome) == "failure" for one in done.damages):
        sys.exit(Exit.FAILED)


def _document(folder: Path, named: str) -> str:
    """Return the id of the document that is meant; ends the command where there is none."""
    with closing(open_to_read(folder)) as catalogue:
        found = find_text(catalogue, named, None)
    if found is None:
        end(f"Nothing held is known as {named!r}. Look for it with `oversight search`.", Exit.FAILED)
    return str(found["document"])


def _note(folder: Path, told: Mapping[str, Any]) -> str:
    """Put a verification on record; return "" or why that could not be done: it is a finding of nothing."""
    if is_backup(folder):
        return "this is a backup, whose journal is the archive's"
    try:
        with writer_lock(folder, "verify"), closing(Journal(folder)) as journal:
            journal.append(VERIFIED, **told)
    except (Locked, StoreFull, StoreFailed, JournalDamaged) as refused:
        return str(refused)
    except OSError as error:
        return f"{error.filename or folder}: {error.strerror}"
    return ""


def _as_json(done: Verified, told: Mapping[str, Any]) -> dict[str, Any]:
    found = [{**asdict(one), "severity": severity(one.outcome)} for one in done.damages]
    return {**told, "outcomes": told["findings"], "findings": found, "writer": done.writer}


def _show_findings(done: Verified, told: Mapping[str, Any]) -> None:
    follow = {*OF_ROWS} & {*told["findings"]} if _is_damaged(done) else set()
    for outcome, count in told["findings"].items():
        if outcome in follow:
            continue
        alike = [one for one in done.damages if one.outcome == outcome]
        click.echo(f"{outcome} ({severity(outcome)}): {OUTCOMES[outcome].meaning} {OUTCOMES[outcome].remedy}")
        for one in alike[:MOST_SHOWN]:
            click.echo(shown(f"  {_line(one)}"))
        if count > MOST_SHOWN:
            click.echo(f"  and {count - MOST_SHOWN} more; --json names all of them")
    if follow:
        click.echo(
            f"{sum(told['findings'][one] for one in follow):,} rows of the catalogue say what the records no longer do"
            " (--json names them). Bring the records back first: a rebuild now would drop what only the catalogue still"
            " says. Then verify again."
        )


def _show(done: Verified, told: Mapping[str, Any]) -> None:
    _show_findings(done, told)
    checked = ", ".join(
        f"{count:,} {'rows' if part == rows.PART else 'files'} of {part}"
        for part, count in told["files"].items()
        if count
    )
    rate = told["bytes"] / 1e6 / max(told["seconds"], 0.001)
    click.echo(f"checked: {checked}; {told['bytes'] / 1e6:,.1f} MB, {rate:,.1f} MB/s")
    if told["noted"]:
        click.echo(shown(f"nothing was noted of it: {told['noted']}"), err=True)
    if not any(severity(one.outcome) == "failure" for one in done.damages):
        click.echo("all of it is well")


def _is_damaged(done: Verified) -> bool:
    """Tell whether records are damaged or gone: then rows differ from them, and are not to be made again from them."""
    return any(one.outcome in ("record-altered", "record-missing") for one in done.damages)


def _line(one: Damage) -> str:
    touched = ", ".join(one.documents[:5]) + (f" and {len(one.documents) - 5} more" if len(one.documents) > 5 else "")
    where = f"  [{touched or one.url}]" if touched or one.url else ""
    capture = f"  capture {one.capture}" if one.capture and one.capture not in one.subject else ""
    return f"{one.subject}{capture}: {one.detail}{where}"


def _accept_and_report(folder: Path, files: Sequence[str], reason: str) -> None:
    """Put on record that files under `curation/` are as they should be, or are to be gone."""
    if not reason.strip():
        raise click.UsageError("Say why with --reason.")
    with writing(folder, "accept"), closing(Journal(folder)) as journal:
        accepted = curation.accepted_in(journal.read())
        for name in files or sorted({*accepted, *curation.curation_files(folder)}):
            _accept(folder, journal, accepted, name.removeprefix(f"{curation.FOLDER}/"), reason)


def _accept(folder: Path, journal: Journal, accepted: Mapping[str, str], name: str, reason: str) -> None:
    if name not in accepted and name not in curation.curation_files(folder):
        raise click.UsageError(f"There is no {curation.FOLDER}/{shown(name)}, and there was none.")
    digest = curation.digest_of(folder / curation.FOLDER / name)
    if digest != accepted.get(name, ""):
        journal.append(curation.EVENT, at=now(), file=name, sha256=digest, reason=reason)
        click.echo(shown(f"accepted: {curation.FOLDER}/{name} {digest or 'is gone'}"))


def last_checked(folder: Path) -> dict[str, dict[str, Any]]:
    """Return for each part of an archive how many files it has, and when they were last verified."""
    events = tuple(event for _, event in Journal(folder).sound()[0])
    return {part: asdict(age) for part, age in sorted(ages(dated_items(folder, events), events).items())}


def show_last_checked(parts: Mapping[str, Mapping[str, Any]]) -> None:
    """Print when each part was last verified: the oldest last look at any of its files."""
    for part, told in parts.items():
        age = Age(**told)
        never = f", {age.never:,} of {age.files:,} never" if age.never and age.oldest else ""
        click.echo(f"verified {part}: {f'each since {age.oldest}' if age.oldest else 'never'}{never}")
