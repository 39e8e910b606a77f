"""Makes scans of pages whose words are known: drawn, pictured, spoilt as scanners do, bound in a PDF again."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

_WORDS = (
    "agency", "assessment", "authority", "award", "camera", "collection", "component", "contract", "contractor",
    "data", "database", "department", "detention", "disclosure", "document", "enforcement", "federal",
    "immigration", "impact", "information", "investigation", "justification", "law", "license", "location",
    "mission", "notice", "office", "officer", "operation", "plate", "privacy", "procurement", "program",
    "provide", "purpose", "query", "reader", "record", "release", "report", "request", "response", "retention",
    "review", "routine", "search", "security", "service", "share", "solicitation", "source", "statement",
    "system", "technology", "track", "use", "user", "vehicle", "vendor", "warrant", "the", "of", "and", "to",
    "in", "for", "with", "by", "on", "that", "may", "not", "any", "such", "from", "which", "under",
)  # fmt: skip
_NUMBERS = (
    "DHS/ICE/PIA-039(a)", "$1,234,567.89", "HSCECR-13-F-00032", "5", "U.S.C.", "552a(e)(4)", "78", "FR", "31017",
    "May", "2013", "28%", "Section", "2.1", "24/7", "(b)(7)(E)", "LPR",
)  # fmt: skip


class Spoiling(NamedTuple):
    """How a page was scanned: `dots` to the inch, degrees of skew, blur in pixels, noise as the deviation of greys,
    the quality of its JPEG (95 is as good as none lost), and the turn of the sheet in degrees clockwise."""

    name: str
    dots: int = 200
    skew: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    quality: int = 95
    turn: int = 0


SPOILINGS = (
    Spoiling("clean, 150 dpi", 150),
    Spoiling("clean, 200 dpi"),
    Spoiling("clean, 300 dpi", 300),
    Spoiling("skew 0.7°, blur, noise, JPEG 40", 200, 0.7, 1.0, 20, 40),
    Spoiling("skew 2°, blur, noise, JPEG 40", 200, 2.0, 1.0, 20, 40),
    Spoiling("skew -4°", 200, -4.0),
    Spoiling("heavy blur", 200, 0.0, 2.0, 0, 75),
    Spoiling("heavy noise, JPEG 40", 200, 0.0, 0.7, 60, 40),
    Spoiling("150 dpi, skew 0.7°, blur, noise, JPEG 40", 150, 0.7, 0.8, 20, 40),
    Spoiling("turned by 90°", 200, 0.7, 0.5, 10, 60, 90),
    Spoiling("turned by 180°", 200, 0.7, 0.5, 10, 60, 180),
    Spoiling("turned by 270°", 200, -0.7, 0.5, 10, 60, 270),
)


class Drawn(NamedTuple):
    """A page and its words in reading order."""

    pdf: bytes
    words: tuple[str, ...]


def drawn(
    seed: int, columns: int = 1, size: float = 11, paper: tuple[float, float] = letter, margin: float = 72
) -> Drawn:
    """Return a page of words that are known; the same `seed` gives the same page."""
    chance = random.Random(seed)
    into = io.BytesIO()
    canvas = Canvas(into, pagesize=paper, invariant=True)
    across = (paper[0] - 2 * margin - 24 * (columns - 1)) / columns
    words: list[str] = []
    for column in range(columns):
        left, down = margin + column * (across + 24), paper[1] - margin
        while down > margin + size:
            line = _line(chance, across, size, canvas)
            canvas.setFont("Times-Roman", size)
            canvas.drawString(left, down, " ".join(line))
            words += line
            down -= size * (2.2 if chance.random() < 0.12 else 1.25)
    canvas.showPage()
    canvas.save()
    return Drawn(into.getvalue(), tuple(words))


def _line(chance: random.Random, across: float, size: float, canvas: Canvas) -> list[str]:
    line: list[str] = []
    while True:
        word = chance.choice(_NUMBERS) if chance.random() < 0.12 else chance.choice(_WORDS)
        if chance.random() < 0.08:
            word = word.capitalize() + chance.choice((".", ","))
        if canvas.stringWidth(" ".join([*line, word]), "Times-Roman", size) > across:
            return line
        line.append(word)


def spoilt(page: Drawn, how: Spoiling, seed: int = 0) -> Image.Image:
    """Return the picture of a page as such a scanner would give it."""
    document = pypdfium2.PdfDocument(page.pdf)
    image: Image.Image = document[0].render(scale=how.dots / 72, grayscale=True).to_pil().convert("L")
    document.close()
    if how.skew:
        image = image.rotate(how.skew, Image.Resampling.BICUBIC, fillcolor=255)
    if how.blur:
        image = image.filter(ImageFilter.GaussianBlur(how.blur * how.dots / 200))
    if how.noise:
        image = _noisy(image, how.noise, seed)
    return image.rotate(-how.turn, expand=True) if how.turn else image


def _noisy(image: Image.Image, deviation: float, seed: int) -> Image.Image:
    chance = random.Random(seed)
    # One row of noise, begun elsewhere for each line of the picture, is as good as noise for all of it.
    noise = [round(chance.gauss(0, deviation)) for _ in range(65_536)]
    data, width = bytearray(image.tobytes()), image.width
    for row in range(image.height):
        begin = chance.randrange(len(noise) - width)
        place = row * width
        data[place : place + width] = bytes(
            max(0, min(255, shade + speck))
            for shade, speck in zip(data[place : place + width], noise[begin : begin + width], strict=True)
        )
    return Image.frombytes("L", image.size, bytes(data))


def bound(images: Sequence[Image.Image], dots: int = 200, quality: int = 95) -> bytes:
    """Return a PDF with one picture to the page and no letters."""
    into = io.BytesIO()
    first, *others = images
    # Pictures of one bit are not JPEGs.
    spoils = {"quality": quality} if first.mode != "1" else {}
    first.save(into, "PDF", save_all=True, append_images=others, resolution=dots, **spoils)
    return into.getvalue()


class Score(NamedTuple):
    """Shares: of the truth's words that were read, and of the read ones that the truth doesn't have."""

    read: float
    invented: float


def scored(truth: Sequence[str], words: Sequence[str]) -> Score:
    """Compare words as they are written, in whatever order."""
    common = (Counter(truth) & Counter(words)).total()
    return Score(common / max(1, len(truth)), 1 - common / len(words) if words else 0.0)
