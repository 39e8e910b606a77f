"""`oversight withdraw`: something is taken out of publication, at once and for good, and the record says so."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.counted import counted
from archive.dates import parse_date
from archive.folder import ArchiveFolder
from archive.release.publishing import GatesClosed, Outcome
from archive.release.remaking import Remade
from archive.release.withdraw_target import NoTarget
from archive.release.withdrawing import Asked, NotWithdrawn, allow, undo, withdraw
from archive.release.withholding import read_withheld
from console.answers import show_json, shown
from console.ending import Exit
from console.finishing import finish_withdrawals
from console.looking import require_archive
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.releasing import build_now
from console.taking_in import opened
from console.writing import writing
from pipelines.clock import now

# What no program of ours can reach.
OUT_OF_REACH = (
    "Backups follow with the next `oversight backup`; other copies, a proxy's cache and free blocks of the disk are out"
    " of its reach."
)


@click.command(name="withdraw")
@click.argument("named", metavar="ID")
@click.option("--reason", required=True,
              help="Why. It is shown to everybody, so don't say in it what was withdrawn.")  # fmt: skip
@click.option("--until", default="", metavar="DATE", help="Restrict it until that day (YYYY-MM-DD).")
@click.option("--undo", "undoing", is_flag=True, help="Publish it again. ID may be a withdrawal's number.")
@click.option("--allow", "allowing", is_flag=True, help="Publish what is held back since it looks like it.")
@click.option("--erase", is_flag=True, help="Take its bytes out of the archive too, for good.")
@json_option
@archive_option
@click.pass_obj
def withdraw_command(  # noqa: PLR0913, PLR0917
    folder: Path, named: str, reason: str, until: str, undoing: bool, allowing: bool, erase: bool, as_json: bool
) -> None:
    """Take a document, or one version of it, out of publication.

    ID is an id, a version (ID@DIGEST), a number or an original address. A release without it is built and served at
    once, and the releases that are kept are made again without it. Its addresses answer 410 with the reason. It stays
    out, whatever brings it in again: what has the same bytes or the same words, and, until you have looked, what has
    its number or address, or much of its text.

    The bytes stay in the archive itself, unless you say --erase: then they are taken out of its files, which stay
    whole, and nothing brings them back. Captures that hold other documents too are kept and named.

    The REASON is public: it stands in the log of withdrawals and at each address.

    \b
    Examples: oversight withdraw dhs-ice-pia-039a --reason "By order of a court."
              oversight withdraw dhs-ice-pia-039a@8b95ae6ad0 --reason "It has a home address." --until 2027-01-31
              oversight withdraw dhs-ice-pia-039a --erase --reason "By order of a court."
              oversight withdraw 3 --undo --reason "The order was lifted."
              oversight withdraw --allow some-article --reason "It quotes what was public before."
    """
    require_archive(folder)
    if undoing + allowing + erase > 1:
        raise click.UsageError("Say one of --undo, --allow and --erase.")
    if not reason.strip():
        raise click.UsageError("A reason is needed: it is what people find in the document's place.")
    asked = Asked(named, " ".join(reason.split()), now(), _day(until), erase)
    began = time.monotonic()
    with writing(folder, f"withdraw {named}"), ProgressReport() as progress:
        with opened(folder) as archive:
            answer = _write(archive, asked, undoing=undoing, allowing=allowing)
            answer["held"] = [
                {"outcome": one.outcome, "subject": one.subject, "detail": one.detail}
                for one in read_withheld(archive.connection, archive.journal.read(), asked.today).held
            ]
        progress("publishing", 0, 2)
        built = _build(folder)
        progress("publishing", 1, 2)
        made, erased = finish_withdrawals(folder, [built.number] if isinstance(built, Outcome) else ())
        answer |= _published(built, made) | {"erased": [asdict(one) for one in erased]}
        answer["seconds"] = round(time.monotonic() - began, 2)
    show_json(answer) if as_json else _show(answer)
    if answer["damaged"] or any(one["kept"] for one in answer["erased"]):
        sys.exit(Exit.FAILED)


def _write(archive: ArchiveFolder, asked: Asked, *, undoing: bool, allowing: bool) -> dict[str, Any]:
    """Write the journal's line. Raises a usage error for what can't be done."""
    try:
        if allowing:
            return {"allowed": allow(archive.connection, archive.journal, asked).document["id"]}
        if undoing:
            undone = undo(archive.connection, archive.journal, asked)
            return {"undone": [one.number for one in undone], "document": undone[0].document}
        done = withdraw(archive.connection, archive.journal, asked)
        return {
            "withdrawal": done.number,
            "document": done.document,
            "what": done.what,
            "versions": list(done.versions),
        }
    except (NoTarget, NotWithdrawn) as refused:
        raise click.UsageError(str(refused)) from refused


def _build(folder: Path) -> Outcome | GatesClosed:
    """Build the next release; where a gate is closed, the one that is served is made again instead."""
    try:
        return build_now(folder)
    except GatesClosed as closed:
        return closed


def _published(built: Outcome | GatesClosed, made: Remade) -> dict[str, Any]:
    closed = [f"{one.gate}: {one.reason}" for one in built.closed] if isinstance(built, GatesClosed) else []
    return {
        "release": built.number if isinstance(built, Outcome) else None,
        "closed": closed,
        "remade": list(made.releases),
        "damaged": list(made.damaged),
    }


def _show(answer: dict[str, Any]) -> None:
    if "withdrawal" in answer:
        what = answer["versions"][0] if answer["what"] == "version" else answer["document"]
        click.echo(f"Withdrawal {answer['withdrawal']}: {what}")
    elif "undone" in answer:
        click.echo(f"Undone: withdrawal {', '.join(map(str, answer['undone']))}, of {answer['document']}")
    else:
        click.echo(f"Allowed: {answer['allowed']}")
    if answer["release"] is not None:
        click.echo(f"Release {answer['release']} is served.")
    for one in answer["closed"]:
        click.echo(shown(f"! No new release was built: {one}"))
    if answer["remade"]:
        click.echo(f"Made again: release {', '.join(map(str, answer['remade']))}.")
    for number in answer["damaged"]:
        click.echo(f"! Release {number} isn't what its manifest says: it was left as it is, and is never served.")
    for one in answer["erased"]:
        click.echo(
            f"Erased: {counted(one['captures'], 'capture')}, from {counted(len(one['files']), 'WARC file')};"
            " the catalogue was made again."
        )
        for capture in one["kept"]:
            click.echo(f"! Capture {capture} holds other documents too, and is kept.")
    for one in answer["held"]:
        click.echo(shown(f"  {one['outcome']}: {one['subject']} ({one['detail']})"))
    click.echo(f"From the command to its end: {answer['seconds']} seconds. {OUT_OF_REACH}")


def _day(until: str) -> str:
    """Return a day as it is compared. Raises a usage error for what is none, or is over."""
    if not until:
        return ""
    date = parse_date(until)
    if date is None or date.precision != "day" or date.value <= now()[:10]:
        raise click.UsageError(f"{until!r} is no day to come (YYYY-MM-DD).")
    return date.value
