"""Which captures hold the same document: by its number where it has one, else by its address; never by who came first.

A document is what the publisher calls one. A PDF that was renamed, replaced in place or put at a second address keeps
its identity by the number on its cover; a file without a number keeps it by its address and by its bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from archive.addresses import url_key
from archive.catalog.awards import award_of, order_of, told_apart_by
from archive.catalog.evidence import Evidence, Reader, ReadFacts, Said, Seen, resolve
from archive.catalog.joined import Corrections, Key, Order, Succession, merged
from archive.catalog.names import names_of
from archive.catalog.notices import notice_key, posted
from archive.catalog.shown import Shown
from archive.dates import find_dates, parse_date
from archive.identifiers import Identifier, find_identifiers, parse_identifier

# A number this near the top of a first page is the document's own; further down it may be one that it cites.
COVER_CHARACTERS = 700
_PRINTED_IN_REGISTER = re.compile(r"Federal\s+Register\s*/\s*Vol\.\s*\d+", re.IGNORECASE)
_INDEX_FILE = re.compile(r"/(?:index|default)\.[a-z]{3,5}$")
# Fewer words than these many pages of a site may have in common ("Page not available") and be different pages.
TELLING_WORDS = 50
# Readings of bytes that are kept and named, and are no document: a PDF cut off on its way, a page without an article.
# Else a night's broken copy would stand as the newest version of a good document.
NO_DOCUMENT = frozenset({"malformed-pdf", "no-article"})


@dataclass(frozen=True, slots=True)
class Content:
    """One distinct content of a document, and the captures that gave it, in order.

    `digest` is a SHA-256 in hex: of a file's bytes, of an article's text, of a page's title and paragraphs, of a
    notice's canonical record; of what tells one action on an award from all others. `published` is the day of a notice
    of a system of records, "" for all else: of several notices the last published is the newest, not the last captured.
    """

    digest: str
    said: tuple[Said, ...]
    reading: ReadFacts | None
    published: str = ""

    @property
    def first(self) -> Said:
        """The capture that names this content: the first that had it."""
        return self.said[0]


@dataclass(frozen=True, slots=True)
class Document:
    """One document: its `id` in addresses, its own `number` if it has one, its `contents` by first sight (of an award
    the summaries, then the actions in the order in which they were taken), and `listed`: where its addresses are
    listed, in order."""

    id: str
    kind: str
    number: Identifier | None
    contents: tuple[Content, ...]
    listed: tuple[Said, ...]
    url_keys: frozenset[str]

    @property
    def newest(self) -> Content:
        """The content that the latest capture gave; an award's last action, and the notice that was posted last."""
        if self.kind == "award":
            return self.contents[-1]
        return max(
            reversed(self.contents),
            key=lambda content: (content.published, max(map(posted, content.said)), content.said[-1].seen.order),
        )


@dataclass(frozen=True, slots=True)
class _Placed:
    said: Said
    key: tuple[str, str]
    digest: str
    number: Identifier | None
    reading: ReadFacts | None
    telling: str = ""  # what only captures of one page of a site have in common; "" where the text is too short


def documents_of(
    evidence: Evidence,
    read: Reader,
    successions: Iterable[Succession] = (),
    corrections: Corrections = Corrections(),  # noqa: B008 (frozen)
) -> tuple[Document, ...]:
    """Return every document that the evidence holds, sorted by id.

    `successions` are pairs of captures that are one document edited on its way to another address, `corrections` what
    somebody decided by hand, which counts before all else.
    """
    shown = defaultdict(list)
    for said in evidence.of_kind("listed"):
        shown[evidence.end_of(said.body["url"])].append(said)
    listed = Shown(shown)
    placed = [
        *_files(evidence.of_kind("file"), listed, read),
        *_joined_pages("page", [*_pages(evidence.of_kind("web-page"))], evidence.redirects),
        *_joined_pages("article", [*_articles(evidence.of_kind("article"), read)], evidence.redirects),
        *map(_notice, evidence.of_kind("notice")),
        *map(_award, evidence.of_kind("award")),
    ]
    groups = _grouped(_merged(_parted(placed, corrections), successions, corrections))
    names = names_of({key: min(one.said.seen.order for one in group) for key, group in groups.items()})
    listed.share({key: [one.said.seen for one in group if _is_fetched(one.said)] for key, group in groups.items()})
    made = (_document(names[key], group, listed) for key, group in groups.items())
    return tuple(sorted(made, key=lambda document: document.id))


