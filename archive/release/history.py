"""What the journal tells of releases: numbers, digests, addresses given out, what was accepted and what refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]

BUILT, REMADE, USED, REFUSED, PRUNED = (
    "release-built",
    "release-remade",
    "release-used",
    "release-refused",
    "release-pruned",
)
ADDRESSES, LOST = "release-addresses", "release-addresses-lost"
STAMPED = "release-stamped"
# That a person lets gates stand open: for the next release, or until a day.
OVERRULED = "gate-overruled"


@dataclass(slots=True)
class History:
    """Releases as the journal has them.

    `built` has the last event of each release that told its manifest, by number; `current` is the number that was last
    built or chosen; `given` are the documents' and versions' ids that a release answered to, without those that were
    given up on the record; `refused` is the last refusal, where no release was built since; `overruled` are the lines
    that let gates stand open, without those whose release was built.
    """

    built: dict[int, Event] = field(default_factory=dict)
    pruned: set[int] = field(default_factory=set)
    current: int | None = None
    highest: int = 0
    given: set[str] = field(default_factory=set)
    refused: Event | None = None
    overruled: list[Event] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> History:
        """Read the journal's events in their order."""
        history = cls()
        promised: dict[int, list[str]] = {}
        for event in events:
            kind, number = event["event"], event.get("release")
            if isinstance(number, int):
                history.highest = max(history.highest, number)
                history._take(kind, number, event, promised)
            elif kind == REFUSED:
                history.refused = event
            elif kind == OVERRULED:
                history.overruled.append(event)
            elif kind == LOST:
                history.given -= set(event.get("ids", ()))
        return history

    def _take(self, kind: str, number: int, event: Event, promised: dict[int, list[str]]) -> None:
        if kind == ADDRESSES:
            promised.setdefault(number, []).extend(event.get("ids", ()))
        elif kind in (BUILT, REMADE):
            self.built[number] = event
        if kind == BUILT:
            # What was noted of a release that was never finished was never given to anyone.
            self.given |= set(promised.get(number, ()))
            self.refused = None
            self.overruled = [one for one in self.overruled if one.get("until")]
        if kind in (BUILT, USED):
            self.current = number
        if kind == PRUNED:
            self.pruned.add(number)

    def accepted_on(self, day: str) -> dict[str, str]:
        """Return the gates that a person lets stand open on a day, each with the reason; "counts:news" is that gate
        where it is closed for one source."""
        standing = [one for one in self.overruled if not one.get("until") or day <= str(one["until"])]
        return {str(gate): str(one["reason"]) for one in standing for gate in one["gates"]}

    @property
    def next_number(self) -> int:
        """Return a number that no release ever had; not even one that was never finished."""
        return self.highest + 1
