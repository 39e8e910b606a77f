"""The rules by which references are found and led to documents: each with what it means and how far it is believed.

docs/links.md has the same table. It knows no text and no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    """What a rule takes for a reference (or where it leads), and its `confidence`: what share of a hundred such it is
    held to get right. That is a property of the rule, tried on labelled references; never reckoned of one reference."""

    meaning: str
    confidence: float


FOUND: Mapping[str, Rule] = {
    "number": Rule("a number with all its parts, in one of its spellings", 0.99),
    "short-number": Rule("a number that lacks its component, which another may have too", 0.95),
    "law": Rule("a section or a part of the United States Code or the Code of Federal Regulations", 0.99),
    "dated-name": Rule("a document that is named by its kind and its date, and by whose it is or its title", 0.95),
    "owned-name": Rule("a document that is named by its kind, whose it is, and its title", 0.9),
    "quoted-title": Rule("what stands in quotation marks and is set like a title; only where a document has it", 0.95),
    "link": Rule("a link, or an address that is printed in full", 1.0),
}
LED: Mapping[str, Rule] = {
    "own-number": Rule("the document bears the number as its own", 1.0),
    "about-number": Rule("the document is about the number: its page, a record that names it", 0.9),
    "only-one": Rule("of all numbers that are held only one ends so", 0.9),
    "ordered-as": Rule("the award's id names the contract's number", 0.95),
    "address": Rule("the document was captured at that address, or where it redirects to", 1.0),
    "number-in-address": Rule("nothing is held of the address; the number in it is the document's", 0.95),
    "name-date-title": Rule("kind, date and title are the document's, and the component where one is named", 0.97),
    "name-title": Rule("kind, component and title are those of this document alone", 0.9),
    "name-date": Rule("kind, component and date, to the month or the day, are those of this document alone", 0.8),
    "title": Rule("it is the title of this document alone, word for word", 0.95),
    "itself": Rule("it is the document that refers, and no reference to another", 1.0),
    "by-hand": Rule("somebody decided so, in curation/links.toml, with a reason", 1.0),
}


def confidence(rule: str, led: str) -> float:
    """Return how far a reference is believed: that it is one, and, where it was led somewhere, that it is this one."""
    found = FOUND[rule].confidence * (LED[led].confidence if led else 1.0)
    return 1.0 if led == "by-hand" else round(found, 2)
