"""Draws a page of a PDF as people see it, and says where its letters stand; pdfium's words are no text of ours.

Sizes are bounded before anything is drawn. Coordinates are those of the page as it is shown: cropped, turned, from its
upper left corner.
"""

from __future__ import annotations

import ctypes
import io
import math
from collections.abc import Callable
from typing import NamedTuple

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

# Of a page that is very high or very wide, so many pixels and so long a side; the picture is narrower then.
MOST_PIXELS, MOST_SIDE = 16_000_000, 8_000
# What one picture in the file may unpack to. The file says so before anything is unpacked.
MOST_DECLARED = 250_000_000
MOST_POINTS = 1e7
MOST_LETTERS = 60_000
# Boxes are told in so many parts of the page's width and height.
PARTS = 20_000
# Of a letter's size so much stands below its line.
DESCENT = 0.22
# Channels of a page without colour differ by no more than this.
_GREY = 6


class NoPictureError(Exception):
    """A page that can't be drawn; `outcome` names why."""

    def __init__(self, outcome: str, detail: str = "") -> None:
        super().__init__(outcome, detail)
        self.outcome, self.detail = outcome, detail


class Letters(NamedTuple):
    """The letters of a page in the order of its file; of each its box (left, top, right, bottom) in PARTS of the page.

    `width` and `height` of the page are in points.
    """

    width: float
    height: float
    text: str
    boxes: list[int]


class Drawn(NamedTuple):
    """A PNG and its size in pixels."""

    png: bytes
    width: int
    height: int


class PagePictures:
    """One PDF, opened. Raises NoPictureError where pdfium can't open it."""

    def __init__(self, body: bytes) -> None:
        try:
            self._document = pypdfium2.PdfDocument(body)
        except pypdfium2.PdfiumError as error:
            # pdfium's last error may be that of a file before; a file says in plain words that it is encrypted.
            locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY) and b"/Encrypt" in body
            raise NoPictureError("encrypted" if locked else "malformed-pdf", str(error)[:200]) from None
        if self._document.get_formtype() != raw.FORMTYPE_NONE:
            self._document.init_forms()  # what is filled into a form is drawn with it; this pdfium runs no script

    def close(self) -> None:
        """Forget the file."""
        self._document.close()

    def draw(self, number: int, width: int) -> Drawn:
        """Return page `number` (from 1) drawn at a width of so many pixels, or as many as its size allows."""
        page = self._page(number)
        try:
            for found in page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
                across, down = found.get_px_size()
                if across * down > MOST_DECLARED:
                    raise NoPictureError("picture-too-large", f"it holds a picture of {across} by {down} pixels")
            scale = _scale(*_size(page), width)
            image = page.render(scale=scale, rev_byteorder=True, fill_color=(255, 255, 255, 255)).to_pil()
            return _png(image.convert("RGB"))
        finally:
            page.close()

    def alone(self, number: int) -> bytes:
        """Return a PDF that has page `number` alone, as it is printed: what lies on it is drawn into it.

        Nothing in it acts, and it has nothing of the file's that isn't drawn: the page is drawn on a new one. Copied
        as it is, a page has its scripts, attachments and metadata still.
        """
        self._page(number).close()
        copied = pypdfium2.PdfDocument.new()
        try:
            copied.import_pages(self._document, [number - 1])
            page = copied[0]
            raw.FPDFPage_Flatten(page, raw.FLAT_PRINT)
            width, height = _size(page)
            page.close()
            return _drawn_anew(copied, width, height)
        finally:
            copied.close()

    def letters(self, number: int) -> Letters:
        """Return where the letters of page `number` stand."""
        page = self._page(number)
        try:
            width, height = _size(page)
            found = page.get_textpage()
            count = min(found.count_chars(), MOST_LETTERS)
            text: list[str] = []
            boxes: list[int] = []
            place = _placing(page)
            for at in range(count):
                letter = raw.FPDFText_GetUnicode(found, at)
                text.append(chr(letter) if _is_letter(letter) else "\ufffd")
                boxes += place(*_line_box(found, at))
            found.close()
            return Letters(width, height, "".join(text), boxes)
        finally:
            page.close()

    def _page(self, number: int) -> pypdfium2.PdfPage:
        if not 1 <= number <= len(self._document):
            raise NoPictureError("no-page", f"the file has {len(self._document)} pages")
        try:
            return self._document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise NoPictureError("page-failed", str(error)[:200]) from None


