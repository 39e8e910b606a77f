"""An archive as a command looks at it: what has to be so before it is read, and what helps where it isn't."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click

from archive.catalog.versions import CatalogueNewer, is_behind, refuse_newer
from archive.folder import CATALOGUE
from archive.release.checked import ReleaseRefused, check_release, open_release
from archive.release.folder import Releases
from archive.store.store import catalogue_refusal
from console.ending import CATALOGUE_REFUSED, Exit, end


def require_archive(folder: Path) -> None:
    """Raise a usage error, with what helps, where a folder is no archive."""
    if (folder / CATALOGUE).exists():
        return
    demo_folder = folder / "demo"
    helps = f"The demo's is in {demo_folder}: name it with --archive {demo_folder}, or"
    helps = helps if (demo_folder / CATALOGUE).exists() else "Name one with --archive, look at `oversight demo`, or"
    raise click.UsageError(f"There is no archive in {folder}. {helps} begin one with `oversight crawl` or `deposit`.")


def open_to_read(folder: Path, release: int | None = None) -> sqlite3.Connection:
    """Open the working catalogue, or a release, for reading. Raises a usage error where there is none.

    A catalogue that an earlier version made is brought up to date first. Raises CatalogueNewer.
    """
    if release is not None:
        try:
            return open_release(check_release(Releases(folder), release))
        except ReleaseRefused as refused:
            raise click.UsageError(str(refused)) from refused
    require_archive(folder)
    path = folder / CATALOGUE
    connection = _reading(path)
    try:
        connection.execute("SELECT 1 FROM documents LIMIT 1")
        refuse_newer(connection)
        behind = is_behind(connection)
    except CatalogueNewer:
        connection.close()
        raise
    except sqlite3.DatabaseError as error:
        connection.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in CATALOGUE_REFUSED:
            end(str(catalogue_refusal(error)), Exit.STORE_FAILED)
        helps = "`oversight rebuild` makes it again from the stored bytes."
        raise click.UsageError(f"{path} is not a whole catalogue ({error}). {helps}") from error
    if not behind:
        return connection
    connection.close()
    _bring_up_to_date(folder)
    return _reading(path)


def _bring_up_to_date(folder: Path) -> None:
    from archive.catalog.opening import open_catalogue  # noqa: PLC0415 (what writes is large, and seldom needed here)
    from console.writing import writing  # noqa: PLC0415

    with writing(folder, "upgrade"):
        open_catalogue(folder / CATALOGUE).close()


def _reading(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection
