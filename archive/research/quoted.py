"""What articles quote, and what came of looking for it; and which words of a document the press has quoted."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from archive.research.documents import page_address
from archive.research.quotes.checking import Checker
from archive.research.quotes.outcomes import EXACT, OUTCOMES, Checked, Place, Wanted
from archive.research.rows import Row, select

# Shorter ones are figures of speech, and stand anywhere; of more in one article the first are looked for.
FEWEST_WORDS, MOST_QUOTATIONS = 5, 12
MOST_QUOTED = 200
_WORD = re.compile(r"\w+")


def quotations_of(connection: sqlite3.Connection, document: str, quotations: Iterable[str]) -> list[Row]:
    """Return what an article quotes, each with its `outcome` ("" where it is too short to be looked for), `sources`
    (documents that hold the very words, or what is near), the words that differ (`edits`) and what was `searched`."""
    checker, found = Checker(connection), list[Row]()
    for words in list(dict.fromkeys(quotations))[:MOST_QUOTATIONS]:
        long = len(_WORD.findall(words)) >= FEWEST_WORDS
        found.append(_told(words, checker.check(Wanted(words, but=document)) if long else None))
    return found


def _told(words: str, told: Checked | None) -> Row:
    if told is None:
        return {"words": words, "outcome": "", "meaning": "", "sources": [], "edits": [], "notes": [], "searched": None}
    places = [told.place, *told.others] if told.place else []
    return {
        "words": words,
        "outcome": told.outcome,
        "meaning": OUTCOMES[told.outcome],
        "sources": [_source(place) for place in places],
        "edits": [asdict(edit) for edit in told.edits] if told.outcome != EXACT else [],
        "notes": list(told.notes),
        "searched": asdict(told.searched) if told.searched else None,
    }


def _source(place: Place) -> Row:
    return {
        "document": place.document,
        "title": place.title,
        "number": place.number,
        "collection": place.collection,
        "kind": place.kind,
        "version": place.version.rpartition("@")[2],
        "page": place.page,
        "address": place.address,
        "is_newest": place.is_newest,
    }


def has_quotations(connection: sqlite3.Connection) -> bool:
    """Tell whether a catalogue or a release knows what the press quotes."""
    held = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'quotations'"
    return connection.execute(held).fetchone() is not None


def quoted_by_press(connection: sqlite3.Connection, document: str) -> list[Row]:
    """Return the words of a document that articles quote, by page: each with its address, and the article's title,
    outlet and day; the newest version of an article that quotes them stands for all of its versions."""
    if not has_quotations(connection):
        return []
    rows = select(
        connection,
        "SELECT q.words, q.page, q.address, q.held_version AS version, q.held_version = d.newest_version AS in_newest,"
        " q.document AS article, a.headline, a.outlet, a.published, v.id, v.document, v.digest, v.ordinal"
        " FROM quotations AS q JOIN documents AS d ON d.id = q.held_document"
        " JOIN versions AS v ON v.id = q.version LEFT JOIN articles AS a ON a.version = q.version"
        " WHERE q.held_document = ? AND q.outcome = 'exact'"
        " ORDER BY q.page, q.words, q.document, v.ordinal DESC LIMIT ?",
        (document, MOST_QUOTED),
    )
    told: dict[tuple[str, str], Row] = {}
    for row in rows:
        told.setdefault((row["words"], row["article"]), {
            **{name: row[name] for name in ("words", "page", "address", "version", "article", "headline", "outlet",
                                            "published")},
            "in_newest": bool(row["in_newest"]), "article_address": page_address(row, 1),
        })  # fmt: skip
    return list(told.values())


def lost_quotations(connection: sqlite3.Connection, versions: Sequence[str]) -> dict[str, list[Row]]:
    """Return, by version, the quoted words that stand in it and in no newest version, with their addresses."""
    if not versions or not has_quotations(connection):
        return {}
    marks = ", ".join("?" * len(versions))
    rows = select(
        connection,
        "SELECT DISTINCT q.held_version, q.words, q.address, q.document AS article, d.title FROM quotations AS q"  # noqa: S608
        f" JOIN documents AS d ON d.id = q.document WHERE q.outcome = 'exact' AND q.held_version IN ({marks})"
        " ORDER BY q.held_version, q.page, q.words, q.document",
        versions,
    )
    lost: dict[str, list[Row]] = {}
    for row in rows:
        lost.setdefault(row.pop("held_version"), []).append(row)
    return lost


def told_of_lost(lost: Sequence[Row]) -> str:
    """Return in a sentence which quoted words a version no longer has."""
    if not lost:
        return ""
    first = lost[0]
    words = first["words"] if len(first["words"]) <= 200 else first["words"][:200].rsplit(" ", 1)[0] + " …"
    more = f", and {len(lost) - 1} more" if len(lost) > 1 else ""
    return f"No longer says “{words}”, which {first['title'] or first['article']} quotes{more}."
