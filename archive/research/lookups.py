"""From what a person has in hand (a number in any spelling, an original address) to documents; and counts."""

from __future__ import annotations

import json
import re
import sqlite3

from archive.addresses import is_web_address, url_key
from archive.identifiers import Identifier, matches, parse_identifier
from archive.research.rows import Row, select, select_one

_LAST_DIGITS = re.compile(r"[0-9]+[^0-9]*$")
SHOWN = (
    "d.id, d.collection, d.kind, d.title, d.number, d.component, d.published, d.posted, d.first_seen, d.listing, d.url"
)


def documents_by_number(connection: sqlite3.Connection, printed: str) -> tuple[Identifier | None, list[Row]]:
    """Return the identifier that `printed` is (None where it is none) and the documents that carry it.

    A short form ("PIA-039") finds every number that it fits. The documents whose own number it is are meant before
    those that are about it, and a file before the page that leads to it.
    """
    identifier = parse_identifier(printed[:200].strip())
    if identifier is None:
        return None, []
    values = numbers_like(connection, identifier)
    found = select(
        connection,
        f"SELECT {SHOWN}, min(i.role <> 'own') AS indirect FROM identifiers AS i "  # noqa: S608
        "JOIN documents AS d ON d.id = i.document "
        "WHERE i.scheme = ? AND i.value IN (SELECT value FROM json_each(?)) GROUP BY d.id "
        "ORDER BY indirect, d.kind LIKE '%page', d.number, "
        "coalesce(d.published, d.posted, d.first_seen) DESC, d.id LIMIT 200",
        (identifier.scheme, json.dumps(values)),
    )
    own = [row for row in found if not row["indirect"]]
    return identifier, [row for row in own if not row["kind"].endswith("page")] or own or found


def numbers_like(connection: sqlite3.Connection, identifier: Identifier) -> list[str]:
    """Return the numbers held that an identifier stands for: itself, or those that a short form fits."""
    held = select_one(
        connection,
        "SELECT 1 AS held FROM identifiers WHERE scheme = ? AND value = ?",
        (identifier.scheme, identifier.value),
    )
    if held:
        return [identifier.value]
    every = select(
        connection,
        "SELECT DISTINCT value FROM identifiers WHERE scheme = ? ORDER BY value",
        (identifier.scheme,),
    )
    return [row["value"] for row in every if matches(identifier.value, row["value"])][:200]


def numbers_near(connection: sqlite3.Connection, identifier: Identifier, most: int = 3) -> list[Row]:
    """Return the numbers held that stand before and after one that isn't, each with a document whose own it is.

    Near are numbers that begin alike: of one component, one volume of the register, one office and year.
    """
    stem = _LAST_DIGITS.sub("", identifier.value)
    if not stem:
        return []
    sides = (("<", "DESC"), (">", "ASC"))
    found = [
        select(
            connection,
            "SELECT i.value AS number, min(i.document) AS document, d.title FROM identifiers AS i "  # noqa: S608
            "JOIN documents AS d ON d.id = i.document WHERE i.scheme = ? AND i.role = 'own' "
            f"AND i.value {side} ? AND substr(i.value, 1, ?) = ? GROUP BY i.value ORDER BY i.value {order} LIMIT ?",
            (identifier.scheme, identifier.value, len(stem), stem, most),
        )
        for side, order in sides
    ]
    return sorted((row for rows in found for row in rows), key=lambda row: row["number"])


def documents_citing(connection: sqlite3.Connection, identifier: Identifier) -> list[Row]:
    """Return the documents that print a number, whether or not the archive holds what it stands for."""
    return select(
        connection,
        f'SELECT DISTINCT {SHOWN} FROM "references" AS r JOIN documents AS d ON d.id = r.document '  # noqa: S608
        "WHERE r.kind = ? AND r.target = ? ORDER BY d.collection, coalesce(d.published, d.posted, ''), d.id LIMIT 200",
        (identifier.scheme, identifier.value),
    )


def documents_by_address(connection: sqlite3.Connection, url: str) -> list[Row]:
    """Return the documents that an address, in any of its spellings, has led to; none for what isn't one."""
    if not is_web_address(url):
        return []
    return select(
        connection,
        f"SELECT {SHOWN}, min(a.url) AS address, min(a.role) AS role FROM addresses AS a "  # noqa: S608
        "JOIN documents AS d ON d.id = a.document WHERE a.url_key = ? GROUP BY d.id ORDER BY d.id LIMIT 200",
        (url_key(url),),
    )


