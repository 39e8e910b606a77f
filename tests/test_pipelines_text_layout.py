"""A page's lines and blocks: where they stand, by what they hold."""

from __future__ import annotations

from tests.laid_out import block, line, page


def test_a_lines_middle_and_a_blocks_sides() -> None:
    assert line("one", top=72, size=10).middle == 77
    held = block(line("one", top=90), line("two", x=80, top=84, size=20))
    assert (held.left, held.top, held.right, held.bottom) == (72, 84, 110, 104)


def test_a_pages_length_is_that_of_its_lines() -> None:
    assert page().length == 0
    assert page(block(line("one"), line("three")), block(line("a\tb"), kind="table")).length == 11
