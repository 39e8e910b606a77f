"""How much of a version is published, as its source's policy says; it reads, and writes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

FULL, EXCERPT, METADATA = "full", "excerpt", "metadata"
# The most open first.
POLICIES = (FULL, EXCERPT, METADATA)


@dataclass(frozen=True, slots=True)
class Policies:
    """What sources.toml says that is published of each source, by the source's name; what it doesn't name is `full`.

    `unchanged` is for what has been published before: it is let be as it stands.
    """

    told: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False

    def of(self, source: str, reader: str, *, article: bool) -> str:
        """Return the policy of a version that `source` captured and `reader` read.

        The stricter of the two holds. An article belongs to its publisher: it is `excerpt`, whoever brought it,
        unless its reader's own policy says otherwise.
        """
        if self.unchanged:
            return FULL
        own = self.told.get(reader, EXCERPT if article else FULL)
        return max(own, self.told.get(source, FULL), key=POLICIES.index)


AS_PUBLISHED = Policies(unchanged=True)


def restricted(source: sqlite3.Connection, policies: Policies) -> dict[str, str]:
    """Return the versions of a catalogue of which not all is published, each with its policy."""
    rows = source.execute(
        "SELECT v.id, c.source, c.read_by, a.version IS NOT NULL FROM main.versions AS v"
        " JOIN main.captures AS c ON c.id = v.capture LEFT JOIN main.articles AS a ON a.version = v.id"
    )
    told = {row[0]: policies.of(row[1], row[2] or row[1], article=bool(row[3])) for row in rows}
    return {version: policy for version, policy in told.items() if policy != FULL}
