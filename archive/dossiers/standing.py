"""What is held of a document that a claim cites: the version, the page, whether it is newest, listed, or withdrawn."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.drafts.draft import Cite
from archive.identifiers import parse_identifier
from archive.release.withheld import Withheld
from archive.research import documents
from archive.research.quotes.resolving import Meant, resolve
from archive.research.rows import Row, select
from archive.research.withdrawn import gone_address, gone_document, gone_number, gone_version

HELD, NOT_HELD, WITHDRAWN = "held", "not held", "withdrawn"
# What an archive says of a list that a document stood on, where it is worth a sentence.
_LISTED = {
    "delisted": "It was taken off the list on which it stood.",
    "gone": "It is gone from where it was published.",
}


@dataclass(frozen=True, slots=True)
class Stands:
    """One document as a claim cites it, as the answer tells it (`row`); and what is cited, for a citation."""

    row: Row
    document: Row | None = None
    version: Row | None = None
    page: Row | None = None


def cited_documents(connection: sqlite3.Connection, cites: Sequence[Cite], withheld: Withheld) -> list[Stands]:
    """Return what is held of each document that is cited, once each, in their order."""
    found: dict[tuple[str, str, str], Stands] = {}
    for said, kind, its_page in _pairs(cites):
        resolved = resolve(connection, [(kind, said)])
        page = its_page or resolved.page
        for meant in resolved.meant[:1]:
            stands = _held(connection, meant, page, withheld)
            found.setdefault((meant.document, meant.version, page), stands)
        if not resolved.meant and (resolved.not_held or _is_gone(connection, kind, said)):
            found.setdefault((said, "", page), _missing(connection, kind, said, page))
    paged = {name for name, _, page in found if page}
    return [one for (name, _, page), one in found.items() if page or name not in paged]


def _pairs(cites: Sequence[Cite]) -> Iterator[tuple[str, str, str]]:
    """Yield each document that is cited with each of its pages: those behind it, or the one before the first."""
    last, is_bare, loose = None, False, ""
    for cite in cites:
        if cite.kind == "page":
            loose = loose or (cite.said if last is None else "")
            if last is not None:
                yield last.said, last.kind, cite.said
                is_bare = False
            continue
        if last is not None and is_bare:
            yield last.said, last.kind, loose
            loose = ""
        last, is_bare = cite, True
    if last is not None and is_bare:
        yield last.said, last.kind, loose


def _held(connection: sqlite3.Connection, meant: Meant, page: str, withheld: Withheld) -> Stands:
    document = documents.find_document(connection, meant.document) or {}
    tail = meant.version.rpartition("@")[2] if meant.version else ""
    version = documents.find_version(connection, document, tail)
    row = _row(meant.said, page) | {"document": meant.document, "title": document["title"],
                                    "identifier": document["number"]}  # fmt: skip
    if version is None or meant.document in withheld.documents or version["id"] in withheld.versions:
        return Stands({**row, "state": WITHDRAWN, "notes": [_WITHDRAWN]})
    newest = document["newest_version"]
    row |= {"state": HELD, "version": version["id"], "ordinal": version["ordinal"], "newest": newest,
            "listing": document["listing"], "url": documents.version_address(version)}  # fmt: skip
    notes = [_LISTED[document["listing"]]] if document["listing"] in _LISTED else []
    if version["id"] != newest and newest not in withheld.versions:
        notes.insert(0, newer(connection, newest))
    shown = _page(connection, version, page) if page else None
    if shown:
        row |= {"page": {"cited": page, "number": shown["number"], "label": shown["label"], "held": True}}
        row["url"] = documents.page_address(version, shown["number"])
    elif page:
        count = len(documents.list_pages(connection, version))
        notes.insert(0, f"It has no page {page}: it has {count} page{'s'[: count != 1]}.")
    return Stands({**row, "notes": notes}, document, version, shown)


_WITHDRAWN = "It was withdrawn: it is published nowhere, and can't be cited."


def newer(connection: sqlite3.Connection, version: str) -> str:
    """Return in a sentence that a newer version is held."""
    found = select(connection, "SELECT id, first_seen FROM versions WHERE id = ?", (version,))
    when = f", first seen {found[0]['first_seen'][:10]}" if found else ""
    return f"A newer version is held: {version}{when}."


def _page(connection: sqlite3.Connection, version: Row, said: str) -> Row | None:
    """Return the page that is meant: the one on which the number is printed, or else the one it counts."""
    numbers = select(
        connection,
        "SELECT number FROM pages WHERE version = ?1 AND (label = ?2 OR number = ?3)"
        " ORDER BY label IS NOT ?2, number LIMIT 1",
        (version["id"], said, int(said) if said.isascii() and said.isdecimal() else -1),
    )
    return documents.read_page(connection, version, numbers[0]["number"]) if numbers else None


def _missing(connection: sqlite3.Connection, kind: str, said: str, page: str) -> Stands:
    if _is_gone(connection, kind, said):
        return Stands({**_row(said, page), "state": WITHDRAWN, "notes": [_WITHDRAWN]})
    return Stands({**_row(said, page), "state": NOT_HELD, "notes": ["Nothing is held under this name."]})


def _is_gone(connection: sqlite3.Connection, kind: str, said: str) -> bool:
    """Tell whether something that was withdrawn had this name; a release knows it, the working catalogue doesn't."""
    if kind == "number":
        return gone_number(connection, parse_identifier(said)) is not None
    name, _, tail = said.rpartition("/d/")[2].partition("/")[0].partition("@")
    if tail and gone_version(connection, name, tail):
        return True
    return bool(gone_address(connection, said) or gone_document(connection, name))


def _row(said: str, page: str) -> Row:
    return {
        "said": said,
        "state": NOT_HELD,
        "document": "",
        "title": "",
        "identifier": "",
        "version": "",
        "ordinal": None,
        "newest": "",
        "listing": "",
        "page": {"cited": page, "number": None, "label": "", "held": False} if page else None,
        "url": "",
        "citation": "",
        "notes": [],
        "good": False,
    }


def is_good(row: Row) -> bool:
    """Tell whether what is cited is held, with the page that is named."""
    return row["state"] == HELD and (row["page"] is None or row["page"]["held"])
