"""What a release leaves out since it was withdrawn, or is held back for the operator; plain facts, without a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archive.addresses import url_key
from archive.model import Finding

Row = dict[str, Any]

# The tables that every release has for what it leaves out. `hash` is what `tombstone` gives.
TABLES = """
CREATE TABLE withdrawals (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, reason TEXT NOT NULL, what TEXT NOT NULL, kind TEXT NOT NULL,
    collection TEXT NOT NULL, until TEXT, undone TEXT, undone_reason TEXT NOT NULL, erased INTEGER NOT NULL
) STRICT;
CREATE TABLE tombstones (
    hash TEXT PRIMARY KEY, withdrawal INTEGER NOT NULL REFERENCES withdrawals(number)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a release must not hold, and what it says in its place.

    `documents`, `versions` and `captures` are ids of the catalogue that are left out with all that hangs on them
    (`versions` has those of `documents` too; a document all of whose versions are left out is among `documents`).
    What others say of these goes with them: rows that lead to one of `addresses` (keys, archive/addresses.py) or carry
    one of `numbers` (canonical values); `named_by` tells.
    `log` are the rows of the public table `withdrawals`: number, date, reason, what kind of thing, when it was undone;
    none of them names or describes what was withdrawn. `tombstones` are rows of the table of that name: the hex
    SHA-256 of "KIND:NAME" (kind "document", "version", "alias", "address", "number" or "row") and the withdrawal's
    number: an address that used to answer is known again, and the file holds no word of it. `held` says what looks
    like something withdrawn, and waits for the operator; it is left out like the rest.
    """

    documents: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    captures: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    log: tuple[Row, ...] = ()
    tombstones: tuple[tuple[str, int], ...] = ()
    held: tuple[Finding, ...] = field(default=())

    def named_by(self, target: str) -> bool:
        """Tell whether an address or a number, as a reference, a listing or an outcome has it, leads to what is out."""
        return bool(target) and (target in self.numbers or (bool(self.addresses) and url_key(target) in self.addresses))


NOTHING = Withheld()
