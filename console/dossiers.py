"""`oversight dossier`: claims in Markdown held against the archive, what changed since, and a folder for others."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from archive.dossiers.apart import read_dossier_apart
from archive.dossiers.changed import MOST_BYTES as MOST_RECORD
from archive.dossiers.changed import NoRecord, Record, mark_changes, read_record, record_of
from archive.dossiers.checking import Holding, check_claims, counts
from archive.dossiers.cited_pages import Given
from archive.dossiers.dossier import Dossier
from archive.dossiers.footnotes import cited_versions
from archive.dossiers.writing import SUMS, Giving, write_dossier
from archive.drafts.draft import MOST_BYTES, DraftRefused
from archive.export.place import new_folder
from archive.export.wacz import Source
from archive.mementos.stored_bytes import read_capture
from archive.outcomes import OUTCOMES
from archive.release.folder import Releases
from archive.release.withheld import NOTHING, Withheld
from archive.release.withholding import read_withheld
from archive.research.citing.forms import NAMES
from archive.research.documents import hex_digest
from archive.research.pictured import NOT_SHOWN, why_not_pictured
from archive.research.quotes.told import sentence
from archive.research.rows import Row
from archive.store.journal import Journal
from archive.store.put import put
from console.answers import show_json, shown
from console.citing import teller
from console.ending import Exit, end, writing_elsewhere
from console.exporting import (
    Opened,
    answer_for,
    choose_captures,
    opened_to_export,
    refusals,
    require_outside,
    require_unchanged,
)
from console.looking import open_to_read, require_archive
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.quoting import marked
from pipelines.clock import now

SAVED = ".check.json"
STYLES = tuple(name for name in NAMES if name not in {"bibtex", "ris", "csl-json"})


@click.group()
def dossier() -> None:
    """Hold a dossier of claims against what the archive holds.

    A dossier is Markdown: each claim under a heading, with its status and its evidence. docs/dossiers.md says how it
    is written.

    \b
    Example: oversight dossier check claims.md --out ./claims
    """


@dossier.command(name="check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--release", "number", type=click.IntRange(1), metavar="N",
              help="Against this release, less what was withdrawn since.  [default: the one served]")  # fmt: skip
@click.option("--working", is_flag=True, help="Against the working catalogue, with what is published nowhere.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Write a folder: the dossier with footnotes, the cited pages, the proofs.")  # fmt: skip
@click.option("--style", type=click.Choice(STYLES), default="plain", show_default=True, help="How it cites.")
@click.option("--no-save", is_flag=True, help="Don't keep the result beside the file for the next check.")
@json_option
@archive_option
@click.pass_obj
def check_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    file: Path,
    number: int | None,
    working: bool,
    out: Path | None,
    style: str,
    no_save: bool,
    as_json: bool,
) -> None:
    """Say for each claim of a dossier what the archive holds for it, and what changed since the last check.

    The result is kept beside the file, as FILE.check.json; nothing of a dossier is kept in the archive. The status is
    0 where all stands and nothing changed, 1 where something doesn't or did, 2 where there is no answer.

    \b
    Examples: oversight dossier check claims.md
              oversight dossier check claims.md --out ./claims --style bluebook
              oversight dossier check claims.md --release 12 --no-save --json
    """
    if working and (number is not None or out is not None):
        raise click.UsageError("--working goes neither with --release nor with --out: a folder is of a release.")
    if out is not None:
        require_outside(folder, out)
    saved = None if no_save or str(file) == "-" else file.with_name(file.name + SAVED)
    body, read = _read(file, shown_too=out is not None)
    with writing_elsewhere("dossier"), refusals(), opened_to_export(folder, number, working=working) as opened:
        held = Holding(opened.connection, _withheld(folder, opened), teller(now()[:10]), style)
        with ProgressReport() as progress:
            claims = check_claims(held, read, progress)
            answer = _answer(opened, file, body, read, claims, saved)
            if out is not None:
                answer["out"] = _write(opened, out, read, answer, progress)
        require_unchanged(opened)
        record = record_of(opened.connection, answer)
    if saved is not None:
        _save(saved, record)
    if as_json:
        show_json(answer)
    else:
        click.echo("\n".join(map(shown, _lines(answer))))
    _tell(answer)
    sys.exit(Exit.OK if answer["good"] else Exit.FAILED)


def _read(file: Path, *, shown_too: bool) -> tuple[bytes, Dossier]:
    """Return the bytes of a dossier and what is in it; ends the command where that can't be told."""
    try:
        with click.open_file(str(file), "rb") as opened:
            body = opened.read(MOST_BYTES + 1)
        return body, read_dossier_apart(body, file.name, shown=shown_too)
    except OSError as error:
        raise click.UsageError(f"{shown(str(file))} could not be opened ({error.strerror}).") from error
    except DraftRefused as refused:
        known = OUTCOMES[refused.outcome]
        detail = f" ({refused.detail})" if refused.detail else ""
        end(shown(f"{file}: {refused.outcome}: {known.meaning}{detail} {known.remedy}".rstrip()), Exit.USAGE)


def _withheld(folder: Path, opened: Opened) -> Withheld:
    """Return what is withdrawn of the working catalogue; a release holds nothing of it."""
    if opened.release is not None:
        return NOTHING
    return read_withheld(opened.connection, Journal(folder).read(), now()[:10])


