"""`oversight quotes`: every quotation of a draft, whether it stands in what is held, and on which page."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from archive.drafts.annotating import annotate, escaped
from archive.drafts.apart import read_apart
from archive.drafts.draft import FORMATS, MOST_BYTES, Draft, DraftRefused
from archive.drafts.reading import FEWEST_WORDS
from archive.outcomes import OUTCOMES
from archive.release.withdrawals import WithdrawalsUnreadable
from archive.release.withholding import read_withheld
from archive.research.quotes.of_drafts import iter_entries
from archive.research.quotes.resolving import resolve
from archive.research.quotes.told import as_row, counts, left_out, sentence, withdrawn
from archive.research.rows import Row
from archive.store.journal import Journal
from console.answers import show_json, shown
from console.citing import teller
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option
from console.progress import ProgressReport
from pipelines.clock import now


@click.command(name="quotes")
@click.argument("draft", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--annotated", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT.md",
              help="Write a copy of the draft with a footnote behind each quotation.")  # fmt: skip
@click.option(
    "--document",
    "documents",
    multiple=True,
    metavar="ID",
    help="The draft is about this document (id, number or address): cited where the draft cites none.",
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="What the draft is, where its name doesn't tell.")
@click.option("--shortest", type=click.IntRange(1, 20), default=FEWEST_WORDS, show_default=True, metavar="WORDS",
              help="Skip quotations of fewer words.")  # fmt: skip
@click.option("--release", type=click.IntRange(1), metavar="N", help="Check against release N, not the catalogue.")
@json_option
@archive_option
@click.pass_obj
def quotes_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    draft: Path,
    annotated: Path | None,
    documents: tuple[str, ...],
    form: str | None,
    shortest: int,
    release: int | None,
    as_json: bool,
) -> None:
    """Check every quotation of a draft: .md, .txt, .html, .docx or .pdf; - is standard input.

    Each is exact, near (the words that differ are marked: [-draft-] {+document+}), elsewhere (not in what the draft
    cites for it) or absent. Nothing of the draft is kept. The status is 0 where every quotation is exact and on the
    page that is cited, 1 where one isn't, 2 where there is no answer.

    \b
    Examples: oversight quotes draft.md
              oversight quotes story.docx --annotated story-checked.md
              oversight quotes draft.md --document PIA-039(a) --release 12
              pbpaste | oversight quotes - --json
    """
    if annotated is not None and draft.exists() and annotated.exists() and annotated.samefile(draft):
        raise click.UsageError("--annotated names the draft itself, which stays as it is. Name another file.")
    read = _read(draft, form, shortest)
    with closing(open_to_read(folder, release)) as catalogue:
        for one in documents:
            if not resolve(catalogue, [("address", one), ("number", one)]).meant:
                raise click.UsageError(f"Nothing held is known as {shown(one)}. Look for it with `oversight search`.")
        withheld = _withheld(folder, catalogue) if release is None else frozenset[str]()
        rows = []
        with ProgressReport() as progress:
            for entry in iter_entries(catalogue, read, documents):
                rows.append(as_row(catalogue, teller(""), withdrawn(entry, withheld)))
                progress("quotations", len(rows), len(read.quotations))
    if annotated is not None:
        _write(annotated, annotate(read, [_note(row) for row in rows]))
    if as_json:
        show_json(rows)
    else:
        click.echo("\n\n".join("\n".join(map(shown, _lines(row))) for row in rows))
    _tell(read, rows)
    sys.exit(Exit.OK if all(row["good"] for row in rows) else Exit.FAILED)


def _read(draft: Path, form: str | None, shortest: int) -> Draft:
    """Return what is in a draft; ends the command where that can't be told."""
    name = draft.name if form is None else f"draft.{form}"
    try:
        with click.open_file(str(draft), "rb") as opened:
            body = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise click.UsageError(f"{shown(str(draft))} could not be opened ({error.strerror}).") from error
    try:
        return read_apart(body, name, shortest)
    except DraftRefused as refused:
        known = OUTCOMES[refused.outcome]
        detail = f" ({refused.detail})" if refused.detail else ""
        end(shown(f"{draft}: {refused.outcome}: {known.meaning}{detail} {known.remedy}".rstrip()), Exit.USAGE)


def _withheld(folder: Path, catalogue: sqlite3.Connection) -> frozenset[str]:
    """Return the versions that are withdrawn; ends the command where nobody can tell."""
    try:
        return frozenset(read_withheld(catalogue, Journal(folder).read(), now()[:10]).versions)
    except WithdrawalsUnreadable as error:
        end(str(error), Exit.STORE_FAILED)


def _lines(row: Row) -> Iterator[str]:
    """Yield the lines of an entry: the quotation, where it stands, and what has to be known."""
    yield f"{row['number']:>3} {row['outcome']:<9} “{marked(row)}”"
    if row["document"]:
        name = row["identifier"] or row["title"]
        page = f", page {row['page']}" if row["page"] else ""
        when = f" ({row['version'].rpartition('@')[2]}, first seen {row['first_seen'][:10]})"
        yield f"{'':14}{name}{page}{when}"
    if row["url"]:
        yield f"{'':14}{row['url']}"
    if told := sentence(row):
        yield f"{'':14}{told}"
    for other in row["others"]:
        yield f"{'':14}also: {other['identifier'] or other['title']}, page {other['page']}  {other['url']}"


def marked(row: Row) -> str:
    """Return a quotation with the words that differ marked."""
    if row["outcome"] == "exact" or not row["edits"]:
        return " ".join(row["quotation"].split())
    pieces = []
    for edit in row["edits"]:
        if edit["op"] == "same":
            pieces.append(edit["quoted"])
            continue
        pieces += [f"[-{edit['quoted']}-]"] if edit["quoted"] else []
        pieces += [f"{{+{edit['held']}+}}"] if edit["held"] else []
    return " ".join(" ".join(pieces).split())


def _note(row: Row) -> str:
    """Return the footnote of an entry: of one that is good the citation alone, ready to be printed."""
    cited = escaped(row["citation"])
    if row["good"]:
        return cited
    told = escaped(sentence(row))
    return " ".join(filter(None, [f"**{row['outcome'].upper()}.**", told, cited]))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        end(f"{shown(str(path))} could not be written ({error.strerror}).", Exit.USAGE)


def _tell(draft: Draft, rows: list[Row]) -> None:
    counted = ", ".join(f"{number:,} {name}" for name, number in counts(rows).items() if number)
    told = f"{len(rows):,} quotation{'s'[: len(rows) != 1]}" + (f": {counted}" if counted else " in the draft")
    click.echo(told, err=True)
    for line in left_out(draft):
        click.echo(shown(line), err=True)
