"""Which versions hold a phrase that begins on one page and goes on overleaf; an index of pages can't find it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator

from archive.research.marks import mark_quotation
from archive.research.page_parts import running_text_of, with_parts
from archive.research.query import Query, Term, expression
from archive.research.rows import Row, select

# A phrase is looked for at the end of so many pages; one that would need more begins or ends with what is everywhere.
MOST_PAGES = 20_000
MOST_CHECKED = 2_000
LONGEST = 24
_WORD = re.compile(r"\w+")


def over_page_ends(connection: sqlite3.Connection, query: Query, notes: list[str]) -> dict[str, int]:
    """Return, by version, the first page at whose end the phrase begins; nothing where more than a phrase is asked.

    Where that would take too long it isn't looked for, and `notes` says so.
    """
    phrase = _phrase(query)
    words = _WORD.findall(phrase)
    if not 1 < len(words) <= LONGEST:
        return {}
    found: dict[str, int] = {}
    left_out = False
    for cut in range(1, len(words)):
        pairs = _pairs(connection, " ".join(words[:cut]), " ".join(words[cut:]))
        left_out |= pairs is None or len(pairs) > MOST_CHECKED
        for version, number in _holding(connection, (pairs or [])[:MOST_CHECKED], phrase):
            found[version] = min(number, found.get(version, number))
    if left_out:
        notes.append(
            "Where a page ends in the middle of the phrase wasn't looked for everywhere: its words are common."
        )
    return found


def _phrase(query: Query) -> str:
    """Return the phrase that is all that is asked for; else ""."""
    if query.without or len(query.groups) != 1 or len(query.groups[0]) != 1 or query.groups[0][0].prefix:
        return ""
    return query.groups[0][0].text


def _pairs(connection: sqlite3.Connection, begins: str, goes_on: str) -> list[tuple[int, int]] | None:
    """Return the row ids of pages with the one part, each with that of the next page, which has the other.

    None where both parts stand on more pages than can be gone through.
    """
    ends, starts = _match(begins), _match(goes_on)
    if _is_rare(connection, ends):
        first, near, step, other = ends, "p.runs_on <> ''", 1, starts
    elif _is_rare(connection, starts):
        first, near, step, other = starts, "q.runs_on <> ''", -1, ends
    else:
        return None
    # "+rowid": go through what one match gives, and look each up in the other.
    rows = connection.execute(
        "WITH near AS MATERIALIZED (SELECT p.id AS here, q.id AS there FROM pages_fts AS f"  # noqa: S608
        " CROSS JOIN pages AS p ON p.id = f.rowid"
        f" CROSS JOIN pages AS q ON q.version = p.version AND q.number = p.number + {step}"
        f" WHERE f.pages_fts MATCH ? AND {near})"
        " SELECT here, there FROM near WHERE there IN (SELECT rowid FROM pages_fts WHERE pages_fts MATCH ?"
        " AND +rowid IN (SELECT there FROM near)) LIMIT ?",
        (first, other, MOST_CHECKED + 1),
    )
    return [(here, there) if step > 0 else (there, here) for here, there in rows]


def _match(words: str) -> str:
    return expression(Query(words, ((Term(words),),), (), ()))


def _is_rare(connection: sqlite3.Connection, match: str) -> bool:
    counted = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM pages_fts WHERE pages_fts MATCH ? LIMIT ?)", (match, MOST_PAGES + 1)
    ).fetchone()
    return bool(counted[0] <= MOST_PAGES)


def _holding(connection: sqlite3.Connection, pairs: list[tuple[int, int]], phrase: str) -> Iterator[tuple[str, int]]:
    """Yield version and page of those pairs of pages whose running text holds the phrase from one into the other."""
    pages = {page["id"]: page for page in _read(connection, sorted({one for pair in pairs for one in pair}))}
    for here, there in pairs:
        running = running_text_of([pages[here], pages[there]])
        for start, end in mark_quotation(running.text, phrase):
            if len({one.page for one in running.on_pages(start, end)}) > 1:
                yield pages[here]["version"], pages[here]["number"]
                break


def _read(connection: sqlite3.Connection, ids: list[int]) -> list[Row]:
    found = select(
        connection,
        "SELECT id, version, number, text, parts, runs_on, also, broken FROM pages"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(ids),),
    )
    return [with_parts(page) for page in found]
