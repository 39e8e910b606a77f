"""Measures what checking a draft of 10,000 words with 100 quotations costs among a million pages.

Beside it stand what else could be done: the same quotations looked for by FTS5's phrase search alone, and by reading
page after page. Of the hundred, sixty are true, in places with brackets and omissions; twenty have one word altered,
twenty are made up. The pages are those of the bench of search (`python -m bench.search --keep FOLDER`); the plain scan
is measured on some of them, and what it would take on all is reckoned from that.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

from archive.drafts.reading import read_draft
from archive.research.marks import letters_and_places
from archive.research.quotes.of_drafts import iter_entries
from archive.research.quotes.outcomes import ABSENT, EXACT, NEAR
from bench.search import PAGES, SEED, make

QUOTATIONS, WORDS, SCANNED, ROUNDS = 100, 10_000, 4_000, 3
_SENTENCE = re.compile(r"[^.\n]{60,240}\.")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A quotation of the draft, what it is, and the place of the page that it was taken from (0 of one made up)."""

    words: str
    kind: str
    place: int


@dataclass(frozen=True, slots=True)
class Took:
    """What one way took for all of them, in seconds and in those of a processor; how many of each it got right."""

    who: str
    seconds: float
    processor: float
    found: dict[str, int]
    reckoned: bool = False


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--made", type=Path, help="a folder that `python -m bench.search --keep` made")
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--scanned", type=int, default=SCANNED, help="so many pages are scanned, the rest is reckoned")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = told.made or Path(temporary)
        if not told.made:
            make(folder, told.pages, told.seed)
        release = folder / "archive" / "releases" / "1.db"
        with closing(sqlite3.connect(f"file:{release}?mode=ro&immutable=1", uri=True)) as connection:
            found = measure(connection, told.seed, told.scanned)
    print(json.dumps(found) if told.json else "\n".join(_table(found)))


def measure(connection: sqlite3.Connection, seed: int, scanned: int) -> dict[str, object]:
    """Ask by every way, and return it as plain values."""
    pages = connection.execute("SELECT max(place) FROM pages").fetchone()[0]
    asked = questions(connection, Random(seed), pages)
    draft = draft_of(asked, Random(seed))
    took = [ours(connection, draft, asked) for _ in range(ROUNDS)]
    took.sort(key=lambda one: one.seconds)
    return {
        "pages": pages,
        "words": len(_WORD.findall(draft)),
        "asked": dict(Counter(one.kind for one in asked)),
        "took": [asdict(one) for one in (took[0], took[-1], phrases(connection, asked),
                                         scan(connection, asked, scanned, pages))],
    }  # fmt: skip


def questions(connection: sqlite3.Connection, random: Random, pages: int) -> list[Asked]:
    """Return the quotations: sentences of pages drawn by lot, some of them changed, and some of no page."""
    asked: list[Asked] = []
    for number in range(QUOTATIONS):
        place, words = _sentence(connection, random, pages)
        said = words.split()
        if number % 5 == 3:
            said[random.randrange(2, len(said) - 2)] = random.choice(("zebra", "not", "five", "never"))
            asked.append(Asked(" ".join(said), "altered", place))
        elif number % 5 == 4:
            other = _sentence(connection, random, pages)[1].split()
            mixed = [word for pair in zip(said, other, strict=False) for word in pair]
            random.shuffle(mixed)
            asked.append(Asked(" ".join(mixed[:16]), "made up", 0))
        elif number % 10 == 0 and len(said) > 14:
            asked.append(Asked(" ".join([*said[:5], "...", *said[8:]]), "true, with an omission", place))
        elif number % 10 == 5:
            asked.append(
                Asked(" ".join([f"[{said[0][0].lower()}]{said[0][1:]}", *said[1:]]), "true, with brackets", place)
            )
        else:
            asked.append(Asked(" ".join(said), "true", place))
    return asked


def _sentence(connection: sqlite3.Connection, random: Random, pages: int) -> tuple[int, str]:
    while True:
        place = random.randrange(1, pages)
        row = connection.execute("SELECT text FROM pages WHERE place = ?", (place,)).fetchone()
        found = [match[0] for match in _SENTENCE.finditer(row[0]) if len(match[0].split()) > 9] if row else []
        if found:
            return place, random.choice(found).strip()


