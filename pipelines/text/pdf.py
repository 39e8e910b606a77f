"""Reads a PDF's bytes into pages of text by pdfplumber. It trusts nothing in them, and is run in a worker process."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfpage import PDFPage
from pdfminer.pdftypes import PDFStream, resolve1
from pdfplumber.pdf import PDF

from pipelines.text.cleaning import clean_line, clean_text
from pipelines.text.pdf_labels import iter_pages
from pipelines.text.pdf_letters import LetterPage
from pipelines.text.pdf_links import page_links
from pipelines.text.pdf_pages import printed_label, readable_text
from pipelines.text.reading import Reading, TextLink, TextPage
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
        return Reading(READER, "encrypted", f"encrypted in a way that isn't known: {_named(cause)}")
    return Reading(READER, "malformed-pdf", _named(cause))


def _cause(error: Exception) -> BaseException:
    """Unwrap pdfplumber's exception. Raises MemoryError where that is what it wraps."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else error
    if isinstance(inner, MemoryError):
        raise inner
    return inner


def _named(error: BaseException) -> str:
    return clean_line(f"{type(error).__name__}: {error}".rstrip(": "), 300)


class _PageRead(NamedTuple):
    """One page as it was read; `problem` says why it could not be ("" where it was)."""

    page: TextPage
    links: Sequence[TextLink] = ()
    removed: int = 0
    problem: str = ""


def _read_pages(pdf: PDF) -> Reading:
    read: list[_PageRead] = []
    characters, broken = 0, ""
    try:
        for number, found in enumerate(iter_pages(pdf.doc), start=1):
            if number > MOST_PAGES or characters > MOST_CHARACTERS:
                broken = "more than is read of one file"
                break
            read.append(_read_page(pdf, found, number))
            characters += len(read[-1].page.text)
    except Exception as error:
        broken = _named(_cause(error))
    if broken and not read:
        return Reading(READER, "malformed-pdf", f"page tree: {broken}", metadata=_metadata(pdf))
    return _whole(pdf, read, broken)


def _read_page(pdf: PDF, found: PDFPage, number: int) -> _PageRead:
    try:
        # pdfplumber can't do without one; pdfminer gives US Letter where there is none.
        found.attrs.setdefault("MediaBox", list(found.mediabox))
        page = LetterPage(pdf, found, page_number=number)
        try:
            raw = page.extract_text(x_tolerance_ratio=0.15, y_tolerance=3)
            links = page_links(page, number)
        finally:
            page.close()
    except Exception as error:
        return _PageRead(TextPage(number, "", "", "page-failed"), problem=_named(_cause(error)))
    text, removed = clean_text(readable_text(raw))
    if any(character.isalnum() for character in text):
        return _PageRead(TextPage(number, printed_label(text), text), links, removed)
    if not text and _lost_content(found):
        return _PageRead(TextPage(number, "", "", "page-failed"), links, problem="its content can't be unpacked")
    return _PageRead(TextPage(number, "", text, "no-text-layer"), links, removed)


def _lost_content(found: PDFPage) -> bool:
    """Say whether the page has content of which pdfminer, which doesn't complain, could unpack nothing."""
    for stream in map(resolve1, found.contents):
        if isinstance(stream, PDFStream) and not stream.get_data():
            length = resolve1(stream.attrs.get("Length"))
            if isinstance(length, int) and length > 20:
                return True
    return False


def _whole(pdf: PDF, read: Sequence[_PageRead], broken: str) -> Reading:
    problems: dict[str, list[int]] = {}
    for one in read:
        if one.page.outcome != "text":
            problems.setdefault(one.problem or "no letters", []).append(one.page.number)
    said = [f"{name_pages(numbers)}: {reason}" for reason, numbers in problems.items()]
    if broken:
        said.append(f"after page {len(read)}: {broken}")
    outcomes = {one.page.outcome for one in read} | ({"page-failed"} if broken else set())
    gravest = next((name for name in ("page-failed", "no-text-layer", "text") if name in outcomes), "no-pages")
    metadata = _metadata(pdf)
    if removed := sum(one.removed for one in read):
        metadata["removed characters"] = str(removed)
    pages = tuple(one.page for one in read)
    links = tuple(link for one in read for link in one.links)
    return Reading(READER, gravest, "; ".join(said)[:2000], pages, links, metadata)


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
