"""The newest changes across the archive, the same for every reader; a page that follows another begins at a change."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.research.compared import changed_address
from archive.research.documents import document_address
from archive.research.quoted import lost_quotations, told_of_lost
from archive.research.rows import Row, select

KINDS = (
    "new", "replaced", "amended", "re-saved", "moved", "renamed", "listed", "listed again", "unlisted", "delisted",
    "gone", "back", "quotation gone",
)  # fmt: skip
WORDS = {
    "new": "New here", "replaced": "Replaced", "amended": "Amended",
    "re-saved": "Saved anew, nothing changed that anybody reads", "moved": "Moved", "renamed": "Renamed",
    "listed": "Put on a list", "listed again": "Listed again", "unlisted": "Found on the server, on no list",
    "delisted": "Taken off its list", "gone": "Gone from the server", "back": "Back on the server",
    "quotation gone": "Words that the press quotes are gone",
}  # fmt: skip
COSMETIC, QUOTATION_GONE = "re-saved", "quotation gone"
MOST = 200
_MARK = re.compile(r"(?P<at>\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)\.(?P<id>[0-9a-f]{20})")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: only these kinds ("" for all), this collection, this source, since this day; `cosmetic`
    changes too; what follows the mark `before`, as an earlier answer gave it."""

    kind: str = ""
    collection: str = ""
    source: str = ""
    since: str = ""
    cosmetic: bool = False
    before: str = ""


def list_changes(connection: sqlite3.Connection, wanted: Wanted, limit: int = 50) -> Row:
    """Return `changes`, the newest first, and `next`: the mark that what follows is asked for by, "" at the end.

    Each change has its document's title, number, collection and address, and the `summary` and `score` of what it
    changed, where two versions were compared; `difference` is where that is shown, "" where no version was replaced.
    Pages begin at a change, so that what is new moves none of them.
    """
    if not has_changes(connection):
        return {"changes": [], "next": ""}
    where, values = _conditions(wanted)
    limit = max(1, min(limit, MOST))
    found = _asked(connection, f"{' AND '.join(where)} ORDER BY c.at DESC, c.id DESC LIMIT ?", (*values, limit + 1))
    rows = _told(connection, found[:limit])
    return {"changes": rows, "next": f"{rows[-1]['at']}.{rows[-1]['id']}" if len(found) > limit else ""}


def changes_named(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, Row]:
    """Return the changes with these ids, as `list_changes` has them; those that aren't published are missing."""
    if not has_changes(connection):
        return {}
    found = _asked(connection, "c.id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),))
    return {row["id"]: row for row in _told(connection, found)}


def has_changes(connection: sqlite3.Connection) -> bool:
    """Tell whether a catalogue, or a release, has changes: the oldest releases don't."""
    asked = "SELECT 1 FROM sqlite_master WHERE name = 'changes' AND type = 'table'"
    return connection.execute(asked).fetchone() is not None


def _asked(connection: sqlite3.Connection, where: str, values: Sequence[object]) -> list[Row]:
    return select(
        connection,
        "SELECT c.id, c.at, c.not_before, c.kind, c.document, c.version, c.before, c.url, c.capture,"  # noqa: S608
        " d.title, d.number, d.collection, d.source, d.kind AS document_kind, m.summary, m.score,"
        " coalesce(m.before, c.before) AS beside"
        " FROM changes AS c JOIN documents AS d ON d.id = c.document"
        # A record that amends others is compared with the one before it, whichever of them its address had before.
        " LEFT JOIN comparisons AS m ON m.version = c.version AND (m.before = c.before"
        f" OR c.kind = 'amended' AND m.kind = 'real') WHERE {where}",
        values,
    )


def _told(connection: sqlite3.Connection, found: Sequence[Row]) -> list[Row]:
    lost = lost_quotations(connection, [row["before"] for row in found if row["kind"] == QUOTATION_GONE])
    return [
        {
            **{name: value for name, value in row.items() if name != "beside"},
            **_of_lost(row, lost),
            "address": _address(row),
            "difference": changed_address({**row, "before": row["beside"]}),
            "words": WORDS.get(row["kind"], row["kind"]),
        }
        for row in found
    ]


def _of_lost(row: Row, lost: dict[str, list[Row]]) -> Row:
    """Return what a change says of quoted words: which they are, with where they stood."""
    words = lost.get(row["before"], []) if row["kind"] == QUOTATION_GONE else []
    return {"quoted": words, "summary": told_of_lost(words)} if words else {"quoted": []}


def _conditions(wanted: Wanted) -> tuple[list[str], list[str]]:
    where, values = ["1"], list[str]()
    if wanted.kind:
        where.append("c.kind = ?")
        values.append(wanted.kind)
    elif not wanted.cosmetic:
        where.append("c.kind <> ?")
        values.append(COSMETIC)
    for column, value in (("collection", wanted.collection), ("source", wanted.source)):
        if value:
            where.append(f"d.{column} = ?")
            values.append(value)
    if wanted.since:
        where.append("c.at >= ?")
        values.append(wanted.since)
    if mark := _MARK.fullmatch(wanted.before):
        where.append("(c.at < ? OR (c.at = ? AND c.id < ?))")
        values += [mark["at"], mark["at"], mark["id"]]
    return where, values


def is_mark(text: str) -> bool:
    """Tell whether a text is a mark that an answer may have given."""
    return _MARK.fullmatch(text) is not None


def _address(row: Row) -> str:
    """Return where it can be looked at: the version that is new, else the document with its story."""
    return f"/d/{row['version']}" if row["version"] else f"{document_address(row['document'])}#story"
