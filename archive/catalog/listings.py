"""Where documents are listed, since when and until when; and what that makes of each: listed, unlisted, delisted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.addresses import url_key
from archive.catalog.evidence import Evidence, Said
from archive.catalog.identity import Document

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One address on one list: `current` where the latest whole walk of that list still showed it."""

    source: str
    list: str
    url: str
    key: str
    relation: str
    title: str
    first_seen: str
    last_seen: str
    current: bool


def entries_of(evidence: Evidence, failed: Collection[str] = ()) -> tuple[Entry, ...]:
    """Return every entry of every list, sorted. Walks of runs in `failed` take nothing off a list."""
    last_walk = _last_walks(evidence, failed)
    shown: dict[tuple[str, str, str], list[Said]] = defaultdict(list)
    for said in evidence.of_kind("listed"):
        shown[(said.seen.source, said.body["index"], said.body["url"])].append(said)
    return tuple(_entry(evidence, last_walk, shown[where]) for where in sorted(shown))


def _entry(evidence: Evidence, last_walk: Mapping[tuple[str, str], tuple[str, str]], shown: list[Said]) -> Entry:
    latest = shown[-1]
    where = (latest.seen.source, url_key(latest.body["index"]))
    walked_at, walked_in = last_walk.get(where, ("", ""))
    gone = bool(walked_in) and latest.seen.walk != walked_in and walked_at > latest.seen.captured_at
    return Entry(
        source=latest.seen.source,
        list=latest.body["index"],
        url=latest.body["url"],
        key=evidence.end_of(latest.body["url"]),
        relation=latest.body["relation"],
        title=latest.body["title"],
        first_seen=shown[0].seen.captured_at,
        last_seen=latest.seen.captured_at,
        current=not gone,
    )


def _last_walks(evidence: Evidence, failed: Collection[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Return for each list when, and in which walk (a run, mostly), it was last walked as a whole.

    A list was walked where its last page was reached and no page before that was left out (somebody may ask for the
    last page alone). A page that lists its own attachments was walked whenever it was captured. A walk that found no
    row at all says nothing of what isn't listed any more: so look pages that were redesigned, or came empty.
    """
    walks: dict[tuple[str, str], tuple[str, str]] = {}
    pages: dict[tuple[str, str, str], dict[int, int]] = defaultdict(dict)
    lists = {said.seen.id for said in evidence.of_kind("index")}
    for said in evidence.said:
        if said.kind == "index":
            where = (said.seen.source, url_key(said.body["index"]))
            shown = pages[(*where, said.seen.walk)]
            shown[said.body["page"]] = said.body["rows"]
            whole = said.body["last"] and set(range(said.body["page"])) <= shown.keys() and any(shown.values())
        else:
            where = (said.seen.source, said.seen.url_key)
            whole = said.kind == "web-page" and said.seen.id not in lists
        if whole and said.seen.run not in failed:
            walks[where] = max(walks.get(where, ("", "")), (said.seen.captured_at, said.seen.walk))
    return walks


def states_of(documents: tuple[Document, ...], entries: tuple[Entry, ...]) -> dict[str, str]:
    """Return each document's listing state by its id: "listed", "delisted", "unlisted", or "" where none applies.

    A file is listed where an index lists it, or where a page that is itself listed, or is an index, shows it as an
    attachment or an earlier version. A page that nothing but another page's text leads to is unlisted. Server state
    is another matter, and kept with the captures.
    """
    by_key = defaultdict(list)
    for entry in entries:
        by_key[entry.key].append(entry)
    pages = {key: document for document in documents if document.kind == "web-page" for key in document.url_keys}
    lists = {url_key(entry.list) for entry in entries if entry.relation == "listing"}
    rolling = lists | _attached_to_notices(documents)
    page_states = {
        document.id: "listed" if document.url_keys & lists else _state(_direct(document, by_key))
        for document in documents
        if document.kind == "web-page"
    }

    def inherited(document: Document) -> Iterator[str]:
        for key in document.url_keys:
            for entry in by_key[key]:
                holder = pages.get(url_key(entry.list))
                if entry.relation in ("attachment", "earlier") and holder is not None:
                    state = page_states[holder.id]
                    yield "delisted" if state == "listed" and not entry.current else state

    states = {}
    for document in documents:
        shown = [entry for key in document.url_keys for entry in by_key[key]]
        if document.kind not in ("file", "web-page"):
            states[document.id] = ""  # feeds and data files roll on: leaving one is not being taken off a list
        elif document.url_keys & rolling or not document.url_keys or _only_sorns(shown):
            states[document.id] = ""  # a list itself, a notice's attachment, a file handed in, somebody else's notice
        else:
            states[document.id] = _state([*_direct(document, by_key), *inherited(document)])
    return states


def _attached_to_notices(documents: tuple[Document, ...]) -> set[str]:
    notices = (content for document in documents if document.kind == "notice" for content in document.contents)
    return {url_key(url) for content in notices for url in content.first.body["attachments"]}


def _only_sorns(shown: list[Entry]) -> bool:
    return bool(shown) and all(entry.relation == "sorn" for entry in shown)


def _direct(document: Document, by_key: Mapping[str, list[Entry]]) -> list[str]:
    shown = [entry for key in document.url_keys for entry in by_key[key] if entry.relation == "listing"]
    return ["listed" if entry.current else "delisted" for entry in shown]


def _state(states: list[str]) -> str:
    return next((state for state in ("listed", "delisted") if state in states), "unlisted")
