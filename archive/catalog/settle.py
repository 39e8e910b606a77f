"""Settling: every table that follows from the evidence, worked out anew and brought to hold exactly that.

The result doesn't depend on the order in which evidence came in, nor on what an earlier settling had made of less of
it: a crawl that was killed and done again, and a rebuild, end in the same rows. What versions were called before is
told from outside (archive/catalog/renames.py). The cost grows with the number of captures and statements; the text of
a version is read and indexed once.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from archive.catalog.award_rows import award_rows
from archive.catalog.changes import change_rows
from archive.catalog.comparisons import Chain, cosmetic_pairs, sync_comparisons
from archive.catalog.describe import version_id
from archive.catalog.evidence import Evidence, Reader, ReadText, TextOf, read_evidence
from archive.catalog.expected import outside
from archive.catalog.identity import Content, Document, documents_of
from archive.catalog.join_rows import join_rows
from archive.catalog.joined import Corrections
from archive.catalog.leads import resolve_references
from archive.catalog.link_corrections import LinkCorrections
from archive.catalog.listing_spans import listing_spans
from archive.catalog.listings import entries_of, whole_walks
from archive.catalog.place_rows import sync_places
from archive.catalog.quotation_rows import gone_rows, sync_quotations
from archive.catalog.references import FINDER, references_in, said_links, text_of
from archive.catalog.renames import Earlier, Named, Present
from archive.catalog.repeated import without_repeated
from archive.catalog.reports import outcome_rows, run_rows
from archive.catalog.row_sync import insert_rows, sync_rows
from archive.catalog.rows import (
    address_rows,
    alias_rows,
    article_rows,
    date_rows,
    document_row,
    listing_rows,
    notice_rows,
    number_rows,
    numbered,
    version_row,
)
from archive.catalog.runs import RunFacts
from archive.catalog.server_spans import server_spans
from archive.catalog.shrunk import shrunk
from archive.catalog.span import Span
from archive.catalog.span_rows import listing_span_rows, server_span_rows
from archive.catalog.successions import find_successions
from archive.catalog.text_rows import entry_rows, fact_rows, page_row, table_rows
from archive.page_keys import page_key

Row = dict[str, Any]
# What is written once a version, when its text is.
OF_A_VERSION = ("pages", "page_tables", "outline", "facts", "references", "texts")
SAMPLE_NOTICE = (
    "Sample: the text on this page was written for a demonstration. It is not the text of the real document."
)


def settle(  # noqa: PLR0913 (each says something else of where the rows come from)
    connection: sqlite3.Connection,
    sources: Sequence[Row],
    runs: Mapping[str, RunFacts],
    read: Reader,
    text_by_digest: TextOf,
    tick: Callable[[], None] = lambda: None,
    *,
    earlier: Earlier = Earlier(),  # noqa: B008 (frozen)
    corrections: Corrections = Corrections(),  # noqa: B008 (frozen)
    links: LinkCorrections = LinkCorrections(),  # noqa: B008 (frozen)
    claims: Callable[[sqlite3.Connection], Iterable[Row]] = lambda _: (),
    watches: Iterable[Row] = (),
) -> None:
    """Bring every derived table in line with the evidence, in one transaction.

    `sources` are rows of the table of that name, `runs` what the journal tells (archive/catalog/runs.py); `read`
    and `text_by_digest` give what was read of a payload, `earlier` what versions were called before, and
    `corrections` and `links` what somebody decided of joins and of references; `claims` gives the rows of what
    somebody claims, once all that they are held against is there, `watches` are those that everybody may see. Readers
    of the catalogue see the old state until all is new.
    """
    evidence = without_repeated(read_evidence(connection), read)
    failed = outside(evidence, read, runs)
    for run, findings in shrunk(evidence, runs).items():
        failed[run] = [*failed.get(run, []), *findings]
    walks = whole_walks(evidence, failed)
    successions = find_successions(evidence, walks, read, text_by_digest)
    documents = documents_of(evidence, read, successions, corrections)
    entries, listed = entries_of(evidence, walks), listing_spans(documents, evidence, walks)
    on_server = server_spans(documents, evidence, runs)
    collections = {row["name"]: row["collection"] for row in sources}
    outcomes = list(outcome_rows(evidence, read, runs, failed))
    aliases = [*alias_rows(documents), *_renamed(connection, documents, earlier)]
    with connection:
        sync_rows(connection, "sources", ["name"], sources)
        sync_rows(connection, "about", ["key"], _about(evidence))
        sync_rows(connection, "runs", ["id"], run_rows(evidence, read, runs, outcomes, failed))
        sync_rows(connection, "outcomes", ["id"], outcomes)
        _sync_documents(connection, documents, _states(listed), collections)
        sync_rows(connection, "aliases", ["alias", "document"], aliases)
        sync_rows(connection, "listings", ["source", "list", "url"], listing_rows(documents, entries))
        sync_rows(connection, "listing_spans", ["document", "ordinal"], listing_span_rows(listed))
        sync_rows(connection, "server_spans", ["document", "url_key", "ordinal"], server_span_rows(on_server))
        joins = join_rows(documents, evidence, successions, corrections)
        sync_rows(connection, "joins", ["document", "ordinal"], joins)
        _sync_texts(connection, documents, text_by_digest, tick)
        sync_places(connection, tick)
        sync_comparisons(connection, map(_chain, documents), tick)
        resolve_references(connection, evidence.redirects, links)
        sync_quotations(connection, tick)
        changes = change_rows(documents, listed, on_server, cosmetic_pairs(connection))
        sync_rows(connection, "changes", ["id"], [*changes, *gone_rows(connection)])
        sync_rows(connection, "claims", ["id"], claims(connection))
        sync_rows(connection, "watches", ["name"], watches)


def _chain(document: Document) -> Chain:
    return Chain(document.id, [version_id(document, content) for content in document.contents])


def _states(listed: Mapping[str, Sequence[Span]]) -> dict[str, str]:
    """Return each document's state as it was last seen, "" where nothing is to be said of it."""
    return {document: spans[-1].state if spans else "" for document, spans in listed.items()}


