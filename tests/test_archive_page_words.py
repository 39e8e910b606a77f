"""Where the words of a page stand on its picture: our words, in boxes that pdfplumber has too."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pdfplumber
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.research.page_words import Box, PageWords, place_words
from archive.worker_process import Limits, Stopped, Task, WorkerProcess, bare_environment
from pipelines.text.pdf import read_pdf
from samples.documents import CBP_022, PIA_039A, SORN, file_at, justification
from tests.figures import figure

POINTS = 2.0


@pytest.fixture
def worker() -> Iterator[WorkerProcess]:
    started = WorkerProcess(["pipelines.text.picture_worker"], Limits(10_000, 64 << 20), bare_environment())
    yield started
    started.end()


def told(worker: WorkerProcess, body: bytes, number: int) -> dict[str, Any]:
    """Return what the worker says of a page's letters; without any where it can't be drawn."""
    answer = worker.exchange(Task("draw", body, (hashlib.sha256(body).hexdigest(), number, 0)), 30)
    return dict(json.loads(answer.partition(b"\n")[0]).get("page") or {})


def line(text: str, left: float = 0.0, top: float = 0.0) -> tuple[str, list[int]]:
    """Return letters on a line of a page of 200 by 200 points, ten points wide and high each, as the worker tells."""
    boxes = [side for at in range(len(text)) for side in (left + 10 * at, top, left + 10 * at + 10, top + 10)]
    return text, [round(side * 100) for side in boxes]


def page(*lines: tuple[str, list[int]]) -> dict[str, Any]:
    return {"width": 200.0, "height": 200.0, "text": "".join(text for text, _ in lines),
            "boxes": [side for _, boxes in lines for side in boxes]}  # fmt: skip


def rounded(boxes: Iterable[Box]) -> list[tuple[float, ...]]:
    return [tuple(round(side, 3) for side in box) for box in boxes]


def test_words_have_the_places_of_the_letters_that_are_theirs() -> None:
    found = place_words("(one) two", page(line("(one)"), line(" "), line("two", top=20)))
    assert [(word.text, word.start, word.end, rounded(word.boxes)) for word in found.words] == [
        ("(one)", 0, 5, [(0, 0, 50, 10)]),
        ("two", 6, 9, [(0, 20, 30, 30)]),
    ]
    assert [place for place, _ in found.words[0].letters] == [1, 2, 3]
    assert (found.placed, found.width) == (2, 200)


def test_a_broken_word_has_two_boxes_and_another_order_is_no_matter() -> None:
    drawn = page(line("second column"), line("\n"), line("the govern-", top=40), line("ment of it", top=60))
    found = place_words("the government of it\n\nsecond column", drawn)
    boxes = {word.text: rounded(word.boxes) for word in found.words}
    assert boxes["government"] == [(40, 40, 110, 50), (0, 60, 40, 70)]
    assert boxes["second"] == [(0, 0, 60, 10)]


def test_a_mark_ends_where_its_words_end() -> None:
    """A mark over a line's end doesn't take in what stands below it."""
    drawn = page(line("a line of it"), line("\n"), line("and another", top=20))
    found = place_words("a line of it\nand another", drawn)
    assert rounded(found.boxes_of([(2, 16)])) == [(20, 0, 120, 10), (0, 20, 30, 30)]
    assert rounded(found.boxes_of([(4, 6)])) == [(40, 0, 60, 10)]


def test_a_word_without_a_counterpart_has_no_place() -> None:
    found = place_words("words under a box", page(line("words      a box")))
    assert [bool(word.boxes) for word in found.words] == [True, False, True, True]


@pytest.mark.parametrize(
    "wrong",
    [{}, {"text": "ab"}, {"boxes": [1, 2]}, {"width": 0}, {"width": "1"}, {"boxes": ["a"] * 12}, {"text": 7},
     {"boxes": [10**9] * 12}, {"width": float("inf")}, {"height": float("nan")}, {"boxes": None},
     {"boxes": [True] * 12}],
)  # fmt: skip
def test_what_a_worker_that_fell_says_places_nothing(wrong: dict[str, Any]) -> None:
    found = place_words("abc", {**page(line("abc")), **wrong} if wrong else {})
    assert found.placed == 0
    assert found.width > 0


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_placed_is_outside_of_what_was_told(ours: str, theirs: str) -> None:
    found = place_words(ours, page(line(theirs)))
    assert "".join(word.text for word in found.words) == "".join(ours.split())
    assert all(0 <= box.left < box.right <= 10 * len(theirs) + 0.01 for word in found.words for box in word.boxes)


@pytest.mark.parametrize(
    ("ours", "theirs", "most"),
    [("a", "a", 20_000), ("a b ", "b a ", 5_000), ("1 22 333 ", "333 1 22 ", 2_000),
     ("abcdefghijk", "abcdefghijl", 1_800)],
)  # fmt: skip
def test_no_text_takes_long_to_be_placed(ours: str, theirs: str, most: int) -> None:
    """SQ-11: a page that was made to be slow costs a reader no more than others do."""
    few, many = (lines_run(ours * times, theirs * times) / len(ours * times) for times in (most // 4, most))
    assert many < 1.2 * few, "each letter is as much work on a long page as on a short one"
    assert many < 120, "a page of English is 72 lines a letter"


def lines_run(ours: str, theirs: str) -> int:
    """Return how many lines of Python are run to place a text: unlike seconds, the same on every machine."""
    told = {"width": 200.0, "height": 200.0, "text": theirs, "boxes": [1, 1, 2, 2] * len(theirs)}
    count = 0

    def counted(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return counted

    before = sys.gettrace()
    sys.settrace(counted)
    try:
        place_words(ours, told)
    finally:
        sys.settrace(before)
    return count


def test_the_boxes_are_those_of_pdfplumber(worker: WorkerProcess) -> None:
    """Of the sample's files: of assessments with notes and tables, and of one in columns."""
    bodies = [file_at(url, "2018-01-26") for url in (PIA_039A, CBP_022, SORN)] + [justification()]
    counts = compared(worker, bodies, most=3)
    figure("boxes", files=len(bodies), **shares(counts))
    assert counts["compared"] > 200
    assert counts["within"] > 0.97 * counts["compared"]