def captures_of_address(connection: sqlite3.Connection, url: str, limit: int = 20) -> list[Row]:
    """Return when an address was captured and what came of it, newest first; copies that others took stand among them.

    A copy's `captured_at` is when it was taken, and `provenance` says whose it is.
    """
    if not is_web_address(url):
        return []
    key = url_key(url)
    # A copy is indexed under its keeper's address; of its own there are the spellings that a site is served under.
    copied = [f"{scheme}://{host}{key}" for scheme in ("http", "https") for host in ("", "www.")]
    copied += [f"{spelling}/" for spelling in copied] + [url]
    marks = ", ".join("?" * len(copied))
    return select(
        connection,
        "SELECT id, url, captured_at, status, media_type, outcome, provenance FROM captures WHERE url_key = ?"  # noqa: S608
        " UNION SELECT id, original_url, original_at, status, media_type, outcome, provenance FROM captures"
        f" WHERE original_url <> '' AND original_url IN ({marks}) ORDER BY 3 DESC, 1 LIMIT ?",
        (key, *copied, limit),
    )


def list_documents(connection: sqlite3.Connection, ids: list[str]) -> list[Row]:
    """Return the documents with these ids, by id."""
    return select(
        connection,
        f"SELECT {SHOWN} FROM documents AS d WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",  # noqa: S608
        (json.dumps(ids),),
    )


def newest_documents(connection: sqlite3.Connection, limit: int = 10) -> list[Row]:
    """Return the documents that were first seen last."""
    return select(
        connection,
        f"SELECT {SHOWN} FROM documents AS d ORDER BY first_seen DESC, "  # noqa: S608
        "coalesce(published, posted, '') DESC, id LIMIT ?",
        (limit,),
    )


def count_all(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many documents, versions, pages, references and captures there are."""
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in ("documents", "versions", "pages", "references", "captures")
    }


def count_collections(connection: sqlite3.Connection) -> list[Row]:
    """Return each collection with its number of documents and its earliest and latest date."""
    return select(
        connection,
        "SELECT collection, count(*) AS documents, min(coalesce(published, posted)) AS earliest, "
        "max(coalesce(published, posted)) AS latest FROM documents GROUP BY collection ORDER BY collection",
    )


def list_sources(connection: sqlite3.Connection) -> list[Row]:
    """Return every source with its documents, its last run and what came of that, by name.

    `health` is "ok", "failing" (a failure in the last run, or too few documents), "interrupted" or "never run".
    """
    sources = select(
        connection,
        "SELECT s.*, (SELECT count(*) FROM documents AS d WHERE d.source = s.name) AS documents "
        "FROM sources AS s ORDER BY s.name",
    )
    for source in sources:
        run = select_one(
            connection,
            "SELECT * FROM runs WHERE source = ? ORDER BY started DESC, night DESC, minimum IS NULL, id DESC LIMIT 1",
            (source["name"],),
        )
        source["run"] = run
        source["last_run"] = (run["finished"] or run["started"]) if run else None
        source["health"] = health(run)
        source["outcomes"] = count_outcomes(connection, run["id"]) if run else []
    return sources


def health(run: Row | None) -> str:
    """Return how a source is, going by its last run."""
    if run is None:
        return "never run"
    if run["status"] not in {"finished", "limit", "budget", "failed"}:
        return "interrupted"
    return "failing" if run["failures"] else "ok"


def count_outcomes(connection: sqlite3.Connection, run: str) -> list[Row]:
    """Return a run's outcomes, counted, the gravest first, each with some of its subjects."""
    counted = select(
        connection,
        "SELECT outcome, severity, count(*) AS number FROM outcomes WHERE run = ? GROUP BY outcome, severity "
        "ORDER BY CASE severity WHEN 'failure' THEN 0 WHEN 'note' THEN 1 ELSE 2 END, outcome",
        (run,),
    )
    for entry in counted:
        entry["subjects"] = [
            row["subject"]
            for row in select(
                connection,
                "SELECT subject FROM outcomes WHERE run = ? AND outcome = ? ORDER BY subject LIMIT 5",
                (run, entry["outcome"]),
            )
        ]
    return counted
