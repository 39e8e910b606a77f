"""Records what the store asks of the disk, and replays every state in which a power cut may leave it.

The rules are those of POSIX and of no kinder file system: what was written to a file and not synced may be there, or
not, or in parts of 512 or 4,096 bytes, in any order, with zeros where nothing came; a file's size may have grown
without its bytes; a name is certain when its folder was synced. A catalogue's committed transactions are certain, which
SQLite promises and tests itself.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

SECTORS = (512, 4096)


@dataclass(slots=True)
class _File:
    """A file as the disk has it for certain, as it is in memory, which of its bytes may be lost, and whether its name
    is certain; `before` is what stood under its name until it was renamed, b"" where there was nothing."""

    certain: bytes = b""
    present: bytes = b""
    loose: tuple[tuple[int, int], ...] = ()
    named: bool = False
    before: bytes = b""


@dataclass(frozen=True, slots=True)
class Cut:
    """A moment: the files, the catalogue's last committed state, and what had been acknowledged by then."""

    files: dict[str, _File]
    catalogue: bytes
    acknowledged: frozenset[str]

    @property
    def is_loose(self) -> bool:
        return any(one.loose or not one.named for one in self.files.values())


class Recorder:
    """Stands at the one place where the store speaks to the disk; moments are noted before and after each call."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder, self._connection = folder, connection
        self.acknowledged: set[str] = set()
        self.cuts: list[Cut] = []
        self._files: dict[str, _File] = {}
        for path in folder.rglob("*"):
            if path.is_file() and path.parent != folder:
                self._files[str(path)] = _File(path.read_bytes(), path.read_bytes(), named=True)

    def moment(self) -> None:
        """Note a moment at which the power may be cut."""
        files = {name: replace(one) for name, one in self._files.items()}
        self.cuts.append(Cut(files, self._connection.serialize(), frozenset(self.acknowledged)))

    def _of(self, descriptor: int) -> tuple[Path, _File] | None:
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if self.folder not in path.parents or path.parent == self.folder or path.is_dir():
            return None
        return path, self._files.setdefault(str(path), _File())

    def changed(self, descriptor: int, start: int, end: int) -> None:
        """Take note of bytes that are in memory, and on the disk perhaps."""
        if found := self._of(descriptor):
            path, one = found
            one.present = path.read_bytes()
            one.loose = (*one.loose, (start, end))
            self.moment()

    def synced(self, descriptor: int) -> None:
        """Take note of what is certain now: a file's bytes, or a folder's names."""
        folder = Path(f"/proc/self/fd/{descriptor}").readlink()
        if found := self._of(descriptor):
            path, one = found
            one.certain = one.present = path.read_bytes()
            one.loose = ()
        for name, one in self._files.items():
            if Path(name).parent == folder:
                one.named, one.before = True, b""
        self.moment()

    def renamed(self, source: Path, target: Path) -> None:
        """Take note of a new name, which is not certain yet; nor is it that the old file is gone."""
        if self.folder in target.parents:
            old = self._files.get(str(target), _File())
            self._files[str(target)] = replace(self._files.pop(str(source)), named=False, before=old.certain)
            self.moment()


@contextmanager
def recorded(folder: Path, connection: sqlite3.Connection) -> Iterator[Recorder]:
    """Record what the store, the journal and the recovery ask of the disk, until the end of a `with`."""
    recorder = Recorder(folder, connection)
    write, pwrite, truncate, rename = os.write, os.pwrite, os.ftruncate, os.replace

    def written(descriptor: int, data: Any) -> int:
        start = os.fstat(descriptor).st_size
        count = write(descriptor, data)
        recorder.changed(descriptor, start, start + count)
        return count

    def written_at(descriptor: int, data: Any, offset: int) -> int:
        count = pwrite(descriptor, data, offset)
        recorder.changed(descriptor, offset, offset + count)
        return count

    def cut(descriptor: int, length: int) -> None:
        truncate(descriptor, length)
        recorder.changed(descriptor, length, length)

    def renamed(source: Any, target: Any) -> None:
        rename(source, target)
        recorder.renamed(Path(source), Path(target))

    with pytest.MonkeyPatch.context() as patch:
        for name, ours in (("write", written), ("pwrite", written_at), ("ftruncate", cut), ("replace", renamed),
                           ("fsync", recorder.synced)):  # fmt: skip
            patch.setattr(os, name, ours)
        recorder.moment()
        yield recorder
        recorder.moment()


def laid_out(cut: Cut, folder: Path, chance: random.Random) -> str:
    """Write one of the states that a moment may leave on the disk into an empty folder; return what was done to it."""
    said = []
    for name in ("warc", "journal", "curation", "manifest"):
        (folder / name).mkdir(parents=True)
    (folder / "archive.db").write_bytes(cut.catalogue)
    for path, one in cut.files.items():
        content = _left(one, chance) if one.loose else one.certain
        if not one.named and chance.random() < 0.4:
            if not one.before:
                continue
            content = one.before
        if content != one.present:
            said.append(f"{Path(path).name}: {len(content)} of {len(one.present)} bytes, {content.count(0)} zeros")
        (folder / Path(path).relative_to(_root(path))).write_bytes(content)
    return "; ".join(said)


def _root(path: str) -> Path:
    return Path(path).parent.parent


def _left(one: _File, chance: random.Random) -> bytes:
    """Return what may be left of a file: of what isn't certain any sectors, and any size between."""
    way = chance.choice(["nothing", "all", "grown", "cut", "sectors", "sectors", "last", "not first"])
    if way == "nothing":
        return one.certain
    if way == "all" or len(one.present) < len(one.certain):
        return one.present
    if way == "cut":
        return one.present[: chance.randint(len(one.certain), len(one.present))]
    sector, size = chance.choice(SECTORS), len(one.present)
    made = bytearray(one.certain.ljust(size, b"\0"))
    touched = range(min(start for start, _ in one.loose) // sector * sector, size, sector)
    for at in touched:
        first, last = at == touched[0], at + sector >= size
        came = {"grown": False, "sectors": chance.random() < 0.5, "last": last, "not first": not first}[way]
        if came:
            made[at : at + sector] = one.present[at : at + sector]
    return bytes(made)
