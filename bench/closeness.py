"""How close a reader's text comes to what was printed: words, their order, and what can be quoted from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

from rapidfuzz.distance import LCSseq, Levenshtein

from bench.truth import Document, Spoken

QUOTED = 6
INSIDE, COLUMNS, PAGES = "inside", "columns", "pages"
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
# PDFium has a noncharacter in place of a hyphen that it takes for the line's own.
_PDFIUM_HYPHEN = re.compile("(?:\ufffe|\x02)\\s*")
# Whether a footnote's mark hangs on its word or stands behind it is taste; no word of the documents ends like that.
_MARKED = re.compile(r"(?<=[^\W\d_])([.,;]?[”’]?)[\[(]?(\d{1,2})[\])]?(?=\s|$)")


class Read(NamedTuple):
    """What a reader made of one file: all text, pages parted by form feeds, and its running text if it knows it."""

    text: str
    flow: str


class Quotation(NamedTuple):
    """Six words in a row of one paragraph, in each form in which they may stand: with a note's mark and without."""

    where: str
    forms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Sums over documents; `shares` makes of them what is compared."""

    words: int = 0
    lost: int = 0
    invented: int = 0
    letters: int = 0
    alike: float = 0
    ordered: int = 0
    inside: int = 0
    inside_found: int = 0
    columns: int = 0
    columns_found: int = 0
    pages: int = 0
    pages_found: int = 0

    def __add__(self, other: Scores) -> Scores:
        return Scores(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def shares(self) -> dict[str, float]:
        """Return closeness, order, words lost and invented (of the words there are), and the three quotabilities."""
        return {
            "close": _share(self.alike, self.letters),
            "order": _share(self.ordered, self.words),
            "lost": _share(self.lost, self.words, 0),
            "invented": _share(self.invented, self.words, 0),
            INSIDE: _share(self.inside_found, self.inside),
            COLUMNS: _share(self.columns_found, self.columns),
            PAGES: _share(self.pages_found, self.pages),
        }


def _share(part: float, whole: float, empty: float = 1) -> float:
    return part / whole if whole else empty


def words_in(text: str) -> list[str]:
    """Return a text's words, the mark of a footnote apart from the word that it hangs on."""
    return _MARKED.sub(r"\1 \2", _joined(text)).split()


def _joined(text: str) -> str:
    return _PDFIUM_HYPHEN.sub("", text).translate(_RAISED)


def true_words(document: Document) -> list[str]:
    """Return all words of a document, page by page."""
    return [word for page in document.pages for word in page.words]


def score(document: Document, read: Read) -> Scores:
    """Compare a reading with its truth: words on the full text, quotations across ends on the running text."""
    true, got = true_words(document), words_in(read.text)
    there, found = Counter(true), Counter(got)
    letters, others = " ".join(true), " ".join(got)
    tried = quotations_found(document, read)
    counts = Counter((quotation.where, hit) for quotation, hit in tried)
    quoted = [
        count for where in (INSIDE, COLUMNS, PAGES)
        for count in (counts[where, True] + counts[where, False], counts[where, True])
    ]  # fmt: skip
    return Scores(
        len(true),
        (there - found).total(),
        (found - there).total(),
        len(letters),
        len(letters) * Levenshtein.normalized_similarity(letters, others),
        LCSseq.similarity(true, got),
        *quoted,
    )


def quotations_found(document: Document, read: Read) -> list[tuple[Quotation, bool]]:
    """Return every quotation of the running text, and whether it stands word for word in what was read."""
    text, flow = (f" {' '.join(_joined(one).split())} " for one in read)
    return [
        (one, any(f" {form} " in (text if one.where == INSIDE else flow) for form in one.forms))
        for one in quotations(document)
    ]


def quotations(document: Document) -> Iterator[Quotation]:
    """Yield all there are of a document; its headings are no sentences."""
    for number, paragraph in enumerate(document.paragraphs):
        if number not in document.headings:
            yield from (_quotation(paragraph[at : at + QUOTED]) for at in range(len(paragraph) - QUOTED + 1))


def _quotation(words: Sequence[Spoken]) -> Quotation:
    first, last = words[0].begins, words[-1].ends
    where = INSIDE if first == last else COLUMNS if first[0] == last[0] else PAGES
    forms = {" ".join(_form(words, between)) for between in (None, "", " ")}
    return Quotation(where, tuple(sorted(forms)))


def _form(words: Sequence[Spoken], between: str | None) -> Iterable[str]:
    for word in words:
        yield word.text if between is None or not word.mark else f"{word.text}{between}{word.mark}"
