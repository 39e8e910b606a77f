"""A document, one of its versions, or one page of it: as a page, as JSON and as plain text."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import NotFound, Response

from archive.research import page_parts
from archive.research.citing.gather import Teller, gather
from archive.research.marks import mark_page
from archive.research.on_day import is_day
from archive.research.query import parse_query
from archive.research.rows import Row
from archive.research.search import match_expression
from archive.research.story import read_story
from archive.site.answering import error_page
from archive.site.citation_views import box_of
from archive.site.document_addresses import Asked, find, parse_address
from archive.site.document_facts import around
from archive.site.document_files import as_file
from archive.site.elsewhere import show_elsewhere
from archive.site.memento_views import links_of_document
from archive.site.page_sheet import sheet_of
from archive.site.rendering import Site
from archive.site.story_picture import picture


async def show_document(site: Site, request: Any) -> Response:
    """Answer /d/ID, /d/ID@HASH and /d/ID@HASH/pN, each also with .json or .txt behind it; a page also with /tM.csv.

    `on=2018-01-26` leads to the version that was in force on that day.
    """
    on = (request.args.get("on") or "").strip()
    asked = parse_address(unquote(request.url_vars["rest"]), on)
    if asked is None:
        raise NotFound("No such address")
    if on and not is_day(on):
        return await error_page(site, request, 400, "No such day", "A day is asked for like this: on=2018-01-26.")
    query = (request.args.get("q") or "").strip()
    accessed = datetime.now(UTC).date().isoformat()
    found = await site.read(lambda connection: _look_up(connection, asked, query, site.address, accessed))
    if elsewhere := await show_elsewhere(site, request, found):
        return elsewhere
    if asked.format:
        answer = await as_file(site, found, asked)
    else:
        template = "archive_page.html" if asked.page is not None else "archive_document.html"
        answer = await site.page(request, template, query=query, **found)
    answer.headers.update(links_of_document(site, found["document"]))
    return answer


def _look_up(connection: sqlite3.Connection, asked: Asked, query: str, site_address: str, accessed: str) -> Row:
    """Return what a page needs, or what `find` says where there is none."""
    facts = find(connection, asked)
    if "document" not in facts:
        return facts
    document, version, page = facts["document"], facts["version"], facts["page"]
    if page is not None:
        parsed = parse_query(query)
        match = match_expression(connection, parsed) if query else ""
        facts["marks"] = mark_page(connection, page["id"], page["text"], parsed, match) if query else []
        facts["page"] = {
            **page_parts.with_parts(page),
            "tables": page_parts.read_tables(connection, version, page["number"]),
        }
        facts["sheet"] = sheet_of(facts["page"], facts["marks"])
    facts |= around(connection, document, version)
    if asked.page is None:
        facts["story"] = read_story(connection, document["id"])
        facts["story_picture"] = picture(facts["story"], document["title"] or document["id"])
    if facts["page"]:
        number = facts["page"]["number"]
        facts["page"]["facts"] = [fact for fact in facts["facts"] if fact["page"] == number]
    teller = Teller("", site_address, accessed)
    return facts | box_of(gather(connection, teller, document, version, page))


def look_up(connection: sqlite3.Connection, named: str, site_address: str) -> Row:
    """Return all that the page of a document or a version shows; `named` is an id, or "id@tail". Raises KeyError."""
    asked = parse_address(named)
    if asked is None:
        raise KeyError(named)
    return _look_up(connection, asked, "", site_address, "")
