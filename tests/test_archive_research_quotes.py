"""Tests the check of quotations: what is exact and what never is, on texts of a page or two, and on the sample."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from archive.research.quotes.checking import check
from archive.research.quotes.differing import SAME, edits_between, find_near
from archive.research.quotes.fitting import find_fits
from archive.research.quotes.held import Held, of_page
from archive.research.quotes.outcomes import ABSENT, ELSEWHERE, EXACT, NEAR, Wanted
from archive.research.quotes.quotation import parse
from archive.research.rows import Row
from tests.demo_archive import DemoArchive

VERSION: Row = {"id": "d@1234567890", "document": "d", "digest": "sha256:1234567890", "ordinal": 1}
TEXT = (
    "The agency will not retain license plate data for more than five years. It costs $1.2 million, or 12.5%\n"
    "of the budget. Vendors’ staff, who aren’t sworn officers, may query the commercial data-\n"
    "base only after training.12 Non-public records stay sealed “until the court rules,” he said. ICE\n"
    "does not share it with the vendor’s customers; neither do its contractors. The ﬁnal rule is due on\n"
    "January 26, 2018—a Friday. Temperatures of -5 degrees were measured, and 1,000 cameras fail."
)


def held(text: str = TEXT, notes: str = "", also: str = "") -> Held:
    """Return a page with a text, notes at its foot, and other forms of its broken words."""
    parts = [{"kind": "text", "start": 0, "end": len(text)}]
    whole = text
    if notes:
        whole = f"{text}\n\n{notes}"
        parts.append({"kind": "note", "start": len(text) + 2, "end": len(whole)})
    page = {"number": 1, "label": "", "text": whole, "parts": parts, "runs_on": "", "also": also.split()}
    return of_page(VERSION, page)


def is_exact(words: str, on: Held) -> bool:
    """Tell whether a quotation is exact on a page."""
    return any(not fit.doubts for fit in find_fits(on, parse(words)))


@pytest.mark.parametrize(
    "words",
    [
        "The agency will not retain license plate data for more than five years.",
        "the agency will not retain license plate data",
        "“The agency will not retain license plate data for more than five years,”",
        "It costs $1.2 million, or 12.5% of the budget",
        "Vendors' staff, who aren't sworn officers, may query",
        "may query the commercial database only after training",
        "[T]he agency will not retain license plate data . . . . It costs $1.2 million",
        "The agency will not retain license plate data … It costs $1.2 million",
        "The agency will not retain license plate data [...] It costs $1.2 million",
        "The agency will not retain license plate data * * * It costs $1.2 million",
        "[ICE] will not retain license plate data",
        "The agency [ICE] will not retain license plate data",
        "The agency will not retain [such] data for more than five years",
        "The agency will not retain license plate data [sic] for more than five years",
        "will not retain license plate data [emphasis added] for more than five years",
        "The agency will not retain[sic] license plate data",
        "The agency will not retain[] license plate data",
        "The agenc[ies] will not retain license plate data",
        "stay sealed 'until the court rules', he said",
        "The final rule is due on January 26, 2018 – a Friday",
        "*The agency* will **not** retain _license plate_ data",
        "may query the commercial data-\nbase only after training",
        "may query the commercial data\x02base only after training",
        "only after training. Non-public records stay sealed",
        "1,000 cameras fail!",
    ],
)  # fmt: skip
def test_what_typesetting_and_brackets_change_is_exact(words: str) -> None:
    assert is_exact(words, held(TEXT.replace("training.12 ", "training. 12 "), notes="12 See the manual."))


@pytest.mark.parametrize(
    "words",
    [
        "The agency will retain license plate data",
        "The agency will … retain license plate data",
        "The agency will [...] retain license plate data",
        "The agency will [] retain license plate data",
        "The agency will [always] retain license plate data",
        "The agency may not retain license plate data",
        "retain license plate data for more than six years",
        "retain license plate data for more than [six] years",
        "retain license plate data for years",
        "It costs $12 million, or 12.5% of the budget",
        "It costs 1.2 million",
        "It costs $1.2 million, or 125% of the budget",
        "It costs $1.2 million or 12.5% of the budget",
        "Vendors' staff, who are sworn officers",
        "Vendors' staff, who aren't Sworn officers",
        "public records stay sealed",
        "Temperatures of 5 degrees were measured",
        "5 degrees were measured",
        "cameras fail The agency will not retain",
        "1000 cameras fail",
        "00 cameras fail",
        "ice does not share it with the vendor's customers",
        "ICE does [not] share it with the vendor's customers; its contractors do",
        "ICE [freely] share it with the vendor's customers",
        "It costs $1.2 million, or 12.5% of the budget … the",
        "final rule is due on January 26, 2018 … It costs $1.2 million",
        "nonpublic records stay sealed",
        "The agency will not retain license plates data",
        "The agency will not re tain license plate data",
        "ICE does not share it with the vendors customers",
    ],
)
def test_a_word_a_number_or_a_negation_is_never_forgiven(words: str) -> None:
    assert not is_exact(words, held(TEXT.replace("training.12 ", "training. 12 "), notes="12 See the manual."))


@pytest.mark.parametrize(
    ("stands", "words"),
    [
        ("ICE can share the data with others", "ICE can[not] share the data"),
        ("ICE should share the data with others", "ICE should[n't] share the data"),
        ("Data are kept for six days by the agency", "Data are kept for six[ty] days"),
        ("The agency kept 100 records of persons", "The agency kept 100[0] records"),
        ("It cost 3.5 million dollars in all", "It cost 3.5[5] million dollars"),
        ("The employee shall keep all records", "The employ[er] shall keep all records"),
        ("Data are shared with the vendor daily", "[No] data are shared with the vendor"),
        ("Data are shared with the vendor daily", "Data are shared with the vendor [never]"),
        ("Data are kept here; they are shared with the vendor", "Data are kept here … [not] shared with the vendor"),
        ("Data are kept in cases of fraud", "Data are kept in [3] cases of fraud"),
        ("Data are kept in [2] cases of fraud", "Data are kept in [3] cases of fraud"),
        ("Some 10⁶ records were kept there", "Some 10 records were kept there"),
        ("Some 10 records were kept there", "Some 10⁶ records were kept there"),
        ("They kept records of 10⁶ persons", "They kept records of 10"),
        ("A lot of 500 m² was searched", "A lot of 500 m was searched"),
        ("An error rate of 5% was measured", "An error rate of 5"),
        ("A fee of $500 for each record", "500 for each record"),
        (
            "Agents may share data with DHS. They may not share it with private parties",
            "Agents may share data … with private parties",
        ),
        (
            "Agents will under these rules never knowingly or otherwise share the data",
            "Agents will … share the data",
        ),
        ("Agents may, under the U.S. Code, not share the data", "Agents may … share the data"),
        ("ICE is prohibited from sharing the data", "ICE is … sharing the data"),
    ],
)
def test_brackets_omissions_and_small_signs_turn_nothing_round(stands: str, words: str) -> None:
    assert not is_exact(words, held(f"{stands}."))


def test_a_bracket_of_the_passage_itself_may_end_a_quotation() -> None:
    page = held("Some records are exempt from access. [FR Doc. 2016-25197] Billing code.")
    assert is_exact("Some records are exempt from access. [FR Doc. 2016-25197]", page)
    assert not is_exact("Some records are exempt from access. [FR Doc. 2016-25198]", page)


def test_what_is_longer_than_what_is_compared_is_never_exact() -> None:
    text = "The agency will sometimes retain license plate data for long. " * 500
    assert not is_exact(text[:19_990] + "and sells all of it to whoever asks", held(text))
    parts = " … ".join(["license plate data"] * 24)
    assert is_exact(parts, held(text))
    assert not is_exact(f"{parts} … sells all of it to anybody", held(text))


def test_a_number_of_the_sentence_is_no_mark_of_a_note() -> None:
    several = "Parts 1, 2 and 3 of the Act2 apply."
    assert not is_exact("Parts 1, and 3 of the Act2 apply", held(several, notes="2 See the manual."))
    follows = held("They are as follows: 2 cases of the Act2.", notes="2 See the manual.")
    assert not is_exact("They are as follows: cases of", follows)
    text = "Data are kept for 30 days. 30 The manual says so; on average, 30 agents ask."
    assert not is_exact("Data are kept for days", held(text, notes="30 See the manual."))
    assert not is_exact("on average, agents ask", held(text, notes="30 See the manual."))
    once = "Data are kept for some days. 30 The manual says so."
    assert is_exact("kept for some days. The manual says so", held(once, notes="30 See the manual."))
    assert not is_exact("kept for some days. The manual says so", held(once))


def test_a_word_that_a_line_broke_is_found_in_both_its_forms() -> None:
    text = "The rule was reissued and the co-operation goes on."
    page = held(text, also="re-issued cooperation")
    assert is_exact("The rule was re-issued and the cooperation", page)
    assert is_exact("The rule was reissued and the co-operation", page)
    assert not is_exact("The rule was re-issued", held(text))


def test_the_words_that_differ_are_shown_on_both_sides() -> None:
    page, wanted = held(), parse("The agency will retain licence plate data for more than five years")
    near = find_near(page, wanted)
    assert near is not None
    edits = edits_between(wanted, page, near.first, near.end)
    assert [(edit.op, edit.quoted, edit.held) for edit in edits if edit.op != SAME] == [
        ("left out", "", "not"),
        ("changed", "licence", "license"),
    ]


@pytest.fixture(scope="module")
def catalogue(demo_made: DemoArchive) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{demo_made.path / 'archive.db'}?mode=ro", uri=True)) as connection:
        yield connection


def test_what_is_cited_and_what_is_not(catalogue: sqlite3.Connection) -> None:
    document, version, number, text = catalogue.execute(
        "SELECT p.document, p.version, p.number, p.text FROM pages AS p JOIN documents AS d ON d.id = p.document"
        " WHERE d.id = 'dhs-ice-pia-039a' AND p.version = d.newest_version AND length(p.text) > 1500 LIMIT 1"
    ).fetchone()
    words = " ".join(text.split()[100:125])
    altered = words.split()
    altered[12] = "zebras"
    found = check(
        catalogue,
        [
            Wanted(words),
            Wanted(words, document, version, str(number)),
            Wanted(words, document, page="9999"),
            Wanted(words, "dhs-all-pia-000"),
            Wanted(" ".join(altered)),
            Wanted("Zebras of the northern province were counted by nobody at dawn"),
            Wanted("…"),
        ],
    )
    assert [one.outcome for one in found] == [EXACT, EXACT, EXACT, ELSEWHERE, NEAR, ABSENT, ABSENT]
    assert [one.page_agrees for one in found[:3]] == [None, True, False]
    assert {one.place.document for one in found[:5] if one.place} == {document}
    assert [edit.quoted for edit in found[4].differing] == ["zebras"]
    assert found[5].searched
    assert "pages of" in found[5].searched.sentence
