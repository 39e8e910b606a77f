"""What was found, as it stood on a day: the pages of the version of each document that was the newest seen by then."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping

from archive.research.matching import Hits
from archive.research.searched import Searched
from archive.research.sightings import STANDS_BESIDE

# A version's last sight by the end of a day: its own last, or that of a later capture of its bytes (sightings.py).
_SEEN = """
SELECT v.document, v.id, v.ordinal, CASE WHEN substr(v.last_seen, 1, 10) <= :day THEN v.last_seen ELSE
 coalesce((SELECT max(CASE again.original_at WHEN '' THEN again.captured_at ELSE again.original_at END) AS at
  FROM captures AS first JOIN captures AS again ON again.content_digest = first.content_digest
  WHERE first.id = v.capture AND first.content_digest <> ''
  AND substr(CASE again.original_at WHEN '' THEN again.captured_at ELSE again.original_at END, 1, 10) <= :day
  AND CASE again.original_at WHEN '' THEN again.captured_at ELSE again.original_at END
  BETWEEN v.first_seen AND v.last_seen), v.first_seen) END AS seen
FROM versions AS v WHERE v.document IN (SELECT value FROM json_each(:documents)) AND substr(v.first_seen, 1, 10) <= :day
"""


def as_it_stood(
    connection: sqlite3.Connection, searched: Searched, found: Mapping[int, Hits], day: str
) -> dict[int, Hits]:
    """Return of what was found the pages of the versions that were in force at the end of a day (of UTC)."""
    places = [place for hits in found.values() for _, place in hits]
    rows = connection.execute(
        f"SELECT {searched.place}, version, document FROM pages"  # noqa: S608 (a column of ours)
        f" WHERE {searched.place} IN (SELECT value FROM json_each(?))",
        (json.dumps(places),),
    ).fetchall()
    in_force = versions_in_force(connection, {row[2] for row in rows}, day)
    stood = {row[0] for row in rows if row[1] in in_force}
    kept = {ordinal: [hit for hit in hits if hit[1] in stood] for ordinal, hits in found.items()}
    return {ordinal: hits for ordinal, hits in kept.items() if hits}


def versions_in_force(connection: sqlite3.Connection, documents: Iterable[str], day: str) -> set[str]:
    """Return the version of each document that had been seen last by the end of a day; of records that stand beside
    each other the last that there was."""
    asked = {"documents": json.dumps(sorted(documents)), "day": day}
    beside = {row[0] for row in connection.execute(
        f"SELECT document FROM ({STANDS_BESIDE}) WHERE document IN (SELECT value FROM json_each(:documents))",  # noqa: S608
        asked)}  # fmt: skip
    newest: dict[str, tuple[str, int, str]] = {}
    for document, version, ordinal, seen in connection.execute(_SEEN, asked):
        key = ("" if document in beside else seen, ordinal, version)
        newest[document] = max(key, newest.get(document, key))
    return {version for _, _, version in newest.values()}
