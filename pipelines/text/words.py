"""Groups a page's letters to words by where they stand; it knows nothing of PDFs, and no order but that of drawing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise, starmap
from math import floor
from operator import attrgetter
from statistics import median

from pipelines.text.drawn import Letter, Word

# Of the font's size. Kerning parts letters by up to a tenth; the narrowest blanks between words take a sixth.
_GAP = 0.15
_TRACKED_GAP = 0.7
_BACK = 0.15
_SAME_LINE = 0.08
_SAME_PLACE = 0.2
# In points; no page is as large (ISO 32000-1, annex C).
_FAR = 1e6

# Ligatures are their letters; what has no width is nothing.
_PLAIN = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
    | dict.fromkeys("\u00ad\u200b\u2060\ufeff")
)
_SOFT_HYPHEN = "\u00ad"
_UNKNOWN = re.compile(r"\(cid:\d+\)")
_SUBSET = re.compile(r"^[A-Z]{6}\+")
_ORDINALS = {"st", "nd", "rd", "th"}


class _Piece:
    """Letters that were drawn one after the other and stand together, in the frame of their text: `start` and `end`
    along the line, `base` across it; `parted` says that a blank stands before it, `closed` that one comes after."""

    __slots__ = ("base", "closed", "end", "letters", "parted", "size", "start")

    def __init__(self, letter: Letter, span: tuple[float, float, float], parted: bool) -> None:
        self.letters = [letter]
        self.start, self.end, self.base = span
        self.size = letter.size
        self.parted, self.closed = parted, False

    def take(self, other: _Piece) -> None:
        self.letters += other.letters
        self.end, self.closed = max(self.end, other.end), other.closed

    @property
    def text(self) -> str:
        return "".join([letter[0] for letter in self.letters])


def words_of(letters: Sequence[Letter]) -> list[Word]:
    """Return the words of a page in the order in which their first letters were drawn.

    Words end at blanks and at gaps, also where a file has no blanks or its letters are spaced out. What is drawn twice
    (fake bold, shadows) is one word. Ligatures are their letters, letters without a meaning U+FFFD; soft hyphens are
    dropped but at a line's end, where they are "-". Raised marks of notes are words of their own, raised ordinals
    (1st) aren't. Letters without a place on any page are left out.
    """
    words: list[Word] = []
    turned: dict[int, list[Letter]] = {}
    for letter in letters:
        turned.setdefault(letter[7], []).append(letter)
    for turn, some in turned.items():
        for line in _lines(_once(_with_ordinals(_pieces(some, turn)))):
            joined = _joined(line)
            for place, piece in enumerate(joined):
                follows = place + 1 < len(joined) and joined[place + 1].start - piece.end < piece.size
                if (word := _word(piece, turn, follows)) is not None:
                    words.append(word)
    words.sort(key=attrgetter("first"))
    return words


def _span(letter: Letter, turn: int) -> tuple[float, float, float]:
    """Where a letter starts and ends along its line, and where its baseline runs; both grow as reading goes on."""
    _, x0, top, x1, bottom, *_, base, _ = letter
    if turn == 0:
        return x0, x1, base
    if turn == 90:
        return top, bottom, -base
    if turn == 180:
        return -x1, -x0, -base
    return -bottom, -top, base


def _pieces(letters: Iterable[Letter], turn: int) -> list[_Piece]:
    pieces: list[_Piece] = []
    piece: _Piece | None = None
    last_text, last_start, last_end, last_base = "", 0.0, 0.0, 0.0
    blank_end = blank_base = float("-inf")
    for letter in letters:
        text, size = letter[0], letter[5]
        start, end, base = (letter[1], letter[3], letter[11]) if turn == 0 else _span(letter, turn)
        if not (
            -_FAR < letter[1] <= letter[3] < _FAR
            and -_FAR < letter[2] <= letter[4] < _FAR
            and -_FAR < base < _FAR
            and -_FAR < size < _FAR
        ):
            continue
        if not text or text.isspace():
            if text:
                blank_end, blank_base = end, base
                if piece is not None:
                    piece.closed = abs(start - last_end) < size and abs(base - last_base) < size
                    piece = None
            continue
        if piece is not None:
            step, drop = start - last_start, abs(base - last_base)
            if text == last_text and drop <= _SAME_PLACE * size and abs(step) < _double(size, end - start):
                continue
            if drop <= _SAME_LINE * size and step >= -_BACK * size and start - last_end <= _GAP * size:
                piece.letters.append(letter)
                piece.end = max(piece.end, end)
                last_text, last_start, last_end, last_base = text, start, end, base
                continue
        parted = abs(start - blank_end) < size and abs(base - blank_base) < size
        blank_end = float("-inf")
        piece = _Piece(letter, (start, end, base), parted)
        pieces.append(piece)
        last_text, last_start, last_end, last_base = text, start, end, base
    return pieces


def _double(size: float, width: float) -> float:
    """How near the same letter must be to be the same again: a narrow font sets "ll" a sixth of its size apart."""
    return min(_SAME_PLACE * size, 0.6 * width)


def _with_ordinals(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Join the raised letters of 1st, 2nd, 3rd and 4th to their number."""
    found: list[_Piece] = []
    for piece in pieces:
        if len(piece.letters) == 2 and found and piece.text in _ORDINALS:
            last = found[-1]
            raised, gap = last.base - piece.base, piece.start - last.end
            if last.letters[-1].text.isdigit() and 0 < raised < last.size and abs(gap) <= _GAP * last.size:
                last.take(piece)
                continue
        found.append(piece)
    return found


