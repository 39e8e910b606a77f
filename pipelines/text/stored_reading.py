"""A reading as bytes: how a worker hands it over, and how it is kept. What comes in may be hostile."""

from __future__ import annotations

import gzip
import json
import math
import zlib
from dataclasses import astuple
from typing import Any

from pipelines.text.reading import PART_KINDS, Fact, OutlineEntry, Part, Reading, TextLink, TextPage, TextTable

# The readers and their versions: a reading is kept under them, so a reader that reads otherwise gets a new one.
READERS = {"pdf": "pdf-3", "article": "article-2", "ocr": "ocr-2"}
MOST_PAGES = 10_000
MOST_CHARACTERS = 50_000_000
MOST_BYTES = 64 << 20
# The exit status of a worker that had no memory left even to answer; Python's own are 0, 1, 2 and 120.
NO_MEMORY = 71
# Of what an answer says, so many values: a small answer may be more than memory holds once its JSON is objects.
_MOST_VALUES = 10_000_000
_MOST_DIGITS = 16

PAGE_OUTCOMES = frozenset({"text", "no-text-layer", "garbled-text", "blank-page", "ocr-failed", "page-failed"})
READING_OUTCOMES = PAGE_OUTCOMES | {
    "no-pages", "encrypted", "malformed-pdf", "no-article", "reader-memory", "reader-timeout", "reader-crashed",
}  # fmt: skip


def to_bytes(reading: Reading) -> bytes:
    """Return the reading as gzip-compressed JSON; the same reading gives the same bytes."""
    fields = {
        "reader": reading.reader,
        "outcome": reading.outcome,
        "detail": reading.detail,
        "pages": [astuple(page) for page in reading.pages],
        "links": [[link.page, link.url, link.text] for link in reading.links],
        "metadata": dict(reading.metadata),
        "tables": [astuple(table) for table in reading.tables],
        "outline": reading.outline,
        "facts": reading.facts,
    }
    return gzip.compress(json.dumps(fields, ensure_ascii=True).encode("ascii"), compresslevel=6, mtime=0)


def from_bytes(data: bytes, reader: str) -> Reading:
    """Return the reading that `reader` gave. Raises ValueError for anything else, or more than a document holds."""
    fields = _fields(data)
    pages = tuple(_page(entry) for entry in list_of(fields, "pages", MOST_PAGES))
    links = tuple(link_of(entry) for entry in list_of(fields, "links", 1_000_000))
    metadata = fields["metadata"] if isinstance(fields.get("metadata"), dict) else {}
    outcome = text_of(fields.get("outcome"), 100)
    if fields.get("reader") != reader or outcome not in READING_OUTCOMES:
        raise ValueError("a reading of another reader, or with an outcome that there isn't")
    numbers = [page.number for page in pages]
    # Those that OCR read are some of a document's; every other reading has all of them.
    if numbers != (sorted(set(numbers)) if reader == READERS["ocr"] else list(range(1, len(pages) + 1))):
        raise ValueError("pages that don't count from 1")
    if numbers and not 1 <= numbers[0] <= numbers[-1] <= MOST_PAGES:
        raise ValueError(f"pages that don't count from 1 to {MOST_PAGES}")
    if sum(len(page.text) for page in pages) > MOST_CHARACTERS + 10_000_000:
        raise ValueError(f"more than {MOST_CHARACTERS} characters")
    tables = tuple(table_of(entry) for entry in list_of(fields, "tables", 20_000))
    outline = tuple(_entry(entry) for entry in list_of(fields, "outline", 20_000))
    facts = tuple(fact_of(entry) for entry in list_of(fields, "facts", 50_000))
    placed = [one.page for one in tables] + [one.page for one in outline] + [one.page for one in facts]
    if max(placed, default=0) > max(numbers, default=0):
        raise ValueError("something on a page that there isn't")
    kept = {text_of(name, 100): text_of(value, 500) for name, value in metadata.items()}
    detail = text_of(fields.get("detail"), 4000)
    return Reading(reader, outcome, detail, pages, links, kept, tables, outline, facts)


