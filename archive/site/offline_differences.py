"""What each version changed of the one before it, as pages of a site without a server: side by side, some to a file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.diff.model import PagePair
from archive.research import compared, documents
from archive.research.difference import SIDE, Difference, Fold, Shown
from archive.research.difference_text import page_names
from archive.research.rows import Row
from archive.site.offline_names import folder_of


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a difference: from its `first` changed page on; `items` are pages that are shown, and folds."""

    first: int
    items: Sequence[Shown | Fold]
    more: int | None


@dataclass(frozen=True, slots=True)
class Links:
    """The parts of one difference by the addresses that its template asks for; `starts` says where each page stands."""

    address: str
    starts: Mapping[str, int]

    def to(self, view: str = "", start: int = 0, at: str = "", ending: str = "") -> str:
        """Return the address of a part. Another view or form is one that only a server has."""
        if ending or view not in ("", SIDE):
            return f"{self.address}{ending}?view={view}"
        first = self.starts.get(at, 0) if at else start
        return f"{self.address}?start={first}" if first else self.address


def first_files(connection: sqlite3.Connection, document: str) -> dict[str, str]:
    """Return the first file of each difference that a document's pages lead to, by its address."""
    return {address: file_of_part(document, address, 0) for address, _ in _compared(connection, document)}


def _compared(connection: sqlite3.Connection, document: str) -> Iterator[tuple[str, list[Row]]]:
    """Yield each difference that is kept of a document, by its address, with its two versions: not those too long."""
    kept = compared.kept_comparisons(connection, document)
    versions = {one["id"]: one for one in documents.list_versions(connection, document)} if kept else {}
    for one in kept.values():
        pair = [versions[one["before"]], versions[one["version"]]]
        if sum(version["pages"] for version in pair) <= compared.MOST_PAGES:
            yield one["address"], pair


def file_of_part(document: str, address: str, first: int) -> str:
    """Return the file of a part of a difference."""
    name = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{folder_of(document)}/x-{name}-{first:07d}.html"


def differences(connection: sqlite3.Connection, document: Row) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    """Yield each part of each difference of a document: its address, the files of all parts, and what it shows."""
    for address, pair in _compared(connection, document["id"]):
        yield from _parts_of(document, pair, compared.differ(connection, *pair), address)


def _parts_of(
    document: Row, pair: list[Row], difference: Difference, address: str
) -> Iterator[tuple[str, dict[str, str], dict[str, Any]]]:
    parts = list(_cut(difference))
    starts = {_anchor(item.pair): part.first for part in parts for item in part.items if isinstance(item, Shown)}
    links = Links(address, starts)
    files = {links.to(start=part.first): file_of_part(document["id"], address, part.first) for part in parts}
    for part in parts:
        yield (
            links.to(start=part.first),
            files,
            {
                "documents": [document, document],
                "versions": pair,
                "what": difference.told,
                "changed": difference.changed,
                "items": [(item, isinstance(item, Shown)) for item in part.items],
                "first": part.first,
                "more": part.more,
                "view": SIDE,
                "fields": difference.fields(),
                "metadata": difference.metadata(),
                "tables": list(difference.tables()),
                "page_names": page_names,
                "links": links,
            },
        )


def _cut(difference: Difference) -> Iterator[Part]:
    first: int | None = 0
    while first is not None:
        items, more = difference.shown(first, SIDE)
        yield Part(first, items, more)
        first = more


def _anchor(pair: PagePair) -> str:
    """Return what a pair of pages is asked for by, as the template asks."""
    return f"p{pair.after}" if pair.after else f"b{pair.before}"
