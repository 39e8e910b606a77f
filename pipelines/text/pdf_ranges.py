"""Reads a long PDF range by range, each by itself, and puts the ranges together. It trusts neither file nor ranges."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from itertools import islice

from pdfminer.pdfpage import PDFPage
from pdfplumber.pdf import PDF

from pipelines.text import stored_pages
from pipelines.text.pdf import opened, read_document
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.pdf_page import PageRead, named, read_page
from pipelines.text.ranges import MOST_AT_ONCE, Range, count_answer
from pipelines.text.reading import Reading
from pipelines.text.stored_reading import MOST_PAGES


def read_or_count(body: bytes) -> Reading | bytes:
    """Return the file's reading; or, of one with more than MOST_AT_ONCE pages, only how many they are."""

    def read(pdf: PDF) -> Reading | bytes:
        pages = _count(pdf)
        return count_answer(pages) if pages > MOST_AT_ONCE else read_document(pdf, body)

    return opened(body, read)


def read_range(body: bytes, first: int, last: int) -> Reading | bytes:
    """Return the pages `first` to `last` as bytes (pipelines/text/stored_pages.py); the earlier ones aren't drawn."""
    return opened(body, lambda pdf: stored_pages.to_bytes(list(_pages(pdf, first, last))))


def read_joined(data: bytes, body_bytes: int, ranges: Iterable[Range]) -> Reading:
    """Return the reading of the file that `data` begins with; behind its `body_bytes` stand the ranges in order.

    A page that no range holds has failed, for the reason that its range gives. Raises ValueError for a range that
    can't be used.
    """
    body, place = data[:body_bytes], body_bytes
    held: dict[int, PageRead] = {}
    for first, last, length, reason in ranges:
        given = stored_pages.from_bytes(data[place : place + length]) if length else ()
        held |= {page.number: page for page in given if first <= page.number <= last}
        for number in range(first, last + 1):
            held.setdefault(number, PageRead(number, "page-failed", problem=reason or "left out of its range"))
        place += length

    def look_up(_: PDF, __: PDFPage, number: int) -> PageRead:
        return held[number]

    return opened(body, lambda pdf: read_document(pdf, body, look_up))


def _pages(pdf: PDF, first: int, last: int) -> Iterator[PageRead]:
    """A page tree that breaks ends the range; who joins the ranges meets the break too, and says so."""
    numbered = enumerate(iter_pages(pdf.doc), start=1)
    with _to_the_break():
        for number, found in islice(numbered, first - 1, last):
            yield read_page(pdf, found, number)


def _count(pdf: PDF) -> int:
    pages = 0
    with _to_the_break():
        for _ in islice(iter_pages(pdf.doc), MOST_PAGES):
            pages += 1
    return pages


@contextlib.contextmanager
def _to_the_break() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        named(error)  # raises MemoryError