def _grouped(placed: Iterable[_Placed]) -> dict[Key, list[_Placed]]:
    """Put together what has one key. Files without a number go by the address under which they were captured first."""
    groups: dict[Key, list[_Placed]] = defaultdict(list)
    for one in placed:
        groups[one.key].append(one)
    named = {}
    for key, group in groups.items():
        first = min(
            (one.said for one in group if _is_fetched(one.said)), key=lambda said: said.seen.order, default=None
        )
        named[("file", first.seen.url_key) if key[0] == "file" and first is not None else key] = group
    return named


def _parted(placed: Sequence[_Placed], corrections: Corrections) -> Sequence[_Placed]:
    """Give what is to be kept apart a key of its own; a number that it shares with others is not its own."""
    if not corrections.apart:
        return placed
    parted = []
    for one in placed:
        own = next((place for place in _places(one) if place in corrections.apart), "")
        kept = one if not own or not _is_fetched(one.said) else replace(one, key=("apart", own), number=None)
        parted.append(kept)
    return parted


def _places(one: _Placed) -> tuple[str, str]:
    return (one.said.seen.url_key, f"sha256:{one.digest}")


def _merged(
    placed: Sequence[_Placed], successions: Iterable[Succession], corrections: Corrections
) -> Sequence[_Placed]:
    """Join groups that are one document by what was found, or by hand; what is to be kept apart no finding joins."""
    by_capture: dict[str, list[Key]] = defaultdict(list)
    by_place: dict[str, list[Key]] = defaultdict(list)
    firsts: dict[Key, Order] = {}
    kinds: dict[Key, str] = {}
    for one in placed:
        firsts[one.key] = min(firsts.get(one.key, one.said.seen.order), one.said.seen.order)
        kinds[one.key] = one.said.kind
        by_capture[one.said.seen.id].append(one.key)
        for place in _places(one):
            by_place[place].append(one.key)
    found = [
        (key, other)
        for pair in successions
        for key in by_capture.get(pair.capture, ())
        for other in by_capture.get(pair.other, ())
        if {"number", "apart"}.isdisjoint((key[0], other[0]))
    ]
    by_hand = [
        (key, other)
        for one in corrections.held
        if not one.apart
        for key in sorted(set(by_place.get(one.keys[0], ())))
        for other in sorted(set(by_place.get(one.keys[1], ())))
    ]
    into = merged(firsts, [*by_hand, *found], lambda key, other: kinds[key] == kinds[other])
    return [replace(one, key=into[one.key]) for one in placed]


def _is_fetched(said: Said) -> bool:
    """Tell whether the document is what stood at the capture's address (a notice stands among others in a file)."""
    return said.kind not in ("notice", "award") and said.seen.url.startswith("http")


def _document(name: str, group: list[_Placed], listed: Shown) -> Document:
    group = sorted(group, key=lambda one: (posted(one.said), one.said.seen.order))
    by_digest: dict[str, list[_Placed]] = defaultdict(list)
    for one in group:
        by_digest[one.digest].append(one)
    contents = tuple(
        Content(digest, tuple(one.said for one in ones), ones[0].reading) for digest, ones in by_digest.items()
    )
    if group[0].said.kind == "award":
        contents = tuple(sorted(contents, key=lambda content: order_of(content.first.body)))
    keys = frozenset(key for one in group if _is_fetched(one.said) for key in address_keys(one.said))
    where = listed.of([one.said.seen for one in group if _is_fetched(one.said)])
    number = next((one.number for one in group if one.number), None)
    if number and number.scheme == "sorn":
        dated = [replace(content, published=_published(content, listed)) for content in contents]
        contents = tuple(sorted(dated, key=lambda content: (content.published, content.first.seen.order)))
    return Document(name, group[0].said.kind, number, contents, where, keys)


