"""Gates of the sources: what each gave last is what it gives, or else missing for a reason that is known.

What is merely missing keeps nothing back: the last good state of a source that is down, blocked or refused stands in
the catalogue as it stood, and is published with the source's state. What came and isn't what should come closes a gate.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from archive.addresses import url_key
from archive.release.gate import Candidate, Closed
from archive.research.rows import Row, select

# What a server does to us that says nothing of what it holds.
REFUSED = (
    "blocked", "server-error", "bot-wall", "error-page", "truncated", "timed-out", "too-large", "redirect-loop",
    "tls-failed", "name-not-resolved", "connection-failed", "robots-unreachable", "host-given-up", "address-refused",
    "decode-failed",
)  # fmt: skip
# Nor does what a publisher asks us not to fetch, which is no fault of anybody's.
FORBIDDEN = ("robots-disallowed",)
_WHOLE = "minimum IS NOT NULL AND status IN ('finished', 'failed')"
# The last whole run of each source.
_LAST = (
    f"SELECT * FROM main.runs WHERE {_WHOLE} AND NOT EXISTS (SELECT 1 FROM main.runs AS later WHERE"  # noqa: S608
    " later.source = runs.source AND later.minimum IS NOT NULL AND (later.started, later.night, later.id)"
    " > (runs.started, runs.night, runs.id)) ORDER BY source"
)
# What reads lists: it found nothing else anywhere, or several documents in one answer.
_READ_LISTS = (
    "SELECT callback FROM main.captures WHERE source = :source GROUP BY callback"
    " HAVING max(outcome = 'listing') AND NOT max(outcome = 'document')"
    " UNION SELECT r.callback FROM main.versions AS v JOIN main.captures AS r ON r.id = v.capture"
    " WHERE r.source = :source GROUP BY v.capture HAVING count(*) > 1"
)
# A list that could not be had: known as one by its address, or by what reads it. A search of an interface has another
# query each night, and of what robots.txt forbids there is no capture: there the address without its query is known.
_LISTS = (
    "SELECT count(*) FROM main.outcomes AS o WHERE o.run = :run"  # noqa: S608
    " AND (o.severity = 'failure' AND o.outcome IN (SELECT value FROM json_each(:refused))"
    " OR o.outcome IN (SELECT value FROM json_each(:forbidden)))"
    " AND (o.outcome IN ('host-given-up', 'robots-unreachable')"
    " OR EXISTS (SELECT 1 FROM main.captures AS c WHERE c.url_key = url_key(o.subject) AND c.outcome = 'listing')"
    f" OR EXISTS (SELECT 1 FROM main.captures AS c WHERE c.id = o.capture AND c.callback IN ({_READ_LISTS}))"
    " OR EXISTS (SELECT 1 FROM main.captures AS c WHERE c.source = :source"
    f" AND before_query(c.url) = before_query(o.subject) AND c.callback IN ({_READ_LISTS})))"
)


def failing(candidate: Candidate) -> Iterator[Closed]:
    """Tell which sources' last run had failures; what they gave before is published."""
    if candidate.failing:
        reason = f"the last run had failures, and what they gave before is published: {', '.join(candidate.failing)}"
        yield Closed("sources", reason, candidate.failing, holds=False)


def counted(candidate: Candidate) -> Iterator[Closed]:
    """Look whether each source gave as much as it gives."""
    candidate.made.create_function("url_key", 1, url_key, deterministic=True)
    candidate.made.create_function("before_query", 1, lambda url: url.partition("?")[0], deterministic=True)
    for run in _last_runs(candidate):
        name, documents = run["source"], run["documents"]
        if documents > run["maximum"]:
            yield Closed("counts", f"{name} gave {documents:,} documents, at most {run['maximum']:,} were expected",
                         source=name)  # fmt: skip
        elif _erased(candidate.made, run) + documents < run["minimum"]:
            reason = f"{name} gave {documents:,} documents, at least {run['minimum']:,} were expected"
            yield _missing(candidate.made, run, run["minimum"], reason)
        elif (usual := _usual(candidate, run)) and documents < usual * candidate.limits_of(name).fewer:
            yield _missing(candidate.made, run, usual, f"{name} gave {documents:,} documents, and {usual:,} before")


def _missing(made: sqlite3.Connection, run: Row, wanted: int, reason: str) -> Closed:
    """Say that a source gave too little; that servers refused the rest, or a list of it, explains it."""
    refused, forbidden = _refused(made, run), _count(made, run, FORBIDDEN, ("note",))
    reason += f", and servers refused {refused:,} answers" if refused else ""
    reason += f", and robots.txt forbids {forbidden:,} addresses" if forbidden else ""
    explained = run["documents"] + refused + forbidden >= wanted or _lists_refused(made, run)
    return Closed("counts", reason, source=run["source"], holds=not explained)


