"""Search: what is found and in what order; what people type is never an error; marks stand where they should."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.catalog.opening import open_catalogue
from archive.research.found import Found
from archive.research.lookups import documents_by_address, documents_by_number
from archive.research.marks import CLOSE, OPEN, PASSAGE, best_passage, mark_page, mark_quotation, split_marks
from archive.research.query import MOST_CHARACTERS, MOST_TERMS, parse_query
from archive.research.query_expression import expression
from archive.research.query_tree import AllOf, Term
from archive.research.search import match_expression, search
from tests.catalogue_rows import AWARD, PIA, PIA_URL, SCAN, STORY, make_catalogue

# What searches are made of, so that random ones meet the grammar's corners and not only letters.
PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *'"“”()*-+:^.\\/{}[]~',
                "AND",
                "OR",
                "NOT",
                "NEAR(",
                "license",
                "plate",
                "PIA-039(a)",
                "text:",
                " ",
                "\0",
                "''",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=14,
).map("".join)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = make_catalogue(tmp_path_factory.mktemp("search") / "archive.db")
    with closing(open_catalogue(path)) as connection:
        yield connection


def ids(found: dict[str, Any]) -> list[str]:
    return [result["id"] for result in found["results"]]


def test_a_result_has_the_promised_shape(catalogue: sqlite3.Connection) -> None:
    found = search(catalogue, "license plate")
    assert found["total"] == 2
    first = found["results"][0]
    assert {"id", "title", "identifier", "collection", "pages"} <= set(first)
    assert (first["id"], first["identifier"]) == (PIA, "DHS/ICE/PIA-039(a)")
    page = first["pages"][0]
    assert (page["number"], page["hits"]) == (2, 4)
    assert page["url"].startswith(f"/d/{PIA}@")
    assert page["url"].endswith("/p2")
    assert [page["snippet"][start:end] for start, end in page["marks"]][:2] == ["license", "plate"]
    json.dumps(found)


def test_pages_come_from_the_newest_version_that_has_them(catalogue: sqlite3.Connection) -> None:
    newest = catalogue.execute("SELECT newest_version FROM documents WHERE id = ?", (PIA,)).fetchone()[0]
    assert search(catalogue, "reader")["results"][0]["pages"][0]["url"].startswith(f"/d/{newest}/")
    older = search(catalogue, '"an older text"')["results"][0]["pages"][0]["url"]
    assert newest not in older


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('"license plate paper"', [STORY]),
        ("“license plate paper”", [STORY]),
        ("license plate -vendor -older", [STORY]),
        ("license NOT vendor NOT older", [STORY]),
        ("license NOT vendor cites", [STORY]),
        ('plate -"license plate"', [PIA]),
        ("vendor OR car", [PIA, STORY]),
        ("vendor AND car", []),
        ("subscri*", []),
        ("vend*", [PIA]),
        ("border pictures", [SCAN]),
        ("-plate", []),
        ("", []),
        ("***", []),
        ("NOT", []),
        ("“", []),
    ],
)
def test_grammar(catalogue: sqlite3.Connection, query: str, expected: list[str]) -> None:
    assert sorted(ids(search(catalogue, query))) == sorted(expected)


@pytest.mark.parametrize(
    "spelling", ["DHS/ICE/PIA-039(a)", "PIA-039(a)", "pia 39(a)", "PIA039(a)", "dhs-ice-pia-039a", '"PIA–039(a)"']
)
def test_a_number_in_any_spelling_gives_its_document_first(catalogue: sqlite3.Connection, spelling: str) -> None:
    found = search(catalogue, spelling)
    assert found["results"][0]["id"] == PIA
    assert found["results"][0]["matched"] == "number"
    assert AWARD in ids(found), "pages that print the number in its full form are found by a short one"


def test_facets_filters_and_sorts(catalogue: sqlite3.Connection) -> None:
    found = search(catalogue, "plate")
    assert {entry["value"] for entry in found["facets"]["collection"]} == {
        "Privacy impact assessments", "Contract notices", "News",
    }  # fmt: skip
    assert ids(search(catalogue, "plate", collection="News")) == [STORY]
    assert ids(search(catalogue, "plate", year="2017")) == [PIA]
    assert search(catalogue, "plate", collection="News")["facets"]["collection"] == found["facets"]["collection"]
    assert ids(search(catalogue, "plate", sort="date")) == [STORY, AWARD, PIA]
    assert ids(search(catalogue, "plate", sort="date", limit=1, offset=1)) == [AWARD]
    assert search(catalogue, "plate", kind="article", component="ICE")["total"] == 0


def test_caps_are_kept_and_told(catalogue: sqlite3.Connection) -> None:
    long = search(catalogue, "plate " * 500)
    assert len(long["query"]) <= MOST_CHARACTERS
    assert any(str(MOST_TERMS) in note for note in long["notes"])
    assert any("characters" in note for note in long["notes"])
    assert long["total"] == 3
    assert any("asterisk" in note for note in search(catalogue, "p*")["notes"])
    assert any("leave out" in note for note in search(catalogue, "-plate")["notes"])


def test_minus_within_a_word_is_no_operator() -> None:
    query = parse_query("license-plate -“toll road” e-mail*")
    assert query.tree == AllOf((Term("license-plate"), Term("e-mail", True)), (Term("toll road"),))
    assert expression(query.tree) == '(("license-plate" AND "e-mail"*) NOT "toll road")'


@given(PIECES)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_typed_is_an_error(catalogue: sqlite3.Connection, query: str) -> None:
    found = search(catalogue, query, collection=query[:3], sort=query[:9])
    assert isinstance(found, dict)
    json.dumps(found).encode()


@given(PIECES, st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_marks_lie_within_the_text(query: str, text: str) -> None:
    for start, end in mark_quotation(text, query):
        assert 0 <= start < end <= len(text)


def test_naughty_searches(catalogue: sqlite3.Connection) -> None:
    naughty = [
        *(
            "(" * 300,
            '"' * 999,
            "a" * 100_000,
            "x" * 50 + "*",
            "NEAR(a b, 999999)",
            "{a b}: c",
            "pages_fts:x",
            "^plate",
        ),
        *("\ud800", "\u202eabc", "' OR 1=1 --", "NOT NOT NOT", "OR OR plate", "AND", "-", "--", '-"', "^plate"),
    ]
    for query in naughty:
        assert isinstance(search(catalogue, query), dict)


def test_a_quotation_is_found_across_lines_and_other_quotation_marks() -> None:
    text = "The license\nplate reader keeps “each read” for five years. A state-\nment."
    assert [text[a:b] for a, b in mark_quotation(text, 'reader keeps "each read" for')] == [
        "reader keeps “each read” for"
    ]
    assert [text[a:b] for a, b in mark_quotation(text, "license plate")] == ["license\nplate"]
    assert [text[a:b] for a, b in mark_quotation(text, "a statement")] == ["A state-\nment"]
    assert mark_quotation(text, "cense plate") == []
    assert mark_quotation(text, "") == []


def test_words_are_marked_where_the_quotation_fails(catalogue: sqlite3.Connection) -> None:
    page = catalogue.execute(
        "SELECT id, text FROM pages WHERE document = ? AND text LIKE 'The agency%'", (STORY,)
    ).fetchone()
    query = parse_query("papers licensed")
    marks = mark_page(catalogue, page["id"], page["text"], query, match_expression(catalogue, query))
    assert [page["text"][a:b] for a, b in marks] == ["license", "paper"]


def test_a_passage_shows_the_text_and_not_the_running_header() -> None:
    text = "License Plate Reader Assessment\nPage 3\n" + "Other words stand here. " * 20
    text += "Officers may query\nlicense plate data" + " and so on" * 60
    passage, marks = best_passage(text, [found.span() for found in re.finditer("(?i)license|plate", text)])
    assert "may query license plate data" in passage
    assert [passage[a:b] for a, b in marks] == ["license", "plate"]
    assert passage.startswith("… ")
    assert passage.endswith(" …")
    assert best_passage("short\ntext", []) == ("short text", [])


@given(st.text(alphabet="ab \n\t“", max_size=900))
@settings(max_examples=150, deadline=None)
def test_a_passage_is_a_part_of_the_text_with_its_marks(text: str) -> None:
    passage, marks = best_passage(text, [found.span() for found in re.finditer("a+", text)])
    assert len(passage) <= PASSAGE + 4
    assert passage.strip("… ") in " ".join(text.split())
    assert all(set(passage[start:end]) == {"a"} for start, end in marks)
    assert bool(marks) == ("a" in text and max(map(len, re.findall("a+", text))) < PASSAGE) or "a" * 40 in text


def test_markers_in_the_text_itself_mark_nothing_wrong() -> None:
    assert split_marks(f"a{CLOSE}b{OPEN}c") == ("abc", [])
    assert split_marks(f"{OPEN}a{CLOSE}b") == ("ab", [(0, 1)])


def test_what_is_written_in_the_middle_of_a_search_changes_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CC-04: a night deletes every document between the search's own questions."""
    path = tmp_path / "archive.db"
    make_catalogue(path)
    shown = Found.shown
    with closing(sqlite3.connect(path)) as writer, closing(sqlite3.connect(path)) as reader:
        assert writer.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
        before = search(reader, "plate")
        assert before["results"]

        def interrupted(self: Found, first: int, count: int) -> list[int]:
            found = shown(self, first, count)
            with writer:
                writer.execute("PRAGMA foreign_keys=OFF")
                writer.execute("DELETE FROM documents")
            return found

        monkeypatch.setattr(Found, "shown", interrupted)
        assert search(reader, "plate") == before
        assert not reader.in_transaction
        monkeypatch.undo()
        assert search(reader, "plate") != before, "the next one sees it"


def test_look_ups(catalogue: sqlite3.Connection) -> None:
    assert [row["id"] for row in documents_by_number(catalogue, "70CDCR-18-P-00000017")[1]] == [AWARD]
    assert [row["id"] for row in documents_by_number(catalogue, "70CDCR18Q00000005")[1]] == [AWARD]
    assert documents_by_number(catalogue, "not a number") == (None, [])
    spellings = (PIA_URL, PIA_URL.replace("https://www.", "http://"), PIA_URL + "?utm_source=x", PIA_URL + "#p2")
    assert [[row["id"] for row in documents_by_address(catalogue, url)] for url in spellings] == [[PIA]] * 4
    assert documents_by_address(catalogue, "javascript:alert(1)") == []
