"""Measures how long it takes to say since when, and until when, a phrase has stood, among a million pages.

A catalogue of made-up documents is written row by row, in a temporary folder, and asked like the site asks: by the
function behind `/search/time`. Phrases stand on a set share of its pages: a rare one, a middling one, a common one,
and a word that is on nearly every page.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from archive.catalog.opening import open_catalogue
from archive.page_keys import page_key
from archive.research.over_time import over_time
from bench.sentences import sentence

PAGES, OF_A_VERSION, SENTENCES, POOL = 1_000_000, 20, 13, 40_000
# Of so many pages one holds the phrase; there are as many phrases of each class.
SHARES = {"rare": 50_000, "middling": 500, "common": 10}
CALLED = ("alpha", "bravo", "charlie", "delta", "echo")
PHRASES = len(CALLED)
EVERYWHERE = "the"
# How many versions the documents have, in turns.
VERSIONS = (1, 1, 2, 1, 3)
DAYS = 3_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What a class of phrases cost: milliseconds of processor time at the 50th and the 95th percentile, of which other
    work on the machine changes little, and what was found of one."""

    phrases: str
    asked: int
    p50: float
    p95: float
    documents: int
    versions: int


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--rounds", type=int, default=8, help="how often each phrase is asked for")
    parser.add_argument("--seed", type=int, default=2018)
    parser.add_argument("--folder", type=Path, help="where to write; it takes some 4 GB for a million pages")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=told.folder) as made:
        path = Path(made) / "archive.db"
        write(path, told.pages, told.seed)
        found = measure(path, told.rounds)
        size = path.stat().st_size / 1e9
    if told.json:
        print(json.dumps({"pages": told.pages, "gigabytes": size, "phrases": [asdict(one) for one in found]}))
    else:
        print(f"{told.pages:,} pages, a catalogue of {size:.1f} GB")
        _print(found)


def phrase(kind: str, number: int) -> str:
    """Return a phrase of three words; each of them stands elsewhere too."""
    return f"notice {kind} number {CALLED[number]}"


def write(path: Path, pages: int, seed: int) -> None:
    """Make a catalogue of so many pages."""
    random = Random(seed)
    pool = [" ".join(one.text for one in sentence(random)) for _ in range(POOL)]
    with closing(open_catalogue(path)) as connection:
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY", "cache_size=-2000000"):
            connection.execute(f"PRAGMA {pragma}")
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:  # the index is made in one go: keys that come in no order would have it made in steps
            connection.execute(f"DROP TRIGGER {name}")
        with connection:
            _add_source(connection)
        left = pages // OF_A_VERSION
        number = 0
        while left > 0:
            with connection:
                for _ in range(200):
                    versions = min(VERSIONS[number % len(VERSIONS)], left)
                    if versions:
                        _add_document(connection, number, versions, list(_texts(random, pool, versions)))
                    left, number = left - versions, number + 1
        with connection:
            connection.execute("INSERT INTO pages_fts(pages_fts) VALUES ('rebuild')")
            for _, sql in triggers:
                connection.execute(sql)
        connection.execute("PRAGMA journal_mode=WAL")


