"""A document, one of its versions, or one page of it: as a page, as JSON and as plain text."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import NotFound, Response

from archive.mementos.timeline import exact_path, mementos_of_version
from archive.research import documents, page_parts
from archive.research.citation import cite
from archive.research.compared import kept_comparisons
from archive.research.marks import mark_page
from archive.research.on_day import is_day, on_day
from archive.research.query import parse_query
from archive.research.renamed import find_renamed
from archive.research.rows import Row
from archive.research.search import match_expression
from archive.research.story import read_story
from archive.research.withdrawn import gone_version
from archive.site.answering import error_page
from archive.site.elsewhere import other_id, show_elsewhere
from archive.site.fact_words import told_of
from archive.site.memento_views import links_of_document
from archive.site.page_sheet import sheet_of
from archive.site.rendering import Site
from archive.site.story_picture import picture
from archive.table_csv import table_csv

_ADDRESS = re.compile(
    r"(?P<id>[^@/]{1,300}?)(@(?P<tail>[^/.]{1,64}))?(/p(?P<page>[0-9]{1,7}))?"
    r"(?P<format>\.json|\.txt|/t(?P<table>[0-9]{1,5})\.csv)?"
)


@dataclass(frozen=True, slots=True)
class _Asked:
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


async def show_document(site: Site, request: Any) -> Response:
    """Answer /d/ID, /d/ID@HASH and /d/ID@HASH/pN, each also with .json or .txt behind it; a page also with /tM.csv.

    `on=2018-01-26` leads to the version that was in force on that day.
    """
    on = (request.args.get("on") or "").strip()
    asked = _parse(unquote(request.url_vars["rest"]), on)
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
        answer = await _as_file(site, found, asked)
    else:
        template = "archive_page.html" if asked.page is not None else "archive_document.html"
        answer = await site.page(request, template, query=query, **found)
    answer.headers.update(links_of_document(site, found["document"]))
    return answer


async def _as_file(site: Site, found: Row, asked: _Asked) -> Response:
    """Return what was found as a program takes it: JSON, plain text, or a table as CSV."""
    if asked.table is not None:
        return _as_csv(found, asked.table, sample=await site.read(documents.is_sample))
    if asked.format == ".json":
        return await site.data(_as_data(found))
    texts = await site.read(lambda connection: _texts(connection, found))
    return Response.text(_as_text(found, texts))


def _parse(rest: str, on: str) -> _Asked | None:
    found = _ADDRESS.fullmatch(rest.rstrip("/"))
    if found is None or not rest.isprintable():
        return None
    page = int(found["page"]) if found["page"] else None
    table = int(found["table"]) if found["table"] else None
    if table is not None and page is None:
        return None
    tail = (found["tail"] or "").lower()
    return _Asked(found["id"], tail, page, table, found["format"] or "", rest[found.end("id") :], on)


def _look_up(connection: sqlite3.Connection, asked: _Asked, query: str, site_address: str, accessed: str) -> Row:
    """Return what a page needs; `missing`, what there is of it, else; `redirect` or `several` for an old id.

    `gone` is the withdrawal that took out what stood there.
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
    if asked.page is not None and version is not None and not asked.tail:
        return {"redirect": documents.page_address(version, asked.page) + asked.format, "status": 302}
    facts: Row = {"document": document, "version": version, "page": None, "tail": asked.tail, "on": day}
    if asked.page is not None and version is not None:
        page = documents.read_page(connection, version, asked.page)
        if page is None:
            address = documents.version_address(version)
            return _missing(asked, document=document, version={**version, "address": address})
        parsed = parse_query(query)
        match = match_expression(connection, parsed) if query else ""
        facts["marks"] = mark_page(connection, page["id"], page["text"], parsed, match) if query else []
        facts["page"] = {
            **page_parts.with_parts(page),
            "tables": page_parts.read_tables(connection, version, page["number"]),
        }
        facts["sheet"] = sheet_of(facts["page"], facts["marks"])
    facts |= _around(connection, document, version)
    if asked.page is None:
        facts["story"] = read_story(connection, document["id"])
        facts["story_picture"] = picture(facts["story"], document["title"] or document["id"])
    if facts["page"]:
        number = facts["page"]["number"]
        facts["page"]["facts"] = [fact for fact in facts["facts"] if fact["page"] == number]
    facts["citation"] = cite(
        document,
        version,
        page=asked.page,
        label=facts["page"]["label"] if facts["page"] else "",
        outlet=facts["article"]["outlet"] if facts["article"] else "",
        site=site_address,
        accessed=accessed,
        sample=documents.is_sample(connection),
    )
    return facts


def _on_day(document: Row, asked: _Asked, day: Row) -> Row:
    """Lead to what stood on a day, in the form that was asked for; say so where nothing was held by then."""
    if day["version"] is None:
        return _missing(asked, document=document, on=day)
    page = f"/p{asked.page}" if asked.page is not None else ""
    return {"redirect": day["address"] + page + asked.format, "status": 302}


def _no_version(connection: sqlite3.Connection, document: Row, asked: _Asked) -> Row:
    if renamed := find_renamed(connection, asked.id, asked.tail):
        return {"redirect": _renamed_address(connection, renamed, asked), "status": 301}
    gone = gone_version(connection, document["id"], asked.tail)
    return {"gone": gone} if gone else _missing(asked, document=document)


def _missing(asked: _Asked, **held: Row) -> Row:
    return {"missing": {"asked": asked.id, "tail": asked.tail, "page": asked.page, **held}}


