"""Opens the catalogue for writing, and brings it up to date first."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from archive.catalog.schema import migrations
from archive.catalog.versions import WRITTEN, CatalogueNewer, refuse_newer

# sqlite-utils makes this index right after its table; who died between the two would never have it.
_MIGRATIONS_INDEX = (
    'CREATE UNIQUE INDEX IF NOT EXISTS "idx__sqlite_migrations_migration_set_name"\n'
    '    ON "_sqlite_migrations" ("migration_set", "name")'
)


def open_catalogue(path: Path) -> sqlite3.Connection:
    """Open the catalogue at `path` for writing, making it or bringing it up to date first.

    Returns a connection in WAL mode with `synchronous=FULL`: a committed row survives a power cut. Each migration is
    one transaction. Raises CatalogueNewer, and changes nothing then.
    """
    connection = sqlite3.connect(path, timeout=30, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        refuse_newer(connection)
    except CatalogueNewer:
        connection.close()
        raise
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    migrations.apply(Database(connection))
    connection.execute(_MIGRATIONS_INDEX)
    with connection:
        for name, written in WRITTEN.items():
            connection.execute("UPDATE _sqlite_migrations SET applied_at = ? WHERE name = ?", (written, name))
    return connection
