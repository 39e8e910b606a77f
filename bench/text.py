"""Measures what readers make of PDFs: speed, memory, closeness to the truth, in one run (see docs/benchmarks.md)."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bench import tables
from bench.closeness import COLUMNS, PAGES, Read, Scores, score
from bench.documents import CLASSES, documents
from bench.text_readers import OURS, Answers, read_by, readers_here
from bench.text_real import CORPUS, agreements, born_digital
from bench.text_shown import pin, show
from bench.text_speed import seconds_by_workers
from bench.truth import Document

STOCK = "pdfplumber"
# Enough to see all that can go wrong; pdfminer.six takes seconds for a page of words in no order.
QUICK_CLASSES = [
    *("one-by-column", "two-by-column", "three-by-column", "one-by-line", "two-by-line", "three-by-line"),
    *("two-by-word", "gazette", "side-notes", "tables-two", "no-blanks", "kerned-three", "drawn-twice"),
]


def main() -> None:
    """Measure, and print."""
    readers = readers_here(os.environ.get("READERS", ""))
    told = _arguments(readers)
    if told.pin or told.show:
        if told.pin:
            pin()
        for name in told.show or ():
            print("\n".join(show(name, told.reader, readers[told.reader])))
        return
    quick = bool(os.environ.get("QUICK"))
    if "generated" in told.parts:
        _print_generated(readers, told.classes, quick=quick)
    if not CORPUS.is_dir():
        print(f"\nno real files: there is no {CORPUS.parent.name} beside the checkout")
        return
    if "tables" in told.parts and not quick:
        print("\ntables of the ICDAR 2013 competition (python -m bench.tables)")
        tables.main(tables.DEFAULT)
    files = born_digital(quick=quick) if {"real", "speed"} & {*told.parts} else []
    if "real" in told.parts:
        _print_real(readers, files)
    if "speed" in told.parts:
        _print_workers(files, rounds=1 if quick else 3)


def _arguments(readers: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", nargs="+", choices=CLASSES, metavar="CLASS", help="where the reading goes wrong")
    parser.add_argument("--reader", choices=readers, default=OURS, help="whose reading to show")
    parser.add_argument("--pin", action="store_true", help="make today's scores those that tests hold us to")
    parser.add_argument("--classes", nargs="+", choices=CLASSES, metavar="CLASS", help="these generated ones only")
    parts = ("generated", "tables", "real", "speed")
    parser.add_argument("--parts", nargs="+", choices=parts, default=parts, help="what to measure")
    return parser.parse_args()


# Generated documents.


def _print_generated(readers: Mapping[str, str], classes: list[str] | None, *, quick: bool) -> None:
    made = list(documents(classes or QUICK_CLASSES, pages=2) if quick else documents(classes, seeds=2, pages=5))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        paths = [Path(folder) / f"{index}.pdf" for index in range(len(made))]
        for path, document in zip(paths, made, strict=True):
            path.write_bytes(document.pdf)
        answers = {name: read_by(name, command, paths) for name, command in readers.items()}
    scores = {
        name: [_score(document, told, index) for index, document in enumerate(made)] for name, told in answers.items()
    }
    pages = sum(len(document.pages) for document in made)
    names = list(dict.fromkeys(document.name for document in made))
    print(f"generated: {len(names)} classes, {len(made)} documents, {pages} pages")
    columns = ("pages/s", "peak MB", *Scores().shares())
    print(f"{'':20}{'':14}" + "".join(f"{column:>10}" for column in columns))
    for name, told in answers.items():
        _print_row("all", name, [_rate(pages, told), told.peak], sum(scores[name], Scores()))
    for one in names:
        at = [index for index, document in enumerate(made) if document.name == one]
        of_class = sum(len(made[index].pages) for index in at)
        for name, told in answers.items():
            seconds = sum(told.files[index].seconds for index in at)
            _print_row(one, name, [of_class / seconds, None], sum((scores[name][index] for index in at), Scores()))
    _print_firsts(names, made, scores)


def _score(document: Document, told: Answers, index: int) -> Scores:
    answer = told.files[index]
    return score(document, Read(answer.text, answer.flow))


def _rate(pages: int, told: Answers) -> float:
    return pages / sum(one.seconds for one in told.files)


def _print_row(name: str, reader: str, measured: Iterable[float | None], scores: Scores) -> None:
    cells = [f"{'' if one is None else f'{one:.1f}':>10}" for one in measured]
    none = {what for what in (COLUMNS, PAGES) if not getattr(scores, what)}
    cells += [f"{'-' if what in none else f'{one:.4f}':>10}" for what, one in scores.shares().items()]
    print(f"{name:20}{reader:14}" + "".join(cells))


def _print_firsts(names: Sequence[str], made: Sequence[Document], scores: Mapping[str, Sequence[Scores]]) -> None:
    """Say of each class in what another reader is closer than ours."""
    behind = []
    for one in names:
        shares = {
            reader: sum((each[at] for at, document in enumerate(made) if document.name == one), Scores()).shares()
            for reader, each in scores.items()
        }
        for what, own in shares[OURS].items():
            sign = -1 if what in {"lost", "invented"} else 1
            best = max(shares, key=lambda reader: sign * shares[reader][what])
            if sign * shares[best][what] > sign * own + 0.00005:
                behind.append(f"  {one}: {what} {own:.4f}, {best} {shares[best][what]:.4f}")
    print("ours is behind another reader in:" if behind else "ours is behind no other reader in any class")
    print("\n".join(behind))


# Real files.


def _print_real(readers: Mapping[str, str], files: Sequence[Path]) -> None:
    answers = {name: read_by(name, command, files) for name, command in readers.items()}
    pages = max(sum(len(one.pages) for one in told.files) for told in answers.values())
    print(f"\nreal files, born digital: {len(files)}, with {pages} pages")
    agreed = agreements(files, answers)
    columns = ("pages/s", "peak MB", "failed", *(name for name in agreed[OURS].shares()))
    print(f"{'':34}" + "".join(f"{column:>10}" for column in columns))
    for name, told in answers.items():
        failed = sum(bool(one.problem) for one in told.files)
        cells = f"{_rate(pages, told):10.1f}{told.peak:10.1f}{failed:10d}"
        print(f"{'real files':20}{name:14}{cells}" + "".join(f"{one:10.4f}" for one in agreed[name].shares().values()))
    both = [
        index
        for index in range(len(files))
        if not answers[OURS].files[index].problem + answers[STOCK].files[index].problem
    ]
    own, stock = (sum(answers[name].files[index].seconds for index in both) for name in (OURS, STOCK))
    print(f"processor time, stock pdfplumber / ours, one process, {len(both)} files: {stock / own:.2f}")


def _print_workers(files: Sequence[Path], rounds: int) -> None:
    taken = seconds_by_workers(files, rounds)
    one, two = (statistics.median(taken[workers]) for workers in (1, 2))
    load = os.getloadavg()[0]
    print(f"by the clock, one worker process / two: {one / two:.2f} ({one:.1f} s, {two:.1f} s; load {load:.1f})")


if __name__ == "__main__":
    main()
