"""What is shown of one page: its text in parts, its tables, and where what was searched for or quoted stands in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from archive.research import page_parts
from archive.research.documents import page_address
from archive.research.marks import mark_page
from archive.research.query import parse_query
from archive.research.quotations import is_in_address, parse_quotation
from archive.research.quoted_places import EXACT, MOST_ADDRESSED, QuotedPlaces, find_places
from archive.research.rows import Row, select_one
from archive.research.search import match_expression
from archive.site.page_sheet import sheet_of


@dataclass(frozen=True, slots=True)
class Sought:
    """What a reader looks for on a page: words of a search (`query`), or a `quote` as its address has it or as it was
    pasted, with the words that stand before it (it stands `after` these) and behind it."""

    query: str = ""
    quote: str = ""
    after: str = ""
    before: str = ""


def read_sought(argument: Callable[[str], str | None]) -> Sought:
    """Return what is looked for, from a request's arguments."""
    names = ("q", "quote", "after", "before")
    return Sought(*((argument(name) or "").strip()[:4_000] for name in names))


def page_facts(connection: sqlite3.Connection, version: Row, page: Row, sought: Sought, *, leads: bool) -> Row:
    """Return `page`, `sheet`, `marks` and `quotation` for a page's row; or, where it `leads` on, `redirect` for
    words that were pasted and stand on it once: to the address that names them for good."""
    query, marks, quotation = sought.query, [], None
    if quoted := parse_quotation(sought.quote, sought.after, sought.before):
        found = find_places(connection, version, page, quoted)
        if leads and found.state == EXACT and len(found.passages) == 1 and not is_in_address(sought.quote):
            return {"redirect": found.passages[0].address, "status": 302, "kept": ("on", "view")}
        marks, quotation = found.marks(page["number"]), _quotation(page["number"], sought, found)
    elif query:
        parsed = parse_query(query)
        marks = mark_page(connection, page["id"], page["text"], parsed, match_expression(connection, parsed))
    tables = page_parts.read_tables(connection, version, page["number"])
    shown = {**page_parts.with_parts(page), "tables": tables}
    return {"page": shown, "marks": marks, "sheet": sheet_of(shown, marks), "quotation": quotation}


def _quotation(number: int, sought: Sought, found: QuotedPlaces) -> Row:
    """Return what is told of a quotation, in a page's context and as data.

    `state` is "exact", "otherwise" (the nearest words are shown), "elsewhere" or "absent"; `words` and `address` are
    those of the first passage, "" where there is none; `pages` those that it goes over.
    """
    first = found.passages[0] if found.passages else None
    return {
        "asked": sought.quote,
        "state": found.state,
        "words": first.words if first else "",
        "address": first.address if first else "",
        "page": number,
        "pages": [one.page for one in first.places] if first else [],
        "passages": [
            {"words": one.words, "address": one.address, "places": [place._asdict() for place in one.places]}
            for one in found.passages[:MOST_ADDRESSED]
        ],
        "times": len(found.passages),
        "elsewhere": list(found.elsewhere),
    }


def find_page(connection: sqlite3.Connection, version: Row, named: str) -> str:
    """Return the path of a page by its number, or the number that is printed on it; "" where there is none."""
    number = int(named) if named.isascii() and named.isdecimal() and len(named) < 8 else -1
    found = select_one(
        connection,
        "SELECT number FROM pages WHERE version = ?1 AND (number = ?2 OR label = ?3 COLLATE NOCASE)"
        " ORDER BY number = ?2 DESC, number LIMIT 1",
        (version["id"], number, named[:40]),
    )
    return page_address(version, found["number"]) if found else ""
