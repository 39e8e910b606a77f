"""What versions were called before a newer reader read their bytes otherwise: names that were given out lead on."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict

from archive.page_keys import page_key
from archive.research.documents import hex_digest, list_versions
from archive.research.rows import Row, select, select_one

_HEX = re.compile(r"[0-9a-f]{4,64}")


def find_renamed(connection: sqlite3.Connection, document: str, tail: str) -> Row | None:
    """Return the version that was once called "document@tail"; None where none was, or the tail fits several."""
    if not _HEX.fullmatch(tail):
        return None
    # "A" is what comes after "@".
    found = select(connection, "SELECT * FROM aliases WHERE alias >= ?1 || '@' AND alias < ?1 || 'A'", (document,))
    names = {row["alias"].rpartition("@")[2]: row["version"] for row in found}
    if tail in names:
        fitting = {names[tail]}
    else:
        fitting = {version for name, version in names.items() if name.startswith(tail)}
        if any(hex_digest(one["digest"]).startswith(tail) for one in list_versions(connection, document)):
            return None
    if len(fitting) != 1:
        return None
    return select_one(connection, "SELECT * FROM versions WHERE id = ?", (fitting.pop(),))


def earlier_names(connection: sqlite3.Connection) -> dict[str, dict[str, dict[int, int]]]:
    """Return by version what it was called before; for each name the keys that its pages' rows had, with today's."""
    names: dict[str, dict[str, dict[int, int]]] = defaultdict(lambda: defaultdict(dict))
    if not connection.execute("SELECT 1 FROM pragma_table_info('aliases') WHERE name = 'version'").fetchone():
        return {}  # a release from before there were such names
    for alias, version, number, key in connection.execute(
        "SELECT a.alias, a.version, p.number, p.id FROM aliases AS a LEFT JOIN pages AS p ON p.version = a.version"
        " WHERE a.version <> '' ORDER BY a.alias, p.number"
    ):
        pages = names[version][alias]
        if number is not None:
            pages[page_key(alias, number)] = key
    return names


def find_row(connection: sqlite3.Connection, table: str, key: str) -> str | None:
    """Return the present key of a row of the table `versions` or `pages` that had another one before."""
    if table == "versions":
        document, _, tail = key.rpartition("@")
        renamed = find_renamed(connection, document, tail)
        return str(renamed["id"]) if renamed else None
    if table != "pages" or not re.fullmatch("[0-9]{1,16}", key):
        return None
    held = (pages for names in earlier_names(connection).values() for pages in names.values())
    return next((str(pages[int(key)]) for pages in held if int(key) in pages), None)
