"""`oversight search` as a command: fields as options and in the question, CSV, batches, wrong use."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from archive.research.batch import COLUMNS
from tests.demo_archive import DemoArchive, oversight


def search(demo: DemoArchive, *arguments: object) -> Any:
    done = oversight("search", *arguments, "--json", "--archive", demo.path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_fields_are_options_and_words_of_the_question(demo_made: DemoArchive) -> None:
    typed = search(demo_made, "plate component:ICE type:award")
    given = search(demo_made, "plate", "--component", "ICE", "--type", "award")
    assert typed["results"] == given["results"]
    assert typed["total"] > 0
    assert {row["component"] for row in typed["results"]} == {"ICE"}


def test_a_table_and_a_batch(demo_made: DemoArchive, tmp_path: Path) -> None:
    table = oversight("search", "plate", "--sort", "date", "--csv", "--archive", demo_made.path)
    rows = list(csv.DictReader(io.StringIO(table.stdout, newline="")))
    assert [row["date"] for row in rows if row["date"]] == sorted(
        (row["date"] for row in rows if row["date"]), reverse=True
    )
    assert all(row["address"].startswith("/d/") for row in rows if row["document"])
    file = tmp_path / "searches.csv"
    file.write_text('query\nplate\n"""license plate"""\n-x\nplate\nzzz\n')
    batch = oversight("search", "--batch", file, "--limit", "2", "--archive", demo_made.path)
    rows = list(csv.DictReader(io.StringIO(batch.stdout, newline="")))
    assert list(rows[0]) == list(COLUMNS)
    told = list(dict.fromkeys((row["row"], row["outcome"]) for row in rows))
    assert told == [("2", "found"), ("3", "found"), ("4", "not-understood"), ("5", "found"), ("6", "nothing")]
    assert "5 searches: 3 found, 1 not-understood, 1 nothing" in batch.stderr
    answers = search(demo_made, "--batch", file, "--limit", "1")["answers"]
    assert [answer["outcome"] for answer in answers] == [outcome for _, outcome in told]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["plate", "--component", "ICEE"], "Nearest: ICE"),
        (["plate", "--after", "soon"], "no date"),
        ([], "Say what to search for"),
        (["plate", "--csv", "--json"], "--csv goes with none"),
        (["plate", "--over-time", "--vendor", "west"], "into the question"),
        (["plate", "--batch", __file__], "stand in its file"),
    ],
)
def test_wrong_use_is_told(demo_made: DemoArchive, arguments: list[str], says: str) -> None:
    done = oversight("search", *arguments, "--archive", demo_made.path)
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_where_nothing_is_found_the_terminal_says_what_to_ask(demo_made: DemoArchive) -> None:
    done = oversight("search", "plate zzzz", "--archive", demo_made.path)
    assert done.stdout == "0 documents\n"
    assert "On no page: zzzz" in done.stderr
    assert "without zzzz: plate" in done.stderr
