"""Two catalogues held against each other, row by row: the working one, and one made anew from the records.

It knows no table by name but for what a row's columns call a document, a version or a capture.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.proof.damage import Checked, Damage

PART = "catalogue"
# The full-text indexes, each with the table that it is of.
INDEXES = {"pages_fts": "pages", "changed_passages_fts": "changed_passages"}
_BATCH = 2_000
# Of a full-text index SQLite's own form depends on how it was written; what it finds is checked by `check_index`.
_SHADOWS = ("_data", "_idx", "_docsize", "_config", "_content")

# How a row leads to its documents, where it doesn't name one.
_DOCUMENTS_BY = {
    "version": "SELECT document FROM versions WHERE id = :it",
    "digest": "SELECT document FROM versions WHERE digest = :it UNION"
    " SELECT document FROM versions JOIN captures ON captures.id = capture WHERE content_digest = :it",
}

Row = tuple[Any, ...]


def check_rows(held: sqlite3.Connection, made: sqlite3.Connection) -> Checked:
    """Compare every row of every table of `held` with `made`, and what SQLite says of its file. Raises sqlite3.Error.

    Text is compared as bytes, so that one that is no UTF-8 is told like any other.
    """
    held.text_factory = made.text_factory = bytes
    try:
        damages = [*_file(held), *_schema(held, made)]
        rows = 0
        for table in sorted(tables_of(made) & tables_of(held)):
            found, count = _table(held, made, table)
            damages += found
            rows += count
        return Checked(PART, rows, _size(held), tuple(damages))
    finally:
        held.text_factory = made.text_factory = str


def tables_of(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the tables whose rows are compared."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    names = {_text(name) for name, _ in rows}
    virtual = {_text(name) for name, sql in rows if _text(sql).upper().startswith("CREATE VIRTUAL")}
    shadows = {f"{name}{tail}" for name in virtual for tail in _SHADOWS}
    return names - virtual - shadows


def _size(connection: sqlite3.Connection) -> int:
    pages, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    return int(pages) * int(size)


def _file(held: sqlite3.Connection) -> Iterator[Damage]:
    """Yield what SQLite's own check says of the file: an index that misses a row gives wrong answers too."""
    for (said,) in held.execute("PRAGMA integrity_check(20)"):
        if said != b"ok":
            yield Damage("catalogue-altered", "archive.db", _text(said)[:300])


# What Litestream puts into each file that it replicates (deploy/litestream.yml); nothing of the program reads them.
_LITESTREAM = {
    (b"table", b"_litestream_seq", b"_litestream_seq",
     b"CREATE TABLE _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER)"),
    (b"table", b"_litestream_lock", b"_litestream_lock", b"CREATE TABLE _litestream_lock (id INTEGER)"),
}  # fmt: skip


def _schema(held: sqlite3.Connection, made: sqlite3.Connection) -> Iterator[Damage]:
    """Yield what makes a table, an index, a view or a trigger in one and not in the other."""
    ask = "SELECT type, name, tbl_name, sql FROM sqlite_master"
    ours, theirs = (set(map(tuple, one.execute(ask))) for one in (held, made))
    names = {(one[0], one[1]) for one in (ours ^ theirs) - _LITESTREAM}
    for kind, name in sorted(names):
        yield Damage("catalogue-altered", f"archive.db {_text(name)}", f"{_text(kind)}: not as the program makes it")


def _table(held: sqlite3.Connection, made: sqlite3.Connection, table: str) -> tuple[list[Damage], int]:
    """Compare one table; return what differs, and how many rows there were."""
    key, columns = _key(made, table), _columns(made, table)
    if columns != _columns(held, table):
        return [Damage("catalogue-altered", f"archive.db {table}", "other columns than the program makes")], 0
    order = ", ".join(f'"{columns[place]}"' for place in key)
    named = ", ".join(f'"{name}"' for name in columns)  # without those that are made of others
    ask = f'SELECT {named} FROM "{table}" ORDER BY {order}'  # noqa: S608 (names of the catalogue's own)
    ours, theirs, damages, count = held.execute(ask), made.execute(ask), list[Damage](), 0
    only_ours: dict[Row, Row] = {}
    only_theirs: dict[Row, Row] = {}
    while True:
        one, other = ours.fetchmany(_BATCH), theirs.fetchmany(_BATCH)
        if not one and not other:
            break
        count += len(one)
        if one != other:
            only_ours |= {tuple(row[place] for place in key): row for row in map(tuple, one)}
            only_theirs |= {tuple(row[place] for place in key): row for row in map(tuple, other)}
            _drop_equal(only_ours, only_theirs)
    for where in sorted({*only_ours, *only_theirs}, key=repr):
        found = (where, only_ours.get(where), only_theirs.get(where))
        damages.append(_damage((held, made), table, columns, found))
    return damages, count


