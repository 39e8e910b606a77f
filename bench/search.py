"""Measures what searching a million pages costs: the archive, bare FTS5 and stock Datasette, in turns.

A catalogue of made-up documents is written in a temporary folder, a release made of it as the archive makes them, and
the same pages put into one table with an index. Each class of questions is asked of all of them: of the archive in this
process and through its site, always for a whole first page with facets and snippets, and with nothing kept of what was
asked before; at the end twenty clients ask at once, also of a site that keeps its answers.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from urllib.parse import quote, urlencode

from archive.release.build import copy_published
from archive.release.policies import AS_PUBLISHED
from archive.release.withheld import Withheld
from archive.research.asking import ask
from bench.search_bare import BareFts, write_bare
from bench.search_catalogue import write
from bench.search_questions import Question, questions
from bench.search_served import free_port, publish, served

PAGES, SEED = 1_000_000, 2018
CLIENTS, SECONDS = 20, 20.0


@dataclass(frozen=True, slots=True)
class Took:
    """What a class of questions cost one of those compared: milliseconds at the 50th and the 95th percentile, and how
    many answers were none."""

    who: str
    kind: str
    asked: int
    p50: float
    p95: float
    failed: int


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--rounds", type=int, default=3, help="how often each question is asked")
    parser.add_argument("--each", type=int, default=10, help="questions of each class")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the clients ask at once")
    parser.add_argument("--folder", type=Path, help="where to write; a million pages take some 10 GB")
    parser.add_argument("--made", type=Path, help="a folder that an earlier run made with --keep")
    parser.add_argument("--keep", type=Path, help="make everything in this folder, and leave it")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    told = parser.parse_args()
    with ExitStack() as stack:
        folder = told.made or told.keep or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-", dir=told.folder)))  # fmt: skip
        if not told.made:
            make(folder, told.pages, told.seed)
        found = measure(folder, told)
    print(json.dumps(found) if told.json else "\n".join(_table(found)))


def make(folder: Path, pages: int, seed: int) -> None:
    """Write all that is asked: `archive/` with a release, and `bare.db`."""
    source, archive = folder / "source.db", folder / "archive"
    made = write(source, pages, seed)
    (archive / "releases").mkdir(parents=True)
    with closing(sqlite3.connect(source)) as catalogue:
        copy_published(catalogue, archive / "releases" / "1.db", AS_PUBLISHED, Withheld())
    publish(archive)
    write_bare(folder / "bare.db", source)
    source.unlink()
    (folder / "made.json").write_text(json.dumps({
        "pages": made.pages, "documents": made.documents, "versions": made.versions, "characters": made.characters,
    }))  # fmt: skip


def measure(folder: Path, told: argparse.Namespace) -> dict[str, object]:
    """Ask everything, and return it as plain values."""
    release = folder / "archive" / "releases" / "1.db"
    asked = list(questions(release, Random(told.seed), told.each))
    ports = tuple(free_port() for _ in range(5))
    with (
        closing(sqlite3.connect(f"file:{release}?mode=ro&immutable=1", uri=True)) as ours,
        closing(sqlite3.connect(f"file:{folder / 'bare.db'}?mode=ro&immutable=1", uri=True)) as bare,
        served(["-m", "archive.site.server", str(folder / "archive"), "--port", str(ports[0]), "--replay-port",
                str(ports[1])], ports[0], folder / "ours.log", ARCHIVE_ANSWERS="0"),
        served(["-m", "archive.site.server", str(folder / "archive"), "--port", str(ports[3]), "--replay-port",
               str(ports[4])], ports[3], folder / "kept.log"),
        served(["-m", "datasette", "serve", "-i", str(folder / "bare.db"), "--port", str(ports[2])], ports[2],
               folder / "stock.log"),
    ):  # fmt: skip
        ours.row_factory = sqlite3.Row
        fts = BareFts(bare)
        contestants: dict[str, Callable[[Question], bool]] = {
            "archive": lambda one: bool(ask(ours, one.typed, sort=one.sort)),
            "archive, HTTP": lambda one: _get(ports[0], _our_path(one)),
            "bare FTS5": fts.ask,
            "stock Datasette": lambda one: not one.words or _get(ports[2], _stock_path(one)),
        }
        took = list(_in_turns(contestants, asked, told.rounds))
        at_once = [
            _at_once("archive", ports[0], [_our_path(one) for one in asked], told.seconds),
            _at_once("archive, answers kept", ports[3], [_our_path(one) for one in asked], told.seconds),
            _at_once("stock Datasette", ports[2], [_stock_path(one) for one in asked if one.words], told.seconds),
        ]
    made = json.loads((folder / "made.json").read_text())
    sizes = {"release": release.stat().st_size, "bare": (folder / "bare.db").stat().st_size}
    return {"made": made, "sizes": sizes, "took": [asdict(one) for one in took], "at_once": at_once}


def _our_path(one: Question) -> str:
    return "/search?" + urlencode({"q": one.typed, "sort": one.sort})


def _stock_path(one: Question) -> str:
    return f"/bare/pages?_search={quote(one.words)}&_searchmode=raw"


def _in_turns(
    contestants: dict[str, Callable[[Question], bool]], asked: Sequence[Question], rounds: int
) -> Iterator[Took]:
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    failed: dict[tuple[str, str], int] = defaultdict(int)
    for _ in range(rounds):
        for one in asked:
            for who, question in contestants.items():
                began = time.perf_counter()
                failed[who, one.kind] += not question(one)
                times[who, one.kind].append(1_000 * (time.perf_counter() - began))
        sys.stderr.write(".")
        sys.stderr.flush()
    for (who, kind), held in times.items():
        yield Took(who, kind, len(held), statistics.median(held), percentile(held, 95), failed[who, kind])


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which so many hundredths of the values are."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share / 100), len(ordered) - 1)]


def _get(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _at_once(who: str, port: int, paths: Sequence[str], seconds: float) -> dict[str, object]:
    """Ask by so many clients at once, each in an order of its own."""
    times: list[float] = []
    failures: list[str] = []
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        random = Random(number)
        while time.monotonic() < until:
            path = random.choice(paths)
            began = time.perf_counter()
            good = _get(port, path)
            times.append(1_000 * (time.perf_counter() - began))
            if not good:
                failures.append(path)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    began = time.monotonic()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    took = time.monotonic() - began
    return {"who": who, "clients": CLIENTS, "a_second": len(times) / took, "p50": statistics.median(times),
            "p99": percentile(times, 99), "asked": len(times), "failed": len(failures)}  # fmt: skip


def _table(found: dict[str, object]) -> Iterator[str]:
    made, sizes = found["made"], found["sizes"]
    assert isinstance(made, dict)
    assert isinstance(sizes, dict)
    yield (f"{made['pages']:,} pages, {made['documents']:,} documents, {made['characters'] / 1e9:.2f} GB of text")
    for name in ("release", "bare"):
        yield f"{name}: {sizes[name] / made['characters']:.2f} times its text"
    took = found["took"]
    assert isinstance(took, list)
    who = list(dict.fromkeys(one["who"] for one in took))
    yield f"{'ms, 50th / 95th':>16}" + "".join(f"{one:>22}" for one in who)
    for kind in dict.fromkeys(one["kind"] for one in took):
        cells = {one["who"]: f"{one['p50']:,.0f} / {one['p95']:,.0f}" + (f" ({one['failed']} failed)" if one["failed"]
                 else "") for one in took if one["kind"] == kind}  # fmt: skip
        yield f"{kind:>16}" + "".join(f"{cells.get(one, ''):>22}" for one in who)
    at_once = found["at_once"]
    assert isinstance(at_once, list)
    for one in at_once:
        yield (f"{one['who']}: {one['clients']} clients, {one['a_second']:.1f} searches a second, "
               f"{one['p50']:,.0f} ms, 99th {one['p99']:,.0f}, {one['failed']} of {one['asked']} failed")  # fmt: skip


if __name__ == "__main__":
    main()
