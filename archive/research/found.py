"""What a search finds, in its order: by number, by title, by the pages; all of it, or as far as a search looks."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from functools import cached_property

from archive.research.as_stood import as_it_stood
from archive.research.facets import facets, in_all
from archive.research.lookups import documents_by_number
from archive.research.matching import (
    FEW,
    MOST_WALKED,
    SCORED,
    SCORED_AMONG,
    SCORED_ON_DAY,
    Hits,
    Matched,
    Range,
    hits_within,
    matched,
    matched_among,
    walked,
)
from archive.research.narrowing import Narrowed, Narrowing
from archive.research.query import Query, clean
from archive.research.query_tree import Term
from archive.research.rows import Row
from archive.research.searched import searched_in
from archive.research.titles import best_places, by_title

BY_NUMBER, BY_TITLE, BY_TEXT, BY_FILTERS = range(4)
_SORTED_BY = {"date": "dated", "first_seen": "first_seen"}


class Found:
    """The documents that fit a question, best first, and how many there are in all."""

    def __init__(self, connection: sqlite3.Connection, query: Query, match: str, sort: str) -> None:
        self.connection, self.query, self.match, self.sort = connection, query, match, sort
        self.searched = searched_in(connection)
        self.narrowing = Narrowing(connection, query)
        self.notes: list[str] = []
        self.looked_at = self._looked_at()
        self.hits: dict[int, Hits] = dict(self.looked_at.hits)
        self.tiers = dict.fromkeys(self.hits, (BY_TEXT if match else BY_FILTERS, 0))
        self._few = self._look_at_few()
        self._put_named()
        self._sampled = self.looked_at.share < 1 and self._few is None
        if self._sampled:
            self._put_best()
        self._known = self.narrowing.narrowed(connection, self.searched, self.tiers) if self.tiers else []

    @property
    def is_about(self) -> bool:
        """Tell whether the total is an estimate."""
        return self._sampled

    @cached_property
    def documents(self) -> list[Narrowed]:
        """Return all that fit and are known, in their order."""
        fitting = [one for one in self._known if not one.fails]
        if self._few is not None:
            fitting = [one for one in fitting if one.ordinal in self._few or self.tiers[one.ordinal][0] < BY_TEXT]
        ordered = sorted(fitting, key=self._rank)
        if self.sort in _SORTED_BY:
            ordered.sort(key=lambda one: str(getattr(one, _SORTED_BY[self.sort])), reverse=True)
        return ordered

    @property
    def total(self) -> int:
        """Return how many fit: all that are known or, of a share, about how many there are."""
        if not self._sampled:
            return len(self.documents)
        counted = sum(not one.fails for one in self._counted)
        return max(in_all(counted, self.looked_at.share), len(self.documents))

    @property
    def _counted(self) -> list[Narrowed]:
        """Return the documents that are counted: of a share those that it holds, and no others that are known."""
        if self.looked_at.share >= 1:
            return self._known
        return [one for one in self._known if one.ordinal in self.looked_at.hits]

    def facets(self) -> dict[str, list[Row]]:
        """Return each facet's counts. Where few documents fit all filters, all but the filters' own are exact."""
        counted = facets(self._counted, self.looked_at.share)
        if self._few is None:
            return counted
        exact = facets(self.documents, 1.0)
        return {name: counted[name] if name in self.narrowing.asked else exact[name] for name in counted}

    def shown(self, offset: int, limit: int) -> list[int]:
        """Return the documents from the `offset`th on, at most `limit`; `hits` has the pages of each."""
        if self._sampled and self.sort in _SORTED_BY and self.searched.is_narrow and not self.query.filters.on:
            return self._walk(offset, limit)
        shown = [one.ordinal for one in self.documents[offset : offset + limit]]
        if self._sampled:
            self._tell_of_share(offset + limit)
            self._complete(shown)
        return shown

    def _looked_at(self) -> Matched:
        most = SCORED_ON_DAY if self.query.filters.on else SCORED_AMONG if self.narrowing.is_any else SCORED
        if self.match:
            found = matched(self.connection, self.searched, self.match, most)
            if found.cut_short:
                self.notes.append(found.cut_short)
            if on := self.query.filters.on:
                stood = as_it_stood(self.connection, self.searched, found.hits, on)
                return replace(found, hits=stood)
            return found
        if self.query.tree is not None or not self.query.filters:
            return Matched()
        some = self.narrowing.ordinals(self.connection, self.searched, SCORED_AMONG + 1)
        share = some[-2] / self.searched.total if len(some) > SCORED_AMONG and self.searched.is_narrow else 1.0
        return Matched({ordinal: [] for ordinal in some[:SCORED_AMONG]}, share)

    def _look_at_few(self) -> dict[int, Hits] | None:
        """Look at each document that fits, where filters leave few and words are everywhere."""
        if self.looked_at.share >= 1 or not self.narrowing.is_any or not self.match or self.query.filters.on:
            return None
        few = self.narrowing.ranges(self.connection, self.searched, FEW + 1)
        if len(few) > FEW:
            return None
        hits = matched_among(self.connection, self.match, few)
        self.hits.update(hits)
        self.tiers.update(dict.fromkeys(hits, (BY_TEXT, 0)))
        return hits

    def _put_named(self) -> None:
        """Put in what has the words in its title, or the number."""
        for ordinal in by_title(self.connection, self.searched, self.query):
            self.tiers[ordinal] = (BY_TITLE, 0)
        tree = self.query.tree
        typed = tree.text if isinstance(tree, Term) else clean(self.query.text).strip('"')
        numbered = [row["id"] for row in documents_by_number(self.connection, typed)[1]]
        rows = self.connection.execute(
            f"SELECT d.id, d.ordinal FROM {self.searched.rows} AS d"  # noqa: S608 (our own text)
            " WHERE d.id IN (SELECT value FROM json_each(?))",
            (json.dumps(numbered),),
        )
        ordinals = dict(tuple(row) for row in rows) if numbered else {}
        for place, document in enumerate(numbered):
            self.tiers[ordinals[document]] = (BY_NUMBER, place)

    def _put_best(self) -> None:
        if self.query.filters.on:
            return
        for ordinal, hits in best_places(self.connection, self.searched, self.query, self.match).items():
            known = {place: score for score, place in self.hits.get(ordinal, [])}
            self.hits[ordinal] = [(score, place) for place, score in {**{p: s for s, p in hits}, **known}.items()]
            self.tiers.setdefault(ordinal, (BY_TEXT, 0))

    def _rank(self, one: Narrowed) -> tuple[int, int, bool, float, int]:
        # A publisher's page about a document comes after the document.
        tier, place = self.tiers[one.ordinal]
        score = min((score for score, _ in self.hits.get(one.ordinal, ())), default=0.0)
        return tier, place, one.is_about, score, one.ordinal

    def _complete(self, shown: list[int]) -> None:
        """Find all pages of what is shown and was not among the documents that were looked at."""
        lacking = [one for one in shown if one not in self.looked_at.hits]
        for ordinal, first, last in self._places(lacking) if self.match else ():
            scores = {place: score for score, place in self.hits.get(ordinal, [])}
            found = hits_within(self.connection, self.match, first, last)
            self.hits[ordinal] = [(scores.get(place, 0.0), place) for _, place in found]

    def _places(self, ordinals: list[int]) -> list[Range]:
        rows = self.connection.execute(
            "SELECT ordinal, first, last FROM searched_documents WHERE ordinal IN (SELECT value FROM json_each(?))",
            (json.dumps(ordinals),),
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def _walk(self, offset: int, limit: int) -> list[int]:
        """Return the newest documents that fit: each is looked at, in their order, until there are enough."""
        order = f"{_SORTED_BY[self.sort]} DESC, d.ordinal"
        if not self.match:
            return self.narrowing.ordinals(self.connection, self.searched, offset + limit, order)[offset:]
        line = self.narrowing.ranges(self.connection, self.searched, MOST_WALKED, order)
        named = {ordinal for ordinal, (tier, _) in self.tiers.items() if tier < BY_TEXT}
        found = dict(walked(self.connection, self.match, line, named, offset + limit))
        self.hits.update(found)
        for ordinal in found:
            self.tiers.setdefault(ordinal, (BY_TEXT, 0))
        if len(found) < offset + limit:
            self.notes.append(f"Only the newest were looked at, {len(line):,} at most: narrow the search.")
        return list(found)[offset:]

    def _tell_of_share(self, wanted: int) -> None:
        share = f"{self.looked_at.share:.0%}" if self.looked_at.share >= 0.01 else "a part"
        self.notes.append(
            f"Very many documents hold it. They are counted in {share} of the archive, drawn by lot once for all;"
            " of the others those are listed that the words fit best, or that have them in their titles."
        )
        if wanted > len(self.documents):
            self.notes.append(f"The first {len(self.documents):,} are listed; narrow the search to see others.")
