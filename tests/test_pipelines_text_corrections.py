"""Notes on an article: corrections, updates and remarks of its editors, in their own words."""

from __future__ import annotations

import pytest

from pipelines.text.corrections import LONGEST, MOST_NOTES, find_notes


@pytest.mark.parametrize(
    ("kind", "paragraph"),
    [
        ("correction", "Correction: the contract was awarded in May, not in June."),
        ("correction", "CORRECTION (Jan. 30, 2018): The number of records was wrong."),
        ("correction", "*Correction, 3:15 p.m. — The number of records was wrong."),
        ("correction", "Clarification: the agency has asked for access, and has not got it."),
        ("correction", "An earlier version of this article misstated how long the records are kept."),
        ("correction", "The figure is 14. A previous version of this story gave another one."),
        ("correction", "This story has been corrected to say that the contract was awarded in May."),
        ("update", "Update: the agency answered after publication."),
        ("update", "UPDATE 1/29/2018 4:05 p.m.: the agency answered after publication."),
        ("update", "[Update, Jan. 29: the agency answered after publication.]"),
        ("update", "Updated at 1:23 p.m."),
        ("update", "Updated January 29, 2018 with the agency’s answer"),
        ("update", "This post has been updated to include the agency’s answer."),
        ("editor's note", "Editor’s note: the author is a member of the board."),
        ("editor's note", "EDITORS' NOTE — the author is a member of the board."),
        ("editor's note", "Editorial note: the author is a member of the board."),
    ],
)
def test_notes(kind: str, paragraph: str) -> None:
    assert find_notes(["A paragraph of the story.", paragraph, "Another one."]) == [(kind, paragraph)]


@pytest.mark.parametrize(
    "paragraph",
    [
        "The department of correction bought the cameras in the spring of that year.",
        "Corrections officers asked for access to the database, records show.",
        "It will update the assessment every year, a spokesman said: nothing else is planned.",
        "Updates to the system were paid for by the agency.",
        "The editor noted that nobody had answered.",
        "This story was told by three people.",
        "",
    ],
)
def test_no_notes(paragraph: str) -> None:
    assert find_notes([paragraph]) == []


def test_a_label_alone_goes_with_what_follows() -> None:
    assert find_notes(["Correction", "The contract was awarded in May.", "Correction"]) == [
        ("correction", "Correction\n\nThe contract was awarded in May.")
    ]


def test_each_once_and_not_without_end() -> None:
    assert find_notes(["Update: the same."] * 3) == [("update", "Update: the same.")]
    assert len(find_notes([f"Update: number {number}." for number in range(2 * MOST_NOTES)])) == MOST_NOTES
    assert find_notes(["Update: " + "x" * LONGEST]) == []
    assert find_notes(["(" * 1_000_000, "correction " * 100_000, "update " + "a " * 500_000]) == []