def _about(evidence: Evidence) -> list[Row]:
    if not any(seen.sample for seen in evidence.seen):
        return []
    return [{"key": "notice", "value": SAMPLE_NOTICE}, {"key": "sample", "value": "yes"}]


def _renamed(connection: sqlite3.Connection, documents: Iterable[Document], earlier: Earlier) -> list[Row]:
    """Return the aliases that earlier names of versions have become; those that become it now are noted first.

    Who is killed after that finds the same names going once more, and known.
    """
    held = {Named(*row) for row in connection.execute("SELECT id, capture FROM versions")} | earlier.held
    present = Present(documents)
    going = present.renamed(held, earlier.known)
    if going:
        earlier.note(going)
    return list(present.rows(earlier.known.union(going)))


def _sync_documents(
    connection: sqlite3.Connection,
    documents: Iterable[Document],
    states: Mapping[str, str],
    collections: Mapping[str, str],
) -> None:
    documents = list(documents)
    versions = [version_row(document, content, n) for document, content, n in numbered(documents)]
    sync_rows(connection, "documents", ["id"], [document_row(one, states[one.id], collections) for one in documents])
    sync_rows(connection, "versions", ["id"], versions)
    for table, key, rows in (
        ("identifiers", ["document", "scheme", "value", "role"], map(number_rows, documents)),
        ("dates", ["version", "role", "words"], map(date_rows, documents)),
        ("addresses", ["url_key", "document"], map(address_rows, documents)),
        ("notices", ["version"], map(notice_rows, documents)),
        ("awards", ["version"], map(award_rows, documents)),
        ("articles", ["version"], map(article_rows, documents)),
    ):
        sync_rows(connection, table, key, itertools.chain.from_iterable(rows))


def _sync_texts(
    connection: sqlite3.Connection,
    documents: Iterable[Document],
    text_by_digest: TextOf,
    tick: Callable[[], None],
) -> None:
    """Bring what versions say in line, touching only those that are new, gone, or read anew.

    What a version's pages were made of (its capture, and what its reader made of it) is told by the table `texts`.
    """
    wanted = {version_id(document, content): (document, content) for document, content, _ in numbered(documents)}
    held = {row[0]: row[1:] for row in connection.execute("SELECT version, made_of, linked FROM texts").fetchall()}
    kept = {name for name, (made_of, _) in held.items() if name in wanted and made_of == _made_of(*wanted[name])}
    for version in held.keys() - kept:
        for table in OF_A_VERSION:
            connection.execute(f'DELETE FROM "{table}" WHERE version = ?', (version,))  # noqa: S608
    for version in sorted(wanted.keys() - kept):
        document, content = wanted[version]
        _insert_text(connection, version, document, content, _text(document, content, text_by_digest))
        tick()
    for version in sorted(name for name in kept if held[name][1] != FINDER):
        document, content = wanted[version]
        text = _text(document, content, text_by_digest)
        connection.execute('DELETE FROM "references" WHERE version = ?', (version,))
        insert_rows(connection, "references", references_in(document, content, version, text))
        connection.execute("UPDATE texts SET linked = ? WHERE version = ?", (FINDER, version))
        tick()


def _made_of(document: Document, content: Content) -> str:
    reading = content.reading
    made = f"{reading.reader} {reading.outcome} {reading.text_digest}" if reading else "source"
    compared = reading.metadata.get("compared", "") if reading else ""
    return f"{content.first.seen.id} {made} parts {compared}".rstrip()


def _text(document: Document, content: Content, text_by_digest: TextOf) -> ReadText:
    """Return a version's text; an article's links are those that its source found in it."""
    if content.reading is None:
        return text_of(document, content) if document.kind != "file" else ReadText()
    text = text_by_digest(content.first.seen.content_digest)
    return text if document.kind == "file" else replace(text, links=said_links(content))


def _insert_text(
    connection: sqlite3.Connection, version: str, document: Document, content: Content, text: ReadText
) -> None:
    for page in text.pages:
        row = page_row(version, document.id, page)
        insert_rows(connection, "pages", [{"id": _free_page_id(connection, version, page.number), **row}])
    insert_rows(connection, "page_tables", table_rows(version, document.id, text))
    insert_rows(connection, "outline", entry_rows(version, document.id, text))
    insert_rows(connection, "facts", fact_rows(version, document.id, text))
    insert_rows(connection, "references", references_in(document, content, version, text))
    insert_rows(connection, "texts", [{"version": version, "made_of": _made_of(document, content), "linked": FINDER}])


def _free_page_id(connection: sqlite3.Connection, version: str, number: int) -> int:
    """Return a page's integer key; of two pages that would have the same, the later takes another."""
    for taken in itertools.count():
        key = page_key(version, number, taken)
        if connection.execute("SELECT 1 FROM pages WHERE id = ?", (key,)).fetchone() is None:
            break
    return key