def _answer(opened: Opened, file: Path, body: bytes, read: Dossier, claims: list[Row], saved: Path | None) -> Row:
    release = opened.release
    last, notes = _last(saved)
    changes, edited = mark_changes(opened.connection, claims, last) if last else ([], [])
    stands = bool(claims) and all(claim["good"] for claim in claims)
    return {
        "dossier": file.name,
        "sha256": hashlib.sha256(body).hexdigest(),
        "title": read.title,
        "checked": now(),
        "release": release.number if release else None,
        "manifest_sha256": release.manifest_sha256 if release else "",
        "last_check": {"checked": last.checked, "release": last.release} if last else None,
        "good": stands and not changes and not read.odd,
        "counts": counts(claims),
        "claims": claims,
        "not_understood": [{"line": one.line, "told": one.told} for one in read.odd],
        "changes": changes,
        "edited": edited,
        "notes": [*read.notes, *notes, *([] if claims else ["It has no claim: no heading of level 2 or 3."])],
    }


def _write(opened: Opened, out: Path, read: Dossier, answer: Row, progress: ProgressReport) -> Row:
    """Write the folder, whole or not at all; return what is told of it."""
    require_archive(opened.folder)
    documents = list(dict.fromkeys(one.partition("@")[0] for one in cited_versions(answer["claims"])))
    with closing(open_to_read(opened.folder)) as catalogue, new_folder(out) as made:
        going = frozenset(choose_captures(opened, Source(opened.folder, catalogue), documents).captures)

        def given(version: Row) -> Given:
            content = opened.connection.execute(
                "SELECT content_digest FROM captures WHERE id = ?", (version["capture"],)
            ).fetchone()[0]

            def load() -> bytes:
                return read_capture(opened.folder, version["capture"], hex_digest(content)).body

            why = "" if version["capture"] in going else NOT_SHOWN
            return Given(why, why_not_pictured(opened.connection, version, whole=False), load)

        giving = Giving(opened.connection, Releases(opened.folder), opened.told, given)
        write_dossier(made, giving, read, answer, progress)
        told = answer_for(out, opened.told, made, SUMS)
        require_unchanged(opened)
    return {name: told[name] for name in ("folder", "files", "bytes", "list", "sha256")}


def _last(saved: Path | None) -> tuple[Record | None, list[str]]:
    """Return the record of the last check, None where there is none; and what has to be said of it."""
    if saved is None:
        return None, []
    try:
        with saved.open("rb") as opened:
            content = opened.read(MOST_RECORD + 1)
        if len(content) > MOST_RECORD:
            raise NoRecord("it is larger than any")
        return read_record(content), []
    except FileNotFoundError:
        return None, []
    except (NoRecord, OSError) as error:
        return None, [f"{saved.name} is no record of a check ({error}): nothing was compared with it."]


def _save(saved: Path, record: bytes) -> None:
    try:
        put(saved, record)
    except OSError as error:
        end(f"{shown(str(saved))} could not be written ({error.strerror}); --no-save keeps nothing.", Exit.USAGE)


def _lines(answer: Row) -> Iterator[str]:
    """Yield what is told of a dossier, for people."""
    for claim in answer["claims"]:
        status = f"  [{'; '.join(claim['status'])}]" if claim["status"] else ""
        yield f"{claim['number']}. {claim['claim']}{status}"
        yield f"   {claim['told']}"
        for item in claim["evidence"]:
            for row in item["quotations"]:
                yield from _of_quotation(row)
            for row in item["cited"]:
                yield from _of_document(row)
        for row in claim["absences"]:
            yield from _of_absence(row)
        yield ""
    for odd in answer["not_understood"]:
        yield f"line {odd['line']}: not understood: {odd['told']}"


def _of_quotation(row: Row) -> Iterator[str]:
    yield f"   line {row['line']}: {row['outcome']}{'' if row['good'] else ' (!)'}: “{marked(row)}”"
    if row["document"]:
        page = f", page {row['page']}" if row["page"] else ""
        yield f"{'':6}{row['identifier'] or row['title']}{page} ({row['version']})"
    for told in filter(None, (row["url"], sentence(row), row["change"] and f"CHANGED: {row['change']}")):
        yield f"{'':6}{told}"


def _of_document(row: Row) -> Iterator[str]:
    page = row["page"]
    which = f", page {page['cited']}" if page else ""
    name = f" = {row['identifier'] or row['title']} ({row['version'] or row['document']})" if row["document"] else ""
    yield f"   line {row['line']}: {row['state']}{'' if row['good'] else ' (!)'}: {row['said']}{which}{name}"
    for told in (*row["notes"], row["change"] and f"CHANGED: {row['change']}"):
        if told:
            yield f"{'':6}{told}"


def _of_absence(row: Row) -> Iterator[str]:
    yield f"   line {row['line']}: {row['outcome']}{'' if row['good'] else ' (!)'}: {row['sentence']}"
    yield f"{'':6}{row['address']}"
    for one in row["results"]:
        yield f"{'':6}found: {one['identifier'] or one['title']}  {one['url']}"
    if row["change"]:
        yield f"{'':6}CHANGED: {row['change']}"


def _tell(answer: Row) -> None:
    verdicts = ", ".join(f"{count:,} {name}" for name, count in answer["counts"]["claims"].items() if count)
    against = f"release {answer['release']}" if answer["release"] else "the working catalogue"
    claims = len(answer["claims"])
    click.echo(f"{claims:,} claim{'s'[: claims != 1]}: {verdicts or 'none'}; against {against}", err=True)
    if out := answer.get("out"):
        click.echo(shown(f"{out['folder']}: {out['files']:,} files; {out['list']}: sha256:{out['sha256']}"), err=True)
    if last := answer["last_check"]:
        before = f"release {last['release']}" if last["release"] else "the working catalogue"
        many = f"{len(answer['changes'])} changed" if answer["changes"] else "nothing changed"
        click.echo(shown(f"since the check of {last['checked']}, against {before}: {many}"), err=True)
    for told in (*answer["edited"], *answer["notes"]):
        click.echo(shown(told), err=True)