def _drawn_anew(copied: pypdfium2.PdfDocument, width: float, height: float) -> bytes:
    """Return a PDF of one page on which the first page of another is drawn as one object."""
    made = pypdfium2.PdfDocument.new()
    try:
        page = made.new_page(width, height)
        form = raw.FPDF_NewXObjectFromPage(made, copied, 0)
        drawn = raw.FPDF_NewFormObjectFromXObject(form) if form else None
        if not drawn:
            raise NoPictureError("page-failed", "it can't be put on a page of its own")
        raw.FPDF_CloseXObject(form)
        raw.FPDFPage_InsertObject(page, drawn)
        page.gen_content()
        page.close()
        written = io.BytesIO()
        made.save(written)
        return written.getvalue()
    finally:
        made.close()


def _is_letter(code: int) -> bool:
    return 0 < code < 0x110000 and not 0xD800 <= code <= 0xDFFF


def _size(page: pypdfium2.PdfPage) -> tuple[float, float]:
    width, height = page.get_size()
    if not (0 < width < MOST_POINTS and 0 < height < MOST_POINTS):
        raise NoPictureError("picture-too-large", f"a page of {width:.6g} by {height:.6g} points")
    return width, height


def _scale(width: float, height: float, wanted: int) -> float:
    return min(wanted / width, math.sqrt(MOST_PIXELS / (width * height)), MOST_SIDE / max(width, height))


def _png(image: Image.Image) -> Drawn:
    """Return a picture as PNG: in greys where it has no colour, which is half of the bytes and of the time."""
    red, green, blue = image.split()
    apart = [ImageChops.difference(one, other).histogram() for one, other in ((red, green), (green, blue))]
    kept = image if any(sum(shades[_GREY + 1 :]) for shades in apart) else image.convert("L")
    written = io.BytesIO()
    kept.save(written, "PNG", compress_level=3)
    return Drawn(written.getvalue(), kept.width, kept.height)


def _placing(page: pypdfium2.PdfPage) -> Callable[[float, float, float, float], tuple[int, int, int, int]]:
    """Return what turns a box of pdfium's (left, bottom, right, top, as the page was written) into one as it is shown.

    pdfium says itself where a point goes, in whole pixels; three of them on a large drawing give the map exactly.
    """
    width, height = page.get_size()
    side = 1_000_000
    corners = []
    for x, y in ((0.0, 0.0), (width, 0.0), (0.0, height)):
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, side, side, 0, x, y, across, down)
        corners.append((across.value / side * PARTS, down.value / side * PARTS))
    (ox, oy), (ax, ay), (bx, by) = corners
    xx, xy = (ax - ox) / width, (ay - oy) / width
    yx, yy = (bx - ox) / height, (by - oy) / height

    def placed(left: float, bottom: float, right: float, top: float) -> tuple[int, int, int, int]:
        x1, y1 = ox + left * xx + bottom * yx, oy + left * xy + bottom * yy
        x2, y2 = ox + right * xx + top * yx, oy + right * xy + top * yy
        return _bounded(min(x1, x2)), _bounded(min(y1, y2)), _bounded(max(x1, x2)), _bounded(max(y1, y2))

    return placed


def _line_box(found: pypdfium2.PdfTextPage, at: int) -> tuple[float, float, float, float]:
    """Return a letter's box, as high as its line: what fonts say of their own height is often far from it."""
    left, bottom, right, top = found.get_charbox(at, loose=True)
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(found, at, matrix) or abs(matrix.b) > 0.01 * abs(matrix.a) or matrix.a <= 0:
        return left, bottom, right, top  # turned: the font's word is taken
    size = abs(raw.FPDFText_GetFontSize(found, at) * matrix.d)
    across, base = ctypes.c_double(), ctypes.c_double()
    if not size or not raw.FPDFText_GetCharOrigin(found, at, across, base):
        return left, bottom, right, top
    return left, base.value - DESCENT * size, right, base.value + (1 - DESCENT) * size


def _bounded(value: float) -> int:
    return round(min(max(value, -PARTS), 2 * PARTS)) if math.isfinite(value) else 0
