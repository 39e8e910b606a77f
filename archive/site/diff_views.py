"""What changed between two versions: side by side, in one text, as JSON and as plain text."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlencode

from datasette.utils.asgi import NotFound, Response

from archive.research import compared, documents
from archive.research.difference import SIDE, VIEWS, Difference, Shown
from archive.research.difference_text import page_names, plain_difference
from archive.research.rows import Row
from archive.site.answering import error_page
from archive.site.elsewhere import other_id, show_elsewhere
from archive.site.rendering import Site

_ADDRESS = re.compile(
    r"(?P<id>[^@/]{1,300})/diff(/(?P<before>[^/.]{0,64})\.\.(?P<after>[^/.]{0,64}))?(?P<format>\.json|\.txt)?"
)
_NAMED = re.compile(r"(?P<id>[^@/]{1,300})(@(?P<tail>[^/.@]{1,64}))?")
_SHOWN = ("id", "ordinal", "digest", "first_seen", "last_seen", "pages", "outcome", "address")
# While somebody compares two long documents, others' questions have the other threads.
_AT_A_TIME = 2
_waiting: dict[int, asyncio.Semaphore] = {}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Two versions, each as (document, tail); `address` makes the path of both from their tails."""

    before: tuple[str, str | None]
    after: tuple[str, str | None]
    format: str

    @property
    def is_one(self) -> bool:
        return self.before[0] == self.after[0]

    def address(self, before: str, after: str) -> str:
        """Return the path of the same question of versions as they are called now."""
        (one, tail), (other, other_tail) = (name.partition("@")[::2] for name in (before, after))
        if one == other:
            return compared.difference_address(one, tail, other_tail) + self.format
        return f"/diff{self.format}?" + urlencode({"a": before, "b": after})


async def show_difference(site: Site, request: Any) -> Response:
    """Answer /d/ID/diff/A..B (also with .json or .txt behind it), /d/ID/diff/A.. and /d/ID/diff."""
    found = _ADDRESS.fullmatch(unquote(request.url_vars["rest"]).rstrip("/"))
    if found is None or not found[0].isprintable():
        raise NotFound("No such address")
    tails = ((found[name] or "").lower() or None for name in ("before", "after"))
    before, after = ((found["id"], tail) for tail in tails)
    return await _show(site, request, _Asked(before, after, found["format"] or ""))


async def show_difference_of_two(site: Site, request: Any) -> Response:
    """Answer /diff?a=ID@V&b=ID@V: versions of two documents, or of one; the newest where none is named."""
    named = [_NAMED.fullmatch((request.args.get(name) or "").strip()) for name in ("a", "b")]
    if not all(named):
        return await error_page(site, request, 400, "Two versions are compared", "Name them: /diff?a=ID@VERSION&b=ID.")
    before, after = ((one["id"], (one["tail"] or "").lower() or None) for one in named if one)
    return await _show(site, request, _Asked(before, after, request.url_vars.get("format") or ""))


async def _show(site: Site, request: Any, asked: _Asked) -> Response:
    async with _turn():
        found = await site.read(lambda connection: _look_up(connection, asked))
    if elsewhere := await show_elsewhere(site, request, found):
        return elsewhere
    if "too_long" in found:
        told = f"Versions of more than {compared.MOST_PAGES:,} pages together are compared by `oversight diff` only."
        return await error_page(site, request, 422, "Too long to compare here", told)
    if asked.format == ".json":
        return await site.data(_as_data(found))
    if asked.format == ".txt":
        return Response.text(_as_text(found))
    return await _page(site, request, found)


def _turn() -> asyncio.Semaphore:
    loop = id(asyncio.get_running_loop())
    if loop not in _waiting:
        _waiting.clear()
        _waiting[loop] = asyncio.Semaphore(_AT_A_TIME)
    return _waiting[loop]


def _look_up(connection: sqlite3.Connection, asked: _Asked) -> Row:
    """Return `documents`, `versions` and their `difference`; else what there is in their place."""
    held: list[Row] = []
    for name, _ in (asked.before, asked.after):
        document = documents.find_document(connection, name)
        if document is None:
            return _other_document(connection, asked, name)
        held.append(document)
    tails = (asked.before[1], asked.after[1])
    if asked.is_one and None in tails:
        named = compared.neighbours(connection, held[0], *tails)
        if not named[0]:
            missing = {"asked": asked.before[0], "document": held[0], "single": True, "tail": asked.after[1] or ""}
            return {"missing": missing}
        return {"redirect": asked.address(*(f"{held[0]['id']}@{tail}" for tail in named)), "status": 302}
    found = [compared.find(connection, *one) for one in zip(held, (tail or "" for tail in tails), strict=True)]
    return _other_version(asked, held, found) or _compared(connection, asked, held, [one.version for one in found])


