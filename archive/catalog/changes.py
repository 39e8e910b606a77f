"""What became of each document, as rows: new, replaced, re-saved, moved, renamed, listed, taken off, gone, back.

Each is told once, at the first look that showed it. It is worked out from contents and spans, and knows no connection.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.catalog.describe import version_id
from archive.catalog.evidence import Said
from archive.catalog.identity import Content, Document
from archive.catalog.listing_spans import DELISTED, LISTED, UNLISTED
from archive.catalog.server_spans import ANSWERS, GONE, MISSING, REDIRECT, Address
from archive.catalog.span import Look, Span

Row = dict[str, Any]
NEW, REPLACED, AMENDED, RESAVED, MOVED, RENAMED = "new", "replaced", "amended", "re-saved", "moved", "renamed"
LISTED_AGAIN, BACK = "listed again", "back"
KINDS = (NEW, REPLACED, AMENDED, RESAVED, MOVED, RENAMED, LISTED, LISTED_AGAIN, UNLISTED, DELISTED, GONE, BACK)


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    look: Look
    not_before: str = ""
    url: str = ""
    content: Content | None = None
    before: Content | None = None


def change_rows(
    documents: Sequence[Document],
    listed: Mapping[str, Sequence[Span]],
    on_server: Mapping[str, Sequence[Address]],
    cosmetic: Collection[tuple[str, str]] = (),
) -> Iterator[Row]:
    """Yield a row for each change of each document; `cosmetic` are pairs of versions, the later first, between which a
    comparison found nothing that anybody reads."""
    for document in documents:
        anchor = _anchor(document)
        for change in _changes(document, listed.get(document.id, ()), on_server.get(document.id, ())):
            row = _row(document, anchor, change)
            yield {**row, "kind": RESAVED} if (row["version"], row["before"]) in cosmetic else row


def _anchor(document: Document) -> str:
    """Return what names a document here for good: its first capture, whatever it is called later; of records of one
    file, which are many documents, their name, which no reader changes."""
    if document.kind in ("notice", "award"):
        return document.id
    return min(said.seen.order for content in document.contents for said in content.said)[1]


def _row(document: Document, anchor: str, change: _Change) -> Row:
    content = change.content.first.seen.id if change.content else ""
    if change.content and document.kind in ("notice", "award"):
        content = change.content.digest
    kind = REPLACED if change.kind == RESAVED else change.kind  # a later comparison may judge otherwise
    name = "\n".join([anchor, kind, change.look.at, content, change.url])
    return {
        "id": hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:20],
        "at": change.look.at,
        "document": document.id,
        "kind": change.kind,
        "version": version_id(document, change.content) if change.content else None,
        "before": version_id(document, change.before) if change.before else None,
        "url": change.url,
        "not_before": change.not_before or None,
        "capture": change.look.capture or None,
    }


def _changes(document: Document, listed: Sequence[Span], addresses: Sequence[Address]) -> Iterator[_Change]:
    yield from _contents(document)
    yield from _listing(listed)
    if not document.newest.published:  # each notice of a system of records has an address of its own
        yield from _removals(addresses)
    yield from _gone(addresses)


def _contents(document: Document) -> Iterator[_Change]:
    """Yield that a document is new, and each run that saw another content in the place of the last.

    Of several contents that one run saw first (the history of an award, say) the last stands for all of them.
    """
    runs: dict[str, list[Content]] = {}
    for content in sorted(document.contents, key=lambda content: content.first.seen.order):
        runs.setdefault(content.first.seen.walk, []).append(content)
    held: list[Content] = []
    for found in runs.values():
        content = max(found, key=document.contents.index)
        look, url = _look(content.first), _url(content.first)
        if not held:
            yield _Change(NEW, _look(found[0].first), url=url, content=content)
        else:
            last = max(
                (said for before in held for said in before.said if said.seen.order < content.first.seen.order),
                key=lambda said: said.seen.order,
            )
            before = next(one for one in held if last in one.said)
            yield _Change(_replaced(document, before, content), look, last.seen.captured_at, url, content, before)
        held += found


def _replaced(document: Document, before: Content, content: Content) -> str:
    if document.kind in ("notice", "award") or content.published:
        return AMENDED  # what was said before stands beside what is said now
    return RESAVED if _same_text(before, content) else REPLACED


def _look(said: Said) -> Look:
    return Look(said.seen.captured_at, said.seen.id, said.seen.run)


def _url(said: Said) -> str:
    return said.seen.url if said.seen.url.startswith("http") and said.kind not in ("notice", "award") else ""


def _same_text(one: Content, other: Content) -> bool:
    """Tell whether two files say the same, letter for letter; what else is cosmetic a comparison of them tells."""
    texts = [content.reading.text_digest if content.reading else "" for content in (one, other)]
    return texts[0] == texts[1] != ""


def _listing(spans: Sequence[Span]) -> Iterator[_Change]:
    """Yield what lists did to a document: the first list that showed it says no more than that it is new."""
    was_listed = False
    for place, span in enumerate(spans):
        kind = LISTED_AGAIN if span.state == LISTED and was_listed else span.state
        was_listed = was_listed or span.state == LISTED
        if place or span.state != LISTED:
            yield _Change(kind, span.first, span.not_before)


def _removals(addresses: Sequence[Address]) -> Iterator[_Change]:
    """Yield each address that took the place of another, which isn't seen to give the document any more."""
    given = sorted(filter(None, map(_given, addresses)), key=lambda one: one[0])
    for place, (first, _, address) in enumerate(given):
        before = [(last, other) for _, last, other in given[:place] if last < first and last.run != first.run]
        if before:
            last, other = max(before, key=lambda one: one[0])
            kind = MOVED if _name(address.key) == _name(other.key) else RENAMED
            yield _Change(kind, first, last.at, address.url)


def _given(address: Address) -> tuple[Look, Look, Address] | None:
    """Return when an address first and last gave the document."""
    spans = [span for span in address.spans if span.state == ANSWERS]
    return (spans[0].first, spans[-1].last, address) if spans else None


def _name(key: str) -> str:
    return key.partition("?")[0].rpartition("/")[2]


def _gone(addresses: Sequence[Address]) -> Iterator[_Change]:
    """Yield that a document is nowhere to be had any more, and that it is again."""
    spans = sorted(((span, address) for address in addresses for span in address.spans), key=lambda one: one[0].first)
    missing_since: dict[str, str] = {}
    is_gone = False
    for span, address in spans:
        if span.state in (ANSWERS, REDIRECT):
            missing_since.pop(address.key, None)
        if span.state in (MISSING, GONE):
            missing_since.setdefault(address.key, span.since)
        if is_gone and span.state == ANSWERS:
            is_gone = False
            yield _Change(BACK, span.first, span.not_before, address.url)
        elif span.state == GONE and not is_gone:
            since = missing_since[address.key]
            if not any(_gave_between(other, since, span.since) for other in addresses if other.key != address.key):
                is_gone = True
                yield _Change(GONE, span.first, _last_given(addresses, span.since), address.url)


def _gave_between(address: Address, since: str, until: str) -> bool:
    states = (ANSWERS, REDIRECT)
    return any(span.state in states and span.until >= since and span.since <= until for span in address.spans)


def _last_given(addresses: Sequence[Address], by: str) -> str:
    """Return when a document was last had before an instant, "" where it never was."""
    spans = (span for address in addresses for span in address.spans if span.state == ANSWERS)
    return max((span.until for span in spans if span.until < by), default="")
