"""A page's text as it is shown: its parts told apart, lines flowing where they are prose, and not a letter changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from archive.research.marks import Marks
from archive.research.rows import Row
from archive.site.rendering import marked

# Lines of these stay as they are on the page.
_KEPT = frozenset({"header", "footer", "table"})
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_ITEM = re.compile(r"\s*(?:[•▪◦●■–*-]|\(?(?:[0-9]{1,3}|[A-Za-z])[.)])\s")
# A line of prose ends where the next word has no room; lines of an address or a title end sooner.
FULL_LINE, SHORTEST_LINE = 0.6, 20


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph, escaped and marked; `flows` where its lines end only because the page does."""

    markup: Markup
    flows: bool


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A part of a page, of one of the kinds that pages have."""

    kind: str
    paragraphs: tuple[Paragraph, ...]


def sheet_of(page: Row, marks: Marks) -> list[SheetPart]:
    """Return a page's parts with what is marked in them; the first mark carries the anchor "hit".

    A text that belongs to no part is shown as text: nothing of a page is lost.
    """
    text, parts, anchor = page["text"], [], "hit"
    for kind, start, end in _stretches(text, page["parts"]):
        paragraphs = []
        for begins, ends in [(start, end)] if kind in _KEPT else _paragraphs(text, start, end):
            inside = [(max(a, begins) - begins, min(b, ends) - begins) for a, b in marks if a < ends and b > begins]
            piece = text[begins:ends]
            paragraphs.append(Paragraph(marked(piece, inside, anchor), kind not in _KEPT and is_prose(piece)))
            anchor = "" if inside else anchor
        parts.append(SheetPart(kind, tuple(paragraphs)))
    return parts


def is_prose(paragraph: str) -> bool:
    """Tell whether a paragraph's lines are those of running prose: all but the last about equally long, no list."""
    lines = paragraph.split("\n")
    if len(lines) == 1:
        return True
    longest = max(map(len, lines))
    full = all(len(line) >= FULL_LINE * longest for line in lines[:-1])
    return longest >= SHORTEST_LINE and full and not any(map(_ITEM.match, lines[1:]))


def _stretches(text: str, parts: Iterable[Row]) -> Iterator[tuple[str, int, int]]:
    """Yield each part, and what stands between parts and isn't blank."""
    done = 0
    for part in parts:
        if text[done : part["start"]].strip():
            yield "text", done, part["start"]
        if text[part["start"] : part["end"]].strip():
            yield part["kind"], part["start"], part["end"]
        done = part["end"]
    if text[done:].strip():
        yield "text", done, len(text)


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the paragraphs between two offsets stand."""
    for gap in _BLANK_LINES.finditer(text, start, end):
        if text[start : gap.start()].strip():
            yield start, gap.start()
        start = gap.end()
    if text[start:end].strip():
        yield start, end
