"""Writes text at given points as a PDF, in the ways in which programs draw it; knows nothing of columns or truth."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pdfminer.fontmetrics import FONT_METRICS

LIGATURES = {"fi": "ﬁ", "fl": "ﬂ"}
# Codes that Windows' Latin leaves free carry the two ligatures that the standard fonts have.
_CODES = {"ﬁ": b"\x01", "ﬂ": b"\x02"}


class Run(NamedTuple):
    """Text drawn from one point of the page (points, from the lower left); `blank` is how wide its blanks are."""

    x: float
    y: float
    font: str
    size: float
    text: str
    blank: float
    twice: bool = False


class Rule(NamedTuple):
    """A thin line."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as it is seen: `turned` clockwise degrees by /Rotate, or lying on its side without it."""

    width: float
    height: float
    runs: Sequence[Run]
    rules: Sequence[Rule] = ()
    turned: int = 0
    sideways: bool = False


def width(text: str, font: str, size: float) -> float:
    """Return how wide a text is in one of the 14 standard fonts."""
    widths = FONT_METRICS[font][1]
    return float(sum(widths[letter] for letter in text)) * size / 1000


def words_of(run: Run) -> Iterator[Run]:
    """Yield each word of a run as a run of its own."""
    x = run.x
    for word in run.text.split(" "):
        if word:
            yield run._replace(x=x, text=word)
        x += width(word, run.font, run.size) + run.blank


def typed(sheets: Sequence[Sheet], spacing: str = "blanks") -> bytes:
    """Return the file. `spacing`: "blanks" are drawn, or "none" are, or "kerned" letters with gaps for blanks."""
    fonts = sorted({run.font for sheet in sheets for run in sheet.runs})
    names = {font: b"F%d" % number for number, font in enumerate(fonts, start=1)}
    first = 3 + len(fonts)
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count %d /Kids [%s] >>"
        % (len(sheets), b" ".join(b"%d 0 R" % (first + 2 * index) for index in range(len(sheets)))),
    }
    for number, font in enumerate(fonts, start=3):
        objects[number] = (
            b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding "
            b"/Differences [1 /fi /fl] >> >>" % font.encode()
        )
    resources = b" ".join(b"/%s %d 0 R" % (names[font], number) for number, font in enumerate(fonts, start=3))
    for index, sheet in enumerate(sheets):
        box, rotate = _turned_box(sheet)
        objects[first + 2 * index] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %g %g] /Rotate %d /Resources << /Font << %s >> >> "
            b"/Contents %d 0 R >>" % (*box, rotate, resources, first + 2 * index + 1)
        )
        packed = zlib.compress(_content(sheet, names, spacing))
        objects[first + 2 * index + 1] = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (
            len(packed),
            packed,
        )
    return _file(objects)


def _turned_box(sheet: Sheet) -> tuple[tuple[float, float], int]:
    lying = sheet.turned in {90, 270} or sheet.sideways
    return ((sheet.height, sheet.width) if lying else (sheet.width, sheet.height)), sheet.turned


def _content(sheet: Sheet, names: dict[str, bytes], spacing: str) -> bytes:
    # Drawn so that what is seen, after /Rotate, stands upright (ISO 32000-1, 8.3.4 and 7.7.3.3).
    w, h = sheet.width, sheet.height
    matrices = {90: (0, 1, -1, 0, h, 0), 180: (-1, 0, 0, -1, w, h), 270: (0, -1, 1, 0, 0, w)}
    matrix = matrices.get(90 if sheet.sideways else sheet.turned, (1, 0, 0, 1, 0, 0))
    out = [b"q %g %g %g %g %g %g cm 0.5 w" % matrix]
    out += [b"%.2f %.2f m %.2f %.2f l S" % rule for rule in sheet.rules]
    for run in sheet.runs:
        for again in range(1 + run.twice):
            out.append(_shown(run._replace(x=run.x + 0.3 * again), names[run.font], spacing))
    return b"\n".join((*out, b"Q"))


def _shown(run: Run, name: bytes, spacing: str) -> bytes:
    if spacing == "none":
        return b"\n".join(_one(word, name, _string(word.text) + b" Tj") for word in words_of(run))
    if spacing == "kerned":
        return _one(run, name, _kerned(run))
    wider = run.blank - width(" ", run.font, run.size)
    return _one(run, name, b"%.4f Tw %s Tj 0 Tw" % (wider, _string(run.text)))


def _one(run: Run, name: bytes, showing: bytes) -> bytes:
    return b"BT /%s %g Tf %.3f %.3f Td %s ET" % (name, run.size, run.x, run.y, showing)


def _kerned(run: Run) -> bytes:
    """Show letters a little nearer and wider in turns, and gaps in place of blanks, as typesetting programs do."""
    out, drift = [], 0
    for word in run.text.split(" "):
        for index, letter in enumerate(word):
            kern = (24, -12, 8, -20)[(index + len(word)) % 4] if index + 1 < len(word) else 0
            drift += kern
            out.append(_string(letter) + (b" %d" % kern if kern else b""))
        out.append(b"%d" % round(-run.blank * 1000 / run.size - drift))
        drift = 0
    return b"[%s] TJ" % b" ".join(out[:-1])


def _string(text: str) -> bytes:
    coded = b"".join(_CODES.get(letter) or letter.encode("cp1252") for letter in text)
    for plain in (b"\\", b"(", b")"):
        coded = coded.replace(plain, b"\\" + plain)
    return b"(%s)" % coded


def _file(objects: dict[int, bytes]) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in sorted(objects.items()):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
