"""What a release commits to: a leaf for each table and one for each version, under one root.

A leaf is canonical JSON. The table `leaves` has those of versions; those of tables stand in the manifest. Neither is
part of the release's digest: where a record's stored bytes lie and how they were packed is no content.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from archive.release.merkle import leaf_hash, root_of
from archive.release.tables import LEAVES, canonical

TABLE = """
CREATE TABLE leaves (
    version TEXT PRIMARY KEY REFERENCES versions(id), leaf TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def put_leaves(source: sqlite3.Connection) -> None:
    """Write the leaf of each released version; what is known of stored records is the catalogue's, or the older's."""
    records = _records(source)
    texts = _text_digests(source)
    rows = source.execute(
        "SELECT v.id, v.document, v.url, c.id, c.captured_at, c.content_digest, c.payload_digest"
        " FROM release.versions AS v JOIN release.captures AS c ON c.id = v.capture ORDER BY v.id"
    )
    leaves = []
    for version, document, url, capture, captured_at, content, payload in rows:
        leaf = {
            "version": version,
            "document": document,
            "url": url,
            "capture": capture,
            "captured_at": captured_at,
            "sha256": content.rpartition(":")[2],
            "payload": payload.rpartition(":")[2],
            "text": texts.get(version, hashlib.sha256().hexdigest()),
            "record": records.get(capture, ""),
        }
        leaves.append((version, canonical(leaf).decode("ascii")))
    source.executemany("INSERT INTO release.leaves(version, leaf) VALUES (?, ?)", leaves)


def _records(source: sqlite3.Connection) -> dict[str, str]:
    """Return the hex SHA-256 of the stored record of each capture."""
    held = {row[0] for row in source.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    if "records" in held:
        return dict(source.execute("SELECT capture, digest FROM main.records").fetchall())
    if LEAVES not in held:
        return {}
    told = (json.loads(row[0]) for row in source.execute("SELECT leaf FROM main.leaves"))
    return {leaf["capture"]: leaf["record"] for leaf in told}


def _text_digests(source: sqlite3.Connection) -> dict[str, str]:
    """Return the SHA-256 of each version's released text: its pages, parted by form feeds, in UTF-8."""
    pages = source.execute("SELECT version, text FROM release.pages ORDER BY version, number")
    return {version: _joined(row[1] for row in group) for version, group in groupby(pages, lambda row: str(row[0]))}


def _joined(texts: Iterator[str]) -> str:
    digest = hashlib.sha256()
    for at, text in enumerate(texts):
        digest.update((b"\f" if at else b"") + text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def all_leaves(made: sqlite3.Connection, tables: Mapping[str, Mapping[str, Any]]) -> list[bytes]:
    """Return every leaf of a release in its order: its tables' by name, then its versions'."""
    of_tables = [canonical({"table": name, **tables[name]}) for name in sorted(tables)]
    of_versions = made.execute("SELECT leaf FROM leaves ORDER BY version")
    return [*of_tables, *(row[0].encode() for row in of_versions)]


def root_and_size(made: sqlite3.Connection, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a manifest says of the tree: `root` (hex) and `leaves`, how many there are."""
    hashes = [leaf_hash(leaf) for leaf in all_leaves(made, tables)]
    return {"root": root_of(hashes).hex(), "leaves": len(hashes)}
