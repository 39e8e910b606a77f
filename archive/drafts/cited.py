"""What a draft cites for a quotation: numbers, addresses and pages that stand in it, beside it, or in its note.

Nearest first: the link that the quotation is in, its note and what follows it in its sentence; then what its
sentence says before it. It knows no catalogue: whether a number is held, others find out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.drafts.draft import Block, Cite
from archive.drafts.marked import Marked
from archive.identifiers import find_identifiers

MOST_CITES, AROUND, BEFORE = 6, 400, 300
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]{4,2000}|(?<![\w/])/d/[^\s<>\"“”]{3,500}")
_PAGE = re.compile(
    r"(?:(?<!\w)(?:pp?|pgs?)\.?\s{0,2}|(?<!\w)pages?\s{1,2}|(?<!\w)at\s{1,2}(?:pp?\.\s{0,2}|pages?\s{1,2})?)"
    r"(?P<page>[1-9]\d{0,5}|[ivxl]{1,6}(?!\w))(?!\d|[.,]\d|\s?(?:a\.?m|p\.?m|percent|%|years|days|months|hours))",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"\s{0,50}[(\[][^()\[\]]{1,300}[)\]]")
_SENTENCE = re.compile(r"(?<=[.?!])[”\"’)\]]*\s+(?=[A-Z“\"«‘(\[])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:pp?|pgs?|No|Nos|U\.S|Fed|Reg|F\.R|v|vol|Doc|Inc|Corp|e\.g|i\.e|cf|id|Id|see)|\b[A-Z])\.$"
)


@dataclass(frozen=True, slots=True)
class _Around:
    """A stretch of a block in which cites may stand."""

    block: Block
    start: int
    end: int


def cites_of(blocks: Sequence[Block], notes: dict[str, Block], found: Sequence[Marked], at: int) -> tuple[Cite, ...]:
    """Return what is cited for one of the quotations that were found, the nearest first, each once."""
    cites: dict[tuple[str, str], Cite] = {}
    for near, around in enumerate(_stretches(blocks, notes, found, at)):
        for _, kind, said in _said(around, is_after=near <= 2):
            cites.setdefault((kind, said), Cite(kind, said, near))
        if cites and found[at].credit:
            break  # a block quotation that says where it is from
    return tuple(cites.values())[:MOST_CITES]


def cites_within(blocks: Sequence[Block]) -> tuple[Cite, ...]:
    """Return all that is cited anywhere in some blocks, in the order in which it stands there."""
    cites = []
    for block in blocks:
        found = sorted(_said(_Around(block, 0, len(block.text)), is_after=True), key=lambda one: one[0])
        cites += [Cite(kind, said, 0) for _, kind, said in found]
    return tuple(cites)


def _stretches(blocks: Sequence[Block], notes: dict[str, Block], found: Sequence[Marked], at: int) -> Iterator[_Around]:
    """Yield where to look, the nearest first: what the quotation's own block says of its origin, its notes, what
    follows and what comes before it in its sentence; of a block quotation, the end of the paragraph before."""
    one, block = found[at], blocks[found[at].block]
    credit = Block(one.credit)
    yield _Around(credit, 0, len(credit.text))
    since, until = _bounds(found, at, block)
    after = _sentence_end(block.text, one.end, until)
    noted = [label for place, label in block.notes if one.start <= place <= min(after, one.end + 4)]
    yield from (_Around(notes[label], 0, len(notes[label].text)) for label in noted[:2] if label in notes)
    yield _Around(block, one.start if one.shape == "marks" else one.end, after)
    if one.shape == "marks":
        yield _Around(block, _sentence_start(block.text, since, one.start), one.start)
        more = [label for place, label in block.notes if one.end + 4 < place <= after]
        yield from (_Around(notes[label], 0, len(notes[label].text)) for label in more[:2] if label in notes)
    elif (before := _first(blocks, one.block) - 1) >= 0:
        text = blocks[before].text
        yield _Around(
            blocks[before], max(_sentence_start(text, 0, len(text.rstrip(" :\n"))), len(text) - BEFORE), len(text)
        )


def _first(blocks: Sequence[Block], at: int) -> int:
    """Return the first block of a block quotation that ends in a block."""
    while at > 0 and blocks[at - 1].quoted == blocks[at].quoted:
        at -= 1
    return at


def _bounds(found: Sequence[Marked], at: int, block: Block) -> tuple[int, int]:
    """Return from where to where in its block no other quotation stands."""
    one = found[at]
    before = found[at - 1] if at and found[at - 1].block == one.block else None
    after = found[at + 1] if at + 1 < len(found) and found[at + 1].block == one.block else None
    since = before.end if before else 0
    return since, max(after.start if after and after.start > one.end else len(block.text), one.end)


def _sentence_end(text: str, start: int, until: int) -> int:
    """Return where the sentence ends in which a quotation ends; with what stands in brackets behind it."""
    until = min(until, start + AROUND)
    place = start
    if text[start - 2 : start - 1] in {".", "?", "!"} and (behind := _BEHIND.match(text, start)):
        return min(behind.end(), until)
    if text[start - 2 : start - 1] in {".", "?", "!"} and re.match(r"\s+[A-Z]", text[start : start + 3]):
        return start
    for match in _SENTENCE.finditer(text, place, until):
        if not _ABBREVIATED.search(text, max(place, match.start() - 12), match.start()):
            if text[match.end() : match.end() + 1] in "([":
                closing = text.find(")" if text[match.end()] == "(" else "]", match.end(), until)
                return closing + 1 if closing > 0 else match.start()
            return match.start()
    return until


def _sentence_start(text: str, since: int, end: int) -> int:
    """Return where the sentence begins that ends at a place."""
    since = max(since, end - BEFORE)
    start = since
    for match in _SENTENCE.finditer(text, since, end + 1):  # it looks at the letter behind, which may be a mark
        if not _ABBREVIATED.search(text, max(since, match.start() - 12), match.start()):
            start = match.end()
    return start


def _said(around: _Around, *, is_after: bool) -> Iterator[tuple[int, str, str]]:
    """Yield what is cited in a stretch: where in the block, kind and words."""
    text, start, end = around.block.text, around.start, around.end
    for begun, done, address in around.block.links:
        if begun < end and done > start:
            yield begun, "address", address
    stretch = text[start:end]
    if not any(map(str.isdigit, stretch)) and "/" not in stretch and not is_after:
        return
    addresses = list(_ADDRESS.finditer(stretch))
    for match in addresses:
        yield start + match.start(), "address", match[0].rstrip(".,;:!?)]}’”\"'")
    outside = _ADDRESS.sub(lambda match: " " * len(match[0]), stretch)
    numbers = find_identifiers(outside) if any(map(str.isdigit, outside)) else []
    for found in numbers:
        yield start + found.start, "number", found.identifier.printed
    outside = _blanked(outside, [(found.start, found.end) for found in numbers])
    if is_after or addresses or outside != stretch:
        for match in _PAGE.finditer(outside):
            yield start + match.start(), "page", match["page"]


def _blanked(text: str, stretches: Sequence[tuple[int, int]]) -> str:
    """Return a text with blanks in place of some stretches."""
    pieces, done = [], 0
    for start, end in sorted(stretches):
        pieces += [text[done:start], " " * (end - max(start, done))]
        done = max(done, end)
    return "".join([*pieces, text[done:]])
