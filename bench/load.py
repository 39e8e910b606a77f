"""Measures a hundred readers at once: home, searches, documents and pages, with and without others' hostile SQL.

It serves what `bench.search --keep FOLDER` made, with nothing kept of what searches gave, and as it is served. Each
reader asks for one thing after the other, without a pause, in an order of their own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sqlite3
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from urllib.parse import quote, urlencode

from bench.search import percentile
from bench.search_questions import questions
from bench.search_served import free_port, served

READERS, HOSTILE, SECONDS, SEED = 90, 10, 20.0, 2018
# What of searches is kept, in megabytes.
NONE, MEGABYTES = "0", "16"
# What takes very long, makes very much, or does so inside of one step.
_HOSTILE = (
    "with recursive c(x) as (select 1 union all select x+1 from c) select count(*) from c",
    "select count(*) from pages a, pages b, pages c where a.text < b.text",
    "select hex(zeroblob(100000000)) || hex(zeroblob(100000000))",
    "select max(length(replace(replace(text, 'e', hex(text)), 'a', hex(text)))) from pages",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What readers of one route waited (milliseconds), and how many answers were none."""

    served: str
    beside: str
    route: str
    asked: int
    a_second: float
    p50: float
    p95: float
    p99: float
    failed: int


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("made", type=Path, help="a folder that `bench.search --keep` made")
    parser.add_argument("--readers", type=int, default=READERS)
    parser.add_argument("--hostile", type=int, default=HOSTILE, help="readers that ask hostile SQL beside them")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that a reader reads, on average")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    told = parser.parse_args()
    found = [one for kept in (NONE, MEGABYTES) for one in _measured(told, kept)]
    print(json.dumps([asdict(one) for one in found]) if told.json else "\n".join(_table(found, told)))


def _measured(told: argparse.Namespace, kept: str) -> Iterator[Asked]:
    routes = _routes(told.made / "archive" / "releases" / "1.db", Random(told.seed))
    port, replay = free_port(), free_port()
    line = ["-m", "archive.site.server", str(told.made / "archive"), "--port", str(port), "--replay-port", str(replay)]
    with served(line, port, told.made / "load.log", ARCHIVE_ANSWERS=kept):
        name = "no answers kept" if kept == NONE else "answers kept"
        for hostile in (0, told.hostile):
            yield from _at_once(port, routes, told, hostile, name)


def _routes(release: Path, random: Random) -> dict[str, list[str]]:
    """Return addresses by route: forty documents with their first pages, and thirty questions as people type them."""
    kinds = {"rare word", "middling word", "common word", "two words", "phrase"}
    typed = [one.typed for one in questions(release, random, 6) if one.kind in kinds]
    with closing(sqlite3.connect(f"file:{release}?mode=ro&immutable=1", uri=True)) as held:
        some = held.execute(
            "SELECT p.version, min(p.number) FROM searched_documents AS s JOIN pages AS p ON p.place = s.first"
            " WHERE s.ordinal <= 40 GROUP BY p.version"
        ).fetchall()
    return {
        "home": ["/"],
        "search": ["/search?" + urlencode({"q": text}) for text in typed],
        "search.json": ["/search.json?" + urlencode({"q": text}) for text in typed],
        "document": [f"/d/{version}" for version, _ in some],
        "page": [f"/d/{version}/p{number}" for version, number in some],
        "page.json": [f"/d/{version}/p{number}.json" for version, number in some],
    }


def _at_once(
    port: int, routes: dict[str, list[str]], told: argparse.Namespace, hostile: int, name: str
) -> Iterator[Asked]:
    times: dict[str, list[float]] = defaultdict(list)
    failed: dict[str, int] = defaultdict(int)
    until = time.monotonic() + told.seconds

    def reader(number: int) -> None:
        random = Random(number)
        while time.monotonic() < until:
            route = random.choice([*routes])
            began = time.perf_counter()
            failed[route] += _status(port, random.choice(routes[route])) != 200
            times[route].append(1_000 * (time.perf_counter() - began))
            time.sleep(random.expovariate(1 / told.pause) if told.pause else 0)

    def enemy(number: int) -> None:
        random = Random(number)
        while time.monotonic() < until:
            # That it is refused or given up is as it should be; that it isn't answered at all is not.
            failed["SQL"] += not _status(port, f"/archive.json?sql={quote(random.choice(_HOSTILE))}")
            times["SQL"].append(0.0)

    people = [threading.Thread(target=reader, args=(one,)) for one in range(told.readers)]
    people += [threading.Thread(target=enemy, args=(one,)) for one in range(hostile)]
    began = time.monotonic()
    for one in people:
        one.start()
    for one in people:
        one.join()
    took = time.monotonic() - began
    beside = f"{hostile} with hostile SQL" if hostile else "alone"
    every = [one for route in routes for one in times[route]]
    lost = sum(failed[route] for route in routes)
    for route, held, none in [*((route, times[route], failed[route]) for route in routes), ("all", every, lost)]:
        yield _asked((name, beside, route), held, took, none)
    if hostile:
        yield Asked(name, beside, "SQL", len(times["SQL"]), len(times["SQL"]) / took, 0, 0, 0, failed["SQL"])


def _asked(what: tuple[str, str, str], held: Sequence[float], took: float, failed: int) -> Asked:
    some = held or [0.0]
    return Asked(*what, len(held), len(held) / took, statistics.median(some), percentile(some, 95),
                 percentile(some, 99), failed)  # fmt: skip


def _status(port: int, path: str) -> int:
    """Return an answer's status; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _table(found: Sequence[Asked], told: argparse.Namespace) -> Iterator[str]:
    for title in dict.fromkeys((one.served, one.beside) for one in found):
        yield f"{title[0]}, {told.readers} readers, {title[1]}: ms, 50th / 95th / 99th"
        for one in found:
            if (one.served, one.beside) == title:
                cost = f"{one.p50:,.0f} / {one.p95:,.0f} / {one.p99:,.0f}" if one.route != "SQL" else ""
                rate = f"{one.a_second:.1f} a second"
                yield f"{one.route:>14}{cost:>26}{rate:>18}" + (f"  {one.failed} failed" if one.failed else "")


if __name__ == "__main__":
    main()
