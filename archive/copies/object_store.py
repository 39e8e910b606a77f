"""A place for copies that isn't a folder: objects by name, at whatever a URL names; it knows nothing of archives.

fsspec speaks to it (s3://, gs://, sftp://, ftp://, webdav://, file://, memory:// …). What it needs to log in stands in
the environment: what each service takes by itself, or FSSPEC_<PROTOCOL>_<ARGUMENT> (docs/operating.md).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_SECRET = re.compile(r"(?i)key|secret|token|password|passwd|credential")
_SHORTEST = 6
# Where a name is only a name; elsewhere a file's folder has to be made first.
_WITHOUT_FOLDERS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "adl", "oss", "memory"}


class StoreUnreachable(Exception):  # noqa: N818
    """A store can't be used; the words say what it said, without what it was told in confidence."""


def is_url(named: str) -> bool:
    """Tell whether a place is named by a URL, and not by a path."""
    return re.match(r"[a-z][a-z0-9+.-]*://", named, re.IGNORECASE) is not None


def shown_url(url: str) -> str:
    """Return a URL as it may be printed: without a password or whatever else stands before the host."""
    return re.sub(r"://[^/]*@", "://", url)


def holds_password(url: str) -> bool:
    """Tell whether a URL gives a password."""
    return re.match(r"[^/]*://[^/]*:[^/]*@", url) is not None


class ObjectStore:
    """The objects whose names begin with the path of a URL."""

    def __init__(self, url: str) -> None:
        """Raises StoreUnreachable, also where a package is missing that speaks to such a store."""
        import fsspec  # noqa: PLC0415 (takes a fifth of a second, which no other command is to wait for)

        self.url = url
        with self._told():
            self._files, root = fsspec.core.url_to_fs(url, skip_instance_cache=True, use_listings_cache=False)
            self._root = root.rstrip("/")
            self._made: set[str] | None = None if _WITHOUT_FOLDERS & _protocols(self._files) else set()

    def sizes(self, folder: str) -> dict[str, int]:
        """Return the name of each object in a folder and below, with its size; none where there is no such folder."""
        with self._told():
            try:
                found: dict[str, dict[str, Any]] = self._files.find(self._path(folder), detail=True)
            except FileNotFoundError:
                return {}
        return {path.removeprefix(self._root + "/"): int(about["size"] or 0) for path, about in found.items()}

    def read(self, name: str) -> bytes:
        """Return an object's bytes. Raises StoreUnreachable, also where there is none."""
        with self._told():
            content: bytes = self._files.cat_file(self._path(name))
        return content

    def write(self, name: str, content: bytes) -> None:
        """Put an object there, in one go where the store can do that."""
        with self._told():
            self._make_folder(name)
            self._files.pipe_file(self._path(name), content)

    def upload(self, name: str, path: Path) -> None:
        """Put a file there."""
        with self._told():
            self._make_folder(name)
            self._files.put_file(str(path), self._path(name))

    def download(self, name: str, path: Path) -> None:
        """Write an object's bytes to a file, which is synced. Raises FileNotFoundError where there is none."""
        with self._told(missing=True):
            self._files.get_file(self._path(name), str(path))
        with path.open("rb") as file:
            os.fsync(file.fileno())

    def remove(self, names: Iterable[str]) -> None:
        """Take objects away."""
        for name in names:
            with self._told():
                self._files.rm_file(self._path(name))

    def _make_folder(self, name: str) -> None:
        folder = self._path(name).rpartition("/")[0]
        if self._made is not None and folder not in self._made:
            self._files.makedirs(folder, exist_ok=True)
            self._made.add(folder)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextlib.contextmanager
    def _told(self, *, missing: bool = False) -> Iterator[None]:
        """Turn whatever a store's library raises into one kind of error; but for one that is `missing`, if need be."""
        try:
            yield
        except Exception as error:
            if missing and isinstance(error, FileNotFoundError):
                raise
            said = _without(f"{type(error).__name__}: {error}".strip(": "), [*self._passwords(), *_kept_secret()])
            raise StoreUnreachable(f"{shown_url(self.url)} can't be used ({said})") from None

    def _passwords(self) -> list[str]:
        with contextlib.suppress(ValueError):
            password = urlsplit(self.url).password or ""
            return [password, unquote(password)]
        return []


def _protocols(files: Any) -> set[str]:
    return {files.protocol} if isinstance(files.protocol, str) else set(files.protocol)


def _kept_secret() -> list[str]:
    return [value for name, value in os.environ.items() if _SECRET.search(name)]


def _without(text: str, secrets: Iterable[str]) -> str:
    """Return what was said on one line, each secret in it blotted out."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, "REDACTED")
    return " ".join(shown_url(text).split())[:500]
