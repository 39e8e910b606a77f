"""A worker that reads PDFs as ours does, and meets with something in a range of pages that the file names."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable

from pipelines.text import stored_pages, worker
from pipelines.text.pdf_page import PageRead
from pipelines.text.pdf_ranges import read_range
from pipelines.text.ranges import HEAD
from pipelines.text.reading import Reading
from tests.hostile.reader import do_memory


def read(body: bytes, first: int, last: int) -> Reading | bytes:
    """Do what stands at the file's end ("%abort 41 61": at the ranges that begin with these pages)."""
    told = re.search(rb"%(\w+)((?: \d+)+)\n$", body)
    if told and first in map(int, told[2].split()):
        deed: Callable[[int, int], Reading | bytes] = globals()[f"do_{told[1].decode()}"]
        return deed(first, last)
    return read_range(body, first, last)


def do_abort(_: int, __: int) -> bytes:
    os.abort()


def do_sleep(_: int, __: int) -> bytes:
    time.sleep(1000)
    return b""


def do_hoard(_: int, __: int) -> Reading:
    return do_memory("")


def do_raise(first: int, _: int) -> bytes:
    raise KeyError(first)


def do_garble(_: int, __: int) -> bytes:
    return HEAD + b"x" * 100


def do_stray(first: int, last: int) -> bytes:
    """Answer with the pages of others."""
    others = (first - 1, last + 1, -1, 10**9)
    return stored_pages.to_bytes([PageRead(number, "page-failed", problem="forged") for number in others])


if __name__ == "__main__":
    worker._FUNCTIONS["pdf range"] = ("tests.hostile.range_reader", "read")
    worker.main(sys.argv[1])
