"""Whether a quotation stands in a text: word for word and sign for sign, but for what typesetting and brackets change.

Forgiven are the case of the first letter, punctuation at both ends, hyphens that a line's end put in, marks of notes,
and what brackets declare. An omission jumps forward, MOST_LEFT_OUT words at most. No word, number or negation is
ever forgiven; where brackets or an omission touch one, the passage is found, and `doubts` says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from archive.research.quotes.held import Held
from archive.research.quotes.quotation import Atom, Bracket, Quotation
from archive.research.quotes.signs import DASH, MARK, SIGN, WORD, Token
from archive.research.quotes.weight import is_negation, is_number, is_weighty

MOST_LEFT_OUT, MOST_REPLACED, MOST_PLACES = 200, 8, 200
# An omission within a sentence, of so few words, that takes out a negation turns the sentence round.
FEW_LEFT_OUT = 12
# Letters of a word's beginning that must stand for its ending to be replaced, and the endings that may be: those by
# which a word is bent, not made another (employer, employee; use, useless; six, sixty; can, cannot).
STEM = 3
_ENDINGS = frozenset(
    {"", "s", "es", "'s", "d", "ed", "ied", "t", "n", "en", "ten", "ing", "ting", "ning", "ding", "y", "ies", "e", "ly"}
    | {"ion", "ions", "tion", "tions", "ation", "ations", "al"}
)
_SENTENCE_ENDS = frozenset(".?!")


class Stretch(NamedTuple):
    """Tokens of a held text, from `first` up to `end`."""

    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a quotation stands: the stretch of each of its parts; what brackets stand for there (in the brackets, in
    the passage); and the `doubts` for which it is no exact quotation."""

    parts: tuple[Stretch, ...]
    replaced: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def whole(self) -> Stretch:
        """Return the stretch from the first word to the last."""
        return Stretch(self.parts[0].first, self.parts[-1].end)


class _State(NamedTuple):
    """How far a part was followed: up to a token, with what its brackets stand for."""

    at: int
    replaced: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()


def find_fits(held: Held, quotation: Quotation) -> list[Fit]:
    """Return every place of a text where a quotation stands, the sounder ones first; of those that share their
    beginning one."""
    parts = quotation.parts
    if not parts:
        return []
    doubts = tuple(_doubts_of_all(quotation))
    beside = tuple((bracket.said, "") for bracket in quotation.beside)
    found: dict[int, Fit] = {}
    chains = [
        Fit((stretch,), (*beside, *state.replaced), (*doubts, *state.doubts))
        for stretch, state in _places(held, parts[0])
    ]
    for part in parts[1:]:
        if not chains:
            return []
        followed = list(_places(held, part))
        chains = [longer for chain in chains if (longer := _nearest(held, chain, followed))]
    for bracket in quotation.beside:
        put_in = tuple(_put_in(bracket))
        chains = [
            replace(chain, doubts=(*chain.doubts, *put_in)) if not _stands_beside(held, bracket, chain) else chain
            for chain in chains
        ]
    for chain in chains:
        known = found.get(chain.whole.first)
        if known is None or len(chain.doubts) < len(known.doubts):
            found[chain.whole.first] = chain
    return sorted(found.values(), key=lambda fit: (len(fit.doubts), fit.whole.first))


def _doubts_of_all(quotation: Quotation) -> Iterator[str]:
    """Yield what is wrong with a quotation wherever it stands."""
    parts = quotation.parts
    if len(parts) > 1 and not all(is_weighty([one for one in part if isinstance(one, Token)]) for part in parts):
        yield "one of its parts is too short to tell where it stands"
    if quotation.is_cut:
        yield "it is longer than what is compared: only its beginning was looked for"


def _stands_beside(held: Held, bracket: Bracket, fit: Fit) -> bool:
    """Tell whether the passage itself has a bracket right before or behind one of a quotation's parts."""
    said = ["[", *(token.text for token in bracket.inside), "]"]
    starts = [at for part in fit.parts for at in (part.first - len(said), part.end, part.end + 1)]
    return any([token.text for token in held.tokens[at : at + len(said)]] == said for at in starts if at >= 0)


def _put_in(bracket: Bracket) -> Iterator[str]:
    """Yield what is wrong with words that brackets put in: they deny, or count."""
    for token in bracket.inside:
        if is_negation(token.text) or is_number(token.text):
            yield f"the brackets put in “{token.text}”"


