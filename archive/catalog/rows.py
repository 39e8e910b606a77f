"""Documents and versions as rows of the catalogue's tables; functions of the evidence, without a connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archive.addresses import is_web_address, url_key
from archive.catalog.awards import page_of
from archive.catalog.describe import (
    component_of,
    dates_of,
    document_title,
    first_date,
    kind_of,
    numbers_of,
    published_of,
    title_of,
    version_id,
)
from archive.catalog.evidence import NOT_READ
from archive.catalog.identity import Content, Document, canonical_key
from archive.catalog.listings import Entry
from archive.catalog.names import address_name
from archive.dates import PartialDate, parse_date

Row = dict[str, Any]
NOTICE_COLUMNS = (
    "title", "type", "base_type", "solicitation", "award_number", "award_amount", "awardee", "awardee_location",
    "awardee_uei", "department", "sub_tier", "office", "naics", "psc", "set_aside", "place_of_performance", "active",
    "url", "description",
)  # fmt: skip


def numbered(documents: Iterable[Document]) -> Iterator[tuple[Document, Content, int]]:
    for document in documents:
        for ordinal, content in enumerate(document.contents, 1):
            yield document, content, ordinal


def document_row(document: Document, state: str, collections: Mapping[str, str]) -> Row:
    newest = document.newest
    dated = dates_of(document, newest)
    seen = [said.seen for content in document.contents for said in content.said]
    source = next((one.source for one in seen if one.kind != "resource"), seen[0].source)
    return {
        "id": document.id,
        "collection": collections.get(source, source),
        "kind": kind_of(document),
        "source": source,
        "title": document_title(document),
        "number": document.number.value if document.number else _shown_number(document),
        "component": component_of(document),
        **_date_columns("published", published_of(document, dated)),
        **_date_columns("posted", first_date(dated, "posted", "created", "updated", "modified")),
        "first_seen": min(one.captured_at for one in seen),
        "last_seen": max(one.captured_at for one in seen),
        "listing": state,
        "url": _shown_url(newest),
        "newest_version": version_id(document, newest),
        "versions": len(document.contents),
        "pages": _page_count(newest),
        "sample": int(any(one.sample for one in seen)),
    }


def _shown_number(document: Document) -> str:
    numbers = sorted(numbers_of(document), key=lambda number: (number[3] != "own", number[0] == "sam-notice"))
    return next((value for scheme, value, _, _ in numbers if scheme != "sam-notice"), "")


def _shown_url(content: Content) -> str:
    """Return the address that a content is shown with, "" where it has none on the web.

    Of several that gave it in the last run it is the one that did so first of all: which of them answers last is
    another one each night, and what people print is to stay as it is.
    """
    last = content.said[-1]
    if last.kind == "notice":
        url = str(last.body["record"].get("url", ""))
        return url if is_web_address(url) else ""
    if last.kind == "award":
        return page_of(last.body)
    still = {one.seen.url_key for one in content.said if one.seen.run == last.seen.run}
    first = next(one.seen for one in content.said if one.seen.url_key in still)
    return first.url if first.url.startswith("http") else ""


def _date_columns(role: str, date: PartialDate | None) -> Row:
    return {
        role: date.value if date else None,
        f"{role}_precision": date.precision if date else None,
        f"{role}_words": date.words if date else None,
    }


def _page_count(content: Content) -> int:
    if content.reading is not None:
        return content.reading.pages
    return 0 if content.first.kind == "file" else 1


def version_row(document: Document, content: Content, ordinal: int) -> Row:
    seen = content.first.seen
    reading = content.reading
    return {
        "id": version_id(document, content),
        "document": document.id,
        "digest": content.digest,
        "ordinal": ordinal,
        "media_type": seen.media_type,
        "bytes": seen.payload_bytes,
        "pages": _page_count(content),
        "outcome": reading.outcome if reading else "text" if document.kind != "file" else NOT_READ,
        "detail": reading.detail if reading else "",
        "reader": reading.reader if reading else "source",
        "title": title_of(document, content),
        "url": _shown_url(content),
        "capture": seen.id,
        "first_seen": seen.captured_at,
        "last_seen": content.said[-1].seen.captured_at,
    }


def number_rows(document: Document) -> Iterator[Row]:
    found = {(scheme, value, role): printed for scheme, value, printed, role in reversed(list(numbers_of(document)))}
    for (scheme, value, role), printed in found.items():
        yield {"document": document.id, "scheme": scheme, "value": value, "printed": printed, "role": role}


def date_rows(document: Document) -> Iterator[Row]:
    for content in document.contents:
        for one in dates_of(document, content):
            yield {
                "document": document.id, "version": version_id(document, content), "role": one.role,
                "value": one.date.value, "precision": one.date.precision, "words": one.date.words,
            }  # fmt: skip


def address_rows(document: Document) -> Iterator[Row]:
    shown: dict[str, tuple[str, str]] = {}
    for content in document.contents:
        for said in content.said:
            if said.kind in ("notice", "award"):
                url = page_of(said.body) if said.kind == "award" else str(said.body["record"].get("url", ""))
                if is_web_address(url):
                    shown.setdefault(url_key(url), (url, "record"))
            elif said.seen.url.startswith("http"):
                shown.setdefault(said.seen.url_key, (said.seen.url, "captured"))
                if said.body.get("canonical") and canonical_key(said) == url_key(said.body["canonical"]):
                    shown.setdefault(canonical_key(said), (said.body["canonical"], "canonical"))
    for said in document.listed:
        shown.setdefault(url_key(said.body["url"]), (said.body["url"], "listed"))
    for key, (url, role) in shown.items():
        yield {"url_key": key, "document": document.id, "url": url, "role": role}


def alias_rows(documents: Iterable[Document]) -> Iterator[Row]:
    """Yield the other names of a document: those that its addresses would give it if it had no number."""
    documents = list(documents)
    taken = {document.id for document in documents}
    for document in documents:
        names = {address_name(row["url_key"]) for row in address_rows(document)}
        for name in sorted(names - taken):
            yield {"alias": name, "document": document.id, "version": ""}


def notice_rows(document: Document) -> Iterator[Row]:
    if document.kind != "notice":
        return
    for content in document.contents:
        body = content.first.body
        record = body["record"]
        yield {
            "version": version_id(document, content),
            "document": document.id,
            "notice_id": body["notice_id"],
            **{name: record.get(name, "") for name in NOTICE_COLUMNS},
            "award_date": _date_value(record.get("award_date", "")),
            "posted": _date_value(record.get("posted", "")),
            "response_due": _date_value(record.get("response_due", "")),
            "place": body["place"],
            "capture": content.first.seen.id,
        }


def article_rows(document: Document) -> Iterator[Row]:
    if document.kind != "article":
        return
    for content in document.contents:
        body = content.first.body
        dated = dates_of(document, content)
        published, modified = first_date(dated, "published"), first_date(dated, "modified")
        yield {
            "version": version_id(document, content),
            "document": document.id,
            "outlet": body["outlet"],
            "headline": body["headline"],
            "byline": body["byline"],
            "section": body["section"],
            "published": published.value if published else None,
            "modified": modified.value if modified else None,
            "url": body["canonical"] or content.first.seen.url,
            "words": content.reading.words if content.reading else 0,
        }


def _date_value(words: str) -> str | None:
    date = parse_date(words)
    return date.value if date else None


def listing_rows(documents: Iterable[Document], entries: Iterable[Entry]) -> Iterator[Row]:
    last: dict[str, tuple[tuple[str, str], str]] = {}
    for document in documents:
        for key in document.url_keys:
            last.setdefault(key, (("", ""), document.id))
        for seen in (said.seen for content in document.contents for said in content.said):
            if seen.url_key in document.url_keys:
                last[seen.url_key] = max(last.get(seen.url_key, (("", ""), "")), (seen.order, document.id))
    by_key = {key: document for key, (_, document) in last.items()}
    for entry in entries:
        yield {
            "source": entry.source, "list": entry.list, "url": entry.url, "relation": entry.relation,
            "title": entry.title, "document": by_key.get(entry.key), "first_seen": entry.first_seen,
            "last_seen": entry.last_seen, "state": "listed" if entry.current else "delisted",
        }  # fmt: skip
