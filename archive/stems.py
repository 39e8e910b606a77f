"""The stems under which the full-text index files words, by SQLite's own tokenizer: no other agrees in all letters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing

# As in the catalogue's schema.
TOKENIZER = "porter unicode61 remove_diacritics 2"


def stems_of(words: Iterable[str]) -> list[tuple[str, ...]]:
    """Return, for each word or phrase, the stems that it is filed under, in order."""
    asked = list(words)
    with closing(sqlite3.connect(":memory:")) as apart:
        apart.execute(f'CREATE VIRTUAL TABLE held USING fts5(words, tokenize="{TOKENIZER}")')
        apart.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(held, instance)")
        apart.executemany("INSERT INTO held(rowid, words) VALUES (?, ?)", list(enumerate(asked)))
        found: list[list[str]] = [[] for _ in asked]
        for number, term in apart.execute("SELECT doc, term FROM terms ORDER BY doc, offset"):
            found[number].append(term)
    return [tuple(one) for one in found]