def _nearest(held: Held, chain: Fit, followed: list[tuple[Stretch, _State]]) -> Fit | None:
    """Return a chain of parts with the next place of the next part; None where there is none within bounds."""
    since = chain.whole.end
    near = [
        one for one in followed if since <= one[0].first and _words_between(held, since, one[0].first) <= MOST_LEFT_OUT
    ]
    if not near:
        return None
    stretch, state = min(near, key=lambda one: (len(one[1].doubts), one[0].first))
    doubts = (*chain.doubts, *state.doubts, *_doubts_of_gap(held, since, stretch.first))
    return Fit((*chain.parts, stretch), (*chain.replaced, *state.replaced), doubts)


def _words_between(held: Held, first: int, end: int) -> int:
    if end - first > 4 * MOST_LEFT_OUT:
        return end - first
    return sum(token.kind == WORD for token in held.tokens[first:end])


def _doubts_of_gap(held: Held, first: int, end: int) -> Iterator[str]:
    """Yield what is wrong with leaving out some words: that a negation of the very sentence goes with them.

    Where the omission reaches over the end of a sentence, what it leaves out of the last one counts: the quotation
    goes on in the middle of that. Of the first, only its next word.
    """
    tokens = held.tokens[first:end]
    ends = [place for place, token in enumerate(tokens) if token.kind == SIGN and token.text in _SENTENCE_ENDS]
    words = [token for token in tokens[ends[-1] if ends else 0 :] if token.kind == WORD]
    asked = words if len(words) <= FEW_LEFT_OUT else [*words[:1], *words[-1:]]
    if ends:
        asked = [*[token for token in tokens[: ends[0]] if token.kind == WORD][:1], *asked]
    for token in asked:
        if is_negation(token.text):
            yield f"the words that it leaves out hold “{token.text}”"
            return


def _places(held: Held, part: Sequence[Atom]) -> Iterator[tuple[Stretch, _State]]:
    """Yield the stretches of a text that a part of a quotation is, MOST_PLACES at most."""
    count = 0
    for first in _beginnings(held, part[0]):
        if held.is_within_word(first):
            continue
        state = _follow(held, part, first)
        if state is not None:
            yield Stretch(first, state.at), state
            count += 1
            if count == MOST_PLACES:
                return


def _beginnings(held: Held, atom: Atom) -> Sequence[int]:
    """Return the tokens with which a part may begin."""
    if isinstance(atom, Bracket):
        return range(len(held.tokens))
    word = atom.text.casefold()
    places = held.by_word.get(word, [])
    halves = held.joined.get(word, ())
    more = held.by_word.get(halves[0].casefold(), []) if halves else []
    # A word that the draft, or the page, breaks.
    broken = [place for place in range(len(held.tokens) - 2) if held.tokens[place + 1].soft] if len(word) > 2 else []
    longer = [
        place for whole, (left, _) in held.joined.items() if left.casefold() == word
        for place in held.by_word.get(whole, [])
    ]  # fmt: skip
    return sorted({*places, *more, *broken, *longer})


def _follow(held: Held, part: Sequence[Atom], first: int) -> _State | None:
    """Return how far a part reaches that begins at a token; by the way with the fewest doubts; None
    where it doesn't fit."""
    ways: list[tuple[int, _State]] = [(0, _State(first))]
    best: _State | None = None
    seen: set[tuple[int, int, bool]] = set()
    while ways:
        at, state = ways.pop()
        if (key := (at, state.at, bool(state.doubts))) in seen:
            continue
        seen.add(key)
        if at == len(part):
            if not held.is_within_word(state.at) and (best is None or len(state.doubts) < len(best.doubts)):
                best = state
            continue
        onwards = [
            (at + taken, _State(reached, state.replaced + replaced, state.doubts + doubts))
            for taken, reached, replaced, doubts in _steps(held, part, at, state.at, is_first=at == 0)
        ]
        ways += reversed(onwards)  # the shortest way is gone first
    return best


_Step = tuple[int, int, tuple[tuple[str, str], ...], tuple[str, ...]]


def _steps(held: Held, part: Sequence[Atom], at: int, place: int, *, is_first: bool) -> Iterator[_Step]:
    """Yield how the next atoms of a part fit the next tokens of a text: how many are taken, and where that leads."""
    atom = part[at]
    if isinstance(atom, Bracket):
        yield from _in_brackets(held, atom, place)
    elif place < len(held.tokens):
        yield from _plainly(held, part, at, place, is_first=is_first)
    if at and place in held.marks:
        yield 0, place + 1, (), ()


