"""What lists showed: every entry with its first and last sight, and every walk of a list from its beginning to its end.

What that makes of a document, and since when, is told in archive/catalog/listing_spans.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from archive.addresses import url_key
from archive.catalog.evidence import Evidence, Said, Seen

# By source and key of the list's address: the last page of each whole walk.
Walks = Mapping[tuple[str, str], Sequence[Seen]]


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


def entries_of(evidence: Evidence, walks: Walks) -> tuple[Entry, ...]:
    """Return every entry of every list, sorted."""
    shown: dict[tuple[str, str, str], list[Said]] = defaultdict(list)
    for said in evidence.of_kind("listed"):
        shown[(said.seen.source, said.body["index"], said.body["url"])].append(said)
    return tuple(_entry(evidence, walks, shown[where]) for where in sorted(shown))


def _entry(evidence: Evidence, walks: Walks, shown: list[Said]) -> Entry:
    latest = shown[-1]
    # A list whose address leads to another now is that one: what it doesn't show is off.
    lists = {url_key(latest.body["index"]), evidence.end_of(latest.body["index"])}
    walked = [seen for key in lists for seen in walks.get((latest.seen.source, key), ())]
    last = max(walked, key=lambda seen: (seen.captured_at, seen.walk), default=None)
    gone = last is not None and latest.seen.walk != last.walk and last.captured_at > latest.seen.captured_at
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


def whole_walks(evidence: Evidence, failed: Collection[str] = ()) -> Walks:
    """Return for each list the captures that ended a walk (a run, mostly) of the whole of it, in order.

    A list was walked where its last page was reached and no page before that was left out (somebody may ask for the
    last page alone). A page that lists its own attachments was walked whenever it was captured. A walk that found no
    row at all says nothing of what isn't listed any more: so look pages that were redesigned, or came empty. Nor does
    a walk of a run in `failed`.
    """
    walks: dict[tuple[str, str], list[Seen]] = defaultdict(list)
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
            walks[where].append(said.seen)
    return walks
