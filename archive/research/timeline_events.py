"""Reads the events of a timeline: of a document, of a number in any spelling, of a vendor, or of words in any document.

Whatever is asked, `read_as` says what it was taken for; what was left out since there is more stands in `notes`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archive.identifiers import Identifier, parse_identifier
from archive.research.chain_records import number_of
from archive.research.changes import WORDS
from archive.research.documents import document_address, find_document, list_awards, list_versions
from archive.research.lookups import numbers_like
from archive.research.money import as_they_stand, dollars, obligations
from archive.research.places import place_column
from archive.research.query import parse_query
from archive.research.rows import Row, select
from archive.research.search import match_expression
from archive.research.sightings import timeline
from archive.research.story import read_story
from archive.research.timelines import MOST_EVENTS, Event, as_data, in_order
from archive.research.values import meant_by
from archive.research.vendors import Vendor, find_vendor, list_vendors
from archive.research.withdrawn import gone_document, gone_number

LONGEST = 500
MOST_PAGES = 20_000
MOST_DOCUMENTS = 200
# A document's own date, as exact as it is printed; else when it was seen first.
_DATED = "coalesce(d.published, d.posted, substr(d.first_seen, 1, 10))"
_MENTION = (
    f"d.id AS document, {_DATED} AS since, coalesce(nullif(d.title, ''), nullif(d.number, ''), d.id) AS title,"
    " coalesce(d.published, d.posted) IS NULL AS undated"
)


@dataclass
class Timeline:
    """What was found: the events in order, what the question was taken for, and what was left out."""

    asked: str
    read_as: str = "nothing"
    name: str = ""
    events: list[Event] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gone: Row | None = None

    def data(self) -> Row:
        """Return it as plain data."""
        told = {"of": self.asked, "read_as": self.read_as, "name": self.name, "notes": self.notes}
        return {**told, **as_data(self.events)}


def read_timeline(connection: sqlite3.Connection, asked: str) -> Timeline:
    """Return the timeline of what is asked for: "vendor:NAME", a document's id or path, a number, or words."""
    asked = asked.strip()[:LONGEST]
    found = Timeline(asked)
    named, _, name = asked.partition(":")
    if not asked:
        return found
    if named.strip().lower() == "vendor":
        vendor = _vendor(connection, name.strip(' "“”'), found.notes)
        events = _of_vendor(connection, vendor, found.notes) if vendor else iter(())
        found.read_as, found.name = "vendor", vendor.name if vendor else ""
    elif document := find_document(connection, asked.removeprefix("/d/").partition("@")[0].lower()):
        events = _of_documents(connection, [document["id"]])
        found.read_as, found.name = "document", document["title"] or document["number"] or document["id"]
    elif (number := parse_identifier(asked) or _long(number_of(asked))) is not None:
        events = _of_number(connection, number, found.notes)
        found.read_as, found.name = "number", number.value
    else:
        events = _of_words(connection, asked, found.notes)
        found.read_as, found.name = "words", asked
    found.events = in_order(_few(events, found.notes))
    if not found.events and found.read_as in ("words", "number"):
        found.gone = gone_document(connection, asked) or gone_number(connection, parse_identifier(asked))
    return found


def _vendor(connection: sqlite3.Connection, asked: str, notes: list[str]) -> Vendor | None:
    """Return the vendor that is called so, or the only one that has these words in one of its names."""
    if vendor := find_vendor(connection, asked):
        return vendor
    names = set(meant_by(connection, "vendors", [asked]).get(asked, []))
    fitting = [one for one in list_vendors(connection) if names & set(one.recorded)]
    if len(fitting) > 1:
        told = "; ".join(one.name for one in fitting[:20])
        notes.append(f"Several vendors have that in their names; ask for one of them: {told}.")
    return fitting[0] if len(fitting) == 1 else None


def _long(number: Identifier | None) -> Identifier | None:
    """Return a number that was found inside of an address; a word alone is no number."""
    return number if number and parse_identifier(number.value) else None


