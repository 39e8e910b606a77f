"""What came with a release and was told to nobody yet, and the messages made of it: lines of the journal.

What is news hangs on runs and ids that the journal names, never on what was built when: a rebuild, a restore, a newer
reader and a crawl of everything once more have nothing new to tell. All of it is made of the release's own file, so
that who is killed in between makes the same messages again, and those that are made are not made twice.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archive.catalog.changes import NEW
from archive.catalog.runs import UNFINISHED
from archive.folder import CATALOGUE
from archive.model import Finding
from archive.release.folder import Releases
from archive.research.changes import changes_named, has_changes
from archive.research.rows import Row, select
from archive.store.journal import Journal
from archive.watches.hits import Finder, hit_id
from archive.watches.journaled import BEGAN, MADE, NOTED, Journaled
from archive.watches.model import SourceState, Watch
from archive.watches.source_states import behind, collections_of, ill_of, states_of
from archive.watches.watch_file import read_watches

# Of more hits a message names the first, and says how many more there are.
MOST_HITS = 200
# Changes that are looked up at a time.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: the watches that there are, those that began, the messages made (their journal's lines), and
    what is wrong with the files. `release` is the one that was looked at, None where there is none."""

    watches: tuple[Watch, ...] = ()
    began: tuple[str, ...] = ()
    messages: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    release: int | None = None
    hits: Mapping[str, int] = field(default_factory=dict)


def make_messages(folder: Path, at: str) -> Made:
    """Make the messages of the release that is served, and of sources whose state changed; say it in the journal.

    The caller holds the folder's lock. `at` is the instant. What is wrong with a watch's file is among the problems,
    and stops no other watch. Raises what stops a writer: JournalDamaged, StoreFull, StoreFailed, sqlite3.Error, OSError
    or ValueError for a release that can't be read.
    """
    watches = read_watches(folder)
    releases = Releases(folder)
    number = releases.current()
    if number is None:
        return Made(watches.held, problems=watches.problems)
    with closing(Journal(folder)) as journal, closing(releases.open(number)) as release:
        events = journal.read()
        told = Journaled.of(events)
        making = _Making(journal, told, release, number, at, watches.unclear(told.began))
        states, collections = present_states(folder, release, at, events)
        if making.told.noted is None or number > making.told.noted:
            making.tell_news(watches.held)
        making.tell_states(watches.held, states, collections)
        making.note()
    return Made(
        watches.held, tuple(making.began), tuple(making.made), watches.problems, tuple(making.notes), number,
        making.counts,
    )  # fmt: skip


def begin_new(folder: Path, at: str) -> tuple[str, ...]:
    """Have the watches that are new begin at the release that was told last, else at that which is served; return their
    names.

    Done before a night's release is built, so that they are told what that one brings, and which of their sources are
    blind by then. The caller holds the lock; raises as `make_messages` does.
    """
    number, watches = Releases(folder).current(), read_watches(folder).held
    if number is None or not watches:
        return ()
    with closing(Journal(folder)) as journal, closing(Releases(folder).open(number)) as release:
        making = _Making(journal, Journaled.of(journal.read()), release, number, at)
        for name in [watch.name for watch in watches if watch.name not in making.told.began]:
            noted = making.told.noted
            journal.append(BEGAN, watch=name, release=number if noted is None else noted, at=at, states={})
            making.began.append(name)
        if making.told.noted is None:
            making.note()
    return tuple(making.began)


def present_states(
    folder: Path, release: sqlite3.Connection, at: str, events: Sequence[Mapping[str, Any]]
) -> tuple[tuple[SourceState, ...], dict[str, str]]:
    """Return how the sources are by the working catalogue, else by the release."""
    path = folder / CATALOGUE
    if not path.exists():
        return states_of(release, at[:10], events), collections_of(release)
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as catalogue:
        return states_of(catalogue, at[:10], events), collections_of(catalogue)


