"""Names that versions had before a newer reader read the same bytes otherwise, and what they lead to now.

A version of an article or a page is named by its text. What a name stood for is told by its capture, whatever the text
is taken to be since: so a chain of renames needs no following, and the order in which they came doesn't matter. It
knows neither journal nor catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archive.catalog.describe import version_id
from archive.catalog.identity import Document
from archive.catalog.rows import numbered

EVENT = "version-renamed"
# As many as one line of the journal tells.
MOST_A_LINE = 500
# A file of records is many documents at once: its capture doesn't tell which of them a name stood for.
_RECORDS = ("notice", "award")


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """A version's id, and the capture whose content it names, or named."""

    version: str
    capture: str


@dataclass(frozen=True, slots=True)
class Earlier:
    """What versions were called before: `known` are the names that went, `held` those of a catalogue that is to be
    replaced. `note` is told the names that go now, before any of it is written."""

    known: frozenset[Named] = frozenset()
    held: frozenset[Named] = frozenset()
    note: Callable[[Sequence[Named]], None] = lambda renamed: None


def renamed_in(events: Iterable[Mapping[str, Any]]) -> frozenset[Named]:
    """Return the names that went, as the journal's events `version-renamed` tell them."""
    lines = (event["renamed"] for event in events if event.get("event") == EVENT)
    return frozenset(Named(one["version"], one["capture"]) for line in lines for one in line)


class Present:
    """The versions as they are to be, found by what earlier names stood for."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._documents = list(documents)
        self._ids = {version_id(document, content) for document, content, _ in numbered(self._documents)}

    @cached_property
    def _given(self) -> Mapping[str, set[tuple[str, str, str]]]:
        """By capture the versions that it gave: document, id and digest. On most nights nobody asks."""
        given = defaultdict(set)
        for document, content, _ in numbered(self._documents):
            if document.kind not in _RECORDS:
                one = (document.id, version_id(document, content), content.digest)
                for said in content.said:
                    given[said.seen.id].add(one)
        return given

    def now(self, name: Named) -> tuple[str, str] | None:
        """Return the document and the version that a name leads to; None where it still is one's own, or leads nowhere.

        A version that has the same digest is found by that: its document was renamed, or the name has grown longer.
        """
        document, _, tail = name.version.rpartition("@")
        if name.version in self._ids:
            return None
        given = self._given.get(name.capture, set())
        fitting = [one for one in given if one[0] == document] or list(given)
        if len(fitting) != 1 or fitting[0][2].startswith(tail):
            return None
        return fitting[0][:2]

    def renamed(self, held: Iterable[Named], known: frozenset[Named]) -> list[Named]:
        """Return those of the names held so far that go now, but for those that are known to."""
        return sorted(one for one in set(held) - known if self.now(one))

    def rows(self, names: Iterable[Named]) -> Iterator[dict[str, str]]:
        """Yield the aliases that names have become."""
        for one in sorted(names):
            if now := self.now(one):
                yield {"alias": one.version, "document": now[0], "version": now[1]}
