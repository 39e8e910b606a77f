"""Where in a dossier's Markdown its claims, their fields and their evidence stand; it reads no quotation.

A heading of level 2 or 3 begins a claim; one of level 1 ends it. Every step is linear in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archive.drafts.markdown import lines_outside_code

STATUS, EVIDENCE, ABSENCE, TEXT = "status", "evidence", "absence", "text"
CLAIM_LEVELS = (2, 3)
_HEADING = re.compile(r" {0,3}(#{1,6})(?=[ \t]|$)")
_FIELD = re.compile(
    r" {0,3}(?:[-*+][ \t]{1,4})?[*_]{0,3}(status|evidence|absence)[ \t]{0,4}"
    r"(?::[*_]{0,3}|[*_]{1,3}[ \t]{0,4}:)[ \t]*",
    re.IGNORECASE,
)
_MARK = re.compile(r"([ ]{0,12})((?:[-*+]|[0-9]{1,9}[.)])[ \t]{1,4})(?=\S)")
_NOTE = re.compile(r" {0,3}\[\^?[^\]\s]{1,80}\]:")
_UNDERLINED = re.compile(r" {0,3}(-{2,}|={2,})[ \t]*$")


@dataclass(slots=True)
class Piece:
    """A stretch of the file, from its first character to behind its last; `kind` is EVIDENCE or TEXT."""

    kind: str
    start: int
    end: int
    inside: int = 0


@dataclass(slots=True)
class Section:
    """What stands under one heading (`level` 0: what stands before any), as stretches of the file."""

    level: int
    start: int
    title: str = ""
    behind: int = 0
    status: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    absences: list[tuple[int, str]] = field(default_factory=list)
    fields: list[tuple[str, int]] = field(default_factory=list)

    @property
    def is_claim(self) -> bool:
        """Tell whether its heading begins a claim."""
        return self.level in CLAIM_LEVELS


def outline(source: str) -> list[Section]:
    """Return the sections of a dossier in order. Any string is answered."""
    reader = _Reader(source)
    for start, end in _seen_lines(source):
        reader.take(start, end)
    return reader.sections


def _seen_lines(source: str) -> Iterator[tuple[int, int]]:
    """Yield where each line starts and ends; none of code, and none of a comment that begins on a line of its own."""
    until = 0
    for start, end in lines_outside_code(source):
        if start < until:
            continue
        if source[start:end].lstrip(" ").startswith("<!--"):
            closing = source.find("-->", start)
            until = len(source) if closing < 0 else closing + 3
            continue
        yield start, end


class _Reader:
    """A dossier while its lines are taken, one by one."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.sections = [Section(0, 0)]
        self.kind, self.was_blank = TEXT, True
        self.piece: Piece | None = None
        self.before = (0, 0)

    def take(self, start: int, end: int) -> None:
        """Take the next line."""
        text = self.source[start:end].rstrip()
        if not text:
            self.was_blank = True
            return
        if heading := _HEADING.match(text):
            self._begin(len(heading[1]), start, text[heading.end() :], start + heading.end())
        elif (under := _UNDERLINED.match(text)) and self._is_title():
            at = self.before[0]
            self._forget_last()
            self._begin(1 if under[1][0] == "=" else 2, at, self.source[slice(*self.before)], at)
        elif _NOTE.match(text):
            self._close()
        elif told := _FIELD.match(text):
            self._field(told[1].lower(), start, start + told.end(), start + len(text))
        else:
            self._line(text, start, start + len(text))
            self.before = (start, start + len(text))
        self.was_blank = False

    def _begin(self, level: int, start: int, title: str, at: int) -> None:
        self._close()
        self.kind = TEXT
        told = title.strip()
        shown = told.rstrip("#").rstrip() if told.endswith("#") else told
        behind = at + title.find(shown) + len(shown) if shown else at
        if level <= max(CLAIM_LEVELS):
            self.sections.append(Section(level, start, shown, behind))
        if shown:  # what a heading quotes is checked like the rest of a claim's text
            self.sections[-1].pieces.append(Piece(TEXT, behind - len(shown), behind))

    def _is_title(self) -> bool:
        """Tell whether the line before is one that a line of dashes makes a heading: a paragraph's only line."""
        piece = self.piece
        if self.was_blank or piece is None or self.before[0] != piece.start or piece.kind != TEXT:
            return False
        return not _MARK.match(self.source, *self.before) and self.source[self.before[0]] != ">"

    def _forget_last(self) -> None:
        if self.sections[-1].pieces and self.sections[-1].pieces[-1] is self.piece:
            self.sections[-1].pieces.pop()
        self.piece = None

    def _field(self, name: str, start: int, inside: int, end: int) -> None:
        self._close()
        self.kind = TEXT if name == STATUS else name
        section, value = self.sections[-1], self.source[inside:end].strip()
        section.fields.append((name, start))
        if name == STATUS:
            section.status.append(value.strip("*_").strip())
        elif name == ABSENCE and value:
            section.absences.append((start, value))
            self.kind = TEXT
        elif name == EVIDENCE and value:
            self._open(EVIDENCE, inside, end)

    def _line(self, text: str, start: int, end: int) -> None:
        mark = _MARK.match(text)
        if self.kind == ABSENCE:
            if mark or self.was_blank is False:
                self.sections[-1].absences.append((start, text[mark.end() :] if mark else text.strip()))
                return
            self.kind = TEXT
        indent = len(text) - len(text.lstrip(" "))
        if self._goes_on(mark, indent, text):
            assert self.piece is not None
            self.piece.end = end
            return
        self._open(self.kind, start, end, inside=len(mark[1]) + len(mark[2]) if mark else 0)

    def _goes_on(self, mark: re.Match[str] | None, indent: int, text: str) -> bool:
        """Tell whether a line belongs to the piece before it."""
        if self.piece is None:
            return False
        if text.lstrip(" ").startswith(">"):
            return True
        if mark and self.kind == EVIDENCE:
            return len(mark[1]) >= self.piece.inside > 0
        return not self.was_blank or bool(self.piece.inside and indent >= 2)

    def _open(self, kind: str, start: int, end: int, inside: int = 0) -> None:
        self.piece = Piece(kind, start, end, inside)
        self.sections[-1].pieces.append(self.piece)

    def _close(self) -> None:
        self.piece = None
