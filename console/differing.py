"""`oversight diff`: what changed between two versions, or between two files that lie here, as text, colours or JSON."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from archive.diff.compare import compare
from archive.diff.model import DOCUMENT, PAGE, REAL, UNREAD, Fact, Page, Side, Table
from archive.outcomes import OUTCOMES, severity
from archive.research import compared
from archive.research.difference import Difference
from archive.research.difference_text import Piece, plain_difference
from archive.research.documents import find_document
from archive.research.reading import find_text
from archive.research.rows import Row, select_one
from console.answers import show_json, shown
from console.looking import open_to_read
from console.options import archive_option, json_option
from console.reading import ARTICLES, LARGEST, REMEDIES, is_file, plain
from pipelines.readers import Readers, Wanted
from pipelines.text.reading import Reading

# As diff(1) has it: the same (or the same to read), different, no answer.
ALIKE, DIFFERENT, TROUBLE = 0, 1, 2
_COLOURS: dict[str, dict[str, Any]] = {
    "removed": {"fg": "red", "strikethrough": True},
    "added": {"fg": "green", "underline": True},
    "heading": {"bold": True},
}


@click.command(name="diff")
@click.argument("first", metavar="DOCUMENT|FILE")
@click.argument("second", required=False, metavar="[A..B|DOCUMENT|FILE]")
@click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
@json_option
@archive_option
@click.pass_obj
def diff_command(folder: Path, first: str, second: str | None, release: int | None, as_json: bool) -> None:
    """Say what changed between two versions of a document, or between two files.

    A document alone: its last two versions. A and B are the beginnings of versions' digests; without one, the newest,
    or the one before the other. Two documents, or two of their versions (ID@DIGEST), are compared with one another.
    PDFs and saved articles (.html) are read where they lie: no archive is needed, and nothing is kept.

    What is gone stands in [-…-], what is new in {+…+}. The exit status is 0 where nothing that is read changed, 1 where
    something did (or can't be told, since nobody knows the words of some pages), 2 where there is no answer.

    \b
    Examples: oversight diff dhs-uscis-pia-056
              oversight diff dhs-uscis-pia-056 e4c4886314..fea9e7b340
              oversight diff dhs-ice-009@5b0f53c1b8 dhs-ice-011
              oversight diff june.pdf july.pdf
              oversight diff june.pdf july.pdf --json
    """
    if second is not None and is_file(first) and is_file(second):
        if release is not None:
            raise click.UsageError("--release asks the archive; files are read as they lie here.")
        told, names = _of_files((Path(first), Path(second)))
        lines = [f"- {names['before']}", f"+ {names['after']}"]
    else:
        with closing(open_to_read(folder, release)) as catalogue:
            told, both = _of_versions(catalogue, first, second)
            names = {"before": both[0]["id"], "after": both[1]["id"]}
            lines = _headed(catalogue, both)
    if as_json:
        pinned = {} if release is None else {"release": release}
        show_json({**names, **told.data(), **pinned})
    else:
        _show(told, lines)
    sys.exit(DIFFERENT if told.told.kind in (REAL, UNREAD) else ALIKE)


def _headed(catalogue: sqlite3.Connection, both: Sequence[Row]) -> list[str]:
    """Return what two versions are called: their document's title, once where it is one, and when each was seen."""
    lines: list[str] = []
    for sign, one in zip("-+", both, strict=True):
        title = (find_document(catalogue, one["document"]) or {}).get("title") or one["document"]
        seen = " to ".join(dict.fromkeys((one["first_seen"][:10], one["last_seen"][:10])))
        lines += [] if title in lines else [title]
        lines.append(f"{sign} {one['id']}  version {one['ordinal']}, seen {seen}")
    return lines


def _show(told: Difference, lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(shown(line))
    click.echo()
    click.echo("".join(map(_coloured, plain_difference(told))), nl=False)


def _coloured(piece: Piece) -> str:
    """Return a piece for a terminal; where standard output is none, click takes the colours out."""
    text = plain(piece.text)
    colour = _COLOURS.get(piece.kind, {})
    return click.style(text, **colour) if colour and text and not os.environ.get("NO_COLOR") else text


def _trouble(message: str) -> None:
    click.echo(f"oversight: {message}", err=True)
    sys.exit(TROUBLE)


def _of_versions(catalogue: sqlite3.Connection, first: str, second: str | None) -> tuple[Difference, list[Row]]:
    if second is None or ".." in second:
        found = _two_of_one(catalogue, first, second or "..")
    else:
        found = [_version(catalogue, named) for named in (first, second)]
    try:
        told = compared.differ(catalogue, *found)
    except compared.TooLongError:
        _trouble(f"they have more than {compared.MOST_PAGES:,} pages together. Save the files, and name these.")
    return told, found


def _two_of_one(catalogue: sqlite3.Connection, named: str, span: str) -> list[Row]:
    document = _document(catalogue, named)
    tails: Sequence[str | None] = [tail.strip().lower() or None for tail in span.split("..", 1)]
    both = compared.neighbours(catalogue, document, *tails)
    if not both[0]:
        _trouble(f"{document['id']} has no earlier version: there is nothing to compare it with.")
    return [_tailed(catalogue, document, tail) for tail in both]


def _tailed(catalogue: sqlite3.Connection, document: Row, tail: str) -> Row:
    found = compared.find(catalogue, document, tail)
    if found.gone:
        _trouble(f"{document['id']}@{tail} was withdrawn: {found.gone['reason']}")
    version = found.version or found.renamed
    if version is None:
        _trouble(f"{document['id']} has no version whose digest begins with {tail!r}.")
    return version or {}


def _document(catalogue: sqlite3.Connection, named: str) -> Row:
    found = find_text(catalogue, named)
    document = find_document(catalogue, found["document"]) if found else None
    if document is None:
        _trouble(f"Nothing held is known as {shown(named)!r}. Look for it with `oversight search`.")
    return document or {}


def _version(catalogue: sqlite3.Connection, named: str) -> Row:
    found = find_text(catalogue, named)
    if found is None:
        return _tailed(catalogue, _document(catalogue, named.partition("@")[0]), named.partition("@")[2])
    return select_one(catalogue, "SELECT * FROM versions WHERE id = ?", (found["version"],)) or {}


def _of_files(paths: tuple[Path, Path]) -> tuple[Difference, Row]:
    """Read two files by the same confined processes as what is archived, and compare them; nothing of them is kept."""
    bodies = [_body(path) for path in paths]
    kinds = ["article" if path.suffix.lower() in ARTICLES else "pdf" for path in paths]
    wanted = {(hashlib.sha256(body).hexdigest(), kind): body for body, kind in zip(bodies, kinds, strict=True)}
    with tempfile.TemporaryDirectory(prefix="oversight-") as folder, Readers(Path(folder)) as readers:
        asked = [Wanted(digest, kind, "", lambda body=body: body) for (digest, kind), body in wanted.items()]  # type: ignore[misc]
        read = {(one.digest, one.kind): reading for one, reading in readers.read_all(asked)}
    sides = []
    for path, body, kind in zip(paths, bodies, kinds, strict=True):
        digest = hashlib.sha256(body).hexdigest()
        sides.append(_side(path, digest, kind, read[digest, kind]))
    return Difference(compare(*sides), *sides), {"before": sides[0].version, "after": sides[1].version}


def _body(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            _trouble(f"{shown(str(path))} is larger than {LARGEST >> 20} MB. Split it, and compare its parts.")
        return path.read_bytes()
    except OSError as error:
        _trouble(f"{shown(str(path))} could not be opened ({error.strerror}). Check its permissions.")
        raise


def _side(path: Path, digest: str, kind: str, reading: Reading) -> Side:
    if severity(reading.outcome) == "failure" or not reading.pages:
        known = OUTCOMES[reading.outcome]
        remedy = REMEDIES.get(reading.outcome, known.remedy)
        _trouble(shown(f"{path}: {reading.outcome}: {known.meaning} {remedy}".rstrip()))
    return Side(
        os.fsencode(path).decode("utf-8", "replace"),
        PAGE if kind == "article" else DOCUMENT,
        digest,
        tuple(
            Page(page.number, page.text, tuple(page.parts), page.runs_on, page.label, frozenset(page.also.split()),
                 page.outcome not in ("no-text-layer", "page-failed"), page.origin)
            for page in reading.pages
        ),
        tuple(Table(table.page, table.number, table.headers, table.rows) for table in reading.tables),
        tuple(Fact(fact.name, fact.value, fact.page) for fact in reading.facts),
    )  # fmt: skip