def _other_version(asked: _Asked, held: list[Row], found: list[compared.Found]) -> Row | None:
    """Return what a version's name leads to that none has now: its withdrawal, its present name, or nothing."""
    if gone := next((one.gone for one in found if one.gone), None):
        return {"gone": gone}
    for one, document, (_, tail) in zip(found, held, (asked.before, asked.after), strict=True):
        if not (one.version or one.renamed):
            return {"missing": {"asked": document["id"], "document": document, "tail": tail}}
    if not any(one.renamed for one in found):
        return None
    versions = [one.version or one.renamed or {} for one in found]
    names = (f"{one['document']}@{documents.version_tail(one)}" for one in versions)
    return {"redirect": asked.address(*names), "status": 301}


def _compared(connection: sqlite3.Connection, asked: _Asked, held: list[Row], found: list[Row | None]) -> Row:
    versions = [one for one in found if one is not None]
    try:
        difference = compared.differ(connection, *versions)
    except compared.TooLongError:
        return {"too_long": True}
    told = [{**one, "address": documents.version_address(one)} for one in versions]
    return {"documents": held, "versions": told, "difference": difference, "asked": asked}


def _other_document(connection: sqlite3.Connection, asked: _Asked, name: str) -> Row:
    """Return what a document's name leads to that none has now; a moved one is asked the same under its new name."""
    found = other_id(connection, name, "")
    if "redirect" not in found:
        return found
    now = found["redirect"].removeprefix("/d/")
    one, other = (
        f"{now if document == name else document}@{tail or ''}" for document, tail in (asked.before, asked.after)
    )
    if asked.is_one and asked.before[1] is None and asked.after[1] is None:
        return {**found, "redirect": f"/d/{now}/diff{asked.format}"}
    if not asked.is_one:
        one, other = one.rstrip("@"), other.rstrip("@")
    return {**found, "redirect": asked.address(one, other)}


def _names(found: Row) -> Row:
    before, after = found["versions"]
    return {
        "before": {"document": before["document"], **{name: before[name] for name in _SHOWN}},
        "after": {"document": after["document"], **{name: after[name] for name in _SHOWN}},
        "address": replace(found["asked"], format="").address(
            *(f"{one['document']}@{documents.version_tail(one)}" for one in (before, after))
        ),
    }


def _as_data(found: Row) -> Row:
    """Return the difference; each page with the address that it has on its side, for good."""
    told = found["difference"].data()
    before, after = found["versions"]
    for page in told["pages"]:
        page["before_address"] = documents.page_address(before, page["before"]) if page["before"] else None
        page["after_address"] = documents.page_address(after, page["after"]) if page["after"] else None
    return {"document": after["document"], "title": found["documents"][1]["title"], **_names(found), **told}


def _as_text(found: Row) -> str:
    before, after = found["versions"]
    head = "".join(f"{sign} {one['id']} (version {one['ordinal']}, seen {one['first_seen']} to {one['last_seen']})\n"
                   for sign, one in (("-", before), ("+", after)))  # fmt: skip
    return f"{head}\n" + "".join(piece.text for piece in plain_difference(found["difference"]))


async def _page(site: Site, request: Any, found: Row) -> Response:
    difference: Difference = found["difference"]
    view = request.args.get("view") or SIDE
    view = view if view in VIEWS else SIDE
    start = (request.args.get("start") or "").strip()
    at = (request.args.get("at") or "").strip()
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 8 else difference.start_of(at)
    first = min(first, max(len(difference.changed) - 1, 0))
    shown, more = difference.shown(first, view)
    names = _names(found)
    return await site.page(
        request,
        "archive_diff.html",
        documents=found["documents"],
        versions=found["versions"],
        what=difference.told,
        changed=difference.changed,
        items=[(one, isinstance(one, Shown)) for one in shown],
        first=first,
        more=more,
        view=view,
        fields=difference.fields(),
        metadata=difference.metadata(),
        tables=list(difference.tables()),
        page_names=page_names,
        links=_Links(names["address"], view, site.as_of),
        names=names,
    )


@dataclass(frozen=True, slots=True)
class _Links:
    """The same difference, shown otherwise, as a path and a query."""

    address: str
    view: str
    as_of: int | None

    def to(self, view: str = "", start: int = 0, at: str = "", ending: str = "") -> str:
        """Return the path of it in a view, from the `start`th changed page on, or as a file."""
        path, _, query = self.address.partition("?")
        asked = {"view": (view or self.view) if (view or self.view) != SIDE and not ending else "",
                 "start": str(start or ""), "at": at, "as_of": str(self.as_of or "")}  # fmt: skip
        tail = "&".join(filter(None, [query, urlencode({name: value for name, value in asked.items() if value})]))
        return f"{path}{ending}" + (f"?{tail}" if tail else "")
