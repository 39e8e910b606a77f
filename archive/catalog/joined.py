"""What holds captures together beyond their own words: successions that were found, and corrections by hand.

Plain facts, and how they join and part groups of captures; it knows neither lists nor files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from archive.addresses import url_key
from archive.model import Finding

Key = tuple[str, str]
Order = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Succession:
    """Two captures of one document at two addresses, by id, the later second; why, and how much text they share."""

    capture: str
    other: str
    evidence: str
    score: float


@dataclass(frozen=True, slots=True)
class Correction:
    """What somebody decided: that `one` and `other` are one document, or two (`apart`). Each is an address, or
    "sha256:" and a content's digest."""

    one: str
    other: str
    reason: str
    apart: bool = False

    @property
    def keys(self) -> tuple[str, str]:
        """Both as they are compared."""
        return (place_key(self.one), place_key(self.other))


@dataclass(frozen=True, slots=True)
class Corrections:
    """All of them, in their order; `problems` are what could not be understood."""

    held: tuple[Correction, ...] = ()
    problems: tuple[Finding, ...] = ()

    @property
    def apart(self) -> frozenset[str]:
        """What forms a document of its own."""
        return frozenset(one.keys[0] for one in self.held if one.apart)


def place_key(place: str) -> str:
    """Return an address or a digest as it is compared."""
    return place.lower() if place.lower().startswith("sha256:") else url_key(place)


def merged(
    firsts: Mapping[Key, Order], pairs: Iterable[tuple[Key, Key]], may_join: Callable[[Key, Key], bool]
) -> dict[Key, Key]:
    """Return for each group the one that it becomes part of: one with a number before one without, else the first."""
    parents: dict[Key, Key] = {}

    def root(key: Key) -> Key:
        while parents.get(key, key) != key:
            key = parents[key]
        return key

    for pair in pairs:
        if pair[0] in firsts and pair[1] in firsts and may_join(*pair):
            ends = sorted((root(pair[0]), root(pair[1])), key=lambda key: (key[0] != "number", firsts[key], key))
            parents[ends[1]] = ends[0]
    return {key: root(key) for key in firsts}
