"""The labelled references: how many of those that are there are found, and of those that are found are there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from archive.mentions import NAMED, TITLE, find_mentions
from archive.named_documents import parse_named
from tests.figures import figure

HERE = Path(__file__).parent
NAMES = (NAMED, TITLE)
# Aims of precision and recall over all kinds.
PRECISION, RECALL = 0.99, 0.97
FEWEST, FEWEST_WITHOUT = 300, 80


def labelled(name: str) -> list[tuple[str, str]]:
    """Return the lines of a labelled set: a text, and what is expected of it ("-" for nothing)."""
    rows = [line.split("\t") for line in (HERE / name).read_text("utf-8").splitlines()]
    return [(text.replace("\\n", "\n"), expected) for text, expected in rows]


def expected_of(told: str) -> Counter[str]:
    return Counter(told.split(" | ")) if told != "-" else Counter()


def measured(rows: list[tuple[str, Counter[str], Counter[str]]]) -> dict[str, tuple[int, int, int]]:
    """Return for each kind, and for "all", how many were right, found, and there."""
    counts: dict[str, list[int]] = {"all": [0, 0, 0]}
    for _, found, there in rows:
        for one in found | there:
            row = counts.setdefault(one.partition(":")[0], [0, 0, 0])
            for told in (row, counts["all"]):
                told[0] += min(found[one], there[one])
                told[1] += found[one]
                told[2] += there[one]
    return {kind: (right, found, there) for kind, (right, found, there) in sorted(counts.items())}


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, Counter[str], Counter[str]]]:
    return [
        (text, Counter(f"{one.kind}:{one.target}" for one in find_mentions(text) if one.kind not in NAMES), there)
        for text, there in ((text, expected_of(told)) for text, told in labelled("labelled_references.tsv"))
    ]


def test_the_set_is_large_enough_and_says_nothing_twice(rows: list[tuple[str, Counter[str], Counter[str]]]) -> None:
    assert sum(there.total() for _, _, there in rows) >= FEWEST
    assert sum(not there for _, _, there in rows) >= FEWEST_WITHOUT
    assert len({text for text, _, _ in rows}) == len(rows)


def test_references_are_found_and_nothing_else(rows: list[tuple[str, Counter[str], Counter[str]]]) -> None:
    counts = measured(rows)
    for kind, (right, found, there) in counts.items():
        figure("references", kind=kind, there=there, precision=round(right / found, 3) if found else "-",
               recall=round(right / there, 3) if there else "-")  # fmt: skip
    wrong = [(text, dict(found - there), dict(there - found)) for text, found, there in rows if found != there]
    right, found, there = counts["all"]
    assert right / found >= PRECISION, wrong
    assert right / there >= RECALL, wrong


def test_named_documents_are_found_and_nothing_else() -> None:
    right, found, there, wrong = 0, 0, 0, []
    for text, told in labelled("labelled_named.tsv"):
        targets = [parse_named(one.target) for one in find_mentions(text) if one.kind == NAMED]
        said = [";".join(one) if one else "" for one in targets]
        expected = [] if told == "-" else [told]
        right, found, there = right + (said == expected != []), found + len(said), there + len(expected)
        wrong += [(text, said, expected)] if said != expected else []
    figure("named documents", there=there, precision=round(right / found, 3), recall=round(right / there, 3))
    assert right / found >= PRECISION, wrong
    assert right / there >= RECALL, wrong
