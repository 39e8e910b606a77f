"""Public watches as rows: those that a release has, and what each of them was told since the archive began.

The hits are made of the release's own file, so they can hold nothing that isn't published; of an older release that is
made again without what was withdrawn they are made again too. Private watches are never among the rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from archive.research.changes import changes_named, has_changes
from archive.research.rows import Row, select
from archive.watches.hits import Finder
from archive.watches.model import Watch

WATCHES, HITS = "watches", "watch_hits"
TABLES = """
CREATE TABLE watch_hits (
    watch TEXT NOT NULL REFERENCES watches(name), change TEXT NOT NULL REFERENCES changes(id), at TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), PRIMARY KEY (watch, change)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_hits_at ON watch_hits(watch, at, change);
CREATE INDEX watch_hits_document ON watch_hits(document);
"""
BATCH = 500
# When a change could first be told of: a copy of years ago that was handed in yesterday is news of yesterday.
CAME = (
    "max(c.at, coalesce((SELECT r.started FROM captures AS p JOIN runs AS r ON r.id = p.run WHERE p.id = c.capture),"
    " c.at))"
)


def watch_rows(watches: Iterable[Watch]) -> Iterator[Row]:
    """Yield a row for each public watch."""
    for watch in watches:
        if watch.public:
            yield {
                "name": watch.name,
                "title": watch.title,
                "terms": "\n".join(watch.terms),
                "filters": json.dumps(dict(watch.filters), sort_keys=True, ensure_ascii=False),
                "kinds": json.dumps(watch.kinds),
            }


def watch_of(row: Row) -> Watch:
    """Return the watch that a row is of."""
    filters = {name: tuple(values) for name, values in json.loads(row["filters"]).items()}
    terms = tuple(row["terms"].split("\n")) if row["terms"] else ()
    return Watch(row["name"], row["title"], terms, filters, tuple(json.loads(row["kinds"])), public=True)


def watches_in(connection: sqlite3.Connection) -> list[Watch]:
    """Return the public watches that a release, or a catalogue, has; none of one from before there were any."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'watches' AND type = 'table'").fetchone():
        return []
    return [watch_of(row) for row in select(connection, "SELECT * FROM watches ORDER BY name")]


def has_hits(connection: sqlite3.Connection) -> bool:
    """Tell whether hits are held: a release has them, a catalogue has not."""
    asked = "SELECT 1 FROM sqlite_master WHERE name = 'watch_hits' AND type = 'table'"
    return connection.execute(asked).fetchone() is not None


def put_hits(made: sqlite3.Connection) -> None:
    """Write what each watch of a release is told of each of its changes; all other tables are there."""
    watches = watches_in(made)
    if not (watches and has_changes(made)):
        return
    finder = Finder(made, watches)
    came = made.execute(f"SELECT c.id, {CAME} FROM changes AS c ORDER BY c.id").fetchall()  # noqa: S608 (our own)
    for first in range(0, len(came), BATCH):
        part = came[first : first + BATCH]
        held = changes_named(made, [change for change, _ in part])
        made.executemany(
            "INSERT INTO watch_hits VALUES (?, ?, ?, ?)",
            [
                (name, change, at, held[change]["document"])
                for change, at in part
                if change in held
                for name in finder.watches_told(held[change])
            ],
        )
