"""Which entries of lists speak of which content, where an address held one thing after another."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from archive.catalog.evidence import Said, Seen


class Shown:
    """The entries that show an address, by its key, in the order of the captures.

    Of an address that always held one thing every entry speaks of that. Where it held several (a file was replaced in
    place by another document), a capture is spoken of by the entries of its own run, else by the last entry before
    it, else by the first after it.
    """

    def __init__(self, entries: Mapping[str, Sequence[Said]]) -> None:
        self._entries = entries
        self._shared: dict[str, dict[str, list[Said]]] = {}

    def share(self, held: Mapping[Any, Iterable[Seen]]) -> None:
        """Tell apart what stood at an address: each of `held` are the captures of one thing."""
        holders: dict[str, set[Any]] = defaultdict(set)
        for thing, captures in held.items():
            for seen in captures:
                holders[seen.url_key].add(thing)
        self._shared = {}
        for key, things in holders.items():
            if len(things) > 1:
                by_run = self._shared[key] = defaultdict(list)
                for said in self._entries.get(key, ()):
                    by_run[said.seen.run].append(said)

    def of(self, captures: Iterable[Seen]) -> tuple[Said, ...]:
        """Return the entries that speak of what these captures gave, in order, each once."""
        found: dict[int, Said] = {}
        whole = set()
        for seen in captures:
            if seen.url_key in self._shared:
                found.update((id(said), said) for said in self._told(seen))
            else:
                whole.add(seen.url_key)
        for key in sorted(whole):
            found.update((id(said), said) for said in self._entries.get(key, ()))
        return tuple(sorted(found.values(), key=lambda said: (said.seen.order, said.body["url"], said.body["title"])))

    def _told(self, seen: Seen) -> Iterator[Said]:
        entries, by_run = self._entries.get(seen.url_key, ()), self._shared[seen.url_key]
        if seen.run in by_run:
            yield from by_run[seen.run]
        elif entries:
            after = bisect_left(entries, seen.order, key=lambda said: said.seen.order)
            yield entries[max(after - 1, 0)]
