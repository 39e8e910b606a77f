"""`oversight cite`: a citation of a document, a page or a quotation, in any style, for a terminal or a program."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import click

from archive.addresses import is_web_address
from archive.research import documents
from archive.research.citing.forms import NAMES, as_data, form
from archive.research.citing.gather import Teller, gather
from archive.research.citing.item import Cited
from archive.research.quotations import parse_quotation
from archive.research.reading import find_text
from console.answers import show_json
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option, release_option
from pipelines.clock import now

ARCHIVE = "Oversight Archive"


def cited_held(
    folder: Path, named: str, page: int | None, quote: str | None, release: int | None, accessed: str
) -> Cited:
    """Return what is cited; ends the command where that is nothing, or where the words aren't on the page.

    Of a quotation without a page, the first page on which it stands is cited.
    """
    with closing(open_to_read(folder, release)) as catalogue:
        found = find_text(catalogue, named, page)
        if found is None:
            end(f"Nothing held is known as {named!r}. Look for it with `oversight search`.", Exit.FAILED)
        if page and not found["pages"]:
            last = found["pages_count"]
            end(f"Nothing held is known as {named!r}, page {page}: it has {last} page{'s'[: last != 1]}.", Exit.FAILED)
        document = documents.find_document(catalogue, found["document"]) or {}
        tail = found["address"].rpartition("@")[2]
        version = documents.find_version(catalogue, document, tail) or {}
        quoted = parse_quotation(quote) if quote else None
        numbers = [one["number"] for one in found["pages"]] if quoted else [page] if page else []
        who = teller(accessed)
        for number in numbers:
            row = documents.read_page(catalogue, version, number)
            cited = gather(catalogue, who, document, version, row, quoted)
            if cited.part.quote or not quoted:
                return cited
        if quote:
            where = f"page {page} of {named!r}" if page else repr(named)
            end(f"These words don't stand on {where}. See what does: oversight text {found['version']}", Exit.FAILED)
        return gather(catalogue, who, document, version)


def show_citation(cited: Cited, style: str | None, *, as_json: bool) -> None:
    """Print one form of a citation; every style, each under its name, where none was asked for."""
    if as_json:
        show_json(as_data(cited))
    elif style:
        click.echo(form(style, cited).rstrip("\r\n"))
    else:
        shown = (name for name in NAMES if name not in {"bibtex", "ris", "csl-json"})
        click.echo("\n\n".join(f"{name}\n  {form(name, cited)}" for name in shown))


def teller(accessed: str) -> Teller:
    """Return who gives the citation: what the site would say, by the same settings."""
    address = os.environ.get("ARCHIVE_ADDRESS", "").strip().rstrip("/")
    name = " ".join(os.environ.get("ARCHIVE_NAME", "").split())[:200] or ARCHIVE
    return Teller(name, address if is_web_address(address) else "", accessed)


@click.command(name="cite")
@click.argument("document")
@click.option("--page", type=click.IntRange(1), help="This page, counted in the file.")
@click.option("--quote", metavar="TEXT", help="These words, as they stand on a page; … stands for words left out.")
@click.option("--style", type=click.Choice(NAMES), help="Only this style.  [default: each, under its name]")
@release_option
@json_option
@archive_option
@click.pass_obj
def cite_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    document: str,
    page: int | None,
    quote: str | None,
    style: str | None,
    release: int | None,
    as_json: bool,
) -> None:
    """Print a citation of a document, a version, a page or a quotation.

    A document is named as for `oversight text`. The archive's address and name are those of ARCHIVE_ADDRESS and
    ARCHIVE_NAME, as on its site.

    \b
    Examples: oversight cite dhs-ice-pia-039a --style bluebook
              oversight cite 'PIA-039(a)' --page 3
              oversight cite dhs-ice-pia-039a --quote 'ICE obtains access' --style wikipedia
              oversight cite oig-18-86 --style bibtex >> references.bib
              oversight cite dhs-ice-pia-039a --json
    """
    cited = cited_held(folder, document, page, quote, release, now()[:10])
    show_citation(cited, style, as_json=as_json)
