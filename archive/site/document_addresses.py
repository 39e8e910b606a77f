"""Addresses under /d/: taken apart, and looked up, until it is known what stands there or why nothing does."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from archive.research import documents
from archive.research.on_day import on_day
from archive.research.renamed import find_renamed
from archive.research.rows import Row
from archive.research.withdrawn import gone_version
from archive.site.elsewhere import other_id

_ADDRESS = re.compile(
    r"(?P<id>[^@/]{1,300}?)(@(?P<tail>[^/.]{1,64}))?(/p(?P<page>[0-9]{1,7}))?"
    r"(?P<format>\.json|\.txt|/t(?P<table>[0-9]{1,5})\.csv)?"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An address taken apart; `rest` is what followed the id, `format` what followed document, version and page.

    `on` is the day on which it is asked what stood there; "" for today.
    """

    id: str
    tail: str
    page: int | None
    table: int | None
    format: str
    rest: str
    on: str


def parse_address(rest: str, on: str = "") -> Asked | None:
    """Take apart what follows /d/; None for what is no address."""
    found = _ADDRESS.fullmatch(rest.rstrip("/"))
    if found is None or not rest.isprintable():
        return None
    page = int(found["page"]) if found["page"] else None
    table = int(found["table"]) if found["table"] else None
    if table is not None and page is None:
        return None
    tail = (found["tail"] or "").lower()
    return Asked(found["id"], tail, page, table, found["format"] or "", rest[found.end("id") :], on)


def find(connection: sqlite3.Connection, asked: Asked) -> Row:  # noqa: PLR0911 (one for each way an address fails)
    """Return what stands at an address: `document`, `version` and `page` (None where there is none, or none was asked
    for), `tail` and `on` as they were asked.

    Else `redirect` (with `status`) or `several` for an old id; `gone`, the withdrawal that took out what stood there;
    or `missing`, what there is of it.
    """
    document = documents.find_document(connection, asked.id)
    if document is None:
        return _other_id(connection, asked)
    day = on_day(connection, document["id"], asked.on) if asked.on else None
    if day and not asked.tail:
        return _on_day(document, asked, day)
    version = documents.find_version(connection, document, asked.tail)
    if version is None and (asked.tail or asked.page is not None):
        return _no_version(connection, document, asked)
    found: Row = {"document": document, "version": version, "page": None, "tail": asked.tail, "on": day}
    if asked.page is None or version is None:
        return found
    if not asked.tail:
        return {"redirect": documents.page_address(version, asked.page) + asked.format, "status": 302}
    page = documents.read_page(connection, version, asked.page)
    if page is None:
        return _missing(asked, document=document, version={**version, "address": documents.version_address(version)})
    return {**found, "page": page}


def _on_day(document: Row, asked: Asked, day: Row) -> Row:
    """Lead to what stood on a day, in the form that was asked for; say so where nothing was held by then."""
    if day["version"] is None:
        return _missing(asked, document=document, on=day)
    page = f"/p{asked.page}" if asked.page is not None else ""
    return {"redirect": day["address"] + page + asked.format, "status": 302}


def _no_version(connection: sqlite3.Connection, document: Row, asked: Asked) -> Row:
    if renamed := find_renamed(connection, asked.id, asked.tail):
        return {"redirect": _renamed_address(connection, renamed, asked), "status": 301}
    gone = gone_version(connection, document["id"], asked.tail)
    return {"gone": gone} if gone else _missing(asked, document=document)


def _missing(asked: Asked, **held: Row) -> Row:
    return {"missing": {"asked": asked.id, "tail": asked.tail, "page": asked.page, **held}}


def _renamed_address(connection: sqlite3.Connection, version: Row, asked: Asked) -> str:
    """Return what was asked for, under a version's present name: its page, or the version where that is no more."""
    if asked.page is None:
        return documents.version_address(version) + asked.format
    if documents.read_page(connection, version, asked.page):
        return documents.page_address(version, asked.page) + asked.format
    return documents.version_address(version) + (asked.format if asked.table is None else "")


def _other_id(connection: sqlite3.Connection, asked: Asked) -> Row:
    if renamed := find_renamed(connection, asked.id, asked.tail):
        return {"redirect": _renamed_address(connection, renamed, asked), "status": 301}
    return other_id(connection, asked.id, asked.rest)
