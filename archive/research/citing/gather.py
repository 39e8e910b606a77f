"""From the rows of a document, a version and a page to what is cited: which date, which page, whose register."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from archive.identifiers import find_identifiers
from archive.research import documents
from archive.research.citation import cite
from archive.research.citing.item import PAGES, Cited, Described, Part, item_of
from archive.research.quotations import Quoted, find_quotation, query_of
from archive.research.rows import Row, select, select_one

LONGEST_QUOTE = 2_000
# The line at the head of a page of the Federal Register has its number at the one end or the other.
_SECTION = "(?:Notices|Rules and Regulations|Proposed Rules|Presidential Documents)"
_REGISTER_HEAD = re.compile(
    r"(?:(?P<left>[0-9]{1,6})\s{1,4})?Federal\s{1,3}Register\s{0,3}/\s{0,3}Vol\.\s{0,3}(?P<volume>[0-9]{1,3})"
    rf"[^\n]{{0,80}}?/\s{{0,3}}{_SECTION}(?:\s{{0,3}}/?\s{{0,3}}(?P<right>[0-9]{{1,6}}))?"
)


@dataclass(frozen=True, slots=True)
class Teller:
    """Who gives a citation: the archive's name, its public address ("" where none is set), and the day."""

    name: str
    site: str = ""
    accessed: str = ""


def gather(
    connection: sqlite3.Connection,
    teller: Teller,
    document: Row,
    version: Row | None,
    page: Row | None = None,
    quoted: Quoted | None = None,
) -> Cited:
    """Return what is cited: the document (its newest version), a version, a page of it, or words quoted from a page.

    Words that don't stand on the page are left out, and the page is cited.
    """
    article = documents.find_article(connection, version) if version else None
    value, words = _date_of(connection, document, version)
    outlet = article["outlet"] if article else ""
    told = Described(
        id=document["id"] if version is None else f"{document['id']}-{documents.version_tail(version)}",
        title=(version["title"] if version else "") or document["title"] or document["number"] or document["id"],
        kind=document["kind"],
        collection=document["collection"],
        number=document["number"],
        component=document["component"],
        date=value,
        url=(article["url"] if article else "") or (version["url"] if version else "") or document["url"],
        outlet=outlet,
        register=_register_of(connection, document, version),
    )
    item, institution = item_of(told)
    quote = _words_of(page, quoted)
    address = _address_of(document, version, page, quoted if quote else None)
    sample = documents.is_sample(connection) or bool(document["sample"])
    plain = cite(
        {**document, "published": value, "published_words": words} if value else document,
        version,
        page=page["number"] if page else None,
        label=page["label"] if page else "",
        outlet=outlet,
        site=teller.site,
        accessed=teller.accessed,
        sample=sample,
    )
    return Cited(
        item=item,
        part=Part(_page_number(page, told.register), quote),
        institution=institution,
        path=address,
        archived=teller.site.rstrip("/") + address,
        archived_on=version["first_seen"][:10] if version else "",
        archive_name=teller.name,
        digest=documents.hex_digest(version["digest"]) if version else "",
        accessed=teller.accessed,
        plain=plain.replace(_address_of(document, version, page, None), address) if quote else plain,
        gone=document["listing"] == "gone",
        sample=sample,
    )


def _address_of(document: Row, version: Row | None, page: Row | None, quoted: Quoted | None) -> str:
    if version is None:
        return documents.document_address(document["id"])
    if page is None:
        return documents.version_address(version)
    return documents.page_address(version, page["number"]) + (query_of(quoted) if quoted else "")


def _words_of(page: Row | None, quoted: Quoted | None) -> str:
    """Return the words of a quotation as they stand on the page, in one line; "" where they don't."""
    found = find_quotation(page["text"], quoted) if page and quoted else []
    return " ".join(page["text"][found[0][0] : found[0][1]].split())[:LONGEST_QUOTE] if page and found else ""


def _page_number(page: Row | None, register: str) -> str:
    """Return the number printed on a page, in the register's print the register's; its place where none is printed."""
    if page is None:
        return ""
    head = _REGISTER_HEAD.search(page["text"][:400]) if register else None
    printed = (head["left"] or head["right"]) if head else ""
    return printed or " ".join(str(page["label"]).split())[:20] or str(page["number"])


def _date_of(connection: sqlite3.Connection, document: Row, version: Row | None) -> tuple[str, str]:
    """Return the date of what is cited, and its printed words: the version's own, where it is an earlier one.

    What a page of the web or a record of a database has is the day on which it was posted.
    """
    own = (document["published"] or "", document["published_words"] or "")
    if version is not None and version["id"] != document["newest_version"]:
        own = _date_of_version(connection, version, own)
    if own[0] or (document["kind"] not in PAGES):
        return own
    return document["posted"] or "", document["posted_words"] or ""


def _date_of_version(connection: sqlite3.Connection, version: Row, newest: tuple[str, str]) -> tuple[str, str]:
    """Return an earlier version's date: what it prints itself before what was said of it elsewhere, and no other's."""
    for table, column in (("notices", "posted"), ("awards", "action_date")):
        record = select_one(connection, f"SELECT {column} AS day FROM {table} WHERE version = ?", (version["id"],))  # noqa: S608
        if record:
            return record["day"] or "", record["day"] or ""
    rows = [row for row in documents.list_dates(connection, version) if row["role"] == "published"]
    printed = [row for row in rows if row["words"] != row["value"]]
    for some in (printed, rows):
        if len({row["value"] for row in some}) == 1:
            return some[0]["value"], some[0]["words"]
    return newest if not rows or newest[0] in {row["value"] for row in rows} else ("", "")


def _register_of(connection: sqlite3.Connection, document: Row, version: Row | None) -> str:
    """Return where a notice stands in the Federal Register ("81 FR 72080"), "" for what doesn't stand in it.

    The citation is the document's own; or that of the document with the register's number that its address has; or
    what the head of its first page says.
    """
    own = select(
        connection,
        "SELECT value FROM identifiers WHERE document = ? AND scheme = 'fr-citation' AND role = 'own'",
        (document["id"],),
    )
    if len(own) == 1:
        return str(own[0]["value"])
    for found in find_identifiers(version["url"] if version else document["url"]):
        if found.identifier.scheme == "fr-document":
            row = select_one(
                connection,
                "SELECT c.value FROM identifiers AS n JOIN identifiers AS c USING (document) WHERE n.value = ? "
                "AND n.scheme = 'fr-document' AND n.role = 'own' AND c.scheme = 'fr-citation' AND c.role = 'own'",
                (found.identifier.value,),
            )
            return str(row["value"]) if row else _register_on_page(connection, version)
    return ""


def _register_on_page(connection: sqlite3.Connection, version: Row | None) -> str:
    if version is None:
        return ""
    first = select_one(
        connection,
        "SELECT substr(text, 1, 400) AS head FROM pages WHERE version = ? ORDER BY number LIMIT 1",
        (version["id"],),
    )
    head = _REGISTER_HEAD.search(first["head"]) if first else None
    page = (head["left"] or head["right"]) if head else None
    return f"{head['volume']} FR {page}" if head and page else ""
