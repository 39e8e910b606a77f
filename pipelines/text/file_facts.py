"""The facts of a PDF as a file: its metadata, revisions, signatures, what is attached to it and what it would do."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfplumber.pdf import PDF

from pipelines.text.cleaning import clean_line
from pipelines.text.contacts import without_contacts
from pipelines.text.pdf_actions import actions
from pipelines.text.pdf_attached import comments, embedded_files, page_annotations
from pipelines.text.pdf_form import signatures, xfa
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.pdf_objects import dictionary, name_of, resolved, whole_number, words_of
from pipelines.text.reading import Fact
from pipelines.text.stored_reading import MOST_PAGES

_NAMED = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate")
_HEAD = re.compile(rb"%PDF-(\d\.\d)")
# The first part of a linearized file ends with "startxref 0" (ISO 32000-2, annex F); it is no revision.
_END = re.compile(rb"startxref\s{1,10}(\d{1,15})\s{1,10}%%EOF")
# Word ends its files with an empty table that only points to the same objects once more: nothing was changed.
_EMPTY = re.compile(rb"\s{0,20}xref\s{1,5}0 0\s{1,5}trailer")
_XREF = re.compile(rb"\s{0,20}(?:xref|\d{1,10}\s{1,10}\d{1,5}\s{1,10}obj)")
_PADDING = b"\0\t\n\f\r \x1a"


def file_facts(pdf: PDF, body: bytes, last_page: int = MOST_PAGES) -> tuple[tuple[Fact, ...], dict[str, str]]:
    """Return the facts of the file and what it says of itself by name; raises nothing but MemoryError.

    Facts stand in a fixed order. One on a page after `last_page`, which wasn't read, stands on none (0). What can't
    be looked into is a fact "unreadable".
    """
    document, unreadable = pdf.doc, list[Fact]()

    def tried(what: str, collect: Callable[..., Any], *given: Any) -> Any:
        try:
            return collect(*given)
        except MemoryError:
            raise
        except Exception as error:
            unreadable.append(Fact("unreadable", f"{what}: {type(error).__name__}"))
            return []

    pages: list[PDFPage] = []
    tried("pages", _add_pages, document, pages)
    noted = tried("annotations", page_annotations, pages)
    found = [
        *tried("signatures", signatures, document, noted),
        *tried("embedded files", embedded_files, document, noted),
        *tried("actions", actions, document, pages, noted),
        *tried("form", xfa, document),
        *tried("comments", comments, noted),
        *tried("page count", _page_count, document, pages),
        *revisions(body),
        *unreadable,
    ]
    facts = tuple(fact if fact.page <= last_page else fact._replace(page=0) for fact in found)
    metadata = tried("metadata", file_metadata, pdf, body)
    return facts, dict(metadata)


def _add_pages(document: PDFDocument, pages: list[PDFPage]) -> None:
    for page in iter_pages(document):
        if len(pages) == MOST_PAGES:
            return
        pages.append(page)


def file_metadata(pdf: PDF, body: bytes) -> dict[str, str]:
    """Return what the file says of itself, cleaned and cut; a name for which it says nothing is absent.

    Beside the names of its Info dictionary: "PDF version", "Language", "Tagged" ("yes") and "encrypted".
    """
    catalog, metadata = pdf.doc.catalog, {}
    for name in _NAMED:
        limit = 60 if name.endswith("Date") else 500
        if said := without_contacts(words_of(pdf.metadata.get(name), limit)):
            metadata[name] = said
    head = _HEAD.search(body[:1024])
    # A later revision raises the version in the catalog (ISO 32000-2, 7.7.2).
    versions = [head[1].decode() if head else "", name_of(catalog.get("Version"))]
    if version := max(one for one in versions if len(one) <= 3):
        metadata["PDF version"] = version
    if language := words_of(catalog.get("Lang"), 40):
        metadata["Language"] = language
    if resolved(dictionary(catalog.get("MarkInfo")).get("Marked")) is True:
        metadata["Tagged"] = "yes"
    if getattr(pdf.doc, "encryption", None):
        metadata["encrypted"] = "opens with an empty password"
    return metadata


def _page_count(document: PDFDocument, pages: Sequence[Any]) -> list[Fact]:
    said = whole_number(dictionary(document.catalog.get("Pages")).get("Count"))
    if said is None or said == len(pages) or len(pages) == MOST_PAGES:
        return []
    return [Fact("page-count", clean_line(f"the file says {said}; {len(pages)} were found", 100))]


def revisions(body: bytes) -> list[Fact]:
    """Return facts of the file's bytes: "earlier-revision", "bytes-before-start" and "bytes-after-end".

    A file that was changed by appending holds all that it held before (ISO 32000-2, 7.5.6).
    """
    start = max(body.find(b"%PDF-", 0, 1024 + 5), 0)
    ends = [match.end() for match in _END.finditer(body) if _is_revision(body, start, int(match[1]))]
    facts = []
    if len(ends) > 1:
        *earlier, _ = ends
        places = ", ".join(f"{end:,}" for end in earlier[:20])
        facts.append(Fact("earlier-revision", f"{len(earlier):,} in the file, ending after {places} bytes"))
    if start:
        facts.append(Fact("bytes-before-start", f"{start:,} bytes before the PDF begins"))
    last = body.rfind(b"%%EOF")
    if last >= 0 and (left := len(body[last + 5 :].strip(_PADDING))):
        facts.append(Fact("bytes-after-end", f"{left:,} bytes after the PDF's end"))
    return facts


def _is_revision(body: bytes, start: int, place: int) -> bool:
    """Say whether a startxref leads to cross-references of objects; one in an embedded file does not, nor does 0."""
    places = (place, place + start) if place else ()
    return any(_XREF.match(body, one) and not _EMPTY.match(body, one) for one in places)
