"""Print one of the sample's texts onto pictures, as a scanner would give it: a PDF without a letter in it."""

from __future__ import annotations

import io
import textwrap
import time
from collections.abc import Iterator

from PIL import Image, ImageDraw, ImageFont

from samples.texts import Block, Document, plain

# 200 dots an inch, US letter: enough for a person, and for a program that recognises letters.
SIZE = (1700, 2200)
LEFT, TOP, BOTTOM = 200, 330, 2000
LINES = (BOTTOM - TOP) // 46


def render_scan(document: Document) -> bytes:
    """Return a PDF whose pages are black-and-white pictures (CCITT group 4, as office scanners write them)."""
    facts = document.facts
    pages = [_draw_cover(document)]
    running = ("Privacy Impact Assessment", f"{facts['id']}, {facts['system']}")
    for number, lines in enumerate(_iter_pages(document.blocks), 1):
        pages.append(_draw_page((*running, f"Page {number}"), lines))
    output = io.BytesIO()
    fixed = time.gmtime(0)
    pages[0].save(
        output,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=200,
        creationDate=fixed,
        modDate=fixed,
        title="scan",
        producer="Written for the sample",
    )
    return output.getvalue()


def _iter_pages(blocks: tuple[Block, ...]) -> Iterator[list[str]]:
    lines: list[str] = []
    for block in blocks:
        wrapped = [*textwrap.wrap(plain(block.text), 72), ""]
        if lines and len(lines) + len(wrapped) > LINES - 12:
            yield lines
            lines = []
        lines += wrapped
    yield lines


def _draw_cover(document: Document) -> Image.Image:
    facts = document.facts
    page, pen = _blank()
    lines = (
        facts["kind"],
        "for the",
        facts["system"],
        facts["id"],
        facts["date"],
        "",
        "Contact Point",
        facts["office"],
    )
    for number, line in enumerate(lines):
        font = ImageFont.load_default(44 if number < 3 else 32)
        pen.text((SIZE[0] / 2, 500 + 110 * number), line, fill=0, font=font, anchor="mm")
    return _as_scanned(page, 0.4)


def _draw_page(running: tuple[str, ...], lines: list[str]) -> Image.Image:
    page, pen = _blank()
    font = ImageFont.load_default(32)
    for number, line in enumerate(running):
        pen.text((SIZE[0] - LEFT, 120 + 46 * number), line, fill=0, font=font, anchor="ra")
    for number, line in enumerate(lines):
        pen.text((LEFT, TOP + 46 * number), line, fill=0, font=font)
    return _as_scanned(page, -0.3)


def _blank() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("L", SIZE, 255)
    return page, ImageDraw.Draw(page)


def _as_scanned(page: Image.Image, degrees: float) -> Image.Image:
    """Turn the sheet a little, as a person lays it on the glass, and keep black and white only."""
    turned = page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    return turned.point(lambda value: 255 if value > 150 else 0).convert("1", dither=Image.Dither.NONE)
