"""Measures what looking for thousands of a watch's terms costs, beside a plain loop and one joined regular expression.

The pages are those of a catalogue that the bench of search makes. A plain loop is given the work of finding words done:
it asks for each term whether it stands in the page's words, which are cut and folded for it once. What takes too long
is asked of some of the pages only; all figures are for a page, and ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

from archive.watches.matching import Matcher
from archive.watches.terms import patterns_of
from archive.watches.words import Words
from bench.search_catalogue import write

PAGES, TERMS, SEED = 10_000, 2_500, 2018


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--terms", type=int, default=TERMS)
    parser.add_argument("--some", type=int, default=200, help="pages that the plain loop and the expression are given")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = measure(_pages(Path(folder), told.pages, told.seed), told.terms, told.some, told.seed)
    print(json.dumps(found) if told.json else "\n".join(f"{name:36} {value}" for name, value in found.items()))


def measure(pages: Sequence[str], count: int, some: int, seed: int) -> dict[str, object]:
    """Return what each way costs a page, and whether they find the same."""
    random = Random(seed)
    words = terms_of(pages, count * 19 // 20, random)
    terms = [*words, *_numbers(count - len(words), random)]
    began = time.process_time()
    matcher = Matcher([patterns_of(term) for term in terms])
    made = time.process_time() - began
    began = time.process_time()
    hits = [matcher.terms_in(page) for page in pages]
    whole = time.process_time() - began
    few = pages[:some]
    ours, mine = _timed(lambda page: matcher.terms_in(page) & set(range(len(words))), few)
    wanted = [Words(term).folded for term in words]
    plain, theirs = _timed(lambda page: _plainly(page, wanted), few)
    joined = re.compile(
        r"\b(?:" + "|".join(map(re.escape, sorted(words, key=len, reverse=True))) + r")\b", re.IGNORECASE
    )
    expression, _ = _timed(lambda page: set(joined.findall(page)), few)
    return {
        "pages": len(pages),
        "characters": sum(map(len, pages)),
        "terms": len(terms),
        "of them numbers and amounts": len(terms) - len(words),
        "terms found, over all pages": sum(map(len, hits)),
        "seconds of processor to make ready": round(made, 2),
        "seconds of processor, all pages": round(whole, 2),
        "microseconds a page": round(ours / len(few) * 1e6),
        "plain loop, times as long": round(plain / ours, 1),
        "one expression, times as long": round(expression / ours, 1),
        "pages on which the loop differs": sum(one != other for one, other in zip(mine, theirs, strict=True)),
    }


def terms_of(pages: Sequence[str], count: int, random: Random) -> list[str]:
    """Return words and phrases as pages have them, in small letters, so that case is no matter."""
    found: dict[str, None] = {}
    while len(found) < count:
        words = Words(random.choice(pages)).folded.decode().split()
        if words:
            at, length = random.randrange(len(words)), random.choice((1, 1, 2, 2, 3))
            term = " ".join(words[at : at + length])
            if len(patterns_of(term)) == 1 and len(term) > 3:
                found[term] = None
    return list(found)


def _numbers(count: int, random: Random) -> list[str]:
    """Return numbers and amounts, a third each of assessments, contracts and money."""
    of = (
        lambda: f"DHS/ICE/PIA-{random.randrange(1, 99):03}",
        lambda: f"70CDCR{random.randrange(18, 24)}P{random.randrange(10**8):08}",
        lambda: f"${random.randrange(10**5, 10**7):,}",
    )
    return [of[number % 3]() for number in range(count)]


def _plainly(page: str, wanted: Sequence[bytes]) -> set[int]:
    words = Words(page).folded
    return {number for number, term in enumerate(wanted) if term in words}


def _timed(
    way: Callable[[str], set[object]] | Callable[[str], set[int]], pages: Sequence[str]
) -> tuple[float, list[object]]:
    began = time.process_time()
    found: list[object] = [way(page) for page in pages]
    return time.process_time() - began, found


def _pages(folder: Path, count: int, seed: int) -> list[str]:
    write(folder / "source.db", count, seed)
    with closing(sqlite3.connect(folder / "source.db")) as catalogue:
        rows = catalogue.execute("SELECT text FROM pages ORDER BY id LIMIT ?", (count,))
        return [text for (text,) in rows]


if __name__ == "__main__":
    main()
