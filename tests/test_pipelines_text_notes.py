"""Footnotes: small and marked, or under a short rule, at the foot of a column; nothing else is one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipelines.text.drawn import Word
from pipelines.text.layout import Block, Line
from pipelines.text.notes import document_size, starts_note, without_notes
from pipelines.text.reading_order import lay_out
from tests.laid_out import ANY_WORDS, HEIGHT, WIDTH, block, line, page, text_block

TEXT = text_block("The text of the column goes on", "to a second line and ends here.", top=600)


def foot(*texts: str, size: float = 8, top: float = 640, x: float = 72) -> list[Line]:
    return [line(text, x, top + 10 * place, size=size) for place, text in enumerate(texts)]


def parted(*blocks: Block, rules: tuple[tuple[float, float, float], ...] = ()) -> list[tuple[str, int]]:
    return [(one.kind, len(one.lines)) for one in without_notes(blocks, rules, 10)]


def with_foot(*texts: str, size: float = 8) -> Block:
    return block(*TEXT.lines, *foot(*texts, size=size))


@pytest.mark.parametrize("mark", ["1 ", "12 ", "[3] ", "(4) ", "* ", "† ", "§§ ", "a. ", "7"])
def test_small_lines_from_the_first_mark_on_are_notes(mark: str) -> None:
    assert parted(with_foot(f"{mark}The report is kept", "for ten years.", "2 And this one too.")) == [
        ("text", 2), ("note", 3)
    ]  # fmt: skip


def test_a_raised_mark_starts_a_note() -> None:
    assert starts_note(line("ab See the report", marked=True))
    assert not starts_note(line("ab See the report"))


@pytest.mark.parametrize(
    "held",
    [with_foot("Small print without a mark"), with_foot("1 As large as the text", size=9.5), with_foot("12the"), TEXT],
    ids=["no mark", "not small", "no number by itself", "nothing"],
)
def test_other_lines_at_the_foot_are_text(held: Block) -> None:
    assert without_notes([held], (), 10) == [held]


def test_only_the_last_small_lines_are_notes() -> None:
    held = block(line("1 A small line above", top=580, size=8), *TEXT.lines, *foot("2 A note"))
    assert parted(held) == [("text", 3), ("note", 1)]


def test_a_short_rule_parts_notes_from_the_text() -> None:
    rule = (72, 122, 636)
    assert parted(with_foot("1 As large as the text", "in two lines.", size=10), rules=(rule,)) == [
        ("text", 2),
        ("note", 2),
    ]
    assert parted(with_foot("Small, and goes on", "from the page before."), rules=(rule,)) == [("text", 2), ("note", 2)]
    assert parted(with_foot("As large, and unmarked", size=10), rules=(rule,)) == [("text", 3)]
    assert parted(with_foot("1 Larger than the text", size=11), rules=((72, 122, 636),)) == [("text", 3)]


@pytest.mark.parametrize("rule", [(72, 85, 636), (100, 150, 636), (72, 220, 636), (72, 122, 700)],
                         ids=["too short", "not at the left", "as wide as the column", "below it"])  # fmt: skip
def test_other_rules_part_nothing(rule: tuple[float, float, float]) -> None:
    assert parted(with_foot("1 As large as the text", size=10), rules=(rule,)) == [("text", 3)]


def test_what_has_text_below_is_no_note() -> None:
    held = with_foot("1 It looks like one")
    below = text_block("Text below it", top=700)
    assert parted(held, below) == [("text", 3), ("text", 1)]
    assert parted(below, held) == [("text", 1), ("text", 3)]
    assert parted(held, block(*below.lines, kind="table")) == [("text", 3), ("table", 1)]
    beside = text_block("Text of another column", x=320, top=700)
    assert parted(held, beside) == [("text", 2), ("note", 1), ("text", 1)]
    assert parted(held, block(*foot("2 A note of its own", top=700))) == [("text", 2), ("note", 1), ("note", 1)]


def test_side_notes_and_tables_have_none() -> None:
    for kind in ("side-note", "table"):
        assert parted(block(*foot("1 One"), kind=kind)) == [(kind, 1)]


def test_a_documents_size_is_that_of_most_letters_in_its_text() -> None:
    table = block(*foot(*["figures in a table"] * 9, size=7), kind="table")
    assert document_size([page(TEXT, table), page(block(*foot("1 A note", size=8)))]) == 10
    assert document_size([page(block(*foot("four", size=8)), block(*foot("five", size=12)))]) == 12
    assert document_size([page()]) == document_size([]) == 0


@settings(max_examples=100, deadline=None)
@given(ANY_WORDS)
def test_every_line_stays_in_its_place(words: list[Word]) -> None:
    blocks = lay_out(words, [], WIDTH, HEIGHT).blocks
    made = without_notes(blocks, ((72, 122, 300),), 10)
    assert [line for one in made for line in one.lines] == [line for one in blocks for line in one.lines]
    assert all(one.lines for one in made)
    assert {one.kind for one in made} <= {one.kind for one in blocks} | {"note"}
