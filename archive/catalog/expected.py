"""Whether a run gave what its source gives: how many documents, and how many of them say what all of them should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from archive.catalog.evidence import Evidence, Reader, Said
from archive.catalog.identity import NO_DOCUMENT
from archive.catalog.runs import UNFINISHED, RunFacts
from archive.dates import parse_date
from archive.model import Finding

DOCUMENTS = frozenset({"file", "web-page", "article", "notice", "award"})
# Fields of a notice's record that are dates.
DATES = frozenset({"posted", "award_date", "response_due", "archive_date"})


def documents_by_run(evidence: Evidence, read: Reader) -> Counter[str]:
    """Count the documents that each run was given; what could not be opened is none."""
    return Counter(said.seen.run for said in evidence.said if said.kind in DOCUMENTS and not _is_none(said, read))


def _is_none(said: Said, read: Reader) -> bool:
    reading = read(said.seen.content_digest) if said.kind in ("file", "article") else None
    return reading is not None and reading.outcome in NO_DOCUMENT


def outside(evidence: Evidence, read: Reader, runs: Mapping[str, RunFacts]) -> dict[str, list[Finding]]:
    """Return in what each run gave less or more than was expected of it; runs that go on, or will, are left out."""
    documents, shares = documents_by_run(evidence, read), _shares(evidence, runs)
    found = {
        run.id: [*_amount(run, documents[run.id] + sum(run.erased.values())), *_fields(run, shares)]
        for run in runs.values()
        if run.finished and run.status not in UNFINISHED
    }
    return {run: findings for run, findings in found.items() if findings}


def _amount(run: RunFacts, documents: int) -> Iterator[Finding]:
    unasked = sum(finding.outcome == "address-erased" for finding in run.findings)
    if run.minimum is not None and documents + unasked < run.minimum:
        yield Finding("below-expected", run.source, f"{documents} documents, at least {run.minimum} expected")
    if run.maximum is not None and documents > run.maximum:
        yield Finding("above-expected", run.source, f"{documents} documents, at most {run.maximum} expected")


def _fields(run: RunFacts, shares: Mapping[tuple[str, str], tuple[int, int]]) -> Iterator[Finding]:
    for name, share in sorted(run.fields.items()):
        said, of = shares.get((run.id, name), (0, 0))
        if said < share * of:
            yield Finding("fields-missing", run.source, f"{name}: {said} of {of} say it, {share:.0%} expected")


def _shares(evidence: Evidence, runs: Mapping[str, RunFacts]) -> dict[tuple[str, str], tuple[int, int]]:
    """Count for each run and each field expected of it how many statements say it, of how many of that kind."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    wanted = {run.id: [(name, *name.partition(".")[::2]) for name in run.fields] for run in runs.values()}
    for said in evidence.said:
        for name, kind, field in wanted.get(said.seen.run, ()):
            if said.kind == kind:
                counts[said.seen.run, name, _says(said, field)] += 1
    keys = {(run, name) for run, name, _ in counts}
    return {(run, name): (counts[run, name, True], counts[run, name, True] + counts[run, name, False])
            for run, name in keys}  # fmt: skip


def _says(said: Said, field: str) -> bool:
    """Tell whether a statement says a field: one of its record, one of its own, or a date in that role. What stands in
    a date's place and isn't one says nothing."""
    if said.kind in ("notice", "award"):
        words = said.body["record"].get(field, "")
        return bool(words) and (field not in DATES or parse_date(words) is not None)
    dates = [date["words"] for date in said.body.get("dates", ()) if date["role"] == field]
    return bool(said.body.get(field)) or any(parse_date(words) is not None for words in dates)
