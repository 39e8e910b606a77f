"""A quotation taken apart: the stretches between its omissions, and in them words, signs and what brackets declare."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.research.quotes.signs import MARK, OMISSION, SIGN, WORD, Token, tokens_of

MOST_CHARACTERS, MOST_PARTS = 20_000, 24
# In brackets, and no word of the passage.
_ASIDE = re.compile(
    r"(?:sic|emphas[ie]s(?: (?:added|mine|ours|supplied|omitted|in (?:the )?original))*|italics (?:added|mine)"
    r"|(?:internal )?(?:quotation marks?|citations?|footnotes?|quotations?|notes?|alterations?|paragraph breaks?)"
    r"(?: (?:and|or) (?:citations?|footnotes?|quotation marks?|alterations?))? (?:omitted|added|removed|in original)"
    r"|\d{1,3})",
    re.IGNORECASE,
)
# A letter, or nothing, is a note's mark only where it touches no word.
_MARK = re.compile(r"[a-z]?|[^\w%$€£¥<>=+-]+", re.IGNORECASE)
_BRACKETED_OMISSION = re.compile(r"[\[(]\s*(?:…|\.(?:\s?\.){2,})\s*[\])]")
# What may stand at the ends of a quotation, or beside what it leaves out, without being the passage's own.
_AT_ENDS = frozenset(".,;:!?()-")


@dataclass(frozen=True, slots=True)
class Bracket:
    """What stands in brackets: `inside`, and the letters of a word that it touches, `before` and `after` it.

    "[t]he" is ("", "t", "he"); "[ICE]" touches nothing. `aside` is what no passage holds, as [sic].
    """

    inside: tuple[Token, ...]
    before: str = ""
    after: str = ""
    aside: bool = False

    @property
    def said(self) -> str:
        """Return the words in the brackets."""
        return " ".join(token.text for token in self.inside)

    @property
    def touches(self) -> bool:
        """Tell whether it replaces letters of a word, and not words."""
        return bool(self.before or self.after)


Atom = Token | Bracket


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation: its words as they stand in the draft, and its parts, between which it leaves something out.

    `beside` are brackets at the ends of parts, which stand for nothing in the passage. `is_cut` tells that it is longer
    than anything that is compared.
    """

    words: str
    parts: tuple[tuple[Atom, ...], ...]
    beside: tuple[Bracket, ...] = ()
    is_cut: bool = False

    @property
    def plain(self) -> list[list[Token]]:
        """Return the words and signs of each part that are the passage's own: without what brackets put in."""
        return [[atom for atom in part if isinstance(atom, Token)] for part in self.parts]

    @property
    def length(self) -> int:
        """Return how many words of the passage it has."""
        return sum(token.kind == WORD for part in self.plain for token in part)


def parse(words: str) -> Quotation:
    """Take a quotation apart. Any string is answered; one without a word has no parts."""
    held = _BRACKETED_OMISSION.sub(lambda found: "…".ljust(len(found[0])), words[:MOST_CHARACTERS])
    parts: list[list[Atom]] = [[]]
    for atom in _atoms(tokens_of(held)):
        if isinstance(atom, Token) and atom.kind == OMISSION:
            parts.append([])
        else:
            parts[-1].append(atom)
    bare = list(map(_without_ends, parts))
    kept = [part for part in bare if any(map(_is_said, part))]
    beside = [
        atom for part, inner in zip(parts, bare, strict=True) for atom in part
        if isinstance(atom, Bracket) and not atom.aside and all(atom is not one for one in inner)
    ]  # fmt: skip
    is_cut = len(words) > MOST_CHARACTERS or len(kept) > MOST_PARTS
    return Quotation(words, tuple(map(tuple, kept[:MOST_PARTS])), tuple(beside), is_cut)


def _is_said(atom: Atom) -> bool:
    return atom.kind == WORD if isinstance(atom, Token) else atom.touches


def _without_ends(part: list[Atom]) -> list[Atom]:
    """Return a part without the punctuation around it, and without brackets at its ends that touch no word."""
    while part and not _is_said(part[0]) and _may_go(part[0]) and not _is_of_number(part):
        part = part[1:]
    while part and not _is_said(part[-1]) and _may_go(part[-1]):
        part = part[:-1]
    return part


def _is_of_number(part: list[Atom]) -> bool:
    """Tell whether a part begins with a sign that belongs to the number behind it: -5 is not 5."""
    sign, number = part[0], part[1] if len(part) > 1 else None
    if not isinstance(sign, Token) or not isinstance(number, Token) or sign.kind == MARK:
        return False
    return sign.text in "-." and number.text[:1].isdigit() and number.start == sign.end


def _may_go(atom: Atom) -> bool:
    return atom.text in _AT_ENDS or atom.kind == MARK if isinstance(atom, Token) else True


def _atoms(tokens: list[Token]) -> list[Atom]:
    """Return tokens with what stands in brackets as one; a bracket that isn't closed is a sign."""
    atoms: list[Atom] = []
    at = 0
    while at < len(tokens):
        end = _closing(tokens, at) if tokens[at][:2] == (SIGN, "[") else -1
        if end < 0:
            atoms.append(tokens[at])
            at += 1
            continue
        inside, last = tuple(tokens[at + 1 : end]), tokens[end]
        said = " ".join(token.text for token in inside)
        aside = _ASIDE.fullmatch(said) is not None and (not said.isdecimal() or _is_behind_word(tokens, at))
        before = None if aside else _touching(atoms, tokens[at])
        after = None if aside else _touched(tokens, end + 1, last)
        if before is not None:
            atoms.pop()
        aside = aside or (before is None and after is None and _MARK.fullmatch(said) is not None)
        atoms.append(Bracket(inside, before.text if before else "", after.text if after else "", aside))
        at = end + 1 + (after is not None)
    return atoms


def _is_behind_word(tokens: list[Token], at: int) -> bool:
    """Tell whether a bracket touches a word or sign before it that is no number, as a note's mark does: "100[0]" is a
    number, and "in [3] cases" tells how many."""
    if not at or tokens[at - 1].end != tokens[at].start or tokens[at - 1].kind == OMISSION:
        return False
    return not tokens[at - 1].text[-1:].isdecimal()


def _touched(tokens: list[Token], at: int, bracket: Token) -> Token | None:
    """Return the word right behind a bracket, if nothing stands between."""
    after = tokens[at] if at < len(tokens) else None
    return after if after is not None and after.kind == WORD and after.start == bracket.end else None


def _touching(atoms: list[Atom], bracket: Token) -> Token | None:
    """Return the word right before a bracket, if nothing stands between."""
    if atoms and isinstance(atoms[-1], Token) and atoms[-1].kind == WORD and atoms[-1].end == bracket.start:
        return atoms[-1]
    return None


def _closing(tokens: list[Token], at: int) -> int:
    """Return where the bracket that opens at `at` closes, within forty tokens; -1 where it doesn't."""
    for place in range(at + 1, min(at + 40, len(tokens))):
        if tokens[place][:2] == (SIGN, "]"):
            return place
        if tokens[place][:2] == (SIGN, "["):
            return -1
    return -1
