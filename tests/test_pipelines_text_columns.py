"""The walls between columns: where prose stands side by side, and not between labels and values."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.columns import body_size, find_walls
from pipelines.text.drawn import Word
from tests.laid_out import ANY_WORDS, PITCH, column, prose, words

LEFT, MIDDLE, RIGHT = (column(prose(name, 12), x=x) for name, x in (("left", 40), ("mid", 260), ("right", 480)))
HEADING = words("A HEADING THAT REACHES OVER BOTH COLUMNS OF THE PAGE AND IS LARGE", x=40, top=50, size=14)


def places(drawn: list[Word]) -> list[tuple[int, int, int]]:
    return [(round(wall.x), round(wall.top), round(wall.bottom)) for wall in find_walls(drawn, 10)]


@pytest.mark.parametrize("columns", [[LEFT, MIDDLE], [LEFT, MIDDLE, RIGHT]])
def test_a_wall_stands_before_each_column_but_the_first(columns: list[list[Word]]) -> None:
    walls = places([word for column in columns for word in column])
    assert [(top, bottom) for _, top, bottom in walls] == [(72, 72 + 11 * PITCH + 10)] * (len(columns) - 1)
    for (x, _, _), before, after in zip(walls, columns, columns[1:], strict=False):
        assert max(word.x1 for word in before) < x <= min(word.x0 for word in after)


def test_lines_of_columns_need_not_be_level() -> None:
    lower = [word._replace(top=word.top + 5, bottom=word.bottom + 5) for word in MIDDLE]
    assert [(top, bottom) for _, top, bottom in places([*LEFT, *lower])] == [(77, 219)]


@pytest.mark.parametrize(
    "drawn",
    [
        [],
        LEFT,
        [*words("one two three", x=40), *words("four five six", x=260)],
        column(["Name:", "Office:", "Date:", "Number:", "Title:", "Status:"], x=40)
        + column(["Privacy", "Oversight", "March", "Seventeen", "Report", "Final"], x=260),
        column([str(number) for number in range(9)], x=40) + column(prose("a", 9), x=70),
        column(prose("a", 4), x=40) + column(prose("b", 4), x=250),
    ],
    ids=["nothing", "one column", "one line", "labels and values", "a numbered list", "a few justified lines"],
)
def test_what_has_no_columns(drawn: list[Word]) -> None:
    assert places(drawn) == []


def test_no_wall_crosses_a_word() -> None:
    across = words(" ".join(prose("over", 1, 90)), x=40, top=72 + 6 * PITCH)
    split = [*(word for word in LEFT + MIDDLE if word.top != across[0].top), *across]
    assert [(top, bottom) for _, top, bottom in places(split)] == [(72, 142), (156, 214)]
    assert [(top, bottom) for _, top, bottom in places([*HEADING, *LEFT, *MIDDLE])] == [(72, 214)]


def test_a_short_heading_with_nothing_beside_it_cuts_a_wall() -> None:
    heading = words("SCOPE", x=40, top=72 + 6 * PITCH + 20)
    below = [word._replace(top=word.top + 40, bottom=word.bottom + 40)
             for word in LEFT + MIDDLE if word.top >= 72 + 6 * PITCH]  # fmt: skip
    above = [word for word in LEFT + MIDDLE if word.top < 72 + 6 * PITCH]
    assert len(places([*above, *heading, *below])) == 2


def test_a_smaller_note_in_the_margin_has_a_wall() -> None:
    note = words("A note", x=500, top=100, size=7)
    text = column(prose("text", 12, 80), x=40)
    assert [(top, bottom) for _, top, bottom in places([*text, *note])] == [(100, 107)]
    assert places([*text, *words("note", x=500, top=100, size=7)]) == []
    before = [word._replace(x0=word.x0 + 100, x1=word.x1 + 100) for word in text]
    assert [x for x, _, _ in places([*before, *words("A note", x=40, top=100, size=7)])] == [100]


def test_a_page_has_no_more_walls_than_count() -> None:
    """Rows of forty columns between lines that cross them all make forty walls a row."""
    drawn: list[Word] = []
    for row in range(8):
        for line in range(5):
            top = 72 + 12 * (6 * row + line)
            drawn += [word for x in range(0, 4100, 100) for word in words("these are words", x, top)]
        drawn.append(Word("-", 0, 72 + 12 * (6 * row + 5), 4100, 82 + 12 * (6 * row + 5), 10))
    assert len(find_walls(drawn, 10)) == 250


def test_the_bodys_size_is_that_of_most_letters() -> None:
    assert body_size([*words("some words in ten"), *words("LARGE", size=20), *words("and small ones", size=8)]) == 10
    assert body_size(words("ten") + words("two", size=12)) == 12
    assert body_size([]) == body_size(words("nothing", size=0)) == 10


@settings(max_examples=40, deadline=None)
@given(ANY_WORDS, st.randoms(use_true_random=False))
def test_walls_are_those_of_the_page_in_whatever_order_it_is_drawn(some: list[Word], shuffle: random.Random) -> None:
    drawn = [*LEFT, *MIDDLE, *some]
    walls = find_walls(drawn, 10)
    assert all(wall.top <= wall.bottom for wall in walls)
    shuffle.shuffle(drawn)
    assert sorted(find_walls(drawn, 10)) == sorted(walls)
