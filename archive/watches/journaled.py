"""What the journal says of watches: which began, what was made of each release, what is no news any more.

A line has ids and names only, never a text or an address of a document: what is withdrawn must not live on in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from archive.release.history import ADDRESSES

BEGAN, MADE, NOTED = "watch-began", "message-made", "news-noted"


@dataclass(slots=True)
class Journaled:
    """`began` has the release at which each watch began, `made` the messages of each watch and release, `ill` how the
    sources behind each watch were when it was last told, `hits` what each was told, `runs` and `changes` what is no
    news any more, but for `waiting`, which could not be read yet. `missed` has what was noted while a watch's file
    could not be understood: runs and changes, which are news to that watch still, and the release before them. `given`
    has the release that first had each document and version."""

    began: dict[str, int] = field(default_factory=dict)
    made: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    messages: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    ill: dict[str, dict[str, str]] = field(default_factory=dict)
    hits: dict[str, set[str]] = field(default_factory=dict)
    runs: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    missed: dict[str, tuple[set[str], set[str], int]] = field(default_factory=dict)
    given: dict[str, int] = field(default_factory=dict)
    noted: int | None = None

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> Journaled:
        """Read the journal's events in their order."""
        told = cls()
        for event in events:
            if event["event"] == BEGAN:
                told.began.setdefault(event["watch"], event["release"])
                told.ill[event["watch"]] = dict(event.get("states", {}))
            elif event["event"] == MADE:
                told._take(event)
            elif event["event"] == NOTED:
                told._note(event)
            elif event["event"] == ADDRESSES:
                for one in event["ids"]:
                    told.given.setdefault(one, event["release"])
        return told

    def knows(self, document: str) -> bool:
        """Tell whether a document stood in a release that was noted: an older copy of it that is handed in later makes
        it no new one."""
        return self.given.get(document, 1 << 62) <= (self.noted or 0)

    def of_watch(self, watch: str) -> Journaled:
        """Return what is no news any more to one watch."""
        if watch not in self.missed:
            return self
        runs, changes, before = self.missed[watch]
        return replace(self, runs=self.runs - runs, changes=self.changes - changes, noted=before)

    def _note(self, event: Mapping[str, Any]) -> None:
        runs, changes, last = set(event["runs"]), set(event["changes"]), self.noted or 0
        self.noted = max(self.noted or 0, event["release"])
        self.runs |= runs
        self.changes |= changes
        self.waiting = set(event.get("waiting", ()))
        before = {watch: self.missed.get(watch, (set(), set(), last)) for watch in event.get("missed", ())}
        self.missed = {watch: (held | runs, also | changes, since) for watch, (held, also, since) in before.items()}

    def _take(self, event: Mapping[str, Any]) -> None:
        self.messages[event["message"]] = event
        if event.get("hits"):
            self.made.setdefault((event["watch"], event["release"]), set()).add(event["message"])
            self.hits.setdefault(event["watch"], set()).update(event["hits"])
        self.ill[event["watch"]] = dict(event.get("states", {}))
