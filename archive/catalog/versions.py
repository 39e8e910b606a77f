"""Which version of this program made a catalogue, and whether this one can read it as it is."""

from __future__ import annotations

import sqlite3

MIGRATION_SET = "catalogue"

# The day each migration was written: recorded in place of the moment it ran, so that a rebuilt catalogue is equal.
WRITTEN = {
    "m001_initial": "2026-11-23T00:00:00+00:00",
    "m002_sources": "2026-11-23T00:00:00+00:00",
    "m003_parts": "2026-11-24T00:00:00+00:00",
    "m004_renames": "2026-11-29T00:00:00+00:00",
    "m005_comparisons": "2026-11-29T00:00:00+00:00",
    "m006_spans": "2026-11-29T00:00:00+00:00",
    "m007_search": "2026-11-30T00:00:00+00:00",
    "m008_references": "2026-11-30T00:00:00+00:00",
    "m009_places": "2026-11-30T00:00:00+00:00",
    "m010_quoted": "2026-11-30T00:00:00+00:00",
    "m011_vendors": "2026-11-30T00:00:00+00:00",
    "m012_watches": "2026-11-30T00:00:00+00:00",
}


class CatalogueNewer(Exception):  # noqa: N818
    """A catalogue that a newer version of this program made; the message says what can be done."""


def is_behind(connection: sqlite3.Connection) -> bool:
    """Tell whether a catalogue isn't wholly migrated, so that it has to be opened for writing first."""
    applied = _applied(connection)
    return bool(applied) and not applied.items() >= WRITTEN.items()


def refuse_newer(connection: sqlite3.Connection) -> None:
    """Raise CatalogueNewer for a catalogue that holds what this version knows nothing of."""
    if unknown := _applied(connection).keys() - WRITTEN.keys():
        raise CatalogueNewer(
            f"the catalogue was made by a newer version of this program (it knows {', '.join(sorted(unknown))});"
            " use that version, or make an older catalogue of the same archive with `oversight rebuild`"
        )


def _applied(connection: sqlite3.Connection) -> dict[str, str]:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone() is None:
        return {}
    ours = "SELECT name, applied_at FROM _sqlite_migrations WHERE migration_set = ?"
    return {str(name): str(at) for name, at in connection.execute(ours, (MIGRATION_SET,))}
