"""What is cited, in every style, and as files for reference managers; and the box of it that pages have."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from archive.research.citing.embedded import linked_data, meta_tags
from archive.research.citing.files import bibtex, csl_json, key_of, ris
from archive.research.citing.forms import TITLES, all_styles, as_data
from archive.research.citing.gather import Teller, gather
from archive.research.citing.item import Cited
from archive.research.citing.styles import BY_NAME, cite_in
from archive.research.citing.wikitext import wikitext
from archive.research.quotations import Quoted, parse_quotation
from archive.research.rows import Row
from archive.site.document_addresses import find, parse_address
from archive.site.elsewhere import show_elsewhere
from archive.site.rendering import Site

# The media types are those that reference managers register for themselves.
_FILES = {
    ".bib": (bibtex, "application/x-bibtex; charset=utf-8"),
    ".ris": (ris, "application/x-research-info-systems; charset=utf-8"),
    ".csl.json": (csl_json, "application/vnd.citationstyles.csl+json; charset=utf-8"),
}


async def show_citations(site: Site, request: Any) -> Response:
    """Answer /d/ID[@TAIL][/pN] with /cite, .citations.json, .bib, .ris or .csl.json behind it; also with quote=."""
    ending = request.url_vars["ending"]
    asked = parse_address(unquote(request.url_vars["rest"]))
    if asked is None or asked.format:
        raise NotFound("No such address")
    asked = replace(asked, format=ending, rest=asked.rest + ending)
    quoted = quoted_in(request)

    def question(connection: sqlite3.Connection) -> Row:
        found = find(connection, asked)
        if "document" in found:
            found["cited"] = cited_of(connection, site, found, quoted)
        return found

    found = await site.read(question)
    if elsewhere := await show_elsewhere(site, request, found):
        return elsewhere
    cited: Cited = found["cited"]
    if ending == ".citations.json":
        return await site.data(as_data(cited))
    if ending in _FILES:
        return _file(cited, ending)
    return await site.page(request, "archive_citations.html", **found, **box_of(cited), **_every_form(cited))


def _file(cited: Cited, ending: str) -> Response:
    write, media_type = _FILES[ending]
    name = f"{key_of(cited)[:100]}{ending}"
    return Response(
        write(cited), headers={"content-disposition": f'attachment; filename="{name}"'}, content_type=media_type
    )


def _every_form(cited: Cited) -> Row:
    return {
        "styles": all_styles(cited),
        "texts": {
            "wikipedia": wikitext(cited),
            "bibtex": bibtex(cited),
            "ris": ris(cited),
            "csl-json": csl_json(cited),
        },
        "titles": TITLES,
        "files": {"bibtex": ".bib", "ris": ".ris", "csl-json": ".csl.json"},
    }


def quoted_in(request: Any) -> Quoted | None:
    """Return the quotation that a request names, None where it names none."""
    words = {name: (request.args.get(name) or "").strip() for name in ("quote", "after", "before")}
    return parse_quotation(words["quote"], words["after"], words["before"]) if words["quote"] else None


def cited_of(connection: sqlite3.Connection, site: Site, found: Row, quoted: Quoted | None = None) -> Cited:
    """Return what is cited at an address that was found."""
    teller = Teller(site.about.name, site.address, datetime.now(UTC).date().isoformat())
    return gather(connection, teller, found["document"], found["version"], found["page"], quoted)


def box_of(cited: Cited) -> Row:
    """Return what the box of a page shows: the plain citation, the Bluebook's, and where the others are.

    The other styles cost a tenth of a second, so they stand on a page of their own.
    """
    path, _, query = cited.path.partition("?")
    return {
        "citation": cited.plain,
        "bluebook": cite_in(BY_NAME["bluebook"], cited),
        "citing": {"path": path, "query": f"?{query}" if query else ""},
    }


def embedded_in(cited: Cited, found: Row) -> Row:
    """Return what the head of a page says to programs; every sign that could end the script is written otherwise."""
    linked = Markup(linked_data(cited, found))  # noqa: S704
    return {"embedded": {"meta": meta_tags(cited, found["version"]), "linked": linked}}
