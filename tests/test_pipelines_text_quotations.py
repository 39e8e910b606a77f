"""Quotations: what stands between marks, whole and in order, over paragraphs too; never what no mark closed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.text.quotations import FEWEST_WORDS, LONGEST, MOST_QUOTATIONS, find_quotations


@pytest.mark.parametrize(
    ("paragraphs", "found"),
    [
        (["“The records are kept for five years,” the agency said."], ["The records are kept for five years,"]),
        (['"The records are kept for five years," it said.'], ["The records are kept for five years,"]),
        (["It called the plan “sound and lawful.”"], []),
        (["“We asked,” she said, “and nobody ever answered us.”"], ["and nobody ever answered us."]),
        # Others inside.
        (
            ["“They wrote ‘no records were found’ in the margin,” he said."],
            ["They wrote ‘no records were found’ in the margin,"],
        ),
        (
            ["“They wrote “no such records here” in the margin,” he said."],
            ["They wrote “no such records here” in the margin,"],
        ),
        (
            ['“They wrote "no such records here" in the margin,” he said.'],
            ['They wrote "no such records here" in the margin,'],
        ),
        # Inches, seconds and apostrophes are no marks that open.
        (['A 16" screen and a 27" one were bought for the same office.'], []),
        (["The officers’ union and the agency’s counsel met on Monday."], []),
        # Over paragraphs, as English has it: each begins with a mark, the last one ends with one.
        (
            ["“The first part is here.", "“The second one ends it,” it says.", "Then nothing."],
            ["The first part is here.\n\nThe second one ends it,"],
        ),
        (
            ['He wrote: "The first part is here.', '"The second goes on.', '"The third one ends it."'],
            ["The first part is here.\n\nThe second goes on.\n\nThe third one ends it."],
        ),
        # What is never closed is no quotation, and costs nothing of what follows.
        (["“The first part is here.", "No mark begins this one, and it ends” so."], []),
        (["“It began and “a whole quotation stands here” then it went on."], ["a whole quotation stands here"]),
        (['"It began and "a whole quotation stands here" then on.'], ["a whole quotation stands here"]),
        # In order, each wording once.
        (
            ["“Nobody asked us before,” then “what is kept is kept”.", "“Nobody asked us before,” again."],
            ["Nobody asked us before,", "what is kept is kept"],
        ),
        ([], []),
        (["", "”", "“", '"', "“”", '""'], []),
    ],
)
def test_quotations(paragraphs: list[str], found: list[str]) -> None:
    assert find_quotations(paragraphs) == found


_PIECES = st.sampled_from(["“", "”", '"', "‘", "’", " ", "one", " two", "three ", " four five six ", ".", "—", "5"])
_PARAGRAPHS = st.lists(st.lists(_PIECES, max_size=20).map("".join), max_size=8)


@settings(max_examples=200, deadline=None)
@given(_PARAGRAPHS)
def test_nothing_is_made_up(paragraphs: list[str]) -> None:
    """Each part of a quotation stands in a paragraph of its own, one after the other, between marks."""
    for quotation in find_quotations(paragraphs):
        parts = quotation.split("\n\n")
        assert sum(any(map(str.isalnum, word)) for word in quotation.split()) >= FEWEST_WORDS
        assert any(
            all(part in paragraphs[start + offset] for offset, part in enumerate(parts))
            for start in range(len(paragraphs) - len(parts) + 1)
        )


_WORDS = st.lists(st.sampled_from(["records", "are", "kept", "for", "years", "it’s", "so,"]), min_size=4, max_size=9)
_SAID = st.lists(_WORDS.map(" ".join), min_size=1, max_size=4)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_SAID, st.sampled_from([("“", "”"), ('"', '"')])), min_size=1, max_size=6))
def test_every_quotation_that_was_written_is_found(said: list[tuple[list[str], tuple[str, str]]]) -> None:
    paragraphs, expected = [], []
    for parts, (opening, closing) in said:
        paragraphs += [f"{opening}{part}" for part in parts[:-1]] + [f"{opening}{parts[-1]}{closing} it said."]
        expected.append("\n\n".join(parts))
    assert find_quotations(paragraphs) == list(dict.fromkeys(expected))


def test_there_are_ends_to_it() -> None:
    one = "“There are {} words of it here.” "
    many = ["".join(one.format(number) for number in range(2 * MOST_QUOTATIONS))]
    assert len(find_quotations(many)) == MOST_QUOTATIONS
    assert find_quotations([f"“{'word ' * LONGEST}”"]) == []
    # 20,000 marks that nothing closes, and as many paragraphs that each go on with the last.
    assert find_quotations(["“a b c d " * 20_000]) == []
    assert find_quotations(["“a b c d"] * 20_000) == []
    assert find_quotations(['"a b c d'] * 20_000) == []
