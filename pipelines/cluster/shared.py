"""The folder or object store that a cluster's machines hand each other things through; it doesn't know what they are.

Objects are written whole and never changed in part, since no object store can do more.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Mapping
from typing import Any

from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from archive.copies.object_store import holds_password, shown_url

# What an object is called until it is whole, in a store that shows it before that.
_PARTIAL = ".partial"
_PRIVATE = 0o700


class SharedUnusable(Exception):  # noqa: N818
    """The store can't be used; the message says why, and what to do."""


class Shared:
    """Objects by name ("runs/x/0") below one address: file:///srv/shared, s3://bucket/folder, whatever fsspec opens.

    `is_local` says that it is a folder, in which a look costs nothing.
    """

    def __init__(self, url: str) -> None:
        """Open the store. Raises SharedUnusable for an address that leads to none."""
        self.url = url
        if holds_password(url):
            raise SharedUnusable("The shared store's address holds a password: give it to each machine's environment.")
        try:
            self._files, root = url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError, OSError) as error:
            raise SharedUnusable(f"{shown_url(url)} can't be used as a shared store: {error}") from error
        self._root = root.rstrip("/")
        self.is_local = isinstance(self._files, LocalFileSystem)

    def put(self, name: str, content: bytes) -> None:
        """Put an object in its place, whole or not at all, in place of one of that name. Raises OSError."""
        path = self._path(name)
        if not self.is_local:
            self._files.pipe_file(path, content)
            return
        self._make_folder(path)
        partial = f"{path}.{uuid.uuid4().hex}{_PARTIAL}"
        try:
            with self._files.open(partial, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._files.mv(partial, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                self._files.rm_file(partial)

    def put_new(self, name: str, content: bytes) -> bool:
        """Put an object where there is none of that name; say whether it was put. Raises OSError."""
        path = self._path(name)
        if self.is_local:
            self._make_folder(path)
        try:
            self._files.pipe_file(path, content, mode="create")
        except FileExistsError:
            return False
        return True

    def get(self, name: str) -> bytes:
        """Return an object. Raises FileNotFoundError where there is none, OSError."""
        return bytes(self._files.cat_file(self._path(name)))

    def has(self, name: str) -> bool:
        """Say whether there is an object of that name. Raises OSError."""
        return bool(self._files.exists(self._path(name)))

    def names(self, below: str) -> list[str]:
        """Return the names of all objects below a name, sorted. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            found = self._files.find(self._path(below))
            return sorted(one[len(self._root) + 1 :] for one in found if not one.endswith(_PARTIAL))
        return []

    def remove(self, name: str) -> None:
        """Remove an object, if there is one. Raises OSError."""
        with contextlib.suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))

    def url_of(self, name: str) -> str:
        """Return an object's own address."""
        return f"{self.url.rstrip('/')}/{name}"

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _make_folder(self, path: str) -> None:
        with contextlib.suppress(FileExistsError):
            os.makedirs(os.path.dirname(path), mode=_PRIVATE)  # noqa: PTH103, PTH120 (a path of fsspec's)


def told(given: Mapping[str, Any], name: str) -> str:
    """Return a text that one side handed to the other. Raises ValueError where there is none."""
    if not isinstance(given.get(name), str):
        raise ValueError(f"{name} is missing")
    return str(given[name])
