"""Tables of contents, and the pages where their entries stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.text.contents import Line, Listed, place_entries, split_contents, squeezed

CONTENTS = """TABLE OF CONTENTS
TABLE OF AUTHORITIES ............... ii
ARGUMENT . . . . . . . . 1
I. The Agency’s Search
Was Not Adequate .......... 2
A. It Left Out Records That Exist. 16
CONCLUSION……… 20
TABLE OF AUTHORITIES
Doe v. Agency,
1 F.3d 2 (2000) ........ 3, 4
Roe v. Agency ........ 5
Next heading"""


def lines_of(*pages: str) -> list[Line]:
    return [Line(place, line) for place, page in enumerate(pages) for line in page.split("\n") if line]


def test_entries_go_over_lines_and_authorities_are_not_listed() -> None:
    listed, kept = split_contents(lines_of(CONTENTS, "ARGUMENT\nwords"))
    assert listed == [
        Listed("ARGUMENT", "1"),
        Listed("I. The Agency’s Search Was Not Adequate", "2"),
        Listed("A. It Left Out Records That Exist.", "16"),
        Listed("CONCLUSION", "20"),
    ]
    assert [line.text for line in kept] == ["Next heading", "ARGUMENT", "words"]


def test_two_lines_with_dots_are_no_table_of_contents() -> None:
    lines = lines_of("Name ........ 3\nDate ........ 4\nwords")
    assert split_contents(lines) == ([], lines)


def test_entries_are_placed_where_they_begin_a_line() -> None:
    lines = lines_of("", "In the argument of 2018", "ARGUMENT\nwords", "see Conclusion\nCon-\nclusion", "ARGUMENT")
    listed = [Listed("Argument", "9"), Listed("Absent", ""), Listed("CONCLUSION", "2"), Listed("A", "")]
    assert [(entry.text, page) for entry, page in place_entries(listed, lines, [""] * 5)] == [
        ("Argument", 2),
        ("CONCLUSION", 3),
    ]


def test_the_page_that_the_table_names_comes_first() -> None:
    lines = lines_of("", "Scope\n", "Scope", "Scope")
    assert place_entries([Listed("Scope", "2")], lines, ["", "", "1", "2"])[0][1] == 3
    assert place_entries([Listed("Scope", "7")], lines, ["", "", "1", "2"])[0][1] == 1


def test_squeezed_text_has_letters_and_figures_only() -> None:
    assert squeezed(" 1.0  The “A-B”\n_c ") == "10theabc"


@given(st.lists(st.text(alphabet="ab. …·_1i\t", max_size=30), max_size=30))
def test_lines_are_kept_or_left_out_never_made(texts: list[str]) -> None:
    lines = [Line(place // 10, text) for place, text in enumerate(texts)]
    listed, kept = split_contents(lines)
    assert set(kept) <= set(lines)
    for entry, page in place_entries(listed, lines, ["", "1", "i"]):
        assert entry in listed
        assert 0 <= page < 3


@pytest.mark.parametrize("piece", [".", ". ", "…", "_ ", "1", "-"])
def test_long_lines_take_no_longer_than_they_are(piece: str) -> None:
    split_contents(lines_of("\n".join([piece * 50_000] * 20)))
