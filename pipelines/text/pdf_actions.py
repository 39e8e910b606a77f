"""What a PDF would have a viewer do: scripts, programs, forms sent off, other files, films. Named, never acted on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pdfminer.pdfdocument import PDFDocument

from pipelines.text.bookmarks import iter_bookmarks
from pipelines.text.pdf_attached import MOST_LISTED, Annotation, file_name
from pipelines.text.pdf_objects import Once, array, dictionary, iter_tree, name_of, words_of
from pipelines.text.reading import Fact

# Actions that reach out of the document (ISO 32000-2, table 201); turning to a page of its own does not.
_REACHING = frozenset(
    [
        "Launch",
        "SubmitForm",
        "ImportData",
        "GoToR",
        "GoToE",
        "Rendition",
        "Movie",
        "Sound",
        "RichMediaExecute",
        "GoTo3DView",
    ]
)
_PLAYERS = frozenset(["RichMedia", "Movie", "Screen", "Sound", "3D"])
_MOST_IN_CHAIN = 20
_CLICKED = "on a click"


class _Met(NamedTuple):
    """An action, where it was found, and when it would be acted on."""

    page: int
    when: str
    action: Any


def actions(document: PDFDocument, pages: Sequence[Any], noted: Sequence[Annotation]) -> list[Fact]:
    """Return a fact "javascript" or "action" for each thing that a viewer would run, start, send, fetch or play.

    A link that is opened by a click is none: links are listed by themselves. The same on the same page is said
    once; 200 are listed, the others counted.
    """
    found = dict.fromkeys(_told(document.catalog, pages, noted))
    facts = list(found)[:MOST_LISTED]
    if len(found) > MOST_LISTED:
        facts.append(Fact("action", f"and {len(found) - MOST_LISTED:,} more"))
    return facts


def _told(catalog: dict[str, Any], pages: Sequence[Any], noted: Sequence[Annotation]) -> Iterator[Fact]:
    for leaf in iter_tree(dictionary(catalog.get("Names")).get("JavaScript"), "Names"):
        yield Fact("javascript", f"when the file is opened: {words_of(leaf.key, 200)}".rstrip(": "))
    once = Once()
    for met in _met(catalog, pages, noted):
        yield from _chain(met, once)
    for one in noted:
        if (kind := name_of(one.entries.get("Subtype"))) in _PLAYERS:
            yield Fact("action", f"{kind} on the page", one.page)


def _met(catalog: dict[str, Any], pages: Sequence[Any], noted: Sequence[Annotation]) -> Iterator[_Met]:
    yield _Met(0, "when the file is opened", catalog.get("OpenAction"))
    yield from _events(catalog, 0, "on an event of the file")
    for _, bookmark in iter_bookmarks(catalog):
        yield _Met(0, _CLICKED, bookmark.get("A"))
    for number, page in enumerate(pages, start=1):
        yield from _events(page.attrs, number, "on an event of the page")
    for one in noted:
        yield _Met(one.page, _CLICKED, one.entries.get("A"))
        yield from _events(one.entries, one.page, "on an event of a field")
        # A field with one widget may be one object with it, or hold what its widgets share.
        yield from _events(dictionary(one.entries.get("Parent")), one.page, "on an event of a field")


def _events(entries: dict[str, Any], page: int, when: str) -> Iterator[_Met]:
    for action in list(dictionary(entries.get("AA")).values())[:50]:
        yield _Met(page, when, action)


def _chain(met: _Met, once: Once) -> Iterator[Fact]:
    """Name an action and those that come after it, each of them once."""
    waiting = [met.action]
    for _ in range(_MOST_IN_CHAIN):
        if not waiting:
            return
        action = waiting.pop()
        entries = dictionary(action)
        if not entries or not once.meets(action):
            continue
        kind = name_of(entries.get("S"))
        if kind == "JavaScript":
            yield Fact("javascript", met.when, met.page)
        elif kind in _REACHING or (kind == "URI" and met.when != _CLICKED):
            yield Fact("action", f"{kind} {met.when}: {_target(entries)}".rstrip(": "), met.page)
        follows = entries.get("Next")
        waiting += reversed(array(follows, _MOST_IN_CHAIN) or [follows])


def _target(entries: dict[str, Any]) -> str:
    return words_of(entries.get("URI"), 500) or file_name(entries.get("F")) or file_name(dictionary(entries.get("Win")))
