"""What a watch was told, the newest first, as the site gives it: by the rows of a release, or found in a catalogue.

Pages begin at a hit, so what is new moves none of them. It knows nothing of how a page or a feed is written.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict
from typing import Any

from archive.research.changes import changes_named
from archive.research.rows import Row
from archive.watches.hits import TOLD, Finder
from archive.watches.model import Watch
from archive.watches.public import CAME, has_hits

PAGE = 50
# A catalogue has no rows of hits: so many of its newest changes are looked at for a page.
MOST_LOOKED_AT = 2_000


def list_hits(connection: sqlite3.Connection, watch: Watch, before: str = "", limit: int = PAGE) -> Row:
    """Return `hits` of a watch, and `next`: the mark that what follows is asked for by, "" at the end.

    `before` is such a mark. `total` is how many there are in all, None where nobody counted them. Each hit is a `Hit`
    as a row, its `at` when it could first be told, with what its kind is called in `words`.
    """
    finder = Finder(connection, [watch])
    after = tuple(before.rsplit(".", 1)) if before else ("9", "")
    if has_hits(connection):
        found = connection.execute(
            "SELECT at, change FROM watch_hits WHERE watch = ? AND (at, change) < (?, ?)"
            " ORDER BY at DESC, change DESC LIMIT ?",
            (watch.name, *after, limit + 1),
        ).fetchall()
        total = connection.execute("SELECT count(*) FROM watch_hits WHERE watch = ?", (watch.name,)).fetchone()[0]
        marks = [(str(at), str(change)) for at, change in found]
        following = "{}.{}".format(*marks[limit - 1]) if len(marks) > limit else ""
        return {"hits": _rows(connection, finder, watch, marks[:limit]), "next": following, "total": total}
    marks, following = _looked_for(connection, finder, after, limit)
    return {"hits": _rows(connection, finder, watch, marks), "next": following, "total": None}


def _looked_for(
    connection: sqlite3.Connection, finder: Finder, after: tuple[Any, ...], limit: int
) -> tuple[list[tuple[str, str]], str]:
    """Return the next hits among a catalogue's changes, and the mark of where the looking ended."""
    rows = connection.execute(
        f"SELECT * FROM (SELECT {CAME} AS at, c.id FROM changes AS c) WHERE (at, id) < (?, ?)"  # noqa: S608 (our own)
        " ORDER BY at DESC, id DESC LIMIT ?",
        (*after, MOST_LOOKED_AT + 1),
    ).fetchall()
    held = changes_named(connection, [row[1] for row in rows[:MOST_LOOKED_AT]])
    marks: list[tuple[str, str]] = []
    for place, (at, change) in enumerate(rows[:MOST_LOOKED_AT], 1):
        if change in held and finder.watches_told(held[change]):
            marks.append((at, change))
        if len(marks) == limit and place < len(rows):
            return marks, f"{at}.{change}"
    return marks, "{}.{}".format(*rows[MOST_LOOKED_AT - 1]) if len(rows) > MOST_LOOKED_AT else ""


def _rows(
    connection: sqlite3.Connection, finder: Finder, watch: Watch, marks: list[tuple[str, str]]
) -> list[Row]:  # fmt: skip
    held = changes_named(connection, [change for _, change in marks])
    hits = [(at, finder.hit(watch.name, held[change])) for at, change in marks if change in held]
    return [{**asdict(hit), "at": at, "words": TOLD.get(hit.kind, hit.kind)} for at, hit in hits]
