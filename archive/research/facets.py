"""Counts documents under each value of each facet; of a share of all documents, about how many there are in all."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from archive.research.narrowing import FACETS, Narrowed
from archive.research.rows import Row

MOST_VALUES = 40


def facets(found: Sequence[Narrowed], share: float) -> dict[str, list[Row]]:
    """Return each facet's values with how many documents have them, beside those that its own filter leaves out."""
    return {name: _counted(name, _values(name, found), share) for name in FACETS}


def _values(name: str, found: Sequence[Narrowed]) -> Counter[str]:
    fitting = (one for one in found if not one.fails or one.fails == (name,))
    place = list(FACETS).index(name)
    if place < 4:
        return Counter(one.under[place] for one in fitting)
    counted: Counter[str] = Counter()
    for names, number in Counter(one.lists[place - 4] for one in fitting).items():
        for value in json.loads(names):
            counted[value] += number
    return counted


def _counted(name: str, counted: Counter[str], share: float) -> list[Row]:
    by_number = sorted(
        ((value, number) for value, number in counted.items() if value), key=lambda one: (-one[1], one[0])
    )
    ordered = sorted(by_number, reverse=True) if name == "year" else by_number
    return [
        {"value": value, "documents": in_all(number, share), "about": share < 1}
        for value, number in ordered[:MOST_VALUES]
    ]


def in_all(number: int, share: float) -> int:
    """Return how many there are in all, of which so many are in a share: to two figures, since more isn't known."""
    if share >= 1:
        return number
    return int(float(f"{number / share:.2g}"))
