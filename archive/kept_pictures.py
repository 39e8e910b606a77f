"""Pictures of pages that were drawn before, in an archive's `cache/pictures`: by digests alone, and no more than fit.

Who may see one is not known here: it is asked before a picture is looked for, each time. The folder may be deleted at
any time, and is made anew. What was to be forgotten while it was drawn isn't kept: a mark tells that something was.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path("cache") / "pictures"
# Changed whenever pictures are forgotten.
MARK = Path("cache") / "pictures-forgotten"
# How pages are drawn: pictures of another way have other names.
DRAWN = "1"
# What is kept is brought below this share of what may be kept, when it is more.
_KEPT_SHARE = 0.9
_DIGEST = re.compile(r"[0-9a-f]{64}")


class KeptPictures:
    """The pictures in one archive's folder, at most `most` bytes; where nothing can be written none are kept."""

    def __init__(self, archive: Path, most: int) -> None:
        self._folder, self._most, self._mark = archive / FOLDER, most, archive / MARK
        self._size: int | None = None
        self._lock = threading.Lock()

    def get(self, digest: str, name: str) -> bytes | None:
        """Return what is kept of a file under a name, or None; it is the last to go then. Raises ValueError."""
        path = self._path(digest, name)
        try:
            kept = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return kept

    def mark(self) -> bytes:
        """Return what changes when pictures are forgotten, to be taken before one is drawn."""
        try:
            return self._mark.read_bytes()
        except OSError:
            return b""

    def put(self, digest: str, name: str, data: bytes, mark: bytes = b"") -> None:
        """Keep what was drawn of a file since `mark`, unless pictures were forgotten meanwhile; whoever reads it finds
        all of it or nothing. Raises ValueError."""
        path = self._path(digest, name)
        if len(data) > self._most // 4:
            return
        partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            partial.write_bytes(data)
            partial.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            return
        # Looked at after it stands there: who forgets changes the mark first, and then deletes what stands there.
        if self.mark() != mark:
            path.unlink(missing_ok=True)
            return
        self._make_room(len(data))

    def _path(self, digest: str, name: str) -> Path:
        if not _DIGEST.fullmatch(digest) or not re.fullmatch(r"[a-z0-9.]{1,40}", name):
            raise ValueError(f"no such picture: {digest[:80]!r}, {name[:40]!r}")
        return self._folder / digest[:2] / f"{digest}.{DRAWN}.{name}"

    def _make_room(self, added: int) -> None:
        """Delete what was looked at longest ago, where there is more than may be kept."""
        with self._lock:
            self._size = (self._size + added) if self._size is not None else None
            if self._size is not None and self._size <= self._most:
                return
            held = []
            for path in self._folder.glob("*/*"):
                with contextlib.suppress(OSError):
                    told = path.stat()
                    held.append((told.st_mtime, told.st_size, path))
            self._size = sum(size for _, size, _ in held)
            if self._size <= self._most:
                return
            for _, size, path in sorted(held):
                with contextlib.suppress(OSError):
                    path.unlink()
                    self._size -= size
                if self._size <= self._most * _KEPT_SHARE:
                    return


def forget_pictures(archive: Path, digests: Iterable[str]) -> int:
    """Delete all pictures of these files; return how many there were."""
    gone = 0
    with contextlib.suppress(OSError):
        (archive / MARK).parent.mkdir(parents=True, exist_ok=True)
        (archive / MARK).write_bytes(os.urandom(16))
    for digest in {one for one in digests if _DIGEST.fullmatch(one)}:
        for path in (archive / FOLDER / digest[:2]).glob(f"*{digest}.*"):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
                gone += 1
    return gone
