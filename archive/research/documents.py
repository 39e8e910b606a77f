"""One document with what hangs on it: versions, pages, listings, records, addresses."""

from __future__ import annotations

import itertools
import re
import sqlite3
from collections import Counter
from decimal import Decimal

from archive.diff.fields import field_changes
from archive.research.rows import Row, select, select_one

SHORTEST_TAIL = 10
_HEX = re.compile(r"[0-9a-f]{4,64}")
# Columns of a notice that say where it was found, not what it said.
_NOT_PRINTED = frozenset({"version", "document", "place", "capture", "digest", "ordinal", "first_seen", "address"})


def hex_digest(digest: str) -> str:
    """Return a digest without the name of its algorithm."""
    return digest.rpartition(":")[2]


def version_tail(version: Row) -> str:
    """Return what stands after the @ in a version's address: as much of its digest as is its own."""
    named = str(version["id"]).rpartition("@")[2]
    digest = hex_digest(str(version["digest"]))
    return named if "@" in str(version["id"]) and digest.startswith(named) else digest[:SHORTEST_TAIL]


def document_address(document: str) -> str:
    """Return the path of a document's newest version."""
    return f"/d/{document}"


def version_address(version: Row) -> str:
    """Return the path of a version, for good."""
    return f"/d/{version['document']}@{version_tail(version)}"


def page_address(version: Row, number: int) -> str:
    """Return the path of one page of a version, for good."""
    return f"{version_address(version)}/p{number}"


def is_sample(connection: sqlite3.Connection) -> bool:
    """Tell whether the archive has ever taken in the sample; then every page and citation says so."""
    about = select_one(connection, "SELECT value FROM about WHERE key = 'sample'")
    return about is not None and about["value"].strip().lower() not in {"", "0", "no", "false"}


def find_document(connection: sqlite3.Connection, document: str) -> Row | None:
    """Return the document with this id, or None."""
    return select_one(connection, "SELECT * FROM documents WHERE id = ?", (document,))


def find_alias(connection: sqlite3.Connection, alias: str) -> list[str]:
    """Return the ids of the documents that once had this id."""
    found = select(connection, "SELECT document FROM aliases WHERE alias = ? ORDER BY document", (alias,))
    return [row["document"] for row in found]


