"""Measures what proof costs, and how it grows: verify, rebuild, a release, and getting up after a crash.

Archives of made-up publication pages, each capture with words of its own, are written through the store; then the
commands that an operator types are timed, the start of the program included. Beside `verify` stand `warcio check` and
SHA-256 over the same files, in the same run. Rates and growth go by the processor time of all processes that took part,
since a clock also measures what else a machine does; the seconds by the clock stand in a table of their own.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.store.index import records_of
from bench.sentences import sentence, title

ROOT = Path(__file__).parent.parent
SIZES = (1_000, 10_000, 100_000)
GROUP, OF_A_RUN, PARAGRAPHS = 200, 2_000, 12
SOURCE = "dhs_pia"
COMMANDS = ("rebuild", "release", "verify", "recovery")


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of processor time, of this process and all that it started, and seconds by the clock."""

    cpu: float
    clock: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What each command took, over an archive of so many captures, MB of WARC files, and pages of text."""

    captures: int
    megabytes: float
    pages: int
    rebuild: Took
    release: Took
    verify: Took
    warcio_check: Took
    sha256: Took
    recovery: Took


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="CAPTURES")
    parser.add_argument("--seed", type=int, default=2018)
    parser.add_argument("--folder", type=Path, help="where to write; a disk, not memory, or syncing costs nothing")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    told = parser.parse_args()
    found = []
    for size in sorted(told.sizes):
        found.append(_measured(size, told.seed, told.folder))
        print(json.dumps(asdict(found[-1])), file=sys.stderr)  # the largest takes an hour
    if told.json:
        print(json.dumps([asdict(one) for one in found]))
    else:
        _print(found)


def _measured(captures: int, seed: int, folder: Path | None) -> Measured:
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as made:
        archive = Path(made) / "archive"
        _write(archive, captures, seed)
        files = sorted((archive / "warc").glob("*.warc.gz"))
        recovery = _recovery(archive)
        return Measured(
            captures=captures,
            megabytes=sum(path.stat().st_size for path in files) / 1e6,
            rebuild=_oversight(archive, "rebuild"),
            release=_oversight(archive, "release", "build"),
            verify=_oversight(archive, "verify"),
            warcio_check=_timed(lambda: _run([sys.executable, "-m", "warcio.cli", "check", *map(str, files)])),
            sha256=_timed(lambda: [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]),
            recovery=recovery,
            pages=_pages(archive),
        )


def _write(archive: Path, captures: int, seed: int) -> None:
    """Make an archive by the store alone: captures as a crawl leaves them, without what follows from them."""
    with closing(ArchiveFolder.open(archive)) as opened:
        for run, first in enumerate(range(0, captures, OF_A_RUN)):
            name, at = f"{SOURCE}-bench-{run:05d}", f"2018-{1 + run // 28:02d}-{1 + run % 28:02d}T06:00:00Z"
            facts = {"source": SOURCE, "night": at[:10], "at": at, "replay": False, "minimum": None, "maximum": None}
            opened.journal.append("run-started", run=name, **facts, fields={})
            numbers = range(first, min(first + OF_A_RUN, captures))
            for start in range(numbers.start, numbers.stop, GROUP):
                group = [_exchange(number, seed, at) for number in numbers if start <= number < start + GROUP]
                asked = Asked(SOURCE, name, "parse_publication")
                opened.store.add_all([opened.store.describe(one, asked) for one in group])
            opened.journal.append("run-ended", run=name, at=at, status="finished")


def _exchange(number: int, seed: int, at: str) -> Exchange:
    random = Random(f"{seed} {number}")
    paragraphs = "".join(
        f"<p>{' '.join(one.text for _ in range(4) for one in sentence(random))}</p>" for _ in range(PARAGRAPHS)
    )
    head = f"Bench {number}: {' '.join(one.text for one in title(random, 4))}"
    body = (
        f"<!DOCTYPE html><html><body><main><h1>{head}</h1>{paragraphs}<p>Created Date: January 3, 2018</p></main>"
        "</body></html>"
    ).encode()
    url = f"https://www.dhs.gov/publication/bench-{number}"
    request = f"GET /publication/bench-{number} HTTP/1.1\r\nHost: www.dhs.gov\r\n\r\n".encode()
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    response += f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    return Exchange(url=url, captured_at=at, request=request, response=response, status=200)


def _recovery(archive: Path) -> Took:
    """Return how long opening takes after a crash that left a torn record at the end of the newest file."""
    newest = max((archive / "warc").glob("*.warc.gz"))
    with closing(ArchiveFolder.open(archive)) as opened:
        last = records_of(opened.connection, newest.name)[-1]
    whole = newest.read_bytes()
    newest.write_bytes(whole + whole[last.offset : last.offset + last.length // 2])
    return _timed(lambda: ArchiveFolder.open(archive).close())


def _oversight(archive: Path, *command: str) -> Took:
    return _timed(lambda: _run([sys.executable, "-m", "oversight", *command, "--archive", str(archive)]))


def _run(line: Sequence[str]) -> None:
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(
            f"{' '.join(line[:6])} ended with {done.returncode}:\n{done.stdout[-800:]}{done.stderr[-800:]}"
        )


def _timed(work: Callable[[], object]) -> Took:
    began, used = time.perf_counter(), sum(os.times()[:4])
    work()
    return Took(sum(os.times()[:4]) - used, time.perf_counter() - began)


def _pages(archive: Path) -> int:
    with closing(ArchiveFolder.open(archive)) as opened:
        return int(opened.connection.execute("SELECT count(*) FROM pages").fetchone()[0])


def _print(found: Sequence[Measured]) -> None:
    print(f"{'captures':>10}{'MB':>9}{'rebuild/s':>11}{'release p/s':>13}{'verify MB/s':>13}{'warcio MB/s':>13}"
          f"{'sha256 MB/s':>13}{'recovery s':>12}")  # fmt: skip
    for one in found:
        print(
            f"{one.captures:10,}{one.megabytes:9.1f}{one.captures / one.rebuild.cpu:11.0f}"
            f"{one.pages / one.release.cpu:13.0f}{one.megabytes / one.verify.cpu:13.2f}"
            f"{one.megabytes / one.warcio_check.cpu:13.1f}{one.megabytes / max(one.sha256.cpu, 0.001):13.0f}"
            f"{one.recovery.clock:12.3f}"
        )
    print(f"\n{'by the clock':>10}" + "".join(f"{name:>13}" for name in COMMANDS))
    for one in found:
        print(f"{one.captures:12,}" + "".join(f"{getattr(one, name).clock:11.1f} s" for name in COMMANDS))
    for line in _growth(found):
        print(line)


def _growth(found: Sequence[Measured]) -> Iterator[str]:
    """Yield how the processor time grows between the smallest and the largest: 1 is as the archive does."""
    if len(found) < 2:
        return
    least, most = found[0], found[-1]
    step = math.log(most.captures / least.captures)
    for name in COMMANDS:
        few, many = getattr(least, name).cpu, getattr(most, name).cpu
        exponent = math.log(max(many, 0.01) / max(few, 0.01)) / step
        yield f"{name}: {few:.2f} s to {many:.2f} s, exponent {exponent:.2f}"


if __name__ == "__main__":
    main()
