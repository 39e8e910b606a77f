"""Holds what an archive says after a night against the truth: catalogue, release, feeds, reports, statuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from datasette.app import Datasette

from archive.release.folder import Releases
from archive.store.journal import Journal
from tests.asking_the_site import get
from tests.served_releases import site_of
from tests.sixty_nights.delivered import told_in, wrongly_delivered, wrongly_mailed
from tests.sixty_nights.held import Held, ask, name_in, wanted_texts
from tests.sixty_nights.playing import Command, Play
from tests.sixty_nights.truth import Change, Happened, Text
from tests.sixty_nights.watching import ARCHIVE, Telling

# Of a night: also what it went on with.
RUNS = "SELECT id FROM runs WHERE night = ?1 OR substr(finished, 1, 10) = ?1"
ATOM = "{http://www.w3.org/2005/Atom}"


def differing(what: str, archive: Mapping[Any, Any], truth: Mapping[Any, Any]) -> Iterator[str]:
    """Yield each key under which two tellings differ."""
    for key in sorted(archive.keys() | truth.keys(), key=str):
        if archive.get(key) != truth.get(key):
            yield f"{what} {key}: {archive.get(key)}, and was {truth.get(key)}"


@dataclass
class Published:
    """What the release that is served has to hold, and which release that is."""

    number: int = 0
    held: dict[str, Counter[Text]] = field(default_factory=dict)
    changes: Counter[Change] = field(default_factory=Counter)
    out: set[str] = field(default_factory=set)  # what was withdrawn since, or is
    happened: list[Happened] = field(default_factory=list)
    held_back: set[str] = field(default_factory=set)  # what was withdrawn when it was built


class Checks:
    """The checks of all nights; `compared` counts what was compared, by kind, and `wrong` tells what was not so."""

    def __init__(self, play: Play) -> None:
        self.play, self.truth = play, play.truth
        play.published = self.took
        self.published = Published()
        self.compared: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.telling = Telling(play.web.publishers)
        self.made: dict[str, Mapping[str, Any]] = {}
        self.wants: dict[str, tuple[frozenset[Change], frozenset[str]]] = {}
        self.entries: dict[str, tuple[str, str, str]] = {}

    def night(self, done: Command) -> None:
        """Look at all that a night has left."""
        archive = self.play.archive
        self.catalogue(archive / "archive.db")
        self.report(done, archive / "archive.db")
        self.served()
        self.messages()
        self.delivery()

    def messages(self) -> None:
        """The messages that a night made: what each tells, and of which sources it says that they can't be seen."""
        made = self._made()
        ran = {source for source, one in self.truth.last.items() if one.grave or not one.good}
        ill = frozenset(ran | ({ARCHIVE} if self.truth.closing() else set()))
        now = {name: known.last[0] for name, known in self.truth.known.items()}
        one = self.published
        wanted = self.telling.night(self.play.watches, one.number, one.happened, one.held_back, ill, now)
        changes = Held(self.play.archive / "archive.db", self.play.web.publishers.names).change_of()
        told: dict[str, Any] = {
            str(event["watch"]): (
                frozenset(changes.get(name, ("?", name, "")) for name in event["changes"]),
                frozenset(event["states"]),
            )
            for event in made
        }
        self._differ("messages", told, {one.watch: (one.told, one.ill) for one in wanted})
        self.wants |= {event["message"]: told[event["watch"]] for event in made}
        self._differ("messages twice", Counter(event["watch"] for event in made), dict.fromkeys(told, 1))

    def delivery(self) -> None:
        """What those who are told of something were told."""
        play, told = self.play, self.play.web.told
        again = sum(one == "killed before message-sent" for one in play.befell)
        wrong = list(wrongly_delivered(self.made, told, again, deaf=play.night.deaf))
        if play.post is not None:
            wrong += wrongly_mailed(play.post, told, again, deaf=play.night.deaf)
        self.wrong += [f"{play.night.day} delivery {one}" for one in wrong]
        self.compared["delivery"] += len(told)
        for one in told:
            if one.night == play.night.number and one.message in self.wants:
                hits, ill = told_in(one.body, play.web.publishers.names)
                wanted, _ = self.wants[one.message]
                now = self.telling.ill[one.watch]
                self._differ("delivered", {one.watch: (hits, ill)}, {one.watch: (self._still(wanted), now)})

    def _still(self, wanted: frozenset[Change]) -> frozenset[Change]:
        """What of a message is published now: it is written when it is sent."""
        return frozenset(one for one in wanted if one[2] not in self.published.out)

    def _made(self) -> list[dict[str, Any]]:
        """Return the messages that were made since this was asked last."""
        lines = [event for event in Journal(self.play.archive).read() if event["event"] == "message-made"]
        new = [dict(event) for event in lines if event["message"] not in self.made]
        self.made |= {str(event["message"]): event for event in new}
        return new

    def served(self) -> None:
        """Look at the release that is served, and at the feeds."""
        releases = Releases(self.play.archive)
        number = releases.current()
        self._differ("release", {"number": number}, {"number": self.published.number})
        if number is not None:
            self.release(releases.database(number))
            self.feeds(site_of(releases))

    def took(self, done: Command) -> None:
        """Take note of what a command beside the night's own has published."""
        if number := done.report.get("release" if done.arguments[0] == "withdraw" else "number"):
            self._now(number)
        self.published.out |= self.play.withdrawn.keys()

    def _now(self, number: int) -> None:
        out = set(self.play.withdrawn)
        told = self.truth
        self.published = Published(number, told.held(), told.changes(), out, told.happened(), set(out))

    def _differ(self, what: str, archive: Mapping[Any, Any], truth: Mapping[Any, Any]) -> None:
        self.compared[what] += len(archive.keys() | truth.keys())
        day = self.play.night.day
        self.wrong += [f"{day} {one}" for one in differing(what, archive, truth)]

    def catalogue(self, database: Path) -> None:
        """Documents, versions, what lists and servers say, and what became of each."""
        held = Held(database, self.play.web.publishers.names)
        self._differ("texts", held.texts(), wanted_texts(self.truth.held()))
        self._differ("changes", held.changes(), self.truth.changes())
        self._differ("listing", held.listing(), self.truth.listing())
        self._differ("server", held.states(), self.truth.states())

    def report(self, done: Command, database: Path) -> None:
        """How what went wrong is named, what the report counts, and the exit status."""
        night, told = self.play.night, done.report
        runs = [row[0] for row in ask(database, RUNS, night.day)]
        held = Held(database, self.play.web.publishers.names)
        self._differ("outcomes", held.named(runs), self.truth.named(self.play.heard))
        release = told.get("release") or {}
        before, number = self.published.number, Releases(self.play.archive).current() or 0
        if number > before:  # built by this command, or by one that was killed after it had built it
            self._now(number)
        wanted = self.truth.status()
        self._differ(
            "status", {"exit": done.ended.status, "told": told.get("status")}, {"exit": wanted, "told": wanted}
        )
        new = {"new": number > before, "gates": {one["gate"] for one in release.get("closed", ())}}
        closed = {"counts"} if self.truth.closing() else set()
        self._differ("published", new, {"new": not closed, "gates": closed})

    def release(self, database: Path) -> None:
        """The release that is served: the last that was good, less what was withdrawn."""
        held = Held(database, self.play.web.publishers.names)
        out = self.published.out
        wanted = wanted_texts({name: texts for name, texts in self.published.held.items() if name not in out})
        self._differ("released", _without_excerpts(held.texts(), self.play), _without_excerpts(wanted, self.play))
        self._differ("told", held.changes(), self._told())

    def _told(self) -> Counter[Change]:
        return Counter({one: n for one, n in self.published.changes.items() if one[2] not in self.published.out})

    def feeds(self, site: Datasette) -> None:
        """The feed of changes, page after page; and searches for what is published, and for what was withdrawn."""
        found: Counter[Change] = Counter()
        path = "/changes.atom?cosmetic=1"
        while path:
            answer = get(site, path)
            assert answer.status_code == 200, answer.text
            feed = ElementTree.fromstring(answer.content)
            for entry in filter(_is_of_a_document, feed.iter(f"{ATOM}entry")):
                change = self._change_of(entry)
                found[change] += 1
                self._is_steady(str(entry.findtext(f"{ATOM}id")), change)
            path = next((one.get("href", "") for one in feed.iter(f"{ATOM}link") if one.get("rel") == "next"), "")
        self._differ("feed", found, self._told())
        self._searches(site)

    def _change_of(self, entry: ElementTree.Element) -> Change:
        title, category = entry.findtext(f"{ATOM}title") or "", entry.find(f"{ATOM}category")
        assert category is not None
        name = name_in(title, self.play.web.publishers.names)
        return (str(entry.findtext(f"{ATOM}updated"))[:10], category.get("term", ""), name)

    def _is_steady(self, name: str, change: Change) -> None:
        """An entry's id, and when it was, are for good."""
        if self.entries.setdefault(name, change) != change:
            self.wrong.append(f"{self.play.night.day} feed: {name} was {self.entries[name]} and is {change}")

    def _searches(self, site: Datasette) -> None:
        things = self.play.web.publishers.things
        asked = [name for name, texts in self.published.held.items() if things[name].kind in ("page", "file")]
        asked = [*self.play.chance.sample(sorted(asked), min(2, len(asked))), *sorted(self.published.out)]
        found, wanted = {}, {}
        for name in asked:
            text = [*self.published.held.get(name, {("", 0): 1})][-1][0]
            answer = get(site, f"/search.atom?{urlencode({'q': text})}")
            entries = ElementTree.fromstring(answer.content).iter(f"{ATOM}entry")
            found[name] = sum(map(_is_of_a_document, entries)) if text else 0
            wanted[name] = int(name not in self.published.out and bool(text))
        self._differ("search", found, wanted)


def _is_of_a_document(entry: ElementTree.Element) -> bool:
    """Tell an entry on a document from one that says how a source is: that goes by the day on which it is asked."""
    category = entry.find(f"{ATOM}category")
    return category is None or category.get("term") != "source"


def _without_excerpts(texts: Mapping[str, Counter[str]], play: Play) -> dict[str, Counter[str]]:
    """Of an article a release has some words, of which the mark need not be one: how many versions there are counts."""
    things = play.web.publishers.things
    return {
        name: Counter({"": sum(found.values())}) if name in things and things[name].kind == "article" else found
        for name, found in texts.items()
    }
