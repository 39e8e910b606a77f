"""Writes what is published of restricted versions: their pages as excerpts, or without text, and their facts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from archive.release.excerpts import excerpt, holds, published_words

Row = dict[str, Any]
# The outcome of a version, and of a page, of which not all is published.
EXCERPTED, KEPT_BACK = "excerpt", "not-published"
# Facts that say what an article or a document is, and are no part of its text.
_ABOUT_IT = ("byline", "component", "date", "headline", "kind", "modified", "number", "published", "title", "updated")


def insert(connection: sqlite3.Connection, table: str, added: Iterable[Mapping[str, Any]]) -> None:
    """Put rows into a table of the release."""
    for row in added:
        names, holes = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
        connection.execute(f'INSERT INTO release."{table}" ({names}) VALUES ({holes})', tuple(row.values()))  # noqa: S608


def copy_restricted(source: sqlite3.Connection) -> None:
    """Write the pages and facts of each version that is named in the connection's table `restricted`."""
    chosen = source.execute(
        "SELECT restricted.id, unread.id IS NULL FROM restricted JOIN release.versions AS v ON v.id = restricted.id"
        " LEFT JOIN unread ON unread.id = restricted.id ORDER BY restricted.id"
    ).fetchall()
    for version, some in chosen:
        pages = [
            _placed(source, _excerpted(source, page) if some else _without_text(page))
            for page in rows(source, "SELECT * FROM main.pages WHERE version = ? ORDER BY number", version)
        ]
        insert(source, "pages", pages)
        facts = rows(source, "SELECT * FROM main.facts WHERE version = ? ORDER BY ordinal", version)
        insert(source, "facts", _published_facts(facts, [page["text"] for page in pages]))
        texts = {page["number"]: page["text"] for page in pages}
        _trim_references(source, version, texts)
        _trim_claims(source, version, list(texts.values()))


def _trim_references(source: sqlite3.Connection, version: str, texts: Mapping[int, str]) -> None:
    """Keep of the words around each reference what stands in the published text too, and say where it does."""
    if not any(row[1] == "words" for row in source.execute('PRAGMA release.table_info("references")')):
        return  # an older release, from before there were any
    for row in rows(source, 'SELECT id, page, printed, words FROM release."references" WHERE version = ?', version):
        words, place = published_words(texts.get(row["page"], ""), row["words"], row["printed"])
        source.execute('UPDATE release."references" SET words = ?, place = ? WHERE id = ?', (words, place, row["id"]))


def _trim_claims(source: sqlite3.Connection, version: str, texts: Sequence[str]) -> None:
    """Leave out the words that a claim rests on where they don't stand in the published text too."""
    if source.execute("SELECT 1 FROM release.sqlite_master WHERE name = 'claims'").fetchone() is None:
        return  # an older release, from before there were any
    for row in rows(source, "SELECT id, words FROM release.claims WHERE version = ? AND words <> ''", version):
        if not any(holds(text, row["words"]) for text in texts):
            source.execute("UPDATE release.claims SET words = '' WHERE id = ?", (row["id"],))


def rows(source: sqlite3.Connection, question: str, *values: object) -> list[Row]:
    """Return what a question gives, each row by its columns' names."""
    cursor = source.execute(question, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _placed(source: sqlite3.Connection, page: Row) -> Row:
    """Return a page with its place in the release, where pages have one (archive/release/searching.py)."""
    if "place" not in page:
        return page
    place = source.execute("SELECT place FROM temp.places WHERE page = ?", (page["id"],)).fetchone()
    return {**page, "place": place[0]}


def _without_text(page: Row) -> Row:
    return {**page, "text": "", "parts": "[]", "runs_on": "", "also": "", "broken": "", "outcome": KEPT_BACK}


def _excerpted(source: sqlite3.Connection, page: Row) -> Row:
    if not page["text"]:
        return _without_text(page) | {"outcome": page["outcome"]}
    version, number = page["version"], page["number"]
    quotations = source.execute(
        "SELECT value FROM main.facts WHERE version = ? AND name = 'quotation' AND page IN (?, 0) ORDER BY ordinal",
        (version, number),
    )
    # Numbers before links: they are what articles and documents meet in.
    references = source.execute(
        "SELECT printed FROM main.\"references\" WHERE version = ? AND page = ? ORDER BY kind = 'link', printed, id",
        (version, number),
    )
    opening = _opening(source, version) if number == 1 else []
    text = excerpt(page["text"], opening, [row[0] for row in quotations], [row[0] for row in references])
    parts = json.dumps([["text", 0, len(text)]] if text else [], separators=(",", ":"))
    return _without_text(page) | {"text": text, "parts": parts, "outcome": EXCERPTED}


def _opening(source: sqlite3.Connection, version: str) -> list[str]:
    """Return a version's headline and dates."""
    told = source.execute(
        "SELECT headline, published, modified FROM main.articles WHERE version = ?1"
        " UNION ALL SELECT title, NULL, NULL FROM main.versions WHERE id = ?1 LIMIT 1",
        (version,),
    ).fetchone()
    return list(dict.fromkeys(str(one) for one in told if one))


def _published_facts(facts: Iterable[Row], texts: Sequence[str]) -> list[Row]:
    """Return the facts that are no text, and those quotations that stand in what is published."""
    return [
        fact
        for fact in facts
        if fact["name"] in _ABOUT_IT
        or (fact["name"] == "quotation" and any(holds(text, fact["value"]) for text in texts))
    ]
