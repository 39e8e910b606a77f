"""`oversight export`: what others can read of a release; what is in it stands in archive/export."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from archive.export.about import RIGHTS, Exported, Named, exported
from archive.export.chosen import REASONS, Chosen, Publication, choose, choose_working, iter_pages
from archive.export.package import Described, write_package
from archive.export.place import Occupied, new_file, new_folder, size_of
from archive.export.wacz import Source, Told, write_wacz
from archive.release.checked import CheckedRelease, ReleaseRefused, check_release, open_release
from archive.release.folder import Releases
from archive.release.policies import Policies
from archive.release.withdrawals import is_pending
from archive.release.withholding import read_withheld
from archive.research.questions import read_question
from archive.research.reading import find_text
from archive.research.search import MOST_RESULTS, search
from archive.site.told import told_of_site
from archive.store.errors import RecordDamaged
from archive.store.journal import Journal
from archive.store.segment import file_digest
from console.answers import show_json, shown
from console.ending import Exit, end, writing_elsewhere
from console.looking import open_to_read, require_archive
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.writing import writing
from pipelines.clock import now
from pipelines.told import checked_settings

release_option = click.option(
    "--release", "number", type=click.IntRange(1), metavar="N",
    help="Of this release, less what was withdrawn since.  [default: the one served]",
)  # fmt: skip
METADATA = Path(__file__).parent.parent / "datasette_metadata.json"
AGAIN = "something was withdrawn meanwhile; nothing was written, and the same command gives what is published now"


@dataclass(frozen=True, slots=True)
class Opened:
    """What an export is made of: a release, or the working catalogue (`release` is then None), open for reading."""

    folder: Path
    connection: sqlite3.Connection
    release: CheckedRelease | None

    @property
    def told(self) -> Exported:
        """Return what the export says of itself."""
        archive, release = _archive(), self.release
        if release is None:
            return exported(self.connection, archive)
        return exported(self.connection, archive, release.number, release.manifest, release.manifest_sha256)


@contextmanager
def opened_to_export(folder: Path, number: int | None, *, working: bool = False) -> Iterator[Opened]:
    """Open a release, the one that is served where none is named, or the working archive.

    What a withdrawal that was killed had left to do is done first. Where something is withdrawn until the block's end,
    the command ends and nothing stands at the export's place: leave the block before the export is put there.
    """
    if working:
        with closing(open_to_read(folder)) as connection:
            yield Opened(folder, connection, None)
        return
    _finish_withdrawals(folder)
    try:
        release = check_release(Releases(folder), number or _served(folder))
        connection = open_release(release)
    except ReleaseRefused as refused:
        raise click.UsageError(str(refused)) from refused
    with closing(connection):
        yield Opened(folder, connection, release)


def require_unchanged(opened: Opened) -> None:
    """End the command where something was withdrawn since the release was opened."""
    release = opened.release
    if release is None:
        return
    manifest = Releases(opened.folder).manifest_path(release.number)
    same = manifest.exists() and file_digest(manifest)[1] == release.manifest_sha256
    if not same or _is_pending(opened.folder):
        end(AGAIN, Exit.FAILED)


def _served(folder: Path) -> int:
    number = Releases(folder).current()
    if number is None:
        require_archive(folder)
        raise click.UsageError("There is no release yet. `oversight release build` makes one.")
    return number


def _is_pending(folder: Path) -> bool:
    journal = Journal(folder)
    return journal.path.exists() and is_pending(journal.read())


def _finish_withdrawals(folder: Path) -> None:
    if _is_pending(folder):
        with writing(folder, "export"):
            pass  # any command that writes finishes them
        if _is_pending(folder):
            end("a withdrawal isn't carried out yet; `oversight verify` says what stands in the way", Exit.FAILED)


def _archive() -> Named:
    """Return what the operator calls the archive: the settings of the site (archive/site/told.py)."""
    told = told_of_site({name: os.environ.get(f"ARCHIVE_{name.upper()}") for name in ("name", "contact", "address")})
    return Named(told.name, told.contact, told.address)


@contextmanager
def refusals() -> Iterator[None]:
    """Say in one sentence what stands in the way of an export."""
    try:
        yield
    except Occupied as occupied:
        raise click.UsageError(str(occupied)) from occupied
    except RecordDamaged as damaged:
        end(f"record-altered: {damaged}. Nothing was written; `oversight verify` names all that is so", Exit.FAILED)


def require_outside(folder: Path, target: Path) -> None:
    """Raise a usage error for a place in the archive itself, or in a folder that isn't there."""
    place = target.resolve()
    if folder.resolve() in (place, *place.parents):
        raise click.UsageError("An export lies outside the archive; name another place.")
    if not place.parent.is_dir():
        raise click.UsageError(f"There is no folder {target.parent}.")


