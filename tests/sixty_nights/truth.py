"""What an archive has to know after each night: worked out from what the servers said, and from nothing else.

It holds no rule of the program's code; it states the promises in its own words: what was told is held, what wasn't is
not, a list that was told whole takes off what it doesn't show, and "gone" is a word with a rule.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tests.sixty_nights.faults import FAULTS, outcome_of
from tests.sixty_nights.inside import LEAST
from tests.sixty_nights.loopback import Said
from tests.sixty_nights.publishers import FIRST_ASKED, LIBRARY, NEWSROOM, Publishers, Thing

Text = tuple[str, int]
Change = tuple[str, str, str]  # day, kind, name


@dataclass(frozen=True)
class Happened:
    """One thing that became of a document: `before` and `after` are the marks of the texts that it is about, "" of
    what lists and servers say."""

    day: str
    kind: str
    name: str
    before: str = ""
    after: str = ""


@dataclass
class Known:
    """What can be known of one thing."""

    texts: list[Text] = field(default_factory=list)
    last: Text = ("", 0)
    listed: bool | None = None  # None: never seen on a list
    absent: list[str] = field(default_factory=list)  # days of 404 or 410 since something last was there
    gone: bool = False
    state: str = ""
    address: str = ""
    happened: list[Happened] = field(default_factory=list)


@dataclass(frozen=True)
class Ran:
    """How a source's night went: whether it gave as much as it gives, whether what it lacks was refused by its servers,
    whether something has to be looked at."""

    good: bool
    refused: bool
    grave: bool


class Truth:
    """All that can be known by now, by the things' names."""

    def __init__(self, publishers: Publishers) -> None:
        self.publishers = publishers
        self.known: dict[str, Known] = defaultdict(Known)
        self.ran: dict[str, Ran] = {}  # tonight
        self.last: dict[str, Ran] = {}
        self.holds: dict[str, tuple[str, ...]] = {}  # what each page attaches, as it last said

    def learn(self, day: str, said: Iterable[Said]) -> None:
        """Take in what was said on one day, in the order in which it was."""
        self.ran = {}
        for source, ones in _by_source(said).items():
            for one in ones:
                self._heard(day, one)
            self._told(day, ones)
            if source == LIBRARY:
                self._listed(day, ones)
            self.ran[source] = Ran(
                self.good(source, ones),
                self._is_refused(source, ones),
                any(one.fault and FAULTS[one.fault].grave for one in ones),
            )
        self.last |= self.ran

    def _told(self, day: str, said: Iterable[Said]) -> None:
        told: dict[str, list[Text]] = defaultdict(list)
        for one in said:
            for name, own in one.page.tells.items() if one.whole and one.page and not one.unchanged else ():
                told[name] += [self._plain(name, text) for text in own]
        for name, texts in told.items():
            known, thing = self.known[name], self.publishers.things[name]
            new = [text for text in dict.fromkeys(texts) if text not in known.texts]
            if new:
                kind = self._kind(thing, known, new[-1])
                known.happened.append(Happened(day, kind, name, known.last[0] if known.texts else "", new[-1][0]))
            known.texts += new
            known.last = texts[-1]

    def _plain(self, name: str, text: Text) -> Text:
        """Return a text as an archive tells it from others: of a page only the words count, of a file its bytes."""
        return text if self.publishers.things[name].kind == "file" else (text[0], 0)

    @staticmethod
    def _kind(thing: Thing, known: Known, text: Text) -> str:
        if not known.texts:
            return "new"
        if thing.kind in ("notice", "award"):
            return "amended"
        return "re-saved" if known.last[0] == text[0] else "replaced"

    def _listed(self, day: str, said: list[Said]) -> None:
        for one in said:
            if one.whole and one.page and one.page.what == "thing" and one.page.lists:
                self.holds[next(iter(one.page.tells))] = one.page.lists
        lists = [one.page for one in said if one.whole and one.page and one.page.what == "list"]
        if not lists:
            return
        shown = set(lists[-1].lists)
        for name in sorted(shown):
            self._list(day, name, shown=True)
        if self.good(LIBRARY, said):
            for name in [name for name, known in self.known.items() if known.listed and name not in self._held_by()]:
                if name not in shown:
                    self._list(day, name, shown=False)

    def _held_by(self) -> set[str]:
        return {file for files in self.holds.values() for file in files}

    def _list(self, day: str, name: str, *, shown: bool) -> None:
        for one in (name, *self.holds.get(name, ())):
            known = self.known[one]
            if known.listed is not None and known.listed != shown:
                known.happened.append(Happened(day, "listed again" if shown else "delisted", one))
            known.listed = shown

    def _heard(self, day: str, one: Said) -> None:
        """Take in what an answer says of its server."""
        name = self._meant(one)
        if not name:
            return
        known = self.known[name]
        if known.texts and known.address not in ("", one.path) and one.whole:
            known.happened.append(Happened(day, "renamed", name))
        known.address = one.path if one.whole or not known.address else known.address
        state = FAULTS[one.fault].state if one.fault else "answers"
        if state == "missing":
            known.absent = [*known.absent, day]
            state = "gone" if self._is_gone(known.absent) else state
        elif state in ("answers", "redirect"):
            known.absent = []
        if state == "gone" and not known.gone:
            known.happened.append(Happened(day, "gone", name))
        elif state == "answers" and known.gone:
            known.happened.append(Happened(day, "back", name))
        known.gone = state == "gone" or (known.gone and state != "answers")
        known.state = state

    def _meant(self, one: Said) -> str:
        if one.source not in (LIBRARY, NEWSROOM) or one.page is None or one.page.what != "thing":
            return ""
        return next(iter(one.page.tells))

    @staticmethod
    def _is_gone(days: list[str]) -> bool:
        lasted = date.fromisoformat(days[-1]) - date.fromisoformat(days[0])
        return len(set(days)) >= 3 and lasted.days >= 7

    @staticmethod
    def good(source: str, said: Iterable[Said]) -> bool:
        """Tell whether a run gave as many documents as one gives at least."""
        given = {(one.path, name) for one in said if one.whole and one.page for name in one.page.tells}
        return len(given) >= LEAST[source]

    @staticmethod
    def _is_refused(source: str, said: Iterable[Said]) -> bool:
        """Tell whether servers refused what is missing: a list, or as many documents."""
        said = list(said)
        refused = [one for one in said if one.fault and FAULTS[one.fault].refuses]
        lists = [one for one in refused if one.page and one.page.what in ("list", "robots")]
        given = {(one.path, name) for one in said if one.whole and one.page for name in one.page.tells}
        return bool(lists) or len(given) + len({one.path for one in refused}) >= LEAST[source]

    def held(self) -> dict[str, Counter[Text]]:
        """Return the texts of each document that an archive has to have."""
        return {name: Counter(known.texts) for name, known in self.known.items() if known.texts}

    def happened(self) -> list[Happened]:
        """Return all that became of those documents."""
        return [one for known in self.known.values() if known.texts for one in known.happened]

    def changes(self) -> Counter[Change]:
        """Return the same, in a form that can be held against what an archive tells."""
        return Counter((one.day, one.kind, one.name) for one in self.happened())

    def listing(self) -> dict[str, str]:
        """Return which documents of the library are on its list, and which were taken off."""
        held = self.held()
        return {
            name: "listed" if known.listed else "delisted"
            for name, known in self.known.items()
            if name in held and known.listed is not None
        }

    def states(self) -> dict[str, str]:
        """Return what the server said last of each document of the library and the newsroom."""
        held = self.held()
        return {name: known.state for name, known in self.known.items() if name in held and known.state}

    def closing(self) -> list[str]:
        """Return the sources that gave too little, and not because their servers refused it: what stands there may be
        another site. Nothing is published on account of them."""
        return [source for source, one in self.last.items() if not one.good and not one.refused]

    def status(self) -> int:
        """Return how a night has to end: 2 where nothing was published, 1 where a person has to look, else 0."""
        return 2 if self.closing() else int(any(one.grave or not one.good for one in self.ran.values()))

    def named(self, said: Iterable[Said]) -> dict[str, set[tuple[str, str]]]:
        """Return how what was said has to be named, by source: outcomes with the paths that they are about."""
        return {source: self._named(source, ones) for source, ones in _by_source(said).items()}

    def _named(self, source: str, said: Iterable[Said]) -> set[tuple[str, str]]:
        faults = [(one, FAULTS[one.fault]) for one in said if one.fault]
        found = {(outcome_of(one.fault, source), fault.at or _named_at(one)) for one, fault in faults}
        return found if self.good(source, said) else {*found, ("below-expected", "")}


def _by_source(said: Iterable[Said]) -> dict[str, list[Said]]:
    found: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        if one.source in FIRST_ASKED:  # others were led to by these
            found[one.source].append(one)
    return found


def _named_at(one: Said) -> str:
    """Return the path at which a fault is named: without robots.txt, what would be asked for first."""
    return FIRST_ASKED[one.source] if one.path == "/robots.txt" else one.path
