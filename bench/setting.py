"""Sets words into lines of a given width, and remembers of each word on which page and in which column it landed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.sentences import Term
from bench.typed_pdf import LIGATURES, Run, width

REGULAR, BOLD, ITALIC = range(3)
FAMILIES = {
    "Times": ("Times-Roman", "Times-Bold", "Times-Italic"),
    "Helvetica": ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
    "Courier": ("Courier", "Courier-Bold", "Courier-Oblique"),
}


class Piece(NamedTuple):
    """A word, or what stands of it before or behind a break, and where: columns are counted through the document."""

    text: str
    page: int
    column: int


@dataclass(slots=True)
class Word:
    """A word to be set; `mark` is the number of the footnote that hangs on it ("" for none)."""

    term: Term
    kind: int = REGULAR
    mark: str = ""
    pieces: list[Piece] = field(default_factory=list)


class Cursor(NamedTuple):
    """How far a paragraph is set: the next word, and the letters of it that stand already."""

    word: int = 0
    letter: int = 0


Line = list[tuple[Word, str]]


@dataclass(frozen=True, slots=True)
class Face:
    """How text looks. Where `twice`, bold is the regular letters drawn two times, a hair apart."""

    family: str
    size: float
    justified: bool = False
    ligatures: bool = False
    twice: bool = False

    def font(self, kind: int) -> str:
        return FAMILIES[self.family][REGULAR if self.twice and kind == BOLD else kind]

    def shaped(self, text: str) -> str:
        for letters, ligature in LIGATURES.items() if self.ligatures else ():
            text = text.replace(letters, ligature)
        return text

    def width(self, text: str, kind: int = REGULAR) -> float:
        return width(self.shaped(text), self.font(kind), self.size)

    def width_of(self, word: Word, text: str) -> float:
        whole = word.term.text.endswith(text)
        return self.width(text, word.kind) + (self.width(word.mark) * 0.6 if whole else 0)


def fill(
    words: Sequence[Word], cursor: Cursor, room: float, face: Face, *, breaking: bool = True
) -> tuple[Line, Cursor]:
    """Return as much of the words as one line of `room` points takes, and how far that is."""
    line: Line = []
    used, blank = 0.0, face.width(" ") * (0.85 if face.justified else 1)
    index, letter = cursor
    while index < len(words):
        word = words[index]
        rest = word.term.text[letter:]
        left = room - used - (blank if line else 0)
        if (taken := face.width_of(word, rest)) <= left:
            line.append((word, rest))
            used += taken + (blank if len(line) > 1 else 0)
            index, letter = index + 1, 0
            continue
        if breaking and not word.mark and (broken := _broken(word, letter, left, face)):
            line.append((word, broken[0]))
            letter = broken[1]
        break
    if not line:
        raise ValueError(f"no room for {words[index].term.text} in {room:.0f} points")
    return line, Cursor(index, letter)


def _broken(word: Word, letter: int, room: float, face: Face) -> tuple[str, int] | None:
    for end in reversed(word.term.breaks):
        if end > letter:
            part = word.term.text[letter:end]
            part += "" if part.endswith("-") else "-"
            if face.width(part, word.kind) <= room:
                return part, end
    return None


def natural(line: Line, face: Face) -> float:
    """Return how wide a line is with blanks of their own width."""
    return sum(face.width_of(word, text) for word, text in line) + face.width(" ") * (len(line) - 1)


def runs(line: Line, x: float, y: float, room: float, face: Face) -> Iterator[Run]:
    """Yield a line as what is drawn at once: to the next change of the font or the next footnote's mark.

    `room` is the width to fill by widening its blanks; 0 leaves them as they are.
    """
    blank = face.width(" ")
    if room and len(line) > 1:
        blank += (room - natural(line, face)) / (len(line) - 1)
    held, start = "", x
    for index, (word, text) in enumerate(line):
        held += face.shaped(text)
        x += face.width(text, word.kind)
        following = line[index + 1][0] if index + 1 < len(line) else None
        marked = word.mark if word.term.text.endswith(text) else ""
        if following is None or following.kind != word.kind or marked:
            held += " " if following is not None and not marked else ""
            yield Run(start, y, face.font(word.kind), face.size, held, blank, face.twice and word.kind == BOLD)
            held = ""
        if marked:
            yield Run(x, y + face.size * 0.35, face.font(REGULAR), face.size * 0.6, marked, blank)
            x += face.width(marked) * 0.6
        x += blank
        start, held = (x, "") if not held else (start, f"{held} ")
