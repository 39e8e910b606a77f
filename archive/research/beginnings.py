"""The words that begin as was typed and whose stems don't: `surveilla*` finds "surveillance", filed under "surveil"."""

from __future__ import annotations

import sqlite3

from archive.research.query_tree import Term
from archive.research.suggestions import folded, has_words, words_of
from archive.stems import stems_of

MOST_WORDS = 500
MOST_STEMS = 24


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
