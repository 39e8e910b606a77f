"""`oversight text`: the text of an archived document, or of a file that lies here, for a terminal or a program."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from archive.counted import counted
from archive.outcomes import OUTCOMES, severity
from archive.research.page_parts import running_text_of
from archive.research.reading import find_text
from archive.table_csv import table_csv
from console.answers import of_release, show_json, shown
from console.comparing import compare_file
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option, release_option
from console.timing import require_day, show_day, version_on
from pipelines.readers import Readers, Wanted
from pipelines.text.reading import Reading, TextPage, TextTable

Found = dict[str, Any]
# More than this doesn't fit into a reader's memory.
LARGEST = 600 << 20
ARTICLES = frozenset({".html", ".htm", ".xhtml"})
_FILES = ARTICLES | {".pdf"}
# What to do about a file that nobody keeps; of what isn't here, archive/outcomes.py says it for both.
REMEDIES = {
    "encrypted": "Save a copy that opens without a password, and name that.",
    "malformed-pdf": "Open it with another program and save it anew, or get a whole copy.",
    "no-article": "Name the page of one article, saved as HTML.",
    "page-failed": "Look at these pages with another program.",
    "reader-timeout": "Try it again when the machine has less to do, or split the file.",
    "reader-memory": "Split the file, and read its parts.",
    "reader-crashed": "Open it with another program and save it anew.",
}

# What a person can do about a page that waits for OCR.
_READ_BY = "install Debian's tesseract-ocr, or run `make ocr`, and the next run reads it"


def is_file(named: str) -> bool:
    """Tell whether a file is meant. Raises a usage error for a folder, and for a file's name that leads nowhere."""
    path = Path(named)
    try:
        if path.is_dir():
            raise click.UsageError(f"{shown(named)} is a folder; name a file in it.")
        if path.exists():
            return True
    except (OSError, ValueError):  # longer than a name may be, or with a NUL in it
        return False
    if path.suffix.lower() in _FILES and not named.startswith(("http:", "https:", "/d/")):
        raise click.UsageError(f"There is no file {shown(named)}.")
    return False


def text_held(folder: Path, named: str, page: int | None, release: int | None = None, day: str | None = None) -> Found:
    """Return what the archive, or a release, has of a document, as it stood on `day` where one is named (`on` says what
    is known of it); ends the command where that is nothing."""
    with closing(open_to_read(folder, release)) as catalogue:
        known = version_on(catalogue, named, day) if day else None
        found = find_text(catalogue, known["address"] if known else named, page)
    if found is None:
        end(f"Nothing held is known as {named!r}. Look for it with `oversight search`.", Exit.FAILED)
    if page and not found["pages"]:
        last = found["pages_count"]
        end(f"Nothing held is known as {named!r}, page {page}: it has {last} page{'s'[: last != 1]}.", Exit.FAILED)
    return {**found, "on": known} if known else found


def text_of_file(path: Path, page: int | None) -> Found:
    """Return what is in a file, read by the same confined processes as what is archived; nothing of it is kept."""
    try:
        if not path.is_file():
            raise click.UsageError(f"{shown(str(path))} is not a file that can be read.")
        if path.stat().st_size > LARGEST:
            end(f"{shown(str(path))} is larger than {LARGEST >> 20} MB. Split it, and read its parts.", Exit.FAILED)
        body = path.read_bytes()
    except OSError as error:
        end(f"{shown(str(path))} could not be opened ({error.strerror}). Check its permissions.", Exit.FAILED)
    reading = _read(body, "article" if path.suffix.lower() in ARTICLES else "pdf")
    if page and page > len(reading.pages) > 0:
        end(f"{shown(str(path))} has {len(reading.pages)} page{'s'[: len(reading.pages) != 1]}, no page {page}.",
            Exit.FAILED)  # fmt: skip
    return {"file": os.fsencode(path).decode("utf-8", "replace"), **_found(reading, page)}


def _read(body: bytes, kind: str) -> Reading:
    wanted = Wanted(hashlib.sha256(body).hexdigest(), kind, "", lambda: body)
    with tempfile.TemporaryDirectory(prefix="oversight-") as folder, Readers(Path(folder)) as readers:
        return next(reading for _, reading in readers.read_all([wanted]))


def _found(reading: Reading, page: int | None) -> Found:
    """Return a reading in the shape in which the archive gives a version's text."""
    return {
        "reader": reading.reader,
        "outcome": reading.outcome,
        "detail": reading.detail,
        "metadata": dict(reading.metadata),
        "pages_count": len(reading.pages),
        "pages": [_page(one) for one in reading.pages if page in (None, one.number)],
        "tables": [_table(one) for one in reading.tables if page in (None, one.page)],
        "outline": [one._asdict() for one in reading.outline if page in (None, one.page)],
        "facts": [one._asdict() for one in reading.facts if page in (None, one.page)],
    }


def _page(page: TextPage) -> Found:
    return {**asdict(page), "parts": [part._asdict() for part in page.parts], "also": page.also.split()}


