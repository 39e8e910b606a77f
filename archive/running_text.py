"""The running text of a document: its headings and paragraphs in one string, and where in it each page stands.

Running headers, notes, tables and page numbers are left out, so that a sentence which goes on overleaf stands whole.
A function of pages, whoever holds them: it knows neither the catalogue nor a reader.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

# The kinds of parts that running text is made of, and the hyphens that a word may be broken with.
RUNNING = frozenset({"heading", "text"})
HYPHENS = "-\u2010\u00ad"
NEW_PARAGRAPH = "\n\n"


class PageParts(Protocol):
    """What is asked of a page; `parts` are (kind, start, end) in its `text`, in reading order.

    `runs_on` says how the running text goes on overleaf: "" with a new paragraph, " " in the same one, "-" inside the
    word whose hyphen ends it here, "=" so too where the hyphen is the word's own. A page with a
    text and no parts is all running text.
    """

    @property
    def number(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def parts(self) -> Sequence[tuple[str, int, int]]: ...
    @property
    def runs_on(self) -> str: ...


class Place(NamedTuple):
    """A character of a page: the page's number, and its offset in that page's text."""

    page: int
    offset: int


class OnPage(NamedTuple):
    """A stretch of one page's text."""

    page: int
    start: int
    end: int


class _Stretch(NamedTuple):
    """Characters of a page as they stand in the running text, from `at` on."""

    at: int
    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RunningText:
    """A text and where it is from. Offsets count code points, from 0."""

    text: str
    stretches: tuple[_Stretch, ...] = ()

    def place(self, offset: int) -> Place:
        """Return where a character stands; what was put between two stretches stands where the first of them ends.

        Raises IndexError for an offset outside the text.
        """
        if not 0 <= offset < len(self.text):
            raise IndexError(f"{offset} is not an offset in a text of {len(self.text)} characters")
        found = self.stretches[bisect_right(self.stretches, offset, key=lambda one: one.at) - 1]
        return Place(found.page, min(found.start + offset - found.at, found.end))

    def on_pages(self, start: int, end: int) -> list[OnPage]:
        """Return the stretches of pages that the text from `start` to `end` is made of, in order."""
        first = max(bisect_right(self.stretches, start, key=lambda one: one.at) - 1, 0)
        found = []
        for one in self.stretches[first:]:
            if one.at >= end:
                break
            begins = one.start + max(start - one.at, 0)
            ends = min(one.start + end - one.at, one.end)
            if begins < ends:
                found.append(OnPage(one.page, begins, ends))
        return found


def running_text(pages: Iterable[PageParts]) -> RunningText:
    """Return the running text of pages, given in order.

    Paragraphs are parted by a blank line. A page without any text parts them too, since nobody knows what stood on it;
    one that holds only a table or notes doesn't.
    """
    written = _Writing()
    for page in pages:
        stretches = list(_stretches(page))
        for start, end in stretches:
            written.add(page, start, end)
        if stretches or not page.text.strip():
            written.end_page(page.runs_on if stretches else "")
    return RunningText("".join(written.pieces), tuple(written.stretches))


def _stretches(page: PageParts) -> Iterator[tuple[int, int]]:
    """Yield the running stretches of a page, without the blanks around them."""
    for kind, start, end in page.parts or [("text", 0, len(page.text))]:
        piece = page.text[start:end]
        if kind in RUNNING and piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())


class _Writing:
    """A running text while it is put together."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.stretches: list[_Stretch] = []
        self.length = 0
        self.between = ""

    def add(self, page: PageParts, start: int, end: int) -> None:
        """Add a stretch of a page behind what parts it from the one before."""
        if self.stretches:
            last = self.stretches[-1]
            gap = page.text[last.end : start] if last.page == page.number and last.end <= start else ""
            if "\n" in gap and not gap.strip():
                self._write(gap)  # as the page has it: a line's end, or a blank line
            else:
                self._go_on()
        self.between = ""
        self.stretches.append(_Stretch(self.length, page.number, start, end))
        self._write(page.text[start:end])

    def _write(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)

    def _go_on(self) -> None:
        """Write what stands between two pages; a hyphen goes or stays only where there is one."""
        if self.between not in ("-", "="):
            self._write(self.between or NEW_PARAGRAPH)
            return
        if self.pieces[-1][-1:] not in HYPHENS:
            self._write(" ")
            return
        if self.between == "=":
            return
        self.pieces[-1] = self.pieces[-1][:-1]
        self.length -= 1
        last = self.stretches[-1]
        self.stretches[-1] = last._replace(end=last.end - 1)

    def end_page(self, runs_on: str) -> None:
        """Take note of how the text goes on after the page."""
        self.between = runs_on
