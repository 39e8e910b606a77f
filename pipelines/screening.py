"""Says what a response's bytes are, and whether they may be read as what was asked for; it parses nothing.

Everything here runs before any parser and in time linear in the body, since the body may be hostile.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection
from typing import NamedTuple, TypeVar

from pipelines.markup import hostile_markup
from pipelines.refusals import find_refusal

KINDS = frozenset({"pdf", "html", "json", "csv", "xml", "zip", "gzip", "office", "image", "text", "empty", "unknown"})

_Callback = TypeVar("_Callback", bound=Callable[..., object])


def accepts(*kinds: str) -> Callable[[_Callback], _Callback]:
    """Mark a spider's callback with the kinds of body that it can read (its attribute `accepted`).

    Raises ValueError for a kind that content_kind never gives.
    """
    if unknown := set(kinds) - KINDS:
        raise ValueError(f"no such kind of content: {sorted(unknown)}; choose from {sorted(KINDS)}")

    def mark(callback: _Callback) -> _Callback:
        callback.accepted = frozenset(kinds)  # type: ignore[attr-defined]
        return callback

    return mark


class Screened(NamedTuple):
    """Why a response is not read: `outcome` is a name from archive/outcomes.py."""

    outcome: str
    detail: str


def screen(status: int, media_type: str, body: bytes, accepted: Collection[str]) -> Screened | None:
    """Return why this response is not to be read as what was asked for, or None where it may be.

    `accepted` are the kinds that the callback reads; an empty one takes every kind. `media_type` is only
    quoted: the bytes decide. A status other than 2xx has an outcome of its own; there, only a bot wall is
    looked for.
    """
    kind = content_kind(body)
    refusal = find_refusal(kind, body)
    if not 200 <= status < 300:
        is_wall = status >= 400 and refusal and refusal.outcome == "bot-wall"
        return Screened(*refusal) if refusal and is_wall else None
    if kind == "empty":
        return Screened("empty-body", f"{len(body)} bytes")
    if refusal:
        return Screened(*refusal)
    if accepted and kind not in accepted:
        told = f" (the server says {media_type[:80]})" if media_type else ""
        return Screened("wrong-media-type", f"{kind}{told} in place of {' or '.join(sorted(accepted))}")
    hostile = hostile_markup(body, kind) if kind in ("html", "xml") else ""
    return Screened("hostile-markup", hostile) if hostile else None


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "office"),
    (b"{\\rtf", "office"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x05\x06", "zip"),
)
_OFFICE_PARTS = re.compile(rb"\[Content_Types\]\.xml|(?:word|xl|ppt)/|mimetypeapplication/vnd\.oasis\.opendocument")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BLANK = re.compile(rb"[\s\x00\xef\xbb\xbf\xfe\xff]*+")
# `(?!)`: see pipelines/markup.py.
_COMMENTS = re.compile(r"(?:\s++|<!--.*?-->|(?!))*+", re.DOTALL)
_PROLOGUE = re.compile(r"(?:\s++|<\?.*?\?>|<!--.*?-->|(?!))*+", re.DOTALL)
_HTML_START = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_HTML_TAG = re.compile(
    r"<(?:a|address|article|aside|b|base|blockquote|body|br|button|center|d[dlt]|details|div|em|fieldset"
    r"|figure|font|footer|form|h[1-6]|head|header|hr|i|iframe|img|input|li|link|main|meta|nav|noscript|ol|p"
    r"|pre|script|section|select|small|span|strong|style|table|tbody|t[dhr]|template|thead|title|ul|video)"
    r"[\s/>]",
    re.IGNORECASE,
)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)([^>]{0,2000})")
_XML_ROOTS = frozenset({"rss", "feed", "urlset", "sitemapindex", "rdf:rdf", "opml", "svg", "error"})
_JSON_START = re.compile(r'\s*+(?:\{\s*+["}]|\[\s*+[{"\[\]])')


def content_kind(body: bytes) -> str:
    """Return what `body` is, judged by its bytes alone: one of KINDS.

    A body has one kind, so that no two parts of the program read it differently: bytes that begin as markup,
    JSON or a zip file are that, even where a PDF's header follows.
    """
    if not body[_BLANK.match(body).end() :]:  # type: ignore[union-attr]
        return "empty"
    if kind := _kind_by_magic(body):
        return kind
    text = _opening(body)
    if kind := _markup_kind(text, body) or _json_kind(text, body):
        return kind
    # Readers take a PDF whose header stands within the first 1,024 bytes (ISO 32000-1, annex H, note 13).
    if b"%PDF-" in body[:1029]:
        return "pdf"
    if _BINARY.search(body[:65536]) and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "unknown"
    return "csv" if _looks_like_csv(text, whole=len(body) <= 65536) else "text"


def _kind_by_magic(body: bytes) -> str:
    if body.startswith(b"PK\x03\x04"):
        return "office" if _OFFICE_PARTS.search(body[:4096]) else "zip"
    if body.startswith(b"RIFF") and body[8:12] == b"WEBP":
        return "image"
    return next((kind for magic, kind in _MAGIC if body.startswith(magic)), "")


def _opening(body: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) : 65536].decode(encoding, "replace")
    return body[:65536].decode("latin-1")


def _markup_kind(text: str, body: bytes) -> str:
    after = text[_COMMENTS.match(text).end() :]  # type: ignore[union-attr]
    if after[:5].lower() == "<?xml":
        root = after[_PROLOGUE.match(after).end() :]  # type: ignore[union-attr]
        return "html" if _HTML_START.match(root) else "xml"
    if _HTML_START.match(after) or _HTML_TAG.match(after):
        return "html"
    if not (start := _ROOT.match(after)):
        # Some servers print a warning in front of the page.
        early = text[:1024]
        return "html" if _HTML_START.search(early) and "%PDF-" not in early else ""
    if start[1].lower() in _XML_ROOTS or "xmlns" in start[2]:
        return "xml"
    closing = f"</{start[1]}>".encode("ascii", "replace")
    return "xml" if body[-256:].rstrip().endswith(closing) else ""


def _json_kind(text: str, body: bytes) -> str:
    if _JSON_START.match(text):
        return "json"
    end = {"{": b"}", "[": b"]"}.get(text.lstrip()[:1])
    return "json" if end and body[-256:].rstrip().endswith(end) else ""


def _looks_like_csv(text: str, *, whole: bool) -> bool:
    """Tell rows of equal width, under a header of short names, from prose that has commas in it."""
    return any(_is_table(_first_rows(text, delimiter), whole=whole) for delimiter in ",\t;|")


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            rows.append(row)
            if len(rows) > 20:
                break
    except csv.Error:
        return []
    return [row for row in rows if row]


def _is_table(rows: list[list[str]], *, whole: bool) -> bool:
    if not rows or len(rows[0]) < 2 or any(len(name) > 100 or name[:1] == " " for name in rows[0]):
        return False
    widths = [len(row) for row in rows[1:]]
    if not widths:
        return len(rows[0]) > 2
    if not whole and len(widths) > 1:
        widths.pop()  # The last row may be cut where the reading stopped.
    return sum(width == len(rows[0]) for width in widths) * 2 >= len(widths)
