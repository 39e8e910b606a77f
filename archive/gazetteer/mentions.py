"""Where a text names a state, a county or a city of the United States; rather not at all than wrongly.

Washington, Orange, Mobile, Reading, Lincoln and Jackson are cities, and mostly something else. So a city counts where
its state stands beside it; or where it is large, its name is no other place's and no person's, and what follows makes
no newspaper of it; or where a larger city's only fitting state is named near by. A county counts as "X County" only,
with its state told in the same ways. Knows no catalogue.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from archive.gazetteer import telling_words as tell
from archive.gazetteer.names import Gazetteer, Place, key_of

# What finds places, for what is kept of it: another way of finding finds anew.
FINDER = "places-1"
STATED, ALONE, NEAR = "stated", "alone", "near"
# How large a city has to be so that its bare name is believed, and believed with its state near by.
LARGE, LARGER = 300_000, 100_000
# A bare name is believed where all others of that name have a twentieth of its people.
FEWER = 20
# How many letters away from a name its state may stand, and how many words a name has at most.
NEARNESS, LONGEST_NAME = 300, 5

_TOKEN = re.compile(
    r"(?:St|Ft|Mt|Mr|Ms|Mrs|Dr|Sen|Rep|Gov|Prof|Ave|Rd|Blvd)\.|[^\W\d_](?:[\w’'-]{0,40})(?:\.[^\W\d_]){0,3}"
)
_BESIDE = re.compile(r"\s{0,3}[,(]\s{0,3}([A-Za-z][A-Za-z.]{0,14}(?:\s{1,2}[A-Z][A-Za-z.]{1,12}){0,2})")
_ZIP = re.compile(r"[.,)]?\s{0,3}[0-9]{5}\b")
_ABROAD = re.compile(r"\b(?:Tbilisi|Abkhazia|Ossetia|Caucasus|Azerbaijan|Armenia|Ukraine|Moldova|Soviet)\b")
_POSSESSIVE = re.compile(r"[’']s$")
_NAMED_AS_STATE = frozenset({"new york"})


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that a text names: from `start` to `end`, and how sure that is: "stated" (the state stands beside it, or
    it is one), "alone" (there is no other of that name) or "near" (its state is named near by)."""

    place: Place
    start: int
    end: int
    sure: str


@dataclass(frozen=True, slots=True)
class _Word:
    key: str
    start: int
    end: int
    printed: str


@dataclass(frozen=True, slots=True)
class _Name:
    """Some words that are a name in the gazetteer: the first of them, how many, and where they stand."""

    key: str
    at: int
    length: int
    start: int
    end: int


def find_mentions(text: str, held: Gazetteer) -> list[Mention]:
    """Return every place that a text names, in the text's order, none inside another."""
    finder = _Finder(text, [_word(found) for found in _TOKEN.finditer(text)], held)
    finder.walk()
    return sorted([*finder.found, *finder.near()], key=lambda one: one.start)


def _word(found: re.Match[str]) -> _Word:
    key = _POSSESSIVE.sub("", found.group().lower())
    return _Word(key, found.start(), found.start() + len(key), found.group())


