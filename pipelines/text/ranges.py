"""Ranges of pages: when a document is read in them, which, and what is said of them. It knows no reader."""

from __future__ import annotations

import re
from itertools import pairwise
from math import ceil
from typing import NamedTuple

from pipelines.text.stored_reading import MOST_PAGES

# A document of more pages is read in ranges.
MOST_AT_ONCE = 80
# What a range begins with (a reading begins as gzip does).
HEAD = b"pages "
_FEWEST, _MOST = 20, 200
_RANGES = 8


class Range(NamedTuple):
    """Pages `first` to `last`; `length` bytes hold them, or there are none for a `reason`."""

    first: int
    last: int
    length: int
    reason: str


def ranges_of(pages: int) -> list[tuple[int, int]]:
    """Return first and last page of each range: eight of even size, unless that is less than 20 pages or over 200.

    They depend on nothing but the number of pages, so that what is lost with a range is always the same.
    """
    size = min(max(ceil(pages / _RANGES), _FEWEST), _MOST)
    number = ceil(pages / size)
    ends = [pages * place // number for place in range(number + 1)]
    return [(before + 1, end) for before, end in pairwise(ends)]


def count_answer(pages: int) -> bytes:
    """Return a worker's answer that says only how many pages there are."""
    return b"count %d" % pages


def counted(answer: bytes) -> int | None:
    """Return the number of pages, or None if that isn't what the answer says."""
    said = re.fullmatch(rb"count (\d{1,5})", answer)
    return int(said[1]) if said and MOST_AT_ONCE < int(said[1]) <= MOST_PAGES else None
