"""What each version changed of the one before it, as rows: written once for a pair, and again only if either changes.

Their cost grows with the pairs that are new. Both sides are read from the catalogue, so that what is compared is what
is shown.
"""

from __future__ import annotations

import hashlib
import itertools
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from archive.catalog.row_sync import insert_rows
from archive.diff.compare import compare
from archive.diff.model import COSMETIC, SAME, Comparison, Side
from archive.diff.passages import Passage, passages_of
from archive.diff.sides import read_side
from archive.page_keys import passage_key

Row = dict[str, Any]
# What compares: rows that another made are made anew.
DIFFER = "diff-4"


class Chain(NamedTuple):
    """The versions of a document, in their order."""

    document: str
    versions: Sequence[str]


def sync_comparisons(connection: sqlite3.Connection, chains: Iterable[Chain], tick: Callable[[], None]) -> None:
    """Bring `comparisons` and `changed_passages` in line with the versions and their texts. The caller commits."""
    texts = dict(connection.execute("SELECT version, made_of FROM texts").fetchall())
    wanted = {version: (document, before) for document, before, version in _pairs(chains)}
    made_of = {version: _made_of(texts, before, version) for version, (_, before) in wanted.items()}
    held = dict(connection.execute("SELECT version, made_of FROM comparisons").fetchall())
    kept = {version for version, made in held.items() if made_of.get(version) == made}
    for version in held.keys() - kept:
        connection.execute("DELETE FROM changed_passages WHERE version = ?", (version,))
        connection.execute("DELETE FROM comparisons WHERE version = ?", (version,))
    read = _LastRead(connection)
    for version, (document, before) in wanted.items():
        if version not in kept:
            sides = read.side(before), read.side(version)
            told = compare(*sides)
            insert_rows(connection, "comparisons", [_row(document, told, made_of[version])])
            insert_rows(connection, "changed_passages", _passage_rows(connection, document, told, sides))
            tick()


def cosmetic_pairs(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return the pairs of versions, the later first, between which nothing changed that anybody reads."""
    kinds = "SELECT version, before FROM comparisons WHERE kind IN (?, ?)"
    return {(version, before) for version, before in connection.execute(kinds, (SAME, COSMETIC))}


def _pairs(chains: Iterable[Chain]) -> Iterator[tuple[str, str, str]]:
    for chain in chains:
        yield from ((chain.document, before, version) for before, version in itertools.pairwise(chain.versions))


def _made_of(texts: Mapping[str, str], before: str, version: str) -> str:
    made = "\n".join((DIFFER, before, texts.get(before, ""), texts.get(version, "")))
    return hashlib.sha256(made.encode()).hexdigest()


class _LastRead:
    """Reads sides; the last two are held, since a version is first the later one of a pair and then the earlier."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.held: dict[str, Side] = {}

    def side(self, version: str) -> Side:
        if version not in self.held:
            if len(self.held) > 1:
                del self.held[next(iter(self.held))]
            self.held[version] = read_side(self.connection, version)
        return self.held[version]


def _row(document: str, told: Comparison, made_of: str) -> Row:
    counts = told.counts
    return {
        "version": told.after,
        "before": told.before,
        "document": document,
        "kind": told.kind,
        "score": told.score,
        "summary": told.summary,
        "why": ", ".join(told.why),
        "doubts": ", ".join(told.doubts),
        **{name: getattr(counts, name) for name in counts.__slots__},
        "made_of": made_of,
    }


def _passage_rows(
    connection: sqlite3.Connection, document: str, told: Comparison, sides: tuple[Side, Side]
) -> Iterator[Row]:
    for ordinal, passage in enumerate(passages_of(told, *sides), 1):
        yield {
            "id": _free_id(connection, told.after, ordinal),
            "version": told.after,
            "ordinal": ordinal,
            "document": document,
            "kind": passage.kind,
            "stands_in": _stands_in(told, passage),
            "page": passage.page,
            "part": passage.part,
            "text": passage.text,
        }


def _stands_in(told: Comparison, passage: Passage) -> str:
    return told.after if passage.kind == "added" else told.before


def _free_id(connection: sqlite3.Connection, version: str, ordinal: int) -> int:
    """Return a passage's key; of two that would have the same, the later takes another."""
    keys = (passage_key(version, ordinal, taken) for taken in itertools.count())
    taken = "SELECT 1 FROM changed_passages WHERE id = ?"
    return next(key for key in keys if connection.execute(taken, (key,)).fetchone() is None)
