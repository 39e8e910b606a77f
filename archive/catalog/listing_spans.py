"""Since when and until when each document was listed, on the server and unlisted, or taken off its list.

It goes by what lists showed in each walk, and by when documents were captured; whether the server still answers is
another matter (archive/catalog/server_spans.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from archive.addresses import url_key
from archive.catalog.evidence import Evidence, Said, Seen
from archive.catalog.holders import Holders
from archive.catalog.identity import Document
from archive.catalog.listings import Walks
from archive.catalog.span import Look, Span

LISTED, UNLISTED, DELISTED = "listed", "unlisted", "delisted"
_HELD = "held"  # the document itself was captured
# What kind of look is evidence of which state.
_SHOWS = {LISTED: "shown", DELISTED: "off", UNLISTED: _HELD}
# By source, list (the key of its address, or the page that it is) and address, as an entry stands there.
_Where = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Event:
    """One look, by one walk: `what` is "shown" or "off", of the entry `where`; or "held"."""

    seen: Seen
    what: str
    where: _Where = ("", "", "")
    relation: str = ""
    holder: str = ""  # the page that the entry stands on, where the event is about that page's own entry

    @property
    def look(self) -> Look:
        return Look(self.seen.captured_at, self.seen.id, self.seen.run)


class _Entry(NamedTuple):
    relation: str
    current: bool


def listing_spans(documents: Sequence[Document], evidence: Evidence, walks: Walks) -> dict[str, tuple[Span, ...]]:
    """Return the spans of each document by its id, in order; () where nothing is to be said of its listing.

    A file is listed where an index lists it, or where a page that is itself listed, or is an index, shows it as an
    attachment or an earlier version. A page that nothing but another page's text leads to is unlisted. Of feeds and
    data files, which roll on, of lists themselves, of attachments of notices, of what was handed in and of notices
    that somebody else published nothing is said.
    """
    lists = _Lists(documents, evidence, walks)
    rolling = lists.keys | _attached_to_notices(documents)
    spans = {}
    for document in documents:
        shown = lists.entries[document.id]
        only_sorns = bool(shown) and all(said[-1].body["relation"] == "sorn" for said in shown.values())
        without = document.kind not in ("file", "web-page") or not document.url_keys or only_sorns
        spans[document.id] = () if without or document.url_keys & rolling else tuple(lists.spans_of(document))
    return spans


def _attached_to_notices(documents: Iterable[Document]) -> set[str]:
    notices = (content for document in documents if document.kind == "notice" for content in document.contents)
    return {url_key(url) for content in notices for url in content.first.body["attachments"]}


class _Lists:
    """All entries of all lists, by the documents that they speak of."""

    def __init__(self, documents: Sequence[Document], evidence: Evidence, walks: Walks) -> None:
        self.entries: dict[str, dict[_Where, list[Said]]] = {document.id: {} for document in documents}
        self.keys: set[str] = set()  # of the addresses of lists of documents
        self._pages = {key: one for one in documents if one.kind == "web-page" for key in one.url_keys}
        self._by_id = {page.id: page for page in self._pages.values()}
        holders = Holders(documents)
        for said in evidence.of_kind("listed"):
            if said.body["relation"] == "listing":
                self.keys.add(url_key(said.body["index"]))
            url = said.body["url"]
            ends = (evidence.end_at(url, said.seen), url_key(url), evidence.end_of(url))
            if document := next(filter(None, (holders.at(key, said.seen) for key in ends)), ""):
                where = (said.seen.source, self._name(url_key(said.body["index"])), url)
                self.entries[document].setdefault(where, []).append(said)
        walked: dict[tuple[str, str], list[Seen]] = defaultdict(list)
        for (source, key), found in walks.items():
            walked[source, self._name(key)] += found
        self._walks = {where: sorted(found, key=lambda seen: seen.order) for where, found in walked.items()}

    def _name(self, key: str) -> str:
        """Return what a list is called here: one that is a page goes by that, so that it is one list when it moves."""
        return self._pages[key].id if key in self._pages else key

    def spans_of(self, document: Document) -> list[Span]:
        """Return a document's spans."""
        spans: list[Span] = []
        held: dict[str, dict[_Where, _Entry]] = defaultdict(dict)
        walks = _by_walk(self._events(document))
        only_copies = all(_is_copy(walk) for walk in walks)
        for walk in walks:
            for event in walk:
                if event.where[2]:
                    held[event.holder][event.where] = _Entry(event.relation, event.what == "shown")
            state = self._state(held)
            # What others copied doesn't say what was not listed then; where there is nothing else, it has to do.
            says = state != UNLISTED or only_copies or not _is_copy(walk)
            if says and (spans or any(not event.holder for event in walk)):
                _go_on(spans, state, walk)
        if [span.state for span in spans[:2]] == [UNLISTED, LISTED] and not self._looked_before(document, spans[1]):
            spans[:2] = [replace(spans[1], not_before="")]
        return spans

    def _looked_before(self, document: Document, listed: Span) -> bool:
        """Tell whether any of the lists that show a document was walked before it was first seen listed."""
        own = {where: said[0].body["relation"] for where, said in self.entries[document.id].items()}
        pages = [self._holder(where[1], relation) for where, relation in own.items()]
        shown = [where for where, relation in own.items() if relation != "sorn"]
        shown += [where for page in pages if page for where in self.entries[page.id]]
        lists = {where[:2] for where in shown}
        run, since = listed.first.run, listed.since
        walks = (seen for where in lists for seen in self._walks.get(where, ()))
        return any(seen.captured_at < since and seen.run != run for seen in walks)

    def _state(self, held: Mapping[str, Mapping[_Where, _Entry]]) -> str:
        own = held.get("", {})
        states = _direct(own.values())
        for (_, name, _), entry in own.items():
            page = self._holder(name, entry.relation)
            if page is not None:
                state = LISTED if page.url_keys & self.keys else _first(_direct(held.get(page.id, {}).values()))
                states.append(DELISTED if state == LISTED and not entry.current else state)
        return _first(states)

    def _holder(self, name: str, relation: str) -> Document | None:
        return self._by_id.get(name) if relation in ("attachment", "earlier") else None

    def _events(self, document: Document) -> Iterator[_Event]:
        """Yield all that bears on a document's state: its entries, those of pages that it stands on, its captures."""
        for content in document.contents:
            yield from (_Event(said.seen, _HELD) for said in content.said)
        pages = {}
        for where, shown in self.entries[document.id].items():
            yield from self._looks(where, shown)
            for said in shown:
                page = self._holder(where[1], said.body["relation"])
                if page is not None and page.id != document.id:
                    pages[page.id] = page
        for name in pages:
            for where, shown in self.entries[name].items():
                if any(said.body["relation"] == "listing" for said in shown):
                    yield from (replace(event, holder=name) for event in self._looks(where, shown))

    def _looks(self, where: _Where, shown: Sequence[Said]) -> Iterator[_Event]:
        """Yield the looks at one entry, of those that say the same one after another the first and the last."""
        walked, first = {said.seen.walk for said in shown}, shown[0].seen.order
        looks = [_Event(said.seen, "shown", where, said.body["relation"]) for said in shown]
        for seen in self._walks.get(where[:2], ()):
            if seen.walk not in walked and seen.order > first:
                looks.append(_Event(seen, "off", where))
        looks.sort(key=lambda event: event.seen.order)
        relation = ""
        for place, event in enumerate(looks):
            relation = event.relation or relation
            around = [other.what for other in looks[max(place - 1, 0) : place + 2]]
            if len(set(around)) > 1 or place in (0, len(looks) - 1):
                yield replace(event, relation=relation)