def unpacked(data: bytes) -> Any:
    """Return what the compressed JSON says. Raises ValueError for anything else, or more than a worker may answer."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes; a reading has at most {MOST_BYTES}")
    try:
        unpacking = zlib.decompressobj(wbits=31)
        text = unpacking.decompress(data, 8 * MOST_BYTES)
        if not unpacking.eof or sum(map(text.count, (b",", b"[", b"{"))) > _MOST_VALUES:
            return None
        return json.loads(text, parse_int=_number)
    except (zlib.error, ValueError, RecursionError) as error:
        raise ValueError(f"not a reading: {error}") from error


def _number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError("a number that nothing here has")
    return int(digits)


def _fields(data: bytes) -> dict[str, Any]:
    fields = unpacked(data)
    if not isinstance(fields, dict):
        raise ValueError("not a whole reading")
    return fields


def list_of(fields: dict[str, Any], name: str, most: int) -> list[Any]:
    entries = fields.get(name)
    if not isinstance(entries, list) or len(entries) > most:
        raise ValueError(f"no {name}, or more than {most}")
    return entries


def text_of(value: object, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"not a text of at most {most} characters")
    # Half of a surrogate pair is no text: it can be neither stored nor hashed (UnicodeEncodeError is a ValueError).
    value.encode()
    return value


def _page(entry: object) -> TextPage:
    match entry:
        case [int(number), label, text, str(outcome), list(parts), ("" | " " | "-" | "=") as runs_on, also,
              ("text-layer" | "ocr") as origin, (None | float() | int()) as confidence, int(covered)]:  # fmt: skip
            kept = text_of(text, MOST_CHARACTERS)
            if outcome in PAGE_OUTCOMES and (confidence is None or 0 <= confidence <= 1) and covered >= 0:
                said = (text_of(label, 100), kept, outcome, _parts(parts, len(kept)), runs_on, text_of(also, 1_000_000))
                return TextPage(number, *said, origin, confidence, covered)
    raise ValueError("not a page")


def _parts(entries: list[Any], length: int) -> tuple[Part, ...]:
    parts, place = [], 0
    for entry in entries:
        match entry:
            case [str(kind), int(start), int(end)] if kind in PART_KINDS and place <= start <= end <= length:
                parts.append(Part(kind, start, end))
                place = end
            case _:
                raise ValueError("not a part of a page")
    return tuple(parts)


def table_of(entry: object) -> TextTable:
    match entry:
        case [int(page), int(number), int(headers), [list(first), *others], list(box)] if page >= 1:
            rows = [[text_of(cell, 100_000) for cell in row] for row in (first, *others) if isinstance(row, list)]
            square = len(rows) == len(others) + 1 and all(len(row) == len(first) for row in rows)
            if square and 0 <= headers <= len(rows):
                return TextTable(page, number, headers, tuple(map(tuple, rows)), _box(box))
    raise ValueError("not a table")


def _box(sides: list[Any]) -> tuple[float, float, float, float]:
    match sides:
        case [int() | float(), int() | float(), int() | float(), int() | float()] if all(map(math.isfinite, sides)):
            return (float(sides[0]), float(sides[1]), float(sides[2]), float(sides[3]))
    raise ValueError("not a box")


def _entry(entry: object) -> OutlineEntry:
    match entry:
        case [int(level), number, title, int(page)] if 1 <= level <= 9 and page >= 0:
            return OutlineEntry(level, text_of(number, 100), text_of(title, 2000), page)
    raise ValueError("not an entry of an outline")


def fact_of(entry: object) -> Fact:
    match entry:
        case [name, value, int(page)] if page >= 0:
            return Fact(text_of(name, 100), text_of(value, 4000), page)
    raise ValueError("not a fact")


def link_of(entry: object) -> TextLink:
    match entry:
        case [int(page), url, text]:
            return TextLink(page, text_of(url, 8000), text_of(text, 500))
    raise ValueError("not a link")
