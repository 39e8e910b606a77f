"""Lines that are headings, and lines that only begin like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.text.headings import (
    comes_after,
    depth,
    goes_on,
    is_appendix,
    is_capitalized,
    is_known,
    is_title,
    numbered,
)


@pytest.mark.parametrize(
    ("line", "readings"),
    [
        ("Section 1.0 Authorities and Other Requirements", [("section", "1.0", (1, 0))]),
        ("SECTION III – Analyses", [("section", "III", (3,))]),
        ("1.1 What authorities permit it?", [("decimal", "1.1", (1, 1))]),
        ("2.3.1. Retention", [("decimal", "2.3.1", (2, 3, 1))]),
        ("3. Scope", [("figure", "3", (3,))]),
        ("IV. ARGUMENT", [("roman", "IV", (4,))]),
        ("C. Data", [("letter", "C", (3,))]),
        ("I. Facts", [("roman", "I", (1,)), ("letter", "I", (9,))]),
        ("IIII. Facts", []),
        ("Section 208 of the Act", []),
        ("2018 was a year", []),
        ("1.1", []),
        ("", []),
    ],
)
def test_numbers_of_sections(line: str, readings: list[tuple[str, str, tuple[int, ...]]]) -> None:
    assert [(one.style, one.number, one.value) for one in numbered(line)] == readings


@pytest.mark.parametrize(
    ("before", "value", "follows"),
    [
        (None, (1, 0), True),
        (None, (1, 1), True),
        (None, (7, 2), False),
        ((1, 0), (1, 1), True),
        ((1, 4), (2, 0), True),
        ((2, 0), (2, 1), True),
        ((2, 1), (2, 1, 1), True),
        ((2, 1, 1), (2, 2), True),
        ((2, 1), (2, 1), False),
        ((2, 2), (2, 1), False),
        ((2, 2), (2, 6), False),
        ((2, 2), (12, 1), False),
    ],
)
def test_which_number_can_come_after_which(
    before: tuple[int, ...] | None, value: tuple[int, ...], follows: bool
) -> None:
    assert comes_after(before, value) is follows


def test_depth_leaves_out_a_last_zero() -> None:
    assert [depth(value) for value in ((1, 0), (1, 1), (2,), (2, 1, 3), (0, 0))] == [1, 2, 1, 3, 1]


@pytest.mark.parametrize(
    "line", ["Abstract", "OVERVIEW", "Reason for the PIA Update", "Approval Signature", "Conclusion:"]
)
def test_headings_that_have_no_number(line: str) -> None:
    assert is_known(line)


@pytest.mark.parametrize("line", ["overview", "Overview of the system", "", "The abstract", "Abstract " * 20])
def test_lines_that_are_no_known_heading(line: str) -> None:
    assert not is_known(line)


def test_appendices_and_sentences_about_them() -> None:
    assert all(map(is_appendix, ["Appendix A", "APPENDIX 3", "Appendix A: Data", "Attachment B – Forms", "Exhibit IV"]))
    for line in ("Appendix A lists them.", "Appendix A of the report", "Appendices", "See Appendix A", "Appendix A, B"):
        assert not is_appendix(line)


def test_titles_and_what_is_none() -> None:
    assert all(map(is_title, ["Scope", "“Plain” Words", "What is it?"]))
    for words in (
        "scope",
        "A sentence.",
        "Total in $",
        "11 22 33 44",
        "X",
        "Reports 11 22 33 44 55 66 77",
        "A" * 300,
    ):
        assert not is_title(words)
    assert is_capitalized("Segregate Networks and Functions of the Department")
    assert not is_capitalized("Use the gained knowledge to assess the technical trade")
    assert goes_on("Characterization of the")
    assert not goes_on("Characterization")


@given(st.text(alphabet="SectionIVXABC 1.2-?\n", max_size=40))
def test_any_line_can_be_looked_at(line: str) -> None:
    for one in numbered(line):
        assert one.value
        assert one.value[0] >= 0
        assert one.title
    is_appendix(line)
    is_title(line)


@pytest.mark.parametrize("piece", ["Section 1", "1.", "I", "Appendix ", "a of "])
def test_long_lines_take_no_longer_than_they_are(piece: str) -> None:
    line = piece * 50_000
    numbered(line)
    is_appendix(line)
    goes_on(line)
    is_known(line)
