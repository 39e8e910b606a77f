"""Among what is looked when something is asked for: how many documents and pages, of which sources, captured up to
when, and what is known to be missing there. Knows no words that are looked for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from archive.research.as_stood import versions_in_force
from archive.research.filters import NO_FILTERS, Filters
from archive.research.fitting import condition
from archive.research.lookups import health
from archive.research.rows import select
from archive.research.searched import searched_in
from archive.research.withdrawn import list_withdrawals

_AMONG = "(SELECT value FROM json_each(?))"
# Of a page that was read, or on which there is nothing; the last two are an article's excerpt, and its absence.
_READ = ("text", "blank-page", "excerpt", "not-published")
# What isn't asked by us, but handed in.
_HANDED_IN = ("deposit", "import")
_BLOCKED = """
SELECT count(DISTINCT s.document), min(s.since) FROM server_spans AS s JOIN documents AS d ON d.id = s.document
 WHERE s.state = 'blocked' AND NOT EXISTS (SELECT 1 FROM server_spans AS later WHERE later.document = s.document
 AND later.url_key = s.url_key AND later.ordinal > s.ordinal) AND """


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is known not to be among what was looked at: `kind` by name, how much of it, `since` when (an
    instant, or ""), of which `source` ("" where of several); and all that in a sentence."""

    kind: str
    count: int
    told: str
    source: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class SourceInScope:
    """A source with how many of the documents are its own, and how it is (archive/research/status.py)."""

    name: str
    title: str
    documents: int
    last_run: str
    health: str
    since: str


@dataclass(frozen=True, slots=True)
class Scope:
    """`documents` and `pages` (of all their versions; as of a day, of those in force) that are searched.

    `captured_until` is the last instant at which anything of the sources was captured; `release` the number of the
    release that is asked and `built` when it was made, None and "" of a working catalogue.
    """

    documents: int
    pages: int
    sources: tuple[SourceInScope, ...]
    captured_until: str
    release: int | None
    built: str
    gaps: tuple[Gap, ...]


def read_scope(connection: sqlite3.Connection, filters: Filters = NO_FILTERS, excluded: Filters = NO_FILTERS) -> Scope:
    """Return what is searched by a question that has these filters; their values are names of the catalogue."""
    fits = condition(connection, filters, excluded)
    documents, pages = _counted(connection, fits, filters.on)
    is_all = not filters and not excluded
    sources = tuple(_sources(connection, fits, filters, is_all=is_all))
    about = dict(connection.execute("SELECT key, value FROM about WHERE key IN ('release', 'built')").fetchall())
    release = int(about["release"]) if about.get("release", "").isdecimal() else None
    until = _captured_until(connection, [source.name for source in sources], filters.on)
    gaps = tuple(_gaps(connection, fits, sources, filters))
    return Scope(documents, pages, sources, until, release, about.get("built", ""), gaps)


_Condition = tuple[str, list[object]]


def _counted(connection: sqlite3.Connection, fits: _Condition, day: str) -> tuple[int, int]:
    sql, values = fits
    searched = searched_in(connection)
    if day:
        ids = [row[0] for row in connection.execute(f"SELECT d.id FROM documents AS d WHERE {sql}", values)]  # noqa: S608
        versions = sorted(versions_in_force(connection, ids, day))
        asked = f"SELECT count(*) FROM pages WHERE version IN {_AMONG}"  # noqa: S608
        return len(ids), connection.execute(asked, (json.dumps(versions),)).fetchone()[0]
    if searched.is_narrow:
        # The pages of a document lie together, from its first place to its last.
        asked = f"SELECT count(*), coalesce(sum(last - first + 1), 0) FROM {searched.rows} AS d WHERE {sql}"  # noqa: S608
        documents, pages = connection.execute(asked, values).fetchone()
        return documents, pages
    count = f"SELECT count(*) FROM documents AS d WHERE {sql}"  # noqa: S608
    on_pages = f"SELECT count(*) FROM pages WHERE document IN (SELECT d.id FROM documents AS d WHERE {sql})"  # noqa: S608
    return connection.execute(count, values).fetchone()[0], connection.execute(on_pages, values).fetchone()[0]


def _sources(
    connection: sqlite3.Connection, fits: _Condition, filters: Filters, *, is_all: bool
) -> Iterator[SourceInScope]:
    """Yield the sources of what is searched: those that have documents there, and those that should have."""
    sql, values = fits
    counted = dict(connection.execute(
        f"SELECT d.source, count(*) FROM documents AS d WHERE {sql} GROUP BY d.source", values  # noqa: S608
    ).fetchall())  # fmt: skip
    for row in select(connection, "SELECT name, title, collection FROM sources ORDER BY name"):
        named = row["name"] in filters.sources or (not filters.sources and row["collection"] in filters.collections)
        if is_all or named or row["name"] in counted:
            state, last, since = _state(connection, row["name"])
            yield SourceInScope(row["name"], row["title"], counted.get(row["name"], 0), last, state, since)


def _state(connection: sqlite3.Connection, source: str) -> tuple[str, str, str]:
    """Return how a source is, when it last ran, and on which night it began to be so, where that isn't well."""
    runs = select(
        connection,
        "SELECT id, night, started, finished, status, failures FROM runs WHERE source = ?"
        " ORDER BY started DESC, night DESC, minimum IS NULL, id DESC LIMIT 500",
        (source,),
    )
    state = health(runs[0] if runs else None)
    if not runs or state == "ok":
        return state, (runs[0]["finished"] or runs[0]["started"]) if runs else "", ""
    bad = 0
    while bad < len(runs) and health(runs[bad]) != "ok":
        bad += 1
    return state, runs[0]["finished"] or runs[0]["started"], runs[bad - 1]["night"]


