"""What a comparison is made of and what comes out of it: frozen records that know no file, no table and no site.

Offsets count code points in the text of a page as it stands in the catalogue, so that whatever is marked can be shown,
linked and quoted there. Pages are called by their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from archive.running_text import OnPage

SAME, COSMETIC, REAL, UNREAD = "same", "cosmetic", "real", "unread"
ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
REPLACED = "replaced"
# The forms of a side: pages; a web page or an article; a notice or an award.
DOCUMENT, PAGE, RECORD = "document", "page", "record"
Part = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of one side, as archive/running_text.py has it; `forms` are other forms of its broken words.

    `readable` says whether its words are known: they aren't on a picture that nobody read.
    """

    number: int
    text: str
    parts: tuple[Part, ...] = ()
    runs_on: str = ""
    label: str = ""
    forms: frozenset[str] = frozenset()
    readable: bool = True
    origin: str = ""


class Table(NamedTuple):
    """The `number`th table of a page; of its `rows` the first `headers` are its head."""

    page: int
    number: int
    headers: int
    rows: tuple[tuple[str, ...], ...]


class Fact(NamedTuple):
    """Something a version says of itself, or that was found in its file; `page` is 0 where it stands on none."""

    name: str
    value: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Side:
    """One version, as far as it is compared.

    `form` is "document" (pages), "page" (a web page or an article: one page, told by paragraphs) or "record" (a
    notice, an award: told by its `fields`, in their order; where `terse`, one that isn't printed says nothing, as each
    action on an award prints only some). `digest` is that of its content. `links` are the addresses
    of its attachments. `whole` is false where not all of its text is here (an excerpt).
    """

    version: str = ""
    form: str = DOCUMENT
    digest: str = ""
    pages: tuple[Page, ...] = ()
    tables: tuple[Table, ...] = ()
    facts: tuple[Fact, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    whole: bool = True
    terse: bool = False


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of words: what stood on `before`'s pages, and what stands on `after`'s in its place.

    `op` is "added" (nothing before), "removed" (nothing after), "changed", or "moved" (the same words elsewhere).
    `removed` and `added` are the words themselves; `why` names a reason where the change is cosmetic, else it is "".
    `part` says in what the words stand: "text" (the running text), "table", "note", "header" or "footer". What came
    between two words stands nowhere on the other side: `at_before`, `at_after` are where it would.
    """

    op: str
    before: tuple[OnPage, ...] = ()
    after: tuple[OnPage, ...] = ()
    removed: str = ""
    added: str = ""
    why: str = ""
    part: str = "text"
    at_before: OnPage | None = None
    at_after: OnPage | None = None


@dataclass(frozen=True, slots=True)
class PagePair:
    """Two pages that hold the same text, or most of it; None where there is no such page on that side.

    `state` is "same", "changed" (a real edit stands on one of them), "cosmetic", "moved", "added", "removed" or
    "unread" (they are in the same place, and the words of one aren't known).
    `reflowed` is true where words of the page stand on other pages than its partner too.
    """

    before: int | None
    after: int | None
    state: str
    reflowed: bool = False


class Cell(NamedTuple):
    """A cell that changed: rows and columns count from 0, None where there is none on that side."""

    row_before: int | None
    row_after: int | None
    column_before: int | None
    column_after: int | None
    before: str
    after: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that was added, removed or changed; `before` and `after` are (page, number), None where there is none.

    Of a changed one `cells` are the cells that did, `rows_added` and `rows_removed` whole rows, by their place.
    """

    op: str
    before: tuple[int, int] | None
    after: tuple[int, int] | None
    cells: tuple[Cell, ...] = ()
    rows_added: tuple[int, ...] = ()
    rows_removed: tuple[int, ...] = ()
    why: str = ""


class WordEdit(NamedTuple):
    """A change within one value: `before` and `after` are (start, end) in the two values."""

    op: str
    before: tuple[int, int]
    after: tuple[int, int]
    why: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of a record, or a fact, that says something else; `words` tells where, in both values."""

    op: str
    name: str
    before: str
    after: str
    words: tuple[WordEdit, ...] = ()
    why: str = ""


class LinkChange(NamedTuple):
    """An attachment that was "added", "removed" or "replaced" (by one of the same name)."""

    op: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of each there is, in what is real; `words_*` without what moved or stands in a table's cells.

    Rows count among the cells; a table that was added or removed counts once, as a table.
    """

    words_added: int = 0
    words_removed: int = 0
    pages_added: int = 0
    pages_removed: int = 0
    pages_moved: int = 0
    pages_changed: int = 0
    passages_moved: int = 0
    tables_changed: int = 0
    cells_changed: int = 0
    fields_changed: int = 0
    attachments_changed: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from `before` to `after`.

    `kind` is "same" (nothing at all), "cosmetic" (nothing that anybody reads; `why` says what, each reason once),
    "real", or "unread": the words of pages on both sides aren't known, and what is known is the same. `score` is the
    share of all words of both sides that stand in real changes, from 0 to 1; a real change has at least 0.0001.
    `summary` is one sentence, made of the counts. `doubts` name what makes the result less sure: "coarse" (parts were
    too unlike to be told word by word within what may be spent), "ocr", "excerpt", "unread". `edits` stand in the
    order of the later version. `paragraphs` are those of a web page or an article, counted from 1, in which something
    real changed.
    """

    before: str
    after: str
    kind: str
    score: float
    summary: str
    why: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    counts: Counts = Counts()
    paragraphs: tuple[int, ...] = ()
    pages: tuple[PagePair, ...] = ()
    edits: tuple[Edit, ...] = ()
    tables: tuple[TableChange, ...] = ()
    metadata: tuple[FieldChange, ...] = ()
    fields: tuple[FieldChange, ...] = ()
    attachments: tuple[LinkChange, ...] = ()

    def marks_before(self, page: int) -> list[tuple[int, int, Edit]]:
        """Return (start, end, edit) of what is marked on a page of `before`, in order, never overlapping."""
        return _marks(((place, edit) for edit in self.edits for place in edit.before), page)

    def marks_after(self, page: int) -> list[tuple[int, int, Edit]]:
        """Return (start, end, edit) of what is marked on a page of `after`, in order, never overlapping."""
        return _marks(((place, edit) for edit in self.edits for place in edit.after), page)


def _marks(places: Iterable[tuple[OnPage, Edit]], page: int) -> list[tuple[int, int, Edit]]:
    found = [(place.start, place.end, edit) for place, edit in places if place.page == page]
    return sorted(found, key=lambda one: one[:2])
