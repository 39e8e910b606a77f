"""What changed between two versions as plain text, in the way of wdiff: [-what is gone-]{+what is new+}."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from archive.counted import counted
from archive.diff.model import PagePair
from archive.research.difference import Difference
from archive.research.marked_text import ADDED, GAP, MORE, REMOVED, Segment
from archive.research.rows import Row

# Characters of what is the same around each change.
AROUND = 60
MOST_CHARACTERS = 2_000_000
_MARKS = {REMOVED: ("[-", "-]"), ADDED: ("{+", "+}")}


class Piece(NamedTuple):
    """A stretch of the text and what it is: "removed", "added", "heading", or "" for all else."""

    kind: str
    text: str


def plain_difference(told: Difference) -> Iterator[Piece]:
    """Yield what changed, in pieces: the sentence, then fields, attachments, metadata, tables, and pages in order.

    Beyond MOST_CHARACTERS it ends with a line that says so.
    """
    written = 0
    for piece in _all(told):
        yield piece
        written += len(piece.text)
        if written > MOST_CHARACTERS:
            yield Piece("heading", "\n[the rest is left out: the data (JSON) has more]\n")
            return


def _all(told: Difference) -> Iterator[Piece]:
    what = told.told
    yield Piece("", f"{what.kind}: {what.summary}\n")
    if "excerpt" in what.doubts:
        yield Piece("", "Not all of both is published: excerpts were compared.\n")
    yield from _fields("Fields", told.fields())
    for one in what.attachments:
        yield from (Piece("heading", f"\nAttachment {one.op}\n"), Piece(REMOVED, one.before and f"[-{one.before}-]\n"),
                    Piece(ADDED, one.after and f"{{+{one.after}+}}\n"))  # fmt: skip
    yield from _fields("Said of itself, or found in the file", told.metadata())
    for table in told.tables():
        yield from _table(table)
    for pair in told.changed:
        yield Piece("heading", f"\n----- {page_names(pair)} -----\n")
        yield from _segments(told.both(pair, AROUND))
        yield Piece("", "\n")


def page_names(pair: PagePair) -> str:
    """Return which pages are compared: "page 3 → page 4", "page 3, removed"."""
    if pair.before is None or pair.after is None:
        return f"page {pair.after or pair.before}, {pair.state}"
    moved = ", moved" if pair.state == "moved" else ""
    return f"page {pair.before} → page {pair.after}{moved}"


def _segments(segments: Iterable[Segment]) -> Iterator[Piece]:
    for one in segments:
        if one.kind == GAP:
            yield Piece("", " […] ")
        elif one.kind == MORE:
            yield Piece("", f" [… {one.text} characters more …] ")
        elif one.kind in _MARKS:
            begin, end = _MARKS[one.kind]
            yield Piece(one.kind, f"{begin}{one.text}{end}")
        else:
            yield Piece("", one.text)


def _fields(title: str, rows: Iterable[Row]) -> Iterator[Piece]:
    for number, row in enumerate(row for row in rows if not row["why"]):
        if not number:
            yield Piece("heading", f"\n{title}\n")
        yield Piece("", f"{row['name'].replace('_', ' ').replace('-', ' ')}: ")
        yield from (Piece(REMOVED, _marked(row["before"], REMOVED)), Piece(ADDED, _marked(row["after"], ADDED)))
        yield Piece("", "\n")


def _marked(segments: Iterable[Segment], kind: str) -> str:
    begin, end = _MARKS[kind]
    text = "".join(" […] " if one.kind in (GAP, MORE) else one.text for one in segments)
    return f"{begin}{text}{end}" if text else ""


def _table(table: Row) -> Iterator[Piece]:
    if table["why"]:
        return
    page, number = table["after"] or table["before"]
    yield Piece("heading", f"\nTable {number} of page {page}: {table['op']}\n")
    for cell in table["cells"]:
        where = " / ".join(filter(None, (cell["row"], cell["column"])))
        yield Piece("", f"{where}: ")
        yield from _segments([Segment(REMOVED, cell["before"]), Segment(ADDED, cell["after"])])
        yield Piece("", "\n")
    for name, kind in (("rows_removed", REMOVED), ("rows_added", ADDED)):
        for row in table[name]:
            yield from _segments([Segment(kind, " | ".join(row))])
            yield Piece("", "\n")
    if table["cells_left_out"]:
        yield Piece("", f"{counted(table['cells_left_out'], 'more cell')}\n")
