"""Where the words of a page's published text stand on its picture: our words, the places of the picture's letters.

What drew the picture knows the letters of the file in the file's own order, and nothing of columns, notes or broken
words. Its letters are never shown: they are laid beside ours, run by run, and only their places are taken. A word that
has no counterpart has no place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from archive.research.marks import LONGEST_TEXT, Marks, letters_and_places

# Runs of so many letters that are the same on both sides are taken to be the same place; then single words are.
RUN = 10
# Of places that are equally good so many to both sides of the expected one are looked at.
NEAR = 40
# A box is told in so many parts of the page's width and height.
PARTS = 20_000
MOST_LETTERS = 60_000
_WORD = re.compile(r"\S+")


class Box(NamedTuple):
    """A stretch of one line on a picture, in points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a page's text, from `start` to `end` in it. It has two boxes where a line's end breaks it, or none.

    `letters` are the boxes of its letters and digits, each with its place in the text.
    """

    text: str
    start: int
    end: int
    boxes: tuple[Box, ...]
    letters: tuple[tuple[int, Box], ...] = ()


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of a page in the order of its text; `width` and `height` of the page are in points."""

    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def placed(self) -> int:
        """Return how many words have a place."""
        return sum(bool(word.boxes) for word in self.words)

    def boxes_of(self, marks: Marks) -> list[Box]:
        """Return the boxes of marked stretches of the text, those on one line joined."""
        found: list[Box] = []
        for start, end in marks:
            inside = [box for word in self.words if word.start < end and word.end > start
                      for box in _part(word, start, end)]  # fmt: skip
            found += _lines(inside)
        return found


class _Letters(NamedTuple):
    """Letters and digits alone, each with the number of the character that it is of."""

    letters: str
    places: list[int]


def place_words(text: str, page: Mapping[str, Any]) -> PageWords:
    """Return the words of a text with their boxes; `page` is what was told of the picture's letters.

    That came from a process that had the file in its hands: what isn't as it should be places nothing.
    """
    width, height, drawn, boxes = _told(page)
    ours = _Letters(*letters_and_places(text[:LONGEST_TEXT]))
    theirs = _Letters(*letters_and_places(drawn))
    pairs = _aligned(ours, theirs, text, drawn)
    found: dict[int, int] = {}
    for one, other in enumerate(pairs):
        if other >= 0:
            found.setdefault(ours.places[one], theirs.places[other])
    words = []
    for match in _WORD.finditer(text[:LONGEST_TEXT]):
        here = [place for place in range(match.start(), match.end()) if place in found]
        signs = [_box(boxes, width, height, one) for one in _with_signs([found[place] for place in here], drawn)]
        letters = [(place, _box(boxes, width, height, found[place])) for place in here]
        words.append(
            Word(
                match[0],
                match.start(),
                match.end(),
                tuple(_lines(one for one in signs if one is not None)),
                tuple((place, box) for place, box in letters if box is not None),
            )
        )
    return PageWords(width, height, tuple(words))


def _told(page: Mapping[str, Any]) -> tuple[float, float, str, Sequence[int]]:
    width, height, text, boxes = (page.get(name) for name in ("width", "height", "text", "boxes"))
    sound = isinstance(text, str) and isinstance(boxes, list) and len(boxes) == 4 * len(text) <= 4 * MOST_LETTERS
    sized = all(isinstance(side, (int, float)) and 0 < side < 1e7 for side in (width, height))
    if not sound or not sized or not all(type(one) is int and abs(one) <= 2 * PARTS for one in boxes or ()):
        return (float(width), float(height), "", ()) if sized else (1.0, 1.0, "", ())  # type: ignore[arg-type]
    return float(width), float(height), text, boxes  # type: ignore[arg-type, return-value]


def _aligned(ours: _Letters, theirs: _Letters, text: str, drawn: str) -> list[int]:
    """Return for each of our letters the number of its counterpart, -1 where it has none.

    First what stands once on both sides, as far as it goes; then what comes again, next to what stands before it.
    """
    pairs, taken = [-1] * len(ours.letters), bytearray(len(theirs.letters))
    runs = _runs(theirs.letters)
    here = _runs(ours.letters)
    for once in (True, False):
        at = expected = 0
        while at <= len(ours.letters) - RUN:
            run = ours.letters[at : at + RUN]
            held = runs.get(run, []) if pairs[at] < 0 else []
            start = -1
            if not once or (len(held) == 1 and len(here[run]) == 1):
                start = _nearest(held, expected, taken)
            if start >= 0:
                at, expected = _grown(ours.letters, theirs.letters, at, start, pairs, taken)
            else:
                expected = pairs[at] + 1 if pairs[at] >= 0 else expected
                at += 1
    _single_words(ours, theirs, text, drawn, pairs, taken)
    return pairs


