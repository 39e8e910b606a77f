"""What a release leaves out since it was withdrawn, or is held back for the operator; plain facts, without a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archive.model import Finding

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a release must not hold, and what it says in its place.

    `documents` and `versions` are ids of the working catalogue that are left out with all that hangs on them.
    `log` are the rows of the public table `withdrawals`: number, date, reason, what kind of thing, when it was undone;
    none of them names or describes what was withdrawn. `tombstones` are rows of the table of that name: the hex
    SHA-256 of "KIND:NAME" (kind "document", "version", "alias", "address" or "number") and the withdrawal's number:
    an address that used to answer is known again, and the file holds no word of it. `held` says what looks like
    something withdrawn, and waits for the operator.
    """

    documents: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    log: tuple[Row, ...] = ()
    tombstones: tuple[tuple[str, int], ...] = ()
    held: tuple[Finding, ...] = field(default=())


NOTHING = Withheld()
