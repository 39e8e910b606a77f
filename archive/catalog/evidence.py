"""What the captures say, read back from the catalogue's tables of evidence into frozen records."""

from __future__ import annotations

import json
import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from archive.addresses import url_key

# The outcome of a file that no reader takes.
NOT_READ = "unsupported-type"


@dataclass(frozen=True, slots=True)
class Seen:
    """A capture, as far as what follows from it needs to know.

    One that somebody else took counts where and when they took it, for the source that read it: a copy of 2018 is
    evidence of 2018. `walk` names the pass over a site that it belongs to: its run, but of what others captured only
    what they captured on one day, and of copies each by itself, since they were never one walk.
    """

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
    walk: str = ""
    method: str = "GET"
    original_at: str = ""

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
    """One page of a reading; `parts` are (kind, start, end) in its text, `also` other forms of its broken words.

    `origin` and `confidence` say what read its letters, and how surely ("", None where a source gave the text);
    `covered` counts letters that lie under a box and were left out.
    """

    number: int
    label: str
    outcome: str
    text: str
    parts: tuple[tuple[str, int, int], ...] = ()
    runs_on: str = ""
    also: str = ""
    origin: str = ""
    confidence: float | None = None
    covered: int = 0


@dataclass(frozen=True, slots=True)
class TableText:
    """A table of a reading: the `number`th of its page; of its `rows` the first `headers` are its head."""

    page: int
    number: int
    headers: int
    rows: tuple[tuple[str, ...], ...]


class EntryText(NamedTuple):
    """A section of a document: its `level` from 1, its number as printed, its title, the page it begins on."""

    level: int
    number: str
    title: str
    page: int


class FactText(NamedTuple):
    """Something a document says of itself, or that was found in it; `page` is 0 where it stands on none."""

    name: str
    value: str
    page: int


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
    """The text of one payload, and what was found in it."""

    pages: tuple[PageText, ...] = ()
    links: tuple[LinkText, ...] = ()
    tables: tuple[TableText, ...] = ()
    outline: tuple[EntryText, ...] = ()
    facts: tuple[FactText, ...] = ()


MOST_REDIRECTS = 10
# What a capture counts as, where that isn't what the column of the name says.
EFFECTIVE = {
    "source": "CASE read_by WHEN '' THEN source ELSE read_by END",
    "url": "CASE original_url WHEN '' THEN url ELSE original_url END",
    "captured_at": "CASE original_at WHEN '' THEN captured_at ELSE original_at END",
    "walk": "CASE WHEN original_at <> '' THEN run || '/' || id WHEN provenance <> ''"
    " THEN run || '/' || substr(captured_at, 1, 10) ELSE run END",
}

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

    @cached_property
    def _led(self) -> dict[str, list[tuple[tuple[str, str], str, str]]]:
        """For each address that ever led to another: when, in which run, and where to ("" where it answered)."""
        led: dict[str, list[tuple[tuple[str, str], str, str]]] = {}
        for seen in self.seen:
            end = url_key(seen.location) if seen.outcome == "redirect" and seen.location else ""
            if end and end != seen.url_key:
                led.setdefault(seen.url_key, [])
        for seen in self.seen:
            if seen.url_key in led and seen.outcome in ("redirect", "document", "listing", "unchanged"):
                end = url_key(seen.location) if seen.outcome == "redirect" and seen.location else ""
                led[seen.url_key].append((seen.order, seen.run, end if end != seen.url_key else ""))
        return led

    def end_at(self, url: str, at: Seen) -> str:
        """Return the key of the address where `url` ended when `at` was captured, as far as was seen.

        What was seen in the same run counts, else the last that was seen before, else the first after.
        """
        key = url_key(url)
        for _ in range(MOST_REDIRECTS):
            led = self._led.get(key)
            if not led:
                break
            same = [end for _, run, end in led if run == at.run]
            before = bisect_right(led, at.order, key=lambda one: one[0])
            end = same[-1] if same else led[max(before - 1, 0)][2]
            if not end:
                break
            key = end
        return key

    def of_kind(self, kind: str) -> list[Said]:
        """Return the statements of one kind, in the order of the captures."""
        return [said for said in self.said if said.kind == kind]


def read_evidence(connection: sqlite3.Connection) -> Evidence:
    """Read all captures and statements. Memory grows with their number, not with the text of documents."""
    columns = ", ".join(EFFECTIVE.get(name, name) for name in Seen.__slots__)
    found = connection.execute(f"SELECT {columns}, original_url FROM captures")  # noqa: S608
    seen = tuple(sorted((_seen(*row) for row in found), key=lambda one: one.order))
    by_id = {one.id: one for one in seen}
    rows = connection.execute(
        "SELECT sightings.capture, statements.kind, statements.body FROM sightings"
        " JOIN statements ON statements.id = sightings.statement"
        " ORDER BY sightings.capture, sightings.ordinal"
    )
    said = [Said(by_id[capture], kind, json.loads(body)) for capture, kind, body in rows]
    return Evidence(seen, tuple(sorted(said, key=lambda one: one.seen.order)))


def _seen(*row: Any) -> Seen:
    """Make a record of a row; the key of the address that a copy is of is not among the columns."""
    facts = dict(zip(Seen.__slots__, row[:-1], strict=True))
    if row[-1]:
        facts["url_key"] = url_key(row[-1])
    return Seen(**{**facts, "sample": bool(facts["sample"])})
