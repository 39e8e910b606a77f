"""`oversight release`: releases are built, listed, chosen; what one is stands in archive/release."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click

from archive.counted import counted
from archive.release.folder import Releases
from archive.release.gate import Closed, Limits
from archive.release.gates import ACCEPTABLE, remedy_of, told
from archive.release.history import OVERRULED, History
from archive.release.policies import Policies
from archive.release.publishing import GatesClosed, Order, Outcome, build_release, prune_releases, use_release
from archive.research.status import source_states
from archive.store.journal import Journal
from archive.store.segment import file_digest
from console.answers import show_json, shown
from console.ending import Exit
from console.looking import open_to_read, require_archive
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.proving import manifest_or_end, proof_command
from console.writing import writing
from pipelines.clock import now
from pipelines.derive import Sources
from pipelines.load import Progress
from pipelines.proved import proved
from pipelines.timestamping import stamp_releases
from pipelines.told import checked_settings


def build_and_stamp(folder: Path, accepted: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Build a release under the archive's lock, and have it stamped; return what became of it, as `build_held` does."""
    with writing(folder, "release build"), ProgressReport() as progress:
        return build_held(folder, accepted, progress)


def build_held(folder: Path, accepted: Mapping[str, str] | None, progress: Progress) -> dict[str, Any]:
    """Build a release, and have it stamped where an authority is named; return what became of it.

    `new` tells whether there is one, `closed` which gates were closed, `looks` what of it should be looked at,
    `not_stamped` why there is no time-stamp. The caller holds the archive's lock.
    """
    progress("building a release", 0, 1)
    try:
        done = build_now(folder, accepted)
        answer = {"new": done.new, **_line(done.manifest), "closed": [], "looks": [_gate(one) for one in done.looks]}
    except GatesClosed as closed:
        answer = {"new": False, "closed": [_gate(one) for one in closed.closed], "looks": []}
    return answer | {"not_stamped": [one.detail for one in stamp_releases(folder)]}


def _gate(closed: Closed) -> dict[str, Any]:
    told_of = told(closed)
    return told_of | {"remedy": remedy_of({**told_of, "holds": closed.holds})}


def release_if_new(folder: Path) -> None:
    """Build a release if there is anything new, and say so; ends with status 2 where a gate is closed."""
    answer = build_and_stamp(folder)
    if answer["new"] or answer["closed"]:
        show_release(answer)
    if answer["closed"]:
        sys.exit(Exit.USAGE)


def show_release(answer: Mapping[str, Any]) -> None:
    """Print what became of a release that was to be built."""
    for one in answer["closed"]:
        click.echo(shown(f"! no new release: {one['gate']}: {one['reason']}"), err=True)
        click.echo(shown(f"    → {one['remedy']}"), err=True)
    if answer["closed"]:
        click.echo("The last release is served on.", err=True)
    elif answer["new"]:
        click.echo(f"Release {answer['number']}: {counted(answer['documents'], 'document')}, {answer['digest']}")
    else:
        click.echo(f"Nothing is new since release {answer['number']}.")
    for one in answer["looks"]:
        click.echo(shown(f"  a look is wanted: {one['gate']}: {one['reason']}"), err=True)
    for reason in answer["not_stamped"]:
        click.echo(shown(f"  not-stamped: {reason}"), err=True)


def build_now(folder: Path, accepted: Mapping[str, str] | None = None) -> Outcome:
    """Build a release of the archive as it is. The caller holds its lock.

    Raises GatesClosed, and what stops a writer (console/writing.py).
    """
    settings, looked = checked_settings(folder), proved(folder, now()[:10])
    with closing(open_to_read(folder)) as catalogue:
        failing = [state["name"] for state in source_states(catalogue) if state["health"] == "failing"]
        order = Order(
            at=now(),
            policies=Policies(settings.getdict("PUBLISH")),
            failing=tuple(failing),
            accepted=accepted or {},
            limits=(limits := Limits().but(settings.getdict("GATES"))),
            proved=looked,
            own={name: limits.but(own) for name, own in settings.getdict("GATES_OF").items()},
        )
        return build_release(folder, catalogue, order)


@click.group()
def release() -> None:
    """Build, list and choose the releases: what of the archive is published.

    \b
    Examples: oversight release build
              oversight release list --json
    """


release.add_command(proof_command)


@release.command()
@click.option("--accept", "accepted", multiple=True, type=click.Choice(ACCEPTABLE), help="Let this gate stand open.")
@click.option("--reason", default="", help="Why a gate may stand open; it is kept in the journal.")
@json_option
@archive_option
@click.pass_obj
def build(folder: Path, accepted: Sequence[str], reason: str, as_json: bool) -> None:
    """Build a release, and have it served, if there is anything new.

    It is checked first. Where a gate is closed nothing changes: the last release is served on, and the exit status
    is 2.

    \b
    Examples: oversight release build
              oversight release build --accept shrunk --reason "The library was pruned"
    """
    if bool(accepted) != bool(reason.strip()):
        raise click.UsageError("--accept GATE and --reason go together.")
    require_archive(folder)
    answer = build_and_stamp(folder, dict.fromkeys(accepted, reason))
    show_json(answer) if as_json else show_release(answer)
    if answer["closed"]:
        sys.exit(Exit.USAGE)


