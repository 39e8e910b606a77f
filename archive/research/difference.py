"""What changed between two versions, as it is shown: an index, changed pages, what is folded, tables, fields, and all
of it as data. Made of a comparison and its two sides; it knows no site and no terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from archive.diff.model import SAME, Cell, Comparison, FieldChange, PagePair, Side, WordEdit
from archive.research.marked_text import ADDED, COSMETIC, REMOVED, MarkedPages, Segment, shortened
from archive.research.marked_text import SAME as ALIKE
from archive.research.rows import Row

# As much of the pages' text, and as many pages, as one answer shows; the next ones are asked for by `start`.
MOST_CHARACTERS, MOST_PAIRS = 300_000, 60
# As many edits, and as much of their words, as data holds.
MOST_EDITS, MOST_WORDS = 5_000, 1_000_000
MOST_CELLS = 400
Rows = Sequence[Sequence[str]]
SIDE, INLINE = "side", "inline"
VIEWS = (SIDE, INLINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair of pages that is shown: `before` and `after` are its texts side by side, `both` them in one."""

    pair: PagePair
    before: list[Segment]
    after: list[Segment]
    both: list[Segment]


@dataclass(frozen=True, slots=True)
class Fold:
    """Pairs of pages that are the same, or differ in nothing that is read."""

    pairs: tuple[PagePair, ...]


class Difference:
    """A comparison and its two sides."""

    def __init__(self, told: Comparison, before: Side, after: Side) -> None:
        self.told, self.sides = told, (before, after)
        self._texts = tuple({page.number: page.text for page in side.pages} for side in (before, after))
        self._marked = MarkedPages(told)
        self.changed = [pair for pair in told.pages if self._is_changed(pair)]

    def _is_changed(self, pair: PagePair) -> bool:
        return pair.state not in (SAME, COSMETIC) or self._marked.touches(pair.before, pair.after)

    def shown(self, start: int = 0, view: str = SIDE) -> tuple[list[Shown | Fold], int | None]:
        """Return the changed pairs from the `start`th on, with folds between them, and where the next answer goes on.

        That is None where there are no more.
        """
        chosen = self.changed[start : start + MOST_PAIRS]
        found: dict[int, Shown] = {}
        left = MOST_CHARACTERS
        for pair in chosen:
            if left <= 0:
                break
            found[id(pair)] = one = self._show(pair, view)
            left -= sum(len(part.text) for side in (one.before, one.after, one.both) for part in side)
        done = start + len(found)
        first = self.told.pages.index(self.changed[start]) if 0 < start < len(self.changed) else 0
        last = self.told.pages.index(self.changed[done]) if done < len(self.changed) else len(self.told.pages)
        return list(_folded(self.told.pages[first:last], found)), done if done < len(self.changed) else None

    def _show(self, pair: PagePair, view: str) -> Shown:
        old, new = self._texts
        before = self._marked.before(pair.before, old[pair.before]) if pair.before is not None else []
        after = self._marked.after(pair.after, new[pair.after]) if pair.after is not None else []
        if view == SIDE:
            return Shown(pair, shortened(before), shortened(after), [])
        both = self._marked.both(pair.after, new[pair.after]) if pair.after is not None else before
        return Shown(pair, [], [], shortened(both))

    def both(self, pair: PagePair, kept: int) -> list[Segment]:
        """Return a pair of pages in one text, with so many characters of what is the same around each change."""
        old, new = self._texts
        if pair.after is None:
            segments = self._marked.before(pair.before, old[pair.before]) if pair.before is not None else []
        else:
            segments = self._marked.both(pair.after, new[pair.after])
        return shortened(segments, kept)

    def start_of(self, page: str) -> int:
        """Return from which changed pair on to show a page: "p3" of the later side, "b3" of the earlier."""
        side, number = page[:1], page[1:]
        if not (number.isascii() and number.isdecimal() and len(number) < 8):
            return 0
        places = [
            place
            for place, pair in enumerate(self.changed)
            if (pair.after if side == "p" else pair.before) == int(number)
        ]
        return places[0] if places and places[0] >= MOST_PAIRS // 2 else 0

    def tables(self) -> Iterator[Row]:
        """Yield the tables that differ: the rows and the cells that do, each named by what stands at its head."""
        held = [{(table.page, table.number): table for table in side.tables} for side in self.sides]
        for change in self.told.tables:
            old = held[0][change.before].rows if change.before else ()
            new = held[1][change.after].rows if change.after else ()
            yield {
                "op": change.op,
                "why": change.why,
                "before": change.before,
                "after": change.after,
                "cells": [_cell(cell, old, new) for cell in change.cells[:MOST_CELLS]],
                "cells_left_out": max(len(change.cells) - MOST_CELLS, 0),
                "rows_added": [new[row] for row in change.rows_added[:MOST_CELLS]],
                "rows_removed": [old[row] for row in change.rows_removed[:MOST_CELLS]],
            }

    def fields(self) -> list[Row]:
        """Return the fields of a record, or an article, that differ, with both values cut into segments."""
        return [_field(change) for change in self.told.fields]

    def metadata(self) -> list[Row]:
        """Return what the versions say of themselves, or was found in their files, that differs."""
        return [_field(change) for change in self.told.metadata]

    def data(self) -> Row:
        """Return all of it as data; see docs/design.md for the shape. `left_out` says what there was no room for."""
        told = self.told
        left = MOST_WORDS
        edits = []
        for edit in told.edits[:MOST_EDITS]:
            left -= len(edit.removed) + len(edit.added)
            words = {"removed": edit.removed, "added": edit.added} if left >= 0 else {"removed": None, "added": None}
            edits.append({
                "op": edit.op, "part": edit.part, "why": edit.why, **words,
                "before": [place._asdict() for place in edit.before],
                "after": [place._asdict() for place in edit.after],
                "at_before": edit.at_before._asdict() if edit.at_before else None,
                "at_after": edit.at_after._asdict() if edit.at_after else None,
            })  # fmt: skip
        return {
            "kind": told.kind,
            "score": told.score,
            "summary": told.summary,
            "why": list(told.why),
            "doubts": list(told.doubts),
            "counts": asdict(told.counts),
            "pages": [asdict(pair) for pair in told.pages],
            "edits": edits,
            "tables": list(self.tables()),
            "fields": [_plain(change) for change in told.fields],
            "metadata": [_plain(change) for change in told.metadata],
            "attachments": [change._asdict() for change in told.attachments],
            "left_out": {"edits": max(len(told.edits) - MOST_EDITS, 0),
                         "words": sum(edit["removed"] is None for edit in edits)},
        }  # fmt: skip


