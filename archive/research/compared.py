"""Two versions of a document, or of two, found by what stands in an address, and compared; and what is kept of that."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from archive.diff.compare import compare
from archive.diff.sides import read_side
from archive.research import documents
from archive.research.difference import Difference
from archive.research.renamed import find_renamed
from archive.research.rows import Row, select, select_one
from archive.research.withdrawn import gone_version

# Pages of both sides together: beyond, nobody reads what it says, and it would hold up who asks something else.
MOST_PAGES = 5_000


@dataclass(frozen=True, slots=True)
class Found:
    """A version that an address names; else what there is in its place: `renamed` to another name, `gone` by a
    withdrawal, or nothing."""

    version: Row | None = None
    renamed: Row | None = None
    gone: Row | None = None


def find(connection: sqlite3.Connection, document: Row, tail: str) -> Found:
    """Return the version whose digest begins with `tail`; the newest where that is empty."""
    version = documents.find_version(connection, document, tail)
    if version is not None:
        return Found(version)
    if renamed := find_renamed(connection, document["id"], tail):
        return Found(renamed=renamed)
    return Found(gone=gone_version(connection, document["id"], tail))


def neighbours(connection: sqlite3.Connection, document: Row, before: str | None, after: str | None) -> tuple[str, str]:
    """Return the tails of two versions: where one isn't named, the newest, or the one before the other in its order.

    Both are "" where the document has no two versions, or none before the one that is named.
    """
    versions = documents.list_versions(connection, document["id"])
    newest = next((one for one in versions if one["id"] == document["newest_version"]), None)
    if newest is None or len(versions) < 2:
        return "", ""
    later = documents.find_version(connection, document, after) if after else newest
    if before is None:
        ordinal = later["ordinal"] if later else newest["ordinal"]
        earlier = [one for one in versions if one["ordinal"] < ordinal]
        if not earlier and after and later:
            return "", ""
        earlier = earlier or [one for one in versions if one != later]
        before = documents.version_tail(earlier[0])
    return before, after or documents.version_tail(newest)


class TooLongError(Exception):
    """Two versions that have more pages than are compared while somebody waits."""


def differ(connection: sqlite3.Connection, before: Row, after: Row) -> Difference:
    """Return what changed from one version to another. Raises TooLongError."""
    if before["pages"] + after["pages"] > MOST_PAGES:
        raise TooLongError
    sides = read_side(connection, before["id"]), read_side(connection, after["id"])
    return Difference(compare(*sides), *sides)


def kept_comparisons(connection: sqlite3.Connection, document: str) -> dict[str, Row]:
    """Return, by version, what it changed of the one before it: kind, score, summary; {} where none are kept.

    `address` is where that difference is shown.
    """
    if not holds_comparisons(connection):
        return {}
    found = select(
        connection,
        "SELECT c.version, c.before, c.kind, c.score, c.summary, c.why, v.digest, b.digest AS before_digest"
        " FROM comparisons AS c JOIN versions AS v ON v.id = c.version JOIN versions AS b ON b.id = c.before"
        " WHERE c.document = ?",
        (document,),
    )
    return {row["version"]: {**_named(row), "address": _address(document, row)} for row in found}


def holds_comparisons(connection: sqlite3.Connection) -> bool:
    """Tell whether a catalogue, or a release, has comparisons: older releases don't."""
    return select_one(connection, "SELECT 1 AS held FROM sqlite_master WHERE name = 'comparisons'") is not None


def _named(row: Row) -> Row:
    return {name: row[name] for name in ("version", "before", "kind", "score", "summary", "why")}


def _address(document: str, row: Row) -> str:
    tails = (documents.version_tail({"id": row[name], "digest": row[digest]})
             for name, digest in (("before", "before_digest"), ("version", "digest")))  # fmt: skip
    return difference_address(document, *tails)


def difference_address(document: str, before: str, after: str) -> str:
    """Return the path of what changed from one version of a document to another, for good."""
    return f"/d/{document}/diff/{before}..{after}"


def changed_address(change: Row) -> str:
    """Return the path of what a change of a document's versions changed, "" where it is none of a version's."""
    if not (change["version"] and change["before"]):
        return ""
    tails = (change[name].rpartition("@")[2] for name in ("before", "version"))
    return difference_address(change["document"], *tails)
