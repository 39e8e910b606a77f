"""Proof files on the command line: `oversight release proof` makes one, `oversight verify --proof` checks one."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from archive.release.folder import Releases
from archive.release.proofs import NoSuchVersion, check_proof, make_proof, manifest_of
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import require_archive
from console.options import archive_option


@click.command(name="proof")
@click.argument("document")
@click.option("--release", "number", type=click.IntRange(1), help="Of this release.  [default: the one served]")
@archive_option
@click.pass_obj
def proof_command(folder: Path, document: str, number: int | None) -> None:
    """Print a proof file: that a release holds a document (its newest version), or a version.

    docs/checking-a-proof.md says how a stranger checks it.

    \b
    Example: oversight release proof dhs-ice-pia-039a > proof.json
    """
    require_archive(folder)
    number = number or Releases(folder).current()
    if number is None:
        raise click.UsageError("There is no release yet. `oversight release build` makes one.")
    manifest_or_end(folder, number)
    try:
        click.echo(make_proof(Releases(folder), number, document), nl=False)
    except NoSuchVersion:
        end(f"Release {number} holds nothing that is called {shown(document)}.", Exit.FAILED)
    except (OSError, ValueError) as error:
        end(f"Release {number} isn't whole: {error}", Exit.FAILED)


def manifest_or_end(folder: Path, number: int) -> Mapping[str, Any]:
    """Return a release's manifest. Raises a usage error where there is no such release."""
    require_archive(folder)
    try:
        return Releases(folder).manifest(number)
    except FileNotFoundError as error:
        numbers = ", ".join(map(str, Releases(folder).numbers())) or "none"
        raise click.UsageError(f"There is no release {number}; there are: {numbers}.") from error


def check_and_report(proof: Path, document: Path | None, published: str) -> None:
    """Check a proof file, and a document by it; no archive is needed. Ends with status 1 where it proves nothing."""
    try:
        content = proof.read_bytes()
        refusals = check_proof(content, published, document.read_bytes() if document else None)
    except OSError as error:
        raise click.UsageError(f"{error.filename}: {error.strerror}") from error
    for reason in refusals:
        click.echo(f"refused: {reason}")
    if refusals:
        sys.exit(Exit.FAILED)
    show_json(json.loads(content)["leaf"])
    if not document:
        click.echo("No document was compared with it: name the file behind the proof.", err=True)
    if not published:
        digest = hashlib.sha256(manifest_of(content)).hexdigest()
        click.echo(
            f"Compare the manifest's SHA-256 with the published one (or name it: --manifest): {digest}", err=True
        )
