"""Where the words that articles quote stand in what is held, as rows; and which of them a later version lost.

Only what is exact is kept: it depends on the pages that hold the words and on nothing else, so the rows are the same
whatever order things came in. What is near, or absent, is worked out when it is asked (archive/research/quoted.py).
A quotation is looked for again only where text that came, went or changed shares its longest words. The caller commits.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from archive.catalog.row_sync import sync_rows
from archive.research.quotes.checking import Checker
from archive.research.quotes.outcomes import EXACT, Wanted

Row = dict[str, Any]
Key = tuple[str, int]
# What checks: rows that another made are made anew.
CHECK = "quotations-1"
OPEN = "open"
GONE = "quotation gone"
# Shorter ones are figures of speech, and stand anywhere.
FEWEST_WORDS = 5
# A page may matter to a quotation if it, or it with the next, holds so many of its so many longest words.
SHARED, LONGEST = 2, 4
_WORD = re.compile(r"\w+")
_TEXTS = """
SELECT t.version, t.made_of || ' ' || v.document || ' ' || v.ordinal || ' ' || d.kind || ' ' ||
 coalesce(d.published, d.posted, '') || ' ' || (d.newest_version = v.id)
 FROM texts AS t JOIN versions AS v ON v.id = t.version JOIN documents AS d ON d.id = v.document
"""


def sync_quotations(connection: sqlite3.Connection, tick: Callable[[], None] = lambda: None) -> None:
    """Bring `quotations` in line with the facts and texts of all versions."""
    now = {version: f"{CHECK} {made_of}" for version, made_of in connection.execute(_TEXTS)}
    before = dict(connection.execute("SELECT version, made_of FROM quoted_texts").fetchall())
    changed = {version for version in now.keys() | before.keys() if now.get(version) != before.get(version)}
    if not changed:
        return
    wanted = {(row[0], row[1]): (row[2], row[3]) for row in _said(connection)}
    held = {(row["version"], row["ordinal"]): row for row in _held(connection)}
    kept = {key: row for key, row in held.items()
            if wanted.get(key) == (row["document"], row["words"]) and row["held_version"] not in changed}  # fmt: skip
    pages = (page for version in sorted(changed & now.keys()) for page in _pages(connection, version))
    touched = _touched({key: wanted[key][1] for key in kept}, pages) if len(before) > 0 else set(kept)
    checker = Checker(connection)
    for key in sorted(wanted.keys() - (kept.keys() - touched)):
        kept[key] = _checked(checker, key, *wanted[key])
        tick()
    sync_rows(connection, "quotations", ["version", "ordinal"], [kept[key] for key in sorted(wanted)])
    sync_rows(connection, "quoted_texts", ["version"],
              [{"version": version, "made_of": made_of} for version, made_of in now.items()])  # fmt: skip


def _said(connection: sqlite3.Connection) -> Iterator[tuple[str, int, str, str]]:
    """Yield what articles quote: version, ordinal among its facts, document, words."""
    rows = connection.execute(
        "SELECT f.version, f.ordinal, f.document, f.value FROM facts AS f JOIN articles AS a ON a.version = f.version"
        " WHERE f.name = 'quotation' ORDER BY f.version, f.ordinal"
    )
    for version, ordinal, document, words in rows:
        if len(_WORD.findall(words)) >= FEWEST_WORDS:
            yield version, ordinal, document, words


def _held(connection: sqlite3.Connection) -> list[Row]:
    cursor = connection.execute("SELECT * FROM quotations")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, tuple(row), strict=True)) for row in cursor]


def _pages(connection: sqlite3.Connection, version: str) -> Iterator[set[str]]:
    """Yield the words of each page of a version together with those of the next."""
    rows = connection.execute("SELECT text, also FROM pages WHERE version = ? ORDER BY number", (version,))
    words = [set(_WORD.findall(f"{row[0]} {row[1]}".lower())) for row in rows]
    yield from (one.union(*words[place + 1 : place + 2]) for place, one in enumerate(words))


def _touched(quotations: Mapping[Key, str], pages: Iterable[set[str]]) -> set[Key]:
    """Return the quotations to which any of some pages may matter."""
    by_word: dict[str, list[Key]] = {}
    needed: dict[Key, int] = {}
    for key, said in quotations.items():
        longest = sorted(set(_WORD.findall(said.lower())), key=lambda word: (-len(word), word))[:LONGEST]
        needed[key] = min(SHARED, len(longest))
        for word in longest:
            by_word.setdefault(word, []).append(key)
    found: set[Key] = set()
    for words in pages:
        shared = Counter(key for word in by_word.keys() & words for key in by_word[word])
        found |= {key for key, count in shared.items() if count >= needed[key]}
    return found


def _checked(checker: Checker, key: Key, document: str, words: str) -> Row:
    told = checker.check(Wanted(words, but=document))
    place = told.place if told.outcome == EXACT else None
    return {
        "version": key[0],
        "ordinal": key[1],
        "document": document,
        "words": words,
        "outcome": EXACT if place else OPEN,
        "held_document": place.document if place else "",
        "held_version": place.version if place else "",
        "page": place.page if place else 0,
        "address": place.address if place else "",
    }


def gone_rows(connection: sqlite3.Connection) -> Iterator[Row]:
    """Yield a change for each version that lost words which the press quotes, and which the one before it had.

    Records of a notice and of an award stand beside those before them, and lose nothing.
    """
    rows = connection.execute(
        "SELECT DISTINCT v.document, v.id, v.capture, v.last_seen, later.id, later.capture, later.first_seen"
        " FROM quotations AS q JOIN versions AS v ON v.id = q.held_version JOIN documents AS d ON d.id = v.document"
        " JOIN versions AS later ON later.document = v.document AND later.ordinal = v.ordinal + 1"
        " WHERE q.outcome = ? AND v.id <> d.newest_version AND d.kind NOT IN ('notice', 'award', 'article')"
        " AND v.document NOT IN (SELECT document FROM notices UNION SELECT document FROM awards) ORDER BY v.id",
        (EXACT,),
    )
    for document, before, capture, last_seen, version, its_capture, at in rows.fetchall():
        name = "\n".join([capture, GONE, at, its_capture])
        yield {
            "id": hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:20],
            "at": at,
            "document": document,
            "kind": GONE,
            "version": version,
            "before": before,
            "url": "",
            "not_before": last_seen if last_seen < at else None,
            "capture": its_capture,
        }
