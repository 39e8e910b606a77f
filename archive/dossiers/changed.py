"""What became different since the last check of a dossier: told piece by piece, from the record of that check.

The record lies beside the dossier, where anybody may have written to it: whatever it holds, it is only compared.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from archive.research.documents import find_document, list_versions
from archive.research.rows import Row

FORMAT = "oversight-dossier-check-1"
MOST_BYTES = 64 << 20
# What of an answer is kept for the next check, by the kind of evidence; the first names it.
_KEPT = {
    "quotation": ("quotation", "outcome", "good", "document", "version", "page", "newest_version"),
    "document": ("said", "state", "good", "document", "version", "newest", "listing", "cited_page"),
    "absence": ("query", "outcome", "good", "total"),
}


class NoRecord(Exception):  # noqa: N818
    """What lies there is no record of a check; the words say why."""


@dataclass(frozen=True, slots=True)
class Record:
    """A check as it is kept: when it was made, against which release, and what came of each piece of evidence."""

    checked: str
    release: int | None
    results: tuple[Row, ...] = field(default=())


def record_of(connection: sqlite3.Connection, answer: Row) -> bytes:
    """Return the record of an answer, as it is kept."""
    results = [row for row, _ in _pieces(connection, answer["claims"])]
    told = {"format": FORMAT, "checked": answer["checked"], "release": answer["release"], "results": results}
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def read_record(content: bytes) -> Record:
    """Return a record. Raises NoRecord."""
    try:
        told = json.loads(content)
        if told["format"] != FORMAT:
            raise NoRecord(f"it has the form {str(told['format'])[:60]!r}, not {FORMAT!r}")
        results = tuple(_result(one) for one in told["results"])
        release = told["release"]
        if release is not None and not isinstance(release, int):
            raise NoRecord("its release is no number")
        return Record(str(told["checked"])[:40], release, results)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NoRecord("it can't be read as one") from error


def _result(one: dict[str, Any]) -> Row:
    kept = {name: one.get(name) for name in _KEPT[one["kind"]]}
    if not all(value is None or isinstance(value, str | int) for value in kept.values()):
        raise NoRecord("one of its results is no result")
    return {"kind": one["kind"], "claim": str(one["claim"]), **kept}


def _pieces(connection: sqlite3.Connection, claims: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    """Yield each piece of evidence as it is kept, and its row in the answer."""
    for claim in claims:
        for item in claim["evidence"]:
            for row in item["quotations"]:
                newest = _newest(connection, row["document"])
                words = {"quotation": " ".join(row["quotation"].split()), "newest_version": newest}
                yield _kept("quotation", claim, {**row, **words}), row
            for row in item["cited"]:
                page = row["page"]["cited"] if row["page"] else ""
                yield _kept("document", claim, {**row, "cited_page": page}), row
        for row in claim["absences"]:
            yield _kept("absence", claim, row), row


def _kept(kind: str, claim: Row, row: Row) -> Row:
    return {"kind": kind, "claim": claim["claim"], **{name: row[name] for name in _KEPT[kind]}}


def _newest(connection: sqlite3.Connection, document: str | None) -> str:
    row = find_document(connection, document) if document else None
    return row["newest_version"] if row else ""


def mark_changes(connection: sqlite3.Connection, claims: Sequence[Row], last: Record) -> tuple[list[Row], list[str]]:
    """Set `change` in each piece of evidence that differs from the last check; return what changed, and what of the
    dossier is new in it or gone from it (which is the writer's change, and not the archive's)."""
    before = defaultdict(list)
    for one in last.results:
        before[_key(one)].append(one)
    changes, edited = [], []
    for now, row in list(_pieces(connection, claims)):
        held = before[_key(now)]
        was = next((one for one in held if one["claim"] == now["claim"]), held[0] if held else None)
        if was is None:
            edited.append(f"line {row['line']}: new in the dossier: {str(now[_KEPT[now['kind']][0]])[:80]}")
            continue
        held.remove(was)
        row["change"] = _TOLD[now["kind"]](connection, was, now)
        if row["change"]:
            changes.append({"claim": now["claim"], "kind": now["kind"], "subject": now[_KEPT[now["kind"]][0]],
                            "line": row["line"], "told": row["change"]})  # fmt: skip
    gone = [one for left in before.values() for one in left]
    return changes, edited + [f"no longer in it: {str(one[_KEPT[one['kind']][0]])[:80]}" for one in gone]


def _key(one: Row) -> tuple[object, ...]:
    page = one["cited_page"] if one["kind"] == "document" else ""
    return one["kind"], one[_KEPT[one["kind"]][0]], page


def _of_quotation(connection: sqlite3.Connection, was: Row, now: Row) -> str:
    since = _since(connection, was)
    if was["outcome"] != now["outcome"]:
        return f"It was {was['outcome']}{_at(was)}, and is now {now['outcome']}{_at(now)}{since}."
    if was["document"] != now["document"]:
        return f"It was {now['outcome']}{_at(was)}, and is so now{_at(now)}{since}."
    if was["version"] != now["version"]:
        return f"It was in version {was['version']}, and is now found in {now['version']}{since}."
    if (was["page"], bool(was["good"])) != (now["page"], bool(now["good"])):
        fits = "" if bool(was["good"]) == bool(now["good"]) else f", which is {'' if now['good'] else 'not '}as cited"
        return f"It was on page {was['page']}, and is now on page {now['page']}{fits}."
    return ""


def _at(one: Row) -> str:
    page = f", page {one['page']}" if one["page"] else ""
    return f" ({one['version']}{page})" if one["version"] else ""


def _since(connection: sqlite3.Connection, was: Row) -> str:
    """Return since when, where a version came that the last check didn't know."""
    versions = sorted(list_versions(connection, str(was["document"] or "")), key=lambda one: int(one["ordinal"]))
    known = next((one["ordinal"] for one in versions if one["id"] == was["newest_version"]), None)
    if not versions:
        return f": nothing is held as {was['document']} any more" if was["document"] else ""
    came = next((one for one in versions if known is not None and one["ordinal"] > known), None)
    return f", since version {came['id']}, first seen {came['first_seen'][:10]}" if came else ""


def _of_document(connection: sqlite3.Connection, was: Row, now: Row) -> str:
    told = []
    if was["state"] != now["state"]:
        told.append(f"It was {was['state']}, and is now {now['state']}.")
    elif was["document"] != now["document"]:
        told.append(f"It led to {was['document']}, and leads now to {now['document']}.")
    elif was["newest"] != now["newest"]:
        since = _since(connection, {"document": now["document"], "newest_version": was["newest"]})
        told.append(f"It has a newer version{since or ': ' + str(now['newest'])}.")
    if was["listing"] != now["listing"] and was["state"] == now["state"]:
        told.append(f"It was {was['listing'] or 'on no list'}, and is now {now['listing'] or 'on no list'}.")
    if not told and bool(was["good"]) != bool(now["good"]):
        told.append("The page that is cited is there now." if now["good"] else "The page that is cited isn't there.")
    return " ".join(told)


def _of_absence(_connection: sqlite3.Connection, was: Row, now: Row) -> str:
    if was["outcome"] == now["outcome"]:
        return ""
    return f"It was {was['outcome']}, and is now {now['outcome']}: {now['total']:,} match."


_TOLD = {"quotation": _of_quotation, "document": _of_document, "absence": _of_absence}
