"""The picture of a page and its words: /d/ID@TAIL/pN.png and .words.json; asked of the release first, each time.

What may not be shown, can't be had or can't be drawn has a name and a picture that says so, never an error.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from datasette.utils.asgi import NotFound, Response
from markupsafe import Markup

from archive.kept_pictures import DRAWN
from archive.mementos.stored_bytes import BytesNotHeld, NoBytes, read_capture
from archive.outcomes import OUTCOMES
from archive.research.documents import hex_digest, page_address
from archive.research.page_words import Box, PageWords, place_words
from archive.research.pictured import why_not_pictured
from archive.research.rows import Row
from archive.site.document_addresses import find, parse_address
from archive.site.elsewhere import show_elsewhere
from archive.site.pictures import COLUMN, SMALL, WIDTHS, NoPicture, PageOfFile
from archive.site.rendering import Site

_STATUS = {"picture-waits": 503}
_SAYS = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" width="612" height="396" viewBox="0 0 612 396" role="img">'
    '<rect width="612" height="396" fill="#f4f2ec"/>'
    '<text x="306" y="180" text-anchor="middle" font-family="sans-serif" font-size="20" fill="#1c2126">'
    "No picture of this page</text>"
    '<text x="306" y="212" text-anchor="middle" font-family="sans-serif" font-size="11" fill="#575f68">{}</text>'
    "</svg>\n"
)


@dataclass(frozen=True, slots=True)
class PagePicture:
    """What is known of a page's picture: where its words stand, or `why` there is none, by an outcome's name."""

    words: PageWords | None
    why: str = ""
    detail: str = ""

    @property
    def meaning(self) -> str:
        """Return why there is no picture, in a sentence for readers."""
        return meaning_of(self.why, self.detail) if self.why else ""


def meaning_of(outcome: str, detail: str = "") -> str:
    """Return what the name of a reason means, for readers; `detail` where it is none of ours."""
    known = OUTCOMES.get(outcome)
    return known.meaning if known else detail or "This server doesn't hold the bytes of the file."


def page_of_file(site: Site, version: Row, number: int) -> PageOfFile:
    """Return a page as it is drawn: its file's digest, and how the bytes are had."""
    folder, digest = site.folder, hex_digest(version["digest"])

    def load() -> bytes:
        if folder is None:
            raise BytesNotHeld("This server doesn't hold the bytes of captures.")
        return read_capture(folder, version["capture"], digest).body

    return PageOfFile(digest, number, load)


async def picture_of(site: Site, version: Row, page: Row, why: str, patience: float | None = None) -> PagePicture:
    """Return where the words of a page stand on its picture, or why there is none; `why` is the release's reason."""
    if why or site.pictures is None:
        return PagePicture(None, why or BytesNotHeld.name)
    try:
        told = await site.pictures.letters(page_of_file(site, version, page["number"]), patience)
    except NoPicture as none:
        return PagePicture(None, none.outcome, none.detail)
    except NoBytes as none:
        return PagePicture(None, none.name, str(none))
    return PagePicture(await asyncio.to_thread(place_words, page["text"], told))


async def show_picture(site: Site, request: Any) -> Response:
    """Answer /d/ID@TAIL/pN.png, `width=` one of WIDTHS, and /d/ID@TAIL/pN.words.json."""
    asked = parse_address(unquote(request.url_vars["rest"]))
    if asked is None or asked.page is None:
        raise NotFound("No such address")
    form = request.url_vars["form"]

    def question(connection: sqlite3.Connection) -> tuple[Row, str]:
        found = find(connection, asked)
        version = found.get("version")
        return found, why_not_pictured(connection, version, whole=site.working) if version else ""

    found, why = await site.read(question)
    if "redirect" in found:
        found["redirect"] += f".{form}"
    if elsewhere := await show_elsewhere(site, request, found):
        return elsewhere
    version, page = found["version"], found["page"]
    if form == "words.json":
        return await _words(site, version, page, await picture_of(site, version, page, why))
    width = _width(request.args.get("width") or "")
    if not width:
        told = f"Pictures are {', '.join(map(str, WIDTHS[:-1]))} or {WIDTHS[-1]} pixels wide."
        return Response.text(told, status=400)
    return await _picture(site, request, version, page["number"], width, why)


def _width(told: str) -> int:
    """Return how wide a picture is to be; 0 for what is no width that is drawn."""
    return next((one for one in WIDTHS if told == str(one)), 0) if told else COLUMN


async def _picture(site: Site, request: Any, version: Row, number: int, width: int, why: str) -> Response:
    tag = f'"{hex_digest(version["digest"])[:32]}-{number}-{width}-{DRAWN}"'
    if why or site.pictures is None:
        return _said(why or BytesNotHeld.name)
    if tag in request.headers.get("if-none-match", ""):
        return Response("", status=304, headers={"ETag": tag})
    try:
        png = await site.pictures.picture(page_of_file(site, version, number), width)
    except NoPicture as none:
        return _said(none.outcome)
    except NoBytes as none:
        return _said(none.name, str(none))
    return Sized(png, headers={"ETag": tag}, content_type="image/png")


class Sized(Response):  # type: ignore[misc]
    """An answer that says how many bytes it has."""

    async def asgi_send(self, send: Any) -> None:
        """Send it."""
        self.headers["content-length"] = str(len(self.body))
        await super().asgi_send(send)


def _said(outcome: str, detail: str = "") -> Response:
    """Return a picture that says in words why there is none."""
    headers = {"Oversight-Outcome": outcome} | ({"Retry-After": "5"} if outcome == "picture-waits" else {})
    body = _SAYS.format(meaning_of(outcome, detail))
    return Response(body, _STATUS.get(outcome, 404), headers, content_type="image/svg+xml; charset=utf-8")


async def _words(site: Site, version: Row, page: Row, picture: PagePicture) -> Response:
    if picture.words is None:
        status = _STATUS.get(picture.why, 404)
        told = {"ok": False, "status": status, "title": "No places", "error": picture.meaning, "outcome": picture.why}
        return await site.data(told, status)
    words = picture.words
    return await site.data(
        {
            "document": version["document"],
            "version": version["id"],
            "page": page["number"],
            "address": page_address(version, page["number"]),
            "unit": "points",
            "width": round(words.width, 2),
            "height": round(words.height, 2),
            "placed": words.placed,
            "words": [
                {"text": one.text, "start": one.start, "end": one.end, "boxes": _sides(one.boxes)}
                for one in words.words
            ],
        }
    )


def _sides(boxes: Iterable[Box]) -> list[list[float]]:
    return [[round(side, 2) for side in box] for box in boxes]


def small_picture(version: Row, number: int = 1) -> str:
    """Return the path of a page's small picture."""
    return f"{page_address(version, number)}.png?width={SMALL}"