def _table(table: TextTable) -> Found:
    size = {"rows": len(table.rows), "columns": len(table.rows[0]) if table.rows else 0}
    return {"page": table.page, "number": table.number, "headers": table.headers, **size, "cells": table.rows}


def show_reading(found: Found, *, flow: bool, tables: bool, as_json: bool) -> None:
    """Print what was asked for; of a file that could not be read, or not all of it, say so and what to do."""
    if on := found.get("on"):
        show_day(on)
    if as_json:
        show_json(found)
    elif flow:
        click.echo(plain(running_text_of(found["pages"]).text))
    elif tables:
        _show_tables(found["tables"])
    elif found["pages"] or "file" not in found:
        show_text(found)
    for fact in found["facts"]:
        if fact["name"] == "picture-disagrees":
            click.echo(f"oversight: page {fact['page']}: text and picture disagree: {shown(fact['value'])}", err=True)
    if "file" in found and found["outcome"] != "text":
        _tell_unread(found)


def _tell_unread(found: Found) -> None:
    """Say in a sentence what stood in the way. The status is 0 where only some pages are without letters."""
    name = found["outcome"]
    detail = f" ({found['detail']})" if found["detail"] else ""
    known = OUTCOMES[name]
    remedy = REMEDIES.get(name, known.remedy)
    click.echo(shown(f"oversight: {found['file']}: {name}: {known.meaning}{detail} {remedy}".rstrip()), err=True)
    if severity(name) == "failure" or not any(page["text"].strip() for page in found["pages"]):
        sys.exit(Exit.FAILED)


def _show_tables(tables: list[Found]) -> None:
    """Print each table as CSV under a line with its page and number."""
    for table in tables:
        size = f"{counted(table['rows'], 'row')}, {counted(table['columns'], 'column')}"
        click.echo(f"# page {table['page']}, table {table['number']}, {size}")
        click.echo(plain(table_csv(table["cells"], "\n")))
    if not tables:
        click.echo("oversight: no table was found", err=True)


def show_text(found: Mapping[str, Any]) -> None:
    """Print pages, a form feed between them; a page that could not be read says why."""
    click.echo("\f\n".join(plain(one["text"]) or _unread(one) for one in found["pages"]))
    if not found["pages"]:
        click.echo("oversight: no page of it could be read", err=True)


def plain(text: str) -> str:
    """Return a page's text without what a terminal would obey; joiners and letters of any script stay."""
    return "".join(c if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs") else "\ufffd" for c in text)


def _unread(page: Mapping[str, Any]) -> str:
    """Say why a page has no text; an empty one has none to have."""
    if page["outcome"] == "text":
        return ""
    if page["outcome"] == "no-text-layer":
        return f"[page {page['number']}: a picture of text; {_READ_BY}]"
    return f"[page {page['number']}: {str(page['outcome'] or 'no text').replace('-', ' ')}]"


@click.command()
@click.argument("document")
@click.option("--page", type=click.IntRange(1), help="Only this page, counted in the file.")
@click.option("--flow", is_flag=True, help="Only the running text, without headers, notes and page numbers.")
@click.option("--tables", is_flag=True, help="Only the tables, as CSV.")
@click.option("--on", "day", metavar="DATE", help="As it stood on that day, as far as the archive knows.")
@release_option
@click.option("--compare", is_flag=True, help="Of a PDF that lies here: whether its text says what its pages show.")
@json_option
@archive_option
@click.pass_obj
def text(  # noqa: PLR0913, PLR0917
    folder: Path,
    document: str,
    page: int | None,
    flow: bool,
    tables: bool,
    day: str | None,
    compare: bool,
    release: int | None,
    as_json: bool,
) -> None:
    """Print the text of a document, or of a file.

    A document is named by its id, a version, an address that a search printed, its number or its original address.
    A PDF or a saved article (.html) is read where it lies: no archive is needed, and nothing is kept. Pages are
    parted by form feeds.

    \b
    Examples: oversight text dhs-ice-pia-039a --page 3
              oversight text 'PIA-039(a)' --flow
              oversight text dhs-uscis-pia-056 --on 2018-01-26
              oversight text report.pdf
              oversight text report.pdf --tables > tables.csv
              oversight text report.pdf --json
              oversight text report.pdf --compare
    """
    if flow + tables + (as_json and not compare) + compare > 1:
        raise click.UsageError("Ask for one of --flow, --tables and --json; or for --compare, which takes --json.")
    require_day(day)
    if (release is not None or day) and is_file(document):
        raise click.UsageError("--release and --on ask the archive; a file is read as it lies here.")
    if compare and not is_file(document):
        raise click.UsageError("Only a file can be compared: save the document's original, and name that.")
    if compare:
        compare_file(Path(document), page, as_json=as_json)
    elif is_file(document):
        show_reading(text_of_file(Path(document), page), flow=flow, tables=tables, as_json=as_json)
    else:
        found = of_release(release, text_held(folder, document, page, release, day))
        show_reading(found, flow=flow, tables=tables, as_json=as_json)
