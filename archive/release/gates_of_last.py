"""Gates that hold a release against the last one, and against what is known of the bytes that it was read from."""

from __future__ import annotations

from collections.abc import Iterator

from archive.release.gate import Candidate, Closed
from archive.research.rows import select

# So many bytes more are nothing, however small the last release was.
_LITTLE = 50 << 20


def shrunk(candidate: Candidate) -> Iterator[Closed]:
    """Look whether there are as many documents as there were, beside those that were withdrawn: in all, and of each
    source."""
    now = candidate.made.execute("SELECT count(*) FROM documents").fetchone()[0]
    if now < (candidate.before - len(candidate.withheld.documents)) * (1 - candidate.limits.documents_lost):
        yield Closed("shrunk", f"{now:,} documents are left of {candidate.before:,}")
    if not candidate.has_last:
        return
    for row in select(
        candidate.made,
        "SELECT source, count(*) AS held, sum(id NOT IN (SELECT id FROM main.documents)"
        " AND id NOT IN (SELECT alias FROM main.aliases) AND id NOT IN temp.withheld) AS lost"
        " FROM last.documents GROUP BY source ORDER BY source",
    ):
        limits = candidate.limits_of(row["source"])
        if row["lost"] >= limits.least and row["lost"] > limits.documents_lost * row["held"]:
            reason = f"{row['source']}: {row['lost']:,} of {row['held']:,} documents are gone"
            yield Closed("shrunk", reason, source=row["source"])


def sized(candidate: Candidate) -> Iterator[Closed]:
    """Look whether there is as much text as there was, and not many times as much."""
    if not candidate.has_last:
        return
    before, now = (
        candidate.made.execute(
            f"SELECT count(*) FROM {name}.pages WHERE document NOT IN temp.withheld"  # noqa: S608
        ).fetchone()[0]
        for name in ("last", "main")
    )
    limits = candidate.limits
    if before - now >= limits.least and before - now > limits.pages_lost * before:
        yield Closed("size", f"{now:,} pages are left of {before:,}")
    size, last = candidate.sizes
    if size > limits.grown * last + _LITTLE:
        reason = f"the file has {size >> 20:,} MB, and had {last >> 20:,} MB"
        yield Closed("size", reason, holds=False)


def linked(candidate: Candidate) -> Iterator[Closed]:
    """Look whether what led to a document still leads to one."""
    if not candidate.has_last:
        return
    resolved = (
        'SELECT count(*) FROM {name}."references" WHERE target_document IS NOT NULL'
        " AND version IN (SELECT id FROM {other}.versions) AND target_document NOT IN temp.withheld{held}"
    )
    held = " AND (target_document IN (SELECT id FROM main.documents) OR target_document IN (SELECT alias FROM aliases))"
    before = candidate.made.execute(resolved.format(name="last", other="main", held=held)).fetchone()[0]
    now = candidate.made.execute(resolved.format(name="main", other="last", held="")).fetchone()[0]
    broken = [
        row["id"]
        for row in select(
            candidate.made,
            'SELECT n.id FROM last."references" AS l JOIN main."references" AS n ON n.id = l.id'
            " WHERE l.target_document IS NOT NULL AND n.target_document IS NULL ORDER BY n.id",
        )
    ]
    lost, limits = max(len(broken), before - now), candidate.limits
    if lost > 0:
        holds = lost >= limits.least and lost > limits.links_lost * before
        reason = f"{lost:,} of {before:,} references that led to a document lead to none"
        yield Closed("links", reason, tuple(broken), holds=holds)


def proved(candidate: Candidate) -> Iterator[Closed]:
    """Look when the archive was last verified, and whether the newest captures are what they were."""
    told = candidate.proved
    if told is None:
        return
    if told.damaged:
        reason = f"{len(told.damaged):,} of the {told.looked:,} newest captures are damaged on the disk"
        yield Closed("captures", reason, told.damaged)
    if told.failed:
        yield Closed("verified", f"the verification of {told.failed[:10]} found damage", holds=False)
    elif told.ago is not None and told.ago > candidate.limits.verified_days:
        reason = f"a part of the archive was last verified {told.ago:,} days ago" if told.oldest else "never verified"
        yield Closed("verified", reason, holds=False)
