"""What is marked is what changed: texts cut into segments are whole again, however they are cut."""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace

import pytest

from archive.diff.compare import compare
from archive.diff.model import Fact, Page, Side, Table
from archive.research import difference
from archive.research.difference import INLINE, SIDE, Difference, Fold, Shown
from archive.research.difference_text import plain_difference
from archive.research.marked_text import GAP, REMOVED, SAME, Segment, shortened

WORDS = ("the", "agency", "keeps", "record", "of", "each", "license", "plate", "that", "officers", "read", "border")


def side(name: str, pages: list[str], **more: object) -> Side:
    held = tuple(Page(number, text, runs_on=" ") for number, text in enumerate(pages, 1))
    return replace(Side(name, digest=name, pages=held), **more)  # type: ignore[arg-type]


def differ(before: Side, after: Side) -> Difference:
    return Difference(compare(before, after), before, after)


def prose(drawn: random.Random, words: int) -> list[str]:
    return [f"{drawn.choice(WORDS)}{drawn.randrange(400)}" for _ in range(words)]


def edited(drawn: random.Random, words: list[str]) -> list[str]:
    """Return words with some taken out, put in, exchanged or moved."""
    words = list(words)
    for _ in range(drawn.randrange(1, 6)):
        start = drawn.randrange(len(words))
        end = min(start + drawn.choice((1, 1, 3, 40)), len(words))
        cut = words[start:end]
        change = drawn.choice(("out", "in", "other", "moved"))
        words[start:end] = (
            [] if change in ("out", "moved") else prose(drawn, len(cut)) + (cut if change == "in" else [])
        )
        if change == "moved":
            place = drawn.randrange(len(words) + 1)
            words[place:place] = cut
    return words


def paged(drawn: random.Random, words: list[str]) -> list[str]:
    size = drawn.randrange(60, 140)
    return [" ".join(words[start : start + size]) for start in range(0, len(words), size)]


@pytest.mark.parametrize("seed", range(12))
def test_segments_are_the_pages_text_whole(seed: int) -> None:
    drawn = random.Random(seed)
    words = prose(drawn, 600)
    before, after = side("a", paged(drawn, words)), side("b", paged(drawn, edited(drawn, words)))
    told = differ(before, after)
    said = {place: "".join(one.text for one in told._marked.before(place, text.text))
            for place, text in enumerate(before.pages, 1)}  # fmt: skip
    assert said == {page.number: page.text for page in before.pages}
    gone: list[str] = []
    for page in after.pages:
        assert "".join(one.text for one in told._marked.after(page.number, page.text)) == page.text
        both = told._marked.both(page.number, page.text)
        assert "".join(one.text for one in both if one.kind != REMOVED).split() == page.text.split()
        gone += [one.text for one in both if one.kind == REMOVED]
    removed = [edit.removed for edit in told.told.edits if edit.removed and edit.op != "moved" and not edit.why]
    on_pages_gone = {pair.before for pair in told.told.pages if pair.after is None}
    left = [edit for edit in told.told.edits if {one.page for one in edit.before} <= on_pages_gone and not edit.after]
    assert len(removed) - len(left) <= len(gone) <= len(removed)


def test_an_inserted_page_is_shown_and_all_else_is_folded() -> None:
    drawn = random.Random(1)
    pages = [" ".join(prose(drawn, 80)) for _ in range(6)]
    told = differ(side("a", pages), side("b", [*pages[:2], " ".join(prose(drawn, 80)), *pages[2:]]))
    items, more = told.shown()
    assert [(type(one), [pair.after for pair in one.pairs] if isinstance(one, Fold) else one.pair.after)
            for one in items] == [(Fold, [1, 2]), (Shown, 3), (Fold, [4, 5, 6, 7])]  # fmt: skip
    assert more is None
    text = "".join(piece.text for piece in plain_difference(told))
    assert text.count("-----") == 2
    assert "{+" in text
    assert "[-" not in text