def _plainly(held: Held, part: Sequence[Atom], at: int, place: int, *, is_first: bool) -> Iterator[_Step]:
    """Yield how a word or sign of a quotation fits: as it is, or broken by the end of a line on one of both sides."""
    atom, token = part[at], held.tokens[place]
    assert isinstance(atom, Token)
    if _is_same(atom, token, is_first=is_first):
        yield 1, place + 1, (), ()
    if atom.kind == MARK:
        yield 1, place, (), ()
    if atom.kind != WORD:
        return
    three = held.tokens[place : place + 3]
    if len(three) == 3 and three[1].kind == DASH and three[2].kind == WORD and token.kind == WORD:
        joined = token.text + three[2].text
        if (three[1].soft or joined.casefold() in held.soft) and _is_word(atom.text, joined, is_first=is_first):
            yield 1, place + 3, (), ()
    broken = part[at : at + 3]
    if len(broken) == 3 and all(isinstance(one, Token) for one in broken):
        dash, second = broken[1], broken[2]
        assert isinstance(dash, Token)
        assert isinstance(second, Token)
        if dash.kind == DASH and second.kind == WORD:
            halves = held.joined.get(token.text.casefold(), ("", ""))
            may = dash.soft or [half.casefold() for half in halves] == [atom.text.casefold(), second.text.casefold()]
            if may and _is_word(atom.text + second.text, token.text, is_first=is_first):
                yield 3, place + 1, (), ()


def _is_same(atom: Token, token: Token, *, is_first: bool) -> bool:
    if atom.kind != token.kind:
        return False
    return atom.text == token.text or (atom.kind == WORD and _is_word(atom.text, token.text, is_first=is_first))


def _is_word(said: str, held: str, *, is_first: bool) -> bool:
    """Tell whether two words are the same, but for the case of their first letter at the beginning of a part."""
    return said == held or (is_first and said[1:] == held[1:] and said[:1].casefold() == held[:1].casefold())


def _in_brackets(held: Held, bracket: Bracket, place: int) -> Iterator[_Step]:
    """Yield how brackets fit: as they stand in the passage, as what was put in, or in place of some of its words."""
    if bracket.touches:
        yield from _in_word(held, bracket, place)
        return
    yield from _literally(held, bracket, place)
    if bracket.aside:
        yield 1, place, (), ()
        return
    said = bracket.said
    turned = tuple(f"the brackets put in “{token.text}”" for token in bracket.inside if is_negation(token.text))
    yield 1, place, ((said, ""),), tuple(_put_in(bracket))
    has_number = any(is_number(token.text) for token in bracket.inside)
    words = 0
    for end in range(place + 1, min(place + 2 * MOST_REPLACED, len(held.tokens)) + 1):
        token = held.tokens[end - 1]
        words += token.kind == WORD
        if words > MOST_REPLACED or (token.kind == SIGN and token.text in _SENTENCE_ENDS):
            return
        if token.kind not in {WORD, SIGN}:
            continue
        gone = held.tokens[place:end]
        lost = [one.text for one in gone if is_negation(one.text) or is_number(one.text)]
        doubts = (*turned, *(f"the brackets stand in place of “{one}”" for one in lost))
        if has_number:
            doubts = (*doubts, "the brackets put a number in place of words")
        yield 1, end, ((said, held.words(place, end)),), doubts


def _literally(held: Held, bracket: Bracket, place: int) -> Iterator[_Step]:
    """Yield where the passage itself has these words in brackets, or has them without."""
    inside = [token.text for token in bracket.inside]
    for around in (["[", *inside, "]"], inside):
        if around and [token.text for token in held.tokens[place : place + len(around)]] == around:
            yield 1, place + len(around), (), ()


def _in_word(held: Held, bracket: Bracket, place: int) -> Iterator[_Step]:
    """Yield where brackets change letters of a word: a first letter's case, an ending; never what it means."""
    if place >= len(held.tokens) or held.tokens[place].kind != WORD:
        return
    word, inside = held.tokens[place].text, "".join(token.text for token in bracket.inside)
    before, after = bracket.before, bracket.after
    written = before + inside + after
    if word == written or (not before and word.casefold() == written.casefold() and word.endswith(after)):
        yield 1, place + 1, (), ()
    elif before and not after and len(before) >= STEM and word.startswith(before):
        gone = word[len(before) :]
        if {gone, inside} <= _ENDINGS and not is_number(word) and not is_number(written):
            yield 1, place + 1, ((written, word),), ()
