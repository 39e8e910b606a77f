"""PDFs whose text isn't what their pages show (HP-22): letters renamed in the font, ligatures that hold words, a text
layer over a scan of something else; and honest ones of the same make."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from bench.scans import Drawn, Spoiling, drawn, spoilt
from tests.hostile.pdf import assembled, page, stream

# Two sentences of the same number of words, of which each pair has as many letters.
SHOWN = (
    "the office keeps every record for seven years and then deletes them from the system because nothing in the order "
    "allows longer storage than that period and auditors visit twice each month to check what remains there "
    "while members of the public receive copies upon written request within ten working days"
)
SAID = (
    "the agency sells every record for twelve months and never removes them from the vendor although nothing in the "
    "papers permits private trading with that market and visitors arrive daily each night to take what others left "
    "while friends of the owner obtain money against spoken promise within two hundred days"
)
_PAPER = (440.0, 200.0)


def renamed(shown: str = SHOWN, said: str = SAID) -> bytes:
    """One page that shows a text and says another: each letter has a code for every letter that it is said to be."""
    codes: dict[tuple[str, str], int] = {}
    lines = [_coded(*pair, codes) for pair in zip(_lines(shown), _lines(said), strict=False)]
    content = b"BT /F1 12 Tf 16 TL 30 170 Td\n" + b"".join(b"<%s> Tj T*\n" % line.hex().encode() for line in lines)
    glyphs = b" ".join(b"%d /%s" % (code, _glyph(seen)) for (seen, _), code in codes.items())
    names = b"\n".join(b"<%02x> <%04x>" % (code, ord(named)) for (_, named), code in codes.items())
    return _with_font(content + b"ET", glyphs, names, len(codes))


def ligatures(shown: str = SHOWN, said: str = SAID) -> bytes:
    """One page that shows a text of which each word's first letter is said to be another word, and the others none."""
    others = iter(said.split())
    codes: dict[tuple[str, str], int] = {}
    rows, entries = [], []
    for line in _lines(shown):
        row = b""
        for word in line.split():
            other = next(others, word)
            code = codes.setdefault((word[0], other), 33 + len(codes))
            entries.append(b"<%02x> <%s>" % (code, other.encode("utf-16-be").hex().encode()))
            row += bytes([code]) + b"".join(bytes([_silent(codes, letter)]) for letter in word[1:]) + b" "
        rows.append(row)
    content = b"BT /F1 12 Tf 16 TL 30 170 Td\n" + b"".join(b"<%s> Tj T*\n" % row.hex().encode() for row in rows)
    glyphs = b" ".join(b"%d /%s" % (code, _glyph(seen)) for (seen, _), code in codes.items())
    silent = [b"<%02x> <00AD>" % code for (_, named), code in codes.items() if not named]
    return _with_font(content + b"ET", glyphs, b"\n".join([*dict.fromkeys(entries), *silent]), len(codes))


def layered(picture: Drawn, words: Sequence[str]) -> bytes:
    """A scan, and over it letters without ink that say these words."""
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=_PAPER, invariant=True)
    canvas.drawInlineImage(spoilt(picture, Spoiling("scan", 200, 0.5, 0.5, 10)), 0, 0, *_PAPER)
    text = canvas.beginText(24, 175)
    text.setTextRenderMode(3)
    text.setFont("Helvetica", 9)
    for start in range(0, len(words), 12):
        text.textLine(" ".join(words[start : start + 12]))
    canvas.drawText(text)
    canvas.save()
    return into.getvalue()


def scan(seed: int) -> Drawn:
    """What stands on a slip of paper."""
    return drawn(seed, paper=_PAPER, margin=24)


def _lines(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[start : start + 11]) for start in range(0, len(words), 11)]


def _coded(shown: str, said: str, codes: dict[tuple[str, str], int]) -> bytes:
    """Write a line so that it shows one text and says another, letter for letter."""
    return bytes(
        codes.setdefault((seen, named), 33 + len(codes))
        for seen, named in zip(shown.ljust(len(said)), said.ljust(len(shown)), strict=True)
    )


def _silent(codes: dict[tuple[str, str], int], letter: str) -> int:
    return codes.setdefault((letter, ""), 33 + len(codes))


def _glyph(letter: str) -> bytes:
    return b"space" if letter == " " else letter.encode()


def _with_font(content: bytes, glyphs: bytes, names: bytes, count: int) -> bytes:
    head = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <00> <ff> "
    head += b"endcodespacerange\n"
    table = head + b"%d beginbfchar\n%s\nendbfchar endcmap end end" % (count, names)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /ToUnicode 4 0 R "
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [10 0 R] >>",
        3: font + b"/Encoding << /Type /Encoding /Differences [%s] >> >>" % glyphs,
        4: stream(table),
        10: page(b"/Contents 11 0 R").replace(b"[0 0 612 792]", b"[0 0 700 200]"),
        11: stream(zlib.compress(content), b"/Filter /FlateDecode"),
    }
    return assembled(objects)
