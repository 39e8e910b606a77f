"""What a version's pages are made of: parts, running text, tables, outline and facts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from archive.research.documents import page_address
from archive.research.rows import Row, select, select_one
from archive.running_text import RunningText, running_text


class HeldPage(NamedTuple):
    """A page as its running text is made of it; `parts` are (kind, start, end)."""

    number: int
    text: str
    parts: list[tuple[str, int, int]]
    runs_on: str


def with_parts(page: Row) -> Row:
    """Return a page's row with its parts as a list of `kind`, `start`, `end`, and all other forms of its words."""
    parts = [{"kind": kind, "start": start, "end": end} for kind, start, end in json.loads(page["parts"])]
    also = f"{page['also']} {page['broken']}".split()
    return {**{name: value for name, value in page.items() if name != "broken"}, "parts": parts, "also": also}


def running_text_of(pages: Iterable[Row]) -> RunningText:
    """Return the running text of pages as `with_parts` gives them."""
    return running_text(
        HeldPage(
            page["number"],
            page["text"],
            [(part["kind"], part["start"], part["end"]) for part in page["parts"]],
            page["runs_on"],
        )
        for page in pages
    )


def list_tables(connection: sqlite3.Connection, version: Row) -> list[Row]:
    """Return where a version has tables, and how large they are, each with the `address` of its CSV."""
    found = select(
        connection,
        'SELECT page, number, headers, "rows", "columns" FROM page_tables WHERE version = ? ORDER BY page, number',
        (version["id"],),
    )
    return [{**table, "address": table_address(version, table)} for table in found]


def read_tables(connection: sqlite3.Connection, version: Row, page: int | None = None) -> list[Row]:
    """Return the tables of a version, or of one page of it, with their `cells`: a list of rows of texts.

    Of a table that was too large to be kept, `rows` tells how many there are, and `cells` is empty.
    """
    found = select(
        connection,
        'SELECT page, number, headers, "rows", "columns", cells FROM page_tables '
        "WHERE version = ?1 AND (?2 IS NULL OR page = ?2) ORDER BY page, number",
        (version["id"], page),
    )
    return [{**table, "address": table_address(version, table), "cells": json.loads(table["cells"])} for table in found]


def table_address(version: Row, table: Row) -> str:
    """Return the path of a table as CSV, for good."""
    return f"{page_address(version, table['page'])}/t{table['number']}.csv"


def list_outline(connection: sqlite3.Connection, version: Row) -> list[Row]:
    """Return the sections of a version in order: level, number, title, page."""
    return select(
        connection,
        "SELECT level, number, title, page FROM outline WHERE version = ? ORDER BY ordinal",
        (version["id"],),
    )


def list_facts(connection: sqlite3.Connection, version: Row) -> list[Row]:
    """Return what a version says of itself, and what was found in it: name, value, page (0 where on none)."""
    return select(
        connection, "SELECT name, value, page FROM facts WHERE version = ? ORDER BY ordinal", (version["id"],)
    )


def file_metadata(connection: sqlite3.Connection, version: Row) -> dict[str, str]:
    """Return what a version's file says of itself by name (Title, Producer, …); nothing for what isn't a file.

    A release has no readings.
    """
    if not select(connection, "SELECT 1 FROM sqlite_master WHERE name = 'readings'"):
        return {}
    found = select_one(
        connection,
        "SELECT r.metadata FROM captures AS c JOIN readings AS r ON r.digest = c.content_digest WHERE c.id = ?",
        (version["capture"],),
    )
    return dict(json.loads(found["metadata"])) if found else {}