def _renamed_address(connection: sqlite3.Connection, version: Row, asked: _Asked) -> str:
    """Return what was asked for, under a version's present name: its page, or the version where that is no more."""
    if asked.page is None:
        return documents.version_address(version) + asked.format
    if documents.read_page(connection, version, asked.page):
        return documents.page_address(version, asked.page) + asked.format
    return documents.version_address(version) + (asked.format if asked.table is None else "")


def _other_id(connection: sqlite3.Connection, asked: _Asked) -> Row:
    if renamed := find_renamed(connection, asked.id, asked.tail):
        return {"redirect": _renamed_address(connection, renamed, asked), "status": 301}
    return other_id(connection, asked.id, asked.rest)


def _around(connection: sqlite3.Connection, document: Row, version: Row | None) -> Row:
    """Return all that hangs on a document and one version of it; `labels` are printed page numbers that differ."""
    notices = documents.list_notices(connection, document["id"])
    shown = [notice for notice in notices if version and notice["version"] == version["id"]]
    awards = documents.list_awards(connection, document["id"])
    pages = documents.list_pages(connection, version) if version else []
    return {
        "versions": _versions(connection, document["id"]),
        "pages": pages,
        "labels": {one["number"]: one["label"] for one in pages if one["label"] not in ("", str(one["number"]))},
        "refers_to": documents.references_from(connection, version) if version else [],
        "referred_by": documents.references_to(connection, document["id"]),
        "identifiers": documents.list_identifiers(connection, document["id"]),
        "dates": documents.list_dates(connection, version) if version else [],
        "listings": documents.list_listings(connection, document["id"]),
        "addresses": documents.list_addresses(connection, document["id"]),
        "notice": shown[0] if shown else None,
        "changes": documents.notice_changes(notices),
        "award": next((award for award in awards if version and award["version"] == version["id"]), None),
        "actions": [award for award in awards if award["modification"]],
        "article": documents.find_article(connection, version) if version else None,
        "captures": _captures(connection, version),
        **_found_in(connection, version),
    }


def _captures(connection: sqlite3.Connection, version: Row | None) -> list[Row]:
    """Return the captures of a version that are shown, each with the path of the page around it."""
    found = mementos_of_version(connection, version) if version else []
    return [{"at": one.at, "url": one.url, "capture": one.capture, "address": exact_path(one),
             "provenance": one.row["provenance"]} for one in found]  # fmt: skip


def _versions(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return a document's versions, newest first, each with the `change` that it made of the one before it."""
    kept = kept_comparisons(connection, document)
    return [{**one, "change": kept.get(one["id"])} for one in documents.list_versions(connection, document)]


def _found_in(connection: sqlite3.Connection, version: Row | None) -> Row:
    """Return what a reader found in a version beside its text."""
    if version is None:
        return {"tables": [], "outline": [], "facts": [], "metadata": {}, "said": [], "in_file": []}
    facts = page_parts.list_facts(connection, version)
    said, in_file = told_of(facts)
    return {
        "tables": page_parts.list_tables(connection, version),
        "outline": page_parts.list_outline(connection, version),
        "facts": facts,
        "metadata": page_parts.file_metadata(connection, version),
        "said": said,
        "in_file": in_file,
    }


def _as_data(found: Row) -> Row:
    document, version, page = found["document"], found["version"], found["page"]
    names = ["versions", "pages", "refers_to", "referred_by", "identifiers", "dates", "listings", "addresses",
             "notice", "changes", "award", "actions", "article", "tables", "outline", "facts",
             "metadata", "captures"]  # fmt: skip
    shown = {name: value for name, value in page.items() if name != "id"} if page else None
    if "story" in found:
        names.append("story")
    return {
        **document,
        "identifier": document["number"],
        "address": documents.document_address(document["id"]),
        "citation": found["citation"],
        "version": {**version, "sha256": documents.hex_digest(version["digest"])} if version else None,
        "page": shown,
        "newest_version": document["newest_version"],
        **({"on": found["on"]} if found["on"] else {}),
        **{name: found[name] for name in names},
        "pages_count": document["pages"],
    }


def _as_csv(found: Row, number: int, *, sample: bool) -> Response:
    """Return a page's table as a file to be saved. Raises NotFound where there is none, or it wasn't kept."""
    page = found["page"]
    table = next((one for one in page["tables"] if one["number"] == number and one["cells"]), None)
    if table is None:
        raise NotFound("No such table")
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{found['document']['id'][:100]}-page-{page['number']}-table-{number}")
    head = "present" if table["headers"] else "absent"
    return Response(
        table_csv(table["cells"]),
        headers={"content-disposition": f'attachment; filename="{"sample-" if sample else ""}{name}.csv"'},
        content_type=f"text/csv; charset=utf-8; header={head}",
    )


def _texts(connection: sqlite3.Connection, found: Row) -> list[Row]:
    if found["page"]:
        return [found["page"]]
    return documents.read_pages(connection, found["version"]) if found["version"] else []


def _as_text(found: Row, pages: list[Row]) -> str:
    """Return the citation, and then each page's text under a line with its number."""
    parts = [found["citation"] + "\n"]
    for page in pages:
        text = page["text"] or f"[no text: {page['outcome']}]"
        parts.append(f"\n----- page {page['number']} -----\n\n{text}\n")
    return "".join(parts)


def look_up(connection: sqlite3.Connection, named: str, site_address: str) -> Row:
    """Return all that the page of a document or a version shows; `named` is an id, or "id@tail". Raises KeyError."""
    asked = _parse(named, "")
    if asked is None:
        raise KeyError(named)
    return _look_up(connection, asked, "", site_address, "")
