"""The pages that are looked at, by their places in the index: with their version, and the pages beside them."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from archive.research.page_parts import with_parts
from archive.research.places import place_column
from archive.research.quotes.held import Held, of_page, of_running
from archive.research.rows import Row, select

# A quotation goes over so many pages' ends at most; so many texts are kept while a draft is checked.
OVERLEAF, KEPT = 1, 600
_PAGE = "p.number, p.label, p.text, p.parts, p.runs_on, p.also, p.broken, p.origin, p.confidence, p.version, p.document"
_VERSION = (
    "v.id, v.document, v.digest, v.ordinal, v.first_seen, v.pages AS version_pages, d.title, d.number AS identifier,"
    " d.collection, d.kind, d.newest_version, coalesce(d.published, d.posted, d.first_seen) AS dated"
)


class Texts:
    """The texts of one catalogue or release, each read and cut into words once while it is kept."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._place = connection, place_column(connection)
        self._rows: OrderedDict[int, tuple[Row, Row]] = OrderedDict()
        self._held: OrderedDict[object, Held] = OrderedDict()

    def rows(self, places: Sequence[int]) -> list[tuple[Row, Row]]:
        """Return version and page of each place, in the order of the places."""
        missing = [place for place in dict.fromkeys(places) if place not in self._rows]
        for start in range(0, len(missing), 100):
            some = missing[start : start + 100]
            found = select(
                self._connection,
                f"SELECT p.{self._place} AS at, {_PAGE} FROM pages AS p WHERE p.{self._place} IN"  # noqa: S608
                f" ({', '.join('?' * len(some))})",
                some,
            )
            for row in found:
                place = row.pop("at")
                self._keep(self._rows, place, (self.version(row["version"]), with_parts(row)))
        return [self._rows[place] for place in places if place in self._rows]

    def version(self, version: str) -> Row:
        """Return a version with what is told of its document."""
        return select(
            self._connection,
            f"SELECT {_VERSION} FROM versions AS v JOIN documents AS d ON d.id = v.document WHERE v.id = ?",  # noqa: S608
            (version,),
        )[0]

    def page(self, version: Row, page: Row) -> Held:
        """Return a page's text."""
        key = (version["id"], page["number"])
        if key not in self._held:
            self._keep(self._held, key, of_page(version, page))
        return self._held[key]

    def around(self, version: Row, page: Row) -> Held:
        """Return the running text of a page and of those beside it."""
        key = (version["id"], page["number"], "around")
        if key not in self._held:
            number = page["number"]
            rows = select(
                self._connection,
                f"SELECT {_PAGE} FROM pages AS p WHERE p.version = ? AND p.number BETWEEN ? AND ? ORDER BY p.number",  # noqa: S608
                (version["id"], number - OVERLEAF, number + OVERLEAF),
            )
            self._keep(self._held, key, of_running(version, list(map(with_parts, rows))))
        return self._held[key]

    @staticmethod
    def _keep(kept: OrderedDict[Any, Any], key: object, value: object) -> None:
        kept[key] = value
        if len(kept) > KEPT:
            kept.popitem(last=False)
