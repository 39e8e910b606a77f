"""Long documents: read in ranges by several workers, the reading is that of one process; a lost range costs itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.documents import documents
from pipelines.readers import Readers, Wanted, kept_path
from pipelines.text import pdf_ranges, stored_pages
from pipelines.text.drawing import Drawing
from pipelines.text.layout import Block, Line, PageLayout
from pipelines.text.pdf import read_pdf
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.pdf_page import PageRead
from pipelines.text.ranges import MOST_AT_ONCE, count_answer, counted, ranges_of
from pipelines.text.reading import Fact, Reading, TextLink, TextTable
from pipelines.text.stored_reading import MOST_PAGES, READERS, from_bytes, to_bytes
from tests.hostile import pdf as hostile

PAGES = 84
LOST = ("page-failed", "")


def numbered(pages: int = PAGES, tail: bytes = b"") -> bytes:
    """A file whose pages tell their numbers."""
    link = b"<< /Subtype /Link /Rect [70 700 300 740] /A << /S /URI /URI (https://example.gov/) >> >>"
    contents = [hostile.lines("The Annual Report", f"This is page {page} of it.") for page in range(1, pages + 1)]
    return hostile.written(*contents, info=b"/Title (Annual)", annotations=link) + tail


def read(folder: Path, body: bytes, workers: int = 2, program: str = "pipelines.text.worker") -> tuple[Reading, bytes]:
    """Return the reading, and how it was kept (b"" if it wasn't)."""
    digest = hashlib.sha256(body).hexdigest()
    with Readers(folder, workers, lambda _: 12, program, ocr=False) as readers:
        [(_, reading)] = readers.read_all([Wanted(digest, "pdf", "", lambda: body)])
    path = kept_path(folder, digest, READERS["pdf"])
    return reading, path.read_bytes() if path.exists() else b""


def alone(body: bytes) -> tuple[Reading, bytes]:
    """Read all of it in this process."""
    reading = from_bytes(to_bytes(read_pdf(body)), READERS["pdf"])
    return reading, to_bytes(reading)


def in_columns(pages: int = PAGES) -> bytes:
    """A file with running heads, two columns, notes under a rule, and sentences that run over the pages' ends."""
    column = [f"the agency keeps {word} of all that was sur-" for word in ("records", "lists", "copies", "notes")]
    contents = []
    for page in range(1, pages + 1):
        placed = [(72, 760, 8, ["The Annual Report"]), (300, 30, 8, [str(page + 4)])]
        placed += [(72, 700, 9, column), (320, 700, 9, column), (72, 90, 6, [f"{page} See page {page * 2 - 1}."])]
        contents.append(
            b"72 100 144 0.5 re f\n"
            + b"".join(
                b"BT /F1 %d Tf 12 TL %d %d Td\n%sET\n"
                % (size, x, y, b"".join(b"(%s) Tj T*\n" % one.encode() for one in told))
                for x, y, size, told in placed
            )
        )
    return hostile.written(*contents)


def test_the_reading_is_that_of_one_process(tmp_path: Path) -> None:
    body = in_columns()
    expected = alone(body)
    assert expected[0].outcome == "text"
    assert expected[0].pages[9].label == "14"
    assert {part.kind for part in expected[0].pages[9].parts} >= {"header", "text", "footer"}
    assert any(page.runs_on for page in expected[0].pages)
    assert read(tmp_path / "one", body, 1) == expected
    assert read(tmp_path / "two", body, 2) == expected


@pytest.mark.soak
@pytest.mark.parametrize("name", ["gazette", "side-notes", "tables-two", "turned-90"])
def test_generated_documents(name: str, tmp_path: Path) -> None:
    [document] = documents([name], pages=MOST_AT_ONCE + 3)
    assert read(tmp_path, document.pdf) == alone(document.pdf)


def test_a_page_tree_that_breaks_off(tmp_path: Path) -> None:
    body = numbered().replace(b" 170 0 R", b" (x)", 1)
    reading, kept = read(tmp_path, body)
    assert (reading, kept) == alone(body)
    assert reading.outcome == "page-failed"
    assert "after page 80" in reading.detail


@pytest.mark.soak
def test_more_pages_than_are_read(tmp_path: Path) -> None:
    body = hostile.many_pages(MOST_PAGES + 5)
    assert read(tmp_path, body) == alone(body)


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["195981", "275884", "316267"])
def test_long_real_files(name: str, corpus: Path, tmp_path: Path) -> None:
    body = (corpus / f"pdf/gov/govdocs1-error/error_set_1/{name}.pdf").read_bytes()
    assert read(tmp_path, body) == alone(body)


def test_earlier_pages_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int | None] = []
    real: Callable[[LetterPage], Drawing] = vars(LetterPage)["drawing"].fget

    def drawing(page: LetterPage) -> Drawing:
        asked.append(page.page_number)
        return real(page)

    monkeypatch.setattr(LetterPage, "drawing", property(drawing))
    answer = pdf_ranges.read_range(numbered(), 61, 63)
    assert set(asked) == {61, 62, 63}
    assert isinstance(answer, bytes)
    assert [page.number for page in stored_pages.from_bytes(answer)] == [61, 62, 63]