def _few(events: Iterator[Event], notes: list[str]) -> Iterator[Event]:
    for count, event in enumerate(events):
        if count == MOST_EVENTS:
            notes.append(f"There is more: the first {MOST_EVENTS:,} events that were found are told.")
            return
        yield event


def _of_number(connection: sqlite3.Connection, number: Identifier, notes: list[str]) -> Iterator[Event]:
    """Yield what became of the documents that bear a number, and what prints it."""
    values = json.dumps(numbers_like(connection, number) or [number.value])
    own = [row[0] for row in connection.execute(
        "SELECT DISTINCT document FROM identifiers WHERE scheme = ? AND role = 'own'"
        " AND value IN (SELECT value FROM json_each(?)) ORDER BY document LIMIT ?",
        (number.scheme, values, MOST_DOCUMENTS + 1))]  # fmt: skip
    if len(own) > MOST_DOCUMENTS:
        notes.append(f"More than {MOST_DOCUMENTS} documents bear it; the first {MOST_DOCUMENTS} are told.")
    yield from _of_documents(connection, own[:MOST_DOCUMENTS])
    yield from _mentions(connection, select(
        connection,
        f'SELECT DISTINCT {_MENTION} FROM "references" AS r JOIN documents AS d ON d.id = r.document'  # noqa: S608
        " WHERE r.kind = ? AND r.target IN (SELECT value FROM json_each(?))"
        " AND d.id NOT IN (SELECT value FROM json_each(?)) LIMIT ?",
        (number.scheme, values, json.dumps(own), MOST_EVENTS),
    ))  # fmt: skip


def _of_vendor(connection: sqlite3.Connection, vendor: Vendor, notes: list[str]) -> Iterator[Event]:
    """Yield the actions and notices of a vendor's awards, and the documents that have one of its names."""
    names = json.dumps(vendor.recorded)
    own = [row[0] for row in connection.execute(
        "SELECT document FROM awards WHERE recipient IN (SELECT value FROM json_each(?1)) UNION"
        " SELECT document FROM notices WHERE awardee IN (SELECT value FROM json_each(?1)) ORDER BY 1 LIMIT ?2",
        (names, MOST_DOCUMENTS + 1))]  # fmt: skip
    if len(own) > MOST_DOCUMENTS:
        notes.append(f"It has more than {MOST_DOCUMENTS} awards and notices; the first {MOST_DOCUMENTS} are told.")
    own = own[:MOST_DOCUMENTS]
    for document in own:
        yield from _of_records(connection, document)
    for name in list(dict.fromkeys(one.name.casefold() for one in vendor.names))[:6]:
        quoted = '"' + name.replace('"', " ") + '"'
        yield from (one for one in _of_words(connection, quoted, notes) if one.document not in own)


def _of_words(connection: sqlite3.Connection, asked: str, notes: list[str]) -> Iterator[Event]:
    """Yield the documents that have some words on a page of their newest version."""
    match = match_expression(connection, parse_query(asked))
    if not match:
        return
    place = place_column(connection)
    rows = select(
        connection,
        "WITH found AS MATERIALIZED (SELECT rowid AS place FROM pages_fts WHERE pages_fts MATCH ? LIMIT ?)"  # noqa: S608
        f" SELECT {_MENTION}, p.page, p.pages FROM (SELECT pages.document, min(pages.number) AS page,"
        f" count(*) AS pages FROM found JOIN pages ON pages.{place} = found.place JOIN documents ON"
        " documents.newest_version = pages.version GROUP BY pages.document) AS p JOIN documents AS d"
        " ON d.id = p.document",
        (match, MOST_PAGES),
    )
    if sum(row["pages"] for row in rows) >= MOST_PAGES:
        notes.append(f"These words stand on very many pages; of the first {MOST_PAGES:,} the documents are told.")
    yield from _mentions(connection, rows)


