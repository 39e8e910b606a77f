"""Where releases lie, and which of them is served: `releases/N.db`, its manifest `N.json`, its time-stamp `N.tsr`.

A release is there once its manifest is; it is the one to serve once `current` names it. Each of these files is put in
its place by one rename.

What is in this folder is public, so whoever serves it may read it as another user, who can change nothing. The folder
above is the archive's, which nobody else enters: it has to be shown to that user (deploy/oversight-site.service).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.store.put import put

FOLDER = "releases"
CURRENT = "current"
READABLE, ENTERED = 0o644, 0o755


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases of the archive in `archive`."""

    archive: Path

    @property
    def folder(self) -> Path:
        return self.archive / FOLDER

    def database(self, number: int) -> Path:
        """Return where a release's database lies, or would lie."""
        return self.folder / f"{number}.db"

    def manifest_path(self, number: int) -> Path:
        """Return where a release's manifest lies, or would lie."""
        return self.folder / f"{number}.json"

    def timestamp_path(self, number: int) -> Path:
        """Return where a release's RFC 3161 time-stamp lies, or would lie."""
        return self.folder / f"{number}.tsr"

    def make_folder(self) -> None:
        """Make the folder, or let it be entered where an earlier version made it. Raises OSError."""
        self.folder.mkdir(mode=ENTERED, exist_ok=True)
        if self.folder.stat().st_mode & 0o777 != ENTERED:
            self.folder.chmod(ENTERED)
        current = self.folder / CURRENT
        if current.is_file() and not current.stat().st_mode & 0o004:
            current.chmod(READABLE)

    def numbers(self) -> list[int]:
        """Return the numbers of the releases that are there, in order."""
        if not self.folder.is_dir():
            return []
        found = (path.stem for path in self.folder.glob("*.json"))
        return sorted(int(stem) for stem in found if stem.isascii() and stem.isdecimal() and not stem.startswith("0"))

    def manifest(self, number: int) -> dict[str, Any]:
        """Return a release's manifest. Raises OSError, or ValueError for one that is none."""
        told = json.loads(self.manifest_path(number).read_bytes())
        if not isinstance(told, dict) or told.get("number") != number:
            raise ValueError(f"{self.manifest_path(number)} is no manifest of release {number}")
        return told

    def open(self, number: int) -> sqlite3.Connection:
        """Open a release for reading. Raises OSError where it isn't there, ValueError where it isn't that release."""
        path, manifest = self.database(number), self.manifest(number)
        if path.stat().st_size != manifest["file"]["bytes"]:
            raise ValueError(f"{path} is not the file that its manifest tells of; `oversight verify` says more")
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        return connection

    def current(self) -> int | None:
        """Return the number of the release to serve; None where there is none yet. Raises ValueError for nonsense."""
        try:
            told = (self.folder / CURRENT).read_text("ascii")
        except FileNotFoundError:
            return None
        return int(told)

    def set_current(self, number: int) -> None:
        """Have a release served from now on; when this returns, that survives a power cut."""
        self.put(self.folder / CURRENT, f"{number}\n".encode())

    def put(self, path: Path, content: bytes) -> None:
        """Put a small file in its place, whole or not at all, and sync it. Raises OSError."""
        put(path, content, READABLE)
