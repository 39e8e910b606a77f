"""What is asked of a quotation, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from archive.research.quotes.differing import SAME, Edit
from archive.research.quotes.searched import Searched

EXACT, NEAR, ELSEWHERE, ABSENT = "exact", "near", "elsewhere", "absent"
OUTCOMES = {
    EXACT: "it stands there word for word and sign for sign",
    NEAR: "something much like it stands there; the words that differ are marked",
    ELSEWHERE: "it stands word for word, but not in what the draft cites for it",
    ABSENT: "it stands in nothing that was searched, nor anything near it",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A quotation, and what a draft cites for it: the id of a document, that of a version, a page ("" and None where it
    cites none). `but` is the document that quotes it, in which it isn't looked for."""

    words: str
    document: str = ""
    version: str = ""
    page: str = ""
    but: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: a version of a document, the pages, and the address of the words for good.

    `words` are as they stand there. `label` is the number that is printed on the first page, `confidence` says how sure
    OCR was of it (None where the letters are the file's own).
    """

    document: str
    title: str
    number: str
    kind: str
    collection: str
    version: str
    ordinal: int
    first_seen: str
    is_newest: bool
    page: int
    pages: tuple[int, ...]
    label: str
    address: str
    words: str
    origin: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a quotation.

    `place` is where it stands, or what is near it; None where nothing is. `edits` set its words beside those that stand
    there. `page_agrees` is None where the draft cites no page. `others` are further documents that hold it, `cited`
    what of the cited document is near it where it stands elsewhere. `replaced` tells what brackets stand for.
    `searched` says what was searched, of one that is absent; `notes` what a reader has to know.
    """

    wanted: Wanted
    outcome: str
    place: Place | None = None
    edits: tuple[Edit, ...] = ()
    page_agrees: bool | None = None
    others: tuple[Place, ...] = ()
    cited: Place | None = None
    replaced: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    searched: Searched | None = None

    @property
    def is_good(self) -> bool:
        """Tell whether nothing has to be looked at: exact, and on the page that is cited."""
        return self.outcome == EXACT and self.page_agrees is not False

    @property
    def differing(self) -> tuple[Edit, ...]:
        """Return the words that differ alone."""
        return tuple(edit for edit in self.edits if edit.op != SAME)
