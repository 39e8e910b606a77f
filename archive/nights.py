"""Nights, as the journal tells them: what came, what was published, what needs a look; figures and names, never texts.

A line `night-ended` has `night` (the UTC day), `began`, `at`, `status` (the command's exit status), `replay`, `sources`
(of each that ran its `name`, `run`, `status`, `captures`, `documents`, `failures`), `added`, `changes` (both counted),
`release` (`number`, `new`, `closed`: the gates that were), `needs` (see `Need`), `steps` (`name`, `status`, `seconds`)
and `room`. It says nothing that a rebuild would have to know, and stays whatever is rebuilt.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.release.checked import Mark, mark_of
from archive.release.folder import Releases

Event = Mapping[str, Any]
ENDED = "night-ended"
# Beside the releases: what of the last night is everybody's business, since whoever serves them may read no journal.
FILE = "night.json"
# What of a night's needs is everybody's business; the others are the operator's.
PUBLIC = frozenset({"source", "gate", "release"})


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a person should look at: what it is `about` ("source", "gate", …), the `name` of that, `why`, and
    what to `do`. None of these holds words of what was captured, or an address."""

    about: str
    name: str
    why: str
    do: str = ""


def nights_in(events: Iterable[Event]) -> list[Event]:
    """Return the lines of the nights that came to their end, in order."""
    return [event for event in events if event["event"] == ENDED]


def public_bytes(night: Event) -> bytes:
    """Return what everybody may know of a night, as it lies among the releases."""
    told = {name: night.get(name) for name in ("night", "began", "at", "status", "sources", "added", "changes")}
    needs = [need for need in night.get("needs", ()) if need.get("about") in PUBLIC]
    told |= {"release": night.get("release"), "needs": needs}
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=True).encode() + b"\n"


def put_night(releases: Releases, night: Event) -> None:
    """Put what everybody may know of a night among the releases, where whoever serves them reads it. Raises OSError."""
    if releases.folder.is_dir():
        releases.put(releases.folder / FILE, public_bytes(night))


def last_night(releases: Releases) -> dict[str, Any] | None:
    """Return what everybody may know of the last night; None where nothing is told, or what is told is none."""
    path = releases.folder / FILE
    return _read(path, mark_of(path))


@lru_cache(maxsize=8)
def _read(path: Path, _mark: Mark) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and isinstance(told.get("night"), str) else None