def _by_walk(events: Iterable[_Event]) -> list[list[_Event]]:
    """Put together what one walk saw: what stands on its last page is no later news than what stands on its first."""
    walks: dict[str, list[_Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: event.seen.order):
        walks[event.seen.walk].append(event)
    return sorted(walks.values(), key=lambda walk: walk[-1].seen.order)


def _is_copy(walk: Sequence[_Event]) -> bool:
    return all(event.seen.original_at for event in walk)


def _direct(entries: Iterable[_Entry]) -> list[str]:
    return [LISTED if entry.current else DELISTED for entry in entries if entry.relation == "listing"]


def _first(states: Sequence[str]) -> str:
    return next((state for state in (LISTED, DELISTED) if state in states), UNLISTED)


def _go_on(spans: list[Span], state: str, walk: Sequence[_Event]) -> None:
    """Lengthen the last span by what a walk saw, or begin a new one."""
    shows = [event for event in walk if event.what == _SHOWS[state]]
    if state == DELISTED:  # what its own list shows says more than what that of its page does
        shows = [event for event in shows if not event.holder] or shows
    looks = [event.look for event in shows]
    if spans and spans[-1].state == state:
        if looks:
            last = max(spans[-1].last, looks[-1])
            spans[-1] = replace(spans[-1], last=last, looks=spans[-1].looks + 1)
    else:
        found = looks or [event.look for event in walk]
        spans.append(Span(state, found[0], found[-1], spans[-1].until if spans else ""))
