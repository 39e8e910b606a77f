"""Who wants to be told of what: watch files as an operator writes them, and what each of them has to be told when.

What is told comes with a release that is new since the last time, once; what became of something while it was withdrawn
is never told. While sources can't be seen a message says so, once when it begins and once when it ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.sixty_nights.publishers import AWARDS, LIBRARY, NOTICES, Publishers
from tests.sixty_nights.truth import Happened

KINDS = ("new", "replaced", "amended", "moved", "renamed", "listed", "listed again", "unlisted", "delisted", "gone",
         "back")  # fmt: skip
ARCHIVE = "archive"


@dataclass(frozen=True)
class Wish:
    """One watch: `words` are its terms, `source` the only source that it is about, `kinds` the only changes; it is
    there from night `first` on."""

    name: str
    words: tuple[str, ...] = ()
    source: str = ""
    kinds: tuple[str, ...] = ()
    first: int = 0

    def written(self, send: str) -> str:
        """Return the file; `send` are its tables of where to send."""
        lines = [f'title = "What {self.name} wants"', "public = true"]
        if self.words:
            lines.append('terms = """\n# marks\n' + "\n".join(self.words) + '\n"""')
        if self.kinds:
            lines.append(f"kinds = [{', '.join(map(_quoted, self.kinds))}]")
        if self.source:
            lines.append(f"[filters]\nsource = {_quoted(self.source)}")
        return "\n".join([*lines, send, ""])

    def wants(self, one: Happened, source: str, now: str) -> bool:
        """Tell whether it has to be told of something; `now` is the mark of the text that the document has."""
        if (self.source and source != self.source) or one.kind not in (self.kinds or KINDS):
            return False
        if not self.words:
            return True
        looked_at = {one.before, one.after} if one.kind == "replaced" else {one.after or now, now}
        return bool(looked_at & set(self.words))


def _quoted(text: str) -> str:
    return f'"{text}"'


def wishes(publishers: Publishers, nights: int) -> list[Wish]:
    """Return the watches of a run: two from the beginning, one that comes later; the second is changed half way."""
    things = [one for one in publishers.of(LIBRARY) if one.kind == "file"][:5]
    words = tuple(f"q{one.name}xbew" for one in things)
    return [
        Wish("all-of-it", kinds=KINDS),
        Wish("texts", words=words),
        Wish("texts", words=(*words, *(word.replace("xbew", "xbiw") for word in words)), first=nights // 2),
        Wish("contracts", source=AWARDS, first=2),
        Wish("notices", source=NOTICES, kinds=("amended",), first=nights // 3),
    ]


@dataclass
class Wanted:
    """One message that has to come: what it tells, and which sources it says can't be seen."""

    watch: str
    told: frozenset[tuple[str, str, str]]
    ill: frozenset[str]


@dataclass
class Telling:
    """What was told by now. `noted` is the release up to which nothing is news, `old` what became news before it."""

    publishers: Publishers
    noted: int | None = None
    old: set[Happened] = field(default_factory=set)
    began: dict[str, int] = field(default_factory=dict)
    ill: dict[str, frozenset[str]] = field(default_factory=dict)

    def night(
        self, watches: Mapping[str, Wish], number: int, happened: list[Happened], held_back: set[str],
        ill: frozenset[str], now: Mapping[str, str],
    ) -> list[Wanted]:  # fmt: skip
        """Return the messages that a night has to make. `happened` is all that the release with this `number` is about,
        less what is `held_back`; `ill` are the sources that couldn't be seen, `now` the marks of documents' texts."""
        news: list[Happened] = []
        is_first = self.noted is None
        is_new = self.noted is None or number > self.noted
        if is_new:
            news = [one for one in happened if one not in self.old and one.name not in held_back]
            news = [] if self.noted is None else news
        wanted = []
        for watch in watches.values():
            own = frozenset(one for one in ill if one == ARCHIVE or watch.source in ("", one))
            told = [one for one in news if watch.wants(one, self._source(one), now.get(one.name, ""))]
            if watch.name not in self.began:
                self.began[watch.name] = number
                self.ill[watch.name] = own if is_first else frozenset()  # it begins before what a night brings
                if is_first:
                    continue
            if told or own != self.ill[watch.name]:
                wanted.append(Wanted(watch.name, frozenset((one.day, one.kind, one.name) for one in told), own))
                self.ill[watch.name] = own
        if is_new:
            self.noted = number
            self.old |= set(happened)
        return wanted

    def _source(self, one: Happened) -> str:
        return self.publishers.things[one.name].source
