"""A version's file, byte for byte: /d/ID@TAIL.pdf, where a release lets it be given; to be saved, not shown.

It is what was captured, so it runs nothing and loads nothing in our name: a sandbox without an origin, and no sniffing.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import unicodedata
from typing import Any
from urllib.parse import quote, unquote

from datasette.utils.asgi import NotFound, Response

from archive.mementos.stored_bytes import BytesNotHeld, NoBytes, read_capture
from archive.research.documents import hex_digest, version_address, version_tail
from archive.research.pictured import why_not_given
from archive.research.rows import Row
from archive.site.answering import error_page
from archive.site.document_addresses import find, parse_address
from archive.site.elsewhere import show_elsewhere
from archive.site.page_pictures import meaning_of
from archive.site.rendering import Site
from archive.site.replaying import Sent, ranged

POLICY = "sandbox; default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
LONGEST_NAME = 120


async def give_file(site: Site, request: Any) -> Response | Sent:
    """Answer /d/ID@TAIL.pdf with the exact bytes, /d/ID.pdf by leading to those of the newest version."""
    asked = parse_address(unquote(request.url_vars["rest"]))
    if asked is None or asked.page is not None or asked.format:
        raise NotFound("No such address")

    def question(connection: sqlite3.Connection) -> tuple[Row, str]:
        found = find(connection, asked)
        version = found.get("version")
        return found, why_not_given(connection, version, whole=site.working) if version else ""

    found, why = await site.read(question)
    if "redirect" in found:
        found["redirect"] += ".pdf"
    if elsewhere := await show_elsewhere(site, request, found):
        return elsewhere
    version = found["version"]
    if version is None or why:
        return await _refused(site, request, why or "not-held")
    if not asked.tail:
        return site.redirect(f"{version_address(version)}.pdf")
    tag = f'"{hex_digest(version["digest"])}"'
    if tag in request.headers.get("if-none-match", ""):
        return Response("", status=304, headers={"ETag": tag})
    try:
        body = await asyncio.to_thread(_bytes, site, version)
    except NoBytes as none:
        return await _refused(site, request, none.name, str(none))
    headers = [
        ("Content-Type", "application/pdf"),
        ("Content-Disposition", disposition(found["document"], version)),
        ("Content-Security-Policy", POLICY),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Robots-Tag", "noindex"),
        ("ETag", tag),
    ]
    return ranged(headers, body, lambda name: str(request.headers.get(name, "")), tag)


def _bytes(site: Site, version: Row) -> bytes:
    if site.folder is None:
        raise BytesNotHeld("This server doesn't hold the bytes of the file.")
    return read_capture(site.folder, version["capture"], hex_digest(version["digest"])).body


async def _refused(site: Site, request: Any, outcome: str, detail: str = "") -> Response:
    answer = await error_page(site, request, 404, "The file isn't given here", meaning_of(outcome, detail))
    answer.headers["Oversight-Outcome"] = outcome
    return answer


def disposition(document: Row, version: Row) -> str:
    """Return how a file is named when it is saved (RFC 6266): by number and title, and by its digest.

    The plain name is made of the document's id, which has no other characters than file names may have.
    """
    tail = version_tail(version)
    title = version["title"] or document["title"] or ""
    told = title if document["number"] in title else f"{document['number']} {title}"
    name = f"{_file_name(told) or document['id'][:LONGEST_NAME]} ({tail}).pdf"
    plain = f"{re.sub(r'[^a-z0-9-]+', '-', document['id'])[:LONGEST_NAME]}-{tail}.pdf"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _file_name(words: str) -> str:
    """Return words as they may stand in a file's name on any system: no paths, no signs that steer, no dot in front."""
    seen = "".join(
        one if unicodedata.category(one)[0] in "LNMPSZ" and one not in '/\\:*?"<>|' else "-" for one in words
    )
    return " ".join(seen.split())[:LONGEST_NAME].strip(" .-~")
