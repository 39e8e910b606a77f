"""The lean page: its letters are pdfplumber's, and it knows of boxes, pictures, colours and turns besides."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

import pytest
from pdfminer.pdfpage import PDFPage
from pdfplumber.page import Page
from pdfplumber.pdf import PDF

from pipelines.text import drawing
from pipelines.text.drawn import Box, Letter, Picture
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.words import words_of
from tests.hostile import pdf as hostile

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def drawn(content: bytes, entries: bytes = b"", forms: dict[int, bytes] | None = None) -> LetterPage:
    """A page of 200 by 100 points with the font F; `forms` are further objects from 10 on."""
    names = b" ".join(b"/X%d %d 0 R" % (number, number) for number in forms or {})
    resources = b"<< /Font << /F 5 0 R >> /XObject << %s >> >>" % names
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources %s %s >>" % (
        resources,
        entries,
    )
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: page,
        4: hostile.stream(content),
        5: FONT,
        **(forms or {}),
    }
    pdf = PDF.open(io.BytesIO(hostile.assembled(objects)))
    return LetterPage(pdf, next(PDFPage.create_pages(pdf.doc)), 1)


def rounded(box: Box | Picture) -> tuple[float, ...]:
    return tuple(round(value, 3) for value in box[:4])


def test_letters_have_their_place_and_look() -> None:
    page = drawn(b"BT /F 10 Tf 20 80 Td (a) Tj 3 Tr 1 0 0 rg (b) Tj ET")
    first, second = page.letters
    assert (first.text, first.x0, first.size, first.font, first.turn) == ("a", 20, 10, "Helvetica", 0)
    assert (first.base, first.shade, first.invisible, first.order) == (20, 0, False, 0)
    assert second.x0 == pytest.approx(first.x1)
    assert (second.invisible, second.order) == (True, 1)
    assert second.shade == pytest.approx(0.299)


@pytest.mark.parametrize(
    ("rotate", "matrix", "turn"),
    [(0, b"1 0 0 1", 0), (0, b"0 1 -1 0", 270), (0, b"0 -1 1 0", 90), (0, b"-1 0 0 -1", 180),
     (90, b"0 1 -1 0", 0), (90, b"1 0 0 1", 90), (180, b"1 0 0 1", 180), (270, b"1 0 0 1", 270)],
)  # fmt: skip
def test_turned_text_and_pages(rotate: int, matrix: bytes, turn: int) -> None:
    page = drawn(b"BT /F 10 Tf %s 100 50 Tm (two words) Tj ET" % matrix, b"/Rotate %d" % rotate)
    assert (page.width, page.height) == ((100, 200) if rotate in (90, 270) else (200, 100))
    assert {(letter.turn, round(letter.size, 6)) for letter in page.letters} == {(turn, 10)}
    words = words_of(page.letters)
    assert [(word.text, word.turn) for word in words] == [("two", turn), ("words", turn)]
    one, other = words
    ahead = {0: other.x0 - one.x1, 90: other.top - one.bottom, 180: one.x0 - other.x1, 270: one.top - other.bottom}
    assert 0 < ahead[turn] < 5


@pytest.mark.parametrize(
    ("content", "boxes"),
    [
        (b"10 20 30 40 re f", [Box(10, 40, 40, 80, 0)]),
        (b"1 g 10 20 30 40 re B", [Box(10, 40, 40, 80, 1, True)]),
        (b"10 20 m 40 20 l 40 60 l 10 60 l f", [Box(10, 40, 40, 80, 0)]),
        (b"10 20 m 40 20 l 40 60 l 10 60 l 10 20 l S", [Box(10, 40, 40, 80, None, True)]),
        (b"10 20 m 90 20 l S", [Box(10, 80, 90, 80, None, True)]),
        (b"10 20 m 90 20 l 90 60 l S", [Box(10, 80, 90, 80, None, True), Box(90, 40, 90, 80, None, True)]),
        (b"0.5 0.5 0.5 rg 10 20 200 1 re f", [Box(10, 79, 210, 80, 0.5)]),
        (b"2 0 0 2 1 1 cm 10 20 3 4 re f*", [Box(21, 51, 27, 59, 0)]),
        (b"0 1 -1 0 100 0 cm 10 20 30 40 re f", [Box(40, 60, 80, 90, 0)]),
        (b"10 20 m 90 50 l S 10 20 m 20 90 30 90 50 20 c f", []),
        (b"10 20 30 40 re W n", []),
        (b"/F 9 Tf (ab) Tj 10 20 30 40 re f", [Box(10, 40, 40, 80, 0, False, 2)]),
        (b"/Pattern cs /P scn 10 20 30 40 re f", [Box(10, 40, 40, 80, 0.5)]),
        (b"0 0 0 1 k 10 20 30 40 re f", [Box(10, 40, 40, 80, 0)]),
        (b"/Separation cs 1 scn 10 20 30 40 re f", [Box(10, 40, 40, 80, 0)]),
    ],
)  # fmt: skip
def test_boxes_and_rules(content: bytes, boxes: list[Box]) -> None:
    found = drawn(content).boxes
    assert [rounded(box) for box in found] == [rounded(box) for box in boxes]
    assert [box[5:] for box in found] == [box[5:] for box in boxes]
    assert [box.shade is None or round(box.shade, 6) for box in found] == [
        box.shade is None or box.shade for box in boxes
    ]


def test_forms_draw_letters_boxes_and_pictures_in_their_place() -> None:
    form = hostile.stream(
        b"0 0 10 10 re f BT /F 5 Tf (f) Tj ET q 20 0 0 10 30 30 cm /X11 Do Q",
        b"/Type /XObject /Subtype /Form /BBox [0 0 99 99] /Matrix [1 0 0 1 50 0]"
        b" /Resources << /Font << /F 5 0 R >> /XObject << /X11 11 0 R >> >>",
    )
    image = hostile.stream(
        b"\x00", b"/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
    )
    page = drawn(b"1 g /X10 Do BT /F 5 Tf (p) Tj ET BI /W 1 /H 1 ID x EI", forms={10: form, 11: image})
    assert [(letter.text, letter.x0, letter.shade) for letter in page.letters] == [("f", 50, 1), ("p", 0, 1)]
    assert [(rounded(box), box.shade) for box in page.boxes] == [((50, 90, 60, 100), 1)]
    assert [(rounded(one), one.order) for one in page.pictures] == [((80, 60, 100, 70), 1), ((0, 99, 1, 100), 2)]


def test_too_many_boxes_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_BOXES", 10)
    page = drawn(b"1 1 2 2 re f " * 11 + b"BT /F 5 Tf (a) Tj ET")
    assert (page.boxes, page.too_many_boxes, len(page.letters)) == ([], True, 1)
    assert len(drawn(b"1 1 2 2 re f " * 10).boxes) == 10


@pytest.mark.parametrize(
    "content",
    [b"/F 1 Tf Tj 3 Tj /a Tj [/b] TJ [3] TJ (a) (b) TJ", b"/a Tf (x) Tj /F /F Tf (y) Tj", b"(a) Td /a /b cm (x) w 1 m",
     b"/F 9 Tf 0 Tz (ab) Tj -9 Tz (c) Tj /F 0 Tf (d) Tj", b"Q Q q (a) Tj /F 5 Tf (b) ' 1 2 (c) \" T* (d) Tj ET ET BT"],
)  # fmt: skip
def test_odd_operands_do_no_harm(content: bytes) -> None:
    page = drawn(content)
    assert all(isinstance(letter, Letter) for letter in page.letters)
    assert page.boxes == []
    words_of(page.letters)


def test_a_closed_page_forgets(corpus: Path) -> None:
    page = drawn(b"BT /F 5 Tf (a) Tj ET")
    assert len(page.letters) == len(page.chars) == 1
    page.close()
    assert not {"_drawing", "_objects"} & set(vars(page))


REAL = (
    "bench/icdar2013-us/competition-dataset-us/us-039.pdf",
    "gov/dhs-directives",
    "gov/ig-reports",
    "gov/ice-287g-moa",
    "gov/govdocs1-error",
)


@pytest.mark.parametrize("name", REAL)
def test_letters_are_those_of_a_stock_page(corpus: Path, name: str) -> None:
    start = corpus / "pdf" / name
    for path in [start] if start.is_file() else sorted(start.rglob("*.pdf"))[:2]:
        pdf = PDF.open(io.BytesIO(path.read_bytes()))
        for number, page in enumerate(islice(PDFPage.create_pages(pdf.doc), 2), start=1):
            stock, ours = Page(pdf, page, page_number=number), LetterPage(pdf, page, page_number=number)
            same = ("text", "x0", "x1", "top", "bottom", "fontname", "upright")
            assert [[char[key] for key in same] for char in ours.chars] == [
                [char[key] for key in same] for char in stock.chars
            ]
            sizes = [abs(one["size"] - other["size"]) for one, other in zip(ours.chars, stock.chars, strict=True)]
            assert max(sizes, default=0) < 1e-6
            assert ours.extract_text() == stock.extract_text()
