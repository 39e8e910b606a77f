"""What a backup in an object store holds: each file's path in the archive, with the digest by which its bytes are kept.

A listing's own name has its number and its digest, so one that was cut off while it was written is passed over, and the
one before it holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath

from archive.copies.object_store import ObjectStore, StoreUnreachable
from archive.store.chain import Head

FOLDER, OBJECTS = "listings", "objects"
FORM = 1
_NAME = re.compile(r"listings/([0-9]{8})-([0-9a-f]{64})\.json")
_PLACES = ("warc", "manifest", "journal", "curation", "releases")


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of the archive as it was backed up."""

    size: int
    sha256: str
    mode: int

    @property
    def object(self) -> str:
        """Return the name of the object that has its bytes."""
        return f"{OBJECTS}/{self.sha256[:2]}/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a backup by their paths, and how far the archive's journal went then."""

    number: int = 0
    journal: Head = field(default_factory=lambda: Head(0, 0, ""))
    files: Mapping[str, Kept] = field(default_factory=dict)

    def write(self, store: ObjectStore) -> str:
        """Put it in the store, and return its name there. Raises StoreUnreachable."""
        told = {"form": FORM, "journal": asdict(self.journal), "files": {
            path: [kept.size, kept.sha256, kept.mode] for path, kept in sorted(self.files.items())
        }}  # fmt: skip
        content = json.dumps(told, ensure_ascii=True).encode() + b"\n"
        name = f"{FOLDER}/{self.number:08d}-{hashlib.sha256(content).hexdigest()}.json"
        store.write(name, content)
        return name


def newest(store: ObjectStore) -> Listing:
    """Return the newest whole listing; one without files where there is none. Raises StoreUnreachable, ValueError."""
    for name in sorted(store.sizes(FOLDER), reverse=True):
        named = _NAME.fullmatch(name)
        if not named:
            continue
        content = store.read(name)
        if hashlib.sha256(content).hexdigest() == named[2]:
            return _read(content, int(named[1]), store)
    return Listing()


def _read(content: bytes, number: int, store: ObjectStore) -> Listing:
    told = json.loads(content)
    if told.get("form") != FORM:
        raise StoreUnreachable(f"{store.url}: a newer version of this program made the backup; use that")
    files = {path: Kept(int(size), str(digest), int(mode)) for path, (size, digest, mode) in told["files"].items()}
    if strange := [path for path in files if not _is_place(path)]:
        raise ValueError(f"a backup names {strange[0]!r}, which is no file of an archive")
    return Listing(number, Head(**told["journal"]), files)


def _is_place(path: str) -> bool:
    """Tell whether a path is one of an archive's files, and leads nowhere else."""
    parts = PurePosixPath(path).parts
    return len(parts) > 1 and parts[0] in _PLACES and ".." not in parts and "\0" not in path and "\\" not in path
