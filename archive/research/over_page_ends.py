"""Which versions hold a phrase that begins on one page and goes on overleaf; an index of pages can't find it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from archive.research.marks import letters_of, mark_quotation
from archive.research.page_parts import running_text_of, with_parts
from archive.research.places import place_column
from archive.research.query import Query
from archive.research.query_expression import expression
from archive.research.query_tree import Term
from archive.research.rows import Row, select_one
from archive.running_text import RUNNING

# A phrase is looked for at the ends of so many pages; one that needs more begins or ends with what is everywhere.
MOST_PAGES = 10_000
LONGEST = 24
_COLUMNS = "version, number, text, parts, runs_on, also, broken"
_WORD = re.compile(r"\w+")


class _Cut(NamedTuple):
    """One way to part the phrase: the rarer of its parts, which begins or ends the running text of `pages` pages."""

    pages: int
    words: str
    is_end: bool


def over_page_ends(connection: sqlite3.Connection, query: Query, notes: list[str]) -> dict[str, int]:
    """Return, by version, the first page at whose end the phrase begins; nothing where more than a phrase is asked.

    Where that would take too long it isn't looked for, and `notes` says so.
    """
    phrase = _phrase(query)
    words = _WORD.findall(phrase)
    if not 1 < len(words) <= LONGEST:
        return {}
    left = MOST_PAGES
    found: dict[str, int] = {}
    cuts = sorted(_cut(connection, words, place) for place in range(1, len(words)))
    for cut in cuts:
        left -= cut.pages
        if left < 0:
            notes.append("The phrase wasn't looked for where a page ends in the middle of it: its words are common.")
            break
        for version, number in _over(connection, cut, phrase):
            found[version] = min(number, found.get(version, number))
    return found


def _phrase(query: Query) -> str:
    """Return the phrase that is all that is asked for; else ""."""
    return query.tree.text if isinstance(query.tree, Term) and not query.tree.prefix else ""


def _cut(connection: sqlite3.Connection, words: list[str], place: int) -> _Cut:
    parts = " ".join(words[:place]), " ".join(words[place:])
    return min(_Cut(_count(connection, part), part, is_end) for part, is_end in zip(parts, (True, False), strict=True))


def _match(words: str) -> str:
    return expression(Term(words))


def _count(connection: sqlite3.Connection, words: str) -> int:
    """Return on how many pages words stand, as far as that matters."""
    counted = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM pages_fts WHERE pages_fts MATCH ? LIMIT ?)",
        (_match(words), MOST_PAGES + 1),
    )
    return int(counted.fetchone()[0])


def _over(connection: sqlite3.Connection, cut: _Cut, phrase: str) -> Iterator[tuple[str, int]]:
    """Yield version and number of the pages from which the phrase runs into the next."""
    step = 1 if cut.is_end else -1
    for page in _pages(connection, cut):
        other = select_one(
            connection,
            f"SELECT {_COLUMNS} FROM pages WHERE version = ? AND number = ?",  # noqa: S608
            (page["version"], page["number"] + step),
        )
        if other is None:
            continue
        first, second = (page, with_parts(other))[::step]
        running = running_text_of([first, second])
        for start, end in mark_quotation(running.text, phrase):
            if len({one.page for one in running.on_pages(start, end)}) > 1:
                yield page["version"], first["number"]
                break


def _pages(connection: sqlite3.Connection, cut: _Cut) -> Iterator[Row]:
    """Yield the pages whose running text ends, or begins, with a part of the phrase."""
    wanted = letters_of(cut.words)
    cursor = connection.execute(
        f"SELECT {_COLUMNS} FROM (SELECT rowid AS page FROM pages_fts WHERE pages_fts MATCH ?)"  # noqa: S608
        f" CROSS JOIN pages ON {place_column(connection)} = page WHERE ? OR runs_on <> ''",
        (_match(cut.words), not cut.is_end),
    )
    names = [column[0] for column in cursor.description]
    for row in cursor:
        page = with_parts(dict(zip(names, row, strict=True)))
        edge = _edge(page, cut.is_end, 2 * len(cut.words) + 80)
        if edge.endswith(wanted) if cut.is_end else edge.startswith(wanted):
            yield page


def _edge(page: Row, is_end: bool, most: int) -> str:
    """Return the letters with which a page's running text ends, or begins."""
    parts = page["parts"] or [{"kind": "text", "start": 0, "end": len(page["text"])}]
    for part in reversed(parts) if is_end else parts:
        text = page["text"][part["start"] : part["end"]].strip() if part["kind"] in RUNNING else ""
        if text:
            return letters_of(text[-most:] if is_end else text[:most])
    return ""
