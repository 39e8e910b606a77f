"""What happened to anything, as events with their times, each no more exact than its record is; months where they are
many. It knows no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from archive.research.money import dollars
from archive.research.rows import Row

KINDS = ("mention", "notice", "modification", "money", "version", "capture", "listing", "server", "change")
WORDS = {
    "mention": "Mentioned, by the date of the document", "notice": "Notices", "modification": "Modifications",
    "money": "Money obligated", "version": "Versions, by when they were first seen", "capture": "Captures",
    "listing": "On lists", "server": "On servers", "change": "What changed",
}  # fmt: skip
# So many events are looked at, and so many told one by one; of a lane of the picture more are put together by month.
MOST_EVENTS, MOST_TOLD, MOST_DRAWN = 20_000, 2_000, 120


@dataclass(frozen=True, slots=True)
class Event:
    """One thing: `since` and `until` are days, months or years ("2018-01" is a month, and no day of it is known)."""

    since: str
    until: str
    kind: str
    words: str
    document: str
    address: str
    cents: int | None = None

    @property
    def precision(self) -> str:
        """Return how exactly its beginning is known."""
        return {4: "year", 7: "month"}.get(len(self.since), "day" if self.since else "unknown")


@dataclass(frozen=True, slots=True)
class Month:
    """What happened of one kind in a month, or in a year where nothing more exact is known."""

    month: str
    kind: str
    events: int
    cents: int | None


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return events by time, each once; what has no date is last."""
    return sorted(set(events), key=lambda one: (one.since or "9", one.until, KINDS.index(one.kind), one.document,
                                                one.address, one.words))  # fmt: skip


def by_month(events: Iterable[Event]) -> list[Month]:
    """Return how many events began in each month, by kind, and the money of them."""
    counted: dict[tuple[str, str], list[Event]] = {}
    for one in events:
        if one.since:
            counted.setdefault((one.since[:7], one.kind), []).append(one)
    return [
        Month(month, kind, len(held), sum(one.cents or 0 for one in held) if kind == "money" else None)
        for (month, kind), held in sorted(counted.items(), key=lambda one: (one[0][0], KINDS.index(one[0][1])))
    ]


def as_data(events: Sequence[Event]) -> Row:
    """Return `events` (the first MOST_TOLD), `total`, `by_month`, and `told` (how many of them stand there)."""
    told = events[:MOST_TOLD]
    return {
        "total": len(events),
        "told": len(told),
        "events": [event_row(one) for one in told],
        "by_month": [
            {**asdict(one), "dollars": dollars(one.cents) if one.cents is not None else ""} for one in by_month(events)
        ],
    }


def event_row(event: Event) -> Row:
    """Return an event as plain data, with its precision, and its money as it is read."""
    return {**asdict(event), "precision": event.precision,
            "dollars": dollars(event.cents) if event.cents is not None else ""}  # fmt: skip