def list_versions(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return a document's versions, newest first, each with its `address`."""
    found = select(
        connection,
        "SELECT v.*, c.provenance FROM versions AS v LEFT JOIN captures AS c ON c.id = v.capture "
        "WHERE v.document = ? ORDER BY v.ordinal DESC, v.id",
        (document,),
    )
    return [{**version, "address": version_address(version)} for version in found]


def find_version(connection: sqlite3.Connection, document: Row, tail: str = "") -> Row | None:
    """Return the version whose digest begins with `tail` (the newest where it is empty), or None.

    A tail that fits several versions names none of them, unless it is the very tail that one of them goes by.
    """
    versions = list_versions(connection, document["id"])
    if not tail:
        newest = [version for version in versions if version["id"] == document["newest_version"]]
        return next(iter(newest or versions), None)
    if not _HEX.fullmatch(tail):
        return None
    exact = [version for version in versions if version_tail(version) == tail]
    fitting = exact or [version for version in versions if hex_digest(version["digest"]).startswith(tail)]
    return fitting[0] if len(fitting) == 1 else None


def list_pages(connection: sqlite3.Connection, version: Row) -> list[Row]:
    """Return a version's pages in order: number, label, outcome, length, and how the running text begins."""
    pages = select(
        connection,
        "SELECT number, label, outcome, origin, covered, length(text) AS characters, "
        "substr(text, 1 + coalesce((SELECT json_extract(value, '$[1]') FROM json_each(parts) "
        "WHERE json_extract(value, '$[0]') IN ('heading', 'text') LIMIT 1), 0), 800) AS opening "
        "FROM pages WHERE version = ? ORDER BY number",
        (version["id"],),
    )
    furniture = _running_lines([page["opening"] for page in pages])
    return [
        {
            **page,
            "opening": _shorten(_without(page["opening"], furniture), 160),
            "address": page_address(version, page["number"]),
        }
        for page in pages
    ]


def read_page(connection: sqlite3.Connection, version: Row, number: int) -> Row | None:
    """Return one page with its text and the numbers of the pages before and after it, or None."""
    page = select_one(connection, "SELECT * FROM pages WHERE version = ? AND number = ?", (version["id"], number))
    if page is None:
        return None
    near = select_one(
        connection,
        "SELECT (SELECT max(number) FROM pages WHERE version = ?1 AND number < ?2) AS previous, "
        "(SELECT min(number) FROM pages WHERE version = ?1 AND number > ?2) AS next",
        (version["id"], number),
    )
    return {**page, **(near or {}), "address": page_address(version, number)}


def read_pages(connection: sqlite3.Connection, version: Row) -> list[Row]:
    """Return all pages of a version with their texts, in order."""
    return select(
        connection,
        "SELECT number, label, outcome, text, parts, runs_on, also, broken, origin, confidence, covered "
        "FROM pages WHERE version = ? ORDER BY number",
        (version["id"],),
    )


def list_identifiers(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return the numbers that a document carries."""
    return select(
        connection,
        "SELECT scheme, value, printed, role FROM identifiers WHERE document = ? ORDER BY role, scheme, value",
        (document,),
    )


def list_dates(connection: sqlite3.Connection, version: Row) -> list[Row]:
    """Return the dates that a version carries, with their printed words."""
    return select(
        connection,
        "SELECT role, value, precision, words FROM dates WHERE version = ? ORDER BY value, role, words",
        (version["id"],),
    )


def list_listings(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return where a document was listed, under what title, and whether it still is."""
    return select(
        connection,
        "SELECT source, list, url, relation, title, first_seen, last_seen, state FROM listings "
        "WHERE document = ? ORDER BY relation, list, url",
        (document,),
    )


def list_addresses(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return every original address that a document is known under."""
    return select(connection, "SELECT url, role FROM addresses WHERE document = ? ORDER BY role, url", (document,))


def list_notices(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return a notice's or award's records, newest version first."""
    return select(
        connection,
        "SELECT n.*, v.digest, v.ordinal, v.first_seen FROM notices AS n "
        "JOIN versions AS v ON v.id = n.version WHERE n.document = ? ORDER BY v.ordinal DESC",
        (document,),
    )


def notice_changes(notices: list[Row]) -> list[Row]:
    """Return what each later version of a notice changed: `version`, `first_seen`, and field, before, after.

    What differs in nothing but its blanks, or the way it is set, is no change.
    """
    said = [{name: value or "" for name, value in one.items() if name not in _NOT_PRINTED} for one in notices]
    changed = []
    for number, (later, earlier) in enumerate(itertools.pairwise(said)):
        found = [change for change in field_changes(earlier, later) if not change.why]
        fields = [{"field": one.name, "before": one.before, "after": one.after} for one in found]
        seen = notices[number]
        changed.append({"version": seen["ordinal"], "first_seen": seen["first_seen"], "changes": fields})
    return changed


def list_awards(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return a contract's history: its actions and the summaries of it, in the order of its days, each with the
    `address` of the version that it is, and with `dollars`: what was obligated, with its thousands parted."""
    found = select(
        connection,
        "SELECT a.*, v.digest, v.ordinal, v.first_seen FROM awards AS a "
        "JOIN versions AS v ON v.id = a.version WHERE a.document = ? ORDER BY v.ordinal",
        (document,),
    )
    return [
        {
            **award,
            "address": version_address({**award, "id": award["version"]}),
            "dollars": f"{Decimal(award['obligated']):,}" if award["obligated"] else "",
        }
        for award in found
    ]


def find_article(connection: sqlite3.Connection, version: Row) -> Row | None:
    """Return headline, byline and dates of an article's version, or None where it isn't an article."""
    return select_one(connection, "SELECT * FROM articles WHERE version = ?", (version["id"],))


def _running_lines(openings: list[str]) -> set[str]:
    """Return the lines at the top that most pages share, whatever number they carry: headers, not text."""
    counted = Counter(line for opening in openings for line in {_shape(line) for line in opening.split("\n")[:4]})
    return {line for line, number in counted.items() if number >= max(3, len(openings) / 2)}


def _without(opening: str, furniture: set[str]) -> str:
    lines = opening.split("\n")
    kept = [line for line in lines[:4] if _shape(line) not in furniture]
    return "\n".join(kept + lines[4:])


def _shape(line: str) -> str:
    return re.sub(r"[0-9]+", "0", line.strip())


def _shorten(text: str, limit: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= limit else words[:limit].rsplit(" ", 1)[0] + " …"
