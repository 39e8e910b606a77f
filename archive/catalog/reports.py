"""What became of each run: every named outcome of its captures and requests, and whether the run is as it should be."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archive.catalog.awards import award_of, invalid_amounts
from archive.catalog.describe import invalid_dates
from archive.catalog.evidence import NOT_READ, Evidence, Reader, Said, Seen
from archive.catalog.expected import documents_by_run
from archive.catalog.runs import RunFacts
from archive.model import Finding
from archive.outcomes import ANSWERED, OUTCOMES

Row = dict[str, Any]
# A request that failed and then went well in the same run is worth knowing, and no failure.
RETRIED = "answered when it was asked again"


def outcome_rows(
    evidence: Evidence, read: Reader, runs: Mapping[str, RunFacts], failed: Mapping[str, Sequence[Finding]]
) -> Iterator[Row]:
    """Yield one row for every named outcome: of captures, of what they say, of their text, of requests, of runs.

    `failed` says in what runs gave less or more than was expected (archive/catalog/expected.py).
    """
    answered = _answered(evidence)
    for seen in evidence.seen:
        again = answered.get((seen.walk, seen.url_key), "")
        retried = OUTCOMES[seen.outcome].severity == "failure" and seen.captured_at <= again
        detail = f"{seen.detail}; {RETRIED}".lstrip("; ") if retried else seen.detail
        yield _row(seen.run, Finding(seen.outcome, seen.url, detail, seen.id), note=retried)
    for said in evidence.of_kind("problem"):
        problem = Finding(said.body["outcome"], said.body["subject"], said.body["detail"], said.seen.id)
        yield _row(said.seen.run, problem)
    yield from _reading_rows(evidence, read)
    for said in evidence.said:
        for detail in invalid_dates(said):
            yield _row(said.seen.run, Finding("invalid-date", _subject(said), detail, said.seen.id))
    for said in evidence.of_kind("award"):
        for detail in invalid_amounts(said.body):
            yield _row(said.seen.run, Finding("invalid-amount", _subject(said), detail, said.seen.id))
    for run in runs.values():
        for finding in run.findings:
            yield _row(run.id, finding)
    for name, findings in failed.items():
        yield from (_row(name, finding) for finding in findings)


def _subject(said: Said) -> str:
    """Return what a statement is about: an entry's address, a record's number, else the capture's own address."""
    if said.kind == "award":
        return f"{award_of(said.body)} {said.body['record'].get('modification', '')}".rstrip()
    return str(said.body.get("notice_id") or said.body.get("url") or said.seen.url)


def _answered(evidence: Evidence) -> dict[tuple[str, str], str]:
    """Return when each address was last answered well in a walk: a copy of another year is no second answer."""
    return {(seen.walk, seen.url_key): seen.captured_at for seen in evidence.seen if seen.outcome in ANSWERED}


def _reading_rows(evidence: Evidence, read: Reader) -> Iterator[Row]:
    """Yield the outcome of reading each file and article, where it is not simply text."""
    for said in evidence.said:
        if said.kind not in ("file", "article"):
            continue
        reading = read(said.seen.content_digest)
        subject = said.seen.file_name or said.seen.url
        if reading is None and said.kind == "file":
            yield _row(said.seen.run, Finding(NOT_READ, subject, said.body.get("kind", ""), said.seen.id))
        elif reading is not None and reading.outcome != "text":
            yield _row(said.seen.run, Finding(reading.outcome, subject, reading.detail, said.seen.id))


def _row(run: str, finding: Finding, *, note: bool = False) -> Row:
    finding = replace(finding, subject=_storable(finding.subject), detail=_storable(finding.detail))
    content = "\n".join([run, finding.capture, finding.outcome, finding.subject, finding.detail])
    return {
        "id": hashlib.sha256(content.encode()).hexdigest()[:20],
        "run": run,
        "capture": finding.capture or None,
        "outcome": finding.outcome,
        "severity": "note" if note else OUTCOMES[finding.outcome].severity,
        "subject": finding.subject,
        "detail": finding.detail,
    }


def _storable(text: str) -> str:
    """Return text without lone surrogates: a file's name may hold bytes that are no letters."""
    return text.encode("utf-8", "replace").decode()


def run_rows(
    evidence: Evidence,
    read: Reader,
    runs: Mapping[str, RunFacts],
    outcomes: Iterable[Row],
    failed: Collection[str] = (),
) -> Iterator[Row]:
    """Yield the runs with their counts; a run that the journal doesn't know is told from its captures.

    One that came to its end and is in `failed` has that for its status.
    """
    captures: dict[str, list[Seen]] = defaultdict(list)
    for seen in evidence.seen:
        captures[seen.run].append(seen)
    failures = Counter(row["run"] for row in outcomes if row["severity"] == "failure")
    documents = documents_by_run(evidence, read)
    for name in sorted({*captures, *runs}):
        held = captures[name]
        facts = runs.get(name) or _from_captures(name, held)
        yield {
            "id": name,
            "source": facts.source,
            "night": facts.night,
            "started": facts.started,
            "finished": facts.finished or None,
            "status": "failed" if name in failed and facts.status == "finished" else facts.status,
            "replay": int(facts.replay),
            "captures": len(held),
            "documents": documents[name],
            "failures": failures[name],
            "minimum": facts.minimum,
            "maximum": facts.maximum,
        }


def _from_captures(name: str, held: list[Seen]) -> RunFacts:
    first, last = held[0].captured_at, held[-1].captured_at
    return RunFacts(name, held[0].source, first[:10], first, last, status="unknown")
