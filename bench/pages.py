"""Makes documents whose words, order and places are known: what a reader of PDFs should give back of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from bench.running import Frame, RunningText
from bench.sentences import sentence, term, title
from bench.setting import BOLD, REGULAR, Cursor, Face, Piece, Word, fill, natural, runs
from bench.tabular import Grid, random_grid
from bench.truth import Document, PageTruth
from bench.typed_pdf import Rule, Run, Sheet, typed, width, words_of

SMALL = 0.8


@dataclass(slots=True)
class _Page:
    """A page in the making."""

    number: int
    label: str
    runs: list[Run] = field(default_factory=list)
    around: list[Run] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    header: list[str] = field(default_factory=list)
    table: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    footer: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """A class of documents. `drawn` is the order in the file: by "column", by "line" or by "word" (in none)."""

    columns: int = 1
    drawn: str = "column"
    justified: bool = True
    notes: bool = True
    side_notes: bool = False
    table: str = ""
    across: bool = True
    spacing: str = "blanks"
    ligatures: bool = False
    twice: bool = False
    turned: int = 0
    sideways: bool = False
    family: str = "Times"
    size: float = 10
    rules: bool = False
    indent: bool = True


def document(name: str, layout: Layout, seed: int, pages: int) -> Document:
    """Return the document of this class and seed, always the same."""
    book = _Book(layout, Random(f"{name} {seed}"), pages)
    for number in range(pages):
        book.set_page(number)
    return book.bound(name)


class _Book:
    def __init__(self, layout: Layout, random: Random, count: int) -> None:
        self._layout, self._random, self._count = layout, random, count
        lying = layout.sideways or layout.turned in {90, 270}
        self._width, self._height = (792.0, 612.0) if lying else (612.0, 792.0)
        self._face = Face(layout.family, layout.size, layout.justified, layout.ligatures, layout.twice)
        self._small = Face(layout.family, layout.size * SMALL, False, layout.ligatures)
        self._leading = layout.size * 1.2
        self._margin = 45.0 if layout.columns == 3 else 66.0
        self._columns_begun = 0
        self._pages: list[_Page] = []
        self._running = RunningText(random, self._face, self._leading, indent=layout.indent)
        self._first_label = random.choice((1, 1, 7, 41203))
        self._series = " ".join(one.text for one in title(random, 3))
        self._number_above = random.random() < 0.5

    def set_page(self, number: int) -> None:
        """Set the next page."""
        page = _Page(number, str(self._first_label + number))
        self._pages.append(page)
        self._set_furniture(page)
        top = self._height - 80
        if number == 0:
            top = self._set_across(page, top, 1.6)
        elif self._layout.table:
            top = self._set_table(page, top)
        note = self._note(page) if self._layout.notes else []
        for frame, heading in self._frames(page, top, len(note)):
            if heading:
                self._set_across(page, frame.top + self._leading * 2.6, 1.3)
            self._running.lay(frame)
            page.runs += frame.runs
        if self._layout.side_notes:
            self._set_side_notes(page, top)

    def _body(self, page: _Page) -> tuple[float, float]:
        """Return the left edge and the width of the body, which leaves the outer margin to side notes."""
        room = self._width - 2 * self._margin
        if not self._layout.side_notes:
            return self._margin, room
        return (self._margin if page.number % 2 == 0 else self._margin + 100), room - 100

    def _frames(self, page: _Page, top: float, noted: int) -> Iterator[tuple[Frame, bool]]:
        """Yield the page's columns, and with each whether a heading across all goes before it."""
        left, room = self._body(page)
        count = self._layout.columns
        gutter = 18.0 if count == 3 else 26.0
        wide = (room - gutter * (count - 1)) / count
        lines = int((top - 70) / self._leading)
        split = lines // 2 + self._random.randint(-4, 4) if self._layout.across and page.number % 2 == 1 else 0
        for band, (begin, end) in enumerate([(0, split), (split + 3, lines)] if split else [(0, lines)]):
            for column in range(count):
                self._columns_begun += 1
                last = column == count - 1
                has_note = noted > 0 and end == lines and column == page.number % count
                frame = Frame(
                    page=page.number,
                    x=left + column * (wide + gutter),
                    top=top - begin * self._leading,
                    width=wide,
                    lines=end - begin - (noted + 1 if has_note else 0),
                    column=self._columns_begun,
                    closing=last and (end < lines or page.number == self._count - 1),
                    mark=self._mark(page) if has_note else "",
                )
                if has_note:
                    self._place_note(page, frame, noted)
                if self._layout.rules and column:
                    middle = frame.x - gutter / 2
                    page.rules.append(Rule(middle, frame.top + 8, middle, frame.top - (end - begin) * self._leading))
                yield frame, band == 1 and column == 0

    # What stands around it.

    def _set_across(self, page: _Page, top: float, larger: float) -> float:
        """Set a heading over all columns; return where what is below it begins."""
        face = Face(self._layout.family, self._layout.size * larger, False, self._layout.ligatures, self._layout.twice)
        words = [Word(one, BOLD) for one in title(self._random, 4)]
        self._running.take_heading_across(words)
        self._columns_begun += 1
        for word in words:
            word.pieces.append(Piece(word.term.text, page.number, self._columns_begun))
        line = [(word, word.term.text) for word in words]
        left, room = self._body(page)
        page.runs += runs(line, left + (room - natural(line, face)) / 2, top - self._leading, 0, face)
        return top - self._leading * 3

    def _set_furniture(self, page: _Page) -> None:
        """Set the running header and footer; the outer corner or the foot carries the printed number."""
        shown = [self._series, f"Volume {len(self._series) + 40}"]
        if self._number_above:
            shown = [page.label, *shown] if page.number % 2 else [*shown, page.label]
        right = self._width - self._margin
        for index, text in enumerate(shown):
            x = (self._margin, self._width / 2 - 30, right - width(text, "Helvetica", 8))[index if index < 2 else 2]
            page.around.append(Run(x, self._height - 48, "Helvetica", 8, text, width(" ", "Helvetica", 8)))
            page.header += text.split()
        below = f"Draft of the {self._series.split()[1]}" if self._number_above else f"Page {page.label}"
        middle = (self._width - width(below, "Helvetica", 8)) / 2
        page.around.append(Run(middle, 36, "Helvetica", 8, below, width(" ", "Helvetica", 8)))
        page.footer += below.split()

    def _mark(self, page: _Page) -> str:
        return str(page.number + 1)

    def _note(self, page: _Page) -> list[Run]:
        """Return the lines of the page's footnote, each at its height above the foot of its column."""
        count = self._layout.columns
        wide = (self._body(page)[1] - 26 * (count - 1)) / count
        words = [Word(one) for _ in range(2) for one in sentence(self._random)]
        page.notes += [self._mark(page), *(word.term.text for word in words)]
        lines: list[str] = []
        cursor = Cursor()
        while cursor.word < len(words):
            line, cursor = fill(words, cursor, wide - (10 if not lines else 0), self._small)
            lines.append(" ".join(text for _, text in line))
        blank = self._small.width(" ")
        self._note_lines = [
            Run(0, (len(lines) - index) * self._leading, self._small.font(REGULAR), self._small.size, text, blank)
            for index, text in enumerate(map(self._small.shaped, lines))
        ]
        return self._note_lines

    def _place_note(self, page: _Page, frame: Frame, lines: int) -> None:
        foot = frame.top - (frame.lines + lines + 1) * self._leading
        for index, run in enumerate(self._note_lines):
            x, y = frame.x + (10 if index == 0 else 0), foot + run.y - 4
            page.around.append(run._replace(x=x, y=y))
        y = foot + lines * self._leading
        page.around.append(Run(frame.x, y - 1, self._small.font(REGULAR), self._small.size * 0.6, self._mark(page), 0))
        page.rules.append(Rule(frame.x, y + 8, frame.x + 60, y + 8))

    def _set_side_notes(self, page: _Page, top: float) -> None:
        left, room = self._body(page)
        x = left + room + 14 if page.number % 2 == 0 else self._margin
        face = Face("Helvetica", 7.5)
        for number in range(3):
            words = [Word(term(one.text)) for one in sentence(self._random)[:7]]
            y, cursor = top - 90 - number * 170 + self._random.randint(-30, 30), Cursor()
            while cursor.word < len(words):
                line, cursor = fill(words, cursor, 84, face, breaking=False)
                page.around += runs(line, x, y, 0, face)
                y -= 9
            page.beside += [word.term.text for word in words]

    def _set_table(self, page: _Page, top: float) -> float:
        left, room = self._body(page)
        grid = random_grid(self._random, Grid(left, top, room, self._leading * 1.4, self._layout.table == "ruled"))
        page.around += grid.runs
        page.rules += grid.rules
        page.table += grid.words
        return grid.bottom - self._leading * 1.5

    # The whole.

    def bound(self, name: str) -> Document:
        """Return the document."""
        for words in self._running.paragraphs:
            for word in words:
                self._put_into_truth(word)
        pages = tuple(PageTruth(page.label, tuple(_truth(page))) for page in self._pages)
        pdf = typed([self._sheet(page) for page in self._pages], self._layout.spacing)
        return Document(name, pdf, pages, self._running.spoken(), frozenset(self._running.headings))

    def _put_into_truth(self, word: Word) -> None:
        pages = {piece.page for piece in word.pieces}
        if len(pages) == 1:
            self._pages[pages.pop()].body.append(word.term.text)
        else:
            for piece in word.pieces:
                self._pages[piece.page].body.append(piece.text)
        if word.mark:
            self._pages[word.pieces[-1].page].body.append(word.mark)

    def _sheet(self, page: _Page) -> Sheet:
        layout = self._layout
        drawn: Sequence[Run] = page.around + page.runs if len(self._series) % 2 else page.runs + page.around
        if layout.drawn == "line":
            drawn = sorted(drawn, key=lambda run: (-round(run.y), run.x))
        elif layout.drawn == "word":
            drawn = [word for run in drawn for word in words_of(run)]
            Random(page.label).shuffle(drawn)
        return Sheet(self._width, self._height, drawn, page.rules, layout.turned, layout.sideways)


def _truth(page: _Page) -> Iterator[str]:
    for part in (page.header, page.table, page.body, page.beside, page.notes, page.footer):
        yield from part
