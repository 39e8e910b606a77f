"""`oversight deliver`: sends what the journal says is due, told by what is published now; the caller holds the lock."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from archive.model import Finding
from archive.release.checked import NoSuchRelease, ReleaseRefused, check_release, named_release, open_release
from archive.release.folder import Releases
from archive.store.journal import Journal
from archive.watches.destinations import called
from archive.watches.messages import message_of
from archive.watches.model import Message, SourceState
from archive.watches.news import present_states
from archive.watches.outbox import Event, Outbox, whom
from archive.watches.source_states import behind, collections_of
from archive.watches.watch_file import WATCHES, Watches, read_watches
from pipelines.clock import now
from pipelines.delivery.queue import EVERY, Delivered, Failure, Progress, Queue, Told
from pipelines.delivery.refused import NotDelivered, NotSet
from pipelines.delivery.secrets import Secrets
from pipelines.delivery.sending import Sender

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

NOT_DELIVERED = "not-delivered"


@dataclass(frozen=True, slots=True)
class Again:
    """Which messages are sent once more: those of these ids, and those made from a day or instant to another one."""

    messages: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def has(self, event: Event) -> bool:
        """Tell whether a made message is one of these."""
        at = str(event["at"])
        in_range = bool(self.since) and self.since <= at and (at <= self.until or at.startswith(self.until))
        return in_range or event["message"] in self.messages


def deliver_due(folder: Path, settings: BaseSettings, progress: Progress, only: str = "") -> Delivered:
    """Send what is due, all of it or to the destination that is called `only`; return what became of it.

    What can't be sent now stays due. Raises what stops a writer: StoreFull, StoreFailed, JournalDamaged, sqlite3.Error,
    OSError.
    """
    with _queue(folder, settings) as (queue, _):
        try:
            return queue.send_due(progress, only)
        except ReleaseRefused as refused:
            return _kept_back(queue, refused)


def deliver_again(
    folder: Path, settings: BaseSettings, again: Again, progress: Progress, only: str = ""
) -> tuple[Delivered, int]:
    """Send messages once more with the ids that they have, and return also how many there are to be sent.

    They go to the destinations that they were made for, or to the one that is called `only`. Raises as deliver_due().
    """
    with _queue(folder, settings) as (queue, _):
        wanted = dict(_wanted(queue, again, only))
        try:
            return queue.send_again(wanted, progress), sum(map(len, wanted.values()))
        except ReleaseRefused as refused:
            return _kept_back(queue, refused), sum(map(len, wanted.values()))


def resume(folder: Path, settings: BaseSettings, to: str) -> bool:
    """Let a destination be tried now, whatever stopped it; tell whether a watch's file names it."""
    with _queue(folder, settings) as (queue, _):
        if to not in queue.told.destinations:
            return False
        queue.resume(to)
        return True


def send_test(folder: Path, settings: BaseSettings, watch: str, only: str = "") -> Delivered:
    """Send a test to a watch's destinations, or to the one that is called `only`; the journal has nothing of it."""
    done = Delivered()
    with _queue(folder, settings) as (queue, rendering):
        message = rendering.test(watch)
        for to, destination in queue.told.destinations.items():
            if to.partition("/")[0] != watch or only not in ("", to):
                continue
            try:
                queue.writer.written(destination, to, message)(lambda: None)
                done.sent += 1
            except NotSet as missing:
                done.failures.append(Failure(to, message.id, str(missing), "", 0, "", stopped=False))
            except NotDelivered as failed:
                done.failures.append(Failure(to, message.id, failed.reason, failed.said, 0, "", stopped=False))
    return done


@contextmanager
def _queue(folder: Path, settings: BaseSettings) -> Iterator[tuple[Queue, _Rendering]]:
    with closing(Journal(folder)) as journal, closing(_Rendering(folder, journal)) as rendering:
        outbox, sender = Outbox.of(rendering.events), Sender(settings, Secrets())
        yield Queue(journal, outbox, _told(folder, rendering.watches), sender, rendering.message, now), rendering


def _told(folder: Path, watches: Watches) -> Told:
    """Return the watches, and which of their files can't be gone by: one that can't be read names no destination."""
    subjects = {Path(problem.subject) for problem in watches.problems}
    unclear = {path.stem for path in subjects if path.suffix == ".toml"}
    if WATCHES in subjects or not (folder / WATCHES).is_dir():
        unclear.add(EVERY)
    return Told(watches.held, frozenset(unclear))


def _wanted(queue: Queue, again: Again, only: str) -> Iterator[tuple[str, Sequence[Event]]]:
    events = [event for event in queue.outbox.made.values() if again.has(event)]
    names = queue.told.names
    for to in queue.told.destinations:
        if only in ("", to):
            own = [one for one in events if to in whom(one, names) or (only and _is_of(one, to))]
            if own:
                yield to, own


def _is_of(event: Event, to: str) -> bool:
    return to.startswith(called(str(event["watch"]), ""))


def _kept_back(queue: Queue, refused: ReleaseRefused) -> Delivered:
    """Say that nothing can be told, since messages are told by what is published."""
    queue.done.problems.append(Finding(NOT_DELIVERED, "releases", str(refused)))
    queue.done.due = sum(map(len, queue.outbox.due(queue.told.names).values()))
    return queue.done


class _Rendering:
    """Messages as they are told now: by the release that is served, which is opened when the first is asked for."""

    def __init__(self, folder: Path, journal: Journal) -> None:
        self._folder = folder
        self.events = journal.read()
        self.watches = read_watches(folder)
        self._release: sqlite3.Connection | None = None
        self._states: tuple[SourceState, ...] = ()
        self._number = 0
        self._held: tuple[str, Message] | None = None

    def message(self, event: Event) -> Message:
        """Return a made message. Raises ReleaseRefused where there is no release to tell by, NotSet while an
        older one is served than that of which it was made."""
        if self._held is None or self._held[0] != event["message"]:
            release = self._opened()
            if self._number < int(event["release"]):  # or all that it tells of would be called withdrawn
                raise NotSet(f"it tells of release {event['release']}, and release {self._number} is served")
            self._held = event["message"], message_of(release, event, self.watches.held, self._states)
        return self._held[1]

    def test(self, watch: str) -> Message:
        """Return a message that tells of nothing but how the sources are. Raises KeyError for a watch that isn't."""
        named = self.watches.named(watch)
        if named is None:
            raise KeyError(watch)
        sources: tuple[SourceState, ...] = ()
        with suppress(ReleaseRefused):
            release = self._opened()
            sources = behind(named, self._states, collections_of(release))
        at = now()
        digits = "".join(sign for sign in at if sign.isdigit())
        told = "This is a test; nothing happened."
        return Message(
            f"test-{digits}",
            watch,
            named.title,
            self._number,
            at,
            sources=sources,
            notices=(told,),
            facts={"test": True},
        )

    def _opened(self) -> sqlite3.Connection:
        if self._release is None:
            releases = Releases(self._folder)
            number = named_release(releases)
            if number is None:
                raise NoSuchRelease("There is no release yet, and messages tell of what is published.")
            self._release = open_release(check_release(releases, number))
            self._number = number
            self._states = present_states(self._folder, self._release, now(), self.events)[0]
        return self._release

    def close(self) -> None:
        if self._release is not None:
            self._release.close()
