"""Paragraphs: what begins one, what is a heading, and what goes on in the next column."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings

from pipelines.text.drawn import Word
from pipelines.text.layout import Block, Line
from pipelines.text.paragraphs import Paragraph, goes_on, paragraphs_of
from pipelines.text.reading_order import lay_out
from tests.laid_out import ANY_WORDS, HEIGHT, WIDTH, block, line

RIGHT = 372.0
FULL = "A line of a paragraph that reaches the right side"


def set_out(*lines: Line, kind: str = "text") -> Block:
    """Return a block that is 300 points wide, its lines 12 points apart (those with a top of their own stay)."""
    placed = [one._replace(top=72 + 12 * place + one.top, bottom=82 + 12 * place + one.top)
              for place, one in enumerate(lines)]  # fmt: skip
    return Block(kind, tuple(placed), 72, RIGHT)


def full(text: str = FULL, x: float = 72, *, down: float = 0, size: float = 10, bold: bool = False) -> Line:
    """Return a line that reaches the column's right side; `down` is how much lower than usual it stands."""
    return line(text, x, down, x1=RIGHT, size=size, bold=bold)


def short(text: str, x: float = 72, *, down: float = 0, size: float = 10, bold: bool = False) -> Line:
    return line(text, x, down, x1=200, size=size, bold=bold)


def counts(*lines: Line, kind: str = "text") -> list[int]:
    return [len(one.lines) for one in paragraphs_of(set_out(*lines, kind=kind), 10)]


@pytest.mark.parametrize(
    ("lines", "parted"),
    [
        ([full(), full(), full()], [3]),
        ([full(), short("its end."), full(), full()], [2, 2]),
        ([full(), short("no end"), full(), full()], [4]),
        ([full(), full("It ends at the right side."), full(), full()], [4]),
        ([full(), full(), full(down=6), full(down=6)], [2, 2]),
        ([full(), full(), full(x=90), full()], [2, 2]),
        ([full(x=90), full(), full(), full(x=90), full()], [3, 2]),
        ([full(), full(), full("• An item"), full()], [4]),
        ([full(), full("that has items:"), full("(a) An item"), full()], [2, 2]),
        ([full(), short("short"), full("1.2 An item"), full()], [2, 2]),
        ([short("Its Name", bold=True), full(), full()], [1, 2]),
        ([full(), full("set in bold", bold=True), full()], [3]),
        ([full(), full(), full(size=8), full(size=8)], [2, 2]),
    ],
    ids=["one", "short and ended", "short", "ended", "space", "indented", "first lines indented", "no item", "items",
         "item after a short line", "bold by itself", "bold within", "sizes"],
)  # fmt: skip
def test_where_a_paragraph_begins(lines: list[Line], parted: list[int]) -> None:
    assert counts(*lines) == parted


def test_a_broken_word_ends_no_paragraph() -> None:
    assert counts(full(), short("a bro-"), full("ken word", down=6), full(down=6)) == [4]
    assert counts(full(), short("a bro-"), full("Ken word", down=6), full(down=6)) == [2, 2]


def test_each_marked_line_of_notes_begins_one() -> None:
    marked = full("1 See there")._replace(marked=True)
    assert counts(marked, full(), marked, full(), kind="note") == [2, 2]
    assert counts(marked, full(), marked, full()) == [4]


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([short("Purpose", size=12)], "heading"),
        ([short("Purpose", size=10.9)], "text"),
        ([short("Purpose", bold=True)], "heading"),
        ([short("A sentence that is all bold, and has so much to say, that it ends.", bold=True)], "text"),
        ([short("Definitions.", bold=True)], "heading"),
        ([short("AUTHORITIES")], "heading"),
        ([short("U.S.")], "text"),
        ([short("12 – 14", size=14)], "text"),
        ([short("x" * 301, size=14)], "text"),
    ],
)
def test_what_is_a_heading(lines: list[Line], kind: str) -> None:
    [found] = paragraphs_of(set_out(*lines), 10)
    assert found.kind == kind


def ends(*lines: Line) -> tuple[bool, bool]:
    [found] = paragraphs_of(set_out(*lines), 10)
    return found.open, found.fresh


def test_a_paragraph_is_open_where_its_last_line_is_full_and_no_sentence_ends() -> None:
    assert ends(full(), full("and on")) == (True, False)
    assert ends(full(), full("and ends.")) == (False, False)
    assert ends(full(), full("and “ends.”")) == (False, False)
    assert ends(full(), full("and ends.12")) == (False, False)
    assert ends(full(), short("and on")) == (False, False)
    assert ends(full(), short("and bro-")) == (True, False)


def test_a_paragraph_is_fresh_where_its_first_line_begins_one() -> None:
    assert ends(full("Indented", x=90), full())[1]
    assert ends(full("• An item"), full())[1]
    assert not ends(full("indented", x=90), full())[1]
    assert not ends(full("Not so"), full())[1]


OPEN = Paragraph("text", (full("and on"),), open=True, fresh=False)


@pytest.mark.parametrize(
    ("one", "other", "on"),
    [
        (OPEN, OPEN, True),
        (OPEN._replace(open=False), OPEN, False),
        (OPEN, OPEN._replace(fresh=True), False),
        (OPEN, OPEN._replace(kind="heading"), False),
        (OPEN, OPEN._replace(lines=(full(bold=True),)), False),
        (OPEN, OPEN._replace(lines=(full()._replace(size=11),)), False),
    ],
    ids=["yes", "ended", "fresh", "another kind", "bold", "size"],
)
def test_what_goes_on_in_the_next_column(one: Paragraph, other: Paragraph, on: bool) -> None:
    assert goes_on(one, other) is on


def test_a_table_is_one_and_an_empty_block_none() -> None:
    table = block(line("a\tb"), line("c\td", top=140), kind="table")
    assert paragraphs_of(table, 10) == [Paragraph("table", table.lines, open=False, fresh=True)]
    assert paragraphs_of(Block("text", (), 0, 0), 10) == []


@settings(max_examples=100, deadline=None)
@given(ANY_WORDS)
def test_every_line_is_in_one_paragraph_in_its_order(words: list[Word]) -> None:
    for held in lay_out(words, [], WIDTH, HEIGHT).blocks:
        made = paragraphs_of(held, 10)
        assert tuple(line for one in made for line in one.lines) == held.lines
        assert all(one.lines for one in made)
        assert isinstance([goes_on(one, other) for one, other in pairwise(made)], list)
