"""The headers that a memento is sent with: the same ones every time, made of what was captured and of nothing else.

No header of a captured answer keeps its power: of the type the browser is told, of the others by another name only.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote

from archive.addresses import is_web_address, without_secrets
from archive.mementos.instants import http
from archive.mementos.stored_bytes import Given
from archive.mementos.timeline import Memento, in_path

Headers = list[tuple[str, str]]

# What a browser shows by itself without running anything once scripts are off. All else is a file to be saved: the
# viewer of PDFs is off in a sandbox, and outside of one a PDF's own actions may ask the live web.
SHOWN_TYPES = frozenset(
    {
        "text/html", "application/xhtml+xml", "text/plain", "text/css", "text/csv", "text/xml", "application/xml",
        "application/json", "application/atom+xml", "application/rss+xml", "image/png", "image/jpeg", "image/gif",
        "image/webp", "image/avif", "image/bmp", "image/svg+xml", "image/x-icon", "image/vnd.microsoft.icon",
    }
)  # fmt: skip
OTHER_TYPE = "application/octet-stream"
PREFIX = "X-Archive-Orig-"
# Never repeated, under whatever name: who gets a cookie, or a demand for a password, may heed it.
_LEFT_OUT = frozenset({"set-cookie", "set-cookie2", "cookie", "authorization", "proxy-authorization"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,59}")
_TYPE = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")
_MANY, _LONG, _TOGETHER = 40, 400, 2_500  # proxies keep some 4 KB for the headers of an answer


def media_type(memento: Memento, given: Given) -> str:
    """Return the type that a memento is sent as: the captured Content-Type letter for letter, if it is one line."""
    told = given.answer.header("Content-Type")
    if given.undecoded or not _TYPE.fullmatch(told):
        return OTHER_TYPE
    return told if memento.row["media_type"] else OTHER_TYPE


def is_shown(content_type: str) -> bool:
    """Tell whether a browser is to show this type, in a sandbox; else it is to save it."""
    return content_type.partition(";")[0].strip().lower() in SHOWN_TYPES


def status_of(memento: Memento, given: Given) -> int:
    """Return the status that a memento is sent with: as captured (RFC 7089 4.5.4, 4.5.5); "not modified" as whole."""
    return given.answer.status if memento.row["status"] == 304 else int(memento.row["status"])


def headers_of(memento: Memento, given: Given, status: int) -> Headers:
    """Return what a memento says of itself. Where a redirect led stands as a path of the same origin."""
    told = media_type(memento, given)
    headers = [
        ("Content-Type", told),
        ("Memento-Datetime", http(memento.at)),
        ("ETag", etag_of(memento)),
        ("Repr-Digest", f"sha-256=:{_base64(memento.row['content_digest'])}:"),
        ("X-Archive-Capture", memento.capture),
    ]
    if memento.row["sample"]:
        headers.append(("X-Archive-Sample", "written for a demonstration, not by whom it names"))
    if memento.row["truncated"]:
        headers.append(("X-Archive-Truncated", memento.row["truncated"]))
    if not is_shown(told):
        headers.append(("Content-Disposition", f'attachment; filename="{file_name(memento.url)}"'))
    location = memento.row["location"]
    if 300 <= status < 400 and is_web_address(location):
        stamp = "".join(character for character in memento.at if character.isdigit())
        headers.append(("Location", f"/web/{stamp}/{in_path(location)}"))
    return headers + _originals(given.answer.headers)


def etag_of(memento: Memento) -> str:
    """Return the entity tag of a memento."""
    return f'"{memento.capture}-{memento.row["content_digest"][:16]}"'


def file_name(url: str) -> str:
    """Return the name under which what stood at an address is saved: its last part, in letters that are safe."""
    last = unquote(url.partition("?")[0].rstrip("/").rpartition("/")[2])
    return re.sub(r"[^A-Za-z0-9._-]+", "-", last).strip(".-")[:80] or "capture"


def _originals(captured: tuple[tuple[str, str], ...]) -> Headers:
    """Return the captured headers under other names, as far as they fit; how many don't is told."""
    kept: dict[str, str] = {}
    left_out = size = 0
    for name, value in captured:
        if name.lower() in _LEFT_OUT:
            continue
        told, said = PREFIX + "-".join(part.capitalize() for part in name.split("-")), _harmless(value)
        size += len(told + said)
        if not _NAME.fullmatch(name) or len(kept) >= _MANY or len(said) > _LONG or size > _TOGETHER:
            size -= len(told + said)
            left_out += 1
        else:  # a name that comes again is one list (RFC 9110 5.3)
            kept[told] = f"{kept[told]}, {said}" if told in kept else said
    return [*kept.items(), *([(f"{PREFIX}Left-Out", str(left_out))] if left_out else [])]


def _harmless(value: str) -> str:
    """Return a captured value in visible ASCII; everything else is percent-encoded, line ends first of all."""
    return "".join(one if " " <= one <= "~" else f"%{ord(one):02X}" for one in without_secrets(value))


def _base64(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()