def draft_of(asked: Sequence[Asked], random: Random) -> str:
    """Return a draft in which these are quoted, as long as WORDS."""
    filler = WORDS // len(asked) - sum(len(one.words.split()) for one in asked) // len(asked)
    names = ["agency", "said", "record", "which", "under", "report", "found", "that", "the", "of"]
    said = (" ".join(random.choice(names) for _ in range(filler)) for _ in asked)
    return "\n\n".join(f"{before}: “{one.words}”" for before, one in zip(said, asked, strict=True))


def ours(connection: sqlite3.Connection, draft: str, asked: Sequence[Asked]) -> Took:
    """Check the draft."""
    began, used = time.perf_counter(), time.process_time()
    read = read_draft(draft.encode(), "md")
    entries = list(iter_entries(connection, read))
    seconds, processor = time.perf_counter() - began, time.process_time() - used
    assert len(entries) == len(asked)
    found: Counter[str] = Counter()
    for entry, one in zip(entries, asked, strict=True):
        outcome = entry.checked.outcome
        right = {"altered": NEAR, "made up": ABSENT}.get(one.kind, EXACT)
        found[one.kind] += outcome == right
        found["called exact wrongly"] += outcome == EXACT and right != EXACT
    sys.stderr.write(".")
    return Took("the check", seconds, processor, dict(found))


def phrases(connection: sqlite3.Connection, asked: Sequence[Asked]) -> Took:
    """Look each of them up as one phrase, as FTS5 does it."""
    found: Counter[str] = Counter()
    began, used = time.perf_counter(), time.process_time()
    for one in asked:
        words = " ".join(_WORD.findall(one.words))
        row = connection.execute(
            "SELECT rowid FROM pages_fts WHERE pages_fts MATCH ? LIMIT 1", (f'"{words}"',)
        ).fetchone()
        found[one.kind] += bool(row) == (one.kind != "made up")
    took = time.perf_counter() - began, time.process_time() - used
    return Took("FTS5, each as a phrase", *took, dict(found))


def scan(connection: sqlite3.Connection, asked: Sequence[Asked], scanned: int, pages: int) -> Took:
    """Read some pages and look for the letters of all of them; what all pages would take is reckoned."""
    wanted = [(one, letters_and_places(one.words)[0]) for one in asked]
    began, used = time.perf_counter(), time.process_time()
    count = 0
    for (text,) in connection.execute("SELECT text FROM pages WHERE place <= ?", (scanned,)):
        held = letters_and_places(text)[0]
        for _, letters in wanted:
            held.find(letters)
        count += 1
    times = pages / max(count, 1)
    took = (time.perf_counter() - began) * times, (time.process_time() - used) * times
    found = Counter(one.kind for one, letters in wanted if _stands(connection, one, letters) == (one.kind != "made up"))
    return Took(f"reading every page ({count:,} of them were)", *took, dict(found), reckoned=True)


def _stands(connection: sqlite3.Connection, one: Asked, letters: str) -> bool:
    """Tell whether a scan would find a quotation: on the page that it was taken from."""
    row = connection.execute("SELECT text FROM pages WHERE place = ?", (one.place,)).fetchone()
    return bool(row) and letters in letters_and_places(row[0])[0]


def _table(found: dict[str, object]) -> list[str]:
    asked, took = found["asked"], found["took"]
    assert isinstance(asked, dict)
    assert isinstance(took, list)
    lines = [f"{found['pages']:,} pages; a draft of {found['words']:,} words, {sum(asked.values())} quotations"]
    for one in took:
        of = ", ".join(f"{kind} {one['found'].get(kind, 0)} of {asked[kind]}" for kind in asked)
        about = "about " if one["reckoned"] else ""
        wrong = one["found"].get("called exact wrongly")
        seconds = f"{about}{one['seconds']:,.1f} s ({one['processor']:,.1f} of a processor)"
        lines.append(f"{one['who']}: {seconds}; right: {of}"
                     + (f"; called exact wrongly: {wrong}" if wrong is not None else ""))  # fmt: skip
    return lines


if __name__ == "__main__":
    main()
