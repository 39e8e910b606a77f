"""Finds files and pages that took the place of others in a list: renamed, and saved anew or edited on the way.

A pair is looked at only where an address left a list in the walk in which another came to it under the same title, and
no third has that title there. Whether both are one document their texts decide (archive/catalog/alike.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archive.addresses import url_key
from archive.catalog.alike import Text, alike
from archive.catalog.evidence import Evidence, Reader, Said, Seen, TextOf
from archive.catalog.identity import cover_number
from archive.catalog.joined import Succession
from archive.catalog.listings import Walks
from archive.identifiers import find_identifiers


@dataclass(slots=True)
class _Shown:
    """One address on one list: the entries that showed it."""

    key: str
    entries: list[Said]

    @property
    def title(self) -> str:
        return " ".join(str(self.entries[-1].body["title"]).split())

    @property
    def name(self) -> str:
        return self.title.casefold()


def find_successions(evidence: Evidence, walks: Walks, read: Reader, text_of: TextOf) -> tuple[Succession, ...]:
    """Return the pairs of captures that are one document at two addresses, each once, in order."""
    given: dict[str, list[Said]] = defaultdict(list)
    for said in evidence.said:
        if said.kind in ("file", "web-page"):
            given[said.seen.url_key].append(said)
    found = {}
    for old, new, off in _exchanged(evidence, walks):
        before = [said for said in given.get(old.key, ()) if said.seen.order < off.order]
        # Of what was captured within one second nobody knows which came first.
        after = [said for said in given.get(new.key, ()) if said.seen.captured_at >= new.entries[0].seen.captured_at]
        if before and after:
            pair = before[-1], after[0]
            if succession := _judge(pair, (old.title, new.title), read, text_of):
                found[pair[0].seen.id, pair[1].seen.id] = succession
    return tuple(found[pair] for pair in sorted(found))


def _exchanged(evidence: Evidence, walks: Walks) -> Iterator[tuple[_Shown, _Shown, Seen]]:
    """Yield the addresses that left a list, with the one that came to it in the same walk under the same title."""
    lists: dict[tuple[str, str], dict[str, _Shown]] = defaultdict(dict)
    for said in evidence.of_kind("listed"):
        if said.body["relation"] != "sorn" and said.body["title"].strip():
            key = url_key(said.body["url"])
            where = (said.seen.source, url_key(said.body["index"]))
            lists[where].setdefault(key, _Shown(key, [])).entries.append(said)
    for where, shown in lists.items():
        titles = Counter((said.seen.walk, one.name) for one in shown.values() for said in {
            entry.seen.walk: entry for entry in one.entries
        }.values())  # fmt: skip
        first: dict[tuple[str, str], _Shown] = {(one.entries[0].seen.walk, one.name): one for one in shown.values()}
        for old in shown.values():
            off = _left(old, walks.get(where, ()))
            new = first.get((off.walk, old.name)) if off else None
            if off and new and titles[off.walk, old.name] == titles[old.entries[-1].seen.walk, old.name] == 1:
                yield old, new, off


def _left(shown: _Shown, walked: Sequence[Seen]) -> Seen | None:
    """Return the first whole walk that didn't show an address any more, if none has shown it since."""
    last = shown.entries[-1].seen
    own = {said.seen.walk for said in shown.entries}
    return next((seen for seen in walked if seen.order > last.order and seen.walk not in own), None)


def _judge(pair: tuple[Said, Said], titles: tuple[str, str], read: Reader, text_of: TextOf) -> Succession | None:
    old, new = pair
    if old.kind != new.kind or old.seen.content_digest == new.seen.content_digest:
        return None
    if any(find_identifiers(title) for title in titles):
        return None  # numbers decide where there are any
    texts = [_text(said, title, read, text_of) for said, title in zip(pair, titles, strict=True)]
    if texts[0] is None or texts[1] is None:
        return None
    verdict = alike(texts[0], texts[1])
    return Succession(old.seen.id, new.seen.id, verdict.why, verdict.score) if verdict.same else None


def _text(said: Said, title: str, read: Reader, text_of: TextOf) -> Text | None:
    """Return what one capture says; None for a file that has a number, or isn't read."""
    if said.kind == "web-page":
        return Text(title, ["\n\n".join([said.body["title"], *said.body["text"]])])
    reading = read(said.seen.content_digest)
    if reading is None or not reading.text_digest or cover_number(reading.cover):
        return None
    return Text(title, [page.text for page in text_of(said.seen.content_digest).pages])
