"""The gates of a release: what has to be so before it is served; each tells what isn't, and changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.release.tables import INDEXES, PUBLISHED
from archive.release.tombstones import LONGEST_TAIL, tombstone
from archive.release.withheld import Withheld
from archive.store.chain import Chain, ChainBroken, Head

# A release may have so much fewer documents than the last one, beside those that were withdrawn.
MOST_LOST = 0.1
# As many examples as a person looks at.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that was made and isn't served yet, and what it is held against.

    `made` is its file, `given` the ids that releases answered to, `before` how many documents the last release had,
    `failing` the sources whose last run failed.
    """

    made: sqlite3.Connection
    withheld: Withheld
    given: frozenset[str] = frozenset()
    before: int = 0
    failing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate that is closed: why, in a sentence, and the subjects that it is about."""

    gate: str
    reason: str
    subjects: tuple[str, ...] = field(default=())


def _whole(candidate: Candidate) -> Iterator[Closed]:
    found = [row[0] for row in candidate.made.execute("PRAGMA integrity_check")]
    if found != ["ok"]:
        yield Closed("whole", f"SQLite finds the file damaged: {found[0]}")
    broken = candidate.made.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        tables = sorted({f"{row[0]} → {row[2]}" for row in broken})
        yield Closed("whole", f"{len(broken)} rows refer to rows that aren't there ({', '.join(tables)})")


def _index(candidate: Candidate) -> Iterator[Closed]:
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


def _withheld(candidate: Candidate) -> Iterator[Closed]:
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


def _addresses(candidate: Candidate) -> Iterator[Closed]:
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


def _shrunk(candidate: Candidate) -> Iterator[Closed]:
    now = candidate.made.execute("SELECT count(*) FROM documents").fetchone()[0]
    if now < (candidate.before - len(candidate.withheld.documents)) * (1 - MOST_LOST):
        yield Closed("shrunk", f"{now:,} documents are left of {candidate.before:,}")


def _sources(candidate: Candidate) -> Iterator[Closed]:
    if candidate.failing:
        yield Closed("sources", f"the last run failed: {', '.join(candidate.failing)}", candidate.failing)


# By name, with whether a person may accept that it is closed.
GATES: Mapping[str, tuple[Callable[[Candidate], Iterator[Closed]], bool]] = {
    "whole": (_whole, False),
    "index": (_index, False),
    "withheld": (_withheld, False),
    "addresses": (_addresses, True),
    "shrunk": (_shrunk, True),
    "sources": (_sources, True),
}
ACCEPTABLE = tuple(name for name, (_, may_be) in GATES.items() if may_be)


def closed_gates(candidate: Candidate) -> list[Closed]:
    """Return every gate that is closed."""
    return [closed for gate, _ in GATES.values() for closed in gate(candidate)]


def told(closed: Closed) -> dict[str, Any]:
    """Return a closed gate as plain values, with some of its subjects."""
    return {"gate": closed.gate, "reason": closed.reason, "subjects": list(closed.subjects[:EXAMPLES])}


def journal_gate(journal: bytes, manifest: Mapping[str, Any]) -> Iterator[Closed]:
    """Look whether the journal is the one that stood there when a release was built, or has gone on since."""
    chain, stood = Chain(), Head(**manifest["journal"])
    reason = f"it isn't the one that had {stood.lines} lines when release {manifest['number']} was built"
    try:
        for line in journal.splitlines(keepends=True)[: stood.lines]:
            chain.follow(line)
        if chain.head == stood:
            return
    except ChainBroken as broken:
        reason = f"line {chain.head.lines + 1} isn't whole: {broken}"
    yield journal_lost(reason)


def journal_lost(reason: str) -> Closed:
    """Return the gate that nobody can go past: what the journal lacks may be withdrawals."""
    return Closed("journal", f"{reason}; withdrawals may be missing from it. Restore the folder journal from a backup")
