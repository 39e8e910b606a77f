"""A page is turned as most of its letters are; what is turned against them stays so."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.drawn import Box, Word
from pipelines.text.reading_order import lay_out
from pipelines.text.turning import Turned, turn_upright
from tests.laid_out import ANY_WORDS, HEIGHT, WIDTH, column, counted, prose, said, turned, words

TURNS = [90, 180, 270]
PAGE = [*words("A HEADING OVER BOTH OF THE COLUMNS, SET IN LARGER LETTERS", top=40, size=16),
        *column(prose("left", 12), x=40), *column(prose("right", 12), x=320)]  # fmt: skip


def sides(turn: int) -> tuple[float, float]:
    return (HEIGHT, WIDTH) if turn in (90, 270) else (WIDTH, HEIGHT)


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_page_is_the_upright_one(turn: int) -> None:
    back = turn_upright(turned(PAGE, turn), [], *sides(turn))
    assert back == Turned(PAGE, [], WIDTH, HEIGHT)
    assert said(lay_out(*back)) == said(lay_out(PAGE, [], WIDTH, HEIGHT))


@pytest.mark.parametrize("turn", TURNS)
def test_boxes_turn_with_their_words(turn: int) -> None:
    box = Box(70, 70, 130, 71, 0.5)
    around = Word("", box.x0, box.top, box.x1, box.bottom, 0)
    [moved] = turned([around], turn)
    drawn = box._replace(x0=moved.x0, top=moved.top, x1=moved.x1, bottom=moved.bottom)
    assert turn_upright(turned(PAGE, turn), [drawn], *sides(turn)).boxes == [box]


def test_an_upright_page_stays_and_its_turned_words_too() -> None:
    margin = [Word("margin", 10, 300, 20, 340, 10, turn=90)]
    assert turn_upright([*PAGE, *margin], [], WIDTH, HEIGHT) == Turned([*PAGE, *margin], [], WIDTH, HEIGHT)
    assert turn_upright([], [], WIDTH, HEIGHT) == Turned([], [], WIDTH, HEIGHT)


def test_what_is_upright_on_a_turned_page_is_turned_against_it() -> None:
    stamp = words("Page 7", top=780)
    back = turn_upright([*turned(PAGE, 90), *stamp], [], HEIGHT, WIDTH)
    assert [word.turn for word in back.words if word.text in ("Page", "7")] == [270, 270]
    assert said(lay_out(*back))[-2:] == ["Page", "7"]


def test_letters_count_and_not_words() -> None:
    short, long = [Word("a", 72, 72, 77, 82, 10)] * 5, [Word("abcdefghij", 72, 72, 82, 122, 10, turn=90)]
    assert turn_upright([*short, *long], [], WIDTH, HEIGHT).width == HEIGHT


def test_of_as_many_letters_the_lesser_turn_counts() -> None:
    some = [Word("down", 72, 72, 82, 112, 10, turn=270), Word("over", 90, 72, 100, 112, 10, turn=90)]
    for drawn in (some, some[::-1]):
        assert {word.text: word.turn for word in turn_upright(drawn, [], WIDTH, HEIGHT).words} == {
            "over": 0,
            "down": 180,
        }


@settings(max_examples=100, deadline=None)
@given(ANY_WORDS, st.randoms(use_true_random=False))
def test_every_word_is_there_once_in_any_order_drawn(some: list[Word], shuffle: random.Random) -> None:
    back = turn_upright(some, [], WIDTH, HEIGHT)
    assert counted(back.words) == counted(some)
    shuffle.shuffle(some)
    assert sorted(turn_upright(some, [], WIDTH, HEIGHT).words) == sorted(back.words)


@settings(max_examples=50, deadline=None)
@given(ANY_WORDS, st.sampled_from(TURNS))
def test_turning_back_is_the_opposite_of_turning(some: list[Word], turn: int) -> None:
    # A page of a single letter is upright.
    some = [word._replace(x0=round(word.x0), top=round(word.top), x1=round(word.x1), bottom=round(word.bottom), turn=0)
            for word in [*some, *words("two")]]  # fmt: skip
    back = turn_upright(turned(some, turn), [], *sides(turn))
    assert back == Turned(some, [], WIDTH, HEIGHT)
