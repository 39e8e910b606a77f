"""Compares two versions: which pages, words, cells and fields changed, and whether any of it is real."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from archive.diff.edits import Streams, align_streams, edits_of
from archive.diff.fields import fact_changes, field_changes, link_changes
from archive.diff.model import (
    ADDED,
    COSMETIC,
    MOVED,
    REAL,
    REMOVED,
    SAME,
    UNREAD,
    Comparison,
    Counts,
    FieldChange,
    PagePair,
    Side,
)
from archive.diff.page_pairs import pair_pages, shared_words
from archive.diff.streams import BESIDE, beside, running
from archive.diff.summary import summary_of
from archive.diff.tables import table_changes

LEAST_SCORE = 0.0001
RE_SAVED, REFLOW, WHITESPACE = "re-saved", "reflow", "whitespace"


def compare(before: Side, after: Side) -> Comparison:
    """Return what changed from one version to the other; a function of the two alone."""
    forms = frozenset().union(*(page.forms for page in (*before.pages, *after.pages)))
    aligned = [align_streams(running(before.pages), running(after.pages))]
    aligned += [align_streams(beside(before.pages, part), beside(after.pages, part)) for part in BESIDE]
    edits = [edit for streams in aligned for edit in edits_of(streams, forms)]
    shared = sum((shared_words(streams) for streams in aligned[1:]), shared_words(aligned[0]))
    told = Comparison(
        before.version,
        after.version,
        SAME,
        0.0,
        "",
        pages=pair_pages(before.pages, after.pages, shared, edits),
        edits=tuple(edits),
        tables=table_changes(before.tables, after.tables),
        metadata=fact_changes(before.facts, after.facts),
        fields=field_changes(before.fields, after.fields),
        attachments=link_changes(before.links, after.links),
    )
    return _judged(told, before, after, aligned)


def _judged(told: Comparison, before: Side, after: Side, aligned: Iterable[Streams]) -> Comparison:
    """Say of what kind it is, how much of it is real, and why the rest isn't."""
    counts = _counts(told)
    told_apart = [one.why for one in told.metadata] + [one.why for one in told.tables]
    real = counts != Counts() or not all(told_apart)
    why = tuple(sorted({*_reasons(told, before, after)}))
    doubts = tuple(_doubts(before, after, aligned))
    kind = (
        REAL if real else UNREAD if "unread" in doubts and before.digest != after.digest else COSMETIC if why else SAME
    )
    judged = replace(
        told, kind=kind, score=_score(told, before, after) if real else 0.0, why=why, doubts=doubts, counts=counts
    )
    return replace(judged, summary=summary_of(judged))


def _counts(told: Comparison) -> Counts:
    real = [edit for edit in told.edits if not edit.why and edit.op != MOVED and edit.part != "table"]
    return Counts(
        words_added=sum(len(edit.added.split()) for edit in real),
        words_removed=sum(len(edit.removed.split()) for edit in real),
        pages_added=_in_state(told.pages, ADDED),
        pages_removed=_in_state(told.pages, REMOVED),
        pages_moved=_in_state(told.pages, MOVED),
        pages_changed=_in_state(told.pages, "changed"),
        cells_changed=sum(
            len([cell for cell in change.cells if not cell.why]) + len(change.rows_added) + len(change.rows_removed)
            for change in told.tables
        ),
        fields_changed=sum(not change.why for change in told.fields),
        attachments_changed=len(told.attachments),
    )


def _in_state(pages: Iterable[PagePair], state: str) -> int:
    return sum(pair.state == state for pair in pages)


def _reasons(told: Comparison, before: Side, after: Side) -> Iterator[str]:
    yield from (edit.why for edit in told.edits if edit.why)
    yield from (change.why for change in (*told.fields, *told.metadata) if change.why)
    yield from (change.why for change in told.tables if change.why)
    if any(pair.reflowed for pair in told.pages):
        yield REFLOW
    elif [page.text for page in before.pages] != [page.text for page in after.pages] and not told.edits:
        yield WHITESPACE
    if before.digest != after.digest:
        yield RE_SAVED


def _doubts(before: Side, after: Side, aligned: Iterable[Streams]) -> Iterator[str]:
    if any(streams.coarse for streams in aligned):
        yield "coarse"
    if any(page.origin == "ocr" for side in (before, after) for page in side.pages):
        yield "ocr"
    if not (before.whole and after.whole):
        yield "excerpt"
    if any(not page.readable for side in (before, after) for page in side.pages):
        yield "unread"


def _score(told: Comparison, before: Side, after: Side) -> float:
    real = [edit for edit in told.edits if not edit.why]
    words = sum(len(edit.added.split()) + len(edit.removed.split()) for edit in real)
    everything = sum(len(page.text.split()) for side in (before, after) for page in side.pages)
    if before.fields or after.fields:
        words = sum(map(_field_words, told.fields))
        everything = sum(len(value.split()) for side in (before, after) for value in side.fields.values())
    return min(1.0, max(LEAST_SCORE, round(words / everything, 4) if everything else 1.0))


def _field_words(change: FieldChange) -> int:
    if change.why:
        return 0
    return sum(
        len(value[start:end].split())
        for edit in change.words
        for value, (start, end) in ((change.before, edit.before), (change.after, edit.after))
    )
