"""Writes what is made of the texts of restricted versions, as far as it stands in what is published of them: the places
that an excerpt names, and where the quotations stand that are published."""

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


def put_restricted_quotations(source: sqlite3.Connection) -> None:
    """Write the quotations of versions in `restricted` that are among their published facts."""
    held = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'quotations'"
    if source.execute(held).fetchone() is None:
        return
    source.execute(
        "INSERT INTO release.quotations SELECT q.* FROM main.quotations AS q"
        " JOIN restricted ON restricted.id = q.version"
        " JOIN release.facts AS f ON f.version = q.version AND f.ordinal = q.ordinal AND f.value = q.words"
        " WHERE q.document NOT IN out_documents AND q.version NOT IN out_versions"
        " AND q.held_document NOT IN out_documents AND q.held_version NOT IN out_versions"
        " AND masked(q.words) = q.words ORDER BY q.version, q.ordinal"
    )
