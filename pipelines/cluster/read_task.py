"""Reading as a task of a cluster: one payload, read as everywhere else, in killable processes of the worker's own."""

from __future__ import annotations

import atexit
import hashlib
import tempfile
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.cluster.shared import Shared, told
from pipelines.readers import Readers, Wanted, kept_path
from pipelines.text.stored_reading import READERS, to_bytes

_lock = threading.Lock()


def read_payload(job: Mapping[str, Any]) -> dict[str, Any]:
    """Read one payload; return its reading, and what of it is to be kept, by name.

    `job` has the address of the store (`shared`), the payload's `digest`, `kind` and `url`, the `sha256` of the object
    that holds it, whether pages are read by OCR (`ocr`) and compared (`compare`), and the names of what is `kept` of it
    already. The same job gives the same answer. Raises FileNotFoundError, OSError, ValueError.
    """
    shared, digest, kind = Shared(told(job, "shared")), told(job, "digest"), told(job, "kind")
    body = shared.get(f"reading/{digest}.payload")
    if hashlib.sha256(body).hexdigest() != job["sha256"]:
        raise ValueError(f"the payload {digest} in the shared store is not the one that was put there")
    cache_folder, readers = _readers(bool(job["ocr"]), bool(job["compare"]))
    paths = [kept_path(cache_folder, digest, READERS[one]) for one in dict.fromkeys((kind, "ocr"))]
    try:
        for path in paths:
            if path.name in job["kept"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(shared.get(f"reading/{path.name}"))
        [(_, reading)] = readers.read_all([Wanted(digest, kind, told(job, "url"), lambda: body)])
        files = {path.name: path.read_bytes() for path in paths if path.exists()}
    finally:
        for path in paths:
            path.unlink(missing_ok=True)
    return {"reading": to_bytes(reading), "files": files}


def _readers(ocr: bool, compare: bool) -> tuple[Path, Readers]:
    with _lock:  # two tasks at once would make two, one of which nobody ends
        return _made(ocr, compare)


@cache
def _made(ocr: bool, compare: bool) -> tuple[Path, Readers]:
    """Return the readers of this process, whose own processes serve one task after the other."""
    folder = tempfile.TemporaryDirectory(prefix="oversight-readings-")
    readers = Readers(Path(folder.name), workers=1, ocr=ocr, compare=compare)
    atexit.register(folder.cleanup)
    atexit.register(readers.close)
    return Path(folder.name), readers
