"""A catalogue filled with evidence alone: captures, what they say, and what was read of them; settled on demand."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.addresses import url_key
from archive.catalog.evidence import LinkText, PageText, ReadFacts, ReadText
from archive.catalog.joined import Corrections
from archive.catalog.link_corrections import LinkCorrections
from archive.catalog.opening import open_catalogue
from archive.catalog.runs import RunFacts
from archive.catalog.settle import settle
from pipelines.items import Item
from pipelines.statements import DOCUMENTS, statements_of

EVIDENCE = ("captures", "records", "statements", "sightings", "readings")
SOURCES = [
    {"name": name, "title": name, "publisher": "", "home": "", "collection": f"{name} papers", "description": ""}
    for name in ("library", "news", "notices", "deposit")
]


@dataclass(frozen=True)
class Captured:
    """One capture as a test writes it down: the answer to one request, and the items that its source says of it."""

    url: str
    at: str
    items: tuple[Item, ...] = ()
    body: str = ""
    pages: tuple[str, ...] | None = None  # what a reader makes of the body; None: it isn't read
    links: tuple[str, ...] = ()
    location: str = ""
    outcome: str = ""
    source: str = "library"
    run: str = ""
    kind: str = "response"
    metadata: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    text: ReadText | None = None  # all that a reader found, in place of `pages` as they stand

    @property
    def digest(self) -> str:
        return hashlib.sha256((self.body or self.url + self.at).encode()).hexdigest()

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.url} {self.at} {self.digest}".encode()).hexdigest()[:16]

    @property
    def run_id(self) -> str:
        return self.run or f"{self.source}-{self.at[:10]}"


class World:
    """An archive's catalogue in memory."""

    def __init__(self, *captured: Captured) -> None:
        self.connection: sqlite3.Connection = open_catalogue(Path(":memory:"))
        self.runs: dict[str, RunFacts] = {}
        self.corrections = Corrections()
        self.links = LinkCorrections()
        self._facts: dict[str, ReadFacts] = {}
        self._texts: dict[str, ReadText] = {}
        self.take(*captured)

    def take(self, *captured: Captured) -> World:
        """Add evidence; nothing follows from it before `settle`."""
        with self.connection:
            for one in captured:
                self._add(one)
        return self

    def _add(self, one: Captured) -> None:
        statements = statements_of(one.items)
        holds = any(statement.kind in DOCUMENTS for statement in statements)
        outcome = one.outcome or ("redirect" if one.location else "document" if holds else "listing")
        values = {
            "id": one.id, "source": one.source, "run": one.run_id, "kind": one.kind, "url": one.url,
            "url_key": url_key(one.url), "method": "GET", "captured_at": one.at, "status": one.status, "media_type": "",
            "payload_digest": "", "payload_bytes": len(one.body), "content_digest": one.digest,
            "location": one.location, "truncated": "", "fidelity": "wire", "file_name": "", "callback": "parse",
            "arguments": "{}", "sample": 0, "outcome": outcome, "detail": "",
        }  # fmt: skip
        _insert(self.connection, "captures", values)
        for ordinal, said in enumerate(statements):
            _insert(self.connection, "statements", {"id": said.id, "kind": said.kind, "body": said.body})
            _insert(self.connection, "sightings", {"capture": one.id, "ordinal": ordinal, "statement": said.id})
        if one.pages is not None:
            self._read(one, one.pages)

    def _read(self, one: Captured, pages: tuple[str, ...]) -> None:
        text = "\f".join(pages)
        digest = hashlib.sha256(text.encode()).hexdigest() if text.strip() else ""
        outcome = "text" if pages else "no-pages"
        cover = pages[0][:4000] if pages else ""
        self._facts[one.digest] = ReadFacts(
            "reader-1", outcome, "", len(pages), len(text.split()), cover, digest, one.metadata
        )
        self._texts[one.digest] = one.text or ReadText(
            tuple(PageText(number, "", "text", page) for number, page in enumerate(pages, 1)),
            tuple(LinkText(1, url, "") for url in one.links),
        )

    def settle(self) -> World:
        """Work out all that follows, as every load does."""
        settle(
            self.connection, SOURCES, self.runs, self._facts.get, self._texts.__getitem__, corrections=self.corrections,
            links=self.links,
        )  # fmt: skip
        return self

    def rows(self, table: str, where: str = "1", *values: object) -> list[dict[str, Any]]:
        """Return rows of a table in the order of their columns."""
        found = self.connection.execute(f'SELECT * FROM "{table}" WHERE {where}', values)
        return sorted((dict(row) for row in found), key=lambda row: json.dumps(list(row.values())))

    def ids(self) -> list[str]:
        """Return the names of all documents."""
        return [row["id"] for row in self.rows("documents")]

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Return every table that follows from the evidence."""
        names = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        kept = [name for (name,) in names if not name.startswith(("pages_fts", "changed_passages_fts", "_", "sqlite"))]
        return {name: self.rows(name) for name in kept if name not in EVIDENCE}


def _insert(connection: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    holes = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT OR IGNORE INTO {table} ({', '.join(values)}) VALUES ({holes})",
        tuple(values.values()),
    )


def night(number: int, second: int = 0) -> str:
    """Return an instant of the night with this number."""
    return f"2018-01-{number:02}T03:{second // 60:02}:{second % 60:02}Z"


def prose(words: Iterable[str] | str, count: int = 80) -> str:
    """Return a text of `count` words that a reader would take for a page's."""
    named = words.split() if isinstance(words, str) else list(words)
    return " ".join(named[place % len(named)] + str(place // len(named)) for place in range(count))
