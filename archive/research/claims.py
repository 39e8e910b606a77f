"""What is claimed of an award, with the quotations that it rests on; and what documents mention beside it.

Neither is a fact of the record, and nothing here makes it one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from itertools import groupby

from archive.research.documents import version_address
from archive.research.rows import Row, select
from archive.research.vendors import claims_of_kind

MOST_MENTIONS = 50
_SHORTEST_NAME = 4
# What a release says of versions of which an excerpt is published, or none of the text.
_NOT_WHOLE = ("excerpt", "not-published")


def claims_about(connection: sqlite3.Connection, documents: Iterable[str], numbers: Iterable[str] = ()) -> list[Row]:
    """Return the claims about some documents or numbers, each with its quotations: who says it, where, in what words.

    `broken` tells that a quotation doesn't stand where it is said to; such a claim is shown, and said to be broken.
    """
    documents, numbers = set(documents), set(numbers)
    rows = [
        row for row in claims_of_kind(connection, "claim")
        if row["about_document"] in documents or row["about"] in numbers
    ]  # fmt: skip
    published = _published(connection, [row["version"] for row in rows if row["version"]])
    found = []
    for _, held in groupby(rows, lambda row: (row["ordinal"], row["subject"], row["says"])):
        quotations = list(held)
        first = quotations[0]
        found.append({
            "subject": first["subject"], "says": first["says"], "about": first["about"],
            "broken": any(one["outcome"] != "stands" for one in quotations),
            "evidence": [_evidence(one, published.get(one["version"] or "", {})) for one in quotations],
        })  # fmt: skip
    return found


def _evidence(row: Row, document: Row) -> Row:
    names = ("outcome", "detail", "document", "version", "page", "address", "words")
    told = {name: row[name] for name in names}
    shown = {name: document.get(name) or "" for name in ("by", "title", "dated")}
    return {**told, **shown, "excerpted": document.get("outcome") in _NOT_WHOLE}


def _published(connection: sqlite3.Connection, versions: list[str]) -> dict[str, Row]:
    """Return, by version, its title, its date, and who published it: an article's outlet, a source's publisher."""
    rows = select(
        connection,
        "SELECT v.id, v.outcome, d.title, coalesce(d.published, d.posted, '') AS dated, coalesce("
        "(SELECT outlet FROM articles WHERE document = d.id LIMIT 1),"
        " (SELECT publisher FROM sources WHERE name = d.source), '') AS by"
        " FROM versions AS v JOIN documents AS d ON d.id = v.document"
        " WHERE v.id IN (SELECT value FROM json_each(?))",
        (json.dumps(versions),),
    )
    return {row["id"]: row for row in rows}


def mentions_beside(connection: sqlite3.Connection, documents: Iterable[str]) -> list[Row]:
    """Return the documents that refer to some others by number, and name a subject of claims on the same page.

    The rule is plain and proves nothing: both stand on one page. The subjects are those of all claims.
    """
    subjects = sorted({row["subject"] for row in claims_of_kind(connection, "claim")
                       if len(row["subject"]) >= _SHORTEST_NAME})  # fmt: skip
    wanted = list(documents)
    if not subjects or not wanted:
        return []
    rows = select(
        connection,
        "SELECT DISTINCT s.value AS subject, r.document, r.page, v.id, v.digest, v.ordinal, d.title,"
        " coalesce(d.published, d.posted, '') AS dated"
        ' FROM "references" AS r JOIN documents AS d ON d.id = r.document AND d.newest_version = r.version'
        " JOIN versions AS v ON v.id = r.version JOIN pages AS p ON p.version = r.version AND p.number = r.page"
        " JOIN json_each(?1) AS s ON instr(lower(p.text), lower(s.value))"
        " WHERE r.kind <> 'link' AND r.document NOT IN (SELECT value FROM json_each(?2))"
        " AND r.target IN (SELECT value FROM identifiers WHERE role = 'own' AND document IN"
        " (SELECT value FROM json_each(?2))) ORDER BY s.value, dated, r.document, r.page LIMIT ?3",
        (json.dumps(subjects), json.dumps(wanted), MOST_MENTIONS),
    )
    return [
        {"subject": row["subject"], "document": row["document"], "title": row["title"], "dated": row["dated"],
         "page": row["page"], "address": f"{version_address(row)}/p{row['page']}"} for row in rows
    ]  # fmt: skip
