"""Which held document is meant by one that is named: only where kind, component, and date or title agree, and it is the
only one of which that is so."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, field

from archive.identifiers import component
from archive.named_documents import KINDS, Named

# As much of a first page as the whole title stands in.
COVER = 1_500
_WORD = re.compile(r"[a-z0-9]+")
_SMALL = frozenset(["a", "an", "and", "by", "dhs", "for", "from", "in", "its", "of", "on", "the", "to", "update"])
Found = tuple[str, str]


@dataclass(slots=True)
class _Document:
    """What a document that can be named is known by."""

    id: str
    components: frozenset[str]
    dates: set[str] = field(default_factory=set)
    titles: set[frozenset[str]] = field(default_factory=set)
    cover: str = ""


class NamedLeads:
    """The documents with a number of their own, by what people name them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        held: dict[str, _Document] = {}
        self._by_kind: dict[str, list[_Document]] = {kind: [] for kind in KINDS}
        for scheme, value, document in connection.execute(
            "SELECT scheme, value, document FROM identifiers WHERE role = 'own' AND scheme IN ('pia', 'sorn')"
            " ORDER BY scheme, value, document"
        ):
            if document not in held:
                held[document] = _Document(document, frozenset(component(value).split("/")))
                self._by_kind[scheme].append(held[document])
        for document, date in connection.execute(
            "SELECT document, value FROM dates WHERE role = 'published'"
            " UNION SELECT id, published FROM documents WHERE published <> ''"
        ):
            if document in held:
                held[document].dates.add(date)
        for document, title in connection.execute(
            "SELECT id, title FROM documents UNION SELECT document, title FROM versions"
            " UNION SELECT document, title FROM listings WHERE document IS NOT NULL"
        ):
            if document in held:
                held[document].titles.add(_words(title))
        for document, cover in connection.execute(
            "SELECT d.id, substr(p.text, 1, ?) FROM documents AS d JOIN pages AS p ON p.version = d.newest_version"
            " WHERE p.number = 1",
            (COVER,),
        ):
            if document in held:
                held[document].cover = _plain(cover)

    def lead(self, named: Named) -> Found | None:
        """Return the one document that is meant, and the rule; None where none is, or more than one may be."""
        fitting = [one for one in self._by_kind[named.kind] if named.component in {"", *one.components}]
        to_the_month = len(named.date) >= len("2017-12")
        if named.date:
            fitting = [one for one in fitting if any(_agree(named.date, date) for date in one.dates)]
        if named.title:
            fitting = [one for one in fitting if _is_titled(one, named.title)]
        told = (bool(named.component), to_the_month, len(_words(named.title)) > 1)
        rule = _RULES.get(told, "")
        return (fitting[0].id, rule) if rule and len(fitting) == 1 else None


# By whether the component is named, the month, and a title of more than one word.
_RULES = {
    (True, True, True): "name-date-title",
    (False, True, True): "name-date-title",
    (True, False, True): "name-title",
    (True, True, False): "name-date",
}


def _agree(named: str, date: str) -> bool:
    return date.startswith(named) or (len(date) >= len("2017-12") and named.startswith(date))


def _is_titled(document: _Document, title: str) -> bool:
    words = _words(title)
    return _plain(title) in document.cover or any(words <= one for one in document.titles)


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.casefold())) - _SMALL


def _plain(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))
