"""Search over time: since when, and until when, documents have said something, as far as the versions held tell.

What stands on a page is found as the search finds it, in whatever version; a phrase also where it runs over a page's
end. The site and the command line give what this gives; it knows neither.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

from archive.research.documents import document_address, page_address
from archive.research.over_page_ends import over_page_ends
from archive.research.places import place_column
from archive.research.questions import documents_that_fit, read_question
from archive.research.rows import Row, select
from archive.research.search import match_expression
from archive.research.sightings import Sighting, Stretch, Timeline, timelines

SORTS = ("first", "last")
MOST_RESULTS = 100
# Of one document; a page that alternates says no more by the hundredth time.
MOST_STRETCHES = 40
# So many pages, or versions, are looked up one by one; of more, all are gone through.
FEW = 5_000
# What reads all of a version leaves nothing unknown.
_WHOLE = ("text", "blank-page")
_FIELDS = ("title", "collection", "kind", "component", "published", "published_precision", "published_words", "posted",
           "posted_words", "sample")  # fmt: skip


def over_time(
    connection: sqlite3.Connection, query: str, *, limit: int = 20, offset: int = 0, sort: str = "first",
    collection: str = "",
) -> Row:  # fmt: skip
    """Return `first` and `last`: when a version that holds what is asked was first and last seen in all the archive;
    and `results`, by document: in which versions it stands, from when to when, and what is known of before and after.

    Never raises for what a person typed: what can't be looked for is told in `notes`. Dates are those of captures; a
    document's own stand beside them. Of all documents `total` are counted, and those from `offset` on shown.
    """
    question = read_question(connection, query)
    asked = question.query
    notes = [*asked.notes, *question.unknown_notes(connection)]
    fits = documents_that_fit(connection, asked)
    pages = _pages(connection, match_expression(connection, asked))
    for version, page in over_page_ends(connection, asked, notes).items():
        pages.setdefault(version, page)
    documents, versions = _documents(connection, pages, collection, fits)
    sort = sort if sort in SORTS else "first"
    ordered = _sorted(documents, sort)
    first = max(offset, 0)
    shown = ordered[first : first + min(max(limit, 0), MOST_RESULTS)]
    ends = _ends(documents)
    lines = timelines(connection, [*dict.fromkeys([*shown, *ends])])
    results = {row["id"]: row for row in _results(connection, pages, lines)}
    return {
        "query": asked.text,
        "total": len(ordered),
        "versions": versions,
        "offset": first,
        "limit": limit,
        "sort": sort,
        "filters": {"collection": collection} if collection else {},
        "notes": notes,
        "first": _end(results, ends[:1], "first"),
        "last": _end(results, ends[1:], "last"),
        "results": [results[name] for name in shown],
    }


def _pages(connection: sqlite3.Connection, match: str) -> dict[str, int]:
    """Return, by version, the first page that holds what is asked. Nothing that was found is sorted.

    Few pages are looked up one by one. For many the narrow index of all pages is gone through, version by version.
    """
    if not match:
        return {}
    few = connection.execute(
        "SELECT count(*) <= ?2 FROM (SELECT 1 FROM pages_fts WHERE pages_fts MATCH ?1 LIMIT ?2 + 1)", (match, FEW)
    ).fetchone()[0]
    place = place_column(connection)
    if not few:
        return dict(
            connection.execute(
                "SELECT version, min(number) FROM pages INDEXED BY pages_version"  # noqa: S608 (a column of ours)
                f" WHERE {place} IN (SELECT rowid FROM pages_fts WHERE pages_fts MATCH ?) GROUP BY version",
                (match,),
            ).fetchall()
        )
    pages: dict[str, int] = {}
    for version, number in connection.execute(
        f"SELECT p.version, p.number FROM pages_fts AS f CROSS JOIN pages AS p ON p.{place} = f.rowid"  # noqa: S608
        " WHERE f.pages_fts MATCH ?",
        (match,),
    ):
        pages[version] = min(number, pages.get(version, number))
    return pages


def _documents(
    connection: sqlite3.Connection, pages: dict[str, int], collection: str, fits: set[str] | None
) -> tuple[dict[str, tuple[str, str]], int]:
    """Return, by document, when a version that holds it was first and last seen; and how many versions there are."""
    only = " JOIN documents AS d ON d.id = v.document AND d.collection = :collection" if collection else ""
    some = ", json_each(:versions) AS held WHERE v.id = held.value" if len(pages) <= FEW else ""
    found: dict[str, tuple[str, str]] = {}
    versions = 0
    for version, document, since, until in connection.execute(
        f"SELECT v.id, v.document, v.first_seen, v.last_seen FROM versions AS v{only}{some}",  # noqa: S608
        {"versions": json.dumps(list(pages)) if some else "", "collection": collection},
    ):
        if version in pages and (fits is None or document in fits):
            versions += 1
            known = found.get(document, (since, until))
            found[document] = (min(known[0], since), max(known[1], until))
    return found, versions


def _sorted(documents: dict[str, tuple[str, str]], sort: str) -> list[str]:
    named = sorted(documents)
    if sort == "last":
        return sorted(named, key=lambda name: documents[name][1], reverse=True)
    return sorted(named, key=lambda name: documents[name][0])


def _ends(documents: dict[str, tuple[str, str]]) -> list[str]:
    """Return the document that was seen to say it first of all, and the one that was last."""
    if not documents:
        return []
    return [min(documents, key=lambda name: (documents[name][0], name)),
            max(documents, key=lambda name: (documents[name][1], name))]  # fmt: skip


def _end(results: dict[str, Row], ends: list[str], which: str) -> Row | None:
    """Return the sight with which it begins, or ends, in the whole archive."""
    if not ends:
        return None
    row = results[ends[0]]
    return {"document": row["id"], "title": row["title"], "identifier": row["identifier"], **row[which]}


def _results(connection: sqlite3.Connection, pages: dict[str, int], lines: dict[str, Timeline]) -> Iterator[Row]:
    unread = _unread(connection, lines)
    for row in select(
        connection,
        f"SELECT id, number, newest_version, versions, {', '.join(_FIELDS)} FROM documents"  # noqa: S608
        " WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(lines)),),
    ):
        line = lines[row["id"]]
        versions = {version for version in line.versions if version in pages}
        stretches = line.stretches(versions)
        told = [_stretch(line, one, pages, unread) for one in stretches[:MOST_STRETCHES]]
        yield {
            "id": row["id"],
            "identifier": row["number"],
            **{name: row[name] for name in _FIELDS},
            "url": document_address(row["id"]),
            "versions": row["versions"],
            "stands_in": len(versions),
            "in_newest": row["newest_version"] in versions,
            "not_wholly_read": sorted(unread & line.versions.keys() - versions),
            "beside": line.beside,
            "first": _sight_of(line, min(versions, key=lambda one: _order(line, one, "first_seen")), pages),
            "last": _sight_of(line, max(versions, key=lambda one: _order(line, one, "last_seen")), pages),
            "stretches": told if len(stretches) <= MOST_STRETCHES else [*told[:-1], _stretch(
                line, stretches[-1], pages, unread)],
            "stretches_left_out": max(len(stretches) - MOST_STRETCHES, 0),
        }  # fmt: skip


def _unread(connection: sqlite3.Connection, lines: dict[str, Timeline]) -> set[str]:
    """Return those of the versions that may say more than was read, or than is published, of them."""
    names = json.dumps([name for line in lines.values() for name in line.versions])
    holes = ", ".join("?" * len(_WHOLE))
    found = connection.execute(
        f"SELECT id FROM versions WHERE outcome NOT IN ({holes}) AND id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (*_WHOLE, names),
    )
    return {row[0] for row in found}


def _stretch(line: Timeline, one: Stretch, pages: dict[str, int], unread: set[str]) -> Row:
    """Return from when to when it stood; `before` and `after` are the nearest sights without it, or None."""
    return {
        "from": {**_sight(line, one.first), **_page(line, one.first, pages)},
        "to": {**_sight(line, one.last), **_page(line, one.last, pages)},
        "before": _without(line, one.before, unread),
        "after": _without(line, one.after, unread),
    }


def _order(line: Timeline, version: str, seen: str) -> tuple[str, int]:
    row = line.versions[version]
    return row[seen], row["ordinal"]


def _sight_of(line: Timeline, version: str, pages: dict[str, int]) -> Row:
    row = line.versions[version]
    sight = Sighting(version, row["first_seen"], row["last_seen"], row["capture"])
    return {**_sight(line, sight), **_page(line, sight, pages)}


def _sight(line: Timeline, one: Sighting) -> Row:
    return {"version": one.version, "ordinal": line.versions[one.version]["ordinal"], "at": one.at, "until": one.until,
            "capture": one.capture}  # fmt: skip


def _page(line: Timeline, one: Sighting, pages: dict[str, int]) -> Row:
    number = pages[one.version]
    return {"page": number, "url": page_address(line.versions[one.version], number)}


def _without(line: Timeline, one: Sighting | None, unread: set[str]) -> Row | None:
    return None if one is None else {**_sight(line, one), "wholly_read": one.version not in unread}
