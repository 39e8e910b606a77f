"""The labels that a PDF gives its own pages, and its pages without them: broken labels must not cost the pages."""

from __future__ import annotations

from collections.abc import Iterator

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfpage import PDFPage
from pdfminer.utils import format_int_alpha, format_int_roman

from pipelines.text.pdf_objects import dictionary, iter_tree, name_of, whole_number, words_of


def iter_pages(document: PDFDocument) -> Iterator[PDFPage]:
    """Yield pdfminer's pages without labels; raises what pdfminer raises at a page tree that it can't walk."""
    # PDFPage.create_pages draws a label for every page, and ends at the first that it can't make.
    labels = document.catalog.pop("PageLabels", None)
    try:
        yield from PDFPage.create_pages(document)
    finally:
        if labels is not None:
            document.catalog["PageLabels"] = labels


def file_labels(document: PDFDocument, pages: int) -> list[str]:
    """Return what a viewer would call each of the first `pages` pages; [] where the file has no labels.

    They need not be printed anywhere (ISO 32000-2, 12.4.2). A label that can't be made is "".
    """
    ranges = {
        leaf.key: dictionary(leaf.value)
        for leaf in iter_tree(document.catalog.get("PageLabels"), "Nums")
        if isinstance(leaf.key, int) and 0 <= leaf.key < pages
    }
    labels = []
    for page in range(min(ranges), pages) if ranges else ():
        if page in ranges:
            first, style = page, name_of(ranges[page].get("S"))
            prefix, start = words_of(ranges[page].get("P"), 50), whole_number(ranges[page].get("St")) or 1
        labels.append(prefix + _written(style, start + page - first))
    return [""] * min(ranges) + labels if ranges else []


def _written(style: str, value: int) -> str:
    if not 0 < value < 1_000_000:
        return ""
    if style in ("R", "r"):
        written = format_int_roman(value) if value < 4000 else ""
    elif style in ("A", "a"):
        # pdfminer counts z, aa, ab; the standard z, aa, bb.
        written = format_int_alpha((value - 1) % 26 + 1) * ((value - 1) // 26 + 1) if value <= 26 * 20 else ""
    else:
        return str(value) if style == "D" else ""
    return written.upper() if style in ("R", "A") else written