class _Making:
    """One call: what the journal had, and what it is told now."""

    def __init__(
        self,
        journal: Journal,
        told: Journaled,
        release: sqlite3.Connection,
        number: int,
        at: str,
        unclear: Collection[str] = (),
    ) -> None:
        self.unclear = unclear
        self.journal, self.told, self.release, self.number, self.at = journal, told, release, number, at
        self.began: list[str] = []
        self.made: list[Mapping[str, Any]] = []
        self.notes: list[str] = []
        self.counts: dict[str, int] = {}
        self._pending: dict[str, list[str]] = {}
        self._destinations: dict[str, list[str]] = {}

    def tell_news(self, watches: Sequence[Watch]) -> None:
        """Find what each watch that began before is to be told; nothing where nothing was ever noted."""
        if self.told.noted is None:
            return
        asking = [
            watch for watch in watches
            if self.told.began.get(watch.name, self.number) < self.number
            and (watch.name, self.number) not in self.told.made
        ]  # fmt: skip
        as_all = [watch for watch in asking if watch.name not in self.told.missed]
        if as_all:
            self._find(as_all, self.told)
        for watch in asking:  # what came while its file could not be understood is news to it still
            if watch.name in self.told.missed:
                self._find([watch], self.told.of_watch(watch.name))

    def _find(self, watches: Sequence[Watch], told: Journaled) -> None:
        found, notes = hits_among(self.release, watches, news_of(self.release, told))
        self._pending |= {
            name: [one for one in changes if hit_id(name, one) not in self.told.hits.get(name, ())]
            for name, changes in found.items()
        }
        self.notes += notes

    def tell_states(
        self, watches: Sequence[Watch], states: Sequence[SourceState], collections: Mapping[str, str]
    ) -> None:
        """Make the messages: with what was found, or because sources went blind or see again."""
        # Whom a message is for is said when it is made: who is added to the file later is told nothing old.
        self._destinations = {watch.name: [one.name for one in watch.destinations] for watch in watches}
        for watch in watches:
            ill = ill_of(behind(watch, states, collections))
            changes = self._pending.get(watch.name, [])
            self.counts[watch.name] = len(changes)
            if watch.name not in self.told.began:
                self.journal.append(BEGAN, watch=watch.name, release=self.number, at=self.at, states=ill)
                self.began.append(watch.name)
            elif changes or ill.keys() != self.told.ill.get(watch.name, {}).keys():
                self._make(watch.name, changes, ill)

    def _make(self, watch: str, changes: Sequence[str], ill: Mapping[str, str]) -> None:
        hits = [hit_id(watch, change) for change in changes]
        event = {
            "message": self._message_id(watch, hits, ill),
            "watch": watch,
            "release": self.number,
            "at": self.at,
            "hits": hits[:MOST_HITS],
            "changes": list(changes[:MOST_HITS]),
            "to": self._destinations.get(watch, []),
            "more": max(len(hits) - MOST_HITS, 0),
            "states": dict(ill),
        }
        if event["message"] not in self.told.messages:
            self.journal.append(MADE, **event)
            self.made.append({"event": MADE, **event})

    def _message_id(self, watch: str, hits: Sequence[str], ill: Mapping[str, str]) -> str:
        """Return what a message is called, the same when it is made again. Of how sources are it is the place among
        such messages of its watch that tells them apart, since a source can go blind twice."""
        before = sum(one["watch"] == watch for one in self.told.messages.values())
        of = [watch, self.number, *hits] if hits else [watch, self.number, before, *sorted(ill.items())]
        return hashlib.sha256(json.dumps(["message", *of]).encode()).hexdigest()[:32]

    def note(self) -> None:
        """Say what is no news any more: once for a release, after all its messages."""
        if self.told.noted is not None and self.number <= self.told.noted:
            return
        ended, open_ids, waiting = noted_of(self.release)
        # What could not be read when an archive began to tell is none that anybody waits for.
        waiting &= self.told.waiting | set(news_of(self.release, self.told)) if self.told.noted is not None else set()
        self.journal.append(
            NOTED,
            release=self.number,
            at=self.at,
            runs=sorted(ended - self.told.runs),
            changes=sorted(open_ids - self.told.changes),
            waiting=sorted(waiting),
            **({"missed": sorted(self.unclear)} if self.unclear else {}),
        )


def news_of(release: sqlite3.Connection, told: Journaled) -> list[str]:
    """Return the ids of the changes of a release that are news, the newest first."""
    news = []
    for row in _changes(release):
        is_old = row["run"] in told.runs or row["id"] in told.changes
        is_old |= row["kind"] == NEW and told.knows(row["document"])
        if not is_old or row["id"] in told.waiting - _waiting(row):
            news.append(row["id"])
    return news


def noted_of(release: sqlite3.Connection) -> tuple[set[str], set[str], set[str]]:
    """Return what is to be noted of a release: the runs that are at their end, the ids of changes of all others, and
    those of changes whose version couldn't be read yet."""
    ended = ended_runs(release)
    rows = _changes(release)
    still = {row["id"] for row in rows if row["run"] not in ended}
    return ended, still, {one for row in rows for one in _waiting(row)}


def ended_runs(release: sqlite3.Connection) -> set[str]:
    """Return the runs that nothing is added to any more: they came to their end, or their source's next run began."""
    rows = select(release, "SELECT id, source, started, status FROM runs ORDER BY started, id")
    latest = {row["source"]: row["id"] for row in rows}
    return {row["id"] for row in rows if row["status"] not in UNFINISHED or latest[row["source"]] != row["id"]}


# What became of a version that is read again, by another night or when there is OCR.
_UNREAD = ("no-text-layer", "garbled-text", "reader-timeout", "reader-memory", "reader-crashed", "page-failed", "")


def _waiting(row: Row) -> set[str]:
    return {row["id"]} if row["version"] and row["outcome"] in _UNREAD else set()


def _changes(release: sqlite3.Connection) -> list[Row]:
    """Return every change with its run: that of its capture, else of the look that a list or a server got."""
    if not has_changes(release):
        return []
    return select(
        release,
        "SELECT c.id, c.at, c.kind, c.document, c.version, v.outcome, coalesce(p.run,"
        " (SELECT first_run FROM server_spans AS s WHERE s.document = c.document AND s.since = c.at LIMIT 1),"
        " (SELECT first_run FROM listing_spans AS l WHERE l.document = c.document AND l.since = c.at LIMIT 1),"
        " w.run, '') AS run FROM changes AS c LEFT JOIN captures AS p ON p.id = c.capture"
        " LEFT JOIN versions AS v ON v.id = c.version LEFT JOIN captures AS w ON w.id = v.capture"
        " ORDER BY c.at DESC, c.id DESC",
    )


def hits_among(
    release: sqlite3.Connection, watches: Sequence[Watch], changes: Iterable[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return, by watch, those of some changes that it is told, in their order; and what is to be said of filters."""
    finder = Finder(release, watches)
    found: dict[str, list[str]] = {}
    wanted = list(changes)
    for first in range(0, len(wanted), BATCH):
        part = wanted[first : first + BATCH]
        held = changes_named(release, part)
        for change in (held[one] for one in part if one in held):
            for name in finder.watches_told(change):
                found.setdefault(name, []).append(change["id"])
    return found, [f"{name}: {note}" for name, notes in finder.notes.items() for note in notes]
