"""Measures captured pages a second beside bare Scrapy and wget, in one run (see docs/benchmarks.md)."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.website import files_of

ROOT = Path(__file__).parent.parent
CONTENDERS = ("scrapy", "wget", "ours")
TITLES = {"scrapy": "bare Scrapy, nothing stored", "wget": "wget --warc-file", "ours": "ours, everything on"}
SIZES = (500, 1000, 2000)


class NotWhole(Exception):  # noqa: N818
    """A contender that didn't get everything, or kept it wrongly: its time says nothing."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One crawl by one contender: `seconds` from its first request to its end, `process_seconds` with its start."""

    contender: str
    resources: int
    seconds: float
    process_seconds: float
    cpu_seconds: float
    peak_megabytes: float
    written_megabytes: float
    kept_megabytes: float
    connections: int

    @property
    def rate(self) -> float:
        return self.resources / self.seconds


def main() -> None:
    """Measure, and print."""
    told = _arguments()
    sizes = sorted({*(size for size in SIZES if size < told.pages and not told.one_size), told.pages})
    rounds = {size: told.rounds if size == told.pages else 1 for size in sizes}
    contenders = [one for one in CONTENDERS if one != "wget" or shutil.which("wget")]
    results: dict[int, list[Measured]] = {}
    for size in sizes:
        results[size] = list(_alternating(size, told.seed, rounds[size], contenders, told.folder))
    if told.json:
        rows = [asdict(one) | {"rate": one.rate} for ones in results.values() for one in ones]
        print(
            json.dumps(
                {"pages": told.pages, "seed": told.seed, "measured": rows, "ratios": _ratios(results[told.pages])}
            )
        )
    else:
        _print_all(results, told.pages, contenders)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=SIZES[-1], help="pages of the largest website")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender crawls the largest one")
    parser.add_argument("--one-size", action="store_true", help="crawl the largest website only")
    parser.add_argument("--seed", type=int, default=2018)
    parser.add_argument("--folder", type=Path, help="where to write; a disk, not memory, or syncing costs nothing")
    parser.add_argument("--json", action="store_true", help="print JSON in place of tables")
    return parser.parse_args()


def _alternating(
    pages: int, seed: int, rounds: int, contenders: Sequence[str], folder: Path | None
) -> Iterator[Measured]:
    """Crawl in turns, so that what else the machine does falls on all alike."""
    with _served(pages, seed) as server:
        for turn in range(rounds):
            for number in range(len(contenders)):
                contender = contenders[(turn + number) % len(contenders)]
                with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as place:
                    yield _measure(contender, server, pages + files_of(pages), Path(place))


@contextmanager
def _served(pages: int, seed: int) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.server", str(pages), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _measure(contender: str, server: str, resources: int, place: Path) -> Measured:
    os.sync()
    _asked(server, "begin")
    begun = time.monotonic()
    said, log = place / "said", place / "log"
    with said.open("wb") as output, log.open("wb") as errors:
        process = subprocess.Popen(_command(contender, f"{server}/", place), cwd=ROOT, stdout=output, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        ended = time.monotonic()
        process.returncode = os.waitstatus_to_exitcode(status)
    counted = _asked(server, "counted")
    if process.returncode:
        raise NotWhole(
            f"{contender} ended with status {process.returncode}: {log.read_text('utf-8', 'replace')[-2000:]}"
        )
    _check(contender, counted["paths"], resources, f"{server}/", place)
    return Measured(
        contender=contender,
        resources=resources,
        seconds=ended - counted["first"],
        process_seconds=ended - begun,
        cpu_seconds=used.ru_utime + used.ru_stime,
        peak_megabytes=used.ru_maxrss / 1024,
        written_megabytes=used.ru_oublock * 512 / 1e6,
        kept_megabytes=_size(place, said, log) / 1e6,
        connections=counted["connections"],
    )


def _size(place: Path, *apart: Path) -> int:
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file() and path not in apart)


