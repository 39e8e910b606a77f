"""What of a text is nearest to a quotation that doesn't stand in it, and which words differ. It knows no catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.research.least_errors import least_errors
from archive.research.quotes.held import Held
from archive.research.quotes.quotation import Bracket, Quotation
from archive.research.quotes.signs import OMISSION, WORD, Token
from archive.research.quotes.weight import is_small

SAME, CHANGED, PUT_IN, LEFT_OUT = "same", "changed", "put in", "left out"
# Of a quotation that is near so many words in a hundred differ at most, and of what it says no more.
OTHER_WORDS, OTHER_LETTERS = 35, 16
# Of fewer words nothing is near: a figure of speech differs from another by a word.
FEWEST = 4
# So many words more or less than the quotation has are compared with it.
_AROUND = 12
# A word that came, went or was changed, and a sign.
_WORD_COST, _CHANGE_COST, _SIGN_COST = 4, 6, 1


@dataclass(frozen=True, slots=True)
class Edit:
    """Words of a quotation beside those that stand: SAME, CHANGED, PUT_IN (by the quotation) or LEFT_OUT (by it)."""

    op: str
    quoted: str
    held: str


@dataclass(frozen=True, slots=True)
class Near:
    """The tokens of a text that are nearest to a quotation, and how many of its words in a hundred differ."""

    first: int
    end: int
    differs: float


def find_near(held: Held, quotation: Quotation) -> Near | None:
    """Return what is nearest to a quotation, None where nothing is near: all its words but some, in their order."""
    wanted = words_wanted(quotation)
    if len(wanted) < FEWEST:
        return None
    places = [place for place, token in enumerate(held.tokens) if token.kind == WORD and place not in held.marks]
    texts = [held.tokens[place].text.casefold() for place in places]
    errors, end = least_errors(texts, wanted)
    if errors * 100 > OTHER_WORDS * len(wanted) or end == 0:
        return None
    _, back = least_errors(texts[:end][::-1], wanted[::-1], anchored=True)
    first = end - back
    if not back or not _is_alike(texts[first:end], wanted):
        return None
    return Near(places[first], places[end - 1] + 1, 100 * errors / len(wanted))


def words_wanted(quotation: Quotation) -> list[str]:
    """Return the words of a quotation, those with letters in brackets as they are written."""
    said = []
    for part in quotation.parts:
        for atom in part:
            if isinstance(atom, Bracket):
                if atom.touches:
                    said.append((atom.before + "".join(one.text for one in atom.inside) + atom.after).casefold())
            elif atom.kind == WORD:
                said.append(atom.text.casefold())
    return said


def _is_alike(texts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether what two passages have in common is more than small words: two thirds of all others."""
    said = [word for word in wanted if not is_small(word)]
    held = set(texts)
    common = sum(word in held for word in said)
    return common >= 2 and 5 * common >= 3 * len(said)


def edits_between(quotation: Quotation, held: Held, first: int, end: int) -> tuple[Edit, ...]:
    """Return a quotation beside the tokens of a text from `first` to `end`: what is the same, and what differs."""
    said = [token for token in _plain(quotation) if token.kind != OMISSION]
    stands = [held.tokens[place] for place in range(first, end) if place not in held.marks]
    pairs = _aligned(said, stands)
    edits: list[tuple[str, list[Token], list[Token]]] = []
    for one, other in pairs:
        is_same = one is not None and other is not None and _is_alike_token(one, other)
        if edits and (edits[-1][0] == SAME) == is_same:
            into = edits[-1]
        else:
            into = (SAME if is_same else CHANGED, [], [])
            edits.append(into)
        if one is not None:
            into[1].append(one)
        if other is not None:
            into[2].append(other)
    return tuple(_edit(op, quotation.words, ours, held.text, theirs) for op, ours, theirs in edits)


def _plain(quotation: Quotation) -> list[Token]:
    """Return a quotation's tokens in order, brackets by what they are written with."""
    found: list[Token] = []
    for part in quotation.parts:
        for atom in part:
            if isinstance(atom, Token):
                found.append(atom)
            elif atom.touches:
                first, last = atom.inside[0] if atom.inside else None, atom.inside[-1] if atom.inside else None
                if first is None or last is None:
                    continue
                text = atom.before + "".join(one.text for one in atom.inside) + atom.after
                start = first.start - 1 - len(atom.before)
                found.append(Token(WORD, text, max(start, 0), last.end + 1 + len(atom.after)))
    return found


def _is_alike_token(one: Token, other: Token) -> bool:
    return one.kind == other.kind and one.text == other.text


def _edit(op: str, quoted: str, ours: list[Token], held: str, theirs: list[Token]) -> Edit:
    said = _cut(quoted, ours)
    stands = _cut(held, theirs)
    if op == CHANGED:
        op = PUT_IN if not theirs else LEFT_OUT if not ours else CHANGED
    return Edit(op, said, stands)


def _cut(text: str, tokens: list[Token]) -> str:
    return " ".join(text[tokens[0].start : tokens[-1].end].split()) if tokens else ""


def _aligned(said: Sequence[Token], stands: Sequence[Token]) -> list[tuple[Token | None, Token | None]]:
    """Return two rows of tokens side by side, by the least that has to be changed."""
    costs = _costs(said, stands)
    pairs: list[tuple[Token | None, Token | None]] = []
    row, column = len(said), len(stands)
    while row or column:
        here = costs[row][column]
        if row and column and here == costs[row - 1][column - 1] + _change(said[row - 1], stands[column - 1]):
            row, column = row - 1, column - 1
            pairs.append((said[row], stands[column]))
        elif row and here == costs[row - 1][column] + _cost(said[row - 1]):
            row -= 1
            pairs.append((said[row], None))
        else:
            column -= 1
            pairs.append((None, stands[column]))
    return pairs[::-1]


def _costs(said: Sequence[Token], stands: Sequence[Token]) -> list[list[int]]:
    rows = [[0]]
    for token in stands:
        rows[0].append(rows[0][-1] + _cost(token))
    for one in said:
        before, cost = rows[-1], _cost(one)
        row = [before[0] + cost]
        for column, other in enumerate(stands):
            row.append(min(before[column] + _change(one, other), before[column + 1] + cost, row[-1] + _cost(other)))
        rows.append(row)
    return rows


def _cost(token: Token) -> int:
    return _WORD_COST if token.kind == WORD else _SIGN_COST


def _change(one: Token, other: Token) -> int:
    if _is_alike_token(one, other):
        return 0
    if one.kind == WORD == other.kind:
        return 1 if one.text.casefold() == other.text.casefold() else _CHANGE_COST
    return 2 * _SIGN_COST if WORD not in {one.kind, other.kind} else _WORD_COST + _CHANGE_COST
