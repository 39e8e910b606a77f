"""The gaps in numbered series: what is held, what is only referred to and where, and which numbers nothing here names.

A series ends at the highest number that was seen, held or mentioned; what comes behind it nobody here knows.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field

from archive.research.documents import document_address
from archive.research.evidence_of import places_of
from archive.research.rows import Row, select
from archive.research.unmatched import has_evidence
from archive.series import CAUTIONS, NOT_COUNTED, SCHEMES, WITHDRAWN, Place, family, missing_between, place_of

HELD, PAGE, MENTIONED = "held", "page-only", "mentioned"
# Where a number that isn't held is mentioned: so many documents of each are told.
MOST_PLACES = 20
# Of a series so many numbers that aren't held are told with their places.
MOST_TOLD = 500


@dataclass(slots=True)
class _Number:
    scheme: str
    value: str
    place: Place
    documents: list[str] = field(default_factory=list)  # that bear it as their own
    pages: list[str] = field(default_factory=list)  # that are about it
    mentions: int = 0

    @property
    def state(self) -> str:
        return HELD if self.documents else PAGE if self.pages else MENTIONED


def list_series(connection: sqlite3.Connection) -> list[Row]:
    """Return every series of which a number was seen, with how many are held, only mentioned, and never seen."""
    return [_summary(name, numbers) for name, numbers in sorted(_series(connection).items())]


def read_series(connection: sqlite3.Connection, name: str) -> Row | None:
    """Return one series: `numbers` (each held or not, with its documents, or the `places` that mention it), and
    `never_seen` as ranges; None where no number of it was seen."""
    numbers = _series(connection, name).get(name)
    if not numbers:
        return None
    told = 0 if has_evidence(connection) else MOST_TOLD
    rows = []
    for one in numbers:
        row: Row = {
            "number": one.value, "ordinal": one.place.at, "update": one.place.suffix, "state": one.state,
            "documents": [{"document": name, "address": document_address(name)} for name in one.documents],
            "pages": [{"document": name, "address": document_address(name)} for name in one.pages],
            "mentions": one.mentions, "places": [],
        }  # fmt: skip
        if one.state != HELD and told < MOST_TOLD:
            told += 1
            row["places"] = places_of(connection, one.scheme, one.value, MOST_PLACES)
        rows.append(row)
    return {**_summary(name, numbers), "numbers": rows}


def _summary(name: str, numbers: list[_Number]) -> Row:
    counted = family(name) not in NOT_COUNTED
    ordinals = [one.place.at for one in numbers]
    never = missing_between(ordinals, min(1, *ordinals)) if counted else []
    states = [one.state for one in numbers]
    return {
        "series": name,
        "title": numbers[0].place.title,
        "held": states.count(HELD),
        "mentioned": len(states) - states.count(HELD),
        "highest": max(ordinals),
        "never_seen": [{"first": first, "last": last} for first, last in never],
        "never_seen_count": sum(last - first + 1 for first, last in never),
        "updates_never_seen": _updates_never_seen(numbers),
        "counted": counted,
        "caution": NOT_COUNTED.get(family(name)) or f"{CAUTIONS[family(name)]} {WITHDRAWN}",
        "address": f"/gaps/{name}",
    }


def _updates_never_seen(numbers: list[_Number]) -> list[str]:
    """Return the updates before others of which nothing is known: (a), where (b) was seen."""
    if family(numbers[0].place.series) != "pia":
        return []
    seen: dict[int, set[str]] = defaultdict(set)
    for one in numbers:
        seen[one.place.at].add(one.place.suffix)
    prefix = numbers[0].value.rpartition("-")[0]
    return [
        f"{prefix}-{at:03}({letter})"
        for at, suffixes in sorted(seen.items())
        for letter in map(chr, range(ord("a"), ord(max(suffixes)[:1] or "a")))
        if letter not in suffixes and len(max(suffixes)) == 1
    ]


def _series(connection: sqlite3.Connection, only: str = "") -> dict[str, list[_Number]]:
    """Return the numbers of each series, in their order."""
    numbers: dict[tuple[str, str], _Number] = {}

    def number(scheme: str, value: str) -> _Number | None:
        if (scheme, value) not in numbers:
            place = place_of(scheme, value)
            if place is None or (only and place.series != only):
                return None
            numbers[scheme, value] = _Number(scheme, value, place)
        return numbers[scheme, value]

    marks = ", ".join("?" * len(SCHEMES))
    for row in select(
        connection,
        "SELECT i.scheme, i.value, i.document, i.role, d.kind FROM identifiers AS i JOIN documents AS d"  # noqa: S608
        f" ON d.id = i.document WHERE i.scheme IN ({marks}) ORDER BY i.scheme, i.value, i.document",
        SCHEMES,
    ):
        if one := number(row["scheme"], row["value"]):
            is_own = row["role"] == "own" and not row["kind"].endswith("page")
            held = one.documents if is_own else one.pages
            held += [row["document"]] if row["document"] not in held else []
    if has_evidence(connection):
        for row in select(
            connection,
            'SELECT kind, target, count(*) AS mentions FROM "references"'  # noqa: S608 (question marks)
            f" WHERE kind IN ({marks}) GROUP BY kind, target",
            SCHEMES,
        ):
            if one := number(row["kind"], row["target"]):
                one.mentions = row["mentions"]
    found: dict[str, list[_Number]] = defaultdict(list)
    for one in numbers.values():
        found[one.place.series].append(one)
    return {
        name: sorted(ones, key=lambda one: (one.place.at, one.place.suffix, one.value)) for name, ones in found.items()
    }


def gap_table(series: list[Row]) -> list[list[str]]:
    """Return series as a table, its head first: a row for each number of one that was read, and for each gap."""
    head = ["series", "number", "state", "documents", "mentions", "mentioned_in", "page", "words", "address"]
    rows = []
    for one in series:
        for number in one.get("numbers", ()):
            held = " ".join(row["document"] for row in number["documents"])
            told = [one["series"], number["number"], number["state"], held, str(number["mentions"])]
            places = number["places"] or [{"document": "", "page": "", "words": "", "address": ""}]
            rows += [[*told, row["document"], str(row["page"]), row["words"], row["address"]] for row in places]
        for gap in one["never_seen"]:
            span = str(gap["first"]) if gap["first"] == gap["last"] else f"{gap['first']} to {gap['last']}"
            rows.append([one["series"], span, "never-seen", "", "0", "", "", "", ""])
    return [head, *rows]
