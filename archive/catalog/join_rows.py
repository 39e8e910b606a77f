"""Why the addresses of a document are one document's, as rows: the rule, and what it rests on, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archive.catalog.evidence import Evidence, Said, resolve
from archive.catalog.identity import Document, canonical_key
from archive.catalog.joined import Corrections, Succession

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Stood:
    """What stood at one address of a document: its captures in order, and the contents that they gave."""

    key: str
    said: tuple[Said, ...]
    digests: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Join:
    rule: str
    evidence: str
    captures: tuple[str, str]
    score: float | None = None


_Rule = Callable[[Document, _Stood, _Stood], _Join | None]


def join_rows(
    documents: Iterable[Document],
    evidence: Evidence,
    successions: Iterable[Succession],
    corrections: Corrections,
) -> Iterator[Row]:
    """Yield for each further address of each document what joins it to one that was captured before it."""
    rules = _Rules(evidence.redirects, {(one.capture, one.other): one for one in successions}, corrections)
    for document in documents:
        if document.kind in ("file", "web-page", "article"):
            stood = _stood(document)
            for place, later in enumerate(stood[1:], 1):
                earlier, join = rules.of(document, stood[:place], later)
                yield {
                    "document": document.id,
                    "ordinal": place,
                    "rule": join.rule,
                    "url": later.said[0].seen.url,
                    "other_url": earlier.said[0].seen.url,
                    "capture": join.captures[1],
                    "other_capture": join.captures[0],
                    "evidence": join.evidence,
                    "score": join.score,
                }


def _stood(document: Document) -> list[_Stood]:
    """Return the addresses of a document, by when they were captured first."""
    said: dict[str, list[Said]] = {}
    digests: dict[str, set[str]] = {}
    for content in document.contents:
        for one in content.said:
            if one.seen.url.startswith("http"):
                said.setdefault(one.seen.url_key, []).append(one)
                digests.setdefault(one.seen.url_key, set()).add(content.digest)
    found = [
        _Stood(key, tuple(sorted(held, key=lambda one: one.seen.order)), frozenset(digests[key]))
        for key, held in said.items()
    ]
    return sorted(found, key=lambda one: one.said[0].seen.order)


class _Rules:
    """All rules, in the order in which they are believed."""

    def __init__(
        self,
        redirects: Mapping[str, str],
        successions: Mapping[tuple[str, str], Succession],
        corrections: Corrections,
    ) -> None:
        self._redirects, self._successions, self._corrections = redirects, successions, corrections

    def of(self, document: Document, earlier: list[_Stood], later: _Stood) -> tuple[_Stood, _Join]:
        """Return the earlier address that a later one is joined to, and why."""
        rules: tuple[_Rule, ...] = (
            self._by_hand, _same_content, _same_number, _canonical, self._similar, self._redirect,
        )  # fmt: skip
        for rule in rules:
            for one in earlier:
                if join := rule(document, one, later):
                    return one, join
        first = earlier[0]
        return first, _Join("chained", "joined through another address of it", _captures(first, later))

    def _by_hand(self, _document: Document, one: _Stood, other: _Stood) -> _Join | None:
        places = [{stood.key, *(f"sha256:{digest}" for digest in stood.digests)} for stood in (one, other)]
        for correction in self._corrections.held:
            pair = correction.keys
            fits = any(pair[0] in places[here] and pair[1] in places[1 - here] for here in (0, 1))
            if not correction.apart and fits:
                return _Join("curated", f"put together by hand: {correction.reason}", _captures(one, other))
        return None

    def _redirect(self, _document: Document, one: _Stood, other: _Stood) -> _Join | None:
        leads = resolve(one.key, self._redirects) == other.key or resolve(other.key, self._redirects) == one.key
        return _Join("redirect", "one address leads to the other", _captures(one, other)) if leads else None

    def _similar(self, _document: Document, one: _Stood, other: _Stood) -> _Join | None:
        for said in one.said:
            for later in other.said:
                for pair in ((said.seen.id, later.seen.id), (later.seen.id, said.seen.id)):
                    if found := self._successions.get(pair):
                        words = f"took its place in the same list: {found.evidence}"
                        return _Join("similar", words, (said.seen.id, later.seen.id), found.score)
        return None


def _captures(one: _Stood, other: _Stood) -> tuple[str, str]:
    return (one.said[0].seen.id, other.said[0].seen.id)


def _same_content(document: Document, one: _Stood, other: _Stood) -> _Join | None:
    shared = sorted(one.digests & other.digests)
    if not shared:
        return None
    captures = tuple(
        next(said.seen.id for said in stood.said if any(said in content.said for content in document.contents
                                                       if content.digest == shared[0]))
        for stood in (one, other)
    )  # fmt: skip
    if document.kind == "file":
        return _Join("bytes", f"the same bytes (SHA-256 {shared[0][:16]}…)", (captures[0], captures[1]))
    return _Join("text", "the same title and the same text", (captures[0], captures[1]))


def _same_number(document: Document, one: _Stood, other: _Stood) -> _Join | None:
    if document.number is None:
        return None
    return _Join("number", f"both are {document.number.value}, by their covers or their titles", _captures(one, other))


def _canonical(_document: Document, one: _Stood, other: _Stood) -> _Join | None:
    for stood, there in ((one, other), (other, one)):
        for said in stood.said:
            if said.kind != "file" and canonical_key(said) == there.key:
                return _Join("canonical", "a page gives the other address as its own", _captures(one, other))
    return None
