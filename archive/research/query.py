"""What people type into the search box, made into an FTS5 expression that is never a syntax error.

The grammar, all of it: words ask for the pages that hold them all; "…" is a phrase; OR between words takes
either side; NOT or a minus in front leaves out the pages that hold the word; an asterisk behind it finds what
begins so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from archive.research.filters import NO_FILTERS, Filters

MOST_CHARACTERS = 1000
MOST_TERMS = 64
SHORTEST_PREFIX = 2

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_WORDS = re.compile(r"\w+")
_TOKEN = re.compile(r'(?P<minus>(?<!\S)[-−–](?=[^\s]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))(?P<star>\*)?')


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word or a phrase; `prefix` where anything that begins so will do."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked: any of `groups` (each wants all of its terms), and none of `without`.

    `notes` tell the person what of the question was left out, and why. Only what fits `filters` is found, and nothing
    that has any of the values in `excluded`; where there are filters and no words, all that fits them is.
    """

    text: str
    groups: tuple[tuple[Term, ...], ...]
    without: tuple[Term, ...]
    notes: tuple[str, ...]
    filters: Filters = NO_FILTERS
    excluded: Filters = NO_FILTERS

    @property
    def terms(self) -> tuple[Term, ...]:
        """Everything that is looked for, in the order typed."""
        return tuple(term for group in self.groups for term in group)


def parse_query(text: str) -> Query:
    """Read a question. Never raises; what can't be looked for is left out and told in `notes`."""
    notes: list[str] = []
    asked = clean(text)
    if len(asked) > MOST_CHARACTERS:
        asked = asked[:MOST_CHARACTERS]
        notes.append(f"Only the first {MOST_CHARACTERS:,} characters were looked for.")
    groups, without = _sort_terms(asked, notes)
    if not groups and without:
        notes.append("Name something to look for, beside what to leave out.")
    return Query(asked, groups, without, tuple(notes))


def clean(text: str) -> str:
    """Return text in one form of Unicode, with plain quotation marks and no control characters."""
    encoded = text[: MOST_CHARACTERS * 4].encode("utf-8", "replace").decode("utf-8", "replace")
    kept = "".join(" " if unicodedata.category(c) in {"Cc", "Cn", "Zl", "Zp"} else c for c in encoded)
    more = text[MOST_CHARACTERS * 4 : MOST_CHARACTERS * 4 + 1].strip()
    return unicodedata.normalize("NFC", kept.translate(_QUOTES)).strip() + (" …" if more else "")


def expression(
    query: Query,
    spellings: Callable[[str], tuple[str, ...]] = lambda text: (text,),
    columns: str = "{text also}: ",
) -> str:
    """Return the FTS5 expression of a query; "" where there is nothing to look for.

    `spellings` gives the forms under which a term may stand on a page (the spellings of a number).
    """
    if not query.groups:
        return ""
    wanted = " OR ".join(
        "(" + " AND ".join(_operand(term, spellings, columns) for term in group) + ")" for group in query.groups
    )
    if not query.without:
        return wanted
    return f"({wanted}) NOT (" + " OR ".join(_operand(term, spellings, columns) for term in query.without) + ")"


def _sort_terms(asked: str, notes: list[str]) -> tuple[tuple[tuple[Term, ...], ...], tuple[Term, ...]]:
    groups: list[list[Term]] = [[]]
    without: list[Term] = []
    negated, either, number = False, False, 0
    for found in _TOKEN.finditer(asked):
        word = found["word"]
        if word in {"AND", "OR", "NOT"} and not found["minus"]:
            negated, either = negated or word == "NOT", either or word == "OR"
            continue
        term = _term(found, notes)
        if term is None:
            continue
        number += 1
        if number > MOST_TERMS:
            notes.append(f"Only the first {MOST_TERMS} words and phrases were looked for.")
            break
        if negated or found["minus"]:
            without.append(term)
        else:
            if either and groups[-1]:
                groups.append([])
            groups[-1].append(term)
        negated = either = False
    return tuple(tuple(group) for group in groups if group), tuple(without)


def _term(found: re.Match[str], notes: list[str]) -> Term | None:
    phrase = found["phrase"]
    text = phrase if phrase is not None else found["word"]
    prefix = bool(found["star"]) or (phrase is None and text.endswith("*"))
    text = text.strip("*").strip()
    letters = sum(_counts(character) for character in text)
    if not letters:
        return None
    if prefix and letters < SHORTEST_PREFIX:
        notes.append(f"“{text}*” is too short for an asterisk; “{text}” was looked for.")
        prefix = False
    return Term(text, prefix)


def _counts(character: str) -> bool:
    """Tell whether unicode61 takes a character for a part of a word (FTS5 documentation, section 4.3.1)."""
    return unicodedata.category(character)[0] in "LN" or unicodedata.category(character) == "Co"


def _operand(term: Term, spellings: Callable[[str], tuple[str, ...]], columns: str) -> str:
    forms = (term.text,) if term.prefix else spellings(term.text)
    quoted = [
        _within(form, columns) + '"' + form.replace('"', '""') + '"' + ("*" if term.prefix else "") for form in forms
    ]
    return quoted[0] if len(quoted) == 1 else "(" + " OR ".join(quoted) + ")"


def _within(form: str, columns: str) -> str:
    """Return the columns where a form is looked for: a single word not among the halves of broken words, or "serv-ice"
    would be found for ICE. All columns are asked for a phrase, and "surveil-lance" is one."""
    return "" if len(_WORDS.findall(form)) > 1 else columns
