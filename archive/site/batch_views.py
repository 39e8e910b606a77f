"""Many searches at once: a page with a form, and what it sends answered as CSV, row by row while it is found.

It takes a POST. Nothing is written by it: neither the questions nor the answers are kept or
logged, and whoever makes a reader's browser send one has had it read what everybody may read.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from typing import Any

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import AsgiStream, Response

from archive.research.asking import ask
from archive.research.batch import (
    COLUMNS,
    EACH,
    MOST_BYTES,
    MOST_EACH,
    MOST_QUERIES,
    OUTCOMES,
    Questions,
    batch_rows,
    outcome_of,
    read_questions,
)
from archive.research.rows import Row
from archive.site.answering import error_page
from archive.site.posted import SENDING, body_of, fields_of, kind_of
from archive.site.rendering import Site, TookTooLongError
from archive.table_csv import table_csv

# For the whole of it, and for one question.
SECONDS = 100.0
QUESTION_MS = 2_000
RETRY_AFTER = 30
# After each question others get a turn, for a quarter of the time that it took.
_REST = 0.25
_CSV = "text/csv; charset=utf-8"
_TOO_MUCH = f"A batch has {MOST_BYTES:,} bytes at most, and {SENDING:.0f} seconds to arrive."
_running: set[Site] = set()


async def show_batch(site: Site, request: Any) -> Response:
    """Show the form."""
    return await site.page(request, "archive_batch.html", most_queries=MOST_QUERIES, most_bytes=MOST_BYTES, each=EACH,
                           most_each=MOST_EACH, seconds=int(SECONDS), outcomes=OUTCOMES, columns=COLUMNS)  # fmt: skip


async def give_batch(site: Site, request: Any) -> Response | AsgiStream:
    """Answer the questions that were sent, in their order. One batch is answered at a time."""
    if request.method != "POST":
        return Response.text("Questions are sent here by POST; /search/batch has a form.", status=405,
                             headers={"Allow": "POST"})  # fmt: skip
    body = await body_of(request, MOST_BYTES)
    if body is None:
        return await error_page(site, request, 413, "That is too much at once", _TOO_MUCH)
    questions, each = _sent(request.headers.get("content-type", ""), body)
    if not questions.asked:
        told = f"Send up to {MOST_QUERIES:,} searches: a CSV with a column “query”, or one on each line."
        return await error_page(site, request, 400, "Nothing is asked", told)
    if site in _running:
        told = f"One batch is answered at a time. Send it again in {RETRY_AFTER} seconds."
        busy = await error_page(site, request, 503, "Another batch is being answered", told)
        busy.headers["Retry-After"] = str(RETRY_AFTER)
        return busy
    headers = {"Content-Disposition": 'attachment; filename="hits.csv"'}
    return AsgiStream(lambda writer: _write(site, questions, each, writer), headers=headers, content_type=_CSV)


def _sent(media_type: str, body: bytes) -> tuple[Questions, int]:
    """Return the questions, and how many documents are wanted of each: of a form, or of a body that is the list."""
    fields = fields_of(media_type, body)
    if fields is None:
        return read_questions(body, is_csv=kind_of(media_type) != "text/plain"), EACH
    file, name = fields.get("file", (b"", ""))
    lines, _ = fields.get("lines", (b"", ""))
    each = fields.get("each", (b"", ""))[0].decode("ascii", "replace").strip()
    wanted = int(each) if each.isascii() and each.isdecimal() and len(each) < 4 else EACH
    asked = read_questions(file, is_csv=not name.lower().endswith(".txt")) if file.strip() else None
    return asked or read_questions(lines, is_csv=False), min(max(wanted, 1), MOST_EACH)


async def _write(site: Site, questions: Questions, each: int, writer: Any) -> None:
    """Write the table while it is made; the batch that runs ends when its reader goes away."""
    if site in _running:
        await writer.write(table_csv([["Another batch is being answered; send it again."]]))
        return
    _running.add(site)
    try:
        await writer.write(table_csv([COLUMNS]))
        async for rows in _answers(site, questions, each):
            await writer.write(table_csv(rows))
    finally:
        _running.discard(site)


async def _answers(site: Site, questions: Questions, each: int) -> AsyncIterator[list[list[str]]]:
    until = time.monotonic() + SECONDS
    for number, question in questions.asked:
        began = time.monotonic()
        found, outcome = None, "not-asked"
        if began < until:
            found = await _asked(site, question, each)
            outcome = outcome_of(found)
            await asyncio.sleep((time.monotonic() - began) * _REST)
        yield list(batch_rows(number, question, outcome, found, site.address))
    if questions.left_out:
        note = f"{questions.left_out:,} more were not asked: a batch has {MOST_QUERIES:,}"
        yield [["", "", "not-asked", *[""] * (len(COLUMNS) - 4), note]]


async def _asked(site: Site, question: str, each: int) -> Row | None:
    """Return what a question finds; None where it takes too long."""

    def limited(connection: sqlite3.Connection) -> Row:
        with sqlite_timelimit(connection, QUESTION_MS):
            return ask(connection, question, limit=each)

    try:
        return await site.read(limited, searching=True)
    except TookTooLongError:
        return None
