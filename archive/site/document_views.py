"""A document, one of its versions, or one page of it: as a page, as JSON and as plain text."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import NotFound, Response

from archive.research import documents
from archive.research.citing.gather import Teller, gather
from archive.research.on_day import is_day
from archive.research.pictured import why_not_given, why_not_pictured
from archive.research.quotations import parse_quotation
from archive.research.rows import Row
from archive.site.answering import error_page
from archive.site.citation_views import box_of, embedded_in
from archive.site.document_addresses import Asked, find, parse_address
from archive.site.document_facts import around, around_document, around_page
from archive.site.document_files import as_file
from archive.site.elsewhere import show_elsewhere
from archive.site.memento_views import links_of_document
from archive.site.page_facts import Sought, find_page, page_facts, read_sought
from archive.site.page_pictures import picture_of
from archive.site.page_svg import page_svg
from archive.site.pictures import LARGE, PATIENCE_OF_PAGES
from archive.site.rendering import Site


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
    sought = read_sought(request.args.get)
    accessed = datetime.now(UTC).date().isoformat()
    turned = (request.args.get("page") or "").strip()

    def question(connection: sqlite3.Connection) -> Row:
        if turned and asked.page is None and not asked.format:
            return _turned(connection, asked, turned)
        found = _look_up(connection, asked, sought, site.address, accessed)
        version = found.get("version")
        if version:
            found["unpictured"] = why_not_pictured(connection, version, whole=site.working)
            found["ungiven"] = why_not_given(connection, version, whole=site.working)
        return found

    found = await site.read(question)
    if elsewhere := await show_elsewhere(site, request, found):
        return elsewhere
    if asked.format:
        answer = await as_file(site, found, asked)
    elif asked.page is not None:
        answer = await _show_page(site, request, sought, found)
    else:
        answer = await site.page(request, "archive_document.html", query=sought.query,
                                 pictured=site.pictures is not None, **found)  # fmt: skip
    answer.headers.update(links_of_document(site, found["document"]))
    return answer


async def _show_page(site: Site, request: Any, sought: Sought, found: Row) -> Response:
    """Show a page, its picture beside its text."""
    version, page = found["version"], found["page"]
    drawn = await picture_of(site, version, page, found["unpictured"], PATIENCE_OF_PAGES)
    name, svg = f"Picture of page {page['number']}", None
    if drawn.words is not None:
        address = str(site.datasette.urls.path(f"{page['address']}.png"))
        svg = page_svg(drawn.words, found["marks"], address, name)
    return await site.page(request, "archive_page.html", query=sought.query, sought=sought, drawn=drawn, svg=svg,
                           large=f"{page['address']}.png?width={LARGE}", **found)  # fmt: skip


def _turned(connection: sqlite3.Connection, asked: Asked, named: str) -> Row:
    """Lead to a page that is asked for by its number, or by the number that is printed on it."""
    found = find(connection, asked)
    if not found.get("version"):
        return found
    address = find_page(connection, found["version"], named)
    if address:
        return {"redirect": address, "status": 302}
    version = {**found["version"], "address": documents.version_address(found["version"])}
    return {
        "missing": {
            "asked": asked.id,
            "tail": asked.tail,
            "page": named,
            "document": found["document"],
            "version": version,
        }
    }


def _look_up(connection: sqlite3.Connection, asked: Asked, sought: Sought, site_address: str, accessed: str) -> Row:
    """Return what a page needs, or what `find` says where there is none."""
    facts = find(connection, asked)
    if "document" not in facts:
        return facts
    document, version, page = facts["document"], facts["version"], facts["page"]
    if page is not None:
        facts |= page_facts(connection, version, page, sought, leads=not asked.format)
        if "redirect" in facts:
            return facts
    if page is not None and not asked.format:
        facts |= around_page(connection, document, version, page["number"])
    else:
        facts |= around(connection, document, version)
    if asked.page is None:
        facts |= around_document(connection, document, facts)
    if facts["page"]:
        number = facts["page"]["number"]
        facts["page"]["facts"] = [fact for fact in facts["facts"] if fact["page"] == number]
    teller = Teller("", site_address, accessed)
    quoted = parse_quotation(sought.quote, sought.after, sought.before) if facts.get("quotation") else None
    cited = gather(connection, teller, document, version, page, quoted)
    return facts | box_of(cited) | embedded_in(cited, facts)


def look_up(connection: sqlite3.Connection, named: str, site_address: str) -> Row:
    """Return all that the page of a document or a version shows; `named` is an id, or "id@tail". Raises KeyError."""
    asked = parse_address(named)
    if asked is None:
        raise KeyError(named)
    return _look_up(connection, asked, Sought(), site_address, "")
