"""The numbers printed on pages: those that count up, and none that don't."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.page_labels import printed_labels
from pipelines.text.pdf import read_pdf

HEADER = "Privacy Impact Assessment"


def test_a_number_that_counts_up_beats_a_stray_one() -> None:
    pages = [["2018", HEADER], ["17", "1"], ["4", "2"], ["9", "3"], ["12", "words", "4"]]
    assert printed_labels(pages) == ["", "1", "2", "3", "4"]


def test_a_cover_and_a_page_without_a_number_have_none() -> None:
    pages = [["Privacy Impact Assessment for the System"], *[[HEADER, f"Page {n}"] for n in (1, 2)], [HEADER]]
    assert printed_labels([*pages, [HEADER, "Page 4"]]) == ["", "1", "2", "", "4"]


def test_front_matter_in_roman_then_arabic_then_an_appendix() -> None:
    printed = ["", "i", "ii", "iii", "iv", "1", "2", "3", "A-1", "A-2"]
    assert printed_labels([["words", label] for label in printed]) == printed


@pytest.mark.parametrize(
    ("line", "labels"),
    [
        ("Page {n} of 20", "789"),
        ("page {n}/20", "789"),
        ("- {n} -", "789"),
        ("– {n} –", "789"),
        ("[{n}]", "789"),
        ("{n} | P a g e", "789"),
        ("{n} of 15 TLP:WHITE", "789"),
        ("Page {n}; 8/15/02", "789"),
        ("Bariatric Toolkit | Page {n}", "789"),
        ("Federal Register / Vol. 81, No. 202 / Notices {n}", "789"),
        ("{n} U.S. Census Bureau", "789"),
        ("A County 3 Sheriff {n} Revised 02/15/2025", "   "),
        ("Appendix {n}", "   "),
        ("FY {n}", "789"),
        ("lil", "   "),
        ("1.{n} million", "   "),
    ],
)
def test_forms_of_numbers(line: str, labels: str) -> None:
    assert printed_labels([[HEADER, line.format(n=n), "words"] for n in (7, 8, 9)]) == [one.strip() for one in labels]


def test_a_number_inside_a_footer_counts_on_four_pages() -> None:
    pages = [["words", f"County Office, Room 3 {n} Revised 02/15/2025"] for n in range(1, 6)]
    assert printed_labels(pages) == ["1", "2", "3", "4", "5"]
    assert printed_labels(pages[:3]) == ["", "", ""]


def test_numbers_on_alternate_sides_are_one_series() -> None:
    pages = [["A Report", f"{n} Title" if n % 2 else f"Title {n}"] for n in range(20, 26)]
    assert printed_labels(pages) == [str(n) for n in range(20, 26)]


def test_footnotes_at_the_foot_are_no_page_numbers() -> None:
    pages = [["words", "1 https://example.gov/a"], ["words", "2"], ["words", "3"]]
    assert printed_labels(pages) == ["", "2", "3"]


def test_letters_that_are_no_roman_number_are_none() -> None:
    assert printed_labels([["words", "i" * n] for n in (4, 5, 6)]) == ["", "", ""]


def test_numbers_far_apart_are_no_series() -> None:
    pages = [["words", "7"], *[["words"]] * 20, ["words", "28"]]
    assert printed_labels(pages) == [""] * 22


def test_the_stamp_of_a_court_gives_way_to_the_numbers_of_the_brief() -> None:
    own = ["", "i", "ii", "1", "2", "3"]
    stamps = [f"Case 1:19-cv-07058-GBD Document 31 Filed 05/07/20 Page {n} of 6" for n in range(1, 7)]
    assert printed_labels([[stamp, "words", label] for stamp, label in zip(stamps, own, strict=True)]) == own
    assert printed_labels([[stamp] for stamp in stamps]) == ["1", "2", "3", "4", "5", "6"]


def test_of_a_single_page_the_edge_is_believed_but_for_years() -> None:
    assert printed_labels([["words", "3"]]) == ["3"]
    assert printed_labels([["words", "2018"]]) == [""]
    assert printed_labels([["Page iv", "words"]]) == ["iv"]
    assert printed_labels([["7", "between", "words"]]) == ["7"]
    assert printed_labels([["I", "words"]]) == [""]


def test_the_files_own_labels_decide_between_two() -> None:
    pages = [[str(n), "words", str(n + 40)] for n in (1, 2, 3)]
    assert printed_labels(pages, ["41", "42", "43"]) == ["41", "42", "43"]
    assert printed_labels(pages, ["", "2", "3"]) == ["1", "2", "3"]
    pages = [[f"Page {n}", "words", str(n + 1)] for n in range(3, 8)]
    assert printed_labels(pages, ["1", "2", "3", "4", "5"]) == printed_labels(pages) == ["3", "4", "5", "6", "7"]
    assert printed_labels([["words"]] * 3, ["1", "2", "3"]) == ["", "", ""]


def test_nothing_gives_nothing() -> None:
    assert printed_labels([]) == []
    assert printed_labels([[], ["", " "]]) == ["", ""]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.text(alphabet="0123456789 ivxlPage-–|ofA.\n٣", max_size=30), max_size=8), max_size=12))
def test_every_label_is_on_its_page(pages: list[list[str]]) -> None:
    labels = printed_labels(pages)
    assert len(labels) == len(pages)
    for label, lines in zip(labels, pages, strict=True):
        assert label in "".join("".join(line.split()) for line in lines)


@pytest.mark.parametrize("piece", ["1 ", "page ", "- ", "Case Document Page ", "i", " 1", "A-"])
def test_lines_and_pages_without_end_take_no_longer_than_they_are(piece: str) -> None:
    printed_labels([[piece * 20_000] * 40, *[[piece * 20] * 40] * 50])


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (
            "foia-ice-cbp/aclu-v-ice-2018/4_Dist_Court_Briefing_Govt_MSJ_Dkt_31.pdf",
            "_ i ii iii 1 2 3 4 5 6 7 8 9 10 11",
        ),
        ("dhs-directives/ar-16-20173.pdf", "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15"),
        ("govdocs1-error/error_set_1/137036.pdf", "G-1 G-2 G-3 G-4 G-5 G-6 G-7 G-8"),
        ("dhs-directives/ed-19-01.pdf", "_ 2 3"),
    ],
)
def test_real_pages_have_the_numbers_printed_on_them(corpus: Path, name: str, labels: str) -> None:
    pages = read_pdf((corpus / "pdf/gov" / name).read_bytes()).pages
    found = printed_labels([page.text.split("\n") for page in pages])
    expected = labels.replace("_", "").split(" ")
    assert found[: len(expected)] == expected
