"""Laid-out pages as text: parts in order that cover it, paragraphs over columns and pages, and every word once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.composing import Composed, compose
from pipelines.text.drawn import Word
from pipelines.text.layout import Block, PageLayout
from pipelines.text.reading import PART_KINDS
from pipelines.text.reading_order import lay_out
from tests.laid_out import ANY_WORDS, HEIGHT, WIDTH, block, line, page, said, text_block

TITLE = block(line("Annual Report", top=36, size=8))
FOOTERS = [block(line(str(number), x=300, top=760, size=8)) for number in (1, 2, 3)]
OPEN = text_block("The agency keeps the record", "of each request that it", x1=400)
ENDED = text_block("It says why the law", "has it otherwise.", x1=400)


def parts(made: Composed) -> list[tuple[str, str]]:
    return [(part.kind, made.text[part.start : part.end]) for part in made.parts]


def full(*texts: str, top: float = 200) -> Block:
    """Return a block whose lines all reach its right side."""
    return block(*(line(text, top=top + 12 * place, x1=400) for place, text in enumerate(texts)))


def test_a_page_is_its_header_text_side_notes_notes_and_footer() -> None:
    blocks = (
        TITLE,
        block(line("Purpose", top=150, size=14)),
        block(*ENDED.lines, line("1 A note", top=640, size=8)),
        block(line("State\tCases", top=400), line("Ohio\t980", top=412), kind="table"),
        block(line("beside", top=300, x=20), kind="side-note"),
    )
    [first, second] = compose([page(*blocks, FOOTERS[0]), page(TITLE, FOOTERS[1])])
    assert parts(first) == [
        ("header", "Annual Report"), ("heading", "Purpose"), ("text", "It says why the law\nhas it otherwise."),
        ("table", "State\tCases\nOhio\t980"), ("side-note", "beside"), ("note", "1 A note"), ("footer", "1"),
    ]  # fmt: skip
    assert parts(second) == [("header", "Annual Report"), ("footer", "2")]
    assert (first.header, first.footer) == (("Annual Report",), ("1",))
    assert first.text == "\n\n".join(text for _, text in parts(first))


def test_a_header_drawn_in_parts_is_one_line() -> None:
    head = block(line("right", x=400, top=36), line("left", top=37), line("under", top=60))
    made = compose([page(head), page(head)])
    assert [parts(one) for one in made] == [[("header", "left right\nunder")]] * 2


def test_each_mark_begins_a_note() -> None:
    notes = [line(text, top=640 + 10 * n, size=8) for n, text in enumerate(["1 One", "goes on", "2 Two"])]
    [made] = compose([page(block(*ENDED.lines, *notes))])
    assert parts(made)[1:] == [("note", "1 One\ngoes on"), ("note", "2 Two")]


def test_a_paragraph_goes_on_in_the_next_column_past_what_stands_between() -> None:
    table = block(line("a\tb", top=300), kind="table")
    [made] = compose([page(full("The agency keeps the record", "of each infor-"), table,
                           full("mation request and of", "what was done.", top=100))])  # fmt: skip
    assert parts(made) == [
        ("text", "The agency keeps the record\nof each information\nrequest and of\nwhat was done."), ("table", "a\tb")
    ]  # fmt: skip
    assert made.also == "infor-mation"


@pytest.mark.parametrize(
    ("last", "first", "runs_on"),
    [
        ("of each request that", "it gets and keeps", " "),
        ("of each request.", "It gets and keeps", ""),
        ("of each infor-", "mation request", "-"),
        ("of each self-", "service request", "="),
        ("of each non-", "Federal request", "="),
        ("of each request that", "• It gets and keeps", ""),
    ],
)
def test_how_the_running_text_goes_on_overleaf(last: str, first: str, runs_on: str) -> None:
    note = line("1 A note between", top=640, size=8)
    pages = [page(TITLE, block(*full("The agency keeps the record", last).lines, note), FOOTERS[0]),
             page(TITLE, full(first, "for as long as it must."), FOOTERS[1])]  # fmt: skip
    made = compose(pages)
    assert [one.runs_on for one in made] == [runs_on, ""]
    assert last in made[0].text
    assert first in made[1].text


def test_a_page_without_running_text_stops_it() -> None:
    assert [one.runs_on for one in compose([page(OPEN), page(), page(OPEN)])] == ["", "", ""]
    assert compose([]) == []
    assert compose([PageLayout(0, 0, ())]) == [Composed("", (), "", "", (), ())]


def test_lines_of_a_page_that_are_the_same_are_all_there() -> None:
    """Without a size no two lines are level, so that the seventh of ten may be text and the first of them a header."""
    same = [block(line("7", top=36, size=0)) for _ in range(10)]
    for made in compose([page(*same), page(*same)]):
        assert made.text.split() == ["7"] * 10


def squeezed(texts: Sequence[str]) -> Counter[str]:
    """Count letters: words that a hyphen broke are joined, their hyphen may go."""
    return Counter(re.sub(r"[-‐\s]", "", "".join(texts)))


@settings(max_examples=25, deadline=None)
@given(st.lists(ANY_WORDS, min_size=1, max_size=2), st.booleans())
def test_parts_cover_the_text_and_the_text_is_the_page(drawn: list[list[Word]], twice: bool) -> None:
    pages = [lay_out(words, [], WIDTH, HEIGHT) for words in drawn] * (1 + twice)
    made = compose(pages)
    assert len(made) == len(pages)
    for one, laid in zip(made, pages, strict=True):
        assert "\n\n".join(text for _, text in parts(one)) == one.text
        assert all(part.kind in PART_KINDS and part.start < part.end for part in one.parts)
        assert all(before.end + 2 == after.start for before, after in zip(one.parts, one.parts[1:], strict=False))
        assert squeezed([one.text]) == squeezed(said(laid))
        assert one.runs_on in ("", " ", "-", "=")
    assert made[-1].runs_on == ""


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["one", "two-", "three.", "Four", "‐", "-"]), min_size=1, max_size=30))
def test_what_lies_overleaf_is_there_too(texts: list[str]) -> None:
    made = compose([page(text_block(*texts, x1=300), *([TITLE] if number else [])) for number in range(3)])
    assert all(
        squeezed([one.text]) == squeezed([*texts, *(["AnnualReport"] if n else [])]) for n, one in enumerate(made)
    )
