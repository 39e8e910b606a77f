"""The lists by which a site without a server is searched: collections by year, titles by letter, numbers by kind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from archive.research.lookups import SHOWN
from archive.research.rows import Row
from archive.site.offline_names import ENTRIES_A_LIST, FILES_A_FOLDER
from archive.site.rendering import in_words

# SQL of what a document is sorted by. A year is four digits or none.
_YEAR = (
    "CASE WHEN substr(coalesce(d.published, d.posted, ''), 1, 4) GLOB '[0-9][0-9][0-9][0-9]'"
    " THEN substr(coalesce(d.published, d.posted), 1, 4) ELSE '' END"
)
_NAME = "coalesce(nullif(d.title, ''), nullif(d.number, ''), d.id)"
_FIRST = f"upper(substr({_NAME}, 1, 1))"
_LETTER = f"CASE WHEN {_FIRST} BETWEEN 'A' AND 'Z' THEN {_FIRST} WHEN {_FIRST} BETWEEN '0' AND '9' THEN '0' ELSE '' END"
_SCHEMES = {
    "pia": "Privacy impact assessments", "sorn": "Systems of records", "fr-citation": "Federal Register pages",
    "fr-document": "Federal Register documents", "piid": "Contracts", "sam-notice": "SAM.gov notices",
    "award-id": "Awards at USAspending.gov", "oig-report": "Inspector general reports", "foia-case": "FOIA cases",
    "docket": "Dockets at regulations.gov",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class List:
    """One list: what it is called in its group and alone, how its files' names begin, and what gives its entries."""

    label: str
    title: str
    stem: str
    entries: int
    question: str
    values: tuple[str, ...]

    @property
    def files(self) -> int:
        """Return how many files it takes."""
        return -(-self.entries // ENTRIES_A_LIST)

    @property
    def file(self) -> str:
        """Return its first file."""
        return self.name(1)

    def name(self, number: int) -> str:
        """Return the name of one of its files."""
        return f"lists/{self.stem}-{(number - 1) // FILES_A_FOLDER:03d}/{number:05d}.html"

    def beside(self, number: int) -> str:
        """Return what leads from one of its files to another; "" where there is no such file."""
        return f"../{self.name(number).partition('/')[2]}" if 1 <= number <= self.files else ""

    def cut(self, connection: sqlite3.Connection) -> Iterator[list[Row]]:
        """Yield its entries, as many as stand in one file."""
        rows = connection.execute(self.question, self.values)
        names = [column[0] for column in rows.description]
        while some := rows.fetchmany(ENTRIES_A_LIST):
            yield [dict(zip(names, tuple(row), strict=True)) for row in some]


def lists_of(connection: sqlite3.Connection) -> Iterator[tuple[str, list[List]]]:
    """Yield the lists, in groups with a title each."""
    yield from _collections(connection)
    yield "By title", _titles(connection)
    yield "By number", _numbers(connection)


def _collections(connection: sqlite3.Connection) -> Iterator[tuple[str, list[List]]]:
    question = f"SELECT d.collection, {_YEAR} AS year, count(*) FROM documents AS d GROUP BY 1, 2 ORDER BY 1, 2 DESC"  # noqa: S608
    named: dict[str, list[List]] = {}
    for collection, year, entries in connection.execute(question):
        lists = named.setdefault(collection, [])
        stem = f"c{len(named):03d}-{year or 'undated'}"
        found = (
            f"SELECT {SHOWN} FROM documents AS d WHERE d.collection = ? AND {_YEAR} = ?"  # noqa: S608 (our own words)
            " ORDER BY coalesce(d.published, d.posted, ''), d.id"
        )
        title = f"{in_words(collection)}, {year or 'undated'}"
        lists.append(List(year or "undated", title, stem, entries, found, (collection, year)))
    yield from ((in_words(collection), lists) for collection, lists in named.items())


def _titles(connection: sqlite3.Connection) -> list[List]:
    lists = []
    question = f"SELECT {_LETTER} AS letter, count(*) FROM documents AS d GROUP BY 1 ORDER BY 1 = '', 1"  # noqa: S608
    for letter, entries in connection.execute(question):
        label = {"0": "0 to 9", "": "other"}.get(letter, letter)
        found = f"SELECT {SHOWN} FROM documents AS d WHERE {_LETTER} = ? ORDER BY {_NAME} COLLATE NOCASE, d.id"  # noqa: S608
        lists.append(List(label, f"Titles: {label}", f"t-{letter.lower() or 'other'}", entries, found, (letter,)))
    return lists


def _numbers(connection: sqlite3.Connection) -> list[List]:
    lists = []
    question = "SELECT scheme, count(*) FROM identifiers WHERE role = 'own' GROUP BY 1 ORDER BY 1"
    found = (
        "SELECT i.value, d.id, d.title FROM identifiers AS i JOIN documents AS d ON d.id = i.document"
        " WHERE i.role = 'own' AND i.scheme = ? ORDER BY i.value, d.id"
    )
    for number, (scheme, entries) in enumerate(connection.execute(question).fetchall(), 1):
        title = _SCHEMES.get(scheme, scheme)
        lists.append(List(title, title, f"n{number:02d}", entries, found, (scheme,)))
    return lists
