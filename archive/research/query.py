"""What people type into the search box, read so that it is never a syntax error.

The grammar, all of it: words ask for the pages that hold them all; "…" is a phrase; OR between words takes either
side, and binds least; NOT or a minus in front leaves out the pages that hold the word; brackets hold together what
stands in them; an asterisk behind a word finds what begins so; NEAR(a b, 10), or a NEAR/10 b, finds words that stand
together; `component:ICE` narrows the search (archive/research/query_fields.py). A number may be written in any
spelling.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from archive.research.filters import NO_FILTERS, Filters
from archive.research.query_fields import FieldAsked, read_filters
from archive.research.query_tokens import Token, is_number, read_tokens
from archive.research.query_tree import AllOf, Near, Node, Term, all_of, any_of, only_leaves_out, terms_of

MOST_CHARACTERS = 1000
MOST_TERMS = 64
MOST_PREFIXES = 16

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked: `tree` is what the pages must hold, None where nothing is looked for.

    `notes` tell the person what of the question was left out, and why. Only what fits `filters` is found, and nothing
    that has any of the values in `excluded`; where there are filters and no words, all that fits them is. `fields`
    are the filters as they stand in `text`.
    """

    text: str
    tree: Node | None
    notes: tuple[str, ...] = ()
    filters: Filters = NO_FILTERS
    excluded: Filters = NO_FILTERS
    fields: tuple[FieldAsked, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that is looked for, in the order typed."""
        return tuple(terms_of(self.tree))

    @property
    def words(self) -> tuple[Term, ...]:
        """The words and phrases, where nothing but such is asked for, all of them; else nothing."""
        parts = self.tree.parts if isinstance(self.tree, AllOf) and not self.tree.without else (self.tree,)
        return tuple(part for part in parts if isinstance(part, Term)) if _are_terms(parts) else ()


def _are_terms(parts: tuple[Node | None, ...]) -> bool:
    return all(isinstance(part, Term) for part in parts)


def parse_query(text: str) -> Query:
    """Read a question. Never raises; what can't be looked for is left out and told in `notes`."""
    notes: list[str] = []
    asked = clean(text)
    if len(asked) > MOST_CHARACTERS:
        asked = asked[:MOST_CHARACTERS]
        notes.append(f"Only the first {MOST_CHARACTERS:,} characters were looked for.")
    whole = asked.strip('"').strip()
    if is_number(whole):
        return Query(asked, Term(whole), tuple(notes))
    tokens = _bounded(list(read_tokens(asked, notes)), notes)
    parser = _Parser(tokens, notes)
    tree = parser.everything()
    filters, excluded = read_filters(parser.fields, notes)
    if tree is None and not filters and not notes and any(map(str.isalnum, asked)):
        notes.append(_nothing(excluded))
    return Query(asked, tree, tuple(notes), filters, excluded, tuple(parser.fields))


def _nothing(excluded: Filters) -> str:
    if excluded:
        return "Name something to look for, beside what to leave out."
    return "Nothing in that can be looked for. AND, OR, NOT and NEAR are words in quotation marks only."


def clean(text: str) -> str:
    """Return text in one form of Unicode, with plain quotation marks and no control characters."""
    encoded = text[: MOST_CHARACTERS * 4].encode("utf-8", "replace").decode("utf-8", "replace")
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cn", "Zl", "Zp"} else c for c in encoded)
    more = text[MOST_CHARACTERS * 4 : MOST_CHARACTERS * 4 + 1].strip()
    return unicodedata.normalize("NFC", kept.translate(_QUOTES)).strip() + (" …" if more else "")


def _bounded(tokens: list[Token], notes: list[str]) -> list[Token]:
    """Return the pieces up to as many words and phrases as are looked for at once."""
    looked_for, prefixes = 0, 0
    kept: list[Token] = []
    for token in tokens:
        terms = list(terms_of(token.value)) if isinstance(token.value, Term | Near) else []
        looked_for += len(terms)
        if looked_for > MOST_TERMS:
            notes.append(f"Only the first {MOST_TERMS} words and phrases were looked for.")
            break
        prefixes += sum(term.prefix for term in terms)
        if prefixes <= MOST_PREFIXES or not any(term.prefix for term in terms):
            kept.append(token)
    if prefixes > MOST_PREFIXES:
        notes.append(f"Only the first {MOST_PREFIXES} words with an asterisk were looked for.")
    return kept


class _Parser:
    """Recursive descent, as deep as brackets may be (query_tokens.MOST_DEPTH)."""

    def __init__(self, tokens: list[Token], notes: list[str]) -> None:
        self.tokens, self.notes, self.at = tokens, notes, 0
        self.fields: list[FieldAsked] = []

    def everything(self) -> Node | None:
        """Return what is asked for. A bracket that is never closed ends with the question."""
        tree = self._either()
        if tree is not None and only_leaves_out(tree):
            self.notes.append("Name something to look for, beside what to leave out.")
            return None
        return tree

    def _kind(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place].kind if 0 <= place < len(self.tokens) else ""

    def _next(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _either(self) -> Node | None:
        sides: list[Node] = []
        while True:
            side = self._together()
            if side is not None:
                sides.append(side)
            if self._kind() != "OR":
                break
            self._next()
        naming = [side for side in sides if not only_leaves_out(side)]
        if naming and len(naming) < len(sides):
            self.notes.append("One side of OR only leaves out; it was not looked for.")
        return any_of(naming) if naming else all_of(sides)

    def _together(self) -> Node | None:
        wanted: list[Node] = []
        without: list[Node] = []
        while self._kind() not in {"", ")", "OR"}:
            negated = False
            while self._kind() in {"AND", "NOT"}:
                negated = self._next().kind == "NOT" or negated
            part = self._operand(negated)
            if part is not None and negated and only_leaves_out(part):
                self.notes.append("What is left out within what is left out was not looked for.")
            elif part is not None:
                (without if negated else wanted).append(part)
        return all_of(wanted, without)

    def _operand(self, negated: bool) -> Node | None:
        kind = self._kind()
        if kind in {"", ")", "OR"}:
            return None
        token = self._next()
        if kind == "(":
            inside = self._either()
            if self._kind() == ")":
                self._next()
            return inside
        if isinstance(token.value, FieldAsked):
            self._field(token.value, negated)
            return None
        if kind == "NEAR":
            return self._lonely_near()
        return self._with_neighbours(token.value) if isinstance(token.value, Term | Near) else None

    def _lonely_near(self) -> Node | None:
        """Return the word NEAR, where nothing stands before it that it could join; what it can't join is told."""
        if self._kind() == "(":
            self.notes.append("NEAR joins words and phrases, no brackets; what is in them was looked for anywhere.")
            return None
        return Term("NEAR") if self._kind() == "term" else None

    def _with_neighbours(self, first: Term | Near) -> Node:
        """Return a word with those that NEAR joins to it, each to the one before it."""
        joined: list[Node] = []
        last = first
        while self._kind() == "NEAR" and self._kind(1) == "term":
            distance, following = self._next().value, self._next().value
            if not isinstance(following, Term | Near):
                break
            if isinstance(last, Term) and isinstance(following, Term) and isinstance(distance, int):
                joined.append(Near((last, following), distance))
            else:
                joined += [last, following]
            last = following
        return all_of(joined) or first

    def _field(self, field: FieldAsked, negated: bool) -> None:
        """Take a filter. It holds for the whole question, wherever it stands."""
        self.fields.append(FieldAsked(field.name, field.values, field.printed, negated))
        self._tell_if_alternative(field)

    def _tell_if_alternative(self, field: FieldAsked) -> None:
        before, after = self._neighbour(-2, -3), self._neighbour(0, 1)
        if any(other is not None and other != field.name for other in (before, after)):
            self.notes.append(f"“{field.printed}” holds for the whole search, and is no side of OR.")

    def _neighbour(self, operator: int, other: int) -> str | None:
        """Return the field on the other side of OR, "" for what is none; None where there is no OR."""
        if self._kind(operator) != "OR" or not self._kind(other):
            return None
        value = self.tokens[self.at + other].value
        return value.name if isinstance(value, FieldAsked) else ""
