"""What the captures say, read back from the catalogue's tables of evidence into frozen records."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archive.addresses import url_key

# The outcome of a file that no reader takes.
NOT_READ = "unsupported-type"


@dataclass(frozen=True, slots=True)
class Seen:
    """A capture, as far as what follows from it needs to know."""

    id: str
    source: str
    run: str
    kind: str
    url: str
    url_key: str
    captured_at: str
    status: int
    media_type: str
    payload_bytes: int
    content_digest: str
    location: str
    file_name: str
    outcome: str
    detail: str
    sample: bool

    @property
    def order(self) -> tuple[str, str]:
        """Where it stands among all captures: by time, and then by its own id, never by when it was stored."""
        return (self.captured_at, self.id)


@dataclass(frozen=True, slots=True)
class Said:
    """One statement of one capture; `body` is a pipelines/items.py record as JSON gives it back."""

    seen: Seen
    kind: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageText:
    """One page of a reading."""

    number: int
    label: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class LinkText:
    """One link of a reading."""

    page: int
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class ReadFacts:
    """What a reader made of one payload, short of its text: `pages` and `words` count, `cover` is the beginning of
    the first page, `text_digest` the SHA-256 of all pages' text ("" where there is none)."""

    reader: str
    outcome: str
    detail: str
    pages: int
    words: int
    cover: str
    text_digest: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadText:
    """The text of one payload."""

    pages: tuple[PageText, ...] = ()
    links: tuple[LinkText, ...] = ()


MOST_REDIRECTS = 10

# Gives the facts of a reading by the payload's content digest, or None where it hasn't been read.
Reader = Callable[[str], ReadFacts | None]
# Gives the text of a payload that has been read.
TextOf = Callable[[str], ReadText]


def resolve(url: str, redirects: Mapping[str, str]) -> str:
    """Return the key of the address where `url` ends, by the redirects that were seen."""
    key = url_key(url)
    for _ in range(MOST_REDIRECTS):
        if key not in redirects:
            break
        key = redirects[key]
    return key


@dataclass(frozen=True)
class Evidence:
    """All that was seen and said, in the order of the captures."""

    seen: tuple[Seen, ...]
    said: tuple[Said, ...]

    @cached_property
    def redirects(self) -> dict[str, str]:
        """Which address leads to which other now, both by key: one that answers by itself again leads nowhere."""
        leads: dict[str, str] = {}
        for seen in self.seen:
            if seen.outcome == "redirect" and seen.location:
                end = url_key(seen.location)
                if end != seen.url_key:  # from http to https, say
                    leads[seen.url_key] = end
            elif seen.outcome in ("document", "listing", "unchanged"):
                leads.pop(seen.url_key, None)
        return leads

    @cached_property
    def _ends(self) -> dict[str, str]:
        return {}

    def end_of(self, url: str) -> str:
        """Return the key of the address where `url` ends; lists show the same addresses night after night."""
        if url not in self._ends:
            self._ends[url] = resolve(url, self.redirects)
        return self._ends[url]

    def of_kind(self, kind: str) -> list[Said]:
        """Return the statements of one kind, in the order of the captures."""
        return [said for said in self.said if said.kind == kind]


def read_evidence(connection: sqlite3.Connection) -> Evidence:
    """Read all captures and statements. Memory grows with their number, not with the text of documents."""
    columns = ", ".join(name for name in Seen.__slots__)
    seen = tuple(
        Seen(**{**dict(zip(Seen.__slots__, row, strict=True)), "sample": bool(row[-1])})
        for row in connection.execute(f"SELECT {columns} FROM captures ORDER BY captured_at, id")  # noqa: S608
    )
    by_id = {one.id: one for one in seen}
    rows = connection.execute(
        "SELECT sightings.capture, statements.kind, statements.body FROM sightings"
        " JOIN statements ON statements.id = sightings.statement"
        " JOIN captures ON captures.id = sightings.capture"
        " ORDER BY captures.captured_at, captures.id, sightings.ordinal"
    )
    return Evidence(seen, tuple(Said(by_id[capture], kind, json.loads(body)) for capture, kind, body in rows))
