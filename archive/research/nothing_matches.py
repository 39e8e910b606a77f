"""Whether nothing at all matches a question: exactly, or not said. Knows neither scopes nor sentences.

A search looks as far as is worth it, and then says "about". Here what can't be looked at to its end is a reason to say
nothing (`Unproven`). Each page is asked under at least all spellings that the search knows, so what isn't found so
isn't there.
"""

from __future__ import annotations

import itertools
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from archive.identifiers import matches, parse_identifier, search_forms
from archive.research.as_stood import as_it_stood
from archive.research.fitting import condition
from archive.research.lookups import numbers_like
from archive.research.over_page_ends import LONGEST, over_page_ends
from archive.research.query import Query
from archive.research.query_expression import expression
from archive.research.query_tree import AllOf, AnyOf, Near, Node, Term, all_of, any_of
from archive.research.search import match_expression
from archive.research.searched import Searched, searched_in
from archive.research.suggestions import folded, has_words, words_of

# Filters that leave no more documents than this have each asked by itself.
FEW = 600
# So many ways to choose among spellings that stand near each other are asked; of more, all on one page.
MOST_CHOICES = 64
_WORD = re.compile(r"\w+")


class Unproven(Exception):  # noqa: N818
    """It can't be said whether nothing matches; the message says why, and what can be asked instead."""


class Match(NamedTuple):
    """A page that may match, and does `for_certain` where it wasn't asked for more widely than the search does."""

    version: str
    page: int
    for_certain: bool


def first_match(connection: sqlite3.Connection, query: Query) -> Match | None:
    """Return a page that may match a question whose filters are names of the catalogue. None is exact.

    Looked through is all there is, however long that takes. Raises Unproven.
    """
    match = expression(_wide(connection, query.tree)) if query.tree is not None else ""
    if not match:
        return None
    searched = searched_in(connection)
    places = _in_force(connection, searched, match, query) if query.filters.on else (
        _places(connection, searched, match, query))  # fmt: skip
    if (place := next(places, None)) is not None:
        asked = f"SELECT version, number FROM pages WHERE {searched.place} = ?"  # noqa: S608 (a column of ours)
        version, number = connection.execute(asked, (place,)).fetchone()
        return Match(version, number, for_certain=match == match_expression(connection, query))
    return _printed_otherwise(connection, query) or _over_page_ends(connection, query)


def spellings(connection: sqlite3.Connection, term: Term) -> tuple[Term, ...]:
    """Return every form under which a term may stand on a page: of a number all spellings of all that it stands for."""
    if term.prefix:
        return _that_begin(connection, term)
    identifier = parse_identifier(term.text)
    if identifier is None:
        return (term,)
    forms = [term.text, *search_forms(identifier.value)]
    for value in numbers_like(connection, identifier):
        forms += search_forms(value)
    return tuple(Term(form) for form in dict.fromkeys(forms) if any(map(str.isalnum, form)))


def _that_begin(connection: sqlite3.Connection, term: Term) -> tuple[Term, ...]:
    """Return all words held that begin so. Raises Unproven where not every word that stands on a page is known.

    The index files words by their stems, which may be shorter than what they begin with.
    """
    words = words_of(folded(term.text))
    if len(words) != 1 or not has_words(connection):
        raise Unproven(f"In what is asked here, not every word that begins with “{term.text}” is known."
                       " Write the words out.")  # fmt: skip
    if connection.execute("SELECT 1 FROM words WHERE pages = 1 LIMIT 1").fetchone() is None:
        raise Unproven(f"In an archive of this size, words that stand on one page only aren't listed, so not every word"
                       f" that begins with “{term.text}” is known. Write the words out.")  # fmt: skip
    held = connection.execute(
        "SELECT word FROM words WHERE word >= ?1 AND word < ?2 ORDER BY word", (words[0], words[0] + "\U0010ffff")
    )
    return (term, *(Term(row[0]) for row in held))


def _wide(connection: sqlite3.Connection, node: Node) -> Node:
    """Return a tree that is found on every page on which the given one is, with all spellings written into it.

    What must not stand on a page is left as it is: asked for more widely it would hide pages.
    """
    if isinstance(node, Term):
        return any_of(spellings(connection, node)) or node
    if isinstance(node, Near):
        return _near(connection, node)
    parts = [_wide(connection, part) for part in node.parts]
    if isinstance(node, AllOf):
        return all_of(parts, node.without) or node
    return any_of(parts) or node


def _near(connection: sqlite3.Connection, node: Near) -> Node:
    forms = [spellings(connection, term) for term in node.terms]
    choices = list(itertools.islice(itertools.product(*forms), MOST_CHOICES + 1))
    if len(choices) <= MOST_CHOICES:
        return any_of(Near(choice, node.distance) for choice in choices) or node
    return all_of(any_of(each) or node.terms[place] for place, each in enumerate(forms)) or node