@pytest.mark.parametrize(
    ("deed", "reason"),
    [("abort", "SIGABRT"), ("sleep", "reader-timeout"), ("hoard", "reader-memory"), ("raise", "KeyError: 34"),
     ("stray", "left out of its range")],
)  # fmt: skip
def test_a_lost_range_costs_its_pages(deed: str, reason: str, tmp_path: Path) -> None:
    first, lost = ranges_of(PAGES)[2]
    body = numbered(tail=b"%%%s %d\n" % (deed.encode(), first))
    reading, kept = read(tmp_path, body, program="tests.hostile.range_reader")
    whole, _ = alone(body)
    assert reading.outcome == "page-failed"
    assert f"pages {first}-{lost}" in reading.detail
    assert reason in reading.detail
    for page, expected in zip(reading.pages, whole.pages, strict=True):
        if first <= page.number <= lost:
            assert (page.outcome, page.text) == LOST
        else:
            assert (page.outcome, page.text) == ("text", expected.text)
    # It is tried anew, unless a worker that seemed well left them out.
    assert bool(kept) == (deed == "stray")
    if not kept:
        assert read(tmp_path, body) == alone(body)


def test_a_range_that_cannot_be_used_is_the_documents_outcome(tmp_path: Path) -> None:
    reading, kept = read(tmp_path, numbered(tail=b"%garble 34\n"), program="tests.hostile.range_reader")
    assert (reading.outcome, reading.pages, kept) == ("reader-crashed", (), b"")


def test_a_document_that_kills_again_and_again_is_given_up(tmp_path: Path) -> None:
    starts = b" ".join(b"%d" % first for first, _ in ranges_of(400))
    reading, _ = read(tmp_path, numbered(400, tail=b"%%abort %s\n" % starts), 1, "tests.hostile.range_reader")
    assert "pages 151-400: reader-timeout: given up after others of the file" in reading.detail
    assert {(page.outcome, page.text) for page in reading.pages} == {LOST}


@given(st.integers(MOST_AT_ONCE + 1, MOST_PAGES))
def test_ranges_hold_every_page_once(pages: int) -> None:
    ranges = ranges_of(pages)
    assert [page for first, last in ranges for page in range(first, last + 1)] == list(range(1, pages + 1))
    assert all(10 <= last - first + 1 <= 200 for first, last in ranges)
    assert counted(count_answer(pages)) == pages


@pytest.mark.parametrize("answer", [b"", b"count", b"count 3", b"count 10001", b"count 99999999999", b"count 81x"])
def test_what_is_no_count(answer: bytes) -> None:
    assert counted(answer) is None


FLOATS = st.floats(allow_nan=False) | st.integers(-5, 10**6)
LINES = st.builds(Line, st.text(), *[FLOATS] * 5, st.booleans(), st.booleans())
BLOCKS = st.builds(
    Block, st.sampled_from(["text", "table", "side-note"]), st.lists(LINES, min_size=1, max_size=3).map(tuple),
    FLOATS, FLOATS,
)  # fmt: skip
LAYOUTS = st.builds(
    PageLayout, FLOATS, FLOATS, st.lists(BLOCKS, max_size=3).map(tuple),
    st.lists(st.tuples(FLOATS, FLOATS, FLOATS), max_size=2).map(tuple),
)  # fmt: skip
TABLE = TextTable(7, 1, 1, (("Name", "Sum"), ("a", "")), (72.0, 90.5, 300.0, 120.0))


@settings(max_examples=30)
@given(LAYOUTS, st.sampled_from(["text", "no-text-layer", "garbled-text"]))
def test_pages_round_trip(layout: PageLayout, outcome: str) -> None:
    held = ((TextLink(7, "https://example.gov/", "here"),), (TABLE,), (Fact("covered-text", "x", 7),))
    pages = [PageRead(7, outcome, layout, *held, 3, 4, "why"), PageRead(8, "page-failed", problem="KeyError")]
    assert stored_pages.from_bytes(stored_pages.to_bytes(pages)) == pages


@pytest.mark.parametrize(
    "page",
    [
        PageRead(1, "document"), PageRead("1", "text"), PageRead(1, "text", problem="x" * 9000),  # type: ignore[arg-type]
        PageRead(1, "text", PageLayout(1, 1, (Block("poem", (), 0, 1),))),
        PageRead(1, "text", PageLayout(1, 1, (Block("text", (), 0, 1),))),
        PageRead(1, "text", PageLayout(1, 1, (Block("text", (Line("x", 1, 1, 1, 1, "9"),), 0, 1),))),  # type: ignore[arg-type]
        PageRead(1, "text", PageLayout(1, "1", ())), PageRead(1, "text", PageLayout(1, 1, (), ((1, 2),))),  # type: ignore[arg-type]
        PageRead(1, "text", facts=(Fact("x", "y", 2),)), PageRead(1, "text", tables=(TABLE,)),
    ],
)  # fmt: skip
def test_pages_that_are_none_are_refused(page: PageRead) -> None:
    with pytest.raises(ValueError, match=r"."):
        stored_pages.from_bytes(stored_pages.to_bytes([page]))


@pytest.mark.parametrize("answer", [b"", b"pages ", b"pages x", to_bytes(Reading("pdf-3", "text"))], ids=len)
def test_answers_that_are_no_pages_are_refused(answer: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        stored_pages.from_bytes(answer)
