"""The bookmarks of a PDF as an outline: what the file's maker listed, with the pages that it leads to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdftypes import PDFObjRef

from pipelines.text.pdf_objects import Once, array, dictionary, iter_tree, name_of, resolved, words_of
from pipelines.text.reading import OutlineEntry

MOST_BOOKMARKS = 5000
_MOST_NAMED = 50_000
_DEEPEST = 9


class _Item(NamedTuple):
    reference: Any
    level: int


def bookmarks_of(document: PDFDocument, page_ids: Sequence[Any]) -> list[OutlineEntry]:
    """Return the bookmarks in order, at most 5,000; [] where there are none.

    `page_ids` are the object numbers of the pages in order (pdfminer's `PDFPage.pageid`). A bookmark without a
    title or that leads to no page of the file is left out, one deeper than the 9th level stands on that.
    """
    numbers = {page: number for number, page in reversed(list(enumerate(page_ids, start=1)))}
    named: dict[bytes, Any] = {}
    found = []
    for level, entries in iter_bookmarks(document.catalog):
        title = words_of(entries.get("Title"), 500)
        target = entries.get("Dest", dictionary(entries.get("A")).get("D"))
        if isinstance(resolved(target), bytes) and not named:
            named = _named_targets(document.catalog)
        page = _page(target, document.catalog, named, numbers, len(page_ids))
        if title and page:
            found.append(OutlineEntry(level, "", title, page))
    return found


def iter_bookmarks(catalog: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the level and the entries of each bookmark as they are shown, at most 5,000.

    One that was met before, and what follows it, is passed over.
    """
    once = Once()
    waiting = [_Item(dictionary(catalog.get("Outlines")).get("First"), 1)]
    for _ in range(MOST_BOOKMARKS):
        while waiting and (waiting[-1].reference is None or not once.meets(waiting[-1].reference)):
            waiting.pop()
        if not waiting:
            return
        item = waiting.pop()
        entries = dictionary(item.reference)
        yield min(item.level, _DEEPEST), entries
        waiting.append(_Item(entries.get("Next"), item.level))
        waiting.append(_Item(entries.get("First"), item.level + 1))


def _named_targets(catalog: dict[str, Any]) -> dict[bytes, Any]:
    targets: dict[bytes, Any] = {}
    for leaf in iter_tree(dictionary(catalog.get("Names")).get("Dests"), "Names"):
        if isinstance(leaf.key, bytes) and len(targets) < _MOST_NAMED:
            targets.setdefault(leaf.key, leaf.value)
    return targets or {b"": None}


def _page(target: Any, catalog: dict[str, Any], named: dict[bytes, Any], numbers: dict[Any, int], pages: int) -> int:
    """Return the page that a destination leads to (ISO 32000-2, 12.3.2), or 0."""
    where = resolved(target)
    if isinstance(where, bytes):
        where = resolved(named.get(where))
    elif name := name_of(where):
        where = resolved(dictionary(catalog.get("Dests")).get(name))
    if isinstance(where, dict):
        where = resolved(where.get("D"))
    first = next(iter(array(where, 1)), None)
    if isinstance(first, PDFObjRef):
        return numbers.get(first.objid, 0)
    # Against the standard, and met: the page's place in the file, from 0.
    return first + 1 if isinstance(first, int) and 0 <= first < pages else 0
