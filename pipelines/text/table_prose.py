"""Makes one piece again of a line of prose whose blanks were widened until they look like columns'. No PDF in here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from math import inf

from pipelines.text.drawn import Word
from pipelines.text.table_lines import Line, Piece, piece_of

# Of the letters' height: kerning makes blanks that were widened alike differ by that much.
_UNEVEN = 0.15
_MOST_PIECES = 40

_Sides = Mapping[int, Collection[int]]


def unstretched(words: Sequence[Word], lines: Sequence[Line], prose: Collection[int]) -> tuple[list[Line], set[int]]:
    """Return lines, those pieces of each joined that together fill a column of prose, their words parted evenly.

    `prose` holds the first words of the pieces that are known to be lines of paragraphs; those of the joined come back.
    """
    sides = Counter((round(p.x0), round(p.x1)) for line in lines for p in line.pieces if p.words[0] in prose)
    lefts: dict[int, set[int]] = {}
    for (x0, x1), count in sides.items():
        if count > 1:
            for near in (x1 - 1, x1, x1 + 1):
                lefts.setdefault(near, set()).add(x0)
    made = [line._replace(pieces=_joined(words, line.pieces, lefts)) for line in lines]
    joined = {p.words[0] for line, was in zip(made, lines, strict=True) for p in set(line.pieces) - set(was.pieces)}
    return made, joined


def _joined(words: Sequence[Word], pieces: Sequence[Piece], lefts: _Sides) -> tuple[Piece, ...]:
    """Return the pieces of a line, those joined that are one line of prose; `lefts` are its left sides by its right."""
    made: list[Piece] = []
    end = len(pieces)
    while end:
        few = pieces[max(0, end - _MOST_PIECES) : end]
        first = end - len(few) + _start(words, few, lefts.get(round(few[-1].x1), ()))
        whole = pieces[first:end]
        made.append(
            piece_of(words, [place for piece in whole for place in piece.words]) if len(whole) > 1 else whole[0]
        )
        end = first
    return tuple(reversed(made))


def _start(words: Sequence[Word], pieces: Sequence[Piece], lefts: Collection[int]) -> int:
    """Return the piece at which the line of prose begins that ends with the last; the last itself if there is none."""
    last = len(pieces) - 1
    found, after = last, None
    least, most, count = inf, 0.0, 0
    for first in range(last, -1, -1) if lefts else ():
        piece = pieces[first]
        size = piece.bottom - piece.top
        inside = [words[place] for place in piece.words]
        for before, word in pairwise(inside if after is None else [*inside, after]):
            # A footnote's mark stands close to its word; after a sentence the blank may be twice as wide.
            if (blank := word.x0 - before.x1) > 0.1 * size:
                least, count = min(least, blank), count + 1
                most = max(most, blank / 2 if before.text[-1:] in ".?!:" else blank)
        if most - least > _UNEVEN * size:
            break
        after = inside[0]
        # The first line of a paragraph may be indented; a few headers of a table may stand there by chance.
        indent = 4 * size if count > 3 else 2
        if count > 1 and any(left - 2 < piece.x0 < left + indent for left in lefts):
            found = first
    return found if 2 * sum(piece.figure for piece in pieces[found:]) < last + 1 - found else last
