"""The rows that say which captures there are and where they lie (tables `captures` and `records`)."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archive.addresses import REDACTED, without_secrets
from archive.model import Capture
from archive.store.describe import capture_key, to_json
from archive.store.unit import Record


@dataclass(frozen=True, slots=True)
class Question:
    """What a source asks for: an address, and which of its callbacks reads the answer with what arguments."""

    source: str
    url: str
    callback: str
    arguments: Mapping[str, object]
    method: str = "GET"


@dataclass(frozen=True, slots=True)
class Answer:
    """A capture that answers a question, as far as that is told by its row."""

    id: str
    url: str
    run: str
    status: int
    captured_at: str
    outcome: str


def insert(connection: sqlite3.Connection, capture: Capture, record: Record) -> None:
    """Add a capture and its place; the caller commits, or rolls both back.

    Raises sqlite3.IntegrityError where either is there already.
    """
    row = dataclasses.asdict(capture) | {
        "url_key": capture_key(capture.url, capture.method, capture.callback, capture.arguments),
        "arguments": to_json(dict(capture.arguments)),
        "sample": int(capture.sample),
    }
    _insert(connection, "captures", row)
    _insert(connection, "records", dataclasses.asdict(record))


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    # The names are those of our own dataclasses.
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def find_capture(connection: sqlite3.Connection, capture: str) -> Capture | None:
    """Return the capture of that id, None where there is none."""
    cursor = connection.execute("SELECT * FROM captures WHERE id = ?", (capture,))
    row = cursor.fetchone()
    return None if row is None else capture_of(dict(zip(_columns(cursor), row, strict=True)))


def capture_of(row: dict[str, object]) -> Capture:
    """Make a capture of a row of `captures`; other columns are left alone."""
    facts = {field.name: row[field.name] for field in dataclasses.fields(Capture)}
    facts["arguments"] = json.loads(str(facts["arguments"]))
    facts["sample"] = bool(facts["sample"])
    return Capture(**facts)  # type: ignore[arg-type]


def find_record(connection: sqlite3.Connection, capture: str) -> Record | None:
    """Return where a capture lies, None where the index doesn't say."""
    row = connection.execute(
        "SELECT capture, warc, offset, length, response_offset, digest, revisit_of FROM records WHERE capture = ?",
        (capture,),
    ).fetchone()
    return None if row is None else Record(*row)


def iter_answers(connection: sqlite3.Connection, question: Question) -> Iterator[Answer]:
    """Yield the captures of exactly this question, the latest first."""
    asked = spelling(question.url)
    rows = connection.execute(
        "SELECT id, url, run, status, captured_at, outcome FROM captures"
        " WHERE url_key = ? AND source = ? AND method = ? AND callback = ? AND arguments = ?"
        " AND kind IN ('response', 'conversion')"
        " ORDER BY captured_at DESC, id DESC",
        (
            capture_key(question.url, question.method, question.callback, question.arguments),
            *(question.source, question.method, question.callback, to_json(dict(question.arguments))),
        ),
    )
    for row in rows:
        if spelling(row[1]) == asked:
            yield Answer(*row)


def holds_other_runs(connection: sqlite3.Connection, run: str) -> bool:
    """Say whether there is any capture of another run."""
    return connection.execute("SELECT 1 FROM captures WHERE run <> ? LIMIT 1", (run,)).fetchone() is not None


def count_captures(connection: sqlite3.Connection, site: str, since: str) -> int:
    """Return how many answers a site gave from an instant on; `site` is the key of its root (archive/addresses.py)."""
    row = connection.execute(
        "SELECT count(*) FROM captures WHERE captured_at >= :since AND kind = 'response' AND (url_key = :site"
        " OR url_key BETWEEN :site || '/' AND :site || '0' OR url_key BETWEEN :site || '?' AND :site || '@')",
        {"site": site, "since": since},
    ).fetchone()
    return int(row[0])


def spelling(url: str) -> str:
    """Return an address as it was spelled, without what is recorded in place of a key, or wasn't there when asked."""
    address, _, query = without_secrets(url).partition("?")
    return "?".join([address, *[part for part in query.split("&") if part and not part.endswith(f"={REDACTED}")]])


def find_original(connection: sqlite3.Connection, capture: Capture) -> str:
    """Return the id of a capture that holds the same payload and content itself, or ""."""
    row = connection.execute(
        "SELECT captures.id FROM captures JOIN records ON records.capture = captures.id"
        " WHERE payload_digest = ? AND content_digest = ? AND revisit_of = '' AND captures.id <> ?"
        " ORDER BY captured_at, captures.id LIMIT 1",
        (capture.payload_digest, capture.content_digest, capture.id),
    ).fetchone()
    return "" if row is None else str(row[0])


def find_payload(connection: sqlite3.Connection, payload_digest: str) -> str:
    """Return the id of any capture that holds a payload itself, or ""."""
    row = connection.execute(
        "SELECT captures.id FROM captures JOIN records ON records.capture = captures.id"
        " WHERE payload_digest = ? AND revisit_of = '' ORDER BY captured_at, captures.id LIMIT 1",
        (payload_digest,),
    ).fetchone()
    return "" if row is None else str(row[0])


def indexed_end(connection: sqlite3.Connection, warc: str) -> int:
    """Return where the last indexed unit of a file ends, 0 where the index knows none."""
    row = connection.execute(
        "SELECT offset + length FROM records WHERE warc = ? ORDER BY offset DESC LIMIT 1", (warc,)
    ).fetchone()
    return 0 if row is None else int(row[0])


def records_of(connection: sqlite3.Connection, warc: str) -> list[Record]:
    """Return the places within one file, in their order."""
    rows = connection.execute(
        "SELECT capture, warc, offset, length, response_offset, digest, revisit_of"
        " FROM records WHERE warc = ? ORDER BY offset",
        (warc,),
    )
    return [Record(*row) for row in rows]


def _columns(cursor: sqlite3.Cursor) -> list[str]:
    return [column[0] for column in cursor.description]
