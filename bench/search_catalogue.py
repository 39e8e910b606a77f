"""Writes a catalogue of made-up documents for the bench of search: with versions, dates, vendors, outlets.

Row by row, as settling leaves them; the release that is measured is made of it by the archive's own means.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from random import Random

from archive.catalog.opening import open_catalogue
from archive.page_keys import page_key
from bench.search_words import Words

# Kinds with their collection and their share of the documents.
KINDS = (
    ("file", "Privacy impact assessments", 25),
    ("publication page", "Privacy impact assessments", 10),
    ("file", "Inspector general", 10),
    ("notice", "Contract notices", 20),
    ("award", "Contract awards", 15),
    ("article", "News", 20),
)
COMPONENTS = ("", "ALL", "CBP", "CISA", "FEMA", "HQ", "ICE", "NPPD", "OIG", "S&T", "TSA", "USCG", "USCIS", "USSS")
VENDORS, OUTLETS, DAYS, NEW_PAGES = 3_000, 150, 6_000, 5
_LENGTHS = ((1, 1, 40), (2, 5, 25), (6, 20, 20), (21, 60, 15))
_VERSIONS = (1, 1, 2, 1, 3)


@dataclass(slots=True)
class Made:
    """What was written, as far as the bench asks for it."""

    pages: int = 0
    documents: int = 0
    versions: int = 0
    characters: int = 0
    numbers: list[str] = field(default_factory=list)


def write(path: Path, pages: int, seed: int) -> Made:
    """Make a catalogue of at least so many pages. Its full-text index is left empty: a release makes its own."""
    random, words, made = Random(seed), Words(seed), Made()
    with closing(open_catalogue(path)) as connection:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-400000", "foreign_keys=OFF"):
            connection.execute(f"PRAGMA {pragma}")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        with connection:
            _add_source(connection)
        while made.pages < pages:
            with connection:
                for _ in range(500):
                    if made.pages < pages:
                        _Document(random, words, made).put(connection)
        with connection:
            for _, sql in triggers:
                connection.execute(sql)
        connection.execute("PRAGMA journal_mode=DELETE")
    return made


def _add_source(connection: sqlite3.Connection) -> None:
    at = "2018-01-26T15:00:00Z"
    _insert(connection, "sources", [{"name": "bench", "title": "Bench", "publisher": "", "home": "",
                                     "collection": "Papers", "description": ""}])  # fmt: skip
    counts = dict.fromkeys(("replay", "captures", "documents", "failures"), 0)
    run = {"id": "bench", "source": "bench", "night": at[:10], "started": at, "finished": at, "status": "finished"}
    _insert(connection, "runs", [{**run, **counts}])


class _Document:
    """One document: its rows in all tables."""

    def __init__(self, random: Random, words: Words, made: Made) -> None:
        self.random, self.words, self.made = random, words, made
        number = made.documents
        self.kind, self.collection, _ = random.choices(KINDS, [one[2] for one in KINDS])[0]
        self.component = random.choice(COMPONENTS)
        self.topic = words.topic()
        self.title = words.title(self.topic)
        self.id = f"bench-{self.kind.split()[0]}-{number:07d}-of-a-name-as-long-as-many-have"
        self.number = f"DHS/{self.component or 'ALL'}/PIA-{number % 900 + 100}" if number % 3 == 0 else ""
        self.first = random.randrange(DAYS)
        low, high, _ = random.choices(_LENGTHS, [one[2] for one in _LENGTHS])[0]
        self.length = 1 if self.kind in ("article", "award") else random.randint(low, high)
        self.count = _VERSIONS[number % len(_VERSIONS)]
        self.versions = [f"{self.id}@{number * 8 + one:010x}" for one in range(self.count)]
        self.seen = [(_day(self.first + 90 * one), _day(self.first + 90 * one + 80)) for one in range(self.count)]

    def put(self, connection: sqlite3.Connection) -> None:
        published = _day(self.first - self.random.randrange(400))[:10] if self.random.random() < 0.9 else None
        _insert(connection, "documents", [{
            "id": self.id, "collection": self.collection, "kind": self.kind, "source": "bench", "title": self.title,
            "number": self.number, "component": self.component, "published": published, "published_precision": "day",
            "published_words": published, "first_seen": self.seen[0][0], "last_seen": self.seen[-1][1],
            "listing": "listed", "url": self._url, "newest_version": self.versions[-1], "versions": self.count,
            "pages": self.length, "sample": 0,
        }])  # fmt: skip
        _insert(connection, "captures", [self._capture(at) for at in range(self.count)])
        _insert(connection, "versions", [self._version(at) for at in range(self.count)])
        for at, texts in enumerate(self._texts()):
            self._put_pages(connection, at, texts)
        if self.number:
            self.made.numbers.append(self.number)
            _insert(connection, "identifiers", [{"document": self.id, "scheme": "pia", "value": self.number,
                                                 "role": "own", "printed": self.number}])  # fmt: skip
        self._put_record(connection, published)
        self.made.documents += 1
        self.made.versions += self.count

    @property
    def _url(self) -> str:
        return f"https://bench.example/{self.id}"

    def _texts(self) -> Iterator[list[str]]:
        """Yield each version's pages: the first's, and then those with some of them written anew."""
        pages = [self.words.page(self.topic) for _ in range(self.length)]
        for _ in range(self.count):
            yield list(pages)
            for number in self.random.sample(range(self.length), -(-self.length // NEW_PAGES)):
                pages[number] = self.words.page(self.topic)

    def _put_pages(self, connection: sqlite3.Connection, at: int, texts: list[str]) -> None:
        version = self.versions[at]
        self.made.pages += len(texts)
        self.made.characters += sum(map(len, texts))
        _insert(connection, "pages", [
            {"id": page_key(version, page), "version": version, "document": self.id, "number": page, "label": str(page),
             "outcome": "text", "text": text}
            for page, text in enumerate(texts, 1)
        ])  # fmt: skip

    def _capture(self, at: int) -> dict[str, object]:
        version = self.versions[at]
        return {
            "id": f"capture-{version}", "source": "bench", "run": "bench", "kind": "response", "url": self._url,
            "url_key": self._url[8:], "method": "GET", "captured_at": self.seen[at][0], "status": 200,
            "media_type": "application/pdf", "payload_digest": f"sha256:{version}", "payload_bytes": 1,
            "content_digest": f"sha256:{version}", "location": "", "truncated": "", "fidelity": "recorded",
            "file_name": "", "callback": "", "arguments": "{}", "sample": 0,
        }  # fmt: skip

    def _version(self, at: int) -> dict[str, object]:
        version = self.versions[at]
        return {
            "id": version, "document": self.id, "digest": f"sha256:{version.rpartition('@')[2].ljust(64, '0')}",
            "ordinal": at + 1, "media_type": "application/pdf", "bytes": 1, "pages": self.length, "outcome": "text",
            "detail": "", "reader": "bench", "title": self.title, "url": self._url, "capture": f"capture-{version}",
            "first_seen": self.seen[at][0], "last_seen": self.seen[at][1],
        }  # fmt: skip

    def _put_record(self, connection: sqlite3.Connection, published: str | None) -> None:
        vendor = f"Vendor {_unequal(self.random, VENDORS)} Inc."
        common = {"document": self.id, "url": self._url}
        for at, version in enumerate(self.versions):
            if self.kind == "article":
                _insert(connection, "articles", [{
                    **common, "version": version, "outlet": f"outlet-{_unequal(self.random, OUTLETS)}.example",
                    "headline": self.title, "byline": "", "section": "", "published": published, "words": 1,
                }])  # fmt: skip
            elif self.kind == "notice":
                _insert(connection, "notices", [{
                    **_blank(_NOTICE), **common, "version": version, "title": self.title, "awardee": vendor,
                    "capture": f"capture-{version}",
                }])  # fmt: skip
            elif self.kind == "award":
                _insert(connection, "awards", [{
                    **_blank(_AWARD), **common, "version": version, "recipient": vendor, "action_date": published,
                    "modification": str(at), "capture": f"capture-{version}",
                }])  # fmt: skip


_NOTICE = (
    "notice_id type base_type solicitation award_number award_amount awardee_location awardee_uei department sub_tier"
    " office naics psc set_aside place_of_performance active description place"
)
_AWARD = (
    "award_id piid parent_piid modification action_type change recipient_uei recipient_parent recipient_location agency"
    " sub_agency office funding_office description type psc naics solicitation competition set_aside"
    " place_of_performance place"
)


def _blank(names: str) -> dict[str, object]:
    return dict.fromkeys(names.split(), "")


_UNEQUAL = {most: list(accumulate(1 / (rank + 2) for rank in range(most))) for most in (VENDORS, OUTLETS)}


def _unequal(random: Random, most: int) -> int:
    """Return a number below `most`, the small ones more often."""
    return random.choices(range(most), cum_weights=_UNEQUAL[most])[0]


def _day(number: int) -> str:
    return time.strftime("%Y-%m-%dT06:00:00Z", time.gmtime(1_250_000_000 + 86_400 * number))


def _insert(connection: sqlite3.Connection, table: str, rows: list[dict[str, object]]) -> None:
    names, holes = ", ".join(rows[0]), ", ".join("?" * len(rows[0]))
    connection.executemany(
        f"INSERT INTO {table} ({names}) VALUES ({holes})",
        [tuple(row.values()) for row in rows],
    )