def _last_runs(candidate: Candidate) -> list[Row]:
    return select(candidate.made, _LAST)


def _usual(candidate: Candidate, run: Row) -> int:
    """Return how many documents the last good run before this one gave; 0 where there is none, or too few to judge.

    A recording says itself what each of its nights should give.
    """
    if run["replay"]:
        return 0
    row = candidate.made.execute(
        "SELECT documents FROM runs WHERE source = ? AND status = 'finished' AND minimum IS NOT NULL AND NOT replay"
        " AND started < ? ORDER BY started DESC LIMIT 1",
        (run["source"], run["started"]),
    ).fetchone()
    return row[0] if row and row[0] >= candidate.limits_of(run["source"]).least else 0


def _erased(made: sqlite3.Connection, run: Row) -> int:
    """Return how many documents were not asked for, since they were withdrawn and erased."""
    return _count(made, run, ("address-erased",), ("note",))


def _refused(made: sqlite3.Connection, run: Row) -> int:
    return _count(made, run, REFUSED, ("failure",))


def _count(made: sqlite3.Connection, run: Row, outcomes: tuple[str, ...], severities: tuple[str, ...]) -> int:
    marks = ", ".join("?" * len(outcomes)), ", ".join("?" * len(severities))
    found: int = made.execute(
        f"SELECT count(*) FROM outcomes WHERE run = ? AND outcome IN ({marks[0]}) AND severity IN ({marks[1]})",  # noqa: S608
        (run["id"], *outcomes, *severities),
    ).fetchone()[0]
    return found


def _lists_refused(made: sqlite3.Connection, run: Row) -> bool:
    asked = {"run": run["id"], "source": run["source"], "refused": json.dumps(REFUSED)}
    asked["forbidden"] = json.dumps(FORBIDDEN)
    return bool(made.execute(_LISTS, asked).fetchone()[0])


def covered(candidate: Candidate) -> Iterator[Closed]:
    """Look whether what came says what all of it should say."""
    for run in _last_runs(candidate):
        for row in select(
            candidate.made, "SELECT detail FROM outcomes WHERE run = ? AND outcome = 'fields-missing'", (run["id"],)
        ):
            yield Closed("fields", f"{run['source']}: {row['detail']}", source=run["source"])


def answered(candidate: Candidate) -> Iterator[Closed]:
    """Look how many answers of each source were errors, walls or refusals; they are kept out of the documents."""
    for run in _last_runs(candidate):
        limits, refused = candidate.limits_of(run["source"]), _refused(candidate.made, run)
        asked = max(run["captures"], refused)
        if asked >= limits.least and refused > limits.errors * asked:
            reason = f"{run['source']}: {refused:,} of {asked:,} answers were errors or refusals"
            yield Closed("answers", reason, holds=False, source=run["source"])


def read(candidate: Candidate) -> Iterator[Closed]:
    """Look how many of the pages that are new hold next to nothing; a scan that waits for OCR isn't one of them."""
    if not candidate.has_last:
        return
    for row in select(
        candidate.made,
        "SELECT d.source, count(*) AS pages, sum(length(trim(p.text)) < 20) AS empty FROM main.pages AS p"
        " JOIN main.documents AS d ON d.id = p.document JOIN main.versions AS v ON v.id = p.version"
        " WHERE p.outcome <> 'no-text-layer' AND v.outcome NOT IN ('kept-back', 'excerpted')"
        " AND p.version NOT IN (SELECT id FROM last.versions) GROUP BY d.source ORDER BY d.source",
    ):
        limits = candidate.limits_of(row["source"])
        if row["pages"] >= limits.least and row["empty"] > limits.empty * row["pages"]:
            reason = f"{row['source']}: {row['empty']:,} of {row['pages']:,} new pages are empty"
            yield Closed("pages", reason, source=row["source"])


def kept(candidate: Candidate) -> Iterator[Closed]:
    """Look how many of the documents that a source had are replaced at once: a site that is made anew does that."""
    if not candidate.has_last:
        return
    for row in select(
        candidate.made,
        "SELECT d.source, count(DISTINCT c.document) AS replaced, (SELECT count(*) FROM last.documents AS l"
        " WHERE l.source = d.source) AS held FROM main.changes AS c JOIN main.documents AS d ON d.id = c.document"
        " WHERE c.kind = 'replaced' AND c.id NOT IN (SELECT id FROM last.changes)"
        " GROUP BY d.source ORDER BY d.source",
    ):
        limits = candidate.limits_of(row["source"])
        if row["held"] >= limits.least and row["replaced"] > limits.replaced * row["held"]:
            reason = f"{row['source']}: {row['replaced']:,} of {row['held']:,} documents were replaced"
            yield Closed("replaced", reason, source=row["source"])
