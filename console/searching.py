"""`oversight search`: one question, or a file of many; the site's search asks the same way."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from archive.research.asking import ask
from archive.research.batch import (
    COLUMNS,
    EACH,
    MOST_EACH,
    Questions,
    batch_rows,
    outcome_of,
    read_questions,
)
from archive.research.changed import KINDS, search_changes
from archive.research.filters import Filters
from archive.research.hit_rows import COLUMNS as HITS
from archive.research.hit_rows import hit_rows
from archive.research.over_time import over_time
from archive.research.query_fields import NAMES, PARAMETERS, given_filters
from archive.research.questions import read_question
from archive.research.rows import Row
from archive.research.search import MOST_RESULTS, SORTS
from archive.table_csv import table_csv
from console.answers import of_release, show_json, show_search, shown
from console.looking import open_to_read
from console.options import archive_option, json_option
from console.progress import ProgressReport
from console.timing import show_changed, show_over_time

PAGES_IN_TABLE = 20
_TOLD = {
    "after": "Dated from this day, month or year on.",
    "before": "Dated before this day, month or year.",
    "on": "As the archive held it at the end of this day.",
    "titles": "The title holds these words.",
    "numbers": "It carries this number, in any spelling.",
}


@dataclass(frozen=True, slots=True)
class _Form:
    """In which form an answer is given, and of which release."""

    release: int | None
    as_csv: bool
    as_json: bool


def field_options(command: Any) -> Any:
    """Let a command take each field of the search as an option: `--component ICE`; several are alternatives."""
    for field, names in reversed(NAMES.items()):
        told = _TOLD.get(field, f"Only this {names[0]}.")
        command = click.option(f"--{names[0]}", f"field_{field}", multiple=True, metavar="VALUE", help=told)(command)
    return command


@click.command(name="search")
@click.argument("query", nargs=-1)
@click.option("--limit", type=click.IntRange(1, MOST_RESULTS), help="Show so many documents (10; of a batch 5 each).")
@click.option("--sort", type=click.Choice(SORTS), default=SORTS[0], show_default=True, help="In this order.")
@field_options
@click.option(
    "--batch",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Ask every search in this file: CSV, or .txt with one on each line. Answers are CSV.",
)
@click.option("--csv", "as_csv", is_flag=True, help="A row for each page that was found.")
@click.option("--over-time", "ever", is_flag=True, help="Since when and until when documents have said it.")
@click.option("--in", "within", type=click.Choice(KINDS), help="In the words that later versions added, or removed.")
@click.option("--release", type=click.IntRange(1), metavar="N", help="Ask release N in place of the catalogue.")
@json_option
@archive_option
@click.pass_obj
def search_command(  # noqa: PLR0913
    folder: Path,
    /,
    *,
    query: tuple[str, ...],
    limit: int | None,
    sort: str,
    batch: Path | None,
    within: str | None,
    release: int | None,
    as_csv: bool,
    ever: bool,
    as_json: bool,
    **given: tuple[str, ...],
) -> None:
    """Search all documents, as the site does: words, "phrases", numbers in any spelling.

    OR, NOT or -word, brackets, prefix*, NEAR(a b, 10); fields as options, or in the question: component, type,
    collection, year, vendor, outlet, source, listing, number, title, place, state, after, before, on. Over time: of
    every version ever held, the first and the last of each document that says it, and their days.

    \b
    Examples: oversight search license plate
              oversight search '"license plate reader"' --json
              oversight search PIA-039
              oversight search 'plate component:ICE after:2017-12 -toll'
              oversight search plate --component ICE --type award --sort date
              oversight search 'vendor:"west publishing"' --csv
              oversight search --batch searches.csv > hits.csv
              oversight search license plate --release 12
              oversight search '"license plate reader"' --over-time
              oversight search fifteen --in removed
    """
    fields = {NAMES[name.removeprefix("field_")][0]: values for name, values in given.items() if values}
    text = " ".join(query).strip()
    _require_one_thing(text, fields, batch, ever=ever, within=within, as_csv=as_csv, as_json=as_json)
    form = _Form(release, as_csv, as_json)
    with closing(open_to_read(folder, release)) as catalogue:
        filters = _filters(catalogue, fields)
        if batch:
            _answer_batch(catalogue, batch, limit or EACH, filters, form)
        elif within or ever:
            found = _of_versions(catalogue, text, limit or 10, filters, within)
            show: Callable[[Mapping[str, Any]], None] = show_changed if within else show_over_time
            show_json(of_release(release, found)) if as_json else show(found)
        else:
            found = ask(catalogue, text, given=filters, limit=limit or (MOST_RESULTS if as_csv else 10), sort=sort,
                        **({"pages_each": PAGES_IN_TABLE} if as_csv else {}))  # fmt: skip
            _show(found, form)


def _require_one_thing(text: str, fields: Mapping[str, Any], batch: Path | None, **asked: Any) -> None:
    """Raise a usage error for what can't be answered together."""
    if asked["ever"] and asked["within"]:
        raise click.UsageError("Use --over-time or --in, not both.")
    if batch and (text or asked["ever"] or asked["within"]):
        raise click.UsageError(
            "With --batch the searches stand in its file; --over-time and --in are asked one by one."
        )
    if not (text or fields or batch):
        raise click.UsageError("Say what to search for.")
    if asked["as_csv"] and (asked["as_json"] or asked["ever"] or asked["within"]):
        raise click.UsageError("--csv goes with none of --json, --over-time and --in.")


