"""Takes apart what people type: words, phrases, operators, brackets and fields, each where it stands.

Knows no grammar beyond that. Brackets within a word ("287(g)", "PIA-039(a)") are the word's own. Nothing raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from archive.identifiers import parse_identifier
from archive.research.query_fields import FIELDS, FieldAsked
from archive.research.query_tree import Near, Term

MOST_DEPTH = 16
MOST_DISTANCE = 1000
MOST_NEAR = 8
DISTANCE = 10
SHORTEST_PREFIX = 2
_LONGEST_NUMBER = 6  # words of a number that is written with blanks: "DHS ICE PIA 039 (a)"

_MINUS = re.compile(r"[-−–](?=[^\s])")
_PHRASE = re.compile(r'"([^"]*)"?(\*?)')
_FIELD = re.compile(r"([A-Za-z]{2,12}):(?=\S)")
_LOOSE_FIELD = re.compile(r"([A-Za-z]{2,12}):(?=\s|$)")
_NEAR_OF = re.compile(r"NEAR(?:/[0-9]{1,30})?\(")
_NEAR_BETWEEN = re.compile(r"NEAR(?:/([0-9]{1,30}))?(?=[\s\"(])")
_OPERATOR = re.compile(r"(AND|OR|NOT)(?=[\s\"()]|$)")
_DISTANCE_GIVEN = re.compile(r"(.*),\s*([0-9]{1,30})\s*", re.DOTALL)
_OR = re.compile(r"\s+OR\s+|[\s,]+")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece: `kind` is "term", "field", "(", ")", "AND", "OR", "NOT" or "NEAR" (which stands between two)."""

    kind: str
    value: Term | Near | FieldAsked | int | None = None


def read_tokens(text: str, notes: list[str]) -> Iterator[Token]:
    """Yield the pieces of a question in their order; what of it can't be asked for is told in `notes`."""
    return _Reader(text, notes).tokens()