def _published(content: Content, listed: Shown) -> str:
    """Return the day of a notice: as it is listed, else the first on its first page; "" where none is known."""
    where = listed.of([one.seen for one in content.said if _is_fetched(one)])
    words = (date["words"] for entry in where for date in entry.body["dates"] if date["role"] == "published")
    printed = find_dates(content.reading.cover, limit=1) if content.reading else []
    return next((date.value for date in (*map(parse_date, words), *printed) if date is not None), "")


def address_keys(said: Said) -> set[str]:
    """Return the keys of the addresses that a capture speaks for: its own, and the one that a page gives as its own."""
    return {said.seen.url_key, *([canonical_key(said)] if said.kind == "web-page" else [])}


def _files(said: list[Said], listed: Shown, read: Reader) -> Iterable[_Placed]:
    """Place files: by number if one is known for the bytes, else by the addresses that share bytes."""
    said = [one for one in said if not _is_broken(read(one.seen.content_digest))]
    seen: dict[str, list[Seen]] = {one.seen.content_digest: [] for one in said}
    for one in filter(_is_fetched, said):
        seen[one.seen.content_digest].append(one.seen)
    listed.share(seen)
    addresses = {digest: {one.url_key for one in held} for digest, held in seen.items()}
    numbers = {digest: _file_number(listed.of(held), read(digest)) for digest, held in seen.items()}
    unnumbered = _joined({digest: keys for digest, keys in addresses.items() if numbers[digest] is None})
    for one in said:
        digest = one.seen.content_digest
        number = numbers[digest]
        key = ("number", number.value) if number else ("file", unnumbered[digest])
        yield _Placed(one, key, digest, number, read(digest))


def _is_broken(reading: ReadFacts | None) -> bool:
    return reading is not None and reading.outcome in NO_DOCUMENT


def _joined(addresses: Mapping[str, set[str]]) -> dict[str, str]:
    """Join bytes that share an address, and addresses that share bytes; return for each digest the group's name."""
    parents: dict[str, str] = {}

    def root(node: str) -> str:
        while parents.setdefault(node, node) != node:
            node = parents[node]
        return node

    for digest in sorted(addresses):
        for key in sorted(addresses[digest]):
            ends = sorted((root(f"digest {digest}"), root(key)), key=lambda end: (end.startswith("digest "), end))
            parents[ends[1]] = ends[0]
    return {digest: root(f"digest {digest}") for digest in addresses}


def _file_number(shown: Iterable[Said], reading: ReadFacts | None) -> Identifier | None:
    """Return a file's own number: from its cover, or else from the title under which it is listed."""
    number = cover_number(reading.cover) if reading else None
    if number is not None:
        return number
    shown = sorted(shown, key=lambda one: (one.body["relation"] == "listing", one.seen.order))
    for said in shown:
        # A report's number stands beside its title, in a column of its own; one in a title may be another report's.
        beside = parse_identifier(said.body["heading"])
        if beside is not None and beside.scheme == "oig-report":
            return beside
    for said in shown:
        for words in (said.body["title"], said.body["heading"]):
            number = _own_number(words, COVER_CHARACTERS)
            if number is not None:
                return number
    return None


def cover_number(text: str) -> Identifier | None:
    """Return the number that a first page says is the document's own, or None.

    Only a page that calls itself an assessment or a system of records notice has one to say. One that is printed in
    the Federal Register has none: above the notice may stand the end of another.
    """
    if _PRINTED_IN_REGISTER.search(text):
        return None
    lower = text.lower()
    if "privacy impact assessment" in lower or "reference no" in lower:
        return _own_number(text, COVER_CHARACTERS, "pia")
    if "system of records" in lower:
        return _own_number(text, 4 * COVER_CHARACTERS, "sorn")
    return None


