"""Reads a PDF's bytes into pages of text by pdfplumber. It trusts nothing in them, and is run in a worker process."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence

from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfplumber.pdf import PDF

from pipelines.text.cleaning import clean_line
from pipelines.text.composing import compose
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.pdf_page import PageRead, named, read_page
from pipelines.text.pdf_pages import printed_label
from pipelines.text.reading import Reading, TextPage
from pipelines.text.stored_reading import MOST_CHARACTERS, MOST_PAGES, READERS

READER = READERS["pdf"]

_METADATA = ("Title", "CreationDate", "ModDate", "Producer")


def read_pdf(body: bytes) -> Reading:
    """Return every page's text, or the named reason why it has none; raises nothing but MemoryError.

    The same bytes give the same reading. A file that opens with an empty password is read, and its metadata
    says so under "encrypted".
    """
    # pdfminer logs and warns of every oddity; what counts here is said by outcomes.
    logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
    logging.getLogger("pdfplumber").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pdf = PDF.open(io.BytesIO(body), raise_unicode_errors=False)
        except Exception as error:
            return _unopened(error)
        return _read_pages(pdf)


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


def _read_pages(pdf: PDF) -> Reading:
    read: list[PageRead] = []
    letters, broken = 0, ""
    try:
        for number, found in enumerate(iter_pages(pdf.doc), start=1):
            if number > MOST_PAGES or letters > MOST_CHARACTERS:
                broken = "more than is read of one file"
                break
            read.append(read_page(pdf, found, number))
            letters += sum(len(line.text) for block in read[-1].layout.blocks for line in block.lines)
    except Exception as error:
        broken = named(error)
    if broken and not read:
        return Reading(READER, "malformed-pdf", f"page tree: {broken}", metadata=_metadata(pdf))
    return whole(read, broken, _metadata(pdf))


def whole(read: Sequence[PageRead], broken: str, metadata: dict[str, str]) -> Reading:
    """Return the reading of a document by all of its pages, the second stage; `broken` says why they aren't all."""
    pages = _pages(read)
    problems: dict[str, list[int]] = {}
    for one in read:
        if one.outcome != "text":
            problems.setdefault(one.problem or "no letters", []).append(one.number)
    said = [f"{name_pages(numbers)}: {reason}" for reason, numbers in problems.items()]
    if broken:
        said.append(f"after page {len(read)}: {broken}")
    outcomes = {one.outcome for one in read} | ({"page-failed"} if broken else set())
    gravest = next((name for name in ("page-failed", "no-text-layer", "text") if name in outcomes), "no-pages")
    if removed := sum(one.removed for one in read):
        metadata = {**metadata, "removed characters": str(removed)}
    return Reading(
        READER,
        gravest,
        "; ".join(said)[:2000],
        pages,
        tuple(link for one in read for link in one.links),
        metadata,
        tuple(table for one in read for table in one.tables),
        (),
        tuple(fact for one in read for fact in one.facts),
    )


def _pages(read: Sequence[PageRead]) -> tuple[TextPage, ...]:
    composed = compose([one.layout for one in read])
    return tuple(
        TextPage(
            one.number,
            printed_label(made.text),
            made.text,
            one.outcome,
            made.parts,
            made.runs_on,
            made.also,
            covered=one.covered,
        )
        for one, made in zip(read, composed, strict=True)
    )


def _metadata(pdf: PDF) -> dict[str, str]:
    metadata = {}
    for name in _METADATA:
        value = pdf.metadata.get(name)
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if isinstance(value, str) and (cleaned := clean_line(value, 500)):
            metadata[name] = cleaned
    if getattr(pdf.doc, "encryption", None):
        metadata["encrypted"] = "opens with an empty password"
    return metadata


def name_pages(numbers: Sequence[int]) -> str:
    """Name pages as people do: "page 4", "pages 3-7, 9"."""
    spans: list[list[int]] = []
    for number in sorted(numbers):
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
    return f"page {words}" if len(numbers) == 1 else f"pages {words}"
