"""The labels that a file gives its own pages, and those that would cost it its pages."""

from __future__ import annotations

import io

import pytest
from pdfplumber.pdf import PDF

from pipelines.text.pdf import read_pdf
from pipelines.text.pdf_labels import file_labels
from tests.hostile import pdf as hostile


def labelled(labels: bytes, pages: int = 1) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(10, 10 + pages))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /PageLabels %s >>" % labels,
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, kids),
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        5: b"<< /Kids [5 0 R 6 0 R] >>",
        6: b"<< /Nums [0 << /S /D >>] >>",
        8: hostile.stream(hostile.lines("words")),
    }
    return hostile.assembled(objects | {number: hostile.page(b"/Contents 8 0 R") for number in range(10, 10 + pages)})


def labels_of(body: bytes, pages: int) -> list[str]:
    return file_labels(PDF.open(io.BytesIO(body)).doc, pages)


def test_ranges_have_their_own_styles() -> None:
    nums = (
        b"<< /Nums [0 << /S /r >> 2 << /S /D /St 5 >> 4 << /P (A-) /S /D >> 5 << /S /A /St 27 >> 6 << /P (Map) >>] >>"
    )
    assert labels_of(labelled(nums), 7) == ["i", "ii", "5", "6", "A-1", "AA", "Map"]
    assert labels_of(labelled(b"<< /Nums [2 << /S /D >>] >>"), 3) == ["", "", "1"]
    assert labels_of(labelled(b"null"), 3) == []


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (b"7", []),
        (b"<< /Kids [5 0 R] >>", ["1"]),
        (b"<< /Nums [0 << /S /R /St -5 >>] >>", [""]),
        (b"<< /Nums [0 << /S /r /St 999999 >>] >>", [""]),
        (b"<< /Nums [0 << /S /a /St 99999999999 >>] >>", [""]),
        (b"<< /Nums [0 (x) -1 << /S /D >> (y) 3 99999999999 << /S /D >>] >>", [""]),
    ],
)
def test_broken_labels_cost_no_page(labels: bytes, found: list[str]) -> None:
    body = labelled(labels)
    assert [page.text for page in read_pdf(body).pages] == ["words"]
    assert labels_of(body, 1) == found
