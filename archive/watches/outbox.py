"""What of the messages that were made is still to be sent, and how each destination is: read from the journal alone.

The journal is the outbox: a message that was made for a destination, and neither sent to it nor set aside, is due.
Nothing here knows an address, sends anything, or looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from archive.watches.destinations import called

MADE, SENT, FAILED, SET_ASIDE = "message-made", "message-sent", "message-failed", "message-set-aside"
STOPPED, RESUMED = "destination-stopped", "destination-resumed"
LINES = (MADE, SENT, FAILED, SET_ASIDE, STOPPED, RESUMED)
Event = Mapping[str, Any]

# Minutes until the next try, after the first failure, the second, …: the schedule of Standard Webhooks 1.0, but for its
# first seconds, since a receiver that is tried by a night's command is not waited for. The last is under a day, so that
# tomorrow's night is not too early by a minute.
BACKOFF = (5, 30, 120, 300, 600, 840, 1200)
# So many failures in a row (eight days, where something is due and `oversight deliver` runs by the hour) stop a
# destination: what is due to it stays due.
MOST_FAILURES = 15
# How long a receiver may ask to be left alone.
LONGEST_WAIT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one destination is: failures since the last success, when it may be tried again ("" for now), since when
    it is stopped ("" where it isn't), the reason of either, when it last took something."""

    to: str
    failures: int = 0
    again: str = ""
    stopped: str = ""
    reason: str = ""
    sent: str = ""


@dataclass(slots=True)
class Outbox:
    """The messages that were made, in order, by their ids; what became of each at each destination; the standings."""

    made: dict[str, Event] = field(default_factory=dict)
    done: dict[tuple[str, str], str] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Outbox:
        """Read the journal's events in order; those of others are passed over."""
        outbox = cls()
        for event in events:
            outbox.note(event)
        return outbox

    def note(self, event: Event) -> None:
        """Take in one event more, as it was written to the journal."""
        kind = event.get("event")
        if kind == MADE:
            self.made.setdefault(str(event["message"]), event)
        elif kind in LINES:
            to = str(event.get("to", ""))
            if kind in (SENT, SET_ASIDE):
                self.done[str(event["message"]), to] = str(kind)
            self.standings[to] = _after(self.standing(to), event)

    def standing(self, to: str) -> Standing:
        """Return how a destination is; one that nothing is known of is well."""
        return self.standings.get(to, Standing(to))

    def due(self, present: Mapping[str, Iterable[str]]) -> dict[str, list[Event]]:
        """Return what is to be sent, by destination, in the order in which it was made.

        `present` are the names of the destinations of each watch, for messages that don't say whom they were made for.
        """
        due: dict[str, list[Event]] = {}
        for message, event in self.made.items():
            for to in whom(event, present):
                if (message, to) not in self.done:
                    due.setdefault(to, []).append(event)
        return due


def whom(event: Event, present: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """Yield what the destinations of a made message are called: those that its watch had when it was made.

    A destination that was added later is told nothing old.
    """
    watch = str(event["watch"])
    names = event["to"] if "to" in event else present.get(watch, ())
    yield from (called(watch, str(name)) for name in names)


def _after(standing: Standing, event: Event) -> Standing:
    kind, at = event["event"], str(event.get("at", ""))
    if kind == SENT:
        return replace(standing, failures=0, again="", reason="", sent=at)
    if kind == FAILED and not event.get("replayed"):
        again, reason = str(event.get("again", "")), str(event.get("reason", ""))
        return replace(standing, failures=standing.failures + 1, again=again, reason=reason)
    if kind == STOPPED:
        return replace(standing, stopped=at, again="", reason=str(event.get("reason", "")))
    if kind == RESUMED:
        return replace(standing, failures=0, again="", stopped="", reason="")
    return standing


def stopped_in(events: Iterable[Event]) -> tuple[Standing, ...]:
    """Return the destinations that are stopped, in the order of their names: for `/watches` and `oversight status`."""
    standings = Outbox.of(event for event in events if event.get("event") in LINES).standings
    return tuple(standings[to] for to in sorted(standings) if standings[to].stopped)


def next_try(at: str, failures: int, asked: float | None = None) -> str:
    """Return when to try again after so many failures in a row; not before a receiver `asked` (seconds), within
    LONGEST_WAIT."""
    wait = timedelta(minutes=BACKOFF[min(failures, len(BACKOFF)) - 1])
    if asked is not None:
        wait = max(wait, min(LONGEST_WAIT, timedelta(seconds=min(asked, LONGEST_WAIT.total_seconds()))))
    return (datetime.fromisoformat(at) + wait).strftime("%Y-%m-%dT%H:%M:%SZ")
