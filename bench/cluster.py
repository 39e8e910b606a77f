"""Measures what a second worker process of a Dask cluster is worth: for crawling many hosts, and for reading files.

Sites on loopback, each on an address of its own and asked with a delay, are crawled by a cluster of one worker process
and of two, with one thread each, by what the commands do; seconds are those from the first request that a site saw to
the last. Made-up PDFs are read by one and by two, and by this program's own readers without a cluster. Then captures
that were handed over are taken in. In turns, in one run; only ratios within one run can be compared. What isn't
measured: more than one machine, a network between them, an object store.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from random import Random

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from bench.documents import documents
from bench.ratios import LESS, MORE
from bench.sentences import sentence
from pipelines.cluster.attempts import Attempt
from pipelines.cluster.engine import Cluster
from pipelines.cluster.reading import ClusterReaders
from pipelines.cluster.shared import Shared
from pipelines.cluster.taking_in import take_in
from pipelines.readers import Readers, Wanted
from pipelines.session import begun
from tests.cluster_here import ClusterHere
from tests.counted_site import CountedSite
from tests.crawled_apart import crawled
from tests.live_crawls import site_pages

SOURCES = ("walked_a", "walked_b", "walked_c", "walked_d")
WORKERS = (1, 2)


def main() -> None:
    """Measure, and print a line for each, or what `make bench` takes."""
    parser = argparse.ArgumentParser(prog="bench.cluster", description=__doc__)
    parser.add_argument("--pages", type=int, default=40, help="of each of the four sites")
    parser.add_argument("--delay", type=float, default=0.5, help="seconds between two requests to a site")
    parser.add_argument("--files", type=int, default=4, help="PDFs of each class of made-up documents")
    parser.add_argument("--captures", type=int, default=2000, help="how many are taken in")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    if asked.quick:
        asked.pages, asked.files, asked.captures, asked.rounds = 20, 1, 1000, 1
    with tempfile.TemporaryDirectory(prefix="bench-cluster-") as folder:
        rows = _rows(_taken(Path(folder), asked))
        rows.append(_row("taken in", "captures/s of a processor", *captures_taken_in(Path(folder), asked.captures)))
    if asked.json:
        json.dump({"ratios": rows}, sys.stdout)
        return
    for row in rows:
        print(f"{row['what']:44} {row['ours']:9.2f} {row['peer']:38} {row['theirs']:9.2f} {row['unit']}")


def _taken(folder: Path, asked: argparse.Namespace) -> dict[str, float]:
    """Return the median seconds of each thing that was timed; what is compared takes turns."""
    taken: dict[str, list[float]] = {}
    for turn in range(asked.rounds):
        for workers in WORKERS if turn % 2 == 0 else WORKERS[::-1]:
            here = folder / f"{turn}-{workers}"
            with ClusterHere(here, workers, DASK_LOGGING__DISTRIBUTED="error") as cluster:
                crawl = _crawl_seconds(here, cluster, asked.pages, asked.delay)
                read = _read_seconds(here, cluster, asked.files)
            alone = _read_seconds(here, None, asked.files, workers)
            for name, seconds in (("crawl", crawl), ("read", read), ("alone", alone)):
                taken.setdefault(f"{name} {workers}", []).append(seconds)
    return {name: statistics.median(each) for name, each in taken.items()}


def _rows(taken: Mapping[str, float]) -> list[dict[str, object]]:
    return [
        _row(
            "four sites crawled, by two worker processes", "s", taken["crawl 2"], "one worker process", taken["crawl 1"]
        ),
        _row("PDFs read, by two worker processes", "s", taken["read 2"], "one worker process", taken["read 1"]),
        _row("PDFs read without a cluster, by two processes", "s", taken["alone 2"], "one process", taken["alone 1"]),
        _row("PDFs read, by two worker processes", "s", taken["read 2"], "two processes, no cluster", taken["alone 2"]),
    ]


def _row(what: str, unit: str, ours: float, peer: str, theirs: float) -> dict[str, object]:
    better = LESS if unit == "s" else MORE
    return {"what": what, "unit": unit, "better": better, "ours": ours, "peer": peer, "theirs": theirs}


@contextlib.contextmanager
def _sites(pages: int) -> Iterator[dict[str, CountedSite]]:
    with contextlib.ExitStack() as held:
        yield {
            source: held.enter_context(
                CountedSite(site_pages(pages, pages, files=False), address=f"127.0.0.{number}")
            )
            for number, source in enumerate(SOURCES, 1)
        }  # fmt: skip


def _crawl_seconds(folder: Path, cluster: ClusterHere, pages: int, delay: float) -> float:
    """Return the seconds from the first request to the last, of a crawl of four sites."""
    with _sites(pages) as sites:
        crawled(folder / "archive", sites, cluster, HOST_RULES={"*": {"delay": delay, "concurrency": 1}})
        times = [one.at for site in sites.values() for one in site.log]
        assert len(times) == len(SOURCES) * (pages + 2), "each page, the list and robots.txt are asked for once"
    return max(times) - min(times)


def _read_seconds(folder: Path, cluster: ClusterHere | None, each: int, workers: int = 1) -> float:
    """Return the seconds that reading made-up PDFs takes; their processes are warm, and nothing is kept."""
    files = [document.pdf for document in documents(seeds=each, pages=8)]
    wanted = [Wanted(hashlib.sha256(one).hexdigest(), "pdf", "", lambda one=one: one) for one in files]  # type: ignore[misc]
    with contextlib.ExitStack() as held:
        if cluster is None:
            readers = held.enter_context(Readers(folder / "own", workers, ocr=False))
        else:
            there = held.enter_context(Cluster.connect(cluster.address, cluster.shared))
            readers = held.enter_context(ClusterReaders(there, folder / "kept", ocr=False))
        list(readers.read_all(wanted[: 2 * workers]))
        start = time.monotonic()
        count = sum(1 for _ in readers.read_all(wanted[2 * workers :]))
        taken = time.monotonic() - start
    assert count == len(wanted) - 2 * workers
    return taken / count * len(wanted)


def captures_taken_in(folder: Path, count: int) -> tuple[float, str, float]:
    """Return how many captures a processor takes in a second of what a worker handed over, and how many it writes
    when it captures them itself."""
    run = begun("dhs_pia", "2026-11-30T00:00:00Z", None)
    archive = ArchiveFolder.open(folder / "crawled")
    exchanges = [(_exchange(number, Random(number)), Asked("dhs_pia", run.id, "parse")) for number in range(count)]
    started = time.process_time()
    for at in range(0, count, 50):
        archive.store.add_all([archive.store.describe(*one) for one in exchanges[at : at + 50]])
    written = count / (time.process_time() - started)
    archive.close()
    job = {"run": asdict(run), "own": {}, "at": run.at}
    attempt = Attempt.new(Shared(f"file://{folder / 'handed'}"), run.id, job)
    for path in (folder / "crawled" / "warc").iterdir():
        attempt.put(f"pieces/{path.name}@{0:012d}", path.read_bytes())
    attempt.put("end", b'{"events": [], "pieces": []}')
    with contextlib.closing(ArchiveFolder.open(folder / "taken")) as other:
        started = time.process_time()
        assert take_in(other, attempt).new == count
        return count / (time.process_time() - started), "written where it is captured", written


def _exchange(number: int, random: Random) -> Exchange:
    words = " ".join(term.text for _ in range(80) for term in sentence(random))
    body = f"<html><h1>{number}</h1><p>{words}</p></html>".encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    at = f"2026-11-30T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
    return Exchange(f"https://www.dhs.gov/{number}", at, b"GET / HTTP/1.1\r\n\r\n", head + body, status=200)


if __name__ == "__main__":
    main()