def _filters(catalogue: sqlite3.Connection, fields: Mapping[str, tuple[str, ...]]) -> Filters:
    """Return what options ask for. Raises a usage error for a value that nothing has, with the nearest."""
    notes: list[str] = []
    filters = given_filters(fields, notes)
    asked = read_question(catalogue, "", filters)
    for note in [*notes, *asked.unknown_notes(catalogue)]:
        raise click.UsageError(shown(note))
    return filters


def _of_versions(
    catalogue: sqlite3.Connection, text: str, limit: int, filters: Filters, within: str | None
) -> Row:  # fmt: skip
    """Return what --over-time and --in find, which look at every version; of the options they take --collection."""
    others = [name for field, name in PARAMETERS.items() if field != "collections" and getattr(filters, field)]
    if others:
        raise click.UsageError(f"Write it into the question here: '{others[0]}:…'.")
    collection = filters.collections[0] if filters.collections else ""
    if within:
        return search_changes(catalogue, text, within, limit=limit, collection=collection)
    return over_time(catalogue, text, limit=limit, collection=collection)


def _show(found: Row, form: _Form) -> None:
    if form.as_json:
        show_json(of_release(form.release, found))
    elif form.as_csv:
        _write([HITS, *hit_rows(found)])
        _tell(found["notes"])
    else:
        show_search(found)


def _answer_batch(catalogue: sqlite3.Connection, file: Path, each: int, filters: Filters, form: _Form) -> None:
    """Answer every search in a file, in its order, each as soon as it is found."""
    questions = read_questions(file.read_bytes(), is_csv=file.suffix.lower() != ".txt")
    if not questions.asked:
        raise click.UsageError(f"{file.name} holds no search: a CSV has a column “query”, else its first is taken.")
    counted: dict[str, int] = {}
    answers = []
    with ProgressReport() as progress:
        if not form.as_json:
            _write([COLUMNS])
        for done, (number, text) in enumerate(questions.asked, 1):
            found = ask(catalogue, text, given=filters, limit=min(each, MOST_EACH))
            outcome = outcome_of(found)
            counted[outcome] = counted.get(outcome, 0) + 1
            if form.as_json:
                answers.append({"row": number, "query": text, "outcome": outcome, **of_release(form.release, found)})
            else:
                _write(batch_rows(number, text, outcome, found))
            progress("searches", done, len(questions.asked))
    if form.as_json:
        show_json({"answers": answers, "outcomes": counted, "left_out": questions.left_out})
    _tell(_batch_lines(questions, counted))


def _batch_lines(questions: Questions, counted: Mapping[str, int]) -> Iterator[str]:
    yield f"{len(questions.asked):,} searches: " + ", ".join(f"{number:,} {name}" for name, number in counted.items())
    if questions.left_out:
        yield f"{questions.left_out:,} more were not asked: a batch has {len(questions.asked):,}."


def _write(rows: Any) -> None:
    """Write rows of a table; a terminal and a file get the same, in UTF-8."""
    click.echo(table_csv(rows).encode(), nl=False)


def _tell(lines: Any) -> None:
    for line in lines:
        click.echo(shown(line), err=True)