def _texts(random: Random, pool: Sequence[str], versions: int) -> Iterator[list[str]]:
    """Yield the pages of each version: the first's, and then those with a fifth of them written anew."""
    pages = [_page(random, pool) for _ in range(OF_A_VERSION)]
    for _ in range(versions):
        yield list(pages)
        for number in random.sample(range(OF_A_VERSION), OF_A_VERSION // 5):
            pages[number] = _page(random, pool)


def _page(random: Random, pool: Sequence[str]) -> str:
    text = random.choices(pool, k=SENTENCES)
    for kind, share in SHARES.items():
        if random.random() * share < PHRASES:
            text.insert(random.randrange(SENTENCES), f"This is {phrase(kind, random.randrange(PHRASES))}.")
    return "\n".join(text)


def _add_source(connection: sqlite3.Connection) -> None:
    at = "2018-01-26T15:00:00Z"
    _insert(connection, "sources", {"name": "bench", "title": "", "publisher": "", "home": "", "collection": "Papers",
                                    "description": ""})  # fmt: skip
    counts = dict.fromkeys(("replay", "captures", "documents", "failures"), 0)
    run = {"id": "bench", "source": "bench", "night": at[:10], "started": at, "finished": at, "status": "finished"}
    _insert(connection, "runs", {**run, **counts})


def _add_document(connection: sqlite3.Connection, number: int, versions: int, texts: Sequence[Sequence[str]]) -> None:
    name = f"a-document-of-a-name-as-long-as-many-have-{number:07d}"
    first = number * 7 % DAYS
    days = [first + 30 * one for one in range(versions)]
    seen = [(_day(day), _day(day + 25)) for day in days]
    ids = [f"{name}@{number * 8 + one:010x}" for one in range(versions)]
    _insert(connection, "documents", {
        "id": name, "collection": "Papers", "kind": "file", "source": "bench", "title": f"Document {number}",
        "number": "", "component": "", "first_seen": seen[0][0], "last_seen": seen[-1][1], "listing": "", "url": "",
        "newest_version": ids[-1], "versions": versions, "pages": OF_A_VERSION, "sample": 0,
    })  # fmt: skip
    for ordinal, (version, (since, until), text) in enumerate(zip(ids, seen, texts, strict=True), 1):
        capture = f"capture-{version}"
        _insert(connection, "captures", {
            "id": capture, "source": "bench", "run": "bench", "kind": "response", "url": f"https://bench.example/{name}",
            "url_key": f"bench.example/{name}", "method": "GET", "captured_at": since, "status": 200,
            "media_type": "application/pdf", "payload_digest": version, "payload_bytes": 1, "content_digest": version,
            "location": "", "truncated": "", "fidelity": "recorded", "file_name": "", "callback": "", "arguments": "{}",
            "sample": 0,
        })  # fmt: skip
        _insert(connection, "versions", {
            "id": version, "document": name, "digest": version.rpartition("@")[2].ljust(64, "0"), "ordinal": ordinal,
            "media_type": "application/pdf", "bytes": 1, "pages": len(text), "outcome": "text", "detail": "",
            "reader": "bench", "title": "", "url": "", "capture": capture, "first_seen": since, "last_seen": until,
        })  # fmt: skip
        for page, words in enumerate(text, 1):
            _insert(connection, "pages", {"id": page_key(version, page), "version": version, "document": name,
                                          "number": page, "label": str(page), "outcome": "text", "text": words,
                                          "runs_on": " " if page % 2 else ""})  # fmt: skip


def _day(number: int) -> str:
    return time.strftime("%Y-%m-%dT06:00:00Z", time.gmtime(1_500_000_000 + 86_400 * number))


def _insert(connection: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    names, holes = ", ".join(row), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({holes})", tuple(row.values()))


def measure(path: Path, rounds: int) -> list[Measured]:
    """Ask for each phrase in turns, and return what each class cost."""
    with closing(open_catalogue(path)) as connection:
        connection.execute("PRAGMA query_only=1")
        classes = {kind: [f'"{phrase(kind, number)}"' for number in range(PHRASES)] for kind in SHARES}
        classes["on every page"] = [EVERYWHERE]
        took: dict[str, list[float]] = {kind: [] for kind in classes}
        found = {}
        for _ in range(rounds):
            for kind, phrases in classes.items():
                for one in phrases:
                    began = time.process_time()
                    found[kind] = over_time(connection, one)
                    took[kind].append(1_000 * (time.process_time() - began))
                sys.stderr.write(".")
                sys.stderr.flush()
    return [
        Measured(kind, len(times), statistics.median(times), _percentile(times, 95), found[kind]["total"],
                 found[kind]["versions"])
        for kind, times in took.items()
    ]  # fmt: skip


def _percentile(values: Sequence[float], share: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) * share // 100, len(ordered) - 1)]


def _print(found: Sequence[Measured]) -> None:
    print(f"{'phrases':>15}{'documents':>11}{'versions':>10}{'asked':>7}{'ms, 50th':>10}{'ms, 95th':>10}")
    for one in found:
        print(f"{one.phrases:>15}{one.documents:>11,}{one.versions:>10,}{one.asked:>7}{one.p50:>10.1f}{one.p95:>10.1f}")


if __name__ == "__main__":
    main()
