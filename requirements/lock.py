"""Reads the lock files: every package with its version and the digests that it may have; knows no index."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
_PACKAGE = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;\\]+)(.*(?:\n[ \t]+--hash=.*)*)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One package as a lock has it."""

    name: str
    version: str
    digests: tuple[str, ...]


def locked(path: Path) -> list[Locked]:
    """Return the packages of a lock file, in its order."""
    found = _PACKAGE.findall(path.read_text("utf-8"))
    return [Locked(name.lower(), version, tuple(_HASH.findall(rest))) for name, version, rest in found]


def locks() -> list[Path]:
    """Return the lock files."""
    return sorted(FOLDER.glob("*.txt"))
