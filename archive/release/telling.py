"""Which captures say something of what is withheld: lists that had it on them, pages that lead to it. Reads rows only.

A catalogue knows what each capture said (statements); an older release which lists and pages named what.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from archive.addresses import url_key
from archive.mementos.which import place_of
from archive.release.withheld import Withheld
from archive.research.rows import Row


@dataclass(frozen=True, slots=True)
class Telling:
    """Captures by their ids, and lists by their keys without what stands behind a question mark: a list has pages."""

    captures: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()

    def by(self, capture: Row) -> bool:
        """Tell whether a row of `captures` is one that tells."""
        return capture["id"] in self.captures or place_of(capture)[0].partition("?")[0] in self.lists


def that_tell(source: sqlite3.Connection, withheld: Withheld) -> Telling:
    """Return what tells of something that is withheld. Where nothing is, nothing is looked through."""
    if not (withheld.addresses or withheld.numbers or withheld.documents):
        return Telling()
    return Telling(frozenset(_captures(source, withheld)), frozenset(_lists(source, withheld)))


def _lists(source: sqlite3.Connection, withheld: Withheld) -> Iterator[str]:
    for place, url, document in source.execute("SELECT list, url, document FROM main.listings"):
        if document in withheld.documents or withheld.named_by(url):
            yield url_key(place).partition("?")[0]


def _captures(source: sqlite3.Connection, withheld: Withheld) -> Iterator[str]:
    references = source.execute(
        'SELECT DISTINCT v.capture, r.target FROM main."references" AS r JOIN main.versions AS v ON v.id = r.version'
        " WHERE r.kind = 'link'"
    )
    yield from (str(capture) for capture, target in references if withheld.named_by(target))
    if not source.execute("SELECT 1 FROM main.sqlite_master WHERE name = 'sightings'").fetchone():
        return
    bodies = source.execute("SELECT id, body FROM main.statements")
    naming = {str(statement) for statement, body in bodies if _names(body, withheld)}
    sightings = source.execute("SELECT capture, statement FROM main.sightings")
    yield from (str(capture) for capture, statement in sightings if statement in naming)


def _names(body: str, withheld: Withheld) -> bool:
    """Tell whether a statement has an address or a number of what is withheld, alone or in other words."""
    return any(
        withheld.named_by(value) or any(number in value for number in withheld.numbers)
        for value in _strings(json.loads(body))
    )


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)