def _folded(pairs: Sequence[PagePair], shown: dict[int, Shown]) -> Iterator[Shown | Fold]:
    held: list[PagePair] = []
    for pair in pairs:
        if id(pair) not in shown:
            held.append(pair)
            continue
        if held:
            yield Fold(tuple(held))
        held = []
        yield shown[id(pair)]
    if held:
        yield Fold(tuple(held))


def _cell(cell: Cell, old: Rows, new: Rows) -> Row:
    rows, row = (new, cell.row_after) if cell.row_after is not None else (old, cell.row_before)
    head = _at(old, 0, cell.column_before) if cell.column_after is None else _at(new, 0, cell.column_after)
    return {**cell._asdict(), "row": _at(rows, row, 0), "column": head}


def _at(rows: Rows, row: int | None, column: int | None) -> str:
    if row is None or column is None or row >= len(rows) or column >= len(rows[row]):
        return ""
    return " ".join(rows[row][column].split())[:120]


def _plain(change: FieldChange) -> Row:
    return {"op": change.op, "name": change.name, "before": change.before, "after": change.after, "why": change.why,
            "words": [edit._asdict() for edit in change.words]}  # fmt: skip


def _field(change: FieldChange) -> Row:
    return {
        "op": change.op,
        "name": change.name,
        "why": change.why,
        "before": _value(change.before, change.words, REMOVED),
        "after": _value(change.after, change.words, ADDED),
    }


def _value(text: str, words: Iterable[WordEdit], kind: str) -> list[Segment]:
    found, done = [], 0
    for number, edit in enumerate(words):
        start, end = edit.before if kind == REMOVED else edit.after
        if start < end and start >= done:
            found += [
                Segment(ALIKE, text[done:start]),
                Segment(COSMETIC if edit.why else kind, text[start:end], number),
            ]
            done = end
    return shortened([one for one in [*found, Segment(ALIKE, text[done:])] if one.text])
