"""`oversight links` and `oversight gaps`: what cites what, what is cited and not held, which numbers are missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from archive.release.withdraw_target import NoTarget, find_target
from archive.research.documents import find_version
from archive.research.gaps import gap_table, list_series, read_series
from archive.research.links import references_from, references_to
from archive.research.rows import Row
from archive.research.unmatched import MOST, Wanted, list_unmatched, unmatched_table
from archive.table_csv import table_csv
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option

_release = click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
_csv = click.option("--csv", "as_csv", is_flag=True, help="A table on standard output.")


@click.command(name="links")
@click.argument("document", required=False, default="")
@click.option("--unmatched", is_flag=True, help="What is cited and not held, by how many documents cite it.")
@click.option("--kind", default="", help="With --unmatched: only this kind (pia, sorn, link, named, usc, …).")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="At most so many.")
@_release
@_csv
@json_option
@archive_option
@click.pass_obj
def links_command(  # noqa: PLR0913
    folder: Path,
    document: str,
    kind: str,
    limit: int,
    release: int | None,
    *,
    unmatched: bool,
    as_csv: bool,
    as_json: bool,
) -> None:
    """Tell what a document refers to and what refers to it, with page, words, rule and confidence.

    \b
    Examples: oversight links PIA-039
              oversight links --unmatched --kind pia
              oversight links --unmatched --csv
    """
    if bool(document) == unmatched:
        raise click.UsageError("Name a document, or ask for what is --unmatched.")
    if as_csv and not unmatched:
        raise click.UsageError("--csv is for what is --unmatched.")
    with closing(open_to_read(folder, release)) as catalogue:
        if unmatched:
            found = list_unmatched(catalogue, Wanted(kind), limit)
        else:
            try:
                row = find_target(catalogue, document).document
            except NoTarget as error:
                end(str(error), Exit.FAILED)
            version = find_version(catalogue, row)
            found = {
                "id": row["id"], "title": row["title"], "number": row["number"],
                "refers_to": references_from(catalogue, version) if version else [],
                "referred_by": references_to(catalogue, row["id"]),
            }  # fmt: skip
    if as_json:
        show_json(found)
    elif as_csv:
        click.echo(table_csv(unmatched_table(found["references"]), "\n"), nl=False)
    else:
        for line in _unmatched_lines(found) if unmatched else _link_lines(found):
            click.echo(line)


@click.command(name="gaps")
@click.argument("series", required=False, default="")
@_release
@_csv
@json_option
@archive_option
@click.pass_obj
def gaps_command(folder: Path, series: str, release: int | None, *, as_csv: bool, as_json: bool) -> None:
    """Tell which numbers of a series are held, which are only mentioned (and where), and which nothing here names.

    Without a SERIES all are told. A series ends at the highest number that was seen.

    \b
    Examples: oversight gaps
              oversight gaps pia-ice
              oversight gaps oig-18 --csv
    """
    with closing(open_to_read(folder, release)) as catalogue:
        found = read_series(catalogue, series.lower()) if series else list_series(catalogue)
    if found is None:
        end(f"No number of a series {shown(series)!r} was seen; `oversight gaps` names all series.", Exit.FAILED)
    rows = [found] if isinstance(found, dict) else found
    if as_json:
        show_json(found if series else {"series": found})
    elif as_csv:
        click.echo(table_csv(gap_table(rows), "\n"), nl=False)
    else:
        for row in rows:
            for line in _series_lines(row):
                click.echo(line)


def _link_lines(found: Row) -> Iterator[str]:
    yield f"{shown(found['title'] or found['id'])}\n{found['id']}"
    for name, told in (("refers_to", "Refers to"), ("referred_by", "Referred to by")):
        yield f"\n{told} ({len(found[name]):,}):"
        for row in found[name]:
            held = row["target_document"] if name == "refers_to" else row["document"]
            yield f"  {shown(row['title'] or held or row['target'])}{'' if held else '  (not held)'}"
            if row["corrected"]:
                yield f"      corrected by hand: {shown(row['corrected'])}"
            yield from _place_lines(row["evidence"])
            if row["mentions"] > len(row["evidence"]):
                yield f"      and {row['mentions'] - len(row['evidence']):,} more"


def _place_lines(places: list[Row]) -> Iterator[str]:
    for one in places:
        rules = " → ".join(filter(None, (one["rule"], one["leads_by"])))
        yield f"      p{one['page']}  {shown(one['words'] or one['printed'])}  [{rules}, {one['confidence']:.2f}]"
        yield f"          {one['address']}"


def _unmatched_lines(found: Row) -> Iterator[str]:
    if not found["references"]:
        others = ", ".join(found["kinds"])
        yield f"Nothing of that kind is cited and not held; there are: {others}." if others else "Nothing."
        return
    yield f"{found['total']:,} cited and not held" + ("; the first:" if found["next"] else ":")
    for row in found["references"]:
        tried = f"; {row['tried']['outcome']} when asked for on {row['tried']['at'][:10]}" if row["tried"] else ""
        by = "1 document" if row["documents"] == 1 else f"{row['documents']:,} documents"
        yield f"\n{shown(row['target'])}  ({row['kind']}, by {by}{tried})"
        for one in row["places"]:
            yield f"  {shown(one['title'])}"
            yield from _place_lines([one])


def _series_lines(row: Row) -> Iterator[str]:
    never = ", ".join(_range(one) for one in row["never_seen"]) if row["counted"] else "not counted"
    yield f"{row['series']}: {row['title']}, to {row['highest']} (the highest that was seen)"
    yield f"  held {row['held']:,}, only mentioned {row['mentioned']:,}, never seen: {never or 'none'}"
    if row["updates_never_seen"]:
        yield f"  updates never seen: {', '.join(row['updates_never_seen'])}"
    for number in row.get("numbers", ()):
        documents = ", ".join(one["document"] for one in number["documents"] or number["pages"])
        yield f"    {number['number']}  {number['state']}{'  ' + documents if documents else ''}"
        for one in number["places"]:
            yield f"      {shown(one['title'])}"
            yield from _place_lines([one])
    if "numbers" in row:
        yield f"  {row['caution']}"


def _range(one: Row) -> str:
    return str(one["first"]) if one["first"] == one["last"] else f"{one['first']}–{one['last']}"
