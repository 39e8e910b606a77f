"""What a gate looks at, what it may find, and the limits that it goes by; knows none of the gates."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Any

from archive.release.withheld import Withheld


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may differ before a gate closes, or asks for a look; shares are of one.

    `documents_lost`, `pages_lost`, `links_lost` (against the last release), `replaced` (of a source's documents since
    then), `empty` (of its new pages) and `fewer` (than its last good run gave) close a gate, `errors` (of a source's
    answers), `grown` (times as large as the last release) and `verified_days` (since the oldest last look at any file)
    ask for a look. Of fewer than `least` nothing is said.
    """

    documents_lost: float = 0.1
    pages_lost: float = 0.1
    links_lost: float = 0.02
    fewer: float = 0.5
    replaced: float = 0.5
    empty: float = 0.5
    errors: float = 0.2
    grown: float = 3.0
    verified_days: float = 35
    least: float = 10

    def but(self, told: Mapping[str, Any]) -> Limits:
        """Return these limits with those that are told in place of theirs."""
        return replace(self, **told)


LIMITS: Mapping[str, float] = MappingProxyType(asdict(Limits()))


@dataclass(frozen=True, slots=True)
class Proved:
    """What is known of the archive's own verification: the instant of the `oldest` last look at any file ("" where
    nothing was ever looked at), how many days `ago` that is, or the archive began (None where it holds nothing), when
    damage was found that stands ("" where none does), and which of the newest captures, of how many that were `looked`
    at, are `damaged` now."""

    oldest: str = ""
    ago: int | None = None
    failed: str = ""
    looked: int = 0
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A release that was made and isn't served yet, and what it is held against.

    `made` is its file; the last release, where its file is kept, is attached to it as `last` (`has_last`). `given` are
    the ids that releases answered to, `before` how many documents the last release had, `failing` the sources whose
    last run failed, `limits` hold for all, `own` those that are otherwise for one source, `proved` what was verified
    (None where nobody looked), `sizes` the bytes of its file and of the last release's (0 where there is none).
    """

    made: sqlite3.Connection
    withheld: Withheld
    given: frozenset[str] = frozenset()
    before: int = 0
    failing: tuple[str, ...] = ()
    has_last: bool = False
    limits: Limits = field(default_factory=Limits)
    own: Mapping[str, Limits] = field(default_factory=dict)
    proved: Proved | None = None
    sizes: tuple[int, int] = (0, 0)

    def limits_of(self, source: str) -> Limits:
        """Return the limits that hold for a source."""
        return self.own.get(source, self.limits)


@dataclass(frozen=True, slots=True)
class Closed:
    """A gate that is closed: why, in a sentence, and the subjects that it is about; `source` is the source that it is
    of, "" where it is of none or of several. One that doesn't hold the release back asks for a look at it."""

    gate: str
    reason: str
    subjects: tuple[str, ...] = field(default=())
    holds: bool = True
    source: str = ""
