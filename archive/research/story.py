"""A document's story: where it was listed, what its addresses answered, its versions and joins, and what changed when.

Everything is said as far as it was looked at: a span ends with the last look that showed it, and what lies between two
spans isn't known.
"""

from __future__ import annotations

import sqlite3

from archive.research.compared import changed_address
from archive.research.documents import list_versions
from archive.research.quoted import lost_quotations, told_of_lost
from archive.research.rows import Row, select

_SPAN = "state, since, until, not_before, looks, first_capture, last_capture, first_run, last_run"
_LISTING = f"SELECT {_SPAN} FROM listing_spans WHERE document = ? ORDER BY ordinal"  # noqa: S608 (our own names)


def read_story(connection: sqlite3.Connection, document: str) -> Row:
    """Return `listing` (spans), `addresses` (each with `url`, `url_key`, `spans`), `versions` (oldest first), `joins`
    and `events` (newest first).

    Of an event that replaced a version, `difference` is where what it changed is shown, and `summary` says it, where
    the two were compared. Lists are empty where nothing is known, or in releases from before there were spans.
    """
    if not _has_spans(connection):
        return {"listing": [], "addresses": [], "versions": [], "joins": [], "events": []}
    return {
        "listing": select(connection, _LISTING, (document,)),
        "addresses": _addresses(connection, document),
        "versions": _versions(connection, document),
        "joins": select(
            connection,
            "SELECT rule, url, other_url, capture, other_capture, evidence, score FROM joins WHERE document = ?"
            " ORDER BY ordinal",
            (document,),
        ),
        "events": _events(connection, document),
    }


def _has_spans(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'changes' AND type = 'table'")
    return found.fetchone() is not None


def _addresses(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return the addresses in the order in which they were first looked at."""
    rows = select(
        connection,
        f"SELECT url, url_key, status, {_SPAN} FROM server_spans WHERE document = ?"  # noqa: S608
        " ORDER BY url_key, ordinal",
        (document,),
    )
    found: dict[str, Row] = {}
    for row in rows:
        address = found.setdefault(row["url_key"], {"url": row["url"], "url_key": row["url_key"], "spans": []})
        address["spans"].append({name: value for name, value in row.items() if name not in ("url", "url_key")})
    return sorted(found.values(), key=lambda address: (address["spans"][0]["since"], address["url_key"]))


def _events(connection: sqlite3.Connection, document: str) -> list[Row]:
    rows = select(
        connection,
        "SELECT c.id, c.at, c.not_before, c.kind, c.version, c.before, c.url, c.capture, m.summary FROM changes AS c"
        " LEFT JOIN comparisons AS m ON m.version = c.version AND m.before = c.before WHERE c.document = ?"
        " ORDER BY c.at DESC, c.kind = 'new', c.id",
        (document,),
    )
    lost = lost_quotations(connection, [row["before"] for row in rows if row["kind"] == "quotation gone"])
    for row in rows:
        if row["kind"] == "quotation gone" and row["before"] in lost:
            row["summary"] = told_of_lost(lost[row["before"]])
    return [{**row, "difference": changed_address({**row, "document": document})} for row in rows]


def _versions(connection: sqlite3.Connection, document: str) -> list[Row]:
    names = ("id", "ordinal", "address", "url", "digest", "first_seen", "last_seen", "pages")
    return [{name: version[name] for name in names} for version in reversed(list_versions(connection, document))]
