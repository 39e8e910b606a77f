"""What is asked of the catalogue by what was typed: names meant by words, what was misspelt, what asks for too much."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from archive.catalog.opening import open_catalogue
from archive.research.asking import ask
from archive.research.edits import distance
from archive.research.filters import Filters
from archive.research.query import parse_query
from archive.research.query_text import written
from archive.research.suggestions import spellings_of
from tests.catalogue_rows import AWARD, PIA, SCAN, STORY, make_catalogue
from tests.figures import figure
from tests.test_archive_research_query import NUMBERS, Said, questions


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Give the small catalogue with the table of words that a release has."""
    path = make_catalogue(tmp_path_factory.mktemp("asking") / "archive.db")
    with closing(open_catalogue(path)) as connection:
        connection.executescript("""
            CREATE TABLE IF NOT EXISTS words (word TEXT PRIMARY KEY, pages INTEGER NOT NULL);
            CREATE VIRTUAL TABLE temp.held USING fts5(text, tokenize="unicode61 remove_diacritics 2");
            INSERT INTO temp.held(rowid, text) SELECT id, text FROM pages;
            CREATE VIRTUAL TABLE temp.written USING fts5vocab(temp, held, row);
            INSERT INTO words SELECT term, doc FROM temp.written;
        """)
        yield connection


def ids(found: dict[str, Any]) -> set[str]:
    return {result["id"] for result in found["results"]}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("component:ICE", {PIA, AWARD}),
        ("component:ice type:assessment", {PIA}),
        ("component:ICE,CBP collection:pia", {PIA, SCAN}),
        ("plate -type:award -collection:news", {PIA}),
        ('vendor:"west publishing"', {AWARD}),
        ("contractor:publishing plate", {AWARD}),
        ("vendor:pub*", {AWARD}),
        ("outlet:example", {STORY}),
        ("source:news", {STORY}),
        ("listing:delisted", {SCAN}),
        ("year:2017", {PIA}),
        ("year:2017-2018 -component:ICE", {SCAN, STORY}),
        ("after:2017-12 before:2018-02 plate", {PIA, AWARD, STORY}),
        ("after:2018-01-08 before:2018-01-26", {AWARD}),
        ("before:2018", {PIA}),
        ("after:2018-06", {SCAN}),
        ("number:PIA-039(a)", {PIA}),
        ("number:70CDCR-18-P-00000017 plate", {AWARD}),
        ("title:border", {SCAN}),
        ('title:"plate readers"', {PIA}),
        ("on:2018-01-25 plate", set()),
        ("on:2018-01-26 component:ICE", {PIA, AWARD}),
        ("(plate OR border) -article -car -title:data", {PIA, SCAN}),
    ],
)  # fmt: skip
def test_fields_narrow_the_search(catalogue: sqlite3.Connection, question: str, expected: set[str]) -> None:
    found = ask(catalogue, question)
    if SCAN in expected and "border" in question and "title:border" not in question:
        expected = expected - {SCAN}  # it has no letters, only a title
    assert ids(found) == expected
    assert found["total"] == len(expected)


def test_what_a_value_stands_for_is_told(catalogue: sqlite3.Connection) -> None:
    found = ask(catalogue, 'plate vendor:"west publishing" type:award')
    assert found["meant"] == {"vendor": {"west publishing": ["West Publishing Corporation"]}}
    assert found["filters"] == {"kind": ["award"], "vendor": ["west publishing"]}
    assert found["looked_for"] == "plate"
    assert found["typed"][0] == {"name": "vendor", "printed": 'vendor:"west publishing"', "without": "plate type:award"}


def test_a_value_beside_the_question_is_meant_letter_for_letter(catalogue: sqlite3.Connection) -> None:
    assert ids(ask(catalogue, "plate", given=Filters(vendors=("West Publishing Corporation",)))) == {AWARD}
    both = ask(catalogue, "plate component:ICE", given=Filters(collections=("News",)))
    assert (both["total"], both["filters"]) == (0, {"collection": ["News"], "component": ["ICE"]})
    less = {(one["query"], str(one["filters"])) for one in both["instead"] if one["why"] == "filter"}
    assert less == {("plate", "{'collection': ['News']}"), ("plate component:ICE", "{}")}


