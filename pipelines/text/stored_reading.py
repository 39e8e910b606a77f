"""A reading as bytes: how a worker hands it over, and how it is kept. What comes in may be hostile."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

from pipelines.text.reading import Reading, TextLink, TextPage

# The readers and their versions: a reading is kept under them, so a reader that reads otherwise gets a new one.
READERS = {"pdf": "pdf-1", "article": "article-1"}
MOST_PAGES = 10_000
MOST_CHARACTERS = 50_000_000
MOST_BYTES = 64 << 20

PAGE_OUTCOMES = frozenset({"text", "no-text-layer", "page-failed"})
READING_OUTCOMES = PAGE_OUTCOMES | {
    "no-pages", "encrypted", "malformed-pdf", "no-article", "reader-memory", "reader-timeout", "reader-crashed",
}  # fmt: skip


def to_bytes(reading: Reading) -> bytes:
    """Return the reading as gzip-compressed JSON; the same reading gives the same bytes."""
    fields = {
        "reader": reading.reader,
        "outcome": reading.outcome,
        "detail": reading.detail,
        "pages": [[page.number, page.label, page.text, page.outcome] for page in reading.pages],
        "links": [[link.page, link.url, link.text] for link in reading.links],
        "metadata": dict(reading.metadata),
    }
    return gzip.compress(json.dumps(fields, ensure_ascii=True).encode("ascii"), compresslevel=6, mtime=0)


def from_bytes(data: bytes, reader: str) -> Reading:
    """Return the reading that `reader` gave. Raises ValueError for anything else, or more than a document holds."""
    fields = _fields(data)
    pages = tuple(_page(entry) for entry in _list(fields, "pages", MOST_PAGES))
    links = tuple(_link(entry) for entry in _list(fields, "links", 1_000_000))
    metadata = fields["metadata"] if isinstance(fields.get("metadata"), dict) else {}
    if fields.get("reader") != reader or fields.get("outcome") not in READING_OUTCOMES:
        raise ValueError("a reading of another reader, or with an outcome that there isn't")
    if [page.number for page in pages] != list(range(1, len(pages) + 1)):
        raise ValueError("pages that don't count from 1")
    if sum(len(page.text) for page in pages) > MOST_CHARACTERS + 10_000_000:
        raise ValueError(f"more than {MOST_CHARACTERS} characters")
    kept = {_text(name, 100): _text(value, 500) for name, value in metadata.items()}
    return Reading(reader, fields["outcome"], _text(fields.get("detail"), 4000), pages, links, kept)


def _fields(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes; a reading has at most {MOST_BYTES}")
    try:
        unpacking = zlib.decompressobj(wbits=31)
        unpacked = unpacking.decompress(data, 8 * MOST_BYTES)
        fields = json.loads(unpacked) if unpacking.eof else None
    except (zlib.error, ValueError, RecursionError) as error:
        raise ValueError(f"not a reading: {error}") from error
    if not isinstance(fields, dict):
        raise ValueError("not a whole reading")
    return fields


def _list(fields: dict[str, Any], name: str, most: int) -> list[Any]:
    entries = fields.get(name)
    if not isinstance(entries, list) or len(entries) > most:
        raise ValueError(f"no {name}, or more than {most}")
    return entries


def _text(value: object, most: int) -> str:
    if not isinstance(value, str) or len(value) > most:
        raise ValueError(f"not a text of at most {most} characters")
    return value


def _page(entry: object) -> TextPage:
    match entry:
        case [int(number), label, text, str(outcome)] if outcome in PAGE_OUTCOMES:
            return TextPage(number, _text(label, 100), _text(text, MOST_CHARACTERS), outcome)
    raise ValueError("not a page")


def _link(entry: object) -> TextLink:
    match entry:
        case [int(page), url, text]:
            return TextLink(page, _text(url, 8000), _text(text, 500))
    raise ValueError("not a link")
