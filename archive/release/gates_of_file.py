"""Gates of the file itself: it is whole, indexed, holds nothing withheld, and answers at every address given out."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from archive.release.gate import Candidate, Closed
from archive.release.tables import INDEXES, PUBLISHED
from archive.release.tombstones import LONGEST_TAIL, tombstone


def whole(candidate: Candidate) -> Iterator[Closed]:
    """Look whether SQLite finds the file whole, and its rows joined."""
    found = [row[0] for row in candidate.made.execute("PRAGMA main.integrity_check")]
    if found != ["ok"]:
        yield Closed("whole", f"SQLite finds the file damaged: {found[0]}")
    broken = candidate.made.execute("PRAGMA main.foreign_key_check").fetchall()
    if broken:
        tables = sorted({f"{row[0]} → {row[2]}" for row in broken})
        yield Closed("whole", f"{len(broken)} rows refer to rows that aren't there ({', '.join(tables)})")


def index(candidate: Candidate) -> Iterator[Closed]:
    """Look whether the full-text indexes are those of their tables."""
    held = {row[0] for row in candidate.made.execute("SELECT name FROM sqlite_master")}
    for index, table in INDEXES.items():
        try:
            # It reads every text again, and writes nothing.
            if index in held:
                candidate.made.execute(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
        except sqlite3.DatabaseError as error:
            yield Closed("index", f"the full-text index isn't that of the {table.replace('_', ' ')} ({error})")
        finally:
            candidate.made.rollback()


def withheld(candidate: Candidate) -> Iterator[Closed]:
    """Look for the ids of what is withheld in every column of every table."""
    held = candidate.withheld
    out = held.documents | held.versions | held.captures
    if not out:
        return
    candidate.made.execute("CREATE TEMP TABLE out(id TEXT PRIMARY KEY) WITHOUT ROWID")
    candidate.made.executemany("INSERT INTO temp.out VALUES (?)", [(one,) for one in sorted(out)])
    for table in PUBLISHED:
        for column in [row[1] for row in candidate.made.execute(f'PRAGMA table_info("{table}")') if row[2] == "TEXT"]:
            found = candidate.made.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}" IN temp.out'  # noqa: S608 (our own names)
            ).fetchone()[0]
            if found:
                yield Closed("withheld", f"{found} rows of {table} have something withdrawn in {column}")
    candidate.made.execute("DROP TABLE temp.out")
    candidate.made.commit()


def addresses(candidate: Candidate) -> Iterator[Closed]:
    """Look whether everything that releases answered to is held, leads on, or has its tombstone."""
    documents = {row[0] for row in candidate.made.execute("SELECT id FROM documents UNION SELECT alias FROM aliases")}
    versions = {row[0] for row in candidate.made.execute("SELECT id FROM versions")}
    buried = {row[0] for row in candidate.made.execute("SELECT hash FROM tombstones")}
    lost = sorted(
        one
        for one in candidate.given - documents - versions
        if not buried & set(_tombstones(one)) and not ("@" in one and _moved(candidate.made, one))
    )
    if lost:
        yield Closed("addresses", f"{len(lost)} addresses that were given out lead nowhere", tuple(lost))


def _moved(made: sqlite3.Connection, version: str) -> bool:
    """Tell whether a version that had this id answers under it: by its document's other name, or a longer digest."""
    document, _, tail = version.rpartition("@")
    found = made.execute(
        "SELECT count(*) FROM versions"
        " WHERE document IN (SELECT ?1 UNION SELECT document FROM aliases WHERE alias = ?1)"
        " AND substr(replace(digest, 'sha256:', ''), 1, length(?2)) = ?2",
        (document, tail),
    ).fetchone()[0]
    return bool(found == 1)


def _tombstones(name: str) -> list[str]:
    """Return what may stand in the place of a document or a version."""
    document, at, tail = name.rpartition("@")
    if at:
        return [tombstone("version", f"{document}@{tail[:LONGEST_TAIL]}")]
    return [tombstone("document", name), tombstone("alias", name)]
