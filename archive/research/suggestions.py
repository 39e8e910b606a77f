"""What a person who found nothing may have meant: words spelled otherwise that do occur, by the release's own words.

Where a release has no table of words nothing is suggested. Knows no page and no command.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from archive.research.edits import distance

MOST_WORDS = 6
MOST_SUGGESTED = 3
SHORTEST = 3
LONGEST = 30
# So many words that begin alike are looked at for two edits.
MOST_LOOKED_AT = 4000
# A word two edits away has to be so much more frequent than one that is one edit away.
_RARER = 40
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word that occurs, for one that was typed; `words` may be two, where a blank was missing."""

    typed: str
    words: str
    pages: int
    edits: int

    @property
    def weight(self) -> float:
        """How likely it was meant."""
        return self.pages / float(_RARER**self.edits)


def has_words(connection: sqlite3.Connection) -> bool:
    """Tell whether a release has the table of its words."""
    return (
        connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'words'").fetchone() is not None
    )


def spellings_of(connection: sqlite3.Connection, typed: str) -> list[Spelling]:
    """Return the words nearest to one that was typed, the likeliest first; [] without a table of words."""
    word = folded(typed)
    if not SHORTEST <= len(word) <= LONGEST or not has_words(connection):
        return []
    found = {one.words: one for one in (*_one_edit(connection, typed, word), *_two_words(connection, typed, word))}
    if not found and len(word) > SHORTEST + 1:
        found = {one.words: one for one in _two_edits(connection, typed, word)}
    return sorted(found.values(), key=lambda one: (-one.weight, one.words))[:MOST_SUGGESTED]


def respelled(text: str, chosen: list[Spelling]) -> str:
    """Return a question with words in the other spelling, all else as it was typed."""
    meant = {one.typed: one.words for one in chosen}
    return _WORD.sub(lambda word: meant.get(word[0], word[0]), text)


def respellings(
    connection: sqlite3.Connection, text: str, words: list[str], is_there: Callable[[str], bool]
) -> Iterator[str]:
    """Yield the question as it may have been meant: each word that isn't there by its likeliest spelling; then others.

    `is_there` tells whether a word is on any page, in whatever form of it; it is also asked of what is suggested.
    """
    missing = [word for word in dict.fromkeys(words) if not is_there(word)][:MOST_WORDS]
    known = {word: found for word in missing if (found := spellings_of(connection, word))}
    if not known:
        return
    for place in range(MOST_SUGGESTED):
        chosen = [found[min(place, len(found) - 1)] for found in known.values()]
        if place < max(map(len, known.values())):
            yield respelled(text, chosen)


def words_of(text: str) -> list[str]:
    """Return the words in a term."""
    return _WORD.findall(text)


def folded(word: str) -> str:
    """Return a word as the table of words has it: without case and accents."""
    plain = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()


def _one_edit(connection: sqlite3.Connection, typed: str, word: str) -> Iterator[Spelling]:
    letters = string.ascii_lowercase + string.digits
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    near = {a + b[1:] for a, b in cuts if b}
    near |= {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    near |= {a + letter + b[1:] for a, b in cuts if b for letter in letters}
    near |= {a + letter + b for a, b in cuts for letter in letters}
    near.discard(word)
    for name, pages in _pages(connection, near):
        yield Spelling(typed, name, pages, 1)


def _two_edits(connection: sqlite3.Connection, typed: str, word: str) -> Iterator[Spelling]:
    """Yield words of two edits whose first third is as typed: of three parts two edits leave one whole."""
    beginning = word[: max(len(word) // 3, 2)]
    rows = connection.execute(
        "SELECT word, pages FROM words WHERE word >= ?1 AND word < ?2 AND length(word) BETWEEN ?3 AND ?4"
        " ORDER BY pages DESC, word LIMIT ?5",
        (beginning, beginning + "\U0010ffff", len(word) - 2, len(word) + 2, MOST_LOOKED_AT),
    )
    for name, pages in rows:
        if distance(word, name, 2) <= 2:
            yield Spelling(typed, name, pages, 2)


def _two_words(connection: sqlite3.Connection, typed: str, word: str) -> Iterator[Spelling]:
    """Yield the two words of one that is written without a blank."""
    cuts = [(word[:at], word[at:]) for at in range(SHORTEST, len(word) - SHORTEST + 1)]
    held = dict(_pages(connection, set(itertools.chain.from_iterable(cuts))))
    for one, other in cuts:
        if one in held and other in held:
            yield Spelling(typed, f"{one} {other}", min(held[one], held[other]), 1)


def _pages(connection: sqlite3.Connection, words: set[str]) -> list[tuple[str, int]]:
    return connection.execute(
        "SELECT word, pages FROM words WHERE word IN (SELECT value FROM json_each(?))", (json.dumps(sorted(words)),)
    ).fetchall()
