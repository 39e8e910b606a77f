"""Everything in a text that refers to something else: numbers, laws, named documents; each with the rule that found it.

Functions of a text; where a mention leads is told elsewhere (archive/catalog/leads.py).
"""

from __future__ import annotations

from typing import NamedTuple

from archive.identifiers import find_identifiers, folded
from archive.law_citations import find_laws
from archive.named_documents import KINDS, find_named
from archive.quoted_titles import find_titles

NAMED, TITLE = "named", "title"
LAWS = ("usc", "cfr")
# A number that follows a name within so many characters is that document's.
BESIDE = 4


class Mention(NamedTuple):
    """What is referred to: its kind (a number's scheme, "usc", "cfr", "named" or "title"), its canonical form, the rule
    by which it was found (archive/catalog/reference_rules.py), and where it stands."""

    kind: str
    target: str
    rule: str
    start: int
    end: int


def find_mentions(text: str) -> list[Mention]:
    """Return what a text mentions, in its order; a name may hold a number. Any string is answered."""
    found = [
        Mention(one.identifier.scheme, one.identifier.value, _rule(one.identifier.scheme, one.identifier.value),
                one.start, one.end)
        for one in find_identifiers(text)
    ]  # fmt: skip
    plain, places = folded(text)
    named = [
        Mention(NAMED, one.named.target, "dated-name" if one.named.date else "owned-name",
                *_back(places, one.start, one.end))
        for one in find_named(plain)
    ]  # fmt: skip
    laws = [Mention(one.scheme, one.value, "law", *_back(places, one.start, one.end)) for one in find_laws(plain)]
    numbered = [one for one in found if one.kind in KINDS]
    titles = [Mention(TITLE, one.title, "quoted-title", one.start, one.end) for one in find_titles(text)]
    found += [*laws, *titles, *(one for one in named if not any(_says_more(one, number) for number in numbered))]
    return sorted(found, key=lambda one: (one.start, one.end, one.kind))


def _says_more(name: Mention, number: Mention) -> bool:
    """Tell whether a number stands in a name or right behind it: then it says which document is meant."""
    return name.start < number.end and number.start <= name.end + BESIDE


def _rule(scheme: str, value: str) -> str:
    return "short-number" if scheme == "pia" and "/" not in value else "number"


def _back(places: list[int], start: int, end: int) -> tuple[int, int]:
    """Return places of the folded text as places of the text."""
    return (places[start], places[end - 1] + 1) if places else (start, end)
