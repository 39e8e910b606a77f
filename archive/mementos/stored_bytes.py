"""The bytes of a memento as they lie in an archive's folder, or nothing: what a release says of them is compared.

The working catalogue says where they lie; it is opened for each reading, and only read. Files may be written to, and
be written anew without what was erased, while it is read: what doesn't agree is looked for again for a moment.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from archive.folder import CATALOGUE
from archive.mementos.timeline import Memento
from archive.store.errors import RecordDamaged
from archive.store.http import Message, decoded
from archive.store.store import CaptureStore

# What unpacks to more isn't shown: the largest file that a crawl takes in has 50 MB.
MOST = 100 * 1024 * 1024
TRIES, PAUSE = 5, 0.2


class NoBytes(Exception):  # noqa: N818
    """A capture can't be given: `name` is the outcome, the message says it in a sentence for readers."""

    name = "capture-damaged"


class BytesNotHeld(NoBytes):
    """This server has releases alone, or a catalogue that doesn't know the capture."""

    name = "capture-not-held-here"


class BytesTooMany(NoBytes):
    """A capture unpacks to more than is shown."""

    name = "capture-too-large"


class BytesDamaged(NoBytes):
    """What lies there isn't what was captured; the cause says where, for the log."""


@dataclass(frozen=True, slots=True)
class Given:
    """A capture's answer as it was sent, and its body with transfer and content coding removed.

    `undecoded` says why the content coding couldn't be removed ("" where it could); the body then still has it.
    """

    answer: Message
    body: bytes
    undecoded: str


def read_bytes(folder: Path, memento: Memento) -> Given:
    """Return exactly the bytes that a release's row tells of. Raises NoBytes."""
    return read_capture(folder, memento.capture, memento.row["content_digest"])


def read_capture(folder: Path, capture: str, content: str) -> Given:
    """Return what a capture gave, whose body has the SHA-256 `content` in hex. Raises NoBytes."""
    for left in reversed(range(TRIES)):
        try:
            return _read(folder, capture, content)
        except (BytesDamaged, BytesNotHeld):
            if not left or not (folder / CATALOGUE).is_file():
                raise
            time.sleep(PAUSE)
    raise AssertionError("the last try returns or raises")


def _read(folder: Path, capture: str, content: str) -> Given:
    try:
        with closing(_catalogue(folder / CATALOGUE)) as connection:
            answer = CaptureStore(folder, connection, None).answer(capture)
    except (KeyError, sqlite3.Error) as error:
        raise BytesNotHeld("This server doesn't hold the bytes of this capture.") from error
    except RecordDamaged as error:
        raise BytesDamaged("The stored bytes of this capture are not those that were captured.") from error
    body, undecoded = decoded(answer, MOST)
    if hashlib.sha256(body).hexdigest() != content:
        if undecoded:
            raise BytesTooMany(f"This capture unpacks to more than {MOST >> 20} MB, and isn't shown.")
        raise BytesDamaged("The stored bytes of this capture are not those that this release tells of.")
    if len(body) > MOST:
        raise BytesTooMany(f"This capture has more than {MOST >> 20} MB, and isn't shown.")
    return Given(answer, body, undecoded)


def _catalogue(path: Path) -> sqlite3.Connection:
    """Open the working catalogue for reading; as it lies where nothing may be written beside it (SQLite needs that)."""
    if not path.is_file():
        raise sqlite3.OperationalError("no catalogue")
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    for how in ("", "&immutable=1"):
        connection = sqlite3.connect(address + how, uri=True, timeout=5)
        try:
            connection.execute("SELECT 1 FROM records LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            continue
        return connection
    raise sqlite3.OperationalError("the catalogue can't be read")
