"""Tombstones: the addresses that answered for what was withdrawn, told again by their digests alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping

from archive.identifiers import search_forms

# As many hex digits of a version's digest as a reader may give (archive/research/documents.py), at least and at most.
SHORTEST_TAIL, LONGEST_TAIL = 4, 10


def tombstone(kind: str, name: str) -> str:
    """Return what stands for an address: the hex SHA-256 of "KIND:NAME".

    Kinds: "document" (an id), "alias", "version" ("id@digest", the digest cut to LONGEST_TAIL), "address" (a key),
    "number" (a canonical value, or its form without a component), "row" ("table/key"), "memento" (see `memento_name`).
    """
    return hashlib.sha256(f"{kind}:{name}".encode("utf-8", "surrogatepass")).hexdigest()


def memento_name(key: str, instant: str) -> str:
    """Return what names the captures of an address (its key) in one second."""
    return f"{instant} {key}"


def tombstones_of(
    names: Iterable[str],
    addresses: Iterable[str],
    numbers: Iterable[str],
    pages: Mapping[str, Iterable[int]],
) -> Iterator[str]:
    """Yield the tombstones of a document (its id and aliases in `names`), or of versions, with all that hangs on them.

    `pages` has each version's id with the keys of its pages.
    """
    for place, name in enumerate(names):
        yield tombstone("alias" if place else "document", name)
        if not place:
            yield tombstone("row", f"documents/{name}")
    for key in addresses:
        yield tombstone("address", key)
    for number in numbers:
        for form in _forms(number):
            yield tombstone("number", form)
    for version, keys in pages.items():
        yield from _of_version(version)
        for page in keys:
            yield tombstone("row", f"pages/{page}")


def _forms(number: str) -> set[str]:
    """Return the values that a reader's spelling of a number comes to: "PIA-039(a)" too where it is of a component."""
    return {number, *(form for form in search_forms(number)[1:2] if form.startswith("PIA-"))}


def _of_version(version: str) -> Iterator[str]:
    document, _, tail = version.rpartition("@")
    for length in range(SHORTEST_TAIL, max(len(tail), LONGEST_TAIL) + 1):
        yield tombstone("version", f"{document}@{tail[:length]}")
    yield tombstone("row", f"versions/{version}")
