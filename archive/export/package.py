"""Writes a data package (Frictionless Data Package 1): a release's file, its manifest, and each table as CSV.

The file is the release's own, byte for byte. The CSV is for programs and people that have no SQLite: it is harmless to
spreadsheets (archive/table_csv.py says how a cell is made so), and an empty cell may stand for an empty text as well as
for none.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.export.about import RIGHTS, Exported
from archive.release.folder import Releases
from archive.release.tables import LEAVES, PUBLISHED
from archive.store.errors import RecordDamaged
from archive.store.segment import file_digest
from archive.table_csv import table_csv

Progress = Callable[[str, int, int], None]
Row = dict[str, Any]

_TYPES = {"TEXT": "string", "INTEGER": "integer", "REAL": "number"}
# Documents by governments, and everything that isn't, in the names of https://licenses.opendefinition.org/.
LICENSES = (
    {
        "name": "other-pd",
        "title": "Works of the United States government: not subject to copyright in the United States",
        "path": "https://www.copyright.gov/title17/92chap1.html#105",
    },
    {
        "name": "other-closed",
        "title": "Articles and works of others: the rights are their makers'; what stands here of them are excerpts",
        "path": "https://www.copyright.gov/title17/92chap1.html#107",
    },
)
_DIALECT = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n", "header": True}


@dataclass(frozen=True, slots=True)
class Described:
    """What is said of the tables: of each by name its `description`, and of its `columns` theirs."""

    tables: Mapping[str, Mapping[str, Any]]

    def of(self, table: str) -> str:
        return str(self.tables.get(table, {}).get("description", ""))

    def column(self, table: str, column: str) -> str:
        return str(self.tables.get(table, {}).get("columns", {}).get(column, ""))


def write_package(
    folder: Path, releases: Releases, connection: sqlite3.Connection, told: Exported, described: Described,
    progress: Progress,
) -> Row:  # fmt: skip
    """Fill an empty folder with the package of an open release; return what its descriptor says. Raises OSError,
    and RecordDamaged where the release's file was replaced meanwhile."""
    number = int(told.number or 0)
    resources = list(_copied(folder, releases, told))
    (folder / "tables").mkdir()
    tables = _tables(connection)
    for done, table in enumerate(tables):
        progress("writing tables", done, len(tables))
        resources.append(_written(folder, connection, table, described))
    package = {
        "profile": "data-package",
        "name": f"oversight-archive-release-{number}",
        "title": told.title,
        "description": " ".join([*told.notices, _DESCRIPTION, RIGHTS]),
        "version": str(number),
        "created": told.created,
        "licenses": list(LICENSES),
        "contributors": [{"title": told.archive.name, "role": "publisher"}],
        **({"homepage": told.archive.address} if told.archive.address else {}),
        **told.facts,
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(package, indent=1, ensure_ascii=True) + "\n", "ascii")
    return package


_DESCRIPTION = (
    "A release of an archive of public documents: its SQLite file, its manifest, and each of its tables as CSV. In the "
    "CSV a cell that a spreadsheet would calculate has an apostrophe in front: take one away from each cell that "
    "begins with apostrophes and then =, +, -, @, blanks before one of these, a tab or a line's end. An empty cell is "
    "an empty text or none; the SQLite file tells which."
)


def _copied(folder: Path, releases: Releases, told: Exported) -> Iterator[Row]:
    """Copy the release's own files, and yield what is said of each. Raises RecordDamaged."""
    number = int(told.number or 0)
    files = (
        ("database", releases.database(number), "application/vnd.sqlite3", "The release: a SQLite database."),
        ("manifest", releases.manifest_path(number), "application/json",
         "What the release says of itself: the digests of its file and of each table, the root of its leaves."),
        ("time-stamp", releases.timestamp_path(number), "application/timestamp-reply",
         "That the manifest was there at an instant, by RFC 3161."),
    )  # fmt: skip
    for name, path, media_type, description in files:
        if not path.exists() and name == "time-stamp":
            continue
        target = folder / f"release-{number}{path.suffix}"
        shutil.copyfile(path, target)
        size, sha256 = file_digest(target)
        if name == "database" and sha256 != told.manifest["file"]["sha256"]:
            raise RecordDamaged(path.name, 0, "it isn't the file that its manifest tells of")
        yield {"name": name, "path": target.name, "type": "file", "mediatype": media_type, "description": description,
               "bytes": size, "hash": f"sha256:{sha256}"}  # fmt: skip


def _tables(connection: sqlite3.Connection) -> list[str]:
    held = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return [name for name in (*PUBLISHED, LEAVES) if name in held and not name.startswith("_")]


def _written(folder: Path, connection: sqlite3.Connection, table: str, described: Described) -> Row:
    """Write a table as CSV, row by row, and return what is said of it."""
    path, digest, size, rows = folder / "tables" / f"{table}.csv", hashlib.sha256(), 0, 0
    with path.open("wb") as file:
        for rows, line in enumerate(_lines(connection, table)):  # noqa: B007
            file.write(line)
            digest.update(line)
            size += len(line)
    return {
        "profile": "tabular-data-resource",
        "name": table.lower(),
        "path": f"tables/{table}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": described.of(table),
        "dialect": _DIALECT,
        "rows": rows,
        "bytes": size,
        "hash": f"sha256:{digest.hexdigest()}",
        "schema": table_schema(connection, table, described),
    }


def _lines(connection: sqlite3.Connection, table: str) -> Iterator[bytes]:
    order = ", ".join(f'"{name}"' for name in PUBLISHED.get(table, ())) or "1"
    rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY {order}')  # noqa: S608 (our own names)
    yield table_csv([[column[0] for column in rows.description]]).encode()
    for row in rows:
        yield table_csv([["" if value is None else str(value) for value in row]]).encode("utf-8", "replace")


def table_schema(connection: sqlite3.Connection, table: str, described: Described) -> Row:
    """Return a table's columns, key and foreign keys as SQLite has them (Table Schema 1)."""
    columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    key = [row[1] for row in sorted((row for row in columns if row[5]), key=lambda row: row[5])]
    fields = [
        {"name": row[1], "type": _TYPES.get(row[2], "any"), "description": described.column(table, row[1])}
        for row in columns
    ]
    schema: Row = {"fields": fields, "missingValues": [""]}
    if key:
        schema["primaryKey"] = key
    if foreign := list(_foreign_keys(connection, table)):
        schema["foreignKeys"] = foreign
    return schema


def _foreign_keys(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    rows = connection.execute(f'PRAGMA foreign_key_list("{table}")').fetchall()
    for number in sorted({row[0] for row in rows}):
        pairs = sorted((row for row in rows if row[0] == number), key=lambda row: row[1])
        other = [row[4] or _key_of(connection, row[2]) for row in pairs]
        yield {
            "fields": [row[3] for row in pairs],
            "reference": {"resource": str(pairs[0][2]).lower(), "fields": other},
        }


def _key_of(connection: sqlite3.Connection, table: str) -> str:
    return next(str(row[1]) for row in connection.execute(f'PRAGMA table_info("{table}")') if row[5])
