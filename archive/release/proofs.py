"""Proof files: what takes a stranger from one version's bytes to a release's manifest by SHA-256 alone.

The file is JSON of which each member stands on a line of its own, so that standard tools can take it apart
(docs/checking-a-proof.md). It is checked here as it is there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from archive.release.folder import Releases
from archive.release.leaves import all_leaves
from archive.release.merkle import leaf_hash, path_of, root_by_path
from archive.release.tables import canonical

FORMAT = "oversight-proof-1"
MEMBERS = ("format", "release", "index", "size", "root", "leaf", "path", "manifest", "timestamp")


class NoSuchVersion(Exception):  # noqa: N818
    """A release doesn't hold this version, or this document."""


def make_proof(releases: Releases, number: int, version: str) -> bytes:
    """Return the proof file of a version, or of a document's newest version, in a release.

    Raises NoSuchVersion; OSError and ValueError where the release isn't whole.
    """
    return next(make_proofs(releases, number, [version]))


def make_proofs(releases: Releases, number: int, versions: Iterable[str]) -> Iterator[bytes]:
    """Yield the proof file of each version, in their order; the release's leaves are read once. Raises likewise."""
    manifest = releases.manifest(number)
    connection = releases.open(number)
    try:
        leaves = all_leaves(connection, manifest["tables"])
        hashes = [leaf_hash(one) for one in leaves]
        found = [_leaf_of(connection, version) for version in versions]
    finally:
        connection.close()
    timestamp = releases.timestamp_path(number)
    for leaf in found:
        index = leaves.index(leaf)
        members: dict[str, Any] = {
            "format": FORMAT,
            "release": number,
            "index": index,
            "size": len(leaves),
            "root": manifest["root"],
            "leaf": json.loads(leaf),
            "path": [one.hex() for one in path_of(hashes, index)],
            "manifest": base64.b64encode(releases.manifest_path(number).read_bytes()).decode(),
            "timestamp": base64.b64encode(timestamp.read_bytes()).decode() if timestamp.exists() else "",
        }
        yield _written(members)


def _leaf_of(connection: sqlite3.Connection, version: str) -> bytes:
    found = connection.execute(
        "SELECT leaf FROM leaves WHERE version = ?1 OR version = (SELECT newest_version FROM documents WHERE id = ?1)",
        (version,),
    ).fetchone()
    if found is None:
        raise NoSuchVersion(version)
    return str(found["leaf"]).encode()


def check_proof(proof: bytes, published: str = "", document: bytes | None = None) -> list[str]:
    """Return why a proof proves nothing; nothing where all is as it should be.

    `published` is the hex SHA-256 of the manifest as it was published, `document` the bytes of the version. What is
    left out of these isn't checked.
    """
    try:
        members = json.loads(proof)
        if _written(members) != proof:
            return ["the file isn't in the form of a proof"]
        return list(_refusals(members, published, document))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        return ["the file isn't a proof"]


def manifest_of(proof: bytes) -> bytes:
    """Return the manifest in a proof that was checked."""
    return base64.b64decode(json.loads(proof)["manifest"], validate=True)


def _written(members: dict[str, Any]) -> bytes:
    """Return a proof as it is written. Raises KeyError for a member that it lacks."""
    lines = [f' "{name}": {_member(name, members[name])}' for name in MEMBERS]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode("ascii")


def _member(name: str, value: Any) -> str:
    if name == "path" and value:
        return "[\n" + ",\n".join(f"  {canonical(one).decode()}" for one in value) + "\n ]"
    return canonical(value).decode()


def _refusals(members: dict[str, Any], published: str, document: bytes | None) -> Iterator[str]:
    """Yield what isn't so."""
    leaf, content = members["leaf"], base64.b64decode(members["manifest"], validate=True)
    manifest = json.loads(content)
    if members["format"] != FORMAT:
        yield f"it is no proof of the form {FORMAT}"
    if document is not None and hashlib.sha256(document).hexdigest() != leaf["sha256"]:
        yield "the document isn't the one that the leaf names"
    path = [bytes.fromhex(one) for one in members["path"]]
    root = root_by_path(leaf_hash(canonical(leaf)), members["index"], members["size"], path)
    if root is None or root.hex() != members["root"]:
        yield "the path doesn't lead from the leaf to the root"
    named = (manifest["number"], manifest["leaves"], manifest["root"])
    if named != (members["release"], members["size"], members["root"]):
        yield "the manifest is of another release, or of another tree"
    if published and hashlib.sha256(content).hexdigest() != published.lower():
        yield "the manifest isn't the one that was published"
