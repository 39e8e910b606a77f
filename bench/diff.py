"""The word diff of two long documents, beside difflib and diff-match-patch, in one run; and how it grows.

Times are of the processor, so that other work on the machine doesn't change them; each is the least of some rounds.
diff-match-patch is installed for this alone: `pip install diff-match-patch==20241021`; without it its column is empty.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import json
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from random import Random
from typing import Any

from archive.diff.compare import compare
from archive.diff.model import Page, Side
from bench.sentences import sentence

Paragraphs = list[list[str]]
A_PAGE = 330
WIDTH = 12
SIZES = (50, 100, 200, 400)


def written(random: Random, words: int) -> Paragraphs:
    """Return a text of so many words, in paragraphs of five sentences; it says nothing, and hardly repeats."""
    made, count = Paragraphs(), 0
    while count < words:
        made.append([one.text for _ in range(5) for one in sentence(random)])
        count += len(made[-1])
    return made


def few_edits(text: Paragraphs, random: Random) -> Paragraphs:
    """Return a text with twenty words changed, so that every line and page but theirs is as it was."""
    made = [list(one) for one in text]
    for number in range(20):
        words = random.choice(made)
        words[random.randrange(1, len(words) - 1)] = f"zebra{number}"
    return made


def reflowed(text: Paragraphs, random: Random) -> Paragraphs:
    """Return the same edits with a paragraph more near the beginning, so that every later page has other words."""
    made = few_edits(text, random)
    return [*made[:2], *written(random, 150), *made[2:]]


def half_rewritten(text: Paragraphs, random: Random) -> Paragraphs:
    """Return a text every second paragraph of which is another."""
    return [one if number % 2 else written(random, len(one))[0] for number, one in enumerate(text)]


def another(text: Paragraphs, random: Random) -> Paragraphs:
    """Return another text of the same length."""
    return written(random, sum(map(len, text)))


EDITS: dict[str, Callable[[Paragraphs, Random], Paragraphs]] = {
    "few edits": few_edits, "reflowed": reflowed, "half rewritten": half_rewritten, "another text": another,
}  # fmt: skip


def side(text: Paragraphs) -> Side:
    """Return a text as a version: pages of as many words, lines of twelve."""
    words = [word for one in text for word in one]
    pages = []
    for number, start in enumerate(range(0, len(words), A_PAGE), 1):
        held = words[start : start + A_PAGE]
        lines = "\n".join(" ".join(held[at : at + WIDTH]) for at in range(0, len(held), WIDTH))
        pages.append(Page(number, lines, (("text", 0, len(lines)),), " "))
    return Side(digest=str(hash(tuple(words))), pages=tuple(pages))


def ours(before: Side, after: Side) -> str:
    """Compare as the archive does: pages paired, words marked on both sides, in a sentence."""
    told = compare(before, after)
    return f"{len(told.edits)} edits, {told.counts.words_added}+{told.counts.words_removed} words"


def by_difflib(before: Side, after: Side) -> str:
    """Compare the words by difflib, without its shortcut that leaves out what is frequent."""
    old, new = (" ".join(page.text for page in one.pages).split() for one in (before, after))
    codes = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return f"{sum(code[0] != 'equal' for code in codes)} edits"


def by_diff_match_patch(before: Side, after: Side) -> str:
    """Compare the texts by diff-match-patch as it comes, without its time limit."""
    library = importlib.import_module("diff_match_patch")
    plain = library.diff_match_patch()
    plain.Diff_Timeout = 0
    old, new = ("\n".join(page.text for page in one.pages) for one in (before, after))
    return f"{sum(op != 0 for op, _ in plain.diff_main(old, new))} edits"


WAYS: dict[str, Callable[[Side, Side], str]] = {
    "archive": ours, "difflib": by_difflib, "diff-match-patch": by_diff_match_patch,
}  # fmt: skip


def timed(way: str, before: Side, after: Side, rounds: int, limit: int) -> dict[str, Any]:
    """Return the `seconds` and what was `found`, measured in a process of its own that may take so long."""
    ours_end, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(
        target=_measure, args=(theirs, WAYS[way], (before, after), rounds, limit)
    )
    child.start()
    theirs.close()
    try:
        return dict(ours_end.recv())
    except EOFError:
        return {"seconds": None, "found": f"more than {limit} s"}
    finally:
        child.join()


def _measure(
    answer: Connection, way: Callable[[Side, Side], str], sides: tuple[Side, Side], rounds: int, limit: int
) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    taken, found = [], ""
    try:
        for _ in range(rounds):
            begun = time.process_time()
            found = way(*sides)
            taken.append(time.process_time() - begun)
    except ModuleNotFoundError as missing:
        answer.send({"seconds": None, "found": f"{missing.name} isn't installed"})
        return
    answer.send({"seconds": round(min(taken), 4), "found": found})


def measure(sizes: Sequence[int], rounds: int, limit: int, seed: int) -> list[dict[str, Any]]:
    """Return a row for each size, edit and way; other ways than ours are only asked at the size that is in question."""
    rows = []
    for pages in sizes:
        text = written(Random(seed), pages * A_PAGE)
        for name, edit in EDITS.items():
            before, after = side(text), side(edit(text, Random(seed + 1)))
            for way in WAYS if pages == 200 else ("archive",):
                told = timed(way, before, after, rounds if way == "archive" else 1, limit)
                rows.append({"pages": pages, "edits": name, "way": way, **told})
                sys.stderr.write(f"{pages} pages, {name}, {way}: {told['seconds']} s ({told['found']})\n")
    return rows


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| pages | " + " | ".join(EDITS) + " |"]
    lines.append("|---" * (len(EDITS) + 1) + "|")
    for way in WAYS:
        for pages in dict.fromkeys(row["pages"] for row in rows if row["way"] == way):
            held = {row["edits"]: row for row in rows if (row["way"], row["pages"]) == (way, pages)}
            cells = [str(held[name]["seconds"] or held[name]["found"]) for name in EDITS if name in held]
            lines.append(f"| {pages} ({way}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="pages of 330 words")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=int, default=300, help="processor seconds that one comparison may take")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    rows = measure(told.sizes, told.rounds, told.limit, told.seed)
    sys.stdout.write((json.dumps(rows, indent=1) if told.json else table(rows)) + "\n")


if __name__ == "__main__":
    main()
