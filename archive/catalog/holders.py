"""Which document stood at an address when, where an address held one after another."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable

from archive.catalog.evidence import Seen
from archive.catalog.identity import Document, address_keys

Order = tuple[str, str]


class Holders:
    """The documents that were captured at each address, by its key."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = list(documents)
        self._of: dict[str, list[str]] = defaultdict(list)
        for document in documents:
            for key in document.url_keys:
                self._of[key].append(document.id)
        shared = {key for key, held in self._of.items() if len(held) > 1}
        self._captured: dict[str, list[tuple[Order, str, str]]] = {key: [] for key in shared}
        for document in documents:
            if shared & document.url_keys:
                self._note(document)
        for captured in self._captured.values():
            captured.sort()

    def _note(self, document: Document) -> None:
        for said in (said for content in document.contents for said in content.said):
            for key in address_keys(said) & self._captured.keys():
                self._captured[key].append((said.seen.order, said.seen.run, document.id))

    def at(self, key: str, seen: Seen) -> str:
        """Return the document that an entry, seen by `seen`, speaks of where it names the address; "" for none.

        Of an address that held several it is the one that was captured there in the same run, else the last before,
        else the first after.
        """
        held = self._of.get(key, ())
        if len(held) < 2:
            return held[0] if held else ""
        captured = self._captured[key]
        same = [document for _, run, document in captured if run == seen.run]
        if same:
            return same[-1]
        after = bisect_right(captured, seen.order, key=lambda one: one[0])
        return captured[max(after - 1, 0)][2]
