"""Running headers and footers: what comes again nearby at a page's edge, numbers apart, and nothing of the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.drawn import Word
from pipelines.text.layout import Line, PageLayout
from pipelines.text.reading_order import lay_out
from pipelines.text.running_heads import Edges, find_edges
from tests.laid_out import ANY_WORDS, HEIGHT, WIDTH, block, line, page, text_block

BODY = [f"The {word} paragraph of this page is its own" for word in ("first", "second", "third", "fourth", "fifth")]


def book(heads: list[str], feet: list[str], *, top: float = 36, foot: float = 750) -> list[PageLayout]:
    """Return pages with a line of text each between a line above and one below ("": none)."""
    return [
        page(*([block(line(head, top=top))] if head else []), text_block(BODY[number % 5], top=300),
             *([block(line(low, top=foot))] if low else []))
        for number, (head, low) in enumerate(zip(heads, feet, strict=True))
    ]  # fmt: skip


def edges(pages: list[PageLayout]) -> list[tuple[list[str], list[str]]]:
    return [([one.text for one in found.header], [one.text for one in found.footer]) for found in find_edges(pages)]


def test_what_comes_again_is_running_whatever_its_number() -> None:
    heads, feet = ["Annual Report"] * 3, ["Report 2019, page iv", "Report 2019, page v", "Report 2019, page vi"]
    assert edges(book(heads, feet)) == [([head], [foot]) for head, foot in zip(heads, feet, strict=True)]


def test_left_and_right_pages_have_their_own() -> None:
    heads = ["12 Privacy Office", "Annual Report 13", "14 Privacy Office", "Annual Report 15"]
    assert edges(book(heads, [""] * 4)) == [([head], []) for head in heads]


def test_the_same_words_in_another_order_are_the_same() -> None:
    heads = ["4 Federal Register / Notices", "Federal Register / Notices 5"]
    assert edges(book(heads, [""] * 2)) == [([head], []) for head in heads]


def test_lines_that_come_again_too_far_away_or_not_level_are_text() -> None:
    assert edges(book(["Annual Report", "One", "Two", "Annual Report"], [""] * 4)) == [([], [])] * 4
    [first, second] = book(["Annual Report"] * 2, [""] * 2)
    lower = second._replace(blocks=tuple(block(*(one._replace(top=one.top + 7, bottom=one.bottom + 7)
                                                 for one in held.lines)) for held in second.blocks))  # fmt: skip
    assert edges([first, lower]) == [([], [])] * 2
    assert edges(book(["Annual Report"] * 2, [""] * 2, top=380)) == [([], [])] * 2


def test_pages_of_other_heights_share_a_footer() -> None:
    [first] = book([""], ["Annual Report"])
    [second] = book([""], ["Annual Report"], foot=550)
    assert edges([first, second._replace(height=HEIGHT - 200)]) == [([], ["Annual Report"])] * 2


@pytest.mark.parametrize(
    "text", ["7", "- 7 -", "xiv", "Page 7", "page 7 of 12", "7 of 12", "7/12", "Privacy Impact Assessment Page: 7"]
)
def test_a_number_alone_is_running_on_a_single_page(text: str) -> None:
    assert edges(book([""], [text])) == [([], [text])]


@pytest.mark.parametrize("text", ["7.2", "section 7", "12345", "civil", "page", "7 persons", "x" * 70 + " page 7"])
def test_other_lines_alone_are_text(text: str) -> None:
    assert edges(book([""], [text])) == [([], [])]


def test_a_number_close_under_the_text_is_the_texts() -> None:
    assert edges([page(text_block("Its last line", "7", top=738))]) == [([], [])]


def test_a_header_ends_where_more_space_or_another_size_begins() -> None:
    def two(*lines: Line) -> list[PageLayout]:
        return [page(block(*lines, *text_block(*BODY[number:]).lines)) for number in range(2)]

    head, second = line("Annual Report", top=36, size=8), line("Privacy Office", top=45, size=8)
    again = line("The first line of every page", top=56)
    assert [header for header, _ in edges(two(head, second))] == [["Annual Report", "Privacy Office"]] * 2
    assert [header for header, _ in edges(two(head, second, again))] == [
        ["Annual Report", "Privacy Office", again.text]
    ] * 2
    close = [block(*(line(text, top=36 + 12 * place) for place, text in enumerate(["Same", BODY[n], *BODY[:4]])))
             for n in (3, 4)]  # fmt: skip
    assert edges([page(one) for one in close]) == [([], [])] * 2


def test_tables_are_never_running() -> None:
    rows = block(line("State\tCases", top=36), kind="table")
    assert edges([page(rows, text_block(BODY[n], top=300)) for n in range(2)]) == [([], [])] * 2


def test_rows_are_read_from_the_left_and_from_the_top() -> None:
    level = block(line("right", x=400, top=36), line("left", x=72, top=36.5)), block(line("under", top=50))
    pages = [page(*level, text_block(BODY[number], top=300)) for number in range(2)]
    assert edges(pages) == [(["left", "right", "under"], [])] * 2


def test_no_pages_and_empty_pages() -> None:
    assert find_edges([]) == []
    assert find_edges([page(), page()]) == [Edges((), ())] * 2


@settings(max_examples=100, deadline=None)
@given(st.lists(ANY_WORDS, max_size=4))
def test_every_running_line_is_one_of_the_page(pages: list[list[Word]]) -> None:
    laid = [lay_out(words, [], WIDTH, HEIGHT) for words in pages]
    for one, found in zip([*laid, *laid], find_edges([*laid, *laid]), strict=True):
        held = [id(line) for block in one.blocks for line in block.lines]
        running = [id(line) for lines in found for line in lines]
        assert set(running) <= set(held)
        assert len(set(running)) == len(running)
