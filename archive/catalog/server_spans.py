"""Since when and until when the server gave a document at each of its addresses, refused it, failed, or had nothing.

It goes by what was captured there, and by requests that got no answer. Copies that others took say what they saw, not
what the server says to us; they are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from archive.addresses import url_key
from archive.catalog.evidence import Evidence, Seen
from archive.catalog.identity import Document
from archive.catalog.runs import RunFacts
from archive.catalog.span import Look, Span
from archive.outcomes import ANSWERED

ANSWERS, OTHER, REDIRECT, BLOCKED, MISSING, GONE, ERROR = (
    "answers", "other", "redirect", "blocked", "missing", "gone", "error",
)  # fmt: skip
# An address is gone once 404 or 410 was seen on so many days, the last of them so many days after the first, without
# an answer or a redirect between them. Until then it is missing.
GONE_CHECKS, GONE_DAYS = 3, 7
# Outcomes of requests that got no answer to capture, where that is the server's doing or the way's.
NO_ANSWER = frozenset({"name-not-resolved", "connection-failed", "tls-failed", "timed-out"})
_REFUSED = (401, 403, 429, 451)
_NOT_THERE = (404, 410)


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a document, with its spans in order."""

    key: str
    url: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class _Answer:
    look: Look
    state: str
    status: int
    url: str


def server_spans(
    documents: Sequence[Document], evidence: Evidence, runs: Mapping[str, RunFacts]
) -> dict[str, tuple[Address, ...]]:
    """Return the addresses of each document at which it was looked for, by the document's id."""
    answers = _answers(evidence, runs)
    gave: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for content in document.contents:
            for said in content.said:
                gave[said.seen.id].add(document.id)
    return {document.id: tuple(_addresses(document, answers, gave)) for document in documents}


def _addresses(
    document: Document, answers: Mapping[str, Sequence[_Answer]], gave: Mapping[str, set[str]]
) -> Iterator[Address]:
    listed = {url_key(said.body["url"]): str(said.body["url"]) for said in document.listed}
    for key in sorted(document.url_keys | listed.keys()):
        looks = answers.get(key, ())
        if key not in document.url_keys and any(one.look.capture in gave for one in looks):
            continue  # it led here only after it had been another document's address
        if looks:
            url = next((one.url for one in looks if one.look.capture), listed.get(key, ""))
            yield Address(key, url, tuple(_spans(document.id, looks, gave)))


def _answers(evidence: Evidence, runs: Mapping[str, RunFacts]) -> dict[str, list[_Answer]]:
    """Return what the server said at each address, by its key, in order."""
    found: dict[str, list[_Answer]] = defaultdict(list)
    answered: set[tuple[str, str]] = set()
    for seen in evidence.seen:
        if seen.method == "GET" and seen.status and not seen.original_at:
            answered.add((seen.run, seen.url_key))
            look = Look(seen.captured_at, seen.id, seen.run)
            # "Not modified" confirms an answer that was given before; it says nothing of its own.
            status = 200 if seen.status == 304 else seen.status
            found[seen.url_key].append(_Answer(look, _state(seen), status, seen.url))
    for run in runs.values():
        for finding in run.findings:
            if finding.outcome in NO_ANSWER and finding.subject.startswith("http"):
                key, at = url_key(finding.subject), run.finished or run.last_sign or run.started
                if at and (run.id, key) not in answered:
                    found[key].append(_Answer(Look(at, "", run.id), ERROR, 0, finding.subject))
    for answers in found.values():
        answers.sort(key=lambda one: one.look)
    return found


def _state(seen: Seen) -> str:
    if seen.status in _REFUSED or seen.outcome == "bot-wall":
        return BLOCKED
    if seen.status in _NOT_THERE:
        return MISSING
    if seen.outcome == "redirect":
        return REDIRECT
    return ANSWERS if seen.outcome in (*ANSWERED, "page-part") else ERROR


def _spans(document: str, answers: Iterable[_Answer], gave: Mapping[str, set[str]]) -> list[Span]:
    spans: list[Span] = []
    absent: list[str] = []  # the days on which nothing was there, since something last was
    for one in answers:
        state = one.state
        if state == ANSWERS and document not in gave.get(one.look.capture, {document}):
            state = OTHER
        if state == MISSING:
            absent.append(one.look.at[:10])
            state = GONE if _is_gone(absent) else MISSING
        elif state in (ANSWERS, OTHER, REDIRECT):
            absent.clear()
        if spans and spans[-1].state == state:
            looks = spans[-1].looks + 1
            spans[-1] = replace(spans[-1], last=one.look, looks=looks, status=one.status or spans[-1].status)
        else:
            before = spans[-1].until if spans else ""
            spans.append(Span(state, one.look, one.look, before, status=one.status))
    return spans


def _is_gone(days: Sequence[str]) -> bool:
    try:
        lasted = date.fromisoformat(days[-1]) - date.fromisoformat(days[0])
    except ValueError:
        return False
    return len(set(days)) >= GONE_CHECKS and lasted.days >= GONE_DAYS
