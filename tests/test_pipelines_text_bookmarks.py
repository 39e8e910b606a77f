"""Bookmarks of PDFs: in order, with their pages, and without end."""

from __future__ import annotations

import io

import pytest
from pdfplumber.pdf import PDF

from pipelines.text import bookmarks
from pipelines.text.bookmarks import bookmarks_of
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.reading import OutlineEntry
from tests.hostile import pdf as hostile


def marked(catalog: bytes = b"", **more: bytes) -> list[OutlineEntry]:
    """The bookmarks of a file of three pages, 10 to 12; `_20=...` is object 20, from which they hang."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 20 0 R %s >>" % catalog,
        2: b"<< /Type /Pages /Count 3 /Kids [10 0 R 11 0 R 12 0 R] >>",
        3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    } | {number: hostile.page(b"") for number in (10, 11, 12)}
    body = hostile.assembled(objects | {int(name[1:]): made for name, made in more.items()})
    document = PDF.open(io.BytesIO(body)).doc
    return bookmarks_of(document, [page.pageid for page in iter_pages(document)])


def test_every_way_to_name_a_page() -> None:
    found = marked(
        b"/Names << /Dests << /Names [(here) [11 0 R /Fit] (there) << /D [12 0 R] >>] >> >> /Dests << /Old [10 0 R] >>",
        _20=b"<< /First 21 0 R >>",
        _21=b"<< /Title (One) /Dest [10 0 R /XYZ null null null] /First 31 0 R /Next 22 0 R >>",
        _22=b"<< /Title <FEFF00540077006F> /A << /S /GoTo /D (here) >> /Next 23 0 R >>",
        _23=b"<< /Title (Three) /Dest (there) /Next 24 0 R >>",
        _24=b"<< /Title (Four) /Dest /Old /Next 25 0 R >>",
        _25=b"<< /Title (Five) /Dest [2 /Fit] >>",
        _31=b"<< /Title (One one) /Dest [11 0 R] >>",
    )
    assert [(entry.level, entry.title, entry.page) for entry in found] == [
        (1, "One", 1), (2, "One one", 2), (1, "Two", 2), (1, "Three", 3), (1, "Four", 1), (1, "Five", 3),
    ]  # fmt: skip


def test_what_leads_nowhere_or_has_no_title_is_left_out() -> None:
    found = marked(
        _20=b"<< /First 21 0 R >>",
        _21=b"<< /Title (Away) /A << /S /URI /URI (https://example.gov) >> /Next 22 0 R >>",
        _22=b"<< /Dest [10 0 R] /Next 23 0 R >>",
        _23=b"<< /Title (Lost) /Dest (nowhere) /Next 24 0 R >>",
        _24=b"<< /Title (Lost) /Dest [99 0 R] /Next 25 0 R >>",
        _25=b"<< /Title (Lost) /Dest [-1] /First 7 /Next (x) >>",
    )
    assert found == []
    assert marked(_20=b"7") == marked(_20=b"<< /First 20 0 R >>") == marked() == []


def test_circles_and_depth_end() -> None:
    found = marked(
        _20=b"<< /First 21 0 R >>",
        _21=b"<< /Title (a) /Dest [10 0 R] /First 22 0 R /Next 21 0 R >>",
        _22=b"<< /Title (b) /Dest [11 0 R] /First 21 0 R /Next 22 0 R >>",
    )
    assert [(entry.level, entry.title) for entry in found] == [(1, "a"), (2, "b")]
    deep = {f"_{n}": b"<< /Title (t) /Dest [10 0 R] /First %d 0 R >>" % (n + 1) for n in range(20, 300)}
    assert {entry.level for entry in marked(**deep)} == set(range(1, 10))


def test_bookmarks_without_end_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bookmarks, "MOST_BOOKMARKS", 50)
    item = b"<< /Title (t) /Dest [10 0 R] /First %d 0 R /Next %d 0 R >>"
    assert len(marked(**{f"_{n}": item % (n + 1, n + 1) for n in range(20, 200)})) == 50
