"""Documents by the words of their titles, so that a scan without letters is found too; and the pages that common words
fit best, so that a document that is about one isn't lost among all that hold it."""

from __future__ import annotations

import re
import sqlite3

from archive.research.matching import Hits
from archive.research.query import Query
from archive.research.query_expression import expression
from archive.research.query_tree import all_of
from archive.research.searched import Searched
from archive.stems import stems_of

MOST_TITLES = 1_000
MOST_WORDS = 16
_WORD = re.compile(r"\w+")


def by_title(connection: sqlite3.Connection, searched: Searched, query: Query) -> list[int]:
    """Return the documents whose title holds all the words, where nothing but words and phrases is asked for."""
    words = query.words[:MOST_WORDS]
    if not words:
        return []
    if searched.is_narrow:
        match = expression(all_of(words), columns="title: ")
        found = connection.execute(
            "SELECT rowid FROM titles_fts WHERE titles_fts MATCH ? ORDER BY rowid LIMIT ?",
            (f"title: ({match})", MOST_TITLES),
        )
    else:
        held = " AND ".join(["title LIKE ? ESCAPE '!'"] * len(words))
        found = connection.execute(
            f"SELECT rowid FROM documents WHERE {held} LIMIT ?",  # noqa: S608 (question marks)
            (*(_escaped(word.text) for word in words), MOST_TITLES),
        )
    return [row[0] for row in found]


def _escaped(text: str) -> str:
    for special in "!%_":
        text = text.replace(special, "!" + special)
    return f"%{text[:200]}%"


def best_places(connection: sqlite3.Connection, searched: Searched, query: Query, match: str) -> dict[int, Hits]:
    """Return, by document, the pages that the words fit best of all, with their scores, and that hold all of them.

    Only words on very many pages have such pages (archive/release/searching.py); of several words a page's score is
    the sum of those that are known, which its own can only excel.
    """
    words = [term.text for term in query.words]
    if not searched.is_narrow or not words or any(term.prefix for term in query.words):
        return {}
    stems = [stems[0] for stems in stems_of(words) if len(stems) == 1]
    scores: dict[int, float] = {}
    for stem in dict.fromkeys(stems):
        for place, score in connection.execute("SELECT place, score FROM best_pages WHERE stem = ?", (stem,)):
            scores[place] = scores.get(place, 0.0) + score / 1_000_000
    if len(words) > 1:
        scores = {place: score for place, score in scores.items() if _holds(connection, match, place)}
    found: dict[int, Hits] = {}
    for place, score in scores.items():
        ordinal = connection.execute(
            "SELECT ordinal FROM searched_documents WHERE first <= ? ORDER BY first DESC LIMIT 1", (place,)
        ).fetchone()[0]
        found.setdefault(ordinal, []).append((score, place))
    return found


def _holds(connection: sqlite3.Connection, match: str, place: int) -> bool:
    asked = "SELECT 1 FROM pages_fts WHERE pages_fts MATCH ? AND rowid = ?"
    return connection.execute(asked, (match, place)).fetchone() is not None
