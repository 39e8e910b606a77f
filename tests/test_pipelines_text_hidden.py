"""Which letters can be seen: HP-14. A redaction that failed is counted and never published."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.text import hidden
from pipelines.text.drawn import Box, Letter, Picture
from pipelines.text.hidden import Seen, Spot, TooMuchDrawnError, seen

WIDE, HIGH = 612.0, 792.0
PAGE = (0.0, 0.0, WIDE, HIGH)
BAR = (70.0, 98.0, 140.0, 114.0)


def line(text: str, x: float = 72, top: float = 100, size: float = 12, **named: Any) -> list[Letter]:
    """A line of letters, each half as wide as high, drawn from the `first` on."""
    first, shade, invisible = named.get("first", 0), named.get("shade", 0.0), named.get("invisible", False)
    wide = size / 2
    return [
        Letter(
            letter,
            x + wide * n,
            top,
            x + wide * (n + 1),
            top + size,
            size,
            "Times",
            0,
            shade,
            invisible,
            first + n,
            top + 0.8 * size,
            True,
        )
        for n, letter in enumerate(text)
    ]


def text(found: Seen) -> str:
    return "".join(letter.text for letter in found.letters)


def looked(letters: list[Letter], *drawn: Box | Picture, shapes: tuple[Picture, ...] = ()) -> Seen:
    boxes = [one for one in drawn if isinstance(one, Box)]
    return seen(letters, boxes, [one for one in drawn if isinstance(one, Picture)], shapes, PAGE)


def test_a_page_without_anything_drawn_is_seen_whole() -> None:
    assert looked(line("plain words")) == Seen(line("plain words"))


@pytest.mark.parametrize("shade", [0.0, 0.3, 1.0], ids=["black", "red", "white"])
def test_what_lies_under_a_box_is_counted_and_left_out(shade: float) -> None:
    found = looked(line("Agent Smithee of ICE"), Box(107, 98, 152, 114, shade, order=20))
    assert text(found) == "Agent  of ICE"
    assert found.covered == len("Smithee")
    assert found.spots == (Spot(107, 98, 152, 114),)
    assert found.hidden == 0


@pytest.mark.parametrize(
    "box",
    [
        Box(*BAR, 0.9, order=0),
        Box(*BAR, 0.0, order=0),
        Box(*BAR, None, stroked=True, order=10),
        Box(70, 105, 140, 107.5, 0.0, order=10),
        Box(70, 111, 140, 113, 0.0, order=10),
        Box(70, 112, 140, 128, 0.0, order=10),
        Box(0, 0, WIDE, HIGH, 1.0, order=10),
        Box(300, 98, 400, 114, 0.0, order=10),
        Box(74, 50, 76, 500, 0.0, order=10),
        Box(*BAR, 0.8, order=10, opaque=False),
        Picture(*BAR, order=10, opaque=False),
        Picture(*BAR, order=0),
    ],
    ids=["shading before", "heading on black", "frame", "struck through", "underlined", "line below", "background",
         "elsewhere", "upright line", "highlight", "stamp", "picture before"],
)  # fmt: skip
def test_what_hides_nothing(box: Box | Picture) -> None:
    shade = 1.0 if isinstance(box, Box) and box == Box(*BAR, 0.0, order=0) else 0.2
    found = looked(line("can be seen", shade=shade), box)
    assert text(found) == "can be seen"
    assert found.covered == found.hidden == 0


def test_black_words_on_a_black_box_are_covered_though_they_are_drawn_later() -> None:
    found = looked(line("Smithee"), Box(*BAR, 0.0, order=0))
    assert (text(found), found.covered, found.spots) == ("", 7, (Spot(*BAR),))


@pytest.mark.parametrize("high", [0.5, 3.0], ids=["rule", "bar"])
def test_dark_words_on_a_dark_line_are_seen(high: float) -> None:
    assert text(looked(line("Smithee"), Box(70, 105, 140, 105 + high, 0.0, order=0))) == "Smithee"


def test_words_written_over_a_box_that_covers_others_are_seen() -> None:
    drawn = line("Smithee") + line("(b)(6)", first=7, shade=1.0)
    found = looked(drawn, Box(*BAR, 0.0, order=7))
    assert (text(found), found.covered) == ("(b)(6)", 7)


def test_what_a_box_covers_only_in_part_is_seen() -> None:
    found = looked(line("ab"), Box(75.5, 98, 140, 114, 0.0, order=2))
    assert text(found) == "a"
    assert looked(line("ab", top=107), Box(*BAR, 0.0, order=2)).covered == 0


def test_a_box_over_one_repeated_letter_tells_nothing() -> None:
    found = looked(line("XXXXX"), Box(*BAR, 0.0, order=5))
    assert (text(found), found.covered, found.spots) == ("", 0, ())


def test_what_is_written_again_over_its_box_was_not_covered() -> None:
    found = looked([*line("heading"), *line("heading", first=7, shade=1.0)], Box(*BAR, 0.3, order=7))
    assert (text(found), found.covered, found.spots) == ("heading", 0, ())


def test_dark_words_on_a_transparent_dark_box_are_seen() -> None:
    assert text(looked(line("words"), Box(*BAR, 0.0, order=0, opaque=False))) == "words"


def test_blanks_stay_and_are_not_counted() -> None:
    found = looked(line("   "), Box(*BAR, 0.0, order=3))
    assert (text(found), found.covered) == ("   ", 0)


def test_a_picture_over_words_covers_them_and_a_scan_does_not() -> None:
    assert looked(line("Smithee"), Picture(*BAR, order=7)).covered == 7
    for scan in ([Picture(0, 0, WIDE, HIGH, 7)], [Picture(0, 99 * n, WIDE, 99 * n + 99, 7) for n in range(8)]):
        assert text(looked(line("Smithee"), *scan)) == "Smithee"


def test_the_text_layer_of_a_scan_is_kept_and_other_invisible_text_is_not() -> None:
    layer = line("read by a machine", invisible=True, shade=1.0)
    assert text(looked(layer, Picture(0, 0, WIDE, HIGH))) == "read by a machine"
    assert text(looked(layer, Picture(60, 90, 300, 130))) == "read by a machine"
    assert text(looked(layer, Picture(0, 300, WIDE, HIGH))) == "read by a machine"
    alone = looked(layer)
    assert (text(alone).strip(), alone.invisible) == ("", 14)
    assert looked(layer, Picture(0, 0, WIDE, HIGH), Box(*BAR, 0.0, order=17)).covered == 8


def test_white_on_white_is_hidden_and_white_on_dark_is_not() -> None:
    white = line("search bait", shade=1.0)
    assert (text(looked(white)).strip(), looked(white).white) == ("", 10)
    assert looked(white, Box(*BAR, 1.0)).white == 10
    assert text(looked(white, Box(*BAR, 0.2))) == "search bait"
    assert text(looked(white, Picture(*BAR))) == "search bait"
    assert text(looked(white, shapes=(Picture(*BAR, opaque=False),))) == "search bait"
    assert text(looked(line("of a pattern", shade=None))) == "of a pattern"


def test_off_the_page_and_too_small() -> None:
    found = looked(line("left", x=-50) + line("below", top=800) + line("x", x=float("nan")) + line("dust", size=0.5))
    assert (found.letters, found.off_page, found.tiny) == ([], 10, 4)


def test_of_boxes_between_the_same_letters_the_last_is_the_ground() -> None:
    white = line("heading", shade=1.0)
    assert text(looked(white, Box(*BAR, 1.0), Box(*BAR, 0.2))) == "heading"
    assert looked(white, Box(*BAR, 0.2), Box(*BAR, 1.0)).white == 7


def test_on_a_page_of_no_size_nothing_is_off_it() -> None:
    assert text(seen(line("words"), [Box(*BAR, 0.5)], [Picture(*BAR)], [], (0.0, 0.0, 0.0, 0.0))) == "words"


def test_too_many_boxes_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden, "_MOST_COMPARED", 1000)
    boxes = [Box(300, 98, 400, 114, 0.0, order=9) for _ in range(200)]
    with pytest.raises(TooMuchDrawnError, match="more than 1000"):
        seen(line("words words"), boxes, [], [], PAGE)


number = st.floats(width=32) | st.floats(-700, 900)


@given(
    st.lists(st.tuples(number, number, number, number, st.none() | st.floats(0, 1)), max_size=9),
    st.lists(st.tuples(number, number, number, number, st.floats(0, 20), st.none() | st.floats(0, 1)), max_size=9),
    st.tuples(number, number, number, number),
)
@example([(0.0, 0.0, 99.0, inf, 0.0)], [], (0.0, 0.0, 99.0, inf))
def test_each_letter_is_seen_or_counted(boxes: Any, letters: Any, page: Any) -> None:
    drawn = [
        Letter("a", x0, top, x1, bottom, size, "F", 0, shade, False, n, 0.0, True)
        for n, (x0, top, x1, bottom, size, shade) in enumerate(letters)
    ]
    given_boxes = [
        Box(x0, top, x1, bottom, shade, False, n % 5) for n, (x0, top, x1, bottom, shade) in enumerate(boxes)
    ]
    pictures = [Picture(box.x0, box.top, box.x1, box.bottom) for box in given_boxes[:2]]
    found = seen(drawn, given_boxes, pictures, pictures, page)
    assert all(one in drawn for one in found.letters)
    assert len(found.letters) + found.hidden + found.covered <= len(drawn)
