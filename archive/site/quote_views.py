"""The check of a draft: a page with a form, and what it sends answered as a page, or as JSON for programs.

It takes a POST, since no address can hold a draft, and none should: addresses are logged. Nothing is written by it, and
nothing of a draft is kept: it is read by a process of its own, from memory, and forgotten.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from datasette.utils.asgi import Response

from archive.drafts.apart import read_apart
from archive.drafts.draft import MOST_BYTES, Draft, DraftRefused
from archive.outcomes import OUTCOMES
from archive.research.citing.gather import Teller
from archive.research.marked_text import Segment
from archive.research.quotes import outcomes
from archive.research.quotes.of_drafts import iter_entries
from archive.research.quotes.told import as_row, counts, left_out, sentence
from archive.research.rows import Row
from archive.research.scope import Scope, read_scope
from archive.site.answering import error_page
from archive.site.posted import SENDING, body_of, fields_of, kind_of
from archive.site.rendering import Site, TookTooLongError

# So many drafts are checked at a time, each with so many quotations, and so many seconds to be read and to be checked.
AT_A_TIME, MOST_QUOTATIONS = 2, 300
READING, SECONDS = 20, 60.0
RETRY_AFTER = 15
# After each quotation others get a turn, for a quarter of the time that it took.
_REST = 0.25
# A form has some lines around what it sends.
_AROUND = 10_000
_KINDS = {"text/markdown": "md", "text/plain": "txt", "text/html": "html", "application/pdf": "pdf",
          "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx"}  # fmt: skip
_TOO_MUCH = f"A draft has {MOST_BYTES:,} bytes at most, and {SENDING:.0f} seconds to arrive."
_running: dict[Site, int] = {}


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent: a draft's bytes with its name, and the document that it is said to be about."""

    body: bytes
    name: str
    document: str
    pasted: str = ""


async def show_quotes(site: Site, request: Any) -> Response:
    """Answer /quotes and /quotes.json: the form, and what becomes of a draft that is sent."""
    as_data = bool(request.url_vars.get("format"))
    if request.method != "POST":
        return await (site.data(_answer([], None, [])) if as_data else _page(site, request, [], None))
    if _running.get(site, 0) >= AT_A_TIME:
        told = f"{AT_A_TIME} drafts are checked at a time. Send it again in {RETRY_AFTER} seconds."
        busy = await error_page(site, request, 503, "Others' drafts are being checked", told)
        busy.headers["Retry-After"] = str(RETRY_AFTER)
        return busy
    _running[site] = _running.get(site, 0) + 1
    try:
        return await _checked(site, request, as_data=as_data)
    finally:
        _running[site] -= 1


async def _checked(site: Site, request: Any, *, as_data: bool) -> Response:
    body = await body_of(request, MOST_BYTES + _AROUND)
    if body is None:
        return await error_page(site, request, 413, "That is too much", _TOO_MUCH)
    sent = await asyncio.to_thread(_sent, request.headers.get("content-type", ""), body)
    if not sent.body.strip():
        told = "Paste a text, or choose a file."
        return await error_page(site, request, 400, "Nothing was sent to be checked", told)
    try:
        draft = await asyncio.to_thread(read_apart, sent.body, sent.name, seconds=READING)
    except DraftRefused as refused:
        known = OUTCOMES[refused.outcome]
        told = f"{known.meaning} {refused.detail.capitalize()}{'.' if refused.detail else ''} {known.remedy}"
        status = 413 if refused.outcome == "draft-too-large" else 400
        return await error_page(site, request, status, "This draft can't be checked", told)
    rows, notes = await _rows(site, draft, sent)
    if as_data:
        return await site.data(_answer(rows, draft, notes))
    return await _page(site, request, rows, draft, notes, sent.pasted)


def _sent(media_type: str, body: bytes) -> _Sent:
    """Return what was sent: by a form, or as the body itself."""
    fields = fields_of(media_type, body)
    if fields is None:
        return _Sent(body, f"draft.{_KINDS[kind_of(media_type)]}" if kind_of(media_type) in _KINDS else "", "")
    file, name = fields.get("file", (b"", ""))
    text = fields.get("text", (b"", ""))[0]
    document = fields.get("document", (b"", ""))[0].decode("utf-8", "replace").strip()[:500]
    if file.strip():
        return _Sent(file, name, document)
    return _Sent(text, "draft.md", document, text.decode("utf-8", "replace"))


async def _rows(site: Site, draft: Draft, sent: _Sent) -> tuple[list[Row], list[str]]:
    """Return an entry for each quotation; and notes on those that were not checked."""
    scope = await site.read_once("scope", read_scope)
    teller = Teller(site.about.name, site.address, datetime.now(UTC).date().isoformat())
    documents = [sent.document] if sent.document else []
    until = time.monotonic() + SECONDS
    known: dict[object, Row | None] = {}
    rows: list[Row] = []
    slow = late = 0
    for number, quotation in enumerate(draft.quotations[:MOST_QUOTATIONS], 1):
        began = time.monotonic()
        key = (quotation.words, quotation.cites)
        if key not in known and began > until:
            late += 1
            continue
        if key not in known:
            alone = replace(draft, quotations=(quotation,), source="", blocks=())
            known[key] = await _row(site, alone, documents, scope, teller)
            await asyncio.sleep((time.monotonic() - began) * _REST)
        if (row := known[key]) is None:
            slow += 1
        else:
            rows.append({**row, "number": number})
    more = max(len(draft.quotations) - MOST_QUOTATIONS, 0) + late
    notes = [f"{more:,} more were not checked: send them apart."] if more else []
    return rows, notes + ([f"{slow:,} took too long, and were given up."] if slow else [])


async def _row(site: Site, alone: Draft, documents: list[str], scope: Scope, teller: Teller) -> Row | None:
    """Return what became of the one quotation of a draft; None where it takes too long."""

    def question(connection: sqlite3.Connection) -> Row:
        return as_row(connection, teller, next(iter_entries(connection, alone, documents, scope)))

    try:
        return await site.read(question, searching=True)
    except TookTooLongError:
        return None


def _answer(rows: list[Row], draft: Draft | None, notes: list[str]) -> Row:
    skipped = [{"words": words, "why": why} for words, why in draft.skipped] if draft else []
    return {"quotations": rows, "counts": counts(rows), "skipped": skipped, "notes": notes}


async def _page(
    site: Site, request: Any, rows: list[Row], draft: Draft | None, notes: list[str] | None = None, pasted: str = ""
) -> Response:
    """Return the page with the form, and with what became of a draft where one was sent."""
    told = [*(left_out(draft) if draft else []), *(notes or [])]
    entries = [{**row, "draft": _side(row, "quoted", "removed"), "stands": _side(row, "held", "added"),
                "told": sentence(row)} for row in rows]  # fmt: skip
    return await site.page(request, "archive_quotes.html", entries=entries, counts=counts(rows), notes=told,
                           was_sent=draft is not None, pasted=pasted, outcomes=outcomes.OUTCOMES,
                           most_bytes=MOST_BYTES, most_quotations=MOST_QUOTATIONS)  # fmt: skip


def _side(row: Row, name: str, kind: str) -> list[Segment]:
    """Return one side of a quotation beside what stands: the draft's words, or the document's."""
    edits = row["edits"] or [{"op": "same", "quoted": row["quotation"], "held": row["words"]}]
    pieces: list[Segment] = []
    for edit in edits:
        if edit[name]:
            pieces += [Segment("same", " ")] if pieces else []
            pieces.append(Segment("same" if edit["op"] == "same" else kind, edit[name]))
    return pieces
