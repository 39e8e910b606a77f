"""When each version of a document was seen, in the order of time; so, which one stood on a day, and for how long.

It knows what was captured and nothing of what was read. Between two captures nobody looked: what stood then isn't said.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from archive.research.rows import Row, select

# What a notice of a system of records, or a record of an award, says stays said when the next one is published.
STANDS_BESIDE = (
    "SELECT document FROM notices UNION SELECT document FROM awards"
    " UNION SELECT document FROM identifiers WHERE scheme = 'sorn' AND role = 'own'"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A version was seen at `at` (by `capture`), and where `until` is later, for the last time then."""

    version: str
    at: str
    until: str
    capture: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sightings that follow each other, from `first` to `last`, all of versions of which something is true.

    `before` and `after` are the sightings next to them of which it isn't; None where there was none, or nobody looked.
    """

    first: Sighting
    last: Sighting
    before: Sighting | None
    after: Sighting | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A document's `versions` by id, and their sightings in order.

    Most documents say one thing at a time, and are ordered by when they were seen. Where each version stands beside
    those before it (`beside`: records of a notice or an award, notices of a system of records) the order is that of
    the versions, and each is one sighting.
    """

    document: str
    versions: dict[str, Row]
    sightings: tuple[Sighting, ...]
    beside: bool

    def stretches(self, held: Container[str]) -> list[Stretch]:
        """Return the stretches in which the version seen was one of `held`, in order."""
        groups = [
            (stands, list(group))
            for stands, group in itertools.groupby(self.sightings, lambda one: one.version in held)
        ]
        padded = [None, *(group for _, group in groups), None]
        return [
            Stretch(group[0], group[-1], before[-1] if before else None, after[0] if after else None)
            for (stands, group), before, after in zip(groups, padded, padded[2:], strict=False)
            if stands
        ]

    def on(self, day: str) -> Stretch | None:
        """Return the sightings of the version that was in force at the end of a day; None before the first of any.

        That is the newest that had been seen by then.
        """
        known = [one for one in self.sightings if one.at[:10] <= day]
        if not known:
            return None
        stands = [one for one in self.stretches({known[-1].version}) if one.first.at[:10] <= day]
        return stands[-1]


def timeline(connection: sqlite3.Connection, document: str) -> Timeline:
    """Return when a document's versions were seen; without any where it isn't held."""
    return timelines(connection, [document])[document]


def timelines(connection: sqlite3.Connection, documents: Iterable[str]) -> dict[str, Timeline]:
    """Return, by document, when its versions were seen.

    A version of a file was seen by every capture of its bytes. Of a page or an article those are known that gave the
    same bytes as the first, and the last; what was seen between them in other bytes isn't in the tables.
    """
    wanted = json.dumps(list(documents))
    beside = {row["document"] for row in select(
        connection, f"SELECT document FROM ({STANDS_BESIDE}) WHERE document IN (SELECT value FROM json_each(?))",  # noqa: S608
        (wanted,))}  # fmt: skip
    versions: dict[str, dict[str, Row]] = {name: {} for name in json.loads(wanted)}
    for row in select(
        connection,
        "SELECT id, document, digest, ordinal, outcome, first_seen, last_seen, capture FROM versions"
        " WHERE document IN (SELECT value FROM json_each(?)) ORDER BY document, ordinal, id",
        (wanted,),
    ):
        versions[row["document"]][row["id"]] = row
    between = _captures(connection, [name for name in versions if name not in beside])
    return {
        name: Timeline(name, held, _sightings(held, between, name in beside), name in beside)
        for name, held in versions.items()
    }


def _captures(connection: sqlite3.Connection, documents: list[str]) -> dict[str, list[tuple[str, str]]]:
    """Return, by version, when the bytes of its first capture were seen again, and by which capture."""
    found = defaultdict(list)
    for version, at, capture in connection.execute(
        "SELECT v.id, CASE again.original_at WHEN '' THEN again.captured_at ELSE again.original_at END, again.id"
        " FROM versions AS v JOIN captures AS first ON first.id = v.capture"
        " JOIN captures AS again ON again.content_digest = first.content_digest"
        " WHERE v.document IN (SELECT value FROM json_each(?)) AND first.content_digest <> ''",
        (json.dumps(documents),),
    ):
        found[version].append((at, capture))
    return found


def _sightings(versions: dict[str, Row], again: dict[str, list[tuple[str, str]]], beside: bool) -> tuple[Sighting, ...]:
    if beside:
        return tuple(
            Sighting(name, row["first_seen"], row["last_seen"], row["capture"]) for name, row in versions.items()
        )
    seen = set()
    for name, row in versions.items():
        since, until = row["first_seen"], row["last_seen"]
        known = {at: capture for at, capture in sorted(again.get(name, []), reverse=True) if since <= at <= until}
        known = {until: "", **known, since: row["capture"]}
        seen |= {(at, row["ordinal"], name, capture) for at, capture in known.items()}
    return tuple(Sighting(name, at, at, capture) for at, _, name, capture in sorted(seen))
