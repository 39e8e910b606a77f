"""What a watch is, what it found, and the message that tells of it: records shared by matching, feeds and delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a watch's messages go.

    `kind` is "mail", "webhook" or "apprise". `name` is what the journal, the site and the log call it: it never holds
    an address. `address` and `secret` are what the file says: an address, or "env:NAME", which names a variable of
    the environment that is read only when something is sent.
    """

    kind: str
    name: str
    address: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch list, as its file says it.

    `name` is the file's, and the watch's for good; `terms` are words, phrases, identifiers and vendors as written;
    `filters` are a search's (archive/research/filters.py), by name; `kinds` which changes are wanted (all where
    empty); `public` tells whether the site shows it to everybody.
    """

    name: str
    title: str
    terms: tuple[str, ...]
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    destinations: tuple[Destination, ...] = ()
    public: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a term stands: the page as the file counts it (0 for none), its address, the words around it."""

    term: str
    page: int
    address: str
    words: str
    change: str = ""  # "added" or "removed" where it is of what a change put in or took out


@dataclass(frozen=True, slots=True)
class Hit:
    """One change of one document that a watch wants told.

    `id` is the same for good, after a rebuild, with a newer reader and at another address: it is made of the watch's
    name and of the change's id (archive/catalog/changes.py). `difference` is the address of what changed, "" where
    no version was replaced; `more` how many places there are beside `places`.
    """

    id: str
    kind: str
    at: str
    document: str
    title: str
    number: str
    collection: str
    source: str
    address: str
    version: str = ""
    before: str = ""
    difference: str = ""
    summary: str = ""
    places: tuple[Place, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source behind a message is: `health` as in `oversight sources`, and what that means in a sentence."""

    name: str
    title: str
    health: str
    last_good: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Message:
    """What is told to every destination of a watch, once.

    `id` is noted in the journal before anything is sent, and is the same on every try. `hits` are those that are
    shown, `more` how many there are beside them; `sources` how the sources behind the watch are, the ill ones first;
    `notices` are sentences of the archive's own (a gate is closed, something was withdrawn since).
    """

    id: str
    watch: str
    title: str
    release: int
    at: str
    hits: tuple[Hit, ...] = ()
    more: int = 0
    sources: tuple[SourceState, ...] = ()
    notices: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