@pytest.mark.parametrize("view", [SIDE, INLINE])
def test_a_long_difference_comes_in_parts_that_leave_nothing_out(view: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference, "MOST_PAIRS", 7)
    drawn = random.Random(2)
    pages = [" ".join(prose(drawn, 50)) for _ in range(60)]
    changed = [f"{page} new{number}" if number % 2 else page for number, page in enumerate(pages)]
    told = differ(side("a", pages), side("b", changed))
    seen: list[int | None] = []
    start: int | None = 0
    while start is not None:
        items, start = told.shown(start, view)
        for one in items:
            seen += [pair.after for pair in one.pairs] if isinstance(one, Fold) else [one.pair.after]
    assert seen == list(range(1, 61))
    assert told.start_of("p4") == 0
    assert told.shown(told.start_of("p50"))[0][0]
    assert [told.start_of(wrong) for wrong in ("", "p", "px", "p99999999999", "p²")] == [0] * 5


def test_a_difference_of_200_pages_is_bounded_in_size() -> None:
    drawn = random.Random(3)
    before, after = ([" ".join(prose(drawn, 330)) for _ in range(200)] for _ in range(2))
    began = time.process_time()
    told = differ(side("a", before), side("b", after))
    items, more = told.shown()
    assert more is not None
    assert (
        sum(len(part.text) for one in items if isinstance(one, Shown) for part in (*one.before, *one.after)) < 320_000
    )
    one_text, _ = told.shown(0, INLINE)
    assert sum(len(part.text) for one in one_text if isinstance(one, Shown) for part in one.both) < 320_000
    assert len(json.dumps(told.data())) < 3_000_000
    assert sum(len(piece.text) for piece in plain_difference(told)) < 2_100_000
    assert time.process_time() - began < 30, "a hundred times what it takes"


def test_cells_are_named_by_their_row_and_column() -> None:
    rows = (("Place", "Kept for"), ("Port", "15 years"), ("Road", "2 years"))
    before = side("a", ["A page."], tables=(Table(1, 1, 1, rows),))
    after = side(
        "b", ["A page."], tables=(Table(1, 1, 1, (rows[0], ("Port", "75 years"), rows[2], ("Sea", "1 year"))),)
    )
    (table,) = differ(before, after).tables()
    (cell,) = table["cells"]
    assert (cell["row"], cell["column"], cell["before"], cell["after"]) == ("Port", "Kept for", "15 years", "75 years")
    assert table["rows_added"] == [("Sea", "1 year")]


def test_facts_and_fields_are_told_by_the_words_that_differ() -> None:
    before = side("a", ["A."], fields={"awardee": "West Corporation"}, facts=(Fact("date", "May 1, 2017"),))
    after = side("b", ["A."], fields={"awardee": "East Corporation"}, facts=(Fact("date", "May 2, 2017"),))
    told = differ(before, after)
    (row,) = told.fields()
    assert [(one.kind, one.text) for one in row["after"]] == [("added", "East"), ("same", " Corporation")]
    text = "".join(piece.text for piece in plain_difference(told))
    assert "awardee: [-West Corporation-]{+East Corporation+}" in text
    assert told.data()["fields"][0]["words"]


def test_what_is_the_same_is_shortened_between_changes_only() -> None:
    long = "word " * 500
    found = shortened([Segment(SAME, long), Segment("added", "new", 0), Segment(SAME, long)])
    assert [one.kind for one in found] == [GAP, SAME, "added", SAME, GAP]
    assert sum(int(one.text) if one.kind == GAP else len(one.text) for one in found) == 2 * len(long) + 3
    assert shortened([Segment(SAME, "short"), Segment("added", "new", 0)])[0].text == "short"
    assert [one.kind for one in shortened([Segment("added", "new " * 9_000, 0)])] == ["added", "more", "added"]
    assert shortened([Segment(SAME, "x" * 5_000), Segment("added", "new", 0)])[0].kind == GAP
