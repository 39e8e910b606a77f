"""The words that begin as was typed and whose stems don't: `surveilla*` finds "surveillance", filed under "surveil"."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from archive.research.query_tree import Term
from archive.research.suggestions import folded, has_words, words_of
from archive.stems import stems_of

MOST_WORDS = 500
MOST_STEMS = 24
# Words that begin alike are read one after the other; where they stand on so many pages in all, only the commonest are.
MOST_PAGES, COMMONEST = 30_000, 40


def words_that_begin(connection: sqlite3.Connection, beginning: str) -> tuple[Term, ...]:
    """Return the commonest words that begin so and whose stems don't, one for each stem; none without a table of words.

    The index has stems only, so a prefix finds all other words by itself.
    """
    words = words_of(folded(beginning))
    if len(words) != 1 or not has_words(connection):
        return ()
    found = connection.execute(
        "SELECT word FROM words WHERE word >= ?1 AND word < ?2 ORDER BY pages DESC, word LIMIT ?3",
        (words[0], words[0] + "\U0010ffff", MOST_WORDS),
    )
    held = [row[0] for row in found]
    start, *filed = stems_of([words[0], *held])
    needed: dict[str, str] = {}
    for word, stems in zip(held, filed, strict=True):
        if len(stems) == 1 and not stems[0].startswith(start[0] if start else words[0]):
            needed.setdefault(stems[0], word)
    return tuple(Term(word) for word in needed.values())[:MOST_STEMS]


def commonest_that_begin(connection: sqlite3.Connection, beginning: str) -> tuple[Term, ...]:
    """Return the commonest words that begin so, where all of them together are on very many pages; else none.

    What begins so and isn't among them is left out: it stands on fewer pages than each of these.
    """
    words = words_of(folded(beginning))
    if len(words) != 1 or not has_words(connection):
        return ()
    found = connection.execute(
        "SELECT word, pages FROM words WHERE word >= ?1 AND word < ?2 ORDER BY pages DESC, word",
        (words[0], words[0] + "\U0010ffff"),
    ).fetchall()
    if len(found) <= COMMONEST or sum(row[1] for row in found) <= MOST_PAGES:
        return ()
    return tuple(Term(row[0]) for row in found[:COMMONEST])


def beginnings_cut(connection: sqlite3.Connection, terms: Iterable[Term]) -> list[str]:
    """Return a sentence for each beginning of which only the commonest words were looked for."""
    return [
        f"“{term.text}*” begins very many words: the {COMMONEST} commonest of them were looked for."
        for term in dict.fromkeys(terms)
        if term.prefix and commonest_that_begin(connection, term.text)
    ]
