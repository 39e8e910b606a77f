"""Claims as rows: each of their quotations looked for on the page that it is said to stand on.

A claim whose quotation doesn't stand is kept, and said to be broken. What can't be found at all is told without the
words and the address that somebody wrote down: these may be of what is held no more.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from archive.claims_file import Claimed
from archive.research.documents import find_alias, find_document, find_version, page_address, read_page
from archive.research.lookups import documents_by_number
from archive.research.quotations import parse_quotation
from archive.research.quoted_places import EXACT, OTHERWISE, find_places
from archive.research.renamed import find_renamed
from archive.research.rows import Row

STANDS, BROKEN = "stands", "broken"
# So many characters of what stands on the page are shown: a quotation, and no excerpt.
MOST_WORDS = 300
_ADDRESS = re.compile(r"/d/([^/@]{1,300})(?:@([0-9a-f]{4,64}))?/p([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What became of looking for one quotation."""

    outcome: str
    detail: str
    address: str = ""
    document: str | None = None
    version: str | None = None
    page: int | None = None
    words: str = ""


def claim_rows(connection: sqlite3.Connection, claims: Iterable[Claimed]) -> Iterator[Row]:
    """Yield a row for each quotation of each claim; pages and identifiers are there."""
    for ordinal, claim in enumerate(claims, 1):
        about = _about(connection, claim.about)
        for place, address in enumerate(claim.evidence, 1):
            told = "\n".join([claim.kind, claim.subject, claim.says, claim.about, address])
            found = _find(connection, address)
            yield {
                "id": hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:20],
                "kind": claim.kind,
                "ordinal": ordinal,
                "place": place,
                "subject": claim.subject,
                "says": claim.says,
                "about": claim.about,
                "about_document": about,
                "outcome": found.outcome,
                "detail": found.detail,
                "document": found.document,
                "version": found.version,
                "page": found.page,
                "address": found.address,
                "words": found.words,
            }


def _about(connection: sqlite3.Connection, about: str) -> str | None:
    """Return the document that a claim is about: the first that bears the number, or has the id."""
    if not about:
        return None
    if document := find_document(connection, about):
        return str(document["id"])
    found = documents_by_number(connection, about)[1]
    return str(found[0]["id"]) if found else None


def _find(connection: sqlite3.Connection, address: str) -> _Evidence:
    parts = urlsplit(address) if "[" not in address else urlsplit("")
    match = _ADDRESS.fullmatch(unquote(parts.path))
    asked = {name: values[0] for name, values in parse_qs(parts.query, max_num_fields=20).items()}
    quoted = parse_quotation(asked.get("quote", ""), asked.get("after", ""), asked.get("before", ""))
    if match is None or quoted is None:
        return _Evidence(BROKEN, "this is no address of a quotation on a page")
    version = _version(connection, match[1].lower(), match[2] or "")
    if version is None:
        return _Evidence(BROKEN, "no such document or version is held")
    number = int(match[3])
    where = _Evidence(BROKEN, "", page_address(version, number), version["document"], version["id"], number)
    page = read_page(connection, version, number)
    if page is None:
        return _broken(where, "this page was not read")
    places = find_places(connection, version, page, quoted)
    if places.state not in (EXACT, OTHERWISE) or not places.passages:
        return _broken(where, "the words do not stand on this page")
    passage = places.passages[0]
    if places.state == OTHERWISE:
        return _broken(where, "the words stand on this page otherwise")
    return _Evidence(STANDS, "", passage.address, where.document, where.version, number, passage.words[:MOST_WORDS])


def _broken(where: _Evidence, detail: str) -> _Evidence:
    return _Evidence(BROKEN, detail, where.address, where.document, where.version, where.page)


def _version(connection: sqlite3.Connection, document: str, tail: str) -> Row | None:
    """Return the version that an address names, by today's names or earlier ones."""
    found = find_document(connection, document)
    if found is None and len(others := find_alias(connection, document)) == 1:
        found = find_document(connection, others[0])
    version = find_version(connection, found, tail) if found else None
    return version or (find_renamed(connection, document, tail) if tail else None)
