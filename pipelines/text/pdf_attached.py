"""What hangs on a PDF beside its pages: embedded files and reviewers' comments. Listed as the file names them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pdfminer.pdfdocument import PDFDocument

from pipelines.text.contacts import without_contacts
from pipelines.text.pdf_objects import Once, array, dictionary, iter_tree, name_of, whole_number, words_of
from pipelines.text.reading import Fact

MOST_LISTED = 200
_MOST_ANNOTATIONS = 50_000
# The annotations that carry somebody's words (ISO 32000-2, table 171).
_REMARKS = frozenset(
    [
        "Text",
        "FreeText",
        "Highlight",
        "Underline",
        "Squiggly",
        "StrikeOut",
        "Caret",
        "Stamp",
        "Ink",
        "Line",
        "Square",
        "Circle",
        "Polygon",
        "PolyLine",
    ]
)


class Annotation(NamedTuple):
    """One annotation: the page that it is on (from 1), the object as it stands, and its entries."""

    page: int
    reference: Any
    entries: dict[str, Any]


def page_annotations(pages: Sequence[Any]) -> list[Annotation]:
    """Return the annotations of pdfminer's pages in order, at most 50,000 of one file."""
    found: list[Annotation] = []
    for number, page in enumerate(pages, start=1):
        for reference in array(page.annots, _MOST_ANNOTATIONS - len(found)):
            if entries := dictionary(reference):
                found.append(Annotation(number, reference, entries))
    return found


def file_name(specification: Any) -> str:
    """Return the name in a file specification (ISO 32000-2, 7.11), or "". It is a text, and never used as a path."""
    entries = dictionary(specification)
    for name in ("UF", "F", "Unix", "Mac", "DOS"):
        if said := words_of(entries.get(name), 300):
            return said
    return words_of(specification, 300)


def embedded_files(document: PDFDocument, noted: Sequence[Annotation]) -> list[Fact]:
    """Return a fact for each embedded file, named by its page if it hangs on one; what they hold isn't looked at.

    200 are listed, the others counted.
    """
    catalog, once = document.catalog, Once()
    facts, count = [], 0
    for page, specification in _specifications(catalog, noted):
        if not once.meets(specification):
            continue
        count += 1
        if count <= MOST_LISTED:
            facts.append(Fact("embedded-file", _described(specification), page))
    if count > MOST_LISTED:
        facts.append(Fact("embedded-file", f"and {count - MOST_LISTED:,} more"))
    return facts


def _specifications(catalog: dict[str, Any], noted: Sequence[Annotation]) -> Iterator[tuple[int, Any]]:
    for leaf in iter_tree(dictionary(catalog.get("Names")).get("EmbeddedFiles"), "Names"):
        yield 0, leaf.value
    for reference in array(catalog.get("AF"), 10_000):
        yield 0, reference
    for one in noted:
        if name_of(one.entries.get("Subtype")) == "FileAttachment":
            yield one.page, one.entries.get("FS")


def _described(specification: Any) -> str:
    held = dictionary(dictionary(specification).get("EF"))
    stream = dictionary(held.get("UF") or held.get("F"))
    size = whole_number(dictionary(stream.get("Params")).get("Size"))
    said = f" ({size:,} bytes, as the file says)" if size is not None and 0 <= size < 1 << 63 else ""
    return (file_name(specification) or "a file without a name") + said


def comments(noted: Sequence[Annotation]) -> list[Fact]:
    """Return the words of each remark on a page, after its kind; without who made it. 500 of them are listed."""
    facts, count = [], 0
    for one in noted:
        kind = name_of(one.entries.get("Subtype"))
        if kind not in _REMARKS or not (words := without_contacts(words_of(one.entries.get("Contents"), 1500))):
            continue
        count += 1
        if count <= 500:
            facts.append(Fact("comment", f"{kind}: {words}", one.page))
    if count > 500:
        facts.append(Fact("comment", f"and {count - 500:,} more"))
    return facts