@pytest.mark.soak
def test_the_boxes_are_those_of_pdfplumber_in_the_corpus(worker: WorkerProcess, corpus: Path) -> None:
    paths = [path for path in sorted((corpus / "pdf").rglob("*.pdf")) if path.stat().st_size < 3_000_000]
    counts = compared(worker, (path.read_bytes() for path in paths), most=4)
    figure("boxes", files=len(paths), **shares(counts))
    assert counts["within"] > 0.97 * counts["compared"]


def shares(counts: Counter[str]) -> dict[str, object]:
    return {
        "words": counts["words"],
        "with a place": round(counts["placed"] / counts["words"], 4),
        "compared": counts["compared"],
        "within 2 points": round(counts["within"] / counts["compared"], 4),
    }


def compared(worker: WorkerProcess, bodies: Iterable[bytes], most: int) -> Counter[str]:
    """Compare all four sides of each word that stands once between the same two words, here and in pdfplumber's words.

    So a word that was placed where another of its kind stands counts as wrong.
    """
    counts: Counter[str] = Counter()
    for body in bodies:
        reading = read_pdf(body)
        pages = [one for one in reading.pages[:most] if one.text and one.origin == "text-layer"]
        if not pages:
            continue
        with pdfplumber.open(io.BytesIO(body)) as pdf:
            for one in pages:
                try:
                    placed = place_words(one.text, told(worker, body, one.number))
                except Stopped:
                    return counts
                counts["words"] += len(placed.words)
                counts["placed"] += placed.placed
                count(counts, placed, pdf.pages[one.number - 1])
    return counts


def count(counts: Counter[str], placed: PageWords, other: Any) -> None:
    left, top = other.bbox[:2]
    theirs = between([(word["text"], (word["x0"] - left, word["top"] - top, word["x1"] - left, word["bottom"] - top))
                      for word in other.extract_words()])  # fmt: skip
    for key, found in between([(word.text, word.boxes) for word in placed.words]).items():
        if len(found) == 1 and len(theirs.get(key, ())) == 1:
            counts["compared"] += 1
            counts["within"] += len(found[0]) == 1 and all(
                abs(one - two) <= POINTS for one, two in zip(found[0][0], theirs[key][0], strict=True)
            )


def between(words: list[tuple[str, Any]]) -> dict[tuple[str, str, str], list[Any]]:
    found = defaultdict(list)
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        found[before[0], word[0], after[0]].append(word[1])
    return found
