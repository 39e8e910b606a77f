"""What a served release is read from: a copy in memory that was compared with the manifest while it was made.

What rots or is written on the disk afterwards never answers. Where memory has no room it is the file itself, which can
be compared again. Knows nothing of who asks.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from archive.release.checked import CheckedRelease, ReleaseBroken, check_release
from archive.release.folder import Releases

# A file system in memory, where there is one. A copy takes at most so many bytes, and that part of what is free there:
# a site may hold six. SQLite follows links, so that it can't open what has no name (memfd_create).
MEMORY = Path("/dev/shm")  # noqa: S108 (nothing there has a name for longer than it takes to open it)
MOST, SHARE = 512 << 20, 1 / 8
_PART = 1 << 20


class HeldRelease:
    """A checked release with the file that is read: in memory, or that on the disk. `close` it when nobody reads."""

    def __init__(self, release: CheckedRelease, file: int, *, in_memory: bool) -> None:
        self.release, self.in_memory = release, in_memory
        self._file = file

    @contextmanager
    def named(self) -> Iterator[Path | None]:
        """Give a copy the path by which it is opened; it has none before and after, so that no crash leaves it behind.

        None where there is no copy.
        """
        if not self.in_memory:
            yield None
            return
        name = f"oversight-{os.getpid()}-{secrets.token_hex(8)}-{self.release.path.name}"
        folder = os.open(MEMORY, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            # With a folder given, Python has the kernel follow the link to the file without a name (linkat(2)).
            os.link(f"/proc/self/fd/{self._file}", name, dst_dir_fd=folder)
            yield MEMORY / name
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)
            os.close(folder)

    def is_whole(self) -> bool:
        """Compare what is read with the manifest again; a copy in memory can't have changed."""
        if self.in_memory:
            return True
        digest, at = hashlib.sha256(), 0
        try:
            while part := os.pread(self._file, _PART, at):
                digest.update(part)
                at += len(part)
        except OSError:
            return False
        return digest.hexdigest() == self.release.sha256

    def close(self) -> None:
        """Let go of the file; connections that have it open keep it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def hold_release(releases: Releases, number: int, known: CheckedRelease | None = None) -> HeldRelease:
    """Check a release and hold what was checked, in memory where that has room. Raises ReleaseRefused.

    What is read from the disk isn't compared anew where it is `known`: it may be large.
    """
    if (copy := _nameless(releases.database(number))) is not None:
        try:
            release = check_release(releases, number, copy=copy)
            os.ftruncate(copy, release.size)
        except BaseException:
            os.close(copy)
            raise
        return HeldRelease(release, copy, in_memory=True)
    release = known or check_release(releases, number)
    try:
        return HeldRelease(release, os.open(release.path, os.O_RDONLY | os.O_CLOEXEC), in_memory=False)
    except OSError as error:
        raise ReleaseBroken(f"Release {number} can't be read ({error}).") from error


def _nameless(path: Path) -> int | None:
    """Return a file in memory, without a name and with room for a copy of another; None where that can't be had."""
    try:
        size, memory = path.stat().st_size, os.statvfs(MEMORY)
        if size > min(MOST, memory.f_bavail * memory.f_frsize * SHARE):
            return None
        copy = os.open(MEMORY, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o400)
    except (OSError, AttributeError):  # O_TMPFILE is Linux's
        return None
    try:
        os.posix_fallocate(copy, 0, size)
    except OSError:
        os.close(copy)
        return None
    return copy
