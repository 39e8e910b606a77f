"""Pages as they were read, as bytes: how one worker hands a range of them to another. What comes in may be hostile."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from pipelines.text.layout import Block, Line, PageLayout
from pipelines.text.pdf_page import PageRead
from pipelines.text.ranges import HEAD
from pipelines.text.stored_reading import fact_of, link_of, table_of, text_of, unpacked

_OUTCOMES = frozenset({"text", "no-text-layer", "garbled-text", "page-failed"})
_KINDS = frozenset({"text", "table", "side-note"})


def to_bytes(pages: Sequence[PageRead]) -> bytes:
    """Return the pages as compressed JSON; the same pages give the same bytes."""
    said = json.dumps(pages, default=astuple, ensure_ascii=True)
    return HEAD + gzip.compress(said.encode("ascii"), compresslevel=1, mtime=0)


def from_bytes(data: bytes) -> list[PageRead]:
    """Return the pages. Raises ValueError for anything else, or more than a worker may answer."""
    entries = unpacked(data.removeprefix(HEAD))
    if not data.startswith(HEAD) or not isinstance(entries, list):
        raise ValueError("no pages")
    return [_page(entry) for entry in entries]


def _page(entry: object) -> PageRead:
    match entry:
        case [int(number), str(outcome), list(layout), list(links), list(tables), list(facts), int(removed),
              int(covered), problem] if outcome in _OUTCOMES:  # fmt: skip
            held = (tuple(map(link_of, links)), tuple(map(table_of, tables)), tuple(map(fact_of, facts)))
            if any(one.page not in (0, number) for kind in held for one in kind):
                raise ValueError("something on another page")
            return PageRead(number, outcome, _layout(layout), *held, removed, covered, text_of(problem, 4000))
    raise ValueError("not a page")


def _layout(entry: list[Any]) -> PageLayout:
    match entry:
        case [int() | float() as width, int() | float() as height, list(blocks), list(rules)]:
            return PageLayout(width, height, tuple(map(_block, blocks)), tuple(map(_rule, rules)))
    raise ValueError("not a layout")


def _block(entry: object) -> Block:
    match entry:
        case [str(kind), [_, *_] as lines, int() | float() as left, int() | float() as right] if kind in _KINDS:
            return Block(kind, tuple(map(_line, lines)), left, right)
    raise ValueError("not a block")


def _line(entry: object) -> Line:
    match entry:
        case [str(text), int() | float() as x0, int() | float() as top, int() | float() as x1,
              int() | float() as bottom, int() | float() as size, bool(bold), bool(marked)]:  # fmt: skip
            return Line(text, x0, top, x1, bottom, size, bold, marked)
    raise ValueError("not a line")


def _rule(entry: object) -> tuple[float, float, float]:
    match entry:
        case [int() | float() as x0, int() | float() as x1, int() | float() as y]:
            return (x0, x1, y)
    raise ValueError("not a rule")
