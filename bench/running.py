"""Lays made-up paragraphs and headings into the columns of pages: the text that runs on from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from bench.sentences import Term, sentence, title
from bench.setting import BOLD, ITALIC, REGULAR, Cursor, Face, Piece, Word, fill, natural, runs
from bench.truth import Spoken
from bench.typed_pdf import Run


@dataclass(slots=True)
class Frame:
    """A column, or the part of one above or below a heading across: `lines` of them fit, from `top` down."""

    page: int
    x: float
    top: float
    width: float
    lines: int
    column: int
    closing: bool
    mark: str = ""
    runs: list[Run] = field(default_factory=list)


class RunningText:
    """Paragraphs without an end, as far as they are laid; every word knows where its pieces stand."""

    def __init__(self, random: Random, face: Face, leading: float, *, indent: bool) -> None:
        self._random, self._face, self._leading, self._indent = random, face, leading, indent
        self.paragraphs: list[list[Word]] = []
        self.headings: set[int] = set()
        self._words: list[Word] = []
        self._cursor = Cursor()

    def lay(self, frame: Frame) -> None:
        """Fill a column; at its end the paragraph is left unfinished, unless the column is a closing one."""
        line = 0
        while line < frame.lines:
            if self._cursor.word == len(self._words):
                if frame.lines - line < 3:
                    return
                line += self._begin_paragraph(frame, line)
            if not frame.closing and frame.lines - line <= 3 and self._random.random() < 0.9:
                self._run_over(frame, frame.lines - line)
            if frame.mark and 0 < line < frame.lines - 3:
                self._hang(frame)
            self._lay_line(frame, line)
            line += 1

    def _run_over(self, frame: Frame, lines: int) -> None:
        """Make the paragraph so long that it goes on in the next column."""
        if self._cursor.word:
            enough = (lines + 1) * frame.width / self._face.width("none")
            while len(self._words) - self._cursor.word < enough / 1.5:
                self._words += [self._word(one) for one in sentence(self._random)]

    def _begin_paragraph(self, frame: Frame, line: int) -> int:
        """Take up the next paragraph, with a heading now and then; return the lines that went into its beginning."""
        taken = 0
        if self.paragraphs and self._random.random() < 0.3 and frame.lines - line > 6:
            taken = 2 if line else 1
            words = [Word(one, BOLD) for one in title(self._random, 3)]
            if self._face.width(" ".join(word.term.text for word in words), BOLD) > frame.width:
                words.pop()
            self._take(words, heading=True)
            self._put(frame, line + taken - 1, Cursor(len(words)), words)
        elif not self._indent and line:
            taken = 1
        self._take([self._word(one) for _ in range(self._random.randint(3, 6)) for one in sentence(self._random)])
        return taken

    def _word(self, one: Term) -> Word:
        special = self._random.random() < 0.04
        return Word(one, (BOLD if self._face.twice else ITALIC) if special else REGULAR)

    def take_heading_across(self, words: list[Word]) -> None:
        """Take note of a heading that is set over all columns, by whoever does that."""
        self._take(words, heading=True)
        self._cursor = Cursor(len(words))

    def _take(self, words: list[Word], *, heading: bool = False) -> None:
        if heading:
            self.headings.add(len(self.paragraphs))
        self.paragraphs.append(words)
        self._words, self._cursor = words, Cursor()

    def _hang(self, frame: Frame) -> None:
        """Hang the column's footnote on one of the next words, the end of a sentence if there is one."""
        near = [
            word
            for word in self._words[self._cursor.word + 1 : self._cursor.word + 8]
            # Behind a figure a mark would be one more.
            if not word.mark and not any(letter.isdigit() for letter in word.term.text)
        ]
        ends = [word for word in near if word.term.text.endswith((".", ","))]
        if near:
            (ends or near)[0].mark = frame.mark
            frame.mark = ""

    def _lay_line(self, frame: Frame, line: int) -> None:
        closing = frame.closing and line == frame.lines - 1
        indented = self._indent and self._cursor == Cursor()
        room = frame.width - (12 if indented else 0) - (self._face.width(".") + 1 if closing else 0)
        breaking = not closing and self._face.family != "Courier"
        _, end = fill(self._words, self._cursor, room, self._face, breaking=breaking)
        if closing and end.word < len(self._words):
            del self._words[end.word :]
            last = self._words[-1]
            last.term = Term(last.term.text.rstrip(".,") + ".")
        self._put(frame, line, end, self._words, indent=12 if indented else 0)

    def _put(self, frame: Frame, line: int, end: Cursor, words: list[Word], *, indent: float = 0) -> None:
        set_line, reached = fill(words, self._cursor, frame.width - indent, self._face, breaking=end.letter > 0)
        if end.letter == 0 and reached.word > end.word:
            set_line, reached = set_line[: end.word - self._cursor.word], end
        for word, text in set_line:
            word.pieces.append(Piece(text, frame.page, frame.column))
        room = frame.width - indent
        spread = self._face.justified and reached.word < len(words)
        y = frame.top - line * self._leading
        if spread and room - natural(set_line, self._face) > self._face.width(" ") * 2.5 * (len(set_line) - 1):
            spread = False
        frame.runs += runs(set_line, frame.x + indent, y, room if spread else 0, self._face)
        self._cursor = reached

    def spoken(self) -> tuple[tuple[Spoken, ...], ...]:
        """Return all paragraphs and headings, as they are to be read."""
        return tuple(tuple(map(_spoken, words)) for words in self.paragraphs)


def _spoken(word: Word) -> Spoken:
    first, last = word.pieces[0], word.pieces[-1]
    return Spoken(word.term.text, word.mark, (first.page, first.column), (last.page, last.column))
