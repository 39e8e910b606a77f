"""What a reader gives back: the pages of one document, or the named reason why there are none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Part(NamedTuple):
    """A stretch of a page's text: `kind` is one of PART_KINDS, `start` and `end` count code points in it."""

    kind: str
    start: int
    end: int


# What a page is made of. Headings and text, in this order, are its running text; the others stand beside it.
PART_KINDS = ("header", "heading", "text", "table", "side-note", "note", "footer")
RUNNING = frozenset({"heading", "text"})


@dataclass(frozen=True, slots=True)
class TextPage:
    """One page. `number` counts from 1 in the file; `label` is the number printed on it ("" if none was found);
    `outcome` is "text", "no-text-layer" or "page-failed".

    `parts` follow one another in `text` in reading order. `runs_on` says how the running text goes on overleaf: ""
    with a new paragraph, " " in the same one, "-" inside the word whose hyphen ends it here, "=" so too but with a
    hyphen of the word's own. `also` holds the other
    forms of words that were broken at a line's end ("surveil-lance"), parted by blanks. `origin` says where the text
    is from, "text-layer" or "ocr", and `confidence` how sure its reader is of its words (0 to 1; None where it can't
    be unsure). `covered` counts the letters that lie under a drawn box, and were left out.
    """

    number: int
    label: str
    text: str
    outcome: str = "text"
    parts: tuple[Part, ...] = ()
    runs_on: str = ""
    also: str = ""
    origin: str = "text-layer"
    confidence: float | None = None
    covered: int = 0


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table as data: the `number`th of its page (from 1), `headers` says how many of the first `rows` are its head.

    Every row has as many cells as there are columns; `box` is x0, top, x1, bottom in points from the upper left.
    """

    page: int
    number: int
    headers: int
    rows: tuple[tuple[str, ...], ...]
    box: tuple[float, float, float, float]


class OutlineEntry(NamedTuple):
    """A section or a question of a document: `level` counts from 1, `number` is as printed ("2.3", "" if none)."""

    level: int
    number: str
    title: str
    page: int


class Fact(NamedTuple):
    """Something that a document says of itself or that was found in it; `page` is 0 where it stands on none."""

    name: str
    value: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class TextLink:
    """A link on a page: `url` as the file has it, `text` the words that it covers ("" if unknown)."""

    page: int
    url: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What `reader` (its name and version, such as "pdf-3") made of one payload.

    `outcome` is a name from archive/outcomes.py: "text" where every page has its text, else the gravest reason why
    one hasn't; `detail` names the pages. `metadata` holds what the file says of itself (Title, CreationDate, …).
    """

    reader: str
    outcome: str
    detail: str = ""
    pages: tuple[TextPage, ...] = ()
    links: tuple[TextLink, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[TextTable, ...] = ()
    outline: tuple[OutlineEntry, ...] = ()
    facts: tuple[Fact, ...] = ()