def _nearest(places: Sequence[int], expected: int, taken: bytearray) -> int:
    """Return the place that is nearest to where one is expected and isn't taken; -1 where none of those around is.

    `places` are in order, and may be as many as there are letters: only some of them are looked at.
    """
    middle = bisect_left(places, expected)
    near = places[max(middle - NEAR, 0) : middle + NEAR]
    return min((one for one in near if not taken[one]), key=lambda one: abs(one - expected), default=-1)


def _runs(letters: str) -> dict[str, list[int]]:
    """Return where each run of letters begins."""
    found: dict[str, list[int]] = defaultdict(list)
    for at in range(len(letters) - RUN + 1):
        found[letters[at : at + RUN]].append(at)
    return found


def _grown(ours: str, theirs: str, at: int, start: int, pairs: list[int], taken: bytearray) -> tuple[int, int]:
    """Pair a run of letters as far as it goes to both sides; return where it ends."""
    one, other = at - 1, start - 1
    while one >= 0 and other >= 0 and pairs[one] < 0 and not taken[other] and ours[one] == theirs[other]:
        pairs[one], taken[other] = other, 1
        one, other = one - 1, other - 1
    while at < len(ours) and start < len(theirs) and not taken[start] and ours[at] == theirs[start]:
        pairs[at], taken[start] = start, 1
        at, start = at + 1, start + 1
    return at, start


def _single_words(ours: _Letters, theirs: _Letters, text: str, drawn: str, pairs: list[int], taken: bytearray) -> None:
    """Pair the words that are left with equal ones that are left, the nearest to what stands before them first."""
    left: dict[str, list[int]] = defaultdict(list)
    for first, end in _words(theirs, drawn):
        if not any(taken[first:end]):
            left[theirs.letters[first:end]].append(first)
    before = 0
    for first, end in _words(ours, text):
        if pairs[first] < 0:
            start = _nearest(left.get(ours.letters[first:end], ()), before, taken)
            if start >= 0:
                taken[start] = 1
                pairs[first:end] = range(start, start + end - first)
        if pairs[end - 1] >= 0:
            before = pairs[end - 1] + 1


def _words(side: _Letters, text: str) -> Iterable[tuple[int, int]]:
    """Yield the stretches of letters that belong to one word of a text."""
    first, places = 0, side.places
    for at in range(1, len(places) + 1):
        if at == len(places) or any(map(str.isspace, text[places[at - 1] + 1 : places[at]])):
            yield first, at
            first = at


def _with_signs(places: Sequence[int], drawn: str) -> list[int]:
    """Return letters with the signs that stand between them, and right before and after them: brackets, full stops."""
    if not places:
        return []
    found = []
    for at, place in enumerate(places):
        found.append(place)
        follows = places[at + 1] if at + 1 < len(places) else None
        sign = place + 1
        while sign < len(drawn) and sign != follows and _is_sign(drawn[sign]):
            found.append(sign)
            sign += 1
    sign = places[0] - 1
    while sign >= 0 and _is_sign(drawn[sign]):
        found.insert(0, sign)
        sign -= 1
    return found


def _is_sign(character: str) -> bool:
    return character.isprintable() and not character.isspace() and not character.isalnum()


def _box(boxes: Sequence[int], width: float, height: float, at: int) -> Box | None:
    left, top, right, bottom = boxes[4 * at : 4 * at + 4]
    if left >= right or top >= bottom:
        return None
    return Box(left / PARTS * width, top / PARTS * height, right / PARTS * width, bottom / PARTS * height)


def _lines(boxes: Iterable[Box]) -> list[Box]:
    """Join boxes that follow each other on one line."""
    found: list[Box] = []
    for box in boxes:
        last = found[-1] if found else None
        if last and _beside(last, box):
            found[-1] = Box(min(last.left, box.left), min(last.top, box.top), max(last.right, box.right),
                            max(last.bottom, box.bottom))  # fmt: skip
        else:
            found.append(box)
    return found


def _beside(last: Box, box: Box) -> bool:
    """Tell whether a box goes on where another ends: to its right on the same line, or below it in turned text."""
    high, wide = min(last.bottom - last.top, box.bottom - box.top), min(last.right - last.left, box.right - box.left)
    if min(last.bottom, box.bottom) - max(last.top, box.top) > 0.5 * high:
        return box.left >= last.left and box.left - last.right < 2 * max(box.bottom - box.top, last.bottom - last.top)
    plumb = min(last.right, box.right) - max(last.left, box.left) > 0.5 * wide
    narrow = max(last.right - last.left, box.right - box.left) < 2 * wide and wide < 2 * (last.bottom - last.top)
    return plumb and narrow and max(box.top - last.bottom, last.top - box.bottom) < wide


def _part(word: Word, start: int, end: int) -> Iterable[Box]:
    """Return the boxes of a word, or of those letters of it that a mark takes in."""
    if start <= word.start and end >= word.end:
        return word.boxes
    return _lines(box for place, box in word.letters if start <= place < end)
