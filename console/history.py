"""`oversight history` and `oversight changes`: what became of one document, and of all, for a terminal or a program."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from archive.release.withdraw_target import NoTarget, find_target
from archive.research.changes import KINDS, MOST, Wanted, list_changes
from archive.research.on_day import is_day
from archive.research.rows import Row
from archive.research.story import read_story
from console.answers import show_json, shown
from console.ending import Exit, end
from console.looking import open_to_read
from console.options import archive_option, json_option


@click.command(name="history")
@click.argument("document")
@click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
@json_option
@archive_option
@click.pass_obj
def history_command(folder: Path, document: str, release: int | None, as_json: bool) -> None:
    """Tell what became of a document: where it was listed, what its addresses answered, what changed when.

    \b
    Examples: oversight history PIA-039
              oversight history https://www.dhs.gov/publication/some-page --json
    """
    with closing(open_to_read(folder, release)) as catalogue:
        try:
            found = find_target(catalogue, document).document
        except NoTarget as error:
            end(str(error), Exit.FAILED)
        story = read_story(catalogue, found["id"])
    if as_json:
        show_json({"id": found["id"], "title": found["title"], "number": found["number"], "story": story})
        return
    click.echo(f"{shown(found['title'] or found['id'])}\n{found['id']}\n")
    for line in _lines(story):
        click.echo(line)


@click.command(name="changes")
@click.option("--since", default="", metavar="DATE", help="On this day (YYYY-MM-DD) or later.")
@click.option("--kind", type=click.Choice(KINDS), metavar="KIND", help=f"Only one of: {', '.join(KINDS)}.")
@click.option("--collection", default="", help="Only of this collection.")
@click.option("--source", default="", help="Only of this source.")
@click.option("--cosmetic", is_flag=True, help="Also what nobody would notice.")
@click.option("--limit", type=click.IntRange(1, MOST), default=50, show_default=True, help="At most so many.")
@click.option(
    "--release", type=click.IntRange(1), metavar="N", help="As of this release, less what was withdrawn since."
)
@json_option
@archive_option
@click.pass_obj
def changes_command(  # noqa: PLR0913, PLR0917
    folder: Path,
    since: str,
    kind: str | None,
    collection: str,
    source: str,
    limit: int,
    release: int | None,
    *,
    cosmetic: bool,
    as_json: bool,
) -> None:
    """Tell what changed across the archive, the newest first.

    \b
    Examples: oversight changes --since 2018-01-26
              oversight changes --kind delisted --json
              oversight changes --kind "listed again"
    """
    if since and not is_day(since):
        raise click.UsageError(f"{since!r} is no day; write it like 2018-01-26.")
    wanted = Wanted(kind=kind or "", collection=collection, source=source, since=since, cosmetic=cosmetic)
    with closing(open_to_read(folder, release)) as catalogue:
        found = list_changes(catalogue, wanted, limit)
    if as_json:
        show_json(found)
        return
    if not found["changes"]:
        click.echo("Nothing changed of what was asked for, as far as was looked.")
    for change in found["changes"]:
        click.echo(f"{change['at'][:10]}  {change['kind']:12}  {shown(change['title'] or change['document'])}")
        click.echo(f"            {change['address']}{'  ' + shown(change['summary']) if change['summary'] else ''}")
    if found["next"]:
        click.echo(f"\nThe first {len(found['changes'])}; --limit and --since say how many, and since when.")


def _lines(story: Row) -> list[str]:
    lines = ["On lists:", *map(_span, story["listing"]), ""] if story["listing"] else []
    for address in story["addresses"]:
        lines += [f"{shown(address['url'])}:", *map(_span, address["spans"]), ""]
    if story["events"]:
        lines += ["What changed, the newest first:", *map(_event, story["events"])]
    lines += [
        f"\n{shown(one['url'])}\n  and {shown(one['other_url'])}:\n  {shown(one['evidence'])}" for one in story["joins"]
    ]
    return lines or ["Nothing is known of it but its captures: `oversight rebuild` looks again."]


def _span(span: Row) -> str:
    first, last = span["since"][:10], span["until"][:10]
    days = first if first == last else f"{first} to {last}"
    status = f" ({span['status']})" if span.get("status") and span["state"] != "answers" else ""
    before = f"  (not yet on {span['not_before'][:10]})" if span["not_before"] else ""
    return f"  {days}  {span['state']}{status}{before}"


def _event(event: Row) -> str:
    about = event["version"] or event["url"]
    summary = f"\n              {shown(event['summary'])}" if event["summary"] else ""
    return f"  {event['at'][:10]}  {event['kind']}  {shown(about or '')}".rstrip() + summary
