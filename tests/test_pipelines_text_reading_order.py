"""The order in which a page is read: columns, headings over them, notes beside them; and every word once."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.drawn import Box, Word
from pipelines.text.reading_order import column_words, lay_out
from tests.laid_out import ANY_WORDS, HEIGHT, PITCH, WIDTH, block, column, counted, line, prose, said, words

LEFT, MIDDLE, RIGHT = (column(prose(name, 12, 24), x=x, top=120) for name, x in (("a", 40), ("b", 220), ("c", 400)))
HEADING = words("A HEADING THAT REACHES OVER ALL COLUMNS", x=40, top=60, size=20)
CLOSING = words(" ".join(prose("end", 1, 96)), x=40, top=300)


def texts(drawn: list[Word]) -> list[str]:
    return said(lay_out(drawn, [], WIDTH, HEIGHT))


def in_order(*parts: list[Word]) -> list[str]:
    return [word.text for part in parts for word in part]


def by_line(*parts: list[Word]) -> list[Word]:
    return sorted((word for part in parts for word in part), key=lambda word: (word.top, word.x0))


@pytest.mark.parametrize("columns", [[LEFT], [LEFT, MIDDLE], [LEFT, MIDDLE, RIGHT]])
def test_columns_are_read_one_after_the_other_however_they_are_drawn(columns: list[list[Word]]) -> None:
    page = [HEADING, *columns, CLOSING]
    for drawn in (by_line(*page), in_any_order(page), [word for part in page for word in part]):
        assert texts(drawn) == in_order(*page)
    assert len(column_words(by_line(*columns))) == len(columns)


def in_any_order(parts: list[list[Word]]) -> list[Word]:
    drawn = [word for part in parts for word in part]
    random.Random(4).shuffle(drawn)
    return drawn


def test_what_stands_between_columns_and_spans_them_parts_them() -> None:
    lower = [[word._replace(text=f"{word.text}x", top=word.top + 220, bottom=word.bottom + 220) for word in part]
             for part in (LEFT, MIDDLE)]  # fmt: skip
    across = words("A HEADING OVER BOTH", x=40, top=295, size=20)
    page = [LEFT, MIDDLE, across, *lower]
    assert texts(by_line(*page)) == in_order(*page)


def test_the_places_of_each_columns_words() -> None:
    drawn = by_line(LEFT, MIDDLE)
    found = [[drawn[place].text for place in places] for places in column_words(drawn)]
    assert found == [in_order(LEFT), in_order(MIDDLE)]
    assert column_words(LEFT) == [list(range(len(LEFT)))]
    assert column_words([]) == []


def test_a_table_stands_where_it_is() -> None:
    table = block(line("State\tCases", 40, 280, x1=400), kind="table")
    found = lay_out([*LEFT, *CLOSING], [], WIDTH, HEIGHT, [table])
    assert [one.kind for one in found.blocks] == ["text", "table", "text"]


def test_labels_and_values_are_read_row_by_row() -> None:
    labels, values = column(["Name:", "Office:", "Date:"], x=40), column(["Privacy", "Oversight", "March"], x=300)
    assert texts(labels + values) == ["Name:", "Privacy", "Office:", "Oversight", "Date:", "March"]


def test_a_raised_mark_belongs_to_its_line_and_one_before_the_first_word_marks_it() -> None:
    mark = Word("1", 72, 70, 75, 76, 6)
    [found] = lay_out([mark, *words("See the report", x=76)], [], WIDTH, HEIGHT).blocks
    assert [(one.text, one.marked, one.size) for one in found.lines] == [("1 See the report", True, 10)]
    after = Word("2", 200, 70, 203, 76, 6)
    [found] = lay_out([*words("See the report"), after, *words("and on", top=84)], [], WIDTH, HEIGHT).blocks
    assert [(one.text, one.marked) for one in found.lines] == [("See the report 2", False), ("and on", False)]


@pytest.mark.parametrize(("font", "bold"), [("Serif-Bold", True), ("Arial-Black", True), ("Times,Bd", False),
                                            ("Times-Bd", True), ("Serif", False), ("", False)])  # fmt: skip
def test_a_line_is_bold_where_most_letters_are(font: str, bold: bool) -> None:
    drawn = [*words("Note", font="Serif"), *words("what matters", x=100, font=font)]
    [found] = lay_out(drawn, [], WIDTH, HEIGHT).blocks
    assert found.lines[0].bold is bold


def test_smaller_notes_in_the_margin_come_after_the_text() -> None:
    text = column(prose("text", 20, 60), x=150, top=100)
    note = [*words("A side note", x=60, top=120, size=8), *words("of two lines", x=60, top=130, size=8)]
    found = lay_out(by_line(text, note), [], WIDTH, HEIGHT)
    assert found.blocks[-1].kind == "side-note"
    assert said(found) == in_order(text, note)


def test_text_turned_against_the_page_comes_last_each_line_by_itself() -> None:
    down = [Word(text, 20, 100 + 50 * n, 30, 140 + 50 * n, 10, turn=90) for n, text in enumerate(["read", "down"])]
    up = [Word(text, 590, 200 - 50 * n, 600, 240 - 50 * n, 10, turn=270) for n, text in enumerate(["read", "up"])]
    over = [
        Word(text, 300 - 50 * n, 700, 340 - 50 * n, 710, 10, turn=180) for n, text in enumerate(["on", "its", "head"])
    ]
    found = lay_out([*up[::-1], *over[::-1], *down[::-1], *LEFT], [], WIDTH, HEIGHT)
    assert [(one.kind, one.lines[0].text) for one in found.blocks[1:]] == [
        ("side-note", "read down"), ("side-note", "on its head"), ("side-note", "read up")
    ]  # fmt: skip


def test_rules_are_the_horizontal_ones_that_are_neither_short_nor_as_wide_as_the_page() -> None:
    boxes = [Box(72, 700, 172, 701), Box(72, 600, 90, 601), Box(0, 500, 612, 501), Box(72, 90, 172, 120),
             Box(72, 50, 172, 50), Box(72, 700, 172, 701)]  # fmt: skip
    assert lay_out([], boxes, WIDTH, HEIGHT).rules == ((72, 172, 50), (72, 172, 700))


def test_a_page_of_more_blocks_than_can_be_weighed_is_read_from_the_top() -> None:
    tables = [block(line(f"t{n}", x=n % 7 * 80, top=n * 3), kind="table") for n in range(300)]
    assert said(lay_out([], [], WIDTH, HEIGHT, tables[::-1])) == [f"t{n}" for n in range(300)]


@settings(max_examples=60, deadline=None)
@given(ANY_WORDS, st.lists(st.sampled_from(LEFT + MIDDLE), max_size=30))
def test_every_word_stands_once_on_the_page(some: list[Word], columns: list[Word]) -> None:
    drawn = [*some, *columns]
    page = lay_out(drawn, [], WIDTH, HEIGHT)
    assert counted(drawn) == counted(words(" ".join(said(page))))
    assert all(one.lines and one.left <= min(held.x0 for held in one.lines) for one in page.blocks)
    assert sorted(place for column in column_words(drawn) for place in column) == list(range(len(drawn)))


PLACES = st.tuples(st.integers(0, 40), st.integers(0, 30), st.integers(1, 6), st.sampled_from([8.0, 10.0, 10.0, 14.0]))


@settings(max_examples=60, deadline=None)
@given(st.lists(PLACES, unique_by=lambda one: one[:2], max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_drawing_is_not_that_of_reading(
    places: list[tuple[int, int, int, float]], shuffle: random.Random
) -> None:
    drawn = [
        Word(f"w{number}", 14.0 * x, PITCH * y, 14.0 * x + 5 * wide, PITCH * y + size, size)
        for number, (x, y, wide, size) in enumerate(places)
    ]
    before = lay_out(drawn, [], WIDTH, HEIGHT)
    shuffle.shuffle(drawn)
    assert lay_out(drawn, [], WIDTH, HEIGHT) == before