def _mentions(_connection: sqlite3.Connection, rows: Iterable[Row]) -> Iterator[Event]:
    for row in rows:
        told = f"{row['title']}{', page ' + str(row['page']) if row.get('page') else ''}"
        told += " (its own date isn’t known: first seen)" if row["undated"] else ""
        yield Event(row["since"], row["since"], "mention", told, row["document"], document_address(row["document"]))


def _of_documents(connection: sqlite3.Connection, documents: Iterable[str]) -> Iterator[Event]:
    """Yield all that is known of what became of some documents, and who refers to them."""
    documents = list(documents)
    for document in documents:
        yield from _of_records(connection, document)
        yield from _of_history(connection, document, _named(connection, document) if len(documents) > 1 else "")
    yield from _mentions(connection, select(
        connection,
        f'SELECT DISTINCT {_MENTION} FROM "references" AS r JOIN documents AS d ON d.id = r.document'  # noqa: S608
        " WHERE (r.target_document IN (SELECT value FROM json_each(?1)) OR (r.kind <> 'link' AND r.target IN"
        " (SELECT value FROM identifiers WHERE role = 'own' AND document IN (SELECT value FROM json_each(?1)))))"
        " AND d.id NOT IN (SELECT value FROM json_each(?1)) LIMIT ?2",
        (json.dumps(documents), MOST_EVENTS),
    ))  # fmt: skip


def _named(connection: sqlite3.Connection, document: str) -> str:
    """Return what stands before the words of a document that is one of several."""
    found = find_document(connection, document) or {}
    return f"{str(found.get('title') or found.get('number') or document)[:120]}: "


def _of_records(connection: sqlite3.Connection, document: str) -> Iterator[Event]:
    """Yield what a notice's or an award's own records date: postings, actions, money."""
    for row in select(
        connection,
        "SELECT n.type, n.title, n.posted, n.version FROM notices AS n WHERE n.document = ? AND n.posted IS NOT NULL",
        (document,),
    ):
        yield Event(row["posted"], row["posted"], "notice", f"{row['type']}: {row['title']}"[:300], document,
                    f"/d/{row['version']}")  # fmt: skip
    awards = list_awards(connection, document)
    for row in as_they_stand(awards):
        day, told = row["action_date"] or "", row["action_type"] or "The award itself"
        told = f"{_numbered(row['modification'])}{told}{' (' + row['change'] + ')' if row['change'] else ''}"
        yield Event(day, day, "modification", told, document, row["address"])
    for one in obligations(awards):
        told = f"{_numbered(one.modification)}{dollars(one.cents)} US$"
        yield Event(one.day, one.day, "money", told, document, one.address, one.cents)


def _numbered(modification: str) -> str:
    """Return what stands before the words of a modification; the award itself is no. 0 of its modifications."""
    return "" if modification == "0" else f"{modification}: "


def _of_history(connection: sqlite3.Connection, document: str, named: str = "") -> Iterator[Event]:
    """Yield a document's versions, captures, spans on lists and servers, and what changed; `named` where it isn't the
    only one."""
    versions = {row["id"]: row for row in list_versions(connection, document)}
    for row in versions.values():
        day = row["first_seen"][:10]
        yield Event(day, day, "version", f"{named}version {row['ordinal']}, first seen", document, row["address"])
    for sight in timeline(connection, document).sightings:
        row = versions[sight.version]
        yield Event(
            sight.at[:10], sight.at[:10], "capture", f"{named}version {row['ordinal']}, seen", document, row["address"]
        )
    story = read_story(connection, document)
    address = document_address(document)
    for span in story["listing"]:
        yield Event(span["since"][:10], span["until"][:10], "listing", named + span["state"], document, address)
    for one in story["addresses"]:
        for span in one["spans"]:
            told = f"{named}{span['state']}: {one['url_key']}"[:300]
            yield Event(span["since"][:10], span["until"][:10], "server", told, document, address)
    for event in story["events"]:
        kind = WORDS.get(event["kind"], event["kind"])
        told = f"{named}{kind}{': ' + event['summary'] if event['summary'] else ''}"[:300]
        yield Event(event["at"][:10], event["at"][:10], "change", told, document, event["difference"] or address)