def _drop_equal(ours: dict[Row, Row], theirs: dict[Row, Row]) -> None:
    """Forget the rows that both have by now: what is left stays small where two tables are only shifted."""
    for where in [where for where in ours if where in theirs and ours[where] == theirs[where]]:
        del ours[where], theirs[where]


def _key(connection: sqlite3.Connection, table: str) -> list[int]:
    """Return the places of the primary key's columns; all columns where there is none."""
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    keyed = sorted((row[5], row[0]) for row in rows if row[5])
    return [place for _, place in keyed] or [row[0] for row in rows]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [_text(row[1]) for row in connection.execute(f'PRAGMA table_info("{table}")')]


def _damage(
    both: tuple[sqlite3.Connection, sqlite3.Connection],
    table: str,
    columns: Sequence[str],
    found: tuple[Row, Row | None, Row | None],
) -> Damage:
    where, ours, theirs = found
    subject = f"{table} {' '.join(map(_text, where))}"[:300]
    row = dict(zip(columns, ours or theirs or (), strict=True))
    if ours is None:
        outcome, detail = "row-missing", "the records say it, the catalogue doesn't"
    elif theirs is None:
        outcome, detail = "row-unknown", "the catalogue says it, the records don't"
    else:
        outcome, detail = "row-altered", _differences(columns, ours, theirs)
    documents = sorted({one for catalogue in both for one in _documents(catalogue, table, row)})
    capture = next(filter(None, (_capture(catalogue, table, row) for catalogue in both)), "")
    return Damage(outcome, subject, detail, capture, _text(row.get("url", "")), tuple(documents))


def _capture(catalogue: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> str:
    """Return the capture that a row speaks of, "" where it speaks of none."""
    if table == "statements":
        found = catalogue.execute(
            "SELECT min(capture) FROM sightings WHERE statement = ?", (_text(row["id"]),)
        ).fetchone()
        return _text(found[0])
    return _text(row["id"] if table == "captures" else row.get("capture", ""))


def _differences(columns: Sequence[str], ours: Row, theirs: Row) -> str:
    told = [
        f"{name}: {_short(one)} where the records say {_short(other)}"
        for name, one, other in zip(columns, ours, theirs, strict=True)
        if one != other
    ]
    return "; ".join(told)[:600]


def _short(value: object) -> str:
    text = _text(value)
    return repr(text if len(text) < 80 else text[:80] + "…")


def _documents(catalogue: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> Iterable[str]:
    """Return the documents that a row speaks of."""
    if table == "documents":
        return [_text(row["id"])]
    named = [row[name] for name in ("document", "target_document") if row.get(name)]
    for column, ask in _DOCUMENTS_BY.items():
        if column in row and not named:
            named += [one[0] for one in catalogue.execute(ask, {"it": _text(row[column])})]
    return map(_text, named)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def check_index(held: sqlite3.Connection) -> Iterator[Damage]:
    """Compare the full-text indexes with the texts they are of; `held` is a copy that may be written to."""
    names = {_text(row[0]) for row in held.execute("SELECT name FROM sqlite_master")}
    for index, table in INDEXES.items():
        if index in names:
            yield from _check_index(held, index, table)


def _check_index(held: sqlite3.Connection, index: str, table: str) -> Iterator[Damage]:
    try:
        held.execute(f"INSERT INTO {index}({index}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
    except sqlite3.DatabaseError as error:
        if "malformed" not in str(error) and "corrupt" not in str(error):
            raise
        touched = sorted(_misfiled(held, index, table))
        detail = f"words stand in it that none of the {table.replace('_', ' ')} has, or are missing"
        if not touched:
            yield Damage("index-altered", index, detail)
        for document in touched:
            yield Damage("index-altered", index, detail, documents=(document,))
    finally:
        held.rollback()


def _misfiled(held: sqlite3.Connection, index: str, table: str) -> set[str]:
    """Return the documents of the rows whose words differ between the index and one that is made anew of them."""
    seen: list[dict[int, list[Row]]] = []
    ask = "SELECT doc, term, col, offset FROM temp.told ORDER BY doc, term, col, offset"
    for step in ("as it is", "made anew"):
        if step == "made anew":
            held.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")  # noqa: S608
        words: dict[int, Any] = {}
        try:
            held.execute(f"CREATE VIRTUAL TABLE temp.told USING fts5vocab('main', '{index}', 'instance')")
            for doc, *word in held.execute(ask):
                words[doc] = hash((words.get(doc), *word))
            held.execute("DROP TABLE temp.told")
        except sqlite3.DatabaseError:
            return set()
        seen.append(words)
    differing = {doc for doc in {*seen[0], *seen[1]} if seen[0].get(doc) != seen[1].get(doc)}
    ask = f'SELECT document FROM "{table}" WHERE id = ?'  # noqa: S608
    found = (held.execute(ask, (doc,)).fetchone() for doc in differing)
    return {str(row[0]) for row in found if row}
