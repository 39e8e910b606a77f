"""Letters into words: blanks, gaps, columns, what is drawn twice, ligatures, raised marks, turned text."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.drawn import Letter, Word
from pipelines.text.words import words_of


def row(
    text: str, x: float = 72, base: float = 100, *, size: float = 10, gap: float = 0, turn: int = 0
) -> list[Letter]:
    """Letters half as wide as high, from x on; "|" leaves half an em and draws nothing."""
    letters = []
    for character in text:
        if character != "|":
            letters.append(letter(character, x, base, size, turn))
        x += size / 2 + gap
    return letters


def letter(text: str, x: float, base: float, size: float = 10, turn: int = 0) -> Letter:
    """One letter of an upright line; turned, the whole page is turned around its upper left corner."""
    x0, top, x1, bottom = x, base - 0.8 * size, x + size / 2, base + 0.2 * size
    if turn == 90:
        x0, top, x1, bottom, base = -bottom, x0, -top, x1, -base
    elif turn == 180:
        x0, top, x1, bottom, base = -x1, -bottom, -x0, -top, -base
    elif turn == 270:
        x0, top, x1, bottom = top, -x1, bottom, -x0
    return Letter(text, x0, top, x1, bottom, size, "ABCDEF+Serif", turn, 0.0, False, 0, base, turn == 0)


def ordered(*rows: list[Letter]) -> list[Letter]:
    return [one._replace(order=place) for place, one in enumerate(one for row in rows for one in row)]


def texts(*rows: list[Letter]) -> list[str]:
    return [word.text for word in words_of(ordered(*rows))]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_words_end_at_blanks_and_gaps_however_the_text_is_turned(turn: int) -> None:
    assert texts(row("one two", turn=turn), row("three|four", base=112, turn=turn)) == ["one", "two", "three", "four"]


def test_a_word_has_its_place_font_and_order() -> None:
    assert words_of(ordered(row("a bc"))) == [
        Word("a", 72, 92, 77, 102, 10, "Serif", 0, 0),
        Word("bc", 82, 92, 92, 102, 10, "Serif", 2, 0),
    ]


@pytest.mark.parametrize("gap", [-0.5, 0, 0.9])
def test_kerning_parts_no_word(gap: float) -> None:
    assert texts(row("kerning", gap=gap)) == ["kerning"]


@pytest.mark.parametrize("gap", [1.8, 3, 6])
def test_spaced_out_words_are_words(gap: float) -> None:
    assert texts(row("SPACED", gap=gap)) == ["SPACED"]
    assert texts(row("SPACED OUT", gap=gap)) == ["SPACED", "OUT"]


def test_spaced_out_words_without_blanks() -> None:
    assert texts(row("SPACED", gap=2), row("AGAIN", x=72 + 6 * 7 + 5, gap=2)) == ["SPACED", "AGAIN"]


def test_columns_of_digits_and_marks_are_no_spaced_out_words() -> None:
    assert texts(row("12345", gap=4)) == ["1", "2", "3", "4", "5"]
    assert texts(row("XXXXX", gap=4)) == ["X", "X", "X", "X", "X"]


def test_letters_in_any_order_make_the_same_words() -> None:
    letters = row("Department|of|Homeland")
    random.Random(4).shuffle(letters)
    assert sorted(texts(letters)) == ["Department", "Homeland", "of"]


def test_lines_drawn_one_over_the_other_stay_apart() -> None:
    assert texts(row("first"), row("other", base=103)) == ["first", "other"]


@pytest.mark.parametrize("offset", [(0.3, 0), (0.3, 0.3), (1.0, 1.0), (0, 0)])
def test_what_is_drawn_twice_is_there_once(offset: tuple[float, float]) -> None:
    across, down = offset
    again = row("all bold", x=72 + across, base=100 + down)
    assert texts(row("all bold"), again) == ["all", "bold"]
    pairs = [list(pair) for pair in zip(row("all bold"), again, strict=True)]
    assert texts(*pairs) == ["all", "bold"]


def test_ligatures_and_letters_without_a_meaning() -> None:
    assert texts(row("oﬃce ﬁle ﬂow ﬀ ﬄ")) == ["office", "file", "flow", "ff", "ffl"]
    assert texts([letter("a", 72, 100), letter("(cid:17)", 77, 100), letter("b", 82, 100)]) == ["a\ufffdb"]
    assert texts(row("(cid:17)")) == ["(cid:17)"]
    assert texts([letter("a", 72, 100), letter("\u200b", 77, 100), letter("b", 77, 100)]) == ["ab"]


def test_soft_hyphens_stay_at_a_lines_end() -> None:
    assert texts(row("co\u00adop infor\u00ad"), row("mation", base=112)) == ["coop", "infor-", "mation"]
    assert texts(row("infor\u00ad"), row("column", x=72 + 30 + 20)) == ["infor-", "column"]


def test_a_raised_mark_is_a_word_and_a_raised_ordinal_is_none() -> None:
    assert texts(row("data"), row("12", x=92, base=96.5, size=6.5), row(" goes", x=98.5)) == ["data", "12", "goes"]
    assert texts(row("the 21"), row("st", x=102, base=96.5, size=6.5), row(" of", x=108.5)) == ["the", "21st", "of"]


def test_small_capitals_are_one_word() -> None:
    assert texts(row("F", size=12), row("REEDOM", x=78, size=9)) == ["FREEDOM"]


def test_columns_are_never_joined() -> None:
    assert texts(row("left"), row("right", x=72 + 20 + 10.5)) == ["left", "right"]


def test_letters_without_a_place_are_left_out() -> None:
    nowhere = letter("n", float("nan"), 100), letter("i", float("inf"), 100), letter("b", 72, float("-inf"))
    assert texts(row("some"), list(nowhere), row("where", base=112)) == ["some", "where"]


NUMBERS = st.one_of(st.floats(-50, 50), st.floats(), st.sampled_from([0.0, 1.0]))
LETTERS = st.builds(
    Letter, st.sampled_from(["a", "st", "1", " ", "", "\u00ad", "ﬁ", "(cid:3)", "א"]), NUMBERS, NUMBERS, NUMBERS,
    NUMBERS, NUMBERS, st.just("F"), st.sampled_from([0, 90, 180, 270]), st.none(), st.booleans(), st.integers(0, 9),
    NUMBERS, st.booleans(),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(LETTERS, max_size=30))
def test_any_letters_make_words(letters: list[Letter]) -> None:
    words = words_of(letters)
    assert [word.first for word in words] == sorted(word.first for word in words)
    assert all(word.text and not word.text.isspace() for word in words)
