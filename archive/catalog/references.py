"""What a version refers to: numbers in its text and links on its pages, and which document each leads to."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from archive.addresses import is_web_address, url_key
from archive.award_ids import parse_award_id
from archive.catalog.awards import award_numbers, award_text
from archive.catalog.describe import own_numbers
from archive.catalog.evidence import LinkText, PageText, ReadText, resolve
from archive.catalog.identity import Content, Document, is_notice_id
from archive.identifiers import find_identifiers, parse_identifier

Row = dict[str, Any]
# One page that names ten thousand numbers is a trap, not a source.
MOST_PER_PAGE = 2_000


def text_of(document: Document, content: Content) -> ReadText:
    """Return the text of a version that is a page or a notice: one page, and its links."""
    body = content.first.body
    if document.kind == "notice":
        page = PageText(1, "", "text", notice_text(body["notice_id"], body["record"]))
        return ReadText((page,), tuple(LinkText(1, url, "") for url in body["attachments"][:MOST_PER_PAGE]))
    if document.kind == "award":
        return ReadText((PageText(1, "", "text", award_text(body)),))
    page = PageText(1, "", "text", "\n\n".join([body["title"], *body["text"]]))
    return ReadText((page,), said_links(content))


def said_links(content: Content) -> tuple[LinkText, ...]:
    """Return the links that a source found on a page or in an article."""
    links = content.first.body.get("links", ())[:MOST_PER_PAGE]
    return tuple(LinkText(1, link["url"], link["text"]) for link in links)


def notice_text(notice_id: str, record: Mapping[str, str]) -> str:
    """Return a notice as text that can be searched and quoted: its title, its fields by name, its description."""
    named = [
        f"{name.replace('_', ' ').capitalize()}: {value}"
        for name, value in sorted(record.items())
        if value.strip() and name not in ("title", "description")
    ]
    parts = [
        record.get("title", ""),
        "\n".join([*named, *([f"Notice id: {notice_id}"] if is_notice_id(notice_id) else [])]),
        record.get("description", ""),
    ]
    return "\n\n".join(part for part in parts if part.strip())


def references_in(document: Document, content: Content, version: str, text: ReadText) -> Iterator[Row]:
    """Yield what a version refers to, each target once a page, not yet resolved to documents."""
    own = _own(document, content)
    seen: set[tuple[int, str, str]] = set()
    for page, kind, printed, target in _mentions(text):
        where = (page, kind, target)
        if target in own or where in seen:
            continue
        seen.add(where)
        name = hashlib.sha256("\n".join([version, str(page), kind, target]).encode()).hexdigest()[:20]
        yield {
            "id": name, "document": document.id, "version": version, "page": page, "kind": kind,
            "printed": printed[:500], "target": target, "target_document": None,
        }  # fmt: skip


def _own(document: Document, content: Content) -> set[str]:
    """Return the numbers that are the document's own in this version, also a PIA's without its component.

    Only what this version says counts: other versions may come later, and its references stay as they are.
    """
    if document.kind == "notice":
        body = content.first.body
        name = "award_number" if document.id.startswith("award-") else "solicitation"
        number = parse_identifier(body["record"].get(name, ""))
        return {body["notice_id"].lower(), *([number.value] if number else [])}
    if document.kind == "award":
        return {number.value for number, role in award_numbers(content.first.body) if role == "own"}
    if document.kind == "web-page":
        return {number.value for number in own_numbers([content.first.body])}
    own = document.number
    if own is None:
        return set()
    return {own.value, own.value.rpartition("/")[2]} if own.scheme == "pia" else {own.value}


def _mentions(text: ReadText) -> Iterator[tuple[int, str, str, str]]:
    for page in text.pages:
        for found in find_identifiers(page.text)[:MOST_PER_PAGE]:
            yield page.number, found.identifier.scheme, found.identifier.printed, found.identifier.value
    for link in text.links[: 50 * MOST_PER_PAGE]:
        if is_web_address(link.url):
            yield link.page, "link", link.text or link.url, link.url


def resolve_references(connection: sqlite3.Connection, redirects: Mapping[str, str]) -> None:
    """Point every reference at the document that it leads to now, or at none. The caller commits."""
    targets = _Targets(connection, redirects)
    rows = connection.execute('SELECT id, document, kind, target, target_document FROM "references"').fetchall()
    changed = []
    for name, document, kind, target, held in rows:
        found = targets.document(kind, target, document)
        if found != held:
            changed.append((found, name))
    connection.executemany('UPDATE "references" SET target_document = ? WHERE id = ?', changed)


class _Targets:
    """Which document an address or a number leads to: one that bears it as its own before one that is about it."""

    def __init__(self, connection: sqlite3.Connection, redirects: Mapping[str, str]) -> None:
        self._redirects = redirects
        self._by_number: dict[str, list[str]] = defaultdict(list)
        rows = connection.execute(
            "SELECT identifiers.value, identifiers.document FROM identifiers"
            " JOIN documents ON documents.id = identifiers.document"
            " ORDER BY identifiers.role != 'own', identifiers.role, documents.kind LIKE '%page', documents.id"
        )
        for value, document in rows:
            self._by_number[value].append(document)
        self._whole: dict[str, list[str]] = defaultdict(list)
        for value in self._by_number:
            if "/" in value:
                self._whole[value.rpartition("/")[2]].append(value)
        self._by_key: dict[str, str] = dict(
            connection.execute(
                "SELECT addresses.url_key, documents.id FROM addresses"
                " JOIN documents ON documents.id = addresses.document ORDER BY documents.last_seen, documents.id DESC"
            ).fetchall()
        )
        self._leads: dict[tuple[str, str], list[str]] = {}

    def document(self, kind: str, target: str, origin: str) -> str | None:
        """Return the document, never the one that refers; None where nothing held answers to it."""
        if (kind, target) not in self._leads:
            self._leads[kind, target] = self._linked(target) if kind == "link" else self._numbered(kind, target)
        found = self._leads[kind, target]
        if kind == "link" and found[:1] == [origin]:
            return None
        return next((document for document in found if document != origin), None)

    def _linked(self, target: str) -> list[str]:
        """Return what an address leads to; one that nothing is held of may carry a number."""
        found = self._by_key.get(resolve(target, self._redirects)) or self._by_key.get(url_key(target))
        if found is not None:
            return [found]
        named = (found.identifier for found in find_identifiers(target))
        return [document for one in named for document in self._numbered(one.scheme, one.value)]

    def _numbered(self, scheme: str, value: str) -> list[str]:
        """Return what bears a number; one without its component leads somewhere if only one number ends so."""
        if scheme == "pia" and "/" not in value:
            whole = self._whole.get(value, [])
            if whole:
                return self._by_number[whole[0]] if len(whole) == 1 else []
        if scheme == "award-id" and value not in self._by_number:
            parts = parse_award_id(value)
            return self._by_number.get(parts.piid, []) if parts else []
        return self._by_number.get(value, [])