@release.command()
@click.argument("gates", nargs=-1, required=True, metavar="GATE...")
@click.option("--reason", required=True, help="Why; it is kept in the journal.")
@click.option(
    "--for",
    "days",
    type=click.IntRange(1, 90),
    metavar="DAYS",
    help="Till so many days from now.  [default: for this release]",
)
@json_option
@archive_option
@click.pass_obj
def accept(folder: Path, gates: Sequence[str], reason: str, days: int | None, as_json: bool) -> None:
    """Let closed gates stand open, on the record, and build the release that they held back.

    `oversight release list` says which gates are closed, and why. GATE:SOURCE means a gate where it is closed for that
    source alone. What guards what must not be published can't be accepted. Unless --for says how long, it holds for
    the next release that is built.

    \b
    Examples: oversight release accept counts:news --reason "Two outlets were added"
              oversight release accept replaced --reason "dhs.gov was redesigned" --for 7
    """
    require_archive(folder)
    known = Sources(checked_settings(folder)).names()
    for name in gates:
        gate, _, source = name.partition(":")
        if gate not in ACCEPTABLE:
            raise click.UsageError(f"{name!r} can't be accepted; these can: {', '.join(ACCEPTABLE)}.")
        if source and source not in known:
            raise click.UsageError(f"No source is called {source!r}. There are: {', '.join(known)}.")
    if not reason.strip():
        raise click.UsageError("Say why with --reason.")
    until = str(date.fromisoformat(now()[:10]) + timedelta(days)) if days else ""
    with writing(folder, "release accept"), ProgressReport() as progress:
        with closing(Journal(folder)) as journal:
            journal.append(OVERRULED, at=now(), gates=list(gates), reason=reason, until=until)
        answer = build_held(folder, None, progress)
    show_json(answer) if as_json else show_release(answer)
    if not (as_json or answer["new"] or answer["closed"]):
        lasts = f"till {until}" if until else "for the next release that is built"
        click.echo(
            shown(f"No gate held a release back. It is on record that {', '.join(gates)} may stand open {lasts}.")
        )
    if answer["closed"]:
        sys.exit(Exit.USAGE)


@release.command(name="list")
@json_option
@archive_option
@click.pass_obj
def list_command(folder: Path, as_json: bool) -> None:
    """List the releases, the newest first, and say why there is no newer one.

    \b
    Example: oversight release list --json
    """
    require_archive(folder)
    releases = Releases(folder)
    found = [
        {**_line(told), "manifest": file_digest(releases.manifest_path(number))[1], "looks": told.get("looks", [])}
        for number in reversed(releases.numbers())
        if (told := releases.manifest(number))
    ]
    if as_json:
        show_json(found)
        return
    current = releases.current()
    for one in found:
        mark = "*" if one["number"] == current else " "
        click.echo(f"{mark} {one['number']:5}  {one['built']}  {one['documents']:9,} documents  {one['digest']}")
        click.echo(f"         its manifest's SHA-256: {one['manifest']}")
        for look in one["looks"]:
            click.echo(shown(f"         a look was wanted: {look['gate']}: {look['reason']}"))
    if not found:
        click.echo("There is no release yet. `oversight release build` makes one.")
    refused = History.of(Journal(folder).read()).refused or {"gates": ()}
    for gate in refused["gates"]:
        click.echo(shown(f"! since {refused['at']} no release is built: {gate['gate']}: {gate['reason']}"))
        click.echo(shown(f"    → {remedy_of(gate)}"))


@release.command()
@click.argument("number", type=click.IntRange(1))
@archive_option
@click.pass_obj
def show(folder: Path, number: int) -> None:
    """Print a release's manifest.

    \b
    Example: oversight release show 3
    """
    click.echo(json.dumps(manifest_or_end(folder, number), indent=1, sort_keys=True))


@release.command()
@click.argument("number", type=click.IntRange(1))
@click.option("--reason", required=True, help="Why; it is kept in the journal.")
@archive_option
@click.pass_obj
def use(folder: Path, number: int, reason: str) -> None:
    """Have another release served: an earlier one, or the newest again.

    \b
    Example: oversight release use 12 --reason "13 lost the figures of 2016"
    """
    manifest_or_end(folder, number)
    with writing(folder, f"release use {number}"):
        use_release(folder, number, now(), reason)


@release.command()
@click.option("--keep", type=click.IntRange(1), required=True, help="Keep so many of the newest, and the one served.")
@archive_option
@click.pass_obj
def prune(folder: Path, keep: int) -> None:
    """Delete the databases of old releases; their manifests are kept.

    \b
    Example: oversight release prune --keep 30
    """
    require_archive(folder)
    with writing(folder, "release prune"):
        gone = prune_releases(folder, keep, now())
    click.echo(f"{len(gone)} release{'s'[: len(gone) != 1]} deleted.")


def _line(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {name: manifest[name] for name in ("number", "built", "digest", "documents")}
