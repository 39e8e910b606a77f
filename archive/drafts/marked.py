"""The quotations in a draft's blocks: between marks of every kind, or set as a block. It knows no file.

An apostrophe is no mark, a sign of inches neither. What stands inside a quotation belongs to it. A quotation of several
paragraphs, each of which begins with a mark, is one.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.drafts.draft import Block

PAIRS = {"“": "”", "«": "»", "„": "“”", "‟": "”", "「": "」", "『": "』", "»": "«"}
_SINGLE_WORDS = 4
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CREDIT = re.compile(r"\n[^\S\n]{0,99}(?:\n[^\S\n]{0,99}){0,3}(?:—|–|--|―)\s*(?=\S)")
# One character more is kept of what is longer, so that its check sees that it is.
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Marked:
    """A quotation: its words; the block in which it ends; from where to where in that its marks reach (of one that
    began in an earlier block, from 0); and `credit`, what a block quotation says of its origin."""

    words: str
    shape: str
    block: int
    start: int
    end: int
    credit: str = ""


def find_marked(blocks: Sequence[Block]) -> tuple[list[Marked], list[tuple[str, str]]]:
    """Return the quotations in order, and what looks like one and isn't, each with the reason."""
    found: list[Marked] = []
    odd: list[tuple[str, str]] = []
    at = place = 0
    while at < len(blocks):
        if not blocks[at].quoted:
            at, place = _between_marks(blocks, at, place, found, odd)
            continue
        end = at
        while end < len(blocks) and blocks[end].quoted == blocks[at].quoted:
            end += 1
        found.append(_block(blocks, at, end))
        at, place = end, 0
    return found, odd


def _block(blocks: Sequence[Block], first: int, end: int) -> Marked:
    text = "\n\n".join(block.text.strip() for block in blocks[first:end])
    parts = _CREDIT.split("\n" + text)
    words, credit = (text, "") if len(parts) < 2 or not parts[0].strip() else (_CREDIT.split(text)[0], parts[-1])
    words = words.strip()
    if len(words) > 1 and words[-1] in PAIRS.get(words[0], '"' if words[0] == '"' else ""):
        words = words[1:-1]
    last = blocks[end - 1].text
    return Marked(words[: _LONGEST + 1], "block", end - 1, 0, len(last.rstrip()), credit)


def _between_marks(
    blocks: Sequence[Block], at: int, place: int, found: list[Marked], odd: list[tuple[str, str]]
) -> tuple[int, int]:
    """Add the next of what stands between marks in a block; return block and place from which to read on."""
    text = blocks[at].text
    opening = _opening(text, place)
    if opening is None:
        return at + 1, 0
    closing = _closing(text, opening)
    if closing is not None and _is_said(text, opening, closing):
        found.append(Marked(text[opening + 1 : closing], "marks", at, opening, closing + 1))
        return at, closing + 1
    if closing is not None or text[opening] in "'‘":
        return at, opening + 1
    last = _last_of_several(blocks, at, text[opening])
    if last == at:
        odd.append((" ".join(text[opening : opening + 80].split()), "its mark is never closed"))
        return at, opening + 1
    begins = _begin(blocks[last].text)
    closing = _closing(blocks[last].text, begins)
    assert closing is not None
    pieces = [text[opening + 1 :], *(one.text.strip()[1:] for one in blocks[at + 1 : last])]
    pieces.append(blocks[last].text[begins + 1 : closing])
    found.append(Marked("\n\n".join(pieces)[: _LONGEST + 1], "marks", last, 0, closing + 1))
    return last, closing + 1


def _begin(text: str) -> int:
    return len(text) - len(text.lstrip())


def _last_of_several(blocks: Sequence[Block], at: int, mark: str) -> int:
    """Return the block in which a quotation of several paragraphs ends; `at` where it is none."""
    for number in range(at + 1, min(at + 20, len(blocks))):
        text = blocks[number].text
        if blocks[number].quoted or not text.lstrip().startswith(mark):
            return at
        if _closing(text, _begin(text)) is not None:
            return number
    return at


_EITHER = {mark: re.compile(f"[{mark}{closing}]") for mark, closing in PAIRS.items()}
_MARK = re.compile("[\"“«„‟「『＂»'‘]")


def _opening(text: str, place: int) -> int | None:
    """Return where the next quotation may begin."""
    for match in _MARK.finditer(text, place):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if not after or after.isspace():
            continue
        if match[0] in "\"'‘＂" and (before.isalnum() or (before and before in ".,;:!?)”’")):
            continue  # it closes, stands for inches, or is an apostrophe
        if match[0] == "»" and not (not before or before.isspace()):
            continue
        return match.start()
    return None


@lru_cache(maxsize=64)
def _closings(text: str) -> tuple[dict[int, int], list[int], list[int]]:
    """Return by where it opens where each pair of marks closes, those of quotations inside of it apart; and where
    straight and single marks may close. One pass for each kind of mark: what is never closed costs no more than
    what is."""
    pairs: dict[int, int] = {}
    for mark in PAIRS.keys() & set(text):
        opened: list[int] = []
        for match in _EITHER[mark].finditer(text):
            place = match.start()
            is_next = mark == "„" and match[0] == "“" and text[place + 1 : place + 2].isalnum()
            if match[0] in PAIRS[mark] and opened and not is_next:
                pairs[opened.pop()] = place
            elif match[0] == mark:
                opened.append(place)
    behind = [match.start() for match in re.finditer(r"(?<=\S)[\"＂](?![^\W_])", text)]
    single = [match.start() for match in re.finditer(r"(?<=\S)['’](?![^\W_])", text)]
    return pairs, behind, single


def _closing(text: str, opening: int) -> int | None:
    """Return where the mark stands that closes the one at `opening`; None where none does."""
    mark = text[opening]
    pairs, straight, single = _closings(text)
    if mark in "'‘":
        closes = "’" if mark == "‘" else "'"
        first = bisect_right(single, opening + 1)
        near = [place for place in single[first : first + 8] if place < opening + 2_000 and text[place] in closes]
        # Behind a plural may stand an apostrophe: what stands behind punctuation is surer.
        return next((place for place in near if text[place - 1] in ".,;:!?…"), near[0] if near else None)
    if mark in {'"', "＂"}:
        first = bisect_right(straight, opening)
        found = straight[first] if first < len(straight) else None
    else:
        found = pairs.get(opening)
    return found if found is not None and found < opening + _LONGEST else None


def _is_said(text: str, opening: int, closing: int) -> bool:
    """Tell whether what stands between single marks is long enough to be a quotation: apostrophes are everywhere."""
    return text[opening] not in "'‘" or len(_WORD.findall(text[opening:closing])) >= _SINGLE_WORDS


def words_in(text: str) -> Iterator[str]:
    """Yield the words of a text."""
    return (match[0] for match in _WORD.finditer(text))
