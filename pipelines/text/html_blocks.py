"""Cuts an HTML page into blocks of text in reading order, with their links; it knows not which are the article."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from lxml.etree import iterwalk

from pipelines.text.cleaning import clean_line

# fmt: off
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
])
_NO_INLINE = frozenset(["br", "link", "meta", "option", "script", "style", "td", "th", "title"])
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_CELLS = frozenset(["td", "th"])
_UNSHOWN = frozenset([
    "audio", "button", "canvas", "datalist", "head", "iframe", "math", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea", "title", "video",
])
# Where a block stands beside the story; what these hold is taken only where the extractor took it.
_BESIDE = frozenset(["aside", "figcaption", "figure", "footer", "form", "nav"])
# fmt: on
_WITHIN_PROSE = frozenset(["blockquote", "dd", "dl", "li", "ol", "ul"])
_LONGEST_CLASS = 500
_UNDISPLAYED = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


class Anchor(NamedTuple):
    """A link in a block: the stretch of the block's text that it covers, and its address as the page has it."""

    start: int
    end: int
    href: str


@dataclass(frozen=True, slots=True)
class Block:
    """A block of text: `tag` is the nearest block element's, `home` numbers the element that holds that one.

    Blocks whose homes look alike (same element, same class) have the same `kind_of_home`. `beside` says that the
    block stands in a caption, a sidebar or a form. Lines within, from <br>, are parted by a line feed.
    """

    tag: str
    text: str
    home: int
    kind_of_home: str
    beside: bool
    quoted: bool
    anchors: tuple[Anchor, ...] = ()

    @property
    def linked(self) -> float:
        """The share of the text that is links, 0 to 1."""
        return sum(anchor.end - anchor.start for anchor in self.anchors) / max(1, len(self.text))


class _Place(NamedTuple):
    tag: str
    number: int
    kind: str
    home: int
    kind_of_home: str
    beside: bool
    quoted: bool


def blocks_of(root: Any) -> list[Block]:
    """Return the blocks of an lxml tree that has neither comments nor processing instructions in it."""
    return list(_walk(root))


def most_inline(root: Any) -> int:
    """Return how many inline elements, such as links, the element with most of them holds directly."""
    parents = Counter(
        element.getparent() for element in root.iter() if element.tag not in _BLOCKS and element.tag not in _NO_INLINE
    )
    return max(parents.values(), default=0)


def _walk(root: Any) -> Iterator[Block]:
    places = [_Place("body", 0, "body", 0, "", False, False)]
    text = _Text()
    walker = iterwalk(root, events=("start", "end"))
    count, skipped = 0, None
    for event, element in walker:
        is_block = element.tag in _BLOCKS
        if event == "start":
            if element.tag in _UNSHOWN or _is_hidden(element):
                walker.skip_subtree()
                skipped = element
                continue
            if is_block or (element.tag == "br" and text.breaks()):
                yield from text.ended(places[-1])
            if is_block:
                count += 1
                places.append(_entered(places[-1], element, count))
            text.enters(element)
            continue
        if element is not skipped:
            if is_block:
                yield from text.ended(places.pop())
            elif element.tag == "a":
                text.closes()
        if element is not root:
            text.adds(element.tail)
    yield from text.ended(places[0])


def _is_hidden(element: Any) -> bool:
    return element.get("hidden") is not None or bool(_UNDISPLAYED.search((element.get("style") or "")[:_LONGEST_CLASS]))


def _entered(outer: _Place, element: Any, number: int) -> _Place:
    beside = outer.beside or element.tag in _BESIDE
    quoted = outer.quoted or element.tag == "blockquote"
    if outer.tag in _WITHIN_PROSE:
        # What a list or a quotation holds belongs to the element around it.
        return _Place(element.tag, number, outer.kind, outer.home, outer.kind_of_home, beside, quoted)
    kind = f"{element.tag} {' '.join((element.get('class') or '')[:_LONGEST_CLASS].split())}"
    return _Place(element.tag, number, kind, outer.number, outer.kind, beside, quoted)


class _Text:
    """The text of the block that is being read: white space is one space, a <br> is a line feed."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._pending = ""
        self._anchors: list[Anchor] = []
        self._open: tuple[int, str] | None = None

    def adds(self, text: str | None) -> None:
        if not text:
            return
        if text[0].isspace() and not self._pending:
            self._pending = " "
        words = text.split()
        if words:
            piece = (self._pending if self._length else "") + " ".join(words)
            self._pieces.append(piece)
            self._length += len(piece)
            self._pending = " " if text[-1].isspace() else ""

    def enters(self, element: Any) -> None:
        if element.tag == "a":
            self.closes()
            self._open = (self._length, (element.get("href") or "").strip())
        elif element.tag in _CELLS:
            self._pending = "\t"
        self.adds(element.text)

    def breaks(self) -> bool:
        """Take a <br>; return True where it is the second in a row, which starts a new block."""
        second = self._pending == "\n"
        self._pending = "\n"
        return second and self._length > 0

    def closes(self) -> None:
        if self._open is not None:
            start, href = self._open
            if href and not href.startswith("#") and self._length > start:
                self._anchors.append(Anchor(start, self._length, href))
            self._open = None

    def ended(self, place: _Place) -> Iterator[Block]:
        left_open = self._open
        self.closes()
        if self._length:
            text = "".join(self._pieces)
            anchors = tuple(
                Anchor(start + (len(covered) - len(covered.lstrip())), end, href)
                for start, end, href in self._anchors
                for covered in (text[start:end],)
            )
            home = (place.home, place.kind_of_home) if place.tag not in ("body", "div") else (place.number, place.kind)
            yield Block(place.tag, text, *home, place.beside, place.quoted, anchors)
        self._pieces, self._anchors, self._length, self._pending = [], [], 0, ""
        # A link around several blocks covers each of them.
        self._open = None if left_open is None else (0, left_open[1])


_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Return the words of a text, in small letters: what is compared where two readings of a page meet."""
    return _WORD.findall(text.casefold())


def words_in(element: Any) -> str:
    """Return the words of an element on one line of at most 500 characters, whatever stands inside."""
    return clean_line("".join(islice(element.itertext(), 1_000)), 500)
