"""Reads a PDF's bytes into pages of text by pdfplumber. It trusts nothing in them, and is run in a worker process."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfplumber.pdf import PDF

from pipelines.text.bookmarks import bookmarks_of
from pipelines.text.composing import compose
from pipelines.text.cover import cover_facts, without_cover
from pipelines.text.file_facts import file_facts
from pipelines.text.outline import outline_of
from pipelines.text.page_labels import printed_labels
from pipelines.text.page_names import name_pages
from pipelines.text.pdf_labels import file_labels, iter_pages
from pipelines.text.pdf_page import PageRead, named, read_page
from pipelines.text.pdf_repair import reopened
from pipelines.text.reading import Fact, OutlineEntry, Reading, TextPage
from pipelines.text.stored_reading import MOST_CHARACTERS, MOST_PAGES, READERS

READER = READERS["pdf"]
T = TypeVar("T")


def read_pdf(body: bytes) -> Reading:
    """Return every page's text, or the named reason why it has none; raises nothing but MemoryError.

    The same bytes give the same reading. A file that opens with an empty password is read, and its metadata
    says so under "encrypted".
    """
    return opened(body, lambda pdf: read_document(pdf, body))


def opened(body: bytes, use: Callable[[PDF], T]) -> T | Reading:
    """Return what `use` makes of the opened file, or the reading of one that can't be opened."""
    # pdfminer logs and warns of every oddity; what counts here is said by outcomes.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    logging.getLogger("pdfplumber").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pdf = PDF.open(io.BytesIO(body), raise_unicode_errors=False)
        except Exception as error:
            unopened = _unopened(error)
            mended = _mended(body) if unopened.outcome == "malformed-pdf" else None
            return _told(use(mended)) if mended else unopened
        mended = None if _has_pages(pdf) else _mended(body)
        return _told(use(mended)) if mended else use(pdf)


def _mended(body: bytes) -> PDF | None:
    """Return the file by a new table of its objects, if that leads to a page."""
    try:
        pdf = reopened(body)
    except Exception as error:
        named(error)  # raises MemoryError
        return None
    return pdf if pdf and _has_pages(pdf) else None


def _has_pages(pdf: PDF) -> bool:
    try:
        return next(iter_pages(pdf.doc), None) is not None
    except Exception as error:
        named(error)  # raises MemoryError
        return False


def _told(made: T | Reading) -> T | Reading:
    """Have a reading say that its file is damaged; of ranges of pages, whoever joins them says so."""
    said = Fact("mended", "its table of objects is damaged, and was made anew from the objects that were found")
    return replace(made, facts=(*made.facts, said)) if isinstance(made, Reading) else made


def _unopened(error: Exception) -> Reading:
    cause = _cause(error)
    if isinstance(cause, PDFPasswordIncorrect):
        return Reading(READER, "encrypted", "needs a password")
    if isinstance(cause, PDFEncryptionError):
        return Reading(READER, "encrypted", f"encrypted in a way that isn't known: {named(cause)}")
    return Reading(READER, "malformed-pdf", named(cause))


def _cause(error: Exception) -> BaseException:
    """Unwrap pdfplumber's exception. Raises MemoryError where that is what it wraps."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    if isinstance(inner, MemoryError):
        raise inner
    return inner


class FileRead(NamedTuple):
    """What the file as a whole says: of itself, where its bookmarks lead, and what it calls its pages."""

    metadata: dict[str, str]
    facts: tuple[Fact, ...] = ()
    bookmarks: tuple[OutlineEntry, ...] = ()
    labels: tuple[str, ...] = ()


def read_document(pdf: PDF, body: bytes, read_one: Callable[[PDF, PDFPage, int], PageRead] = read_page) -> Reading:
    """Return the reading of an opened file; `read_one` says how a page is come by, if not by reading it here."""
    read: list[PageRead] = []
    page_ids: list[object] = []
    letters, broken = 0, ""
    try:
        for number, found in enumerate(iter_pages(pdf.doc), start=1):
            if number > MOST_PAGES or letters > MOST_CHARACTERS:
                broken = "more than is read of one file"
                break
            read.append(read_one(pdf, found, number))
            page_ids.append(found.pageid)
            letters += read[-1].layout.length
    except Exception as error:
        broken = named(error)
    about = _read_file(pdf, body, page_ids)
    if broken and not read:
        return Reading(READER, "malformed-pdf", f"page tree: {broken}", metadata=about.metadata, facts=about.facts)
    return whole(read, about, broken)


def _read_file(pdf: PDF, body: bytes, page_ids: Sequence[object]) -> FileRead:
    facts, metadata = file_facts(pdf, body, len(page_ids))
    try:
        bookmarks = tuple(bookmarks_of(pdf.doc, page_ids))
        labels = tuple(file_labels(pdf.doc, len(page_ids)))
    except Exception as error:
        return FileRead(metadata, (*facts, Fact("unreadable", f"bookmarks and labels: {named(error)}")))
    return FileRead(metadata, facts, bookmarks, labels)


def whole(read: Sequence[PageRead], about: FileRead, broken: str = "") -> Reading:
    """Return the reading of a document by all of its pages, the second stage; `broken` says why they aren't all."""
    pages = _pages(read, about)
    metadata = dict(about.metadata)
    if removed := sum(one.removed for one in read):
        metadata["removed characters"] = str(removed)
    outcome, detail = _outcome(read, broken)
    return Reading(
        READER,
        outcome,
        detail,
        pages,
        tuple(link for one in read for link in one.links),
        metadata,
        tuple(table for one in read for table in one.tables),
        without_cover(outline_of(pages, about.bookmarks), pages),
        (*cover_facts(pages), *about.facts, *(fact for one in read for fact in one.facts)),
    )


def _outcome(read: Sequence[PageRead], broken: str) -> tuple[str, str]:
    """Return the gravest outcome of all pages, and which of them have none of their text, and why."""
    problems: dict[str, list[int]] = {}
    for one in read:
        if one.outcome != "text":
            problems.setdefault(one.problem, []).append(one.number)
    said = [f"{name_pages(numbers)}: {reason}" for reason, numbers in problems.items()]
    if broken:
        said.append(f"after page {len(read)}: {broken}")
    outcomes = {one.outcome for one in read} | ({"page-failed"} if broken else set())
    order = ("page-failed", "garbled-text", "no-text-layer", "text")
    gravest = next((name for name in order if name in outcomes), "no-pages")
    return gravest, "; ".join(said)[:2000]


def _pages(read: Sequence[PageRead], about: FileRead) -> tuple[TextPage, ...]:
    composed = compose([one.layout for one in read])
    edges = [made.header + made.footer or made.text.split("\n") for made in composed]
    labels = printed_labels(edges, about.labels)
    return tuple(
        TextPage(
            one.number,
            label,
            made.text,
            one.outcome,
            made.parts,
            made.runs_on,
            made.also,
            covered=one.covered,
        )
        for one, made, label in zip(read, composed, labels, strict=True)
    )
