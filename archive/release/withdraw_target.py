"""What is to be withdrawn: found by any of its names, and described so that it is known again whatever it comes as."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass

from archive.release.sketch import Sketch, packed, shingles_of, sketch_of, text_digest, words_of
from archive.release.withdrawals import Withdrawal
from archive.research.documents import find_alias, find_document, find_version
from archive.research.lookups import documents_by_address, documents_by_number
from archive.research.renamed import earlier_names, find_renamed
from archive.research.rows import Row, select

_SITE_ADDRESS = re.compile(r"(?:https?://[^/]+)?/d/([^/]+?)(?:/p[0-9]{1,7})?/?")
# What stands in so many other documents is a form's or a publisher's wording, and tells none of them.
COMMON = 5
# A document that holds as much of another is a copy of it, and makes none of its wording common.
COPY = 0.8

# The aliases of documents; an alias with an "@" is what a version was called before.
OTHER_NAMES = "SELECT alias FROM aliases WHERE instr(alias, '@') = 0 AND document IN"


class NoTarget(Exception):  # noqa: N818
    """A name leads to nothing that is held, or to several documents; the message says which."""


# Captures that say of several documents what they are: a version names the first that had it, not every one.
OF_SEVERAL = (
    "SELECT capture FROM sightings JOIN statements ON statements.id = statement"
    " WHERE kind IN ('file', 'web-page', 'article', 'notice', 'award') GROUP BY capture HAVING count(*) > 1"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A document, and the one version of it that is meant, or None for all of them."""

    document: Row
    version: Row | None

    @property
    def versions(self) -> str:
        """The id of the version that is meant, "" for all."""
        return self.version["id"] if self.version else ""


def find_target(connection: sqlite3.Connection, named: str) -> Target:
    """Return what `named` means: an id, an alias, "id@digest", an address here, a number or an original address.

    Raises NoTarget for what isn't held, and for what means several documents.
    """
    own = _SITE_ADDRESS.fullmatch(named)
    if own and not documents_by_address(connection, named):
        named = own[1]
    name, at, tail = named.partition("@") if not named.startswith(("http:", "https:")) else (named, "", "")
    renamed = find_renamed(connection, name, tail.lower())
    document = find_document(connection, renamed["document"] if renamed else name) or _by_other_name(connection, name)
    version = find_version(connection, document, tail.lower()) or renamed if at else None
    if at and version is None:
        raise NoTarget(f"{document['id']} has no version {tail!r}. `oversight text` and the site name its versions.")
    return Target(document, version)


def _by_other_name(connection: sqlite3.Connection, name: str) -> Row:
    for found in (
        find_alias(connection, name),
        [row["id"] for row in documents_by_number(connection, name)[1]],
        [row["id"] for row in documents_by_address(connection, name)],
    ):
        ids = sorted(set(found))
        document = find_document(connection, ids[0]) if len(ids) == 1 else None
        if document is not None:
            return document
        if ids:
            raise NoTarget(f"{name!r} means {len(ids)} documents: {', '.join(ids[:20])}. Name one of them by its id.")
    raise NoTarget(f"Nothing held is known as {name!r}. Look for it with `oversight search`.")


def describe_withdrawal(
    connection: sqlite3.Connection, target: Target, number: int, at: str, reason: str, until: str
) -> Withdrawal:
    """Return the withdrawal of a target, with all that it is to be known again by. Takes one pass over all pages."""
    document, whole = target.document, target.version is None
    versions = select(connection, "SELECT id, digest FROM versions WHERE document = ? ORDER BY id", (document["id"],))
    versions = versions if whole else [one for one in versions if one["id"] == target.versions]
    ids = [one["id"] for one in versions]
    texts = {version: _pages(connection, version) for version in ids}
    sketch = _sketch(connection, document["id"], [words for pages in texts.values() for words in pages.values()])
    addresses = _values(connection, "SELECT url_key FROM addresses WHERE document = ?", document["id"]) if whole else ()
    return Withdrawal(
        number=number,
        at=at,
        reason=reason,
        what="document" if whole else "version",
        kind=document["kind"],
        collection=document["collection"],
        document=document["id"],
        names=(document["id"], *_values(connection, f"{OTHER_NAMES} (?)", document["id"])) if whole else (),
        versions=tuple(ids),
        pages={version: list(pages) for version, pages in texts.items()} | _called_before(connection, ids),
        addresses=addresses,
        numbers=own_numbers(connection, document["id"]) if whole else (),
        contents=_contents(connection, document["id"], ids, addresses),
        digests=tuple(one["digest"] for one in versions),
        texts=tuple(sorted({text_digest(pages.values()) for pages in texts.values()} - {""})),
        shingles=packed(sketch),
        sampled=sketch.sampled,
        until=until,
    )


def _called_before(connection: sqlite3.Connection, versions: list[str]) -> dict[str, list[int]]:
    """Return the names that versions had before, each with the keys that its pages had: they are withdrawn too."""
    held = earlier_names(connection)
    return {name: list(pages) for version in versions for name, pages in held.get(version, {}).items()}


def own_numbers(connection: sqlite3.Connection, document: str) -> tuple[str, ...]:
    """Return the canonical values of a document's own numbers."""
    return _values(connection, "SELECT value FROM identifiers WHERE role = 'own' AND document = ?", document)


def _values(connection: sqlite3.Connection, sql: str, value: str) -> tuple[str, ...]:
    return tuple(sorted({str(row[0]) for row in connection.execute(sql, (value,))}))


def _pages(connection: sqlite3.Connection, version: str) -> dict[int, list[str]]:
    """Return the words of a version's pages, in order, by the pages' keys."""
    found = connection.execute("SELECT id, text FROM pages WHERE version = ? ORDER BY number", (version,))
    return {key: words_of(text) for key, text in found}


def _contents(
    connection: sqlite3.Connection, document: str, versions: list[str], addresses: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the digests of the payloads that are this document and nothing else.

    A notice stands among others in the file that it came in: that file's digest is nothing to know it by.
    """
    of_several = {row[0] for row in connection.execute(OF_SEVERAL)}
    found = select(
        connection,
        "SELECT id, content_digest FROM captures AS c WHERE outcome IN ('document', 'unchanged') AND ("
        "id IN (SELECT capture FROM versions WHERE id IN (SELECT value FROM json_each(?)))"
        " OR (method = 'GET' AND url_key IN (SELECT value FROM json_each(?))))"
        " AND NOT EXISTS (SELECT 1 FROM captures AS same JOIN versions ON capture = same.id"
        " WHERE same.content_digest = c.content_digest AND document <> ?)",
        (json.dumps(versions), json.dumps(addresses), document),
    )
    return tuple(sorted({row["content_digest"] for row in found if row["id"] not in of_several}))


def _sketch(connection: sqlite3.Connection, document: str, pages: list[list[str]]) -> Sketch:
    """Return what a document's text is known again by: its shingles without those that many others have."""
    own = {shingle for words in pages for shingle in shingles_of(words)}
    holders: dict[str, set[int]] = defaultdict(set)
    for other, text in connection.execute("SELECT document, text FROM pages WHERE document <> ?", (document,)):
        holders[other].update(own.intersection(shingles_of(words_of(text))))
    counted = Counter(shingle for held in holders.values() if len(held) < COPY * len(own) for shingle in held)
    return sketch_of(own - {shingle for shingle, times in counted.items() if times >= COMMON})
