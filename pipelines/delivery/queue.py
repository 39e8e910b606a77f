"""Sends what is due, to all destinations in turn and to each its messages in their order, and notes what became of it.

A message is noted as sent, synced, right after its receiver took it: who is killed in between sends it once more, with
the same id. It knows neither how a message comes about nor how one is sent.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from archive.model import Finding
from archive.release.checked import ReleaseRefused
from archive.store.errors import StoreFailed, StoreFull
from archive.store.journal import Journal, JournalDamaged
from archive.watches.destinations import called
from archive.watches.model import Destination, Message, Watch
from archive.watches.outbox import (
    FAILED,
    MOST_FAILURES,
    RESUMED,
    SENT,
    SET_ASIDE,
    STOPPED,
    Event,
    Outbox,
    next_try,
)
from pipelines.delivery.refused import NotDelivered, NotSet

# What one command may take for sending; what it leaves is due the next time.
MOST_SECONDS = 900.0
EVERY = "*"
Render = Callable[[Event], Message]
Progress = Callable[[str, int, int], None]
Sending = Callable[[Callable[[], None]], None]
# What is wrong with all messages, and so with none: the disk, the journal or the release can't be used.
_OF_ALL = (StoreFull, StoreFailed, JournalDamaged, ReleaseRefused, OSError, MemoryError)
_OF_ONE_QUESTION = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE)


class Writer(Protocol):
    """Writes a message for a destination (pipelines/delivery/sending.py)."""

    def written(self, destination: Destination, to: str, message: Message) -> Sending:
        """Return what sends it once. Raises NotSet, and whatever else for what can't be written."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed: `reason` in our words, `said` in the server's (for who looks on, and kept nowhere)."""

    to: str
    message: str
    reason: str
    said: str
    failures: int
    again: str
    stopped: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages that stay due to a destination: why, and until when ("" where that isn't a matter of time)."""

    to: str
    messages: int
    why: str
    again: str = ""


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message that isn't sent to a destination, and why; `oversight deliver --message ID` sends it all the same."""

    to: str
    message: str
    reason: str


@dataclass(slots=True)
class Delivered:
    """What a command sent, what failed, was set aside or waits; `due` is how many are still to be sent, in all."""

    sent: int = 0
    due: int = 0
    failures: list[Failure] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether nobody has to look."""
        return not (self.failures or self.set_aside or self.waiting or self.problems)

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "sent": self.sent,
            "due": self.due,
            "failures": [asdict(one) for one in self.failures],
            "set_aside": [asdict(one) for one in self.set_aside],
            "waiting": [asdict(one) for one in self.waiting],
            "problems": [asdict(one) for one in self.problems],
        }


@dataclass(frozen=True, slots=True)
class Told:
    """The watches that there are, and those (by name, or EVERY one) whose file isn't wholly understood."""

    watches: Sequence[Watch] = ()
    unclear: frozenset[str] = frozenset()

    @property
    def names(self) -> dict[str, list[str]]:
        """Return the names of the destinations of each watch."""
        return {watch.name: [one.name for one in watch.destinations] for watch in self.watches}

    @property
    def destinations(self) -> dict[str, Destination]:
        """Return each destination by what it is called."""
        return {called(watch.name, one.name): one for watch in self.watches for one in watch.destinations}


