"""What documents refer to and the archive doesn't hold: by how many documents, where they say so, what came of trying.

Laws are left out unless they are asked for: the archive collects none.
"""

from __future__ import annotations

import re
import sqlite3
from typing import NamedTuple
from urllib.parse import unquote

from archive.addresses import url_key
from archive.identifiers import find_identifiers
from archive.mentions import LAWS, TITLE
from archive.research.evidence_of import places_of
from archive.research.rows import Row, select, select_one

MOST, PLACES = 200, 5
MOST_TRIED = 20_000
_MARK = re.compile(r"[0-9]{1,7}")


class Wanted(NamedTuple):
    """What is asked for: only this kind ("" for all but laws), and from which place of the list on."""

    kind: str = ""
    start: int = 0


def list_unmatched(connection: sqlite3.Connection, wanted: Wanted = Wanted(), limit: int = 50) -> Row:  # noqa: B008
    """Return `references` (what most documents mention comes first), `kinds` with how many there are of each, `total`,
    and `next`: the place that what follows begins at, 0 at the end.

    Each has its `kind`, `target`, how many `documents` and `mentions`, the first `places` (document, title, page,
    words, rule, confidence, address), and `tried`: when it was last asked for and what came of it, or null.
    """
    if not has_evidence(connection):
        return {"references": [], "kinds": {}, "total": 0, "next": 0}
    limit = max(1, min(limit, MOST))
    # What is quoted like a title and no document has is no reference.
    kinds = {
        row["kind"]: row["targets"]
        for row in select(
            connection,
            'SELECT kind, count(DISTINCT target) AS targets FROM "references"'
            " WHERE target_document IS NULL AND leads_by = '' AND kind <> 'title' GROUP BY kind ORDER BY kind",
        )
    }
    of_kind = "kind = ?1 AND kind <> 'title'" if wanted.kind else f"kind NOT IN {(*LAWS, TITLE)} AND ?1 = ''"
    found = select(
        connection,
        'SELECT kind, target, count(DISTINCT document) AS documents, count(*) AS mentions FROM "references"'  # noqa: S608
        f" WHERE target_document IS NULL AND leads_by = '' AND {of_kind} GROUP BY kind, target"
        " ORDER BY documents DESC, mentions DESC, kind, target LIMIT ?2 OFFSET ?3",
        (wanted.kind, limit + 1, wanted.start),
    )
    tried = _Tried(connection)
    rows = [
        {**row, "places": places_of(connection, row["kind"], row["target"], PLACES), "tried": tried.of(row)}
        for row in found[:limit]
    ]
    total = kinds.get(wanted.kind, 0) if wanted.kind else sum(n for kind, n in kinds.items() if kind not in LAWS)
    return {"references": rows, "kinds": kinds, "total": total,
            "next": wanted.start + limit if len(found) > limit else 0}  # fmt: skip


def has_evidence(connection: sqlite3.Connection) -> bool:
    """Tell whether references say what they rest on: those of older releases don't."""
    return any(row[1] == "leads_by" for row in connection.execute('PRAGMA table_info("references")'))


class _Tried:
    """What was asked for because it is cited, by address and by the numbers in addresses."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._by_number: dict[str, Row] | None = None

    def of(self, wanted: Row) -> Row | None:
        if wanted["kind"] == "link":
            return select_one(
                self._connection,
                "SELECT captured_at AS at, outcome, url FROM captures WHERE url_key = ?"
                " ORDER BY captured_at DESC, id LIMIT 1",
                (url_key(wanted["target"]),),
            ) or select_one(
                self._connection,
                "SELECT runs.started AS at, outcomes.outcome, outcomes.subject AS url FROM outcomes"
                " JOIN runs ON runs.id = outcomes.run WHERE outcomes.subject = ?"
                " ORDER BY runs.night DESC, outcomes.id LIMIT 1",
                (wanted["target"],),
            )
        if self._by_number is None:
            self._by_number = self._numbers()
        return self._by_number.get(wanted["target"])

    def _numbers(self) -> dict[str, Row]:
        rows = select(
            self._connection,
            "SELECT c.captured_at AS at, c.outcome, c.url FROM captures AS c WHERE c.run IN"
            " (SELECT id FROM runs WHERE source = 'references' OR id LIKE '%-cited')"
            " ORDER BY c.captured_at, c.id LIMIT ?",
            (MOST_TRIED,),
        )
        return {found.identifier.value: row for row in rows for found in find_identifiers(unquote(row["url"])[:2_000])}


def is_place(text: str) -> bool:
    """Tell whether a text is the place in the list that an answer may have given."""
    return _MARK.fullmatch(text) is not None


def unmatched_table(references: list[Row]) -> list[list[str]]:
    """Return what is unmatched as a table, its head first: a row for each place that tells of it."""
    head = ["kind", "target", "documents", "mentions", "tried", "document", "title", "page", "words", "confidence",
            "address"]  # fmt: skip
    return [head, *(
        [row["kind"], row["target"], str(row["documents"]), str(row["mentions"]),
         f"{row['tried']['outcome']} {row['tried']['at']}" if row["tried"] else "",
         one["document"], one["title"], str(one["page"]), one["words"], str(one["confidence"]), one["address"]]
        for row in references for one in row["places"]
    )]  # fmt: skip
