"""An object store for fsspec that several processes see: an object is whole or not there, and never changed in part."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from fsspec.spec import AbstractFileSystem


class Shelf(AbstractFileSystem):  # type: ignore[misc]
    """shelf:///FOLDER/NAME: objects lie in FOLDER's first three parts, each under its whole name."""

    protocol = "shelf"
    root = Path(os.environ.get("SHELF", "/nonexistent"))

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        whole = self.root / f".{uuid.uuid4().hex}"
        whole.write_bytes(value)
        try:
            if mode == "create":
                os.link(whole, self._at(path))
            else:
                whole.replace(self._at(path))
        finally:
            whole.unlink(missing_ok=True)

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        return self._at(path).read_bytes()[start:end]

    def find(self, path: str, **_: Any) -> list[str]:
        names = sorted(unquote(one.name) for one in self.root.iterdir() if not one.name.startswith("."))
        return [name for name in names if name == path or name.startswith(f"{path}/")]

    def exists(self, path: str, **_: Any) -> bool:
        return self._at(path).exists()

    def rm_file(self, path: str) -> None:
        self._at(path).unlink()

    def _at(self, path: str) -> Path:
        return self.root / quote(str(self._strip_protocol(path)), safe="")
