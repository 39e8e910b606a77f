"""Writes which places are named in what is published of restricted versions: of excerpts, not of whole articles."""

from __future__ import annotations

import sqlite3


def put_restricted_places(source: sqlite3.Connection) -> None:
    """Write the places whose words stand in the published text of the pages of versions in `restricted`."""
    held = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'page_places'"
    if source.execute(held).fetchone() is None:
        return  # an older release, from before there was such a table
    source.execute(
        "INSERT INTO release.page_places SELECT p.* FROM main.page_places AS p"
        " JOIN restricted ON restricted.id = p.version"
        " JOIN release.pages AS shown ON shown.version = p.version AND shown.number = p.page"
        " WHERE instr(shown.text, p.words) ORDER BY p.version, p.page, p.place"
    )
    source.execute(
        "INSERT INTO release.places SELECT * FROM main.places WHERE id IN (SELECT place FROM release.page_places)"
        " AND id NOT IN (SELECT id FROM release.places) ORDER BY id"
    )