@dataclass(slots=True)
class Queue:
    """What is due at this moment, and those who write and send it. `now` tells the instant."""

    journal: Journal
    outbox: Outbox
    told: Told
    writer: Writer
    render: Render
    now: Callable[[], str]
    done: Delivered = field(default_factory=Delivered)
    until: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    def send_due(self, progress: Progress, only: str = "") -> Delivered:
        """Send what is due to each destination that may be tried now, or to the one that is named.

        Raises StoreFull, StoreFailed, JournalDamaged, and what stops `render` for all messages.
        """
        due = {to: events for to, events in self.outbox.due(self.told.names).items() if only in ("", to)}
        self._send({to: self._ready(to, events) for to, events in due.items()}, progress, replayed=False)
        self.done.due = sum(map(len, self.outbox.due(self.told.names).values()))
        return self.done

    def send_again(self, wanted: Mapping[str, Sequence[Event]], progress: Progress) -> Delivered:
        """Send messages once more, by destination, with their ids, whatever became of them before.

        A failure ends it for that destination, and moves neither its schedule nor what is due to it. Raises as
        `send_due` does.
        """
        self._send(wanted, progress, replayed=True)
        self.done.due = sum(map(len, self.outbox.due(self.told.names).values()))
        return self.done

    def _send(self, wanted: Mapping[str, Sequence[Event]], progress: Progress, *, replayed: bool) -> None:
        """Send in rounds, one message to each destination, those first that took the last: one that is slow, or many
        that are dead, use up nobody else's time."""
        number, done, place = sum(map(len, wanted.values())), 0, 0
        going = sorted(wanted, key=lambda to: self.outbox.standing(to).failures)
        while going := [to for to in going if place < len(wanted[to])]:
            for to in tuple(going):
                events = wanted[to]
                if self._sent(events[place], to, len(events) - place, replayed=replayed):
                    done += 1
                    progress("messages", done, number)
                else:
                    going.remove(to)
            place += 1

    def resume(self, to: str) -> None:
        """Let a stopped destination, or one that is to be tried later, be tried now. Raises StoreFull, StoreFailed."""
        self._note(RESUMED, to=to, at=self.now(), reason="by hand")

    def _ready(self, to: str, events: Sequence[Event]) -> Sequence[Event]:
        """Return what may be sent to a destination now; say why, where that is nothing."""
        standing = self.outbox.standing(to)
        if to not in self.told.destinations:
            self._gone(to, events)
        elif standing.stopped:
            self._wait(to, len(events), f"stopped since {standing.stopped}: {standing.reason}")
        elif standing.again > self.now():
            self._wait(to, len(events), standing.reason, standing.again)
        else:
            return events
        return ()

    def _gone(self, to: str, events: Sequence[Event]) -> None:
        """Set aside what is due to a destination that no file names any more; wait where a file can't be understood."""
        if self.told.unclear & {to.partition("/")[0], EVERY}:
            self._wait(to, len(events), "the watch's file can't be understood as it is")
            return
        for event in events:
            self._set_aside(event, to, "no watch's file names this destination any more")

    def _sent(self, event: Event, to: str, left: int, *, replayed: bool) -> bool:
        """Send a message, or set it aside; tell whether the next of the `left` may be sent."""
        message = str(event["message"])
        if time.monotonic() > self.until:
            self._wait(to, left, "there was no time left; the next command goes on")
            return False
        try:
            if (send := self._written(event, to)) is not None:
                send(lambda: self._accepted(message, to, replayed=replayed))
        except NotSet as missing:
            self._wait(to, left, str(missing))
            return False
        except NotDelivered as failed:
            self._failed(message, to, failed, replayed=replayed)
            return False
        return True

    def _written(self, event: Event, to: str) -> Sending | None:
        """Return what sends a message; None where it can't be written, and was set aside: it holds up no other."""
        try:
            return self.writer.written(self.told.destinations[to], to, self.render(event))
        except (NotSet, *_OF_ALL):
            raise
        except Exception as error:
            if isinstance(error, sqlite3.Error) and _code(error) not in _OF_ONE_QUESTION:
                raise
            self._set_aside(event, to, f"it can't be written ({type(error).__name__})")
            return None

    def _accepted(self, message: str, to: str, *, replayed: bool) -> None:
        self._note(SENT, message=message, to=to, at=self.now(), **({"replayed": True} if replayed else {}))
        self.done.sent += 1

    def _failed(self, message: str, to: str, failed: NotDelivered, *, replayed: bool) -> None:
        at, failures = self.now(), self.outbox.standing(to).failures + 1
        again = "" if replayed else next_try(at, failures, failed.wait)
        more: Mapping[str, Any] = {"replayed": True} if replayed else {"try": failures, "again": again}
        self._note(FAILED, message=message, to=to, at=at, reason=failed.reason, **more)
        stopped = failed.stop or (failures >= MOST_FAILURES and not replayed)
        if stopped:
            self._note(STOPPED, to=to, at=at, reason=failed.reason)
        self.done.failures.append(Failure(to, message, failed.reason, failed.said, failures, again, stopped))

    def _set_aside(self, event: Event, to: str, reason: str) -> None:
        message = str(event["message"])
        self._note(SET_ASIDE, message=message, to=to, at=self.now(), reason=reason)
        self.done.set_aside.append(SetAside(to, message, reason))

    def _wait(self, to: str, messages: int, why: str, again: str = "") -> None:
        self.done.waiting.append(Waiting(to, messages, why, again))

    def _note(self, kind: str, **facts: Any) -> None:
        self.journal.append(kind, **facts)
        self.outbox.note({"event": kind, **facts})


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
