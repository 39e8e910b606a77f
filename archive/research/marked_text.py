"""A page's text cut into what is the same and what isn't, as a comparison says: on one side, or both in one text.

Stretches of text with what they are, never markup: the site, the plain text and the terminal each have their own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from archive.diff.model import MOVED, Comparison, Edit
from archive.running_text import OnPage

SAME, REMOVED, ADDED, COSMETIC, GAP, MORE = "same", "removed", "added", "cosmetic", "gap", "more"
# Of what is the same between two changes, and at both ends of a page, so many characters are shown.
KEPT = 400
# Of one change so much is shown: a text that was replaced as a whole is read on its own pages.
LONGEST = 12_000


class Segment(NamedTuple):
    """A stretch of text: "same", "removed", "added", "moved", "cosmetic"; "gap" (so many characters that are the same
    left out) or "more" (so many of the change itself).

    `edit` is the place of the change among the comparison's edits, -1 where it is the same on both sides.
    """

    kind: str
    text: str
    edit: int = -1


class _Mark(NamedTuple):
    start: int
    end: int
    edit: int


class MarkedPages:
    """The edits of a comparison by the pages on which they stand; made in one pass over them."""

    def __init__(self, told: Comparison) -> None:
        self.edits = told.edits
        gone = {pair.before for pair in told.pages if pair.after is None}
        self._before: Mapping[int, list[_Mark]] = _by_page((number, edit.before) for number, edit in self._numbered())
        self._after: Mapping[int, list[_Mark]] = _by_page((number, edit.after) for number, edit in self._numbered())
        self._put_in: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, edit in self._numbered():
            place = edit.after[0] if edit.after else edit.at_after
            is_page_gone = not edit.after and {one.page for one in edit.before} <= gone
            if place and edit.removed and edit.op != MOVED and not edit.why and not is_page_gone:
                self._put_in[place.page].append((place.start, number))

    def _numbered(self) -> Iterable[tuple[int, Edit]]:
        return enumerate(self.edits)

    def touches(self, before: int | None, after: int | None) -> bool:
        """Tell whether anything but cosmetic changes stands on one of two pages, or was taken out of the second."""
        marks = [*self._before.get(before or 0, ()), *self._after.get(after or 0, ())]
        return any(not self.edits[mark.edit].why for mark in marks) or bool(self._put_in.get(after or 0))

    def before(self, page: int, text: str) -> list[Segment]:
        """Return a page of the earlier side, what is gone from it "removed"."""
        return _joined(self._cut(text, self._before.get(page, ()), REMOVED, ()))

    def after(self, page: int, text: str) -> list[Segment]:
        """Return a page of the later side, what is new on it "added"."""
        return _joined(self._cut(text, self._after.get(page, ()), ADDED, ()))

    def both(self, page: int, text: str) -> list[Segment]:
        """Return a page of the later side with what is gone put in where it stood, before what came in its place."""
        return _joined(self._cut(text, self._after.get(page, ()), ADDED, self._put_in.get(page, ())))

    def _cut(
        self, text: str, marks: Sequence[_Mark], kind: str, put_in: Sequence[tuple[int, int]]
    ) -> Iterator[Segment]:
        ends = {min(place, len(text)) for mark in marks for place in (mark.start, mark.end)}
        words: dict[int, list[int]] = defaultdict(list)
        for place, number in put_in:
            words[min(place, len(text))].append(number)
        opened: dict[int, list[_Mark]] = defaultdict(list)
        for mark in marks:
            opened[mark.start].append(mark)
        here: list[_Mark] = []
        for start, end in pairwise(sorted({0, len(text), *ends, *words})):
            yield from self._gone(words.get(start, ()))
            here = [mark for mark in here if mark.end > start] + opened.get(start, [])
            best = min(here, key=lambda mark: self._rank(mark.edit), default=None)
            yield Segment(self._kind(best.edit, kind), text[start:end], best.edit) if best else Segment(
                SAME, text[start:end])  # fmt: skip
        yield from self._gone(words.get(len(text), ()))

    def _gone(self, numbers: Iterable[int]) -> Iterator[Segment]:
        for number in numbers:
            edit = self.edits[number]
            if not edit.after:
                yield Segment(SAME, " ")
            yield Segment(REMOVED, edit.removed, number)
            if edit.after:
                yield Segment(SAME, " ")

    def _rank(self, number: int) -> int:
        edit = self.edits[number]
        return 2 if edit.op == MOVED else 1 if edit.why else 0

    def _kind(self, number: int, kind: str) -> str:
        return (kind, COSMETIC, MOVED)[self._rank(number)]


def _by_page(places: Iterable[tuple[int, Iterable[OnPage]]]) -> dict[int, list[_Mark]]:
    found: dict[int, list[_Mark]] = defaultdict(list)
    for number, where in places:
        for place in where:
            if place.start < place.end:
                found[place.page].append(_Mark(place.start, place.end, number))
    return found


def _joined(segments: Iterable[Segment]) -> list[Segment]:
    """Join what stands side by side and is the same thing; "both" is told by the words and not by the cuts."""
    found: list[Segment] = []
    for one in segments:
        if found and (found[-1].kind, found[-1].edit) == (one.kind, one.edit):
            found[-1] = found[-1]._replace(text=found[-1].text + one.text)
        elif one.text:
            found.append(one)
    return found


def shortened(segments: Sequence[Segment], kept: int = KEPT) -> list[Segment]:
    """Return segments with the middle of long stretches that are the same left out."""
    found: list[Segment] = []
    for place, one in enumerate(segments):
        head = kept if place else 0
        tail = kept if place + 1 < len(segments) else 0
        if one.kind != SAME or len(one.text) <= head + tail + kept // 2:
            found += _capped(one)
            continue
        begin = _blank_before(one.text, head) if head else 0
        end = _blank_after(one.text, len(one.text) - tail) if tail else len(one.text)
        parts = [Segment(SAME, one.text[:begin]), Segment(GAP, str(end - begin)), Segment(SAME, one.text[end:])]
        found += [part for part in parts if part.text]
    return found


def _capped(one: Segment) -> list[Segment]:
    half, left = LONGEST // 2, len(one.text) - LONGEST
    if left <= 0:
        return [one]
    return [one._replace(text=one.text[:half]), Segment(MORE, str(left), one.edit), one._replace(text=one.text[-half:])]


def _blank_before(text: str, place: int) -> int:
    return max(text.rfind(" ", 0, place), text.rfind("\n", 0, place)) + 1 or place


def _blank_after(text: str, place: int) -> int:
    found = [at for at in (text.find(" ", place), text.find("\n", place)) if at >= 0]
    return min(found, default=place)
