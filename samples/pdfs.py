"""Lay the sample's texts out as PDFs with the anatomy of the real ones; the same text gives the same bytes.

Pages are not compressed: another build of zlib would give other bytes. The WARC's own gzip takes care of the size.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY, TA_LEFT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from samples.texts import Block, Document

WIDTH, HEIGHT = LETTER
BODY = ParagraphStyle(
    "body", fontName="Times-Roman", fontSize=12, leading=16, spaceAfter=10, alignment=TA_JUSTIFY, embeddedHyphenation=1
)
CELL = ParagraphStyle("cell", fontName="Times-Roman", fontSize=10, leading=12)
NOTE = ParagraphStyle("note", fontName="Times-Roman", fontSize=9, leading=11)
SECTION = ParagraphStyle(
    "section", fontName="Times-Bold", fontSize=15, leading=20, spaceBefore=8, spaceAfter=8, keepWithNext=1
)
SUBSECTION = ParagraphStyle("subsection", parent=SECTION, fontSize=12, leading=16, spaceAfter=4)
COVER = ParagraphStyle("cover", fontName="Times-Roman", fontSize=14, leading=20, alignment=TA_CENTER, spaceAfter=10)
COVER_TITLE = ParagraphStyle("cover title", parent=COVER, fontName="Times-Bold", fontSize=22, leading=30)

# Where a long word may be broken at the end of a line; real ones are broken by a word processor.
BREAKS = re.compile(
    r"\b(infor|enforce|investi|immi|depart|assess|commer|commu|authori|author|sub|super|solici|govern|cate)"
    r"(mation|ment|ments|gative|gators|gation|gration|cial|nities|nication|ties|ized|scription|visor|visors|tation|tations|gories)"
)
Note = tuple[int, str]


class _NoteMark(Flowable):  # type: ignore[misc]  # reportlab has no types
    """Takes no room; tells the page on which it lands to print a note at its foot."""

    def __init__(self, notes: list[Note], note: Note) -> None:
        super().__init__()
        self.width = self.height = 0
        self.notes, self.note = notes, note
        self.keepWithNext = True

    def wrap(self, *_available: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        self.notes.append(self.note)


def render_assessment(document: Document) -> bytes:
    """Return a Privacy Impact Assessment: an unnumbered cover, then pages counted from 1 under a running header."""
    facts = document.facts
    running = ("Privacy Impact Assessment", f"{facts['id']}, {facts['system']}")
    return _render(document, list(_cover(document)), running, restart=True)


def render_plain(document: Document, running: tuple[str, ...]) -> bytes:
    """Return a document without a cover, such as a justification: its title, then its sections."""
    opening = [Paragraph(escape(document.title), COVER_TITLE)]
    for name in ("agency", "number", "date"):
        if name in document.facts:
            opening.append(Paragraph(escape(document.facts[name]), COVER))
    return _render(document, opening, running, restart=False)


def render_columns(document: Document, running: tuple[str, ...]) -> bytes:
    """Return a notice in three narrow columns, as the Federal Register is set."""
    small = ParagraphStyle("column", parent=BODY, fontSize=10, leading=12.5, spaceAfter=6)
    bold = ParagraphStyle("column heading", parent=small, fontName="Times-Bold", alignment=TA_LEFT, keepWithNext=1)
    story: list[Flowable] = [Paragraph(escape(document.facts["agency"]), bold)]
    story.append(Paragraph(escape(document.title), bold))
    for block in document.blocks:
        style = bold if block.kind == "section" else small
        text = block.text.upper() + ":" if block.kind == "section" else block.text
        story.append(Paragraph(_breakable(text), style))
    frames = [
        Frame(0.6 * inch + column * 2.45 * inch, 0.8 * inch, 2.4 * inch, HEIGHT - 1.9 * inch) for column in range(3)
    ]
    output = io.BytesIO()

    def header(canvas: Canvas, _template: BaseDocTemplate) -> None:
        canvas.setFont("Times-Roman", 8)
        canvas.drawString(0.6 * inch, HEIGHT - 0.7 * inch, " / ".join(running))
        canvas.line(0.6 * inch, HEIGHT - 0.8 * inch, WIDTH - 0.6 * inch, HEIGHT - 0.8 * inch)

    template = _template(output, document)
    template.addPageTemplates([PageTemplate("columns", frames, onPage=header)])
    template.build(story)
    return output.getvalue()


def _template(output: io.BytesIO, document: Document) -> BaseDocTemplate:
    made = {"title": document.title, "author": "Written for the sample", "invariant": 1, "pageCompression": 0}
    if "saved with" in document.facts:
        made["creator"] = document.facts["saved with"]
    return BaseDocTemplate(output, pagesize=LETTER, **made)


def _render(document: Document, opening: list[Flowable], running: tuple[str, ...], *, restart: bool) -> bytes:
    notes: list[Note] = []
    frame = Frame(inch, 1.35 * inch, WIDTH - 2 * inch, HEIGHT - 3.0 * inch, id="body")
    first = 1 if restart else 0

    def header(canvas: Canvas, template: BaseDocTemplate) -> None:
        _draw_header(canvas, (*running, f"Page {template.page - first}"))

    def foot(canvas: Canvas, _template: BaseDocTemplate) -> None:
        _draw_notes(canvas, notes)

    output = io.BytesIO()
    template = _template(output, document)
    inner = PageTemplate("inner", [frame], onPage=header, onPageEnd=foot)
    cover = PageTemplate("cover", [Frame(inch, inch, WIDTH - 2 * inch, HEIGHT - 2 * inch)])
    template.addPageTemplates([cover, inner] if restart else [inner])
    story = [*opening, *_body(document.blocks, notes)]
    if restart:
        story = [NextPageTemplate("inner"), *opening, PageBreak(), *_body(document.blocks, notes)]
    template.build(story)
    return output.getvalue()


def _cover(document: Document) -> Iterator[Flowable]:
    facts = document.facts
    yield Spacer(1, 1.2 * inch)
    yield Paragraph(escape(facts["kind"]), COVER_TITLE)
    yield Paragraph("for the", COVER)
    yield Paragraph(escape(facts["system"]), COVER_TITLE)
    yield Spacer(1, 0.3 * inch)
    yield Paragraph(escape(f"{facts.get('reference', '')} {facts['id']}".strip()), COVER)
    yield Paragraph(escape(facts["date"]), COVER)
    yield Spacer(1, 0.6 * inch)
    for label, office in (("Contact Point", facts["office"]), ("Reviewing Official", "Privacy Office")):
        yield Paragraph(f"<u>{label}</u>", COVER)
        yield Paragraph(escape(office), COVER)
    yield Paragraph("Department of Homeland Security", COVER)


def _body(blocks: tuple[Block, ...], notes: list[Note]) -> Iterator[Flowable]:
    count = 0

    def next_number() -> int:
        nonlocal count
        count += 1
        return count

    for block in blocks:
        if block.kind == "table":
            yield from _table(block)
        elif block.kind == "break":
            yield PageBreak()
        elif block.kind == "paragraph":
            yield from _paragraph(block.text, next_number, notes)
        else:
            yield Paragraph(escape(block.text), SECTION if block.kind == "section" else SUBSECTION)


def _paragraph(text: str, next_number: Callable[[], int], notes: list[Note]) -> Iterator[Flowable]:
    """Give a paragraph, each of its notes marked by a raised number and announced just before it."""
    found: list[Note] = []

    def mark(match: re.Match[str]) -> str:
        found.append((next_number(), match[1]))
        return f"<super>{found[-1][0]}</super>"

    marked = re.sub(r"\^\[([^\]]*)\]", mark, _breakable(text))
    linked = re.sub(r"\[([^\]]+)\]\((\S+?)\)", r'<a href="\2" color="blue">\1</a>', marked)
    for note in found:
        yield _NoteMark(notes, note)
    yield Paragraph(linked, BODY)


def _table(block: Block) -> Iterator[Flowable]:
    rows = [[Paragraph(escape(cell), CELL) for cell in row] for row in block.rows]
    table = Table(rows, repeatRows=1, colWidths=[6.4 * inch / len(rows[0])] * len(rows[0]))
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("GRID", (0, 0), (-1, -1), 0.5, colors.black),
            ("BACKGROUND", (0, 0), (-1, 0), colors.lightgrey),
        ]
    )
    yield table
    yield Spacer(1, 0.2 * inch)


def _breakable(text: str) -> str:
    return BREAKS.sub("\\1\u00ad\\2", escape(text))


def _draw_header(canvas: Canvas, lines: tuple[str, ...]) -> None:
    canvas.saveState()
    for number, line in enumerate(lines):
        canvas.setFont("Times-Bold" if number == 0 else "Times-Roman", 11 if len(line) < 70 else 9)
        canvas.drawRightString(WIDTH - inch, HEIGHT - (0.7 + 0.17 * number) * inch, line)
    canvas.line(inch, HEIGHT - 1.35 * inch, WIDTH - inch, HEIGHT - 1.35 * inch)
    canvas.restoreState()


def _draw_notes(canvas: Canvas, notes: list[Note]) -> None:
    if not notes:
        return
    canvas.line(inch, 1.25 * inch, 3 * inch, 1.25 * inch)
    top = 1.2 * inch
    for number, text in notes:
        note = Paragraph(f"<super>{number}</super> {escape(text)}", NOTE)
        _, height = note.wrap(WIDTH - 2 * inch, inch)
        top -= height
        note.drawOn(canvas, inch, top)
    notes.clear()
