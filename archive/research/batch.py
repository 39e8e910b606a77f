"""Many searches at once: reads a list of questions, and says of each what became of it, as rows of a table.

Nothing of it is kept. Who asks them, how fast and for how long is the caller's matter (site, command line).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.research.hit_rows import COLUMNS as HITS
from archive.research.hit_rows import hit_rows
from archive.research.query import parse_query
from archive.research.rows import Row

MOST_QUERIES = 2500
MOST_BYTES = 4_000_000
# Documents of each question.
EACH, MOST_EACH = 5, 20
# What may become of a question, and what that means.
OUTCOMES = {
    "found": "it finds something",
    "nothing": "it finds nothing; `note` says what is nearest",
    "not-understood": "nothing in it can be looked for; `note` says why",
    "took-too-long": "it was given up, so that others get their turn",
    "not-asked": "the time for the whole batch was over before its turn",
}
COLUMNS = ("row", "query", "outcome", "documents", *HITS)
_LINE_END = re.compile("\r\n|\r|\n")
_HEADS = ("query", "queries", "question", "q", "search")


@dataclass(frozen=True, slots=True)
class Questions:
    """The questions of a batch, each with the row that it stood in, from 1; `left_out` is how many there were more."""

    asked: tuple[tuple[int, str], ...]
    left_out: int = 0


def read_questions(data: bytes, *, is_csv: bool) -> Questions:
    """Return the questions in a file: of CSV the column "query", else the first; of text each line. Never raises.

    Empty rows ask nothing. A file with a byte order mark, or of a spreadsheet on Windows, is read as it was meant.
    """
    text = _decoded(data)
    rows = _csv_rows(text) if is_csv else [(number, line) for number, line in enumerate(_LINE_END.split(text), 1)]
    asked = [(number, question.strip()) for number, question in rows if question.strip()]
    return Questions(tuple(asked[:MOST_QUERIES]), max(len(asked) - MOST_QUERIES, 0))


def _decoded(data: bytes) -> str:
    for coding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252"):
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _csv_rows(text: str) -> list[tuple[int, str]]:
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text.replace("\0", " "), newline=""))
    while True:
        try:
            rows.append(next(reader))
        except StopIteration:
            break
        except csv.Error:  # a cell of more than 131,072 characters
            rows.append([])
    heads = [cell.strip().lower() for cell in rows[0]] if rows else []
    column = next((heads.index(name) for name in _HEADS if name in heads), None)
    first = 0 if column is None else 1
    return [
        (number, row[column or 0]) for number, row in enumerate(rows, 1) if number > first and len(row) > (column or 0)
    ]


def outcome_of(found: Row | None) -> str:
    """Return what became of a question, by name; `found` is None where it took too long."""
    if found is None:
        return "took-too-long"
    if found["total"]:
        return "found"
    asked = parse_query(found["query"])
    return "nothing" if asked.tree is not None or asked.filters else "not-understood"


def batch_rows(number: int, question: str, outcome: str, found: Row | None, base: str = "") -> Iterator[list[str]]:
    """Yield a question's rows, in the order of COLUMNS: one for each page, or one that says why there is none."""
    total = ""
    if found is not None:
        total = ("about " if found.get("total_about") else "") + str(found["total"])
    head = [str(number), question, outcome, total]
    if found is not None and found["results"]:
        for row in hit_rows(found, base, with_rest=False):
            yield [*head, *row]
        return
    yield [*head, *[""] * (len(HITS) - 1), "; ".join(_notes(outcome, found))]


def _notes(outcome: str, found: Row | None) -> Iterator[str]:
    if found is None:
        yield OUTCOMES[outcome]
        return
    yield from found["notes"]
    for one in found["instead"]:
        if one["why"] == "spelling":
            yield f"Did you mean {one['query']}?"
    if found["missing"]:
        yield f"On no page: {', '.join(found['missing'])}."