def _once(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Leave out what was drawn before in the same place."""
    found: list[_Piece] = []
    seen: dict[tuple[str, int, int], list[_Piece]] = {}
    for piece in pieces:
        text = piece.text
        near = max(_SAME_PLACE * abs(piece.size), 0.01)
        # Of cells twice as wide as what is near, at most four can hold another.
        columns = {floor((piece.start - near) / near / 2), floor((piece.start + near) / near / 2)}
        rows = {floor((piece.base - near) / near / 2), floor((piece.base + near) / near / 2)}
        if not any(_same(piece, other) for x in columns for y in rows for other in seen.get((text, x, y), ())):
            found.append(piece)
            cell = (text, floor(piece.start / near / 2), floor(piece.base / near / 2))
            seen.setdefault(cell, []).append(piece)
    return found


def _same(one: _Piece, other: _Piece) -> bool:
    near = _double(one.size, one.end - one.start)
    return abs(one.start - other.start) <= near and abs(one.base - other.base) <= _SAME_PLACE * one.size


def _lines(pieces: list[_Piece]) -> Iterable[list[_Piece]]:
    """Pieces on one baseline, from their start."""
    pieces = sorted(pieces, key=attrgetter("base"))
    begin = 0
    for place in range(1, len(pieces) + 1):
        if place == len(pieces) or not _level(pieces[place - 1], pieces[place]):
            yield sorted(pieces[begin:place], key=attrgetter("start"))
            begin = place


def _level(one: _Piece, other: _Piece) -> bool:
    return abs(one.base - other.base) <= _SAME_LINE * min(one.size, other.size)


def _joined(line: Sequence[_Piece]) -> list[_Piece]:
    """Join the pieces of a line that stand together, and those of spaced-out words."""
    found: list[_Piece] = []
    for piece in line:
        if found and _apart(found[-1], piece) <= _GAP * min(piece.size, found[-1].size):
            found[-1].take(piece)
        else:
            found.append(piece)
    words: list[_Piece] = []
    run: list[_Piece] = []
    for piece in found:
        if len(piece.letters) <= 2 and (not run or piece.start - run[-1].end <= 2 * piece.size):
            run.append(piece)
            continue
        words += _spaced_out(run)
        run = [piece] if len(piece.letters) <= 2 else []
        if not run:
            words.append(piece)
    return words + _spaced_out(run)


def _apart(one: _Piece, other: _Piece) -> float:
    """The gap between two pieces, endless where they can't be of one word."""
    gap = other.start - one.end
    if one.closed or other.parted or gap < -_BACK * other.size or not _level(one, other):
        return float("inf")
    return gap


def _spaced_out(run: list[_Piece]) -> list[_Piece]:
    """Join single letters that are set apart evenly; digits and repeated marks so are columns of a table."""
    letters = [piece.text for piece in run]
    if len(run) < 4 or len(set(letters)) < 2 or any(text.isdigit() for text in letters):
        return run
    gaps = [gap for gap in starmap(_apart, pairwise(run)) if gap <= _TRACKED_GAP * run[0].size]
    if sum(map(len, letters)) > 1.4 * len(run) or len(gaps) < 3:
        return run
    most = median(gaps) + 0.12 * run[0].size
    found = run[:1]
    for piece in run[1:]:
        if _apart(found[-1], piece) <= most:
            found[-1].take(piece)
        else:
            found.append(piece)
    return found


def _word(piece: _Piece, turn: int, follows: bool) -> Word | None:
    """The word of a piece, or None where nothing is left of it."""
    letters = piece.letters
    text = _text(letters, follows)
    if not text:
        return None
    return Word(
        text,
        min([letter[1] for letter in letters]),
        min([letter[2] for letter in letters]),
        max([letter[3] for letter in letters]),
        max([letter[4] for letter in letters]),
        letters[0].size,
        plain_font(letters[0].font),
        min([letter[10] for letter in letters]),
        turn,
    )


def _text(letters: Sequence[Letter], follows: bool) -> str:
    text = "".join([letter[0] for letter in letters])
    if "(cid:" in text:
        text = "".join([_UNKNOWN.sub("\ufffd", one[0]) if len(one[0]) > 5 else one[0] for one in letters])
    if text.isascii():
        return text
    if text.endswith(_SOFT_HYPHEN) and not follows:
        text = text[:-1] + "-"
    return text.translate(_PLAIN)


@lru_cache(maxsize=1024)
def plain_font(name: str) -> str:
    """A font's name without the prefix of a subset (ISO 32000-1, 9.6.4)."""
    return _SUBSET.sub("", name)