def _own_number(text: str, within: int, *schemes: str) -> Identifier | None:
    for found in find_identifiers(text):
        if found.start > within:
            break
        if found.identifier.scheme in (schemes or ("pia", "sorn")) and "/" in found.identifier.value:
            return found.identifier
    return None


def _joined_pages(kind: str, placed: list[_Placed], redirects: Mapping[str, str]) -> Iterable[_Placed]:
    """Join the addresses of one page: those of one site that gave the same title and the same text, if that is long
    enough to be one page's own, and one that now leads to another under the same last name. A redirect to somewhere
    else (a front page, in place of a 404) joins nothing.

    The page goes by the address under which it was captured first.
    """
    first: dict[tuple[str, str], str] = {}
    parents: dict[str, str] = {}

    def root(key: str) -> str:
        while parents.get(key, key) != key:
            key = parents[key]
        return key

    order: dict[str, int] = {}
    for one in sorted(placed, key=lambda one: one.said.seen.order):
        order.setdefault(one.key[1], len(order))
    ends = {key: resolve(key, redirects) for key in order}
    pairs = [(key, end) for key, end in ends.items() if end in order and _last_name(end) == _last_name(key)]
    for one in placed:
        if one.telling:
            pairs.append((one.key[1], first.setdefault((_site(one.key[1]), one.telling), one.key[1])))
    for pair in pairs:
        earlier, later = sorted((root(pair[0]), root(pair[1])), key=order.__getitem__)
        parents[later] = earlier
    return [replace(one, key=(kind, root(one.key[1]))) for one in placed]


def _site(key: str) -> str:
    return key.partition("/")[0]


def _last_name(key: str) -> str:
    """Return the part of an address that a page keeps when it moves; the name of a folder's index file is none."""
    return _INDEX_FILE.sub("", key).rpartition("/")[2]


def _pages(said: list[Said]) -> Iterable[_Placed]:
    for one in said:
        content = [one.body["title"], *one.body["text"]]
        digest = _digest(content)
        telling = digest if sum(len(text.split()) for text in content) >= TELLING_WORDS else ""
        yield _Placed(one, ("page", canonical_key(one)), digest, None, None, telling)


def _articles(said: list[Said], read: Reader) -> Iterable[_Placed]:
    """Place articles; a page on which the reader found no article is not one.

    A wall that asks to subscribe may be all the text of many articles: their headlines tell them apart.
    """
    for one in said:
        reading = read(one.seen.content_digest)
        if reading is not None and reading.text_digest:
            telling = f"{reading.text_digest} {one.body['headline']}" if reading.words >= TELLING_WORDS else ""
            yield _Placed(one, ("article", canonical_key(one)), reading.text_digest, None, reading, telling)


def canonical_key(said: Said) -> str:
    """Return the key of the address that a page gives as its own, if that is on its own site.

    An article's may be on another host of its outlet (`digital-release.` in front of its name): its source has looked.
    """
    own = said.body["canonical"]
    if not own:
        return said.seen.url_key
    hosts = {_host(own), _host(said.seen.url)}
    shorter, longer = sorted(hosts, key=len)[0], sorted(hosts, key=len)[-1]
    is_own = len(hosts) == 1 or (said.kind == "article" and shorter != "" and longer.endswith(f".{shorter}"))
    return url_key(own) if is_own else said.seen.url_key


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("amp.")
    except ValueError:
        return ""


def _notice(said: Said) -> _Placed:
    record = said.body["record"]
    content = [said.body["notice_id"], record, said.body["attachments"]]
    return _Placed(said, notice_key(said.body["notice_id"], record), _digest(content), None, None)


def _award(said: Said) -> _Placed:
    return _Placed(said, ("contract", award_of(said.body)), _digest(told_apart_by(said.body)), None, None)


def _digest(content: object) -> str:
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
