"""What a reader found of a document in the catalogue: parts, tables, outline, facts; broken words in both forms."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlite_utils import Database

from archive.catalog import schema
from archive.catalog.evidence import EntryText, FactText, PageText, ReadText, TableText
from archive.catalog.opening import open_catalogue
from archive.catalog.text_rows import MOST_CELL_CHARACTERS, page_row, table_rows
from archive.research.marks import mark_page
from archive.research.query import parse_query
from archive.research.search import match_expression, search
from pipelines.items import File
from tests.evidence import Captured, World, night

PAGE = PageText(
    1, "iii", "text", "PIA\n\nThe surveillance of law\u00ad-enforcement offices is its service.\n\n1",
    (("header", 0, 3), ("text", 5, 65), ("footer", 67, 68)), "-", "surveil-lance lawenforcement serv-ice",
    "ocr", 0.93, 12,
)  # fmt: skip
TABLE = TableText(1, 1, 1, (("Year", "Reads"), ("2017", "=1+1")))
TEXT = ReadText(
    (PAGE, PageText(2, "", "text", "A page of another kind, on ice.")), (), (TABLE,),
    (EntryText(1, "2", "Uses", 1), EntryText(2, "2.1", "Retention", 2)),
    (FactText("number", "DHS/ICE/PIA-001", 1), FactText("javascript", "", 0)),
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World(Captured("https://www.dhs.gov/a.pdf", night(1), (File(),), "a", ("A", "B"), text=TEXT)).settle()


def test_all_that_was_read_is_in_the_catalogue(world: World) -> None:
    page = world.rows("pages", "number = 1")[0]
    parts = json.loads(page["parts"])
    assert [page["text"][start:end] for _, start, end in parts] == [
        "PIA", "The surveillance of law-enforcement offices is its service.", "1",
    ]  # fmt: skip
    names = ("label", "runs_on", "also", "broken", "origin", "confidence", "covered")
    assert tuple(page[name] for name in names) == (
        "iii", "-", "lawenforcement", "surveil-lance serv-ice", "ocr", 0.93, 12,
    )  # fmt: skip
    table = world.rows("page_tables")[0]
    assert json.loads(table["cells"]) == [["Year", "Reads"], ["2017", "=1+1"]]
    assert (table["page"], table["number"], table["headers"], table["rows"], table["columns"]) == (1, 1, 1, 2, 2)
    entries = [(row["ordinal"], row["level"], row["number"], row["page"]) for row in world.rows("outline")]
    assert sorted(entries) == [(1, 1, "2", 1), (2, 2, "2.1", 2)]
    facts = [(row["ordinal"], row["name"], row["value"], row["page"]) for row in world.rows("facts")]
    assert sorted(facts) == [(1, "number", "DHS/ICE/PIA-001", 1), (2, "javascript", "", 0)]


@pytest.mark.parametrize(
    ("asked", "marked"),
    [
        ("surveillance", ["surveillance"]),
        ("surveil-lance", ["surveillance"]),
        ('"surveil lance"', ["surveillance"]),
        ("law-enforcement", ["law-enforcement"]),
        ("lawenforcement", ["law-enforcement"]),
        ("lawenforce*", ["law-enforcement"]),
        ("serv-ice offices", ["offices", "service"]),
    ],
)
def test_a_broken_word_is_found_in_both_forms_and_marked_where_it_stands(
    world: World, asked: str, marked: list[str]
) -> None:
    found = search(world.connection, asked)
    assert [page["number"] for page in found["results"][0]["pages"]] == [1], found
    page = found["results"][0]["pages"][0]
    assert [page["snippet"][start:end] for start, end in page["marks"]] == marked
    row = world.rows("pages", "number = 1")[0]
    query = parse_query(asked)
    marks = mark_page(world.connection, row["id"], row["text"], query, match_expression(world.connection, query))
    assert [row["text"][start:end] for start, end in marks] == marked


def test_half_a_word_finds_nothing(world: World) -> None:
    """ICE isn't in "serv-ice"; where the index itself is asked, as Datasette's own table pages do, it is."""
    assert [page["number"] for page in search(world.connection, "ICE")["results"][0]["pages"]] == [2]
    assert search(world.connection, "lance")["total"] == 0
    assert search(world.connection, "surveillance -lance")["total"] == 1
    raw = "SELECT count(*) FROM pages_fts WHERE pages_fts MATCH 'surveil lance'"
    assert world.connection.execute(raw).fetchone()[0] == 1


def test_tables_are_counted_anew_and_the_largest_are_told_by_size_only() -> None:
    wide = TableText(1, 1, 0, (("x" * MOST_CELL_CHARACTERS,),))
    rows = list(table_rows("v", "d", ReadText(tables=(TABLE, wide, TableText(2, 7, 0, (("\ud800a",),))))))
    assert [(row["page"], row["number"]) for row in rows] == [(1, 1), (1, 2), (2, 1)]
    assert [len(json.loads(row["cells"])) for row in rows] == [2, 0, 1]
    assert (rows[1]["rows"], rows[1]["columns"]) == (1, 1)
    assert json.loads(rows[2]["cells"]) == [["a"]]


def test_what_no_reader_should_give_does_not_stop_the_others() -> None:
    odd = ReadText((PageText(1, "\ud800", "text", "\udfff words", (("text", 0, 7),), covered=1 << 70),))
    world = World(Captured("https://www.dhs.gov/a.pdf", night(1), (File(),), "a", ("A",), text=odd)).settle()
    page = world.rows("pages")[0]
    assert (page["label"], page["text"], page["parts"]) == ("", " words", '[["text",0,6]]')


@given(st.lists(st.text(alphabet="ab\u00ad\u200b \u2060\U000e0041", max_size=6), max_size=5))
def test_parts_are_the_same_without_invisible_letters(pieces: list[str]) -> None:
    ends = [sum(map(len, pieces[:place])) for place in range(len(pieces) + 1)]
    parts = tuple(("text", ends[place], ends[place + 1]) for place in range(len(pieces)))
    row = page_row("v", "d", PageText(1, "", "text", "".join(pieces), parts))
    kept = [row["text"][start:end] for _, start, end in json.loads(row["parts"])]
    shown = ["".join(letter for letter in piece if letter in "ab ") for piece in pieces]
    assert kept == [piece for piece in shown if piece]


def test_an_archive_of_before_is_brought_up_to_date(tmp_path: Path) -> None:
    """Pages that were there are found by the new index, and stand there as if they had been read now."""
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as old:
        for name, script in (("m001_initial", schema.INITIAL), ("m002_sources", schema.SOURCES)):
            old.executescript(script)
            Database(old).table("_sqlite_migrations").insert(
                {"migration_set": "catalogue", "name": name, "applied_at": "2026-11-23"}, pk=("migration_set", "name")
            )
        old.execute("PRAGMA foreign_keys = OFF")
        old.execute("INSERT INTO pages VALUES (5, 'v', 'd', 1, '', 'text', 'Surveillance of old.')")
        old.commit()
    with closing(open_catalogue(path)) as new:
        found = new.execute("SELECT rowid, also FROM pages_fts WHERE pages_fts MATCH 'surveillance'").fetchall()
        assert [tuple(row) for row in found] == [(5, "")]
        new.execute("INSERT INTO pages_fts(pages_fts, rank) VALUES ('integrity-check', 1)")
        with new:
            new.execute("UPDATE pages SET broken = 'surveil-lance' WHERE id = 5")
            new.execute("DELETE FROM pages WHERE id = 5")
        new.execute("INSERT INTO pages_fts(pages_fts, rank) VALUES ('integrity-check', 1)")
        with closing(open_catalogue(tmp_path / "fresh.db")) as fresh:
            ask = "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%_sqlite_migrations%' ORDER BY name"
            assert [tuple(row) for row in new.execute(ask)] == [tuple(row) for row in fresh.execute(ask)]
