"""From what a draft cites for a quotation to the document, version and page that are meant, as far as they are held."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from archive.identifiers import parse_identifier
from archive.research.asked_addresses import documents_at, meant_address
from archive.research.documents import find_alias, find_document, find_version
from archive.research.lookups import documents_by_number
from archive.research.renamed import find_renamed

# So many documents are looked at for one quotation, those that its nearest cites lead to first.
MOST_MEANT = 4
_OURS = re.compile(
    r"/d/(?P<document>[a-z0-9-]{1,300})(?:@(?P<tail>[0-9a-f]{4,64}))?(?:/p(?P<page>[0-9]{1,7}))?(?=[/.?#]|$)"
)
_BY_NUMBER = re.compile(r"/n/(?P<number>.{1,200})$")
# Numbers that name a text which can be quoted; a contract's or a docket's may stand beside any quotation.
_OF_TEXTS = frozenset({"pia", "sorn", "fr-citation", "fr-document", "oig-report", "foia-case"})


@dataclass(frozen=True, slots=True)
class Meant:
    """A document that is cited, by id, and its version, "" where none is named; `said` are the draft's own words."""

    document: str
    version: str
    said: str


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a draft cites for a quotation: the documents that are `meant`, the nearest first, the `page`, "" where
    none is named; and what is cited and isn't held."""

    meant: tuple[Meant, ...] = ()
    page: str = ""
    not_held: tuple[str, ...] = ()


def resolve(connection: sqlite3.Connection, cites: Iterable[tuple[str, str]]) -> Resolved:
    """Return what is meant by what is cited: (kind, words), the nearest first; kinds are number, address, page,
    document.

    What can't be told is left out; nothing raises.
    """
    meant: dict[tuple[str, str], Meant] = {}
    page, not_held = "", list[str]()
    for kind, said in cites:
        if kind == "page":
            page = page or said
            continue
        found, its_page = _of_number(connection, said) if kind == "number" else _of_address(connection, said)
        page = page or its_page
        for one in found:
            meant.setdefault((one.document, one.version), one)
        if not found and (kind != "number" or _names_text(said)):
            not_held.append(said)
    return Resolved(tuple(meant.values())[:MOST_MEANT], page, tuple(not_held))


def _names_text(said: str) -> bool:
    identifier = parse_identifier(said)
    return identifier is not None and identifier.scheme in _OF_TEXTS


def _of_number(connection: sqlite3.Connection, said: str) -> tuple[list[Meant], str]:
    _, rows = documents_by_number(connection, said)
    return [Meant(row["id"], "", said) for row in rows[:MOST_MEANT]], ""


def _of_address(connection: sqlite3.Connection, said: str) -> tuple[list[Meant], str]:
    try:
        parts = urlsplit(said)
    except ValueError:
        return [], ""
    if match := _OURS.match(parts.path) or _OURS.match(said):
        found = _version(connection, match["document"], match["tail"] or "")
        return ([Meant(*found, said)] if found else []), match["page"] or ""
    if match := _BY_NUMBER.match(parts.path):
        return _of_number(connection, unquote(match["number"]))
    if not parts.scheme:
        found = _version(connection, said.partition("@")[0], said.partition("@")[2])
        return ([Meant(*found, said)] if found else []), ""
    page = re.search(r"(?:^|&)page=([0-9]{1,5})", parts.fragment)
    asked = parse_qs(parts.query).get("url", []) if parts.path.rstrip("/").endswith("/cite") else []
    rows = documents_at(connection, meant_address(asked[0] if asked else said.partition("#")[0]))
    return [Meant(row["id"], "", said) for row in rows[:MOST_MEANT]], page[1] if page else ""


def _version(connection: sqlite3.Connection, document: str, tail: str) -> tuple[str, str] | None:
    """Return a document and version by their names of ours, or by those that they had before."""
    row = find_document(connection, document)
    if row is None:
        known = find_alias(connection, document)
        row = find_document(connection, known[0]) if len(known) == 1 else None
    if row is None:
        return None
    if not tail:
        return row["id"], ""
    version = find_version(connection, row, tail) or find_renamed(connection, document, tail)
    return (row["id"], version["id"]) if version else None
