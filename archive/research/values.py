"""The values that the catalogue has of each field, and which of them what people type stands for.

A value stands for every name that holds all of its words, or that it is the initials of; case, accents and signs
don't count. So `component:ice`, `type:award` (award notice), `collection:pia` (privacy-impact-assessments) and
`vendor:"west publishing"` (and its parents' names, where an award tells them) find what is meant.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterable

from archive.identifiers import parse_identifier
from archive.research.by_place import has_places
from archive.research.edits import distance
from archive.research.lookups import documents_by_number
from archive.research.vendors import other_names

MOST_NAMES = 200
NEAREST = 5
FEW = 12
# What is asked for a name and what else it is known by. A release has the values of its documents in a small table.
_OF_DOCUMENTS = {"collections": "collection", "components": "component", "kinds": "kind", "sources": "source",
                 "listings": "listing", "years": "year"}  # fmt: skip
_OF_RECORDS = {
    "outlets": "SELECT DISTINCT outlet, '' FROM articles WHERE outlet <> ''",
    "vendors": "SELECT DISTINCT recipient, recipient_parent FROM awards WHERE recipient <> ''"
    " UNION SELECT DISTINCT awardee, '' FROM notices WHERE awardee <> ''",
    "places": "SELECT name, CASE kind WHEN 'state' THEN letters ELSE '' END FROM places",
    "states": "SELECT DISTINCT state, letters FROM places",
}
_WITH_YEARS = "(SELECT *, substr(coalesce(published, posted, ''), 1, 4) AS year FROM documents)"
FIELDS_HELD = (*_OF_DOCUMENTS, *_OF_RECORDS)
_WORD = re.compile(r"[^\W_]+")


def meant_by(connection: sqlite3.Connection, field: str, values: Iterable[str]) -> dict[str, list[str]]:
    """Return, by value as typed, the names that it stands for, letter for letter; none where nothing has it."""
    values = list(values)
    held = _held(connection, field) if values else []
    if field == "vendors" and values:
        held += other_names(connection)
    return {value: list(dict.fromkeys(
        name for name, other in held if _fits(value, name) or (other and _fits(value, other))
    ))[:MOST_NAMES] for value in values}  # fmt: skip


def has_value(connection: sqlite3.Connection, field: str, value: str) -> bool:
    """Tell whether a value is one that the catalogue has, letter for letter."""
    return any(name == value for name, _ in _held(connection, field))


def nearest_to(connection: sqlite3.Connection, field: str, value: str) -> list[str]:
    """Return the values that are written most like one that nothing has, the nearest first; of few all."""
    if field == "numbers":
        return _numbers_near(connection, value)
    wanted = _plain(value)
    known = {name: min(distance(wanted, _plain(name), 99), *(distance(wanted, word, 99) for word in _words(name)))
             for name, _ in _held(connection, field) if _words(name)}  # fmt: skip
    ordered = sorted(known, key=lambda name: (known[name], name))
    near = [name for name in ordered if known[name] <= max(len(wanted) // 2, 1)]
    return (near or (ordered if len(ordered) <= FEW else []))[:NEAREST]


def is_carried(connection: sqlite3.Connection, number: str) -> bool:
    """Tell whether any document carries a number, in whatever spelling."""
    return bool(documents_by_number(connection, number)[1])


def _held(connection: sqlite3.Connection, field: str) -> list[tuple[str, str]]:
    if field in {"places", "states"} and not has_places(connection):
        return []
    asked = _OF_RECORDS.get(field) or _distinct(connection, _OF_DOCUMENTS[field])
    return sorted({(str(name), str(other)) for name, other in connection.execute(asked)})


def _distinct(connection: sqlite3.Connection, column: str) -> str:
    """Return what asks for the values of a column of documents."""
    small = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'searched_classes'")
    table = "searched_classes" if small.fetchone() else _WITH_YEARS
    return f"SELECT DISTINCT {column}, '' FROM {table} WHERE {column} <> ''"  # noqa: S608 (our own names)


def _numbers_near(connection: sqlite3.Connection, value: str) -> list[str]:
    """Return numbers of the same kind that differ in a letter or two."""
    number = parse_identifier(value)
    if number is None:
        return []
    held = connection.execute(
        "SELECT DISTINCT value FROM identifiers WHERE scheme = ? AND length(value) BETWEEN ? AND ? AND role = 'own'",
        (number.scheme, len(number.value) - 8, len(number.value) + 12),
    )
    known = {name: distance(number.value, name, 99) for (name,) in held.fetchmany(5000)}
    return sorted(known, key=lambda name: (known[name], name))[:NEAREST]


def _fits(value: str, name: str) -> bool:
    asked, held = _words(value), _words(name)
    if value.rstrip().endswith("*") and asked:
        return set(asked[:-1]) <= set(held) and any(word.startswith(asked[-1]) for word in held)
    return bool(asked) and (
        set(asked) <= set(held) or asked == ["".join(word[0] for word in _WORD.findall(_fold(name)))]
    )


def _words(text: str) -> list[str]:
    """Return the words of a name without what doesn't tell one name from another; "assessments" is "assessment"."""
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
            for word in _WORD.findall(_fold(text))]  # fmt: skip


def _plain(text: str) -> str:
    return " ".join(_words(text))


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
