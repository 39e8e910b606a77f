"""The catalogue and the readings held against the stored bytes: what is read today of them, beside what stands there.

Nothing in the archive is written to, and no request is made.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from scrapy.settings import Settings

from archive.catalog.opening import open_catalogue
from archive.claims_file import CLAIMS, VENDORS
from archive.folder import CATALOGUE, ArchiveFolder
from archive.joins_file import JOINS
from archive.links_file import LINKS
from archive.proof.damage import Checked, Damage
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from archive.watches.watch_file import WATCHES
from pipelines.load import Progress, load
from pipelines.readers import kept_path, kept_reading
from pipelines.rebuild import index_captures
from pipelines.text.stored_reading import to_bytes

READINGS = "readings"


@contextmanager
def remade(path: Path, settings: Settings, progress: Progress, *, anew: bool = False) -> Iterator[sqlite3.Connection]:
    """Give the catalogue that the stored bytes and the journal say, made in a scratch folder.

    `anew` has every file read again; else kept readings are believed, where there are any. Raises JournalDamaged.
    """
    with tempfile.TemporaryDirectory(prefix="oversight-verify-") as scratch:
        folder = Path(scratch)
        with closing(open_catalogue(folder / CATALOGUE)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            index_captures(path, connection, [], progress)
            archive = ArchiveFolder(folder, connection, CaptureStore(path, connection, None), Journal(path))
            for place in [one for one in (JOINS, LINKS, CLAIMS, VENDORS) if (path / one).is_file()]:
                (folder / place).parent.mkdir(exist_ok=True)
                (folder / place).write_bytes((path / place).read_bytes())
            if (path / WATCHES).is_dir():
                shutil.copytree(path / WATCHES, folder / WATCHES, symlinks=True)
            kept = path / "cache" / READINGS
            if not anew and kept.is_dir():
                _lend(kept, archive.readings)
            load(archive, settings, progress, ocr=None if anew or not kept.is_dir() else False)
            yield connection


def _lend(kept: Path, readings: Path) -> None:
    """Let readings be found in the scratch folder; a new one is put in the link's place, never behind it."""
    for path in kept.glob("*/*.json.gz"):
        if path.is_file():
            link = readings / path.parent.name / path.name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.absolute())


def check_readings(
    folder: Path, catalogue: sqlite3.Connection, covers: Callable[[tuple[str, str]], bool] = lambda item: True
) -> Checked:
    """Hold each kept reading against what the catalogue says of it. One that isn't there is made again when wanted."""
    damages, files, size = list[Damage](), 0, 0
    rows = catalogue.execute("SELECT digest, reader, pages, text_digest FROM readings ORDER BY digest").fetchall()
    for digest, reader, pages, text_digest in rows:
        if not covers((READINGS, digest[:2])) or not re.fullmatch("[0-9a-f]{64}", digest):
            continue  # a row that can't be right is told of with the rows
        path = kept_path(folder / "cache" / READINGS, digest, reader)
        if not path.is_file():
            continue
        content = path.read_bytes()
        files, size = files + 1, size + len(content)
        if problem := _problem(path, content, reader, (pages, text_digest)):
            documents = catalogue.execute("SELECT DISTINCT document FROM versions WHERE digest = ?", (digest,))
            told = tuple(row[0] for row in documents)
            damages.append(Damage("reading-altered", f"cache/{READINGS}/{path.name}", problem, documents=told))
    return Checked(READINGS, files, size, tuple(damages))


def _problem(path: Path, content: bytes, reader: str, told: tuple[int, str]) -> str:
    reading = kept_reading(path, reader)
    if reading is None:
        return "it is not a whole reading"
    text = "\f".join(page.text for page in reading.pages)
    digest = hashlib.sha256(text.encode()).hexdigest() if text.strip() else ""
    if (len(reading.pages), digest) != told:
        return "its text is not the one that was read"
    return "" if to_bytes(reading) == content else "its bytes are not those of its reading"