@pytest.mark.parametrize(
    ("question", "why", "offered"),
    [
        ("lisense plate", "spelling", "license plate"),
        ("plaet", "spelling", "plate"),
        ("licenseplate", "spelling", "license plate"),
        ('"licnese plate" -car', "spelling", '"license plate" -car'),
        ("subscritpion OR zzzzzzzz", "spelling", ""),
        ("plate zebra", "word", "plate"),
        ('"plate license"', "word", "plate license"),
        ("plate vendor -license", "word", "plate vendor"),
        ("plate component:ICEE", "value", "plate component:ICE"),
        ("plate component:ICEE", "filter", "plate"),
        ("plate after:2030", "filter", "plate"),
        ("number:PIA-039(b)", "value", 'number:"DHS/ICE/PIA-039(a)"'),
    ],
)
def test_where_nothing_is_found_something_is_offered(
    catalogue: sqlite3.Connection, question: str, why: str, offered: str
) -> None:
    found = ask(catalogue, question)
    told = [one["query"] for one in found["instead"] if one["why"] == why]
    assert offered in told if offered else not told, found["instead"]
    assert found["total"] == 0
    assert all(ask(catalogue, one["query"])["total"] for one in found["instead"]), found["instead"]


def test_the_words_that_are_on_no_page_are_named(catalogue: sqlite3.Connection) -> None:
    assert ask(catalogue, 'plate zebra "each license"')["missing"] == ["zebra", '"each license"']
    assert ask(catalogue, "plate")["missing"] == []
    assert any("Nearest: ICE" in note for note in ask(catalogue, "component:ICEE")["notes"])


def test_without_a_table_of_words_all_else_works(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = make_catalogue(tmp_path_factory.mktemp("wordless") / "archive.db")
    with closing(open_catalogue(path)) as connection:
        found = ask(connection, "lisense plate")
        assert [one["why"] for one in found["instead"]] == ["word"]
        assert ask(connection, "vend*")["total"] == 1


def test_a_prefix_longer_than_the_stem_finds_the_word(catalogue: sqlite3.Connection) -> None:
    """The index files "subscription" under "subscript": what begins with more is none of its stems."""
    with_words = ask(catalogue, "agenc*")["total"]
    assert ids(ask(catalogue, "publica*")) == set()
    catalogue.execute("INSERT OR IGNORE INTO words VALUES ('assessments', 1)")
    assert ids(ask(catalogue, "assessm*")) == {PIA}
    assert with_words == 1


@pytest.mark.parametrize("spelling", NUMBERS["DHS/ICE/PIA-039(a)"])
def test_a_number_in_any_spelling_goes_to_its_document_first(catalogue: sqlite3.Connection, spelling: str) -> None:
    for question in (spelling, f'"{spelling}"', f"{spelling} component:ICE"):
        found = ask(catalogue, question)
        assert (found["results"][0]["id"], found["results"][0]["matched"]) == (PIA, "number")


def test_numbers_of_every_kind_in_every_spelling(catalogue: sqlite3.Connection) -> None:
    spellings = [spelling for several in NUMBERS.values() for spelling in several]
    answers = [ask(catalogue, spelling) for spelling in spellings]
    figure("SQ-04", spellings=len(spellings), errors=0, with_notes=sum(bool(one["notes"]) for one in answers))
    assert not any(one["notes"] for one in answers)


@given(questions)
@settings(max_examples=80, deadline=None)
def test_a_question_that_is_offered_reads_back_as_it_is_meant(question: Said) -> None:
    tree = parse_query(question.text).tree
    assert parse_query(written(tree)).tree == tree


@given(st.text(alphabet="abcd", max_size=9), st.text(alphabet="abcd", max_size=9), st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_the_distance_is_that_of_another_program(one: str, other: str, most: int) -> None:
    assert distance(one, other, most) == min(OSA.distance(one, other), most + 1)


OFFICIAL = (
    *(
        "surveillance",
        "assessment",
        "enforcement",
        "immigration",
        "customs",
        "privacy",
        "database",
        "vendor",
        "license",
    ),
    *("contract", "biometric", "retention", "detention", "disclosure", "procurement", "solicitation", "warrant"),
)


def test_spelling_finds_what_was_meant() -> None:
    """Each of many words is misspelt by one edit at random, and two; the word meant has to be among what is offered."""
    rng = random.Random(7)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE words(word TEXT PRIMARY KEY, pages INTEGER)")
        connection.executemany("INSERT INTO words VALUES (?, ?)", [(word, rng.randint(1, 9000)) for word in OFFICIAL])
        found = {1: 0, 2: 0}
        for word in OFFICIAL:
            for edits in found:
                typed = word
                for _ in range(edits):
                    at = rng.randrange(len(word) // 3 + 1, len(typed) - 1)
                    typed = rng.choice([typed[:at] + typed[at + 1 :], typed[:at] + "x" + typed[at:],
                                        typed[:at] + typed[at + 1] + typed[at] + typed[at + 2 :]])  # fmt: skip
                found[edits] += typed == word or word in [one.words for one in spellings_of(connection, typed)]
    assert found == {1: len(OFFICIAL), 2: len(OFFICIAL)}
