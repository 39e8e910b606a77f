"""How much room the disk of an archive has, and when that will be used up; takes in nothing itself."""

from __future__ import annotations

import math
import os
import sqlite3
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from archive.store.errors import StoreFull

# The last so many days tell how fast an archive grows.
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Room:
    """In bytes: what is `free`, what of that is kept free (`keep`), what a night took of late (`a_night`).

    `nights` is for how many nights there is room, None where nothing tells how much one takes.
    """

    free: int
    keep: int
    a_night: int
    nights: int | None


def free_bytes(folder: Path) -> int:
    """Return what we may still write to the disk that a folder lies on. Raises OSError."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


def require_room(folder: Path, keep: int, more: int = 0) -> None:
    """Raise StoreFull where the disk would have less than `keep` bytes left after `more` were written."""
    if keep and (free := free_bytes(folder)) - more < keep:
        raise StoreFull(
            f"{folder}: {free >> 20} MB are left on this disk, and {keep >> 20} MB are kept free for reading and "
            "publishing what was taken in; make room, or set ARCHIVE_KEEP_FREE lower, then run the same command again"
        )


def forecast(folder: Path, connection: sqlite3.Connection, keep: int) -> Room:
    """Say for how many nights there is room in the archive in `folder`, if they go on as they did of late."""
    free = free_bytes(folder)
    rows = connection.execute(
        "SELECT substr(captured_at, 1, 10), sum(length) FROM captures JOIN records ON capture = id"
        " GROUP BY 1 ORDER BY 1"
    ).fetchall()
    if not rows:
        return Room(free, keep, 0, None)
    last = date.fromisoformat(rows[-1][0])
    late = [(day, size) for day, size in rows if (last - date.fromisoformat(day)).days < _DAYS]
    days = (last - date.fromisoformat(late[0][0])).days + 1
    # What is read and indexed grows with what is captured.
    beside = _size(folder) / sum(size for _, size in rows)
    a_night = math.ceil(sum(size for _, size in late) / days * max(beside, 1.0))
    return Room(free, keep, a_night, max(0, free - keep) // a_night)


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
