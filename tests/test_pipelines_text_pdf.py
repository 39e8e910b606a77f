"""PDFs into pages: every page has its text or a named reason; hostile files are in test_pipelines_readers.py too."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfminer.pdfpage import PDFPage
from pdfplumber.page import Page
from pdfplumber.pdf import PDF

from pipelines.text import pdf_letters
from pipelines.text.cleaning import clean_line, clean_text
from pipelines.text.page_names import name_pages
from pipelines.text.pdf import read_pdf
from pipelines.text.pdf_letters import LetterPage
from tests.hostile import pdf as hostile

LINK = b"<< /Subtype /Link /Rect [70 715 300 735] /A << /S /URI /URI (https://example.gov/a\\000b) >> >>"


def test_pages_with_text_and_without() -> None:
    reading = read_pdf(hostile.written(hostile.lines("The first page.", "Page 1 of 3"), None, hostile.lines("3")))
    assert [page.text for page in reading.pages] == ["The first page.\nPage 1 of 3", "", "3"]
    assert [page.outcome for page in reading.pages] == ["text", "no-text-layer", "text"]
    assert [page.label for page in reading.pages] == ["1", "", "3"]
    assert (reading.outcome, reading.detail) == ("no-text-layer", "page 2: no letters")


def test_metadata_is_cleaned_and_cut() -> None:
    info = b"/Title (A\\033 title %s) /CreationDate (D:20180108) /Author (nobody) /Producer 7" % (b"x" * 900)
    metadata = read_pdf(hostile.written(hostile.lines("words"), info=info)).metadata
    assert metadata["Title"].startswith("A")
    assert "\x1b" not in metadata["Title"]
    assert len(metadata["Title"]) == 500
    assert metadata["CreationDate"] == "D:20180108"
    assert set(metadata) == {"Title", "CreationDate", "Author", "PDF version"}


def test_links_are_listed_with_the_words_they_cover() -> None:
    broken = b"<< /Rect [1 2] /A << /URI 7 >> >> null << /Subtype /Link /A << /URI (https://example.gov/b) >> >>"
    reading = read_pdf(hostile.written(hostile.lines("see this", "not this"), annotations=LINK + broken))
    assert [(link.url, link.text) for link in reading.links] == [
        ("https://example.gov/ab", "see this"),
        ("https://example.gov/b", ""),
    ]


def test_one_bad_page_leaves_the_others() -> None:
    reading = read_pdf(hostile.broken_flate())
    assert [page.text for page in reading.pages] == ["first page", "", "third page"]
    assert reading.pages[1].outcome == reading.outcome == "page-failed"
    assert reading.detail == "page 2: its content can't be unpacked"


def test_a_page_with_too_many_letters_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_letters, "MOST_LETTERS", 100)
    reading = read_pdf(hostile.written(hostile.lines("a" * 60, "b" * 60), hostile.lines("good")))
    assert [page.outcome for page in reading.pages] == ["page-failed", "text"]
    assert reading.detail.startswith("page 1: TooManyLettersError")


@pytest.mark.parametrize(
    ("body", "outcome", "says"),
    [
        (b"", "malformed-pdf", "Root"),
        (b"%", "malformed-pdf", "Root"),
        (b"%PDF-1.7\n" + b"\xff" * 1000, "malformed-pdf", "Root"),
        (hostile.xref_circle(), "text", ""),
        (hostile.xref_huge(), "text", ""),
        (hostile.xref_absent(), "text", ""),
        (hostile.startxref_outside(), "text", ""),
        (hostile.tree_circle(), "text", ""),
        (hostile.tree_deep(3000), "page-failed", "after page 1: RecursionError"),
        (hostile.page_shared(1000), "text", ""),
        (hostile.no_pages(), "no-pages", ""),
        (hostile.nested_arrays(5000), "text", ""),
        (hostile.nested_strings(5000), "no-text-layer", "page 1"),
        (hostile.form_calls_itself(), "text", ""),
        (hostile.many_rectangles(5000), "text", ""),
        (hostile.cmap_outside(), "no-text-layer", "page 1: no letters"),
        (hostile.encrypted(b"secret"), "encrypted", "needs a password"),
        (hostile.encrypted_by(b"Acme.Lock"), "encrypted", "Acme.Lock"),
        (hostile.encrypted_by(b"Adobe.PubSec"), "encrypted", "Adobe.PubSec"),
        (hostile.encrypted_length(7), "malformed-pdf", "ZeroDivisionError"),
    ],
)  # fmt: skip
def test_hostile_files_have_named_outcomes(body: bytes, outcome: str, says: str) -> None:
    reading = read_pdf(body)
    assert reading.outcome == outcome
    assert says in reading.detail
    assert read_pdf(body) == reading


def test_an_empty_password_is_tried_and_said() -> None:
    reading = read_pdf(hostile.encrypted())
    assert reading.pages[0].text == "behind a password"
    assert reading.metadata["encrypted"] == "opens with an empty password"


def test_pages_beyond_the_cap_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.text.pdf.MOST_PAGES", 5)
    reading = read_pdf(hostile.many_pages(9))
    assert len(reading.pages) == 5
    assert reading.outcome == "page-failed"
    assert "after page 5" in reading.detail


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_has_a_named_outcome(data: st.DataObject) -> None:
    whole = bytearray(hostile.written(hostile.lines("one", "two"), hostile.lines("three"), annotations=LINK))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    body = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    reading = read_pdf(body)
    named = {"text", "no-text-layer", "no-pages", "encrypted", "malformed-pdf", "page-failed", "garbled-text"}
    assert reading.outcome in named
    assert all(clean_text(page.text)[1] == 0 for page in reading.pages)


def test_letters_are_as_in_a_stock_page(corpus: Path) -> None:
    body = (corpus / "pdf/bench/icdar2013-us/competition-dataset-us/us-039.pdf").read_bytes()
    pdf = PDF.open(io.BytesIO(body))
    for number, page in enumerate(PDFPage.create_pages(pdf.doc), start=1):
        stock = Page(pdf, page, page_number=number)
        ours = LetterPage(pdf, page, page_number=number)
        assert ours.extract_text() == stock.extract_text()
        assert [word["text"] for word in ours.extract_words()] == [word["text"] for word in stock.extract_words()]


def test_text_holds_the_words_of_another_reader(corpus: Path) -> None:
    """The reports carry a text that their collectors made with pdftotext."""
    report = corpus / "pdf/gov/ig-reports/denali/2015/DCOIG-15-005-M/report.pdf"
    ours = " ".join(page.text for page in read_pdf(report.read_bytes()).pages)
    theirs = report.with_suffix(".txt").read_text("utf-8", "replace")
    words, others = set(re.findall(r"\w+", ours.lower())), set(re.findall(r"\w+", theirs.lower()))
    assert len(words & others) >= 0.99 * len(words | others)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([4], "page 4"), ([3, 4, 5, 6, 7, 9], "pages 3-7, 9"), ([1, 2], "pages 1-2"), ([9, 1], "pages 1, 9")],
)
def test_pages_are_named_compactly(numbers: list[int], words: str) -> None:
    assert name_pages(numbers) == words


def test_cleaning_takes_out_what_cannot_be_stored() -> None:
    assert clean_text("a\x00b\x0bc\x1bd\ud800e\ufffef\ufdd0g\U0010ffffh\ufeffi") == ("ab\ncdefghi", 7)
    assert clean_text("a\r\nb\rc\td\u2028e") == ("a\nb\nc\td\ne", 0)
    assert clean_line("a\n b\x00\t" + "c" * 50, 10) == "a b ccccc" + "c"


@given(st.text())
def test_cleaned_text_can_be_stored_anywhere(text: str) -> None:
    cleaned, removed = clean_text(text)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == (cleaned, 0)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]", cleaned)
    assert len(cleaned) + removed <= len(text)
