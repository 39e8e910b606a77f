"""The alignment of two sequences and the edits of two texts: whatever they hold, applying them gives the other one."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from archive.diff.alignment import Alignment, align
from archive.diff.compare import compare
from archive.diff.fields import word_edits
from archive.diff.model import MOVED, Page, Side, Table
from archive.diff.tables import table_changes
from archive.diff.words import set_as
from tests.figures import figure

LETTERS = st.lists(st.sampled_from("abcde"), max_size=40)
TEXT = st.lists(
    st.sampled_from(["The", "office", "keeps", "not", "1,200", "reads.", "“it”", "sur-\nveillance", "\n\n", "a"])
)
MOST_SECONDS = 20


def _valid(before: Sequence[str], after: Sequence[str], aligned: Alignment) -> int:
    """Check that runs are equal and in order; return how many elements they hold."""
    a, b = 0, 0
    for run in aligned.runs:
        assert run.length > 0
        assert a <= run.before
        assert b <= run.after
        a, b = run.before + run.length, run.after + run.length
        assert before[run.before : a] == after[run.after : b]
    assert a <= len(before)
    assert b <= len(after)
    return sum(run.length for run in aligned.runs)


def _longest(before: Sequence[str], after: Sequence[str]) -> int:
    """Return the length of a longest common subsequence, by the plain table."""
    row = [0] * (len(after) + 1)
    for one in before:
        best = (max(row[at + 1], row[at] + (one == other)) for at, other in enumerate(after))
        row = list(itertools.accumulate(best, max, initial=0))
    return row[-1]


@settings(deadline=None)
@given(LETTERS, LETTERS)
def test_short_sequences_keep_all_that_can_be_kept(before: list[str], after: list[str]) -> None:
    assert _valid(before, after, align(before, after)) == _longest(before, after)


@settings(deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 3_000))
def test_long_sequences_are_aligned_in_order(seed: int, vocabulary: int) -> None:
    random = Random(seed)
    before = [str(random.randrange(vocabulary)) for _ in range(150)]
    after = list(before)
    for _ in range(random.randrange(30)):
        start = random.randrange(len(after))
        after[start : start + random.randrange(20)] = [
            str(random.randrange(vocabulary)) for _ in range(random.randrange(20))
        ]
    kept = _valid(before, after, align(before, after))
    assert kept <= _longest(before, after)


@given(TEXT, TEXT)
def test_applying_the_edits_gives_the_other_text(old: list[str], new: list[str]) -> None:
    before, after = " ".join(old), " ".join(new)
    made, at = "", 0
    for edit in word_edits(before, after):
        assert at <= edit.before[0] <= edit.before[1] <= len(before)
        assert edit.after[0] <= edit.after[1] <= len(after)
        made += f"{before[at : edit.before[0]]} {after[slice(*edit.after)]} "
        at = edit.before[1]
    made += before[at:]
    assert set_as("".join(made.split())) == set_as("".join(after.split()))
    if before == after:
        assert word_edits(before, after) == []


PARTED = ["The", "sur-\nveillance", "The", "The", "The", "The", "sur-\nveillance", "The", "The", "The", "The"]


@settings(deadline=None)
@given(TEXT, TEXT, st.integers(1, 9), st.integers(1, 9))
@example([*PARTED[:6], *PARTED[6:], "\n\n", "\n\n"], [*PARTED[:7], "\n\n", "\n\n", *PARTED[7:], "\n\n", "\n\n"], 2, 7)
def test_marks_lie_on_their_pages_and_say_what_the_edit_says(old: list[str], new: list[str], a: int, b: int) -> None:
    sides = [
        Side(digest=str(words), pages=tuple(
            Page(n, " ".join(words[start : start + size]), (), " ")
            for n, start in enumerate(range(0, len(words), size), 1)))
        for words, size in ((old, a), (new, b))
    ]  # fmt: skip
    told, back = compare(*sides), compare(*reversed(sides))
    assert (told.kind, back.kind)[0] == back.kind
    words = told.counts.words_added - told.counts.words_removed
    assert words == back.counts.words_removed - back.counts.words_added
    for side, marks in ((sides[0], told.marks_before), (sides[1], told.marks_after)):
        for page in side.pages:
            ends = 0
            for start, end, _ in marks(page.number):
                assert ends <= start < end <= len(page.text)
                ends = end
    for one in (pair for pair in told.pages if pair.before and pair.after):
        assert one.state in ("same", "cosmetic", "changed", "moved")
    assert {pair.before for pair in told.pages} - {None} == {page.number for page in sides[0].pages}
    assert {pair.after for pair in told.pages} - {None} == {page.number for page in sides[1].pages}


def _pages(words: Sequence[str]) -> tuple[Page, ...]:
    return tuple(Page(n, " ".join(words[at : at + 330])) for n, at in enumerate(range(0, len(words), 330), 1))


def _hostile(random: Random, count: int) -> dict[str, tuple[Side, Side]]:
    """Return pairs that plain ways of comparing take minutes, or all memory, for."""
    numbers = [str(one) for one in range(count)]
    blocks = [numbers[at : at + 30] for at in range(0, count, 30)]
    few = [[random.choice("abcdefgh") for _ in range(count)] for _ in range(2)]
    words = {
        "one word": (["a"] * count, ["a"] * (count - count // 7)),
        "two letters": tuple([random.choice("ab") for _ in range(count)] for _ in range(2)),
        "periodic": (list("abcdefg") * (count // 7), list("abcdefgh") * (count // 8)),
        "reversed": (numbers, numbers[::-1]),
        "every other": (numbers, [one if int(one) % 2 else "z" for one in numbers]),
        "shuffled": (numbers, list(itertools.chain(*random.sample(blocks, len(blocks))))),
        "all set otherwise": ([f'"{one}"' for one in numbers], [f"“{one}”" for one in numbers]),
    }
    made = {
        name: tuple(Side(digest=str(n), pages=_pages(one)) for n, one in enumerate(pair))
        for name, pair in words.items()
    }
    dates = [
        Page(n, text, (("header", 0, len(text)),))
        for n, text in enumerate(["1/2/2017 " * 4_000, "1/3/2017 x " * 4_000])
    ]
    parts = [tuple((("header", "text")[at % 2], 3 * at, 3 * at + 2) for at in range(9_000)) for _ in range(2)]
    rows = [
        tuple(tuple(str(random.randrange(9)) for _ in range(columns)) for _ in range(1_500)) for columns in (20, 21)
    ]
    alone = {
        "one page": [Page(1, " ".join(one)) for one in few],
        "brackets": [Page(1, sign * 100_000) for sign in "()"],
        "numbers": [Page(1, f"1{sign}" * 100_000) for sign in ".,"],
        "dates": dates,
        "parts": [Page(1, "ab " * 9_000, parts[0]), Page(1, "ac " * 9_000, parts[1])],
    }
    made |= {
        name: tuple(Side(digest=str(n), pages=(one,)) for n, one in enumerate(pair)) for name, pair in alone.items()
    }
    tables = tuple(Side(digest=str(n), tables=(Table(1, 1, 1, one),)) for n, one in enumerate(rows))
    return {**made, "tables": tables}  # type: ignore[dict-item]


def _run_hostile(count: int) -> None:
    slowest = ("", 0.0)
    pairs = _hostile(Random(7), count)
    for name, (before, after) in pairs.items():
        begun = time.process_time()
        told = compare(before, after)
        taken = time.process_time() - begun
        slowest = max(slowest, (name, taken), key=lambda one: one[1])
        assert told.kind in ("real", "cosmetic"), name
        assert taken < MOST_SECONDS, (name, taken)
        moved = sum(edit.op == MOVED for edit in told.edits)
        assert moved <= count / 24
    figure("SQ-11", hostile_pairs=len(pairs), words=count, slowest=slowest[0], seconds=round(slowest[1], 2))


def test_hostile_texts_cost_in_proportion() -> None:
    _run_hostile(4_000)


@pytest.mark.soak
def test_hostile_texts_of_two_hundred_pages_cost_in_proportion() -> None:
    _run_hostile(66_000)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=2, max_size=4).map(tuple), max_size=6))
def test_a_table_that_is_the_same_is_no_change(rows: list[tuple[str, ...]]) -> None:
    table = Table(1, 1, 0, tuple(rows))
    assert table_changes([table], [table]) == ()
    assert [change.op for change in table_changes([], [table])] == ["added"]
