"""The mementos of one address in the order of time, and which of them is meant by an instant; knows no server.

Two captures may be of one second. Where their content differs, the address of each has its capture's id behind the
instant, and the instant alone leads to one of them.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from archive.addresses import url_key
from archive.mementos.instants import apart, stamp
from archive.mementos.which import is_memento, place_of
from archive.research.rows import Row, select

# So many characters of a capture's id stand behind an instant; all may be given.
ID_SHOWN = 10
_COLUMNS = (
    "c.id, c.source, c.kind, c.method, c.url, c.url_key, c.captured_at, c.status, c.media_type, c.payload_digest,"
    " c.payload_bytes, c.content_digest, c.location, c.truncated, c.fidelity, c.outcome, c.provenance, c.original_url,"
    " c.original_at, c.sample"
)


@dataclass(frozen=True, slots=True)
class Memento:
    """One capture as it is shown: `url` and `at` are its address and instant, for a copy those of what was copied."""

    capture: str
    url: str
    at: str
    row: Row

    @property
    def content(self) -> tuple[str, int]:
        """What is the same where two captures show the same: the digest of the body, and the status."""
        return self.row["content_digest"], 200 if self.row["status"] == 304 else self.row["status"]


class Timeline:
    """The mementos of an address, the earliest first; `asked` is the address as it was asked for."""

    def __init__(self, asked: str, mementos: Sequence[Memento]) -> None:
        self.asked = asked
        self.mementos = sorted(mementos, key=lambda one: (one.at, one.capture))
        self._instants = [one.at for one in self.mementos]
        contents = defaultdict(set)
        for one in self.mementos:
            contents[one.at].add(one.content)
        self._several = {at for at, shown in contents.items() if len(shown) > 1}

    def __bool__(self) -> bool:
        return bool(self.mementos)

    def at(self, instant: str) -> list[Memento]:
        """Return the mementos of one second, the one that is meant by it first.

        First those of the address in its very spelling, then our own before copies, then by the capture's id.
        """
        found = [one for one in self.mementos if one.at == instant]
        return sorted(found, key=lambda one: (one.url != self.asked, bool(one.row["original_url"]), one.capture))

    def is_plain(self, instant: str) -> bool:
        """Tell whether an instant alone says what is shown."""
        return instant not in self._several

    def nearest(self, instant: str) -> Memento:
        """Return the memento that is nearest to an instant; of two that are equally near the earlier one.

        RFC 7089 leaves the choice to the server. Of the earlier one it is known that it had been there.
        """
        place = bisect_left(self._instants, instant)
        near = sorted({self._instants[min(max(one, 0), len(self._instants) - 1)] for one in (place - 1, place)})
        return self.at(min(near, key=lambda one: apart(one, instant)))[0]

    def newest(self) -> Memento:
        """Return the last memento."""
        return self.at(self._instants[-1])[0]

    def beside(self, memento: Memento, step: int) -> Memento | None:
        """Return the memento before (`step` -1) or after another; None at either end."""
        place = self.mementos.index(memento) + step
        return self.mementos[place] if 0 <= place < len(self.mementos) else None

    def path(self, memento: Memento, route: str = "web") -> str:
        """Return the path of a memento: /web/20180126150000/https://…"""
        told = "" if self.is_plain(memento.at) else f"-{memento.capture[:ID_SHOWN]}"
        return f"/{route}/{stamp(memento.at)}{told}/{in_path(memento.url)}"


def in_path(url: str) -> str:
    """Return an address as it stands at the end of a path of ours: its own query is then that of the path."""
    return quote(url.partition("#")[0], safe="%/:?[]@!$&'()*+,;=~-._")


def timeline(connection: sqlite3.Connection, url: str, *, whole: bool) -> Timeline:
    """Return what may be shown of an address, in any of its spellings.

    A release says itself which captures may be shown (archive/release/shown.py). `whole` is for the operator, who sees
    all that the working catalogue holds. Older releases, and other files, show nothing.
    """
    key = url_key(url)
    if whole:
        return Timeline(url, [one for one in _captured(connection, key) if one is not None])
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mementos'").fetchone():
        return Timeline(url, [])
    rows = select(
        connection,
        f"SELECT {_COLUMNS} FROM mementos AS m JOIN captures AS c ON c.id = m.capture WHERE m.url_key = ?",  # noqa: S608
        (key,),
    )
    return Timeline(url, [_memento(row) for row in rows])


def _captured(connection: sqlite3.Connection, key: str) -> list[Memento]:
    """Return the mementos that a catalogue holds under a key; copies stand under their keeper's address there."""
    own = select(connection, f"SELECT {_COLUMNS} FROM captures AS c WHERE url_key = ?", (key,))  # noqa: S608
    copies = connection.execute("SELECT id, original_url FROM captures WHERE original_url <> ''")
    meant = [str(capture) for capture, url in copies if url_key(url) == key]
    found = [one for one in own if not one["original_url"]]
    for capture in meant:
        found += select(connection, f"SELECT {_COLUMNS} FROM captures AS c WHERE id = ?", (capture,))  # noqa: S608
    return [_memento(row) for row in found if is_memento(row)]


def _memento(row: Row) -> Memento:
    _, url, at = place_of(row)
    return Memento(row["id"], url, at, row)


def mementos_of_version(connection: sqlite3.Connection, version: Row, most: int = 20) -> list[Memento]:
    """Return which captures that may be shown hold a version, its own or others of the same bytes, the latest first."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'mementos'").fetchone():
        return []
    rows = select(
        connection,
        f"SELECT {_COLUMNS} FROM captures AS c JOIN mementos AS m ON m.capture = c.id"  # noqa: S608
        " AND m.url_key = c.url_key WHERE c.content_digest = ?1 OR c.id = ?2"
        f" UNION SELECT {_COLUMNS} FROM captures AS c WHERE c.original_url <> ''"
        " AND (c.content_digest = ?1 OR c.id = ?2) AND c.id IN (SELECT capture FROM mementos)",
        (version["digest"], version["capture"]),
    )
    return sorted(map(_memento, rows), key=lambda one: (one.at, one.capture), reverse=True)[:most]


def exact_path(memento: Memento, route: str = "captures") -> str:
    """Return the path that names one capture whatever others are of the same second."""
    return f"/{route}/{stamp(memento.at)}-{memento.capture[:ID_SHOWN]}/{in_path(memento.url)}"