@click.group()
def export() -> None:
    """Write what other programs read: web archives, data packages, and sites that need no server.

    An export holds no more than the release that it is of. docs/exports.md says what is in it, and how to check it.

    \b
    Examples: oversight export wacz dhs-ice-pia-039a pia-039a.wacz
              oversight export package ./release-12 --release 12
              oversight export site ./site
    """


@export.command(name="wacz")
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.wacz")
@click.option("--search", "query", help="The documents that a search finds.")
@release_option
@click.option("--working", is_flag=True, help="All that is held, published or not: for the operator only.")
@json_option
@archive_option
@click.pass_obj
def wacz_command(  # noqa: PLR0913, PLR0917
    folder: Path, documents: Sequence[str], file: Path, query: str | None, number: int | None, working: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write a WACZ file: the original captures of documents, of a search, or of a whole release.

    It opens in ReplayWeb.page and other programs. The records are those of the archive, byte for byte. Captures whose
    bytes hold more than is published (articles, contacts in records, links to what was withdrawn) are left out, and
    counted.

    \b
    Examples: oversight export wacz dhs-ice-pia-039a pia-039a.wacz
              oversight export wacz --search '"license plate"' plates.wacz
              oversight export wacz --release 12 release-12.wacz
    """
    if (documents and query is not None) or (working and number is not None):
        raise click.UsageError("Name documents or a search, and a release or --working.")
    require_archive(folder)
    require_outside(folder, file)
    with writing_elsewhere("export"), refusals(), ProgressReport() as progress:
        with opened_to_export(folder, number, working=working) as opened, new_file(file) as written:
            named = _named(opened.connection, documents, query)
            answer = _write_wacz(opened, named, written, progress)
            require_unchanged(opened)
        answer |= dict(zip(("bytes", "sha256"), file_digest(file), strict=True))
    answer = {"file": str(file), **answer}
    show_json(answer) if as_json else _show_wacz(answer)


def _write_wacz(opened: Opened, named: list[str] | None, written: Any, progress: ProgressReport) -> dict[str, Any]:
    with closing(open_to_read(opened.folder)) as catalogue:
        source = Source(opened.folder, catalogue)
        progress("choosing what may go along", 0, 1)
        chosen = choose_captures(opened, source, named)
        if not chosen.captures:
            raise click.UsageError(f"No capture may go along. {_left_out(chosen.left_out)}".rstrip())
        going = frozenset(chosen.captures)
        documents, pages = [], []
        for document, page in iter_pages(opened.connection, going, named, opened.told):
            documents.append(document)
            pages.append(page)
        done = write_wacz(written, source, chosen.captures, pages, _told(opened, chosen, catalogue), progress)
    return {
        "release": opened.release.number if opened.release else None,
        "documents": len(set(documents)),
        "captures": done.captures,
        "rebuilt": done.rebuilt,
        "left_out": dict(chosen.left_out) | ({"unchanged": len(done.lost)} if done.lost else {}),
    }


@export.command(name="package")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@release_option
@json_option
@archive_option
@click.pass_obj
def package_command(folder: Path, target: Path, number: int | None, as_json: bool) -> None:
    """Write a data package: a release's SQLite file, its manifest, and each table as CSV with its schema.

    It is a Frictionless Data Package, which programs of many languages read. The folder must be empty, or not there.

    \b
    Examples: oversight export package ./release
              oversight export package ./release-12 --release 12 --json
    """
    require_outside(folder, target)
    with (
        writing_elsewhere("export"), refusals(), ProgressReport() as progress,
        opened_to_export(folder, number) as opened, new_folder(target) as made,
    ):  # fmt: skip
        described = Described(json.loads(METADATA.read_text("utf-8"))["databases"]["archive"]["tables"])
        told = opened.told
        package = write_package(made, Releases(folder), opened.connection, told, described, progress)
        answer = answer_for(target, told, made, "datapackage.json")
        answer["tables"] = {one["name"]: one["rows"] for one in package["resources"] if "rows" in one}
        require_unchanged(opened)
    show_json(answer) if as_json else _show_folder(answer)


@export.command(name="site")
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option(
    "--with-files", "originals", is_flag=True, help="The original PDFs too, where they are published in full."
)
@release_option
@json_option
@archive_option
@click.pass_obj
def site_command(folder: Path, target: Path, originals: bool, number: int | None, as_json: bool) -> None:
    """Write a site that is read from a disk: no server, no JavaScript, nothing that is loaded from elsewhere.

    Lists by collection and year, by title and by number take the place of search. The folder must be empty, or not
    there.

    \b
    Examples: oversight export site ./site
              oversight export site ./site --with-files --release 12
    """
    # It loads Datasette, which no other command here needs.
    from archive.site.offline import SUMS, write_site  # noqa: PLC0415

    require_outside(folder, target)
    with (
        writing_elsewhere("export"), refusals(), ProgressReport() as progress,
        opened_to_export(folder, number) as opened, new_folder(target) as made, _given(opened, originals) as given,
    ):  # fmt: skip
        write_site(made, opened.connection, Releases(folder), opened.told, given, progress)
        answer = answer_for(target, opened.told, made, SUMS)
        require_unchanged(opened)
    show_json(answer) if as_json else _show_folder(answer)


@contextmanager
def _given(opened: Opened, originals: bool) -> Iterator[Callable[[Mapping[str, Any]], bytes | None]]:
    """Give what returns a version's original PDF, where it is asked for and may go along."""
    if not originals:
        yield lambda _: None
        return
    require_archive(opened.folder)
    with closing(open_to_read(opened.folder)) as catalogue:
        source = Source(opened.folder, catalogue)
        going = frozenset(choose_captures(opened, source, None).captures)

        def original(version: Mapping[str, Any]) -> bytes | None:
            if version["capture"] not in going or version["media_type"] != "application/pdf":
                return None
            body = source.store().payload(version["capture"])
            return body if body[:1024].lstrip().startswith(b"%PDF-") else None

        yield original


def answer_for(target: Path, told: Exported, made: Path, list_of: str) -> dict[str, Any]:
    """Return what is told of a folder that was written; `sha256` is that of the file that names all others."""
    files, size = size_of(made)
    digest = file_digest(made / list_of)[1]
    return {"folder": str(target), "release": told.number, "documents": told.manifest.get("documents"),
            "files": files, "bytes": size, "list": list_of, "sha256": digest}  # fmt: skip


def _show_folder(answer: Mapping[str, Any]) -> None:
    click.echo(f"{answer['folder']}: release {answer['release']}, {_documents(answer)}, "
               f"{answer['files']:,} files, {answer['bytes']:,} bytes")  # fmt: skip
    click.echo(f"{answer['list']}: sha256:{answer['sha256']}")


def _named(connection: sqlite3.Connection, documents: Sequence[str], query: str | None) -> list[str] | None:
    """Return the ids of the documents that are meant, None for all. Raises a usage error where there are none."""
    if query is not None:
        found = _found(connection, query)
        if not found:
            raise click.UsageError(f"The search {shown(query)!r} finds nothing.")
        return found
    ids = []
    for name in documents:
        known = find_text(connection, name, 0)
        if known is None:
            raise click.UsageError(f"Nothing that is published is known as {shown(name)}.")
        ids.append(known["document"])
    return ids or None


def _found(connection: sqlite3.Connection, query: str) -> list[str]:
    """Return every document that a search finds. Raises a usage error where they are too many to be listed."""
    ids: list[str] = []
    asked = read_question(connection, query).query
    while True:
        found = search(connection, asked, limit=MOST_RESULTS, offset=len(ids))
        if found.get("total_about"):
            raise click.UsageError(f"That finds about {found['total']:,} documents, too many to be listed; narrow it.")
        ids += [row["id"] for row in found["results"]]
        if len(ids) >= found["total"] or not found["results"]:
            return ids


def choose_captures(opened: Opened, source: Source, named: list[str] | None) -> Chosen:
    if opened.release is None:
        return choose_working(opened.connection, named)
    withheld = read_withheld(source.catalogue, Journal(opened.folder).read(), now()[:10])
    policies = Policies(checked_settings(opened.folder).getdict("PUBLISH"))
    asked = Publication(opened.connection, source.catalogue, policies, withheld)
    return choose(asked, named, source.store().payload)


def _told(opened: Opened, chosen: Chosen, catalogue: sqlite3.Connection) -> Told:
    told = opened.told
    last = catalogue.execute("SELECT captured_at FROM captures WHERE id = ?", (chosen.captures[-1],)).fetchone()[0]
    said = [*told.notices, _left_out(chosen.left_out), RIGHTS]
    return Told(told.title, " ".join(one for one in said if one), told.created or last, told.facts)


def _left_out(left_out: Mapping[str, int]) -> str:
    """Say what stayed behind, and why."""
    told = [f"{number:,}: {REASONS[why]}" for why, number in sorted(left_out.items()) if why in REASONS]
    return f"Left out: {'; '.join(told)}." if told else ""


def _documents(answer: Mapping[str, Any]) -> str:
    return f"{answer['documents']:,} document{'s'[: answer['documents'] != 1]}"


def _show_wacz(answer: Mapping[str, Any]) -> None:
    click.echo(f"{answer['file']}: {answer['captures']:,} captures of {_documents(answer)}, "
               f"{answer['bytes']:,} bytes, sha256:{answer['sha256']}")  # fmt: skip
    if told := _left_out(answer["left_out"]):
        click.echo(told)
