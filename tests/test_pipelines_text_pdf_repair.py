"""Files whose table of objects is damaged are read by looking through them, and say so; good ones are left alone."""

from __future__ import annotations

import re
import zlib

import pytest

from pipelines.text import pdf_ranges
from pipelines.text.pdf import read_pdf
from pipelines.text.pdf_repair import reopened
from pipelines.text.ranges import MOST_AT_ONCE
from pipelines.text.reading import Reading
from tests.hostile import pdf

GOOD = pdf.written(pdf.lines("first page"), pdf.lines("second page"))
CUT = GOOD[: GOOD.index(b"xref\n0 1")]


def within(inner: bytes = b"<< /Type /Catalog /Pages 2 0 R >>") -> bytes:
    """A file whose catalog lies in a stream of objects, and whose trailer is a stream's dictionary; no table at all."""
    objects = pdf.one_page(pdf.stream(pdf.lines("out of a stream")))
    del objects[1]
    packed = zlib.compress(b"1 0 " + inner)
    objects[30] = pdf.stream(packed, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
    objects[31] = pdf.stream(b"", b"/Type /XRef /Size 40 /W [1 2 1] /Root 1 0 R")
    whole = pdf.assembled(objects)
    return whole[: whole.index(b"xref\n0 1")] + b"startxref\n9\n%%EOF\n"


def early_trailer() -> bytes:
    """A file made for the web, moved by some bytes: its first trailer stands behind its first object."""
    first, rest = GOOD.split(b"1 0 obj", 1)
    return first + b"99 0 obj\n<< /Linearized 1 >>\nendobj\ntrailer\n<< /Size 1 >>\n1 0 obj" + rest


DAMAGED = {
    "early trailer": (early_trailer(), ["first page", "second page"]),
    "no trailer": (CUT, ["first page", "second page"]),
    "places that lie": (re.sub(rb"\d{10} 00000 n", b"0000000009 00000 n", GOOD), ["first page", "second page"]),
    "catalog in a stream": (within(), ["out of a stream"]),
    "later object counts": (CUT + b"11 0 obj\n" + pdf.stream(pdf.lines("changed")) + b"\nendobj\n",
                            ["changed", "second page"]),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_tables_are_made_anew(name: str) -> None:
    body, texts = DAMAGED[name]
    reading = read_pdf(body)
    assert [page.text for page in reading.pages] == texts
    assert [fact.name for fact in reading.facts if fact.name == "mended"] == ["mended"]
    assert read_pdf(body) == reading


def test_what_can_be_read_is_left_as_it_is() -> None:
    assert "mended" not in [fact.name for fact in read_pdf(GOOD).facts]
    assert [page.text for page in read_pdf(GOOD).pages] == ["first page", "second page"]
    assert read_pdf(pdf.encrypted(user=b"secret")).outcome == "encrypted"


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"1 0 obj" * 9, b"/Type /Catalog", pdf.no_pages()])
def test_what_has_no_page_has_none(body: bytes) -> None:
    reading = read_pdf(body)
    assert (reading.outcome in ("malformed-pdf", "no-pages"), reading.pages) == (True, ())
    assert "mended" not in [fact.name for fact in reading.facts]


def test_a_long_damaged_file_is_read_in_ranges() -> None:
    whole = pdf.written(*[pdf.lines(f"page {number}") for number in range(1, MOST_AT_ONCE + 3)])
    body = whole[: whole.index(b"xref\n0 1")]
    assert pdf_ranges.read_or_count(body) == b"count %d" % (MOST_AT_ONCE + 2)
    answer = pdf_ranges.read_range(body, 1, MOST_AT_ONCE + 2)
    assert isinstance(answer, bytes)
    joined = pdf_ranges.read_joined(body + answer, len(body), [(1, MOST_AT_ONCE + 2, len(answer), "")])  # type: ignore[list-item]
    assert isinstance(joined, Reading)
    assert joined.pages[-1].text == f"page {MOST_AT_ONCE + 2}"
    assert [fact.name for fact in joined.facts].count("mended") == 1


def test_numbers_of_objects_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.text.pdf_repair._MOST_OBJECTS", 3)
    assert reopened(CUT) is not None
    assert read_pdf(CUT).pages == ()
