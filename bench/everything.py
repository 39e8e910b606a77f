"""Runs every bench that has somebody to be measured beside, one after the other, and writes docs/benchmarks.md.

`make bench` (QUICK=1 for small sizes, PARTS="diff search" for these alone). What one part can't do here is said in its
place; the others go on.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.ratios import RATIOS
from bench.written import PAGE, put

FIGURES = Path(__file__).parent / "figures.json"
PEERS = ("scrapy", "pdfplumber", "pdfminer.six", "pypdfium2", "datasette", "diff-match-patch", "ahocorasick-rs")


@dataclass(frozen=True, slots=True)
class Part:
    """A bench: its module, and what it is told for an hour and for minutes; "{made}" is a folder that parts share."""

    module: str
    told: str
    quick: str


PARTS: Mapping[str, Part] = {
    "capture": Part("capture", "--pages 2000 --rounds 3 --one-size", "--pages 300 --rounds 1 --one-size"),
    "text": Part("text_figures", "", "--quick"),
    "diff": Part("diff", "--sizes 50 200 --rounds 3 --limit 120", "--sizes 200 --rounds 2 --limit 20"),
    "proof": Part("proof", "--sizes 1000 5000", "--sizes 300"),
    "search": Part("search", "--pages 200000 --rounds 1 --each 4 --seconds 10 --keep {made}",
                   "--pages 10000 --rounds 1 --each 2 --seconds 3 --keep {made}"),
    "quotes": Part("quotes", "--made {made} --scanned 1000", "--made {made} --scanned 300"),
    "load": Part("load", "{made} --seconds 10", "{made} --seconds 3 --readers 20 --hostile 4"),
    "watches": Part("watches", "", "--pages 2000 --some 50"),
    "cluster": Part("cluster", "", "--pages 8 --files 1"),
}  # fmt: skip


def main() -> None:
    """Run, note the figures, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", default=bool(os.environ.get("QUICK")))
    parser.add_argument("--parts", nargs="+", choices=PARTS, help="these alone; the others' last figures stay")
    parser.add_argument("--write", action="store_true", help="write the page anew from the figures that are kept")
    told = parser.parse_args()
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {"parts": {}}
    if told.write:
        write(figures)
    else:
        kept = figures["parts"] if told.parts else {}
        for so_far in run(told.parts or list(PARTS), kept, quick=told.quick):
            write(so_far)
    print(f"{PAGE} is written from {FIGURES}", file=sys.stderr)


def write(figures: Mapping[str, Any]) -> None:
    """Keep the figures, and write the page from them."""
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    PAGE.write_text(put(figures, PAGE.read_text("utf-8")), "utf-8")


def run(names: Sequence[str], kept: Mapping[str, Any], *, quick: bool) -> Iterator[dict[str, Any]]:
    """Run these parts in their order; yield after each the figures so far, beside those of others that are `kept`."""
    begun = {"at": datetime.now(UTC).date().isoformat(), "quick": quick, "machine": machine()}
    parts = dict(kept)
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        if {"quotes", "load"} & set(names) and "search" not in names:
            names = ["search", *names]  # which makes what they ask
        for name in names:
            parts[name] = run_part(name, Path(made) / "made", quick=quick)
            yield {**begun, "parts": {name: parts[name] for name in PARTS if name in parts}}


def run_part(name: str, made: Path, *, quick: bool) -> dict[str, Any]:
    """Run one part in a process of its own, and return its rows, or why there are none."""
    part = PARTS[name]
    said: dict[str, Any] = {"module": part.module}
    if importlib.util.find_spec(f"bench.{part.module}") is None:
        return {**said, "left_out": "there is no such bench"}
    made.mkdir(exist_ok=True)
    options = (part.quick if quick else part.told).format(made=made).split()
    print(f"bench.{part.module} {' '.join(options)}".replace(str(made), "MADE"), file=sys.stderr, flush=True)
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{part.module}", *options, "--json"], cwd=PAGE.parent.parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    print(f"  {time.monotonic() - begun:.0f} s, status {done.returncode}", file=sys.stderr, flush=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        print(done.stderr[-3000:], file=sys.stderr)
        return {**said, "left_out": f"it ended with status {done.returncode} ({last[:200]})"}
    try:
        return {**said, "ratios": [asdict(one) for one in RATIOS[name](json.loads(done.stdout))]}
    except (LookupError, TypeError, ValueError, AttributeError) as error:  # an hour's other figures are worth keeping
        return {**said, "left_out": f"what it said isn't understood ({type(error).__name__}: {error})"}


def machine() -> dict[str, Any]:
    """Return the machine's size and the versions that are measured; nothing that names it."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "processors": len(os.sched_getaffinity(0)), "memory_gb": round(pages * size / 2**30),
        "load": round(os.getloadavg()[0], 1), "versions": ", ".join(_versions()),
    }  # fmt: skip


def _versions() -> list[str]:
    found = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    for program, ask in (("wget", "--version"), ("pdftotext", "-v")):
        if path := shutil.which(program):
            told = subprocess.run([path, ask], capture_output=True, text=True, check=False)
            words = (told.stdout or told.stderr).split()
            found.append(f"{program} {words[2]}")
    return found


if __name__ == "__main__":
    main()
