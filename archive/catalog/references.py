"""What a version refers to: numbers in its text and links on its pages; where these lead is told by leads.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from archive.addresses import is_web_address
from archive.catalog.awards import award_numbers, award_text
from archive.catalog.describe import own_numbers
from archive.catalog.evidence import LinkText, PageText, ReadText
from archive.catalog.identity import COVER_CHARACTERS, Content, Document
from archive.catalog.notices import is_notice_id
from archive.catalog.reference_rules import confidence
from archive.catalog.text_rows import visible
from archive.catalog.words_around import words_around
from archive.identifiers import parse_identifier
from archive.mentions import NAMED, find_mentions

Row = dict[str, Any]
# One page that names ten thousand numbers is a trap, not a source.
MOST_PER_PAGE = 2_000
MOST_PRINTED = 500
# What finds them. Where this is another than noted (`texts.linked`), a version's references are found anew.
FINDER = "links-2"


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
    """Yield what a version refers to, each target once a page, not yet led to documents.

    `place` is where it begins in the page's text as the catalogue has it; None where it stands beside it (a link of
    the file). `words` are those around it.
    """
    own = _own(document, content)
    seen: set[tuple[int, str, str]] = set()
    for page, text_of_page, one in _mentions(document, text):
        where = (page, one.kind, one.target)
        if one.target in own or where in seen:
            continue
        seen.add(where)
        name = hashlib.sha256("\n".join([version, str(page), one.kind, one.target]).encode()).hexdigest()[:20]
        around = words_around(text_of_page, one.place, one.place + len(one.printed)) if one.place is not None else ""
        yield {
            "id": name, "document": document.id, "version": version, "page": page, "kind": one.kind,
            "printed": one.printed[:MOST_PRINTED], "target": one.target, "target_document": None, "rule": one.rule,
            "leads_by": "", "confidence": confidence(one.rule, ""), "words": around, "place": one.place,
            "corrected": "",
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


class _Mention(NamedTuple):
    kind: str
    printed: str
    target: str
    rule: str
    place: int | None


def _mentions(document: Document, text: ReadText) -> Iterator[tuple[int, str, _Mention]]:
    """Yield page, its text, and what is mentioned there, in the order of the text, then links.

    What a first page says near its top of a document with a number is its own name.
    """
    texts = {page.number: visible(page.text) for page in text.pages}
    own = {document.number.scheme} if document.number else set[str]()
    for number, words in texts.items():
        for found in find_mentions(words)[:MOST_PER_PAGE]:
            is_own = found.kind == NAMED and number == 1 and found.start < COVER_CHARACTERS and own & {"pia", "sorn"}
            if not is_own:
                printed = words[found.start : found.end]
                yield number, words, _Mention(found.kind, printed, found.target, found.rule, found.start)
    for link in text.links[: 50 * MOST_PER_PAGE]:
        if is_web_address(link.url):
            words = texts.get(link.page, "")
            yield link.page, words, _Mention("link", link.text or link.url, link.url, "link", _only(words, link.text))


def _only(text: str, words: str) -> int | None:
    """Return where a link's words stand in its page's text, if that is one place."""
    place = text.find(words) if words.strip() else -1
    end = place + len(words)
    is_whole = place >= 0 and not (text[max(place - 1, 0) : place].isalnum() or text[end : end + 1].isalnum())
    return place if is_whole and text.find(words, place + 1) < 0 else None
