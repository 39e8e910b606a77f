"""Puts what OCR read in the place of pages that had no usable text. It reads nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines.text.page_labels import printed_labels
from pipelines.text.page_names import name_pages
from pipelines.text.reading import Fact, Reading, TextPage
from pipelines.text.stored_reading import READERS
from pipelines.text.text_layer import GARBLED, NO_LETTERS, UNUSABLE

# A page with one of these waits for OCR; one with any other outcome never gets it.
WAITING = frozenset({"no-text-layer", "garbled-text"})
_GRAVEST = ("page-failed", "ocr-failed", "garbled-text", "no-text-layer", "blank-page", "text")
FAILED = "ocr-failed"
# A layer that says nearly all of what OCR sees is the better reading of the two.
_MORE = 1.2


def waiting(reading: Reading) -> list[int]:
    """Return the numbers of the pages that wait for OCR."""
    return [page.number for page in reading.pages if page.outcome in WAITING]


def failed(number: int, reason: str) -> Reading:
    """Return the scan of a page that OCR could not read, and why."""
    page = TextPage(number, "", "", FAILED, origin="ocr")
    return Reading(READERS["ocr"], FAILED, "", (page,), facts=(Fact(FAILED, reason[:500], number),))


def joined(scans: Iterable[Reading]) -> Reading:
    """Return one reading of all these pages; of a page that comes twice the later counts."""
    pages: dict[int, TextPage] = {}
    facts: dict[int, tuple[Fact, ...]] = {}
    metadata: dict[str, str] = {}
    for scan in scans:
        metadata |= scan.metadata
        for page in scan.pages:
            pages[page.number] = page
            facts[page.number] = tuple(fact for fact in scan.facts if fact.page == page.number)
    numbers = sorted(pages)
    every = tuple(pages[number] for number in numbers)
    said = tuple(fact for number in numbers for fact in facts[number])
    return Reading(READERS["ocr"], _gravest(every), "", every, metadata=metadata, facts=said)


def overlaid(reading: Reading, scans: Reading) -> Reading:
    """Return the reading with each page that waits for OCR replaced by its scan, where there is one."""
    found = {page.number: page for page in scans.pages if page.outcome not in WAITING}
    taken = {number: found[number] for number in waiting(reading) if number in found}
    if not taken:
        return reading
    pages = _labelled([_better(page, taken[page.number]) if page.number in taken else page for page in reading.pages])
    facts = tuple(fact for fact in scans.facts if fact.page in taken)
    outcome = "page-failed" if reading.outcome == "page-failed" else _gravest(pages)
    metadata = {**reading.metadata, **scans.metadata}
    detail = "; ".join([*_other_details(reading), *_details(pages, facts)])[:2000]
    return replace(
        reading, outcome=outcome, detail=detail, pages=pages, metadata=metadata, facts=(*reading.facts, *facts)
    )


def _better(layer: TextPage, scan: TextPage) -> TextPage:
    said = layer.outcome != "garbled-text" and any(letter.isalnum() for letter in layer.text)
    if said and len(scan.text.split()) <= _MORE * len(layer.text.split()):
        return replace(layer, outcome="text" if scan.outcome != FAILED else FAILED)
    if scan.outcome == FAILED:
        return replace(layer, outcome=FAILED)
    return replace(scan, covered=layer.covered)


def _labelled(pages: Sequence[TextPage]) -> tuple[TextPage, ...]:
    """Give the scanned pages the numbers printed on them, which count up with those of the others."""
    labels = printed_labels([page.text.split("\n") for page in pages])
    pairs = zip(pages, labels, strict=True)
    return tuple(replace(page, label=label) if page.origin == "ocr" else page for page, label in pairs)


def _gravest(pages: Sequence[TextPage]) -> str:
    outcomes = {page.outcome for page in pages}
    return next((name for name in _GRAVEST if name in outcomes), "no-pages")


def _other_details(reading: Reading) -> list[str]:
    return [said for said in reading.detail.split("; ") if said and not said.endswith(UNUSABLE)]


def _details(pages: Sequence[TextPage], facts: Sequence[Fact]) -> list[str]:
    problems: dict[str, list[int]] = {}
    for page in pages:
        if page.outcome in WAITING:
            problems.setdefault(GARBLED if page.outcome == "garbled-text" else NO_LETTERS, []).append(page.number)
        elif page.outcome == "blank-page":
            problems.setdefault("nothing to read on it", []).append(page.number)
    for fact in facts:
        problems.setdefault(f"OCR failed: {fact.value}", []).append(fact.page)
    return [f"{name_pages(numbers)}: {reason}" for reason, numbers in problems.items()]
