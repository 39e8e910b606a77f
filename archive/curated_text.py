"""Reads a file of `curation/` that is TOML: what it says, or what is wrong with it, named with its line."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from archive.model import Finding

UNREADABLE = "curation-unreadable"
MOST_BYTES = 5_000_000


def read_curated(folder: Path, place: Path) -> str | Finding:
    """Return the text of a file in the archive at `folder`, "" where there is none, or what is wrong with it."""
    path = folder / place
    if not path.is_file() or path.is_symlink():
        return ""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            return unreadable(place, f"larger than {MOST_BYTES:,} bytes")
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        return unreadable(place, f"line {error.object[: error.start].count(10) + 1}: it is no UTF-8")
    except OSError as error:
        return unreadable(place, str(error.strerror))


def parse_curated(text: str, place: Path) -> dict[str, Any] | Finding:
    """Return what a text says as TOML, or what is wrong with it."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        told_at = str(error).replace("at end of document", f"line {text.rstrip().count(chr(10)) + 1}")
        return unreadable(place, f"it is no TOML, and nothing of it was taken: {told_at}")


def unreadable(place: Path, detail: str) -> Finding:
    """Return what is said of a file that can't be understood."""
    return Finding(UNREADABLE, place.as_posix(), detail)


def line_of(text: str, name: str) -> int:
    """Return the line in which a name stands first, or 1."""
    opens = (line.lstrip(" \t[\"'") for line in text.splitlines())
    return next((number for number, line in enumerate(opens, 1) if line.startswith(name)), 1)
