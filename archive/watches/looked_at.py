"""What of a change terms are looked for in: the names of its document, the words that came or went, or all its pages.

| change | looked at |
|---|---|
| a new document; an amended notice or award; what lists and servers say of a document | all pages of the version |
| a version in the place of another | the words that it put in and took out |

The names of the document (title, numbers) are looked at in every change. It knows no term and no watch.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archive.research.quoted import lost_quotations
from archive.research.rows import Row
from archive.running_text import RUNNING

NAME, HELD, ADDED, REMOVED = "", "held", "added", "removed"
_REPLACING = frozenset({"replaced", "re-saved"})
# Of a page's end, and the next one's beginning, so many characters are looked at together.
OVERLEAF = 600


@dataclass(frozen=True, slots=True)
class Stretch:
    """A text in which terms are looked for: `what` is NAME, HELD, ADDED or REMOVED; `version` and `page` say where it
    stands. Of what goes on overleaf `over` is the text of the next page, and `between` what stands between both."""

    what: str
    version: str
    page: int
    text: str
    over: str = ""
    between: str = ""


def names_of(connection: sqlite3.Connection, document: str) -> Iterator[Stretch]:
    """Yield what names a document: its title, and the numbers that are its own."""
    rows = connection.execute(
        "SELECT title FROM documents WHERE id = ?1 UNION SELECT number FROM documents WHERE id = ?1"
        " UNION SELECT value FROM identifiers WHERE document = ?1 AND role = 'own'"
        " UNION SELECT printed FROM identifiers WHERE document = ?1 AND role = 'own' ORDER BY 1",
        (document,),
    )
    yield from (Stretch(NAME, "", 0, name) for (name,) in rows.fetchall() if name)


def looked_at(connection: sqlite3.Connection, change: Row) -> Iterator[Stretch]:
    """Yield what of a change is looked at."""
    yield from names_of(connection, change["document"])
    if change["kind"] == "quotation gone":
        for lost in lost_quotations(connection, [change["before"]] if change["before"] else []).get(
            change["before"], []
        ):
            yield Stretch(REMOVED, change["before"], 0, lost["words"])
    elif change["kind"] in _REPLACING and change["before"] and change["version"]:
        yield from passages_of(connection, change)
    else:
        yield from pages_of(connection, change["version"] or _newest(connection, change["document"]))


def _newest(connection: sqlite3.Connection, document: str) -> str:
    row = connection.execute("SELECT newest_version FROM documents WHERE id = ?", (document,)).fetchone()
    return str(row[0]) if row else ""


def is_replacing(change: Row) -> bool:
    """Tell whether a change put one version in the place of another that is there too."""
    return bool(change["kind"] in _REPLACING and change["before"] and change["version"])


def passages_of(connection: sqlite3.Connection, change: Row) -> Iterator[Stretch]:
    """Yield what was put in and taken out by the versions after `before`, up to `version`."""
    rows = connection.execute(
        "SELECT p.kind, p.stands_in, p.page, p.text FROM changed_passages AS p JOIN versions AS v ON v.id = p.version"
        " WHERE p.document = ?1 AND v.ordinal > (SELECT ordinal FROM versions WHERE id = ?2)"
        " AND v.ordinal <= (SELECT ordinal FROM versions WHERE id = ?3) ORDER BY v.ordinal, p.ordinal",
        (change["document"], change["before"], change["version"]),
    )
    for kind, version, page, text in rows:
        yield Stretch(kind, version, page, text)


def pages_of(connection: sqlite3.Connection, version: str) -> Iterator[Stretch]:
    """Yield each page of a version, and where the running text goes on overleaf what stands on both sides."""
    rows = connection.execute(
        "SELECT number, text, parts, runs_on FROM pages WHERE version = ? ORDER BY number", (version,)
    )
    before: Any = None
    for row in rows:
        number, text, parts, _ = row
        yield Stretch(HELD, version, number, text)
        if before is not None and before[3] and before[0] + 1 == number:
            yield from _overleaf(version, before, text, parts)
        before = row


def _overleaf(version: str, before: Any, text: str, parts: str) -> Iterator[Stretch]:
    number, earlier, earlier_parts, runs_on = before
    ends, begins = _running(earlier, earlier_parts, last=True), _running(text, parts, last=False)
    if not (ends and begins):
        return
    if runs_on == "-":  # the hyphen of a word that is broken here
        ends, runs_on = ends[:-1], ""
    yield Stretch(HELD, version, number, ends, begins, "" if runs_on == "=" else runs_on)


def _running(text: str, parts: str, *, last: bool) -> str:
    """Return the end, or the beginning, of a page's running text."""
    held = [(int(start), int(end)) for kind, start, end in json.loads(parts or "[]") if kind in RUNNING]
    if parts in ("", "[]"):
        held = [(0, len(text))]
    start, end = held[-1 if last else 0] if held else (0, 0)
    running = text[start:end].strip()
    return running[-OVERLEAF:] if last else running[:OVERLEAF]
