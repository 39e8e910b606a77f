"""What was read of a version as rows: pages, tables, outline, facts; functions of the reading, without a connection."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from typing import Any

from archive.catalog.evidence import PageText, ReadText

Row = dict[str, Any]
# The site's connections take no value of more than 5 MB. Of a table with more than this, only the size is told.
MOST_CELL_CHARACTERS = 1_000_000
# No document has as many; SQLite refuses a number of more than 64 bits.
MOST_CHARACTERS = 1_000_000_000

# Soft hyphens, zero-width spaces, word joiners, direction signs and tags: FTS5 takes a word with one of them for two,
# or for another. What joins letters that are shown joined (U+200C, U+200D) stays. Half a surrogate pair is no text.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)


def page_row(version: str, document: str, page: PageText) -> Row:
    """Return a page's row, short of its id.

    Broken words in their other form stand in `also` where they are one word, in `broken` where their hyphen parts
    them: the halves of "serv-ice" are no words to be found by.
    """
    forms = visible(page.also).split()
    return {
        "version": version,
        "document": document,
        "number": page.number,
        "label": visible(page.label),
        "outcome": page.outcome,
        "text": visible(page.text),
        "parts": json.dumps(_visible_parts(page), separators=(",", ":")),
        "runs_on": page.runs_on,
        "also": " ".join(form for form in forms if form.isalnum()),
        "broken": " ".join(form for form in forms if not form.isalnum()),
        "origin": page.origin,
        "confidence": page.confidence,
        "covered": min(page.covered, MOST_CHARACTERS),
    }


def visible(text: str) -> str:
    """Return a text without what is neither shown nor a part of a word."""
    return _INVISIBLE.sub("", text)


def _visible_parts(page: PageText) -> list[tuple[str, int, int]]:
    """Return the parts that aren't empty, as they stand in the text without its invisible characters."""
    left_out = [found.start() for found in _INVISIBLE.finditer(page.text)]
    moved = [
        (kind, start - bisect_left(left_out, start), end - bisect_left(left_out, end))
        for kind, start, end in page.parts
    ]
    return [part for part in moved if part[1] < part[2]]


def table_rows(version: str, document: str, text: ReadText) -> Iterator[Row]:
    """Yield a row for each table, counted anew on each page; its cells are a list of rows, in JSON."""
    on_page: Counter[int] = Counter()
    for table in text.tables:
        on_page[table.page] += 1
        rows = [list(map(visible, row)) for row in table.rows]
        cells = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        yield {
            "version": version,
            "page": table.page,
            "number": on_page[table.page],
            "document": document,
            "headers": table.headers,
            "rows": len(rows),
            "columns": len(rows[0]) if rows else 0,
            "cells": cells if len(cells) <= MOST_CELL_CHARACTERS else "[]",
        }


def entry_rows(version: str, document: str, text: ReadText) -> Iterator[Row]:
    """Yield a row for each section, in the order of the document."""
    for ordinal, entry in enumerate(text.outline, 1):
        yield {
            "version": version,
            "ordinal": ordinal,
            "document": document,
            "level": entry.level,
            "number": visible(entry.number),
            "title": visible(entry.title),
            "page": entry.page,
        }


def fact_rows(version: str, document: str, text: ReadText) -> Iterator[Row]:
    """Yield a row for each fact, in the order in which its reader gave them."""
    for ordinal, fact in enumerate(text.facts, 1):
        yield {
            "version": version,
            "ordinal": ordinal,
            "document": document,
            "name": visible(fact.name),
            "value": visible(fact.value),
            "page": fact.page,
        }
