"""What a comparison amounts to: same, cosmetic, real or unread; how much of it; why; how sure; in one sentence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace

from archive.diff.model import (
    ADDED,
    CHANGED,
    COSMETIC,
    DOCUMENT,
    MOVED,
    PAGE,
    REAL,
    RECORD,
    REMOVED,
    SAME,
    UNREAD,
    Comparison,
    Counts,
    Edit,
    FieldChange,
    PagePair,
    Side,
)
from archive.diff.page_pairs import with_states
from archive.diff.summary import summary_of

LEAST_SCORE = 0.0001
RE_SAVED, REFLOW, WHITESPACE = "re-saved", "reflow", "whitespace"
# Of a record's text: what its fields tell; what is printed on one side alone; what it goes by where it was found.
IN_FIELDS, PRINTED, NAMED = "told by its fields", "printed with other fields", "another address or number at the source"
_NOT_SAID = re.compile(r"(?:Url|Notice id): .*", re.DOTALL)
COARSE, OCR, EXCERPT = "coarse", "ocr", "excerpt"
_PARAGRAPH = re.compile(r"\n\s*\n")


def judged(told: Comparison, before: Side, after: Side, *, coarse: bool) -> Comparison:
    """Return a comparison with its kind, score, reasons, doubts, counts and sentence."""
    if after.form == RECORD:
        told = replace(told, edits=tuple(_of_record(told, before, after)))
        told = replace(told, pages=with_states([replace(pair, state=SAME) for pair in told.pages], told.edits))
    real = [edit for edit in told.edits if not edit.why]
    counts = _counts(told, real)
    why = tuple(dict.fromkeys(_reasons(told, before, after)))
    doubts = tuple(_doubts(before, after, coarse=coarse))
    is_real = counts != Counts() or not all(change.why for change in told.metadata)
    if is_real:
        why = tuple(one for one in why if one not in (RE_SAVED, IN_FIELDS))
    kind = REAL if is_real else UNREAD if UNREAD in doubts and why else COSMETIC if why else SAME
    score = _score(told, before, after, real) if is_real else 0.0
    paragraphs = tuple(_paragraphs(after, real)) if after.form == PAGE else ()
    done = replace(told, kind=kind, score=score, why=why, doubts=doubts, counts=counts, paragraphs=paragraphs)
    return replace(done, summary=summary_of(done))


def _of_record(told: Comparison, before: Side, after: Side) -> Iterator[Edit]:
    """Yield the edits of a record's text, which prints its fields: real are those that no field tells of.

    An action on an award prints only some, so of its text nothing is real that isn't in a field.
    """
    by_fields = IN_FIELDS if any(not change.why for change in told.fields) else PRINTED if after.terse else ""
    texts = [{page.number: page.text for page in side.pages} for side in (before, after)]
    for edit in told.edits:
        places = [(text, place) for text, held in zip(texts, (edit.before, edit.after), strict=True) for place in held]
        named = all(_NOT_SAID.fullmatch(_line_before(text[place.page], place.start)) for text, place in places)
        yield replace(edit, why=edit.why or by_fields or (NAMED if named else ""))


def _line_before(text: str, place: int) -> str:
    return text[text.rfind("\n", 0, place) + 1 : place]


def _counts(told: Comparison, real: Iterable[Edit]) -> Counts:
    cells = sum(
        sum(not cell.why for cell in change.cells) + len(change.rows_added) + len(change.rows_removed)
        for change in told.tables
        if not change.why
    )
    tables = sum(change.op != CHANGED for change in told.tables)
    words = [edit for edit in real if edit.op != MOVED and (edit.part != "table" or not cells + tables)]
    pages_moved = _in_state(told.pages, MOVED)
    return Counts(
        words_added=sum(len(edit.added.split()) for edit in words),
        words_removed=sum(len(edit.removed.split()) for edit in words),
        pages_added=_in_state(told.pages, ADDED),
        pages_removed=_in_state(told.pages, REMOVED),
        pages_moved=pages_moved,
        pages_changed=_in_state(told.pages, CHANGED),
        passages_moved=0 if pages_moved else sum(edit.op == MOVED for edit in real),
        tables_changed=tables,
        cells_changed=cells,
        fields_changed=sum(not change.why for change in told.fields),
        attachments_changed=len(told.attachments),
    )


def _in_state(pages: Iterable[PagePair], state: str) -> int:
    return sum(pair.state == state for pair in pages)


def _reasons(told: Comparison, before: Side, after: Side) -> Iterator[str]:
    """Yield why what is cosmetic is so."""
    yield from sorted({edit.why for edit in told.edits} - {""})
    changes = {change.why for change in (*told.fields, *told.metadata)} | {change.why for change in told.tables}
    yield from sorted(changes - {""})
    if any(pair.reflowed for pair in told.pages):
        yield REFLOW
    elif not told.edits and [page.text for page in before.pages] != [page.text for page in after.pages]:
        yield WHITESPACE
    if before.digest != after.digest and (after.form == DOCUMENT or told == _but_pages(told)):
        yield RE_SAVED


def _but_pages(told: Comparison) -> Comparison:
    return Comparison(told.before, told.after, told.kind, told.score, told.summary, pages=told.pages)


def _doubts(before: Side, after: Side, *, coarse: bool) -> Iterator[str]:
    pages = (*before.pages, *after.pages)
    if coarse:
        yield COARSE
    if any(page.origin == OCR for page in pages):
        yield OCR
    if not (before.whole and after.whole):
        yield EXCERPT
    if not all(page.readable for page in pages):
        yield UNREAD


def _score(told: Comparison, before: Side, after: Side, real: Iterable[Edit]) -> float:
    words = sum(len(edit.added.split()) + len(edit.removed.split()) for edit in real)
    everything = sum(len(page.text.split()) for side in (before, after) for page in side.pages)
    if after.form == RECORD and told.fields:
        words = sum(map(_field_words, told.fields))
        everything = sum(len(value.split()) for side in (before, after) for value in side.fields.values())
    return min(1.0, max(LEAST_SCORE, round(words / everything, 4) if everything else 1.0))


def _field_words(change: FieldChange) -> int:
    return sum(
        len(value[start:end].split())
        for edit in change.words
        if not edit.why
        for value, (start, end) in ((change.before, edit.before), (change.after, edit.after))
    )


def _paragraphs(after: Side, real: Iterable[Edit]) -> Iterator[int]:
    """Yield the numbers of the paragraphs in which something changed; of what was removed, where it would stand."""
    text = after.pages[0].text if after.pages else ""
    starts = [0, *(found.end() for found in _PARAGRAPH.finditer(text))]
    places = (place.start for edit in real for place in (edit.after or (edit.at_after,)) if place)
    yield from sorted({bisect_right(starts, place) for place in places})
