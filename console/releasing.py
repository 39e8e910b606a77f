"""`oversight release`: releases are built, listed, chosen; what one is stands in archive/release."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from archive.release.folder import Releases
from archive.release.gates import ACCEPTABLE, told
from archive.release.history import History
from archive.release.policies import Policies
from archive.release.publishing import GatesClosed, Order, Outcome, build_release, prune_releases, use_release
from archive.research.status import source_states
from archive.store.journal import Journal
from archive.store.segment import file_digest
from console.answers import show_json, shown
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.writing import Exit, open_to_read, require_archive, writing
from pipelines.timestamping import stamp_releases
from pipelines.told import checked_settings

WAY_PAST = f"`oversight release build --accept GATE --reason …` goes past {', '.join(ACCEPTABLE)}."


def release_night(folder: Path, report: dict[str, Any], *, good: bool) -> None:
    """Build a release after a good night, and say in the report what became of it: `release`."""
    if good:
        report["release"] = build_and_stamp(folder)
    else:
        closed = [{"gate": "night", "reason": "the night had failures", "subjects": []}]
        report["release"] = {"new": False, "closed": closed, "not_stamped": []}


def build_and_stamp(folder: Path, accepted: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Build a release, and have it stamped where an authority is named; return what became of it.

    `new` tells whether there is one, `closed` which gates were closed, `not_stamped` why there is no time-stamp.
    """
    with writing(folder, "release build"), ProgressReport() as progress:
        progress("building a release", 0, 1)
        try:
            done = build_now(folder, accepted)
            answer = {"new": done.new, **_line(done.manifest), "closed": []}
        except GatesClosed as closed:
            answer = {"new": False, "closed": [told(one) for one in closed.closed]}
        return answer | {"not_stamped": [one.detail for one in stamp_releases(folder)]}


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
    if answer["closed"]:
        click.echo(f"The last release is served on. {WAY_PAST}", err=True)
    elif answer["new"]:
        click.echo(f"Release {answer['number']}: {answer['documents']:,} documents, {answer['digest']}")
    else:
        click.echo(f"Nothing is new since release {answer['number']}.")
    for reason in answer["not_stamped"]:
        click.echo(shown(f"  not-stamped: {reason}"), err=True)


def build_now(folder: Path, accepted: Mapping[str, str] | None = None) -> Outcome:
    """Build a release of the archive as it is. The caller holds its lock.

    Raises GatesClosed, and what stops a writer (console/writing.py).
    """
    settings = checked_settings(folder)
    with closing(open_to_read(folder)) as catalogue:
        failing = [state["name"] for state in source_states(catalogue) if state["health"] == "failing"]
        order = Order(
            at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            policies=Policies(settings.getdict("PUBLISH")),
            failing=tuple(failing),
            accepted=accepted or {},
        )
        return build_release(folder, catalogue, order)


@click.group()
def release() -> None:
    """Build, list and choose the releases: what of the archive is published.

    \b
    Examples: oversight release build
              oversight release list --json
    """


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
              oversight release build --accept sources --reason "ice.gov is down for the week"
    """
    if bool(accepted) != bool(reason.strip()):
        raise click.UsageError("--accept GATE and --reason go together.")
    require_archive(folder)
    answer = build_and_stamp(folder, dict.fromkeys(accepted, reason))
    show_json(answer) if as_json else show_release(answer)
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
        {**_line(releases.manifest(number)), "manifest": file_digest(releases.manifest_path(number))[1]}
        for number in reversed(releases.numbers())
    ]
    if as_json:
        show_json(found)
        return
    current = releases.current()
    for one in found:
        mark = "*" if one["number"] == current else " "
        click.echo(f"{mark} {one['number']:5}  {one['built']}  {one['documents']:9,} documents  {one['digest']}")
        click.echo(f"         its manifest's SHA-256: {one['manifest']}")
    if not found:
        click.echo("There is no release yet. `oversight release build` makes one.")
    refused = History.of(Journal(folder).read()).refused or {"gates": ()}
    for gate in refused["gates"]:
        click.echo(shown(f"! since {refused['at']} no release is built: {gate['gate']}: {gate['reason']}"))


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
        use_release(folder, number, _now(), reason)


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
        gone = prune_releases(folder, keep, _now())
    click.echo(f"{len(gone)} release{'s'[: len(gone) != 1]} deleted.")


def manifest_or_end(folder: Path, number: int) -> Mapping[str, Any]:
    """Return a release's manifest. Raises a usage error where there is no such release."""
    require_archive(folder)
    try:
        return Releases(folder).manifest(number)
    except FileNotFoundError as error:
        numbers = ", ".join(map(str, Releases(folder).numbers())) or "none"
        raise click.UsageError(f"There is no release {number}; there are: {numbers}.") from error


def _line(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {name: manifest[name] for name in ("number", "built", "digest", "documents")}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
