"""Lays out an archive that an earlier version made, and lists the addresses at which that version showed it."""

from __future__ import annotations

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
# Landed states: the first catalogue, each migration, the journal as a chain, and the first with releases.
EARLIER = ("m001", "m002", "m003", "chain", "release")


def laid_out(name: str, folder: Path) -> Path:
    """Unpack an archive into a new folder, and return that."""
    with tarfile.open(HERE / f"{name}.tar.xz") as packed:
        packed.extractall(folder, filter="data")
    for inner in ("manifest", "curation"):
        (folder / inner).mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "archive.db")) as catalogue:
        catalogue.execute("PRAGMA journal_mode=WAL")  # as it was before it was packed
    return folder


def addresses(folder: Path) -> list[str]:
    """Return every address that the site had for what an archive's catalogue says, as it stands."""
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as catalogue:
        documents = [row[0] for row in catalogue.execute("SELECT id FROM documents ORDER BY id")]
        versions = [row[0] for row in catalogue.execute("SELECT id FROM versions ORDER BY id")]
        pages = catalogue.execute("SELECT version, number, id FROM pages ORDER BY version, number").fetchall()
        aliases = [row[0] for row in catalogue.execute("SELECT DISTINCT alias FROM aliases ORDER BY alias")]
        numbers = [row[0] for row in catalogue.execute("SELECT DISTINCT value FROM identifiers ORDER BY value")]
        urls = [row[0] for row in catalogue.execute("SELECT DISTINCT url FROM addresses ORDER BY url")]
    found = [f"/d/{one}{tail}" for one in (*documents, *versions) for tail in ("", ".json", ".txt")]
    found += [f"/d/{version}/p{number}{tail}" for version, number, _ in pages for tail in ("", ".json", ".txt")]
    found += [f"/d/{alias}" for alias in aliases]
    found += [f"/archive/documents/{one}" for one in documents] + [f"/archive/pages/{key}" for _, _, key in pages]
    found += [f"/n/{quote(number)}" for number in numbers] + [f"/cite?url={quote(url, safe='')}" for url in urls]
    return found