def _places(connection: sqlite3.Connection, searched: Searched, match: str, query: Query) -> Iterator[int]:
    """Yield the places of all pages that match and whose document fits."""
    fits, values = condition(connection, query.filters, query.excluded)
    asked = "SELECT rowid FROM pages_fts WHERE pages_fts MATCH ?"
    if not query.filters and not query.excluded:
        yield from (row[0] for row in connection.execute(asked, (match,)))
    elif searched.is_narrow:
        ranges = connection.execute(
            f"SELECT first, last FROM {searched.rows} AS d WHERE first IS NOT NULL AND {fits} ORDER BY first",  # noqa: S608
            values,
        ).fetchall()
        yield from _within(connection, match, [(row[0], row[1]) for row in ranges])
    else:
        yield from (row[0] for row in connection.execute(
            f"SELECT f.rowid FROM pages_fts AS f CROSS JOIN pages AS p ON p.{searched.place} = f.rowid"  # noqa: S608
            f" CROSS JOIN documents AS d ON d.id = p.document WHERE pages_fts MATCH ? AND {fits}", (match, *values)
        ))  # fmt: skip


def _within(connection: sqlite3.Connection, match: str, ranges: list[tuple[int, int]]) -> Iterator[int]:
    """Yield the places that match and lie in one of the ranges, which are in order and apart."""
    asked = "SELECT rowid FROM pages_fts WHERE pages_fts MATCH ?"
    if len(ranges) <= FEW:
        for first, last in ranges:
            yield from (
                row[0] for row in connection.execute(f"{asked} AND rowid BETWEEN ? AND ?", (match, first, last))
            )
        return
    begins = [first for first, _ in ranges]
    for (place,) in connection.execute(asked, (match,)):
        at = bisect_right(begins, place) - 1
        if at >= 0 and place <= ranges[at][1]:
            yield place


def _in_force(connection: sqlite3.Connection, searched: Searched, match: str, query: Query) -> Iterator[int]:
    """Yield what matches on pages of versions that were in force on the day that was asked for."""
    hits = {0: [(0.0, place) for place in _places(connection, searched, match, query)]}
    stood = as_it_stood(connection, searched, hits, query.filters.on)
    yield from (place for found in stood.values() for _, place in found)


def _printed_otherwise(connection: sqlite3.Connection, query: Query) -> Match | None:
    """Return a page on which a number that is all that is asked for was read in a spelling that isn't looked for."""
    number = parse_identifier(query.tree.text) if isinstance(query.tree, Term) and not query.tree.prefix else None
    if number is None:
        return None
    fits, values = condition(connection, query.filters, query.excluded)
    rows = connection.execute(
        'SELECT r.target, r.version, r.page FROM "references" AS r JOIN documents AS d ON d.id = r.document'  # noqa: S608
        f" WHERE r.kind = ? AND r.target LIKE '%' || ? AND {fits} ORDER BY r.id",
        (number.scheme, number.value, *values),
    )
    found = next((row for row in rows if matches(number.value, row[0])), None)
    return Match(found[1], found[2], for_certain=not query.filters.on) if found else None


def _over_page_ends(connection: sqlite3.Connection, query: Query) -> Match | None:
    """Return where a phrase that is all that is asked for stands over a page's end. Raises Unproven."""
    if not isinstance(query.tree, Term) or query.tree.prefix:
        return None
    words, notes = _WORD.findall(query.tree.text), list[str]()
    fits, values = condition(connection, query.filters, query.excluded)
    for start in range(0, max(len(words) - 1, 1), LONGEST - 1):
        # A longer phrase is looked for in parts, each of which begins with the last word of the one before.
        part = Query("", Term(query.tree.text if len(words) <= LONGEST else " ".join(words[start : start + LONGEST])))
        found = over_page_ends(connection, part, notes)
        for version, page in found.items():
            asked = f"SELECT 1 FROM versions JOIN documents AS d ON d.id = document WHERE versions.id = ? AND {fits}"  # noqa: S608
            if connection.execute(asked, (version, *values)).fetchone():
                return Match(version, page, for_certain=len(words) <= LONGEST and not query.filters.on)
    if notes:
        raise Unproven("The words are too common to look for them wherever a page ends in the middle of the phrase.")
    return None


def tried(connection: sqlite3.Connection, node: Node | None) -> dict[str, list[str]]:
    """Return, by what was typed, the spellings of each number in a question that were looked for; also of those that
    must not be there."""
    found: dict[str, list[str]] = {}
    for term in _every_term(node):
        if not term.prefix and parse_identifier(term.text):
            found[term.text] = [form.text for form in spellings(connection, term)]
    return found


def _every_term(node: Node | None) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, Near):
        yield from node.terms
    elif isinstance(node, AllOf | AnyOf):
        for part in (*node.parts, *(node.without if isinstance(node, AllOf) else ())):
            yield from _every_term(part)
