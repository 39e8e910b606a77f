"""Says of a document what its released versions say, where others of its versions are left out."""

from __future__ import annotations

import sqlite3
from typing import Any

from archive.release.restricting import insert, rows

_DATES = {"published": ("published",), "posted": ("posted", "created", "updated", "modified")}


def put_mended(source: sqlite3.Connection) -> None:
    """Write each document of the connection's table `mended`: as its newest released version has it.

    Rows are written once, whole: a row that is changed may leave its former words in the file.
    """
    for document in rows(source, "SELECT * FROM main.documents WHERE id IN mended ORDER BY id"):
        released = rows(
            source, "SELECT * FROM release.versions WHERE document = ? ORDER BY ordinal DESC", document["id"]
        )
        if released:
            dates = rows(source, "SELECT * FROM release.dates WHERE document = ? ORDER BY value", document["id"])
            insert(source, "documents", [_mended(document, released, dates)])


def _mended(document: dict[str, Any], released: list[dict[str, Any]], dates: list[dict[str, Any]]) -> dict[str, Any]:
    newest = released[0]
    mended = {
        **document,
        **{name: newest[name] for name in ("title", "pages", "url")},
        "newest_version": newest["id"],
        "versions": len(released),
        "first_seen": min(one["first_seen"] for one in released),
        "last_seen": max(one["last_seen"] for one in released),
    }
    for name, roles in _DATES.items():
        if document[name] not in {date["value"] for date in dates}:
            mended |= _date(name, [date for role in roles for date in dates if date["role"] == role], newest["id"])
    return mended


def _date(name: str, dates: list[dict[str, Any]], newest: str) -> dict[str, Any]:
    """Return a date's columns, from what the newest version says; no date where it says none."""
    found = next((date for date in dates if date["version"] == newest), {})
    return {
        name: found.get("value"),
        f"{name}_precision": found.get("precision"),
        f"{name}_words": found.get("words"),
    }
