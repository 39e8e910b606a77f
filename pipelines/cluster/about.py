"""What a worker of a cluster is, compared with what the program that asks it is: both must read and crawl alike."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import time
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipelines.cluster.shared import Shared, SharedUnusable
from pipelines.credentials import CREDENTIALS
from pipelines.text.stored_reading import READERS

_ROOT = Path(__file__).resolve().parent.parent.parent
_PARTS = ("archive", "pipelines", "spiders")
# What is read or captured elsewhere must be read and captured as here; so these have to be equal, each with what to do.
EQUAL = {
    "program": "is another version of this program: install the same one on all machines",
    "readers": "reads files by other readers: install the same version of this program on all machines",
    "python": "runs another Python: install the same one on all machines",
    "ocr": "has another engine of OCR, or none: install the same one on all machines",
    "browser": "has another browser, or none: install chromium and the extra `browser` on all machines, or on none",
    "keys": "has other API keys in its environment: set the same variables where the worker is started",
}
MOST_SECONDS_APART = 60.0


@cache
def program_digest() -> str:
    """Return the hex SHA-256 of the program's own modules."""
    digest = hashlib.sha256()
    for part in _PARTS:
        for path in sorted((_ROOT / part).rglob("*.py")):
            digest.update(f"{path.relative_to(_ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def about(shared: str, greeting: str) -> dict[str, Any]:
    """Return what this machine is, as plain values: no key, only of which there is one.

    `shared` is the address of the store, in which the other side put the object "greeting".
    """
    return {
        "program": program_digest(),
        "readers": dict(READERS),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "ocr": "tesseract" if shutil.which("tesseract") else "rapidocr" if find_spec("rapidocr") else "",
        "browser": bool(shutil.which("chromium") and find_spec("scrapy_playwright")),
        "keys": sorted(name for _, name in CREDENTIALS.values() if os.environ.get(name, "").strip()),
        "at": time.time(),
        "sees": _sees(shared, greeting),
    }


def difference(ours: Mapping[str, Any], theirs: object, greeting: str) -> str:
    """Return why a worker can't be used, "" where it can; `theirs` is what it said, whatever that is."""
    if not isinstance(theirs, Mapping):
        return f"can't say what it is ({str(theirs)[:200]}): install this program on all machines"
    for name, problem in EQUAL.items():
        if theirs.get(name) != ours[name]:
            return problem
    if not isinstance(at := theirs.get("at"), float) or abs(at - ours["at"]) > MOST_SECONDS_APART:
        return "has another time: set the clocks of all machines by a time server"
    if theirs.get("sees") != greeting:
        return "doesn't see what this program puts into the shared store: name one that all machines see"
    return ""


def _sees(shared: str, greeting: str) -> str:
    try:
        return Shared(shared).get(f"greetings/{greeting}").decode("ascii", "replace")
    except (SharedUnusable, OSError) as error:
        return f"{type(error).__name__}: {error}"