def _asked(server: str, what: str) -> dict[str, Any]:
    with urlopen(f"{server}/-/{what}") as answer:
        told: dict[str, Any] = json.load(answer)
        return told


def _command(contender: str, url: str, place: Path) -> list[str]:
    if contender == "scrapy":
        return [sys.executable, "-m", "bench.bare", url]
    if contender == "ours":
        return [sys.executable, "-m", "bench.ours", url, str(place / "archive")]
    pages = ["--directory-prefix", str(place / "pages"), "--delete-after"]
    return ["wget", "--quiet", "--recursive", "--level=inf", *pages, f"--warc-file={place / 'pages'}", url]


def _check(contender: str, paths: Iterable[str], resources: int, url: str, place: Path) -> None:
    """Raise NotWhole unless each address of the website was asked for, and what is kept is whole."""
    asked = {path for path in paths if path != "/robots.txt"}
    if len(asked) != resources:
        raise NotWhole(f"{contender} asked for {len(asked)} of {resources} addresses")
    if contender == "wget":
        got = _responses_in(place / "pages.warc.gz") - ("/robots.txt" in paths)
    elif contender == "ours":
        command = [*_command("ours", url, place), "check"]
        checked = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
        if checked["findings"]:
            raise NotWhole(f"our archive is not as it should be: {checked['findings'][:3]}")
        got = checked["got"]
    else:
        got = json.loads((place / "said").read_text())["got"]
    if got != resources:
        raise NotWhole(f"{contender} kept {got} of {resources} answers")


def _responses_in(warc: Path) -> int:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415 (only where wget is)

    with warc.open("rb") as file:
        return len({
            record.rec_headers.get_header("WARC-Target-URI")
            for record in ArchiveIterator(file)
            if record.rec_type == "response"
        })  # fmt: skip


def _ratios(measured: Sequence[Measured]) -> dict[str, float]:
    """Return our rate over each other's: of medians, since a disk's syncs come in fits."""
    rates = {one: _median(measured, one, "rate") for one in CONTENDERS if any(m.contender == one for m in measured)}
    return {one: round(rates["ours"] / rate, 3) for one, rate in rates.items() if one != "ours"}


def _median(measured: Sequence[Measured], contender: str, what: str) -> float:
    return float(statistics.median(getattr(one, what) for one in measured if one.contender == contender))


def _print_all(results: dict[int, list[Measured]], pages: int, contenders: Sequence[str]) -> None:
    measured = results[pages]
    print(f"{measured[0].resources} addresses, {len(measured) // len(contenders)} rounds each, medians")
    columns = ("rate", "seconds", "process_seconds", "cpu_seconds", "peak_megabytes", "written_megabytes",
               "kept_megabytes", "connections")  # fmt: skip
    heads = ("pages/s", "s", "s with start", "CPU s", "peak MB", "MB written", "MB kept", "connections")
    print(f"{'':28}" + "".join(f"{head:>14}" for head in heads))
    for contender in contenders:
        values = (_median(measured, contender, column) for column in columns)
        print(f"{TITLES[contender]:28}" + "".join(f"{value:14.1f}" for value in values))
    if "wget" not in contenders:
        print("wget is not here: it was left out")
    for other, ratio in _ratios(measured).items():
        each = ", ".join(f"{one.rate:.0f}" for one in measured if one.contender == other)
        print(f"ours / {TITLES[other]}: {ratio:.2f}   (theirs, round by round: {each})")
    print("ours, round by round: " + ", ".join(f"{one.rate:.0f}" for one in measured if one.contender == "ours"))
    for contender in contenders:
        grown = (
            f"{size} pages {_median(ones, contender, 'rate'):.0f}/s {_median(ones, contender, 'peak_megabytes'):.0f} MB"
            for size, ones in results.items()
        )
        print(f"{TITLES[contender]}, as it grows: " + "; ".join(grown))


if __name__ == "__main__":
    main()
