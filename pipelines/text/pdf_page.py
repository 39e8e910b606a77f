"""Reads one page of a PDF, by itself: its layout, links and tables, or why there are none. It is the first stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, resolve1
from pdfplumber.pdf import PDF

from pipelines.text.cleaning import clean_line, clean_text
from pipelines.text.drawn import Word
from pipelines.text.hidden import TooMuchDrawnError, hidden_facts
from pipelines.text.layout import Block, Line, PageLayout
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.pdf_links import page_links
from pipelines.text.reading import Fact, TextLink, TextTable
from pipelines.text.reading_order import column_words, lay_out
from pipelines.text.tables import FoundTable, find_tables
from pipelines.text.text_layer import CROWDED, GARBLED, NO_LETTERS, pictured, unusable
from pipelines.text.turning import Turned, turn_upright
from pipelines.text.words import words_of

EMPTY = PageLayout(0.0, 0.0, ())


class PageRead(NamedTuple):
    """One page as it was read. `outcome` is "text", "no-text-layer", "garbled-text" or "page-failed", `problem`
    why it is no text; `removed` counts the characters that no store can carry, `covered` those under a drawn box."""

    number: int
    outcome: str
    layout: PageLayout = EMPTY
    links: tuple[TextLink, ...] = ()
    tables: tuple[TextTable, ...] = ()
    facts: tuple[Fact, ...] = ()
    removed: int = 0
    covered: int = 0
    problem: str = ""


def read_page(pdf: PDF, found: PDFPage, number: int) -> PageRead:
    """Return what page `number` (from 1) of the file holds; raises nothing but MemoryError."""
    try:
        # Any two corners may be named (ISO 32000-1, 7.9.5); pdfminer takes the first for the lower left one.
        x0, y0, x1, y1 = found.mediabox
        found.mediabox = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
        # pdfplumber can't do without one; pdfminer gives US Letter where there is none.
        found.attrs.setdefault("MediaBox", list(found.mediabox))
        page = LetterPage(pdf, found, page_number=number)
        try:
            read = _laid_out(page, number)
        finally:
            page.close()
    except MemoryError:
        raise
    except Exception as error:
        return PageRead(number, "page-failed", problem=named(error))
    if read.outcome == "no-text-layer" and not read.layout.blocks and _lost_content(found):
        return PageRead(number, "page-failed", problem="its content can't be unpacked")
    return read


def named(error: BaseException) -> str:
    """Return an error's kind and words on one line. Raises MemoryError where that is what pdfplumber wrapped."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    if isinstance(inner, MemoryError):
        raise inner
    return clean_line(f"{type(inner).__name__}: {inner}".rstrip(": "), 300)


def _laid_out(page: LetterPage, number: int) -> PageRead:
    try:
        seen = page.seen()
    except TooMuchDrawnError as error:
        # What may lie under a box isn't published; the page's picture, which shows none of it, waits for OCR.
        said = Fact("unreadable", f"which letters can be seen: {named(error)}", number)
        return PageRead(number, "no-text-layer", facts=(said,), problem=CROWDED)
    words, removed = _cleaned(words_of(seen.letters))
    drawn = turn_upright(words, page.boxes, float(page.width), float(page.height))
    tables, rest = _with_tables(drawn)
    layout = lay_out(rest, drawn.boxes, drawn.width, drawn.height, [_block(table) for table in tables])
    scanned = pictured(page.pictures, float(page.width), float(page.height))
    problem = unusable(" ".join(word.text for word in words), scanned)
    if problem == NO_LETTERS and any("\ufffd" in word.text for word in words):
        layout = EMPTY  # glyphs whose letters the file doesn't tell, and nothing else
    return PageRead(
        number,
        {"": "text", GARBLED: "garbled-text"}.get(problem, "no-text-layer"),
        layout,
        tuple(page_links(page, number, words)),
        tuple(TextTable(number, place, one.headers, one.rows, one.box) for place, one in enumerate(tables, 1)),
        tuple(hidden_facts(seen, number)),
        removed,
        seen.covered,
        problem,
    )


def _with_tables(drawn: Turned) -> tuple[list[FoundTable], Sequence[Word]]:
    """Return the tables that reach over the page, those inside its columns, and the words that are in none."""
    found = find_tables(drawn.words, drawn.boxes, drawn.width, drawn.height)
    rest = _left(drawn.words, found)
    columns = column_words(rest)
    if len(columns) == 1:
        return found, rest
    left: list[Word] = []
    for places in columns:
        column = [rest[place] for place in places]
        inside = find_tables(column, drawn.boxes, drawn.width, drawn.height)
        found += inside
        left += _left(column, inside)
    return sorted(found, key=lambda table: (table.box[1], table.box[0])), left


def _left(words: Sequence[Word], tables: Sequence[FoundTable]) -> Sequence[Word]:
    taken = frozenset().union(*(table.words for table in tables))
    return [word for place, word in enumerate(words) if place not in taken] if taken else words


def _block(table: FoundTable) -> Block:
    """Return the table as lines in its place: a row to a line, its cells parted by tabs."""
    x0, top, x1, bottom = table.box
    height = (bottom - top) / len(table.rows)
    lines = tuple(
        Line("\t".join(row).rstrip("\t"), x0, top + place * height, x1, top + (place + 1) * height, 0.8 * height)
        for place, row in enumerate(table.rows)
    )
    return Block("table", lines, x0, x1)


def _cleaned(words: list[Word]) -> tuple[list[Word], int]:
    kept, removed = [], 0
    for word in words:
        text, taken = clean_text(word.text)
        removed += taken
        if text := "".join(text.split()):
            kept.append(word if text == word.text else word._replace(text=text))
    return kept, removed


def _lost_content(found: PDFPage) -> bool:
    """Say whether the page has content of which pdfminer, which doesn't complain, could unpack nothing."""
    for stream in map(resolve1, found.contents):
        if isinstance(stream, PDFStream) and not stream.get_data():
            length = resolve1(stream.attrs.get("Length"))
            if isinstance(length, int) and length > 20:
                return True
    return False