class _Finder:
    """Walks along the words of a text; what waits for a state near by is told when all states are known."""

    def __init__(self, text: str, words: list[_Word], held: Gazetteer) -> None:
        self.text, self.words, self.held = text, words, held
        self.found: list[Mention] = []
        self.waiting: list[tuple[tuple[Place, ...], _Name]] = []

    def walk(self) -> None:
        """Take the longest name at each word that begins with a capital."""
        at = 0
        while at < len(self.words):
            at += self._taken(at) if self.words[at].printed[0].isupper() else 1

    def _taken(self, at: int) -> int:
        """Return how many words a name has that begins at a word, 1 where there is none."""
        for length in range(min(LONGEST_NAME, len(self.words) - at), 0, -1):
            name = self._name(at, length)
            if name is None:
                continue
            if counties := self.held.counties.get(name.key):
                self._county(counties, name)
                return length
            if (cities := self.held.cities.get(name.key)) and self._is_city(cities, name):
                return length
            if state := self.held.states.get(name.key):
                self._state(state, name)
                return length
        return 1

    def _name(self, at: int, length: int) -> _Name | None:
        """Return some words as a name, where they have capitals and only blanks stand between them."""
        some = self.words[at : at + length]
        if not all(word.printed[0].isupper() or word.key in {"of", "and", "du"} for word in some):
            return None
        for before, word in itertools.pairwise(some):
            between = self.text[before.start + len(before.printed) : word.start]
            if between.strip() or len(between) > 3:
                return None
        # Within a name its possessive is part of it: Prince George's County.
        keys = [word.printed.lower() for word in some[:-1]] + [some[-1].key]
        return _Name(key_of(" ".join(keys)), at, length, some[0].start, some[-1].end)

    def _county(self, counties: tuple[Place, ...], name: _Name) -> None:
        if self._following(name) in tell.MAKES_ANOTHER:
            return  # The Orange County Register
        beside = self._beside(name)
        fitting = [place for place in counties if place.state == beside]
        if fitting:
            self._add(fitting[0], name, STATED)
        elif len(counties) == 1:
            self._add(counties[0], name, ALONE)
        elif not beside:
            self.waiting.append((counties, name))

    def _is_city(self, cities: tuple[Place, ...], name: _Name) -> bool:
        """Tell whether a name is taken for a city's, or for nothing, and so for no state's either."""
        may_be_state = name.key in self.held.states
        beside = "" if may_be_state and name.key not in {*_NAMED_AS_STATE, "washington"} else self._beside(name)
        fitting = [place for place in cities if place.state == beside]
        if fitting:
            self._add(fitting[0], name, STATED)
        elif not beside and not may_be_state and not self._is_else(name):
            self._bare(cities, name)
        return bool(fitting) or not may_be_state

    def _bare(self, cities: tuple[Place, ...], name: _Name) -> None:
        """Take a city's name without its state beside it."""
        largest = max(cities, key=lambda place: (place.people, place.id))
        others = sum(place.people for place in cities) - largest.people
        if largest.people >= LARGE and others * FEWER <= largest.people:
            self._add(largest, name, ALONE)
        elif larger := tuple(place for place in cities if place.people >= LARGER):
            self.waiting.append((larger, name))

    def _state(self, state: Place, name: _Name) -> None:
        following = self._following(name)
        another = following in tell.MAKES_NO_STATE or self.text[max(name.start - 1, 0) : name.start] == "-"
        if name.key in _NAMED_AS_STATE:  # The New York Times, and the city's police
            another = another or following in tell.MAKES_ANOTHER or following in tell.BODIES_OF_CITIES
        if name.key == "washington":
            another = following != "state" and self._before(name) != "state of"
        if name.key in tell.FIRST_NAMES:
            another = another or not self._says_state(name)
        if not another:
            self._add(state, name, STATED)

    def _says_state(self, name: _Name) -> bool:
        """Tell whether the words around a first name say that it is a state's."""
        if name.key == "georgia" and _ABROAD.search(self.text, max(name.start - NEARNESS, 0), name.end + NEARNESS):
            return False
        if self._following(name) in tell.BODIES_OF_STATES:
            return True
        after = self.text[name.end : name.end + 2]
        goes_on = after[:1] == " " and after[1:].isupper()
        before = self._before(name).rpartition(" ")[2]
        return not goes_on and (before in tell.BEFORE_STATES or self.text[: name.start].rstrip()[-1:] == ",")

    def _is_else(self, name: _Name) -> bool:
        """Tell whether a bare name is a part of another, or may be a person's: then it needs its state."""
        following, before = self._following(name), self._before(name)
        if self._is_capitals(name) or name.key in tell.ALSO_ELSE or following in tell.MAKES_ANOTHER:
            return True
        if name.key in tell.NEED_MORE:
            return following not in tell.BODIES_OF_CITIES and before.rpartition(" ")[2] not in tell.BEFORE_PLACES
        return before in tell.SCHOOLS or self._is_persons(name)

    def _is_persons(self, name: _Name) -> bool:
        """Tell whether the word before, which has a capital amid a sentence, may be a first name or a title."""
        if not name.at or self.text[name.start - 1] != " ":
            return False
        before = self.words[name.at - 1]
        if before.key in tell.TITLES:
            return True
        is_amid = self.text[: before.start].rstrip()[-1:] not in {"", ".", "!", "?", ":", "“", '"'}
        return is_amid and before.printed[0].isupper() and before.key not in tell.NO_FIRST_NAMES

    def near(self) -> Iterator[Mention]:
        """Yield the names that wait for their state, where just one that fits is named near by."""
        for places, name in self.waiting:
            named = {one.place.state for one in self.found
                     if one.start - NEARNESS <= name.end and name.start <= one.end + NEARNESS}  # fmt: skip
            fitting = [place for place in places if place.state in named]
            if len(fitting) == 1:
                yield Mention(fitting[0], name.start, name.end, NEAR)

    def _add(self, place: Place, name: _Name, sure: str) -> None:
        self.found.append(Mention(place, name.start, name.end, sure))

    def _beside(self, name: _Name) -> str:
        """Return the letters of the state that stands behind a name, after a comma or in brackets; "" for none."""
        found = _BESIDE.match(self.text, name.end)
        words = found.group(1).split() if found else []
        for length in range(len(words), 0, -1):
            said = " ".join(words[:length])
            if said[0].isupper() and (state := self.held.states.get(said.lower().rstrip("."))):
                return state.state
        first = words[0] if words else ""
        if code := tell.SHORT.get(first) or tell.SHORT.get(first + "."):
            return code
        letters = first.rstrip(".")
        if len(letters) != 2 or letters not in self.held.letters or found is None:
            return ""
        doubtful = letters in tell.LETTERS_OF_WORDS and self._is_capitals(name)
        return letters if not doubtful or _ZIP.match(self.text, found.start(1) + len(first)) else ""

    def _is_capitals(self, name: _Name) -> bool:
        some = self.words[name.at : name.at + name.length]
        return all(word.printed.isupper() and len(word.printed) > 1 for word in some)

    def _following(self, name: _Name) -> str:
        """Return the word behind a name, where nothing but blanks stands between; its possessive counts for none."""
        at = name.at + name.length
        if at >= len(self.words):
            return ""
        between = self.text[name.end : self.words[at].start]
        return self.words[at].key if not between.strip("’'s \n") else ""

    def _before(self, name: _Name) -> str:
        """Return the two words before a name."""
        return " ".join(word.key for word in self.words[max(name.at - 2, 0) : name.at])