class _Reader:
    def __init__(self, text: str, notes: list[str]) -> None:
        self.text, self.notes, self.at, self.depth, self.ignored = text, notes, 0, 0, 0
        self.closed = _closed_in_word(text)

    def tokens(self) -> Iterator[Token]:
        while self.at < len(self.text):
            if self.text[self.at].isspace():
                self.at += 1
            elif self.text[self.at] in "()":
                yield from self._bracket()
            elif found := self._take(_OPERATOR):
                yield Token(found[1])
            elif self._begins_word() and self._take(_MINUS):
                yield Token("NOT")
            else:
                yield from self._operand()

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def _begins_word(self) -> bool:
        before = self.text[self.at - 1 : self.at]
        return not before or before.isspace() or before == "("

    def _bracket(self) -> Iterator[Token]:
        """Give a bracket; one that is too deep, or closes nothing, is as if it weren't there."""
        sign = self.text[self.at]
        self.at += 1
        if sign == "(" and self.depth >= MOST_DEPTH:
            self.ignored += 1
            self._note(f"Brackets within brackets were read to a depth of {MOST_DEPTH}.")
        elif sign == "(":
            self.depth += 1
            yield Token("(")
        elif self.ignored:
            self.ignored -= 1
        elif self.depth:
            self.depth -= 1
            yield Token(")")

    def _operand(self) -> Iterator[Token]:
        if self.text[self.at] == '"':
            phrase = self._take(_PHRASE)
            if phrase and (term := self._term(phrase[1], bool(phrase[2]), is_phrase=True)):
                yield Token("term", term)
        elif found := _NEAR_OF.match(self.text, self.at):
            yield from self._near(found)
        elif found := self._take(_NEAR_BETWEEN):
            yield Token("NEAR", self._distance(found[1]))
        elif (found := _FIELD.match(self.text, self.at)) and found[1].lower() in FIELDS:
            yield self._field(found)
        elif number := self._number():
            yield Token("term", number)
        else:
            self._tell_loose_field()
            if term := self._term(self._word(), star=False):
                yield Token("term", term)

    def _word(self) -> str:
        """Take a word: to the next blank, quotation mark or bracket that isn't its own."""
        start = self.at
        self.at = self._end_of_word(start)
        return self.text[start : self.at]

    def _end_of_word(self, start: int) -> int:
        balance, at = 0, start
        while at < len(self.text) and not (self.text[at].isspace() or self.text[at] == '"'):
            if self.text[at] == "(":
                if at > start and at not in self.closed:
                    break
                balance += 1
            elif self.text[at] == ")":
                if not balance and (self.depth or self.ignored):
                    break
                balance = max(balance - 1, 0)
            at += 1
        return at

    def _number(self) -> Term | None:
        """Take a number that is written with blanks; None where no such number stands here."""
        ends = [self._end_of_word(self.at)]
        while len(ends) < _LONGEST_NUMBER and self.text[ends[-1] : ends[-1] + 1] == " ":
            following = ends[-1] + 1
            if self.text[following : following + 1] == "(" and following in self.closed:
                ends.append(self._end_of_word(following))
            elif (end := self._end_of_word(following)) > following:
                ends.append(end)
            else:
                break
        for end in reversed(ends[1:]):
            printed = self.text[self.at : end]
            if is_number(printed):
                self.at = end
                return Term(printed)
        return None

    def _field(self, found: re.Match[str]) -> Token:
        start, self.at = self.at, found.end()
        if self.text[self.at] == '"':
            phrase = self._take(_PHRASE)
            values = [phrase[1]] if phrase else []
        elif self.text[self.at] == "(":
            inside = self._inside(self.at)
            values = [value for value in _OR.split(inside) if value] if '"' not in inside else _quoted(inside)
        else:
            values = self._word().split(",")
        printed = self.text[start : self.at]
        return Token("field", FieldAsked(FIELDS[found[1].lower()], tuple(values), printed))

    def _near(self, found: re.Match[str]) -> Iterator[Token]:
        """Give NEAR(…): words and phrases, and how far apart they may be behind a comma."""
        given = re.search("[0-9]+", found[0])
        inside = self._inside(found.end() - 1)
        if given is None and (named := _DISTANCE_GIVEN.fullmatch(inside)):
            inside, given = named[1], re.search("[0-9]+", named[2])
        tokens = list(_Reader(inside, self.notes).tokens())
        terms = [token.value for token in tokens if isinstance(token.value, Term)]
        if len(terms) < len(tokens):
            self._note("Within NEAR(…) stand words and phrases; what else was there was left out.")
        if len(terms) > MOST_NEAR:
            self._note(f"Within NEAR(…) only the first {MOST_NEAR} words and phrases were looked for.")
        distance = self._distance(given[0] if given else None)
        if terms:
            yield Token("term", Near(tuple(terms[:MOST_NEAR]), distance) if len(terms) > 1 else terms[0])

    def _inside(self, opened: int) -> str:
        """Take what stands between a bracket and the one that closes it, or the end."""
        balance, quoted = 0, False
        for at in range(opened, len(self.text)):
            sign = self.text[at]
            quoted ^= sign == '"'
            balance += 0 if quoted else {"(": 1, ")": -1}.get(sign, 0)
            if not balance:
                self.at = at + 1
                return self.text[opened + 1 : at]
        self.at = len(self.text)
        return self.text[opened + 1 :]

    def _distance(self, given: str | None) -> int:
        if given and int(given) > MOST_DISTANCE:
            self._note(f"NEAR reaches {MOST_DISTANCE:,} words at most.")
        return min(int(given), MOST_DISTANCE) if given else DISTANCE

    def _term(self, text: str, star: bool, *, is_phrase: bool = False) -> Term | None:
        prefix = star or (not is_phrase and text.endswith("*"))
        text = text.strip("*").strip()
        if "*" in text and not is_phrase and _letters(text.partition("*")[0]) >= SHORTEST_PREFIX:
            text, prefix = text.partition("*")[0], True
            self._note(f"An asterisk stands at the end of a word; “{text}*” was looked for.")
        letters = _letters(text)
        if not letters:
            return None
        if prefix and letters < SHORTEST_PREFIX:
            self._note(f"“{text}*” is too short for an asterisk; “{text}” was looked for.")
            prefix = False
        return Term(text, prefix)

    def _tell_loose_field(self) -> None:
        found = _LOOSE_FIELD.match(self.text, self.at)
        if found and found[1].lower() in FIELDS and self.text[found.end() :].strip():
            self._note(f"“{found[0]}” was looked for as a word; a field has no blank behind its colon.")

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)


def _closed_in_word(text: str) -> set[int]:
    """Return where brackets open that are closed within the same word."""
    opened: list[int] = []
    closed: set[int] = set()
    for at, sign in enumerate(text):
        if sign.isspace() or sign == '"':
            opened.clear()
        elif sign == "(":
            opened.append(at)
        elif sign == ")" and opened:
            closed.add(opened.pop())
    return closed


def is_number(printed: str) -> bool:
    """Tell whether what was typed is a number, and as one meant: "DHS ICE 287" may be three words as well."""
    if not any(map(str.isdecimal, printed)):
        return False
    number = parse_identifier(printed)
    return number is not None and (number.scheme != "sorn" or bool(re.search("[-/]", printed)))


def _quoted(inside: str) -> list[str]:
    return [one or other for one, other in re.findall(r'"([^"]*)"?|([^\s",]+)', inside) if (one or other) != "OR"]


def _letters(text: str) -> int:
    """Return how many characters unicode61 takes for parts of words (FTS5 documentation, section 4.3.1)."""
    categories = map(unicodedata.category, text)
    return sum(category[0] in "LN" or category == "Co" for category in categories)
