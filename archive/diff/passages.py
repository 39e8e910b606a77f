"""The words that a comparison found added or removed, as passages to be searched; each stands on one page."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from archive.diff.model import ADDED, MOVED, RECORD, REMOVED, Comparison, Edit, FieldChange, Side

# So many passages are told one by one; of what is more, those of one page are one.
MOST_PASSAGES = 2_000
GAP = " … "


class Passage(NamedTuple):
    """Words that were "added" (they stand on a page of the later version) or "removed" (on one of the earlier).

    `part` says in what: "text", "table", "note", "header", "footer", or a record's field.
    """

    kind: str
    page: int
    part: str
    text: str


def passages_of(told: Comparison, before: Side, after: Side) -> list[Passage]:
    """Return what is really new and really gone, as it stands on its pages; nothing of what moved or is cosmetic.

    Of a record it is the words of its fields, else those of its text.
    """
    found = [one for change in told.fields for one in _of_field(change)] if after.form == RECORD else []
    if not found:
        old, new = ({page.number: page.text for page in side.pages} for side in (before, after))
        found = [one for edit in told.edits for one in _of_edit(edit, old, new)]
    return [*found[:MOST_PASSAGES], *_by_page(found[MOST_PASSAGES:])]


def _of_edit(edit: Edit, old: Mapping[int, str], new: Mapping[int, str]) -> Iterator[Passage]:
    if edit.why or edit.op == MOVED:
        return
    for kind, places, texts in ((REMOVED, edit.before, old), (ADDED, edit.after, new)):
        for page, held in itertools.groupby(places, key=lambda place: place.page):
            text = " ".join(texts[page][place.start : place.end] for place in held)
            yield Passage(kind, page, edit.part, text)


def _of_field(change: FieldChange) -> Iterator[Passage]:
    if change.why:
        return
    for kind, value, spans in (
        (REMOVED, change.before, [edit.before for edit in change.words if not edit.why]),
        (ADDED, change.after, [edit.after for edit in change.words if not edit.why]),
    ):
        for start, end in spans:
            if start < end:
                yield Passage(kind, 1, change.name, value[start:end])


def _by_page(passages: Iterable[Passage]) -> Iterator[Passage]:
    """Yield one passage for each kind, page and part."""
    held: dict[tuple[str, int, str], list[str]] = {}
    for one in passages:
        held.setdefault((one.kind, one.page, one.part), []).append(one.text)
    for (kind, page, part), texts in held.items():
        yield Passage(kind, page, part, GAP.join(texts))
