"""Which documents damage touches: looked up in a catalogue, by capture and by address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from archive.addresses import url_key
from archive.proof.damage import Damage

_OF_A_CAPTURE = """
SELECT document FROM versions WHERE capture = :capture
UNION SELECT document FROM versions WHERE digest = (SELECT content_digest FROM captures WHERE id = :capture)
UNION SELECT document FROM notices WHERE capture = :capture
UNION SELECT document FROM awards WHERE capture = :capture
UNION SELECT document FROM addresses WHERE url_key = (SELECT url_key FROM captures WHERE id = :capture)
"""


def with_documents(damages: Iterable[Damage], catalogue: sqlite3.Connection) -> list[Damage]:
    """Return each with the documents and the address of what it touches, as far as the catalogue knows them."""
    return [_looked_up(one, catalogue) for one in damages]


def _looked_up(one: Damage, catalogue: sqlite3.Connection) -> Damage:
    try:
        if one.capture and not one.documents:
            found = catalogue.execute(_OF_A_CAPTURE, {"capture": one.capture}).fetchall()
            url = catalogue.execute("SELECT url FROM captures WHERE id = ?", (one.capture,)).fetchone()
            one = replace(one, documents=tuple(row[0] for row in found), url=one.url or (str(url[0]) if url else ""))
        if one.url and not one.documents:
            ask = "SELECT DISTINCT document FROM addresses WHERE url_key = ?"
            found = catalogue.execute(ask, (url_key(one.url),)).fetchall()
            one = replace(one, documents=tuple(row[0] for row in found))
    except sqlite3.Error:  # a damaged catalogue, which is told by itself
        return one
    return one