def _captured_until(connection: sqlite3.Connection, sources: Iterable[str], day: str) -> str:
    """Return the last instant at which anything of the sources was captured; of a day, by its end."""
    asked = "SELECT max(captured_at) FROM captures WHERE source = ? AND captured_at < ?"
    end = f"{day}T99" if day else "9999"
    return max((connection.execute(asked, (source, end)).fetchone()[0] or "" for source in sources), default="")


def _gaps(
    connection: sqlite3.Connection, fits: _Condition, sources: tuple[SourceInScope, ...], filters: Filters
) -> Iterator[Gap]:
    yield from filter(None, (_of_source(source) for source in sources))
    yield from _listed(connection, sources)
    yield from _of_servers(connection, fits)
    yield from _of_versions(connection, fits)
    yield from _of_pages(connection, fits)
    yield from _unmatched(connection, fits)
    yield from _withdrawn(connection, filters)


def _of_source(source: SourceInScope) -> Gap | None:
    if source.health == "ok" or (source.name in _HANDED_IN and source.health == "never run"):
        return None
    since = f" since the night of {source.since}" if source.since else ""
    told = {"never run": "was never asked", "interrupted": f"has a run that did not come to its end{since}"}
    words = told.get(source.health, f"has failures in its runs{since}")
    return Gap(f"source {source.health}", 1, f"The source {source.name} {words}.", source.name, source.since)


def _listed(connection: sqlite3.Connection, sources: tuple[SourceInScope, ...]) -> Iterator[Gap]:
    rows = connection.execute(
        "SELECT source, count(DISTINCT url), min(first_seen) FROM listings WHERE document IS NULL"  # noqa: S608
        f" AND source IN {_AMONG} GROUP BY source ORDER BY source",
        (json.dumps([source.name for source in sources]),),
    )
    for source, count, since in rows:
        told = f"{source} lists {_many(count, 'address', 'addresses')} of which no document is held."
        yield Gap("listed and not held", count, told, source, since)


def _of_servers(connection: sqlite3.Connection, fits: _Condition) -> Iterator[Gap]:
    held = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'server_spans'"
    if connection.execute(held).fetchone() is None:
        return  # a release from before there were spans
    count, since = connection.execute(_BLOCKED + fits[0], fits[1]).fetchone()
    if count:
        told = f"The servers refuse {_many(count, 'document')} at an address, the longest since {since[:10]}."
        yield Gap("blocked by the server", count, told, since=since)


_VERSIONS = {
    "excerpt": ("published as excerpts", "are published as excerpts, and only these were searched"),
    "not-published": ("text not published", "are published without their text, and only their titles were searched"),
}


def _of_versions(connection: sqlite3.Connection, fits: _Condition) -> Iterator[Gap]:
    rows = connection.execute(
        "SELECT v.outcome, count(*) FROM versions AS v JOIN documents AS d ON d.id = v.document"  # noqa: S608
        f" WHERE v.outcome <> 'text' AND {fits[0]} GROUP BY v.outcome ORDER BY v.outcome",
        fits[1],
    ).fetchall()
    unread = 0
    for outcome, count in rows:
        if outcome in _VERSIONS:
            kind, words = _VERSIONS[outcome]
            yield Gap(kind, count, f"{_many(count, 'version')} {words}.")
        elif outcome != "blank-page":
            unread += count
    if unread:
        told = f"{_many(unread, 'version')} could not be read, or not wholly."
        yield Gap("versions not wholly read", unread, told)


def _of_pages(connection: sqlite3.Connection, fits: _Condition) -> Iterator[Gap]:
    marks = ", ".join("?" * len(_READ))
    unread, ocr = connection.execute(
        f"SELECT coalesce(sum(p.outcome NOT IN ({marks})), 0), coalesce(sum(p.origin = 'ocr'), 0)"  # noqa: S608
        " FROM pages AS p JOIN documents AS d ON d.id = p.document"
        f" WHERE (p.outcome <> 'text' OR p.origin = 'ocr') AND {fits[0]}",
        (*_READ, *fits[1]),
    ).fetchone()
    if unread:
        yield Gap("pages without text", unread, f"{_many(unread, 'page')} could not be read.")
    if ocr:
        yield Gap("pages read by OCR", ocr, f"{_many(ocr, 'page')} were read by OCR, which may have words otherwise.")


def _unmatched(connection: sqlite3.Connection, fits: _Condition) -> Iterator[Gap]:
    count = connection.execute(
        'SELECT count(DISTINCT r.target) FROM "references" AS r JOIN documents AS d ON d.id = r.document'  # noqa: S608
        f" WHERE r.target_document IS NULL AND {fits[0]}",
        fits[1],
    ).fetchone()[0]
    if count:
        told = f"The documents refer to {_many(count, 'number or address', 'numbers and addresses')} not held here."
        yield Gap("referred to and not held", count, told)


def _withdrawn(connection: sqlite3.Connection, filters: Filters) -> Iterator[Gap]:
    """Yield how many withdrawals are in force, which name nothing; they are known by collection and no other way."""
    held = [row for row in list_withdrawals(connection) if not row["undone"]]
    count = sum(not filters.collections or row["collection"] in filters.collections for row in held)
    if count:
        told = (
            f"{_many(count, 'withdrawal')} {'is' if count == 1 else 'are'} in force; what they took out isn't searched."
        )
        yield Gap("withdrawn", count, told)


def _many(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def without_what_is_sought(filters: Filters) -> Filters:
    """Return the filters that say among what is looked; a number and words of a title are what is looked for."""
    return replace(filters, numbers=(), titles=())
