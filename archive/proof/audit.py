"""Who looked at what, and when: which files a part of an audit takes in, and what the journal says of earlier ones."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archive.proof import captures, curation, releases
from archive.proof.damage import Checked
from archive.release.history import BUILT, REMADE
from archive.store.seals import EVENT as SEALED

VERIFIED = "verified"
ALL = "all"
# What is checked each time, whichever part it is.
EACH_TIME = ("journal",)

Event = Mapping[str, Any]
Item = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """What one verification takes in: all, or one of `of` parts, into which each file falls by its name alone."""

    part: int = 1
    of: int = 1

    @classmethod
    def parse(cls, told: str) -> Scope:
        """Return the scope that "all" or "2/7" means. Raises ValueError for anything else."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", told, re.ASCII)
        if told == ALL:
            return cls()
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise ValueError(f"{told!r} is no part: say 1/7 for the first of seven")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return ALL if self.of == 1 else f"{self.part}/{self.of}"

    def covers(self, item: Item) -> bool:
        """Tell whether a file falls into this part."""
        digest = hashlib.sha256("/".join(item).encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.part - 1


def verified_event(scope: str, lines: int, checked: Sequence[Checked]) -> dict[str, Any]:
    """Return what the journal is to say of a verification; `lines` is how long the journal was when it began."""
    found = Counter(one.outcome for part in checked for one in part.damages)
    files = Counter[str]()
    for part in checked:
        files[part.part] += part.files
    return {
        "scope": scope,
        "lines": lines,
        "files": dict(sorted(files.items())),
        "bytes": sum(part.size for part in checked),
        "findings": dict(sorted(found.items())),
    }


@dataclass(frozen=True, slots=True)
class Age:
    """When the files of one part of the archive were looked at: `files` there are, `never` how many not since they are
    as they are; `oldest` is the instant of the oldest last look at any other, "" where there is none."""

    files: int
    never: int
    oldest: str


def ages(items: Iterable[Item], events: Sequence[Event]) -> dict[str, Age]:
    """Return for each part of the archive when its files were last checked, by the journal's events."""
    born = _born(events)
    looks = [(scope, event) for event in events if event["event"] == VERIFIED and (scope := _scope(event)) is not None]
    found: dict[str, list[str]] = {}
    for item in items:
        times = [
            str(event.get("at", ""))
            for scope, event in looks
            if _lines(event) >= born.get(item, 0) and (item[0] in EACH_TIME or scope.covers(item))
        ]
        found.setdefault(item[0], []).append(max(times, default=""))
    return {
        part: Age(len(times), times.count(""), min((one for one in times if one), default=""))
        for part, times in found.items()
    }


def _lines(event: Event) -> int:
    lines = event.get("lines")
    return lines if isinstance(lines, int) else 0


def _scope(event: Event) -> Scope | None:
    try:
        return Scope.parse(str(event.get("scope")))
    except ValueError:  # of one document
        return None


def _born(events: Sequence[Event]) -> dict[Item, int]:
    """Return the line of the journal since which a file is what it is."""
    born: dict[Item, int] = {}
    for number, event in enumerate(events, 1):
        if event["event"] == SEALED:
            born[captures.PART, str(event.get("file"))] = number
        elif event["event"] == curation.EVENT:
            born[curation.PART, str(event.get("file"))] = number
        elif event["event"] in (BUILT, REMADE):
            born[releases.PART, str(event.get("release"))] = number
    return born
