"""Asks a server for an address that was captured before only on the condition that it changed; keeps nothing itself.

RFC 9110 13: the validators of the earlier answer are sent along, and "not modified" stands for that answer.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scrapy.http import Request, Response

from archive.model import Exchange, Stored
from archive.outcomes import ANSWERED
from archive.store.errors import RecordDamaged
from archive.store.http import parse_message
from archive.store.index import Question, find_record, iter_answers
from archive.store.store import CaptureStore
from pipelines.derive import response_of

# RFC 9110 8.8.3 and 5.6.7; what only looks like one isn't sent back.
_ENTITY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,500}"')
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_CUT = "REDACTED"
_CONDITIONS = ("If-None-Match", "If-Modified-Since", "Range")


@dataclass(frozen=True, slots=True)
class Condition:
    """What is sent along with a request, and the capture that "not modified" confirms."""

    capture: str
    headers: tuple[tuple[str, str], ...]

    def added_to(self, request: Request) -> Request:
        """Return the request with the condition; its meta is a copy."""
        made = request.copy()
        for name, value in self.headers:
            made.headers[name] = value
        return made

    def is_met(self, exchange: Exchange) -> bool:
        """Tell whether the server said that nothing changed, and nothing else: a 304 has no body (RFC 9110 15.4.5)."""
        return exchange.status == 304 and not exchange.truncated and not parse_message(exchange.response).body


def find_condition(
    connection: sqlite3.Connection, store: CaptureStore, question: Question, request: Request, since: str
) -> Condition | None:
    """Return the condition on which to ask a question that was asked before, None where the whole answer is wanted.

    It is wanted where the latest answer wasn't as it should be, where no whole one came since `since` (an instant),
    and where that one has no validator or can't be read any more.
    """
    if question.method != "GET" or request.body or any(name in request.headers for name in _CONDITIONS):
        return None
    answers = list(iter_answers(connection, question))
    if not answers or answers[0].outcome not in ANSWERED:
        return None
    whole = next((one for one in answers if one.status == 200 and one.outcome in ANSWERED), None)
    if whole is None or whole.captured_at < since:
        return None
    headers = _validators(connection, store, whole.id)
    return Condition(whole.id, headers) if headers else None


def days_before(instant: str, days: float) -> str:
    """Return the instant so many days before another, in the same form."""
    return (datetime.fromisoformat(instant) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _validators(connection: sqlite3.Connection, store: CaptureStore, capture: str) -> tuple[tuple[str, str], ...]:
    record = find_record(connection, capture)
    try:
        stored = store.read(capture)
        held = store.read(record.revisit_of) if record and record.revisit_of else stored
    except (KeyError, RecordDamaged):
        return ()
    if _described(held) != _described(stored):
        return ()  # the payload lies with a capture that would be read as something else
    found = {name.lower(): value for name, value in reversed(stored.headers)}
    entity_tag, modified = found.get("etag", ""), found.get("last-modified", "")
    pairs = []
    if _ENTITY_TAG.fullmatch(entity_tag) and _CUT not in entity_tag:
        pairs.append(("If-None-Match", entity_tag))
    if _HTTP_DATE.fullmatch(modified):
        pairs.append(("If-Modified-Since", modified))
    return tuple(pairs)


def _described(stored: Stored) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in stored.headers if name.lower().startswith("content-t")]


def answer_of(stored: Stored, request: Request) -> Response:
    """Make the response that a stored capture is to a request; one that the server called unchanged is a good one."""
    status = 200 if stored.unchanged else stored.capture.status
    capture = replace(stored.capture, status=status, url=request.url)
    return response_of(replace(stored, capture=capture)).replace(request=request)
