"""Loading: from captures to catalogue, in three steps whose queues are durable by themselves: derive, read, settle."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from archive.catalog.evidence import EntryText, FactText, LinkText, PageText, ReadFacts, ReadText, TableText
from archive.catalog.renames import EVENT, MOST_A_LINE, Earlier, Named, renamed_in
from archive.catalog.runs import fold
from archive.catalog.settle import settle
from archive.claims_file import read_claims
from archive.folder import ArchiveFolder
from archive.joins_file import EVENT as JOINS_USED
from archive.joins_file import corrections_in_force, event_of, is_news
from archive.links_file import EVENT as LINKS_USED
from archive.links_file import are_news, event_of_links, links_in_force
from archive.research.claim_rows import claim_rows
from archive.store.errors import RecordDamaged
from archive.store.journal import Journal
from archive.store.store import CaptureStore
from archive.watches.public import watch_rows
from archive.watches.watch_file import read_watches
from pipelines.clock import now
from pipelines.derive import IMPORT, Sources, derive_pending
from pipelines.readers import PASSING, Readers, Wanted, kept_path, kept_reading
from pipelines.text.agreement import COMPARED
from pipelines.text.ocr_at_hand import ocr_at_hand
from pipelines.text.reading import Reading, TextPage
from pipelines.text.scans import waiting
from pipelines.text.stored_reading import READERS
from pipelines.tried_again import forget, may_try, note_failure

# Called as (what is done, how many are done, how many there are).
Progress = Callable[[str, int, int], None]
# Called as Readers is.
MakeReaders = Callable[..., Readers]

# As much of a first page as its number and its date can stand in.
COVER = 4_000

DEPOSIT_SOURCE = {
    "name": "deposit",
    "title": "Files handed in",
    "publisher": "",
    "home": "",
    "collection": "deposited",
    "description": "Files that a person had and handed in with `oversight deposit`.",
}
IMPORT_SOURCE = {
    "name": IMPORT,
    "title": "Recordings of others",
    "publisher": "",
    "home": "",
    "collection": "imported",
    "description": "What others captured, taken in with `oversight import`, of addresses that no source knows.",
}
# Which reader reads what a statement of this kind says the payload is.
READER_KINDS = {"file": "pdf", "article": "article"}


@dataclass(frozen=True, slots=True)
class Loaded:
    """How much was done: captures derived, payloads read."""

    derived: int
    read: int


def load(
    archive: ArchiveFolder,
    settings: Settings,
    progress: Progress = lambda what, done, of: None,
    *,
    ocr: bool | None = None,
    held: frozenset[Named] = frozenset(),
    readers: MakeReaders = Readers,
) -> Loaded:
    """Bring the catalogue in line with all captures. What was interrupted before is gone on with.

    `ocr` says whether scanned pages are read too (None: where an engine is installed), `held` what versions are called
    in the catalogue that is to be replaced, `readers` makes what reads (pipelines/cluster/ has others).
    """
    loaded = read_captures(archive, settings, progress, ocr=ocr, readers=readers)
    settle_all(archive, settings, progress, held=held)
    return loaded


def read_captures(
    archive: ArchiveFolder,
    settings: Settings,
    progress: Progress = lambda what, done, of: None,
    *,
    ocr: bool | None = None,
    readers: MakeReaders = Readers,
) -> Loaded:
    """Derive every capture that has no outcome yet, and read every payload that has no reading; the first two steps."""
    connection = archive.connection
    derived = derive_pending(connection, archive.store, Sources(settings), progress)
    compare = settings.getbool("COMPARE_WITH_PICTURES")
    read = read_pending(
        connection, archive.store, archive.readings, progress, ocr=ocr, compare=compare, readers=readers
    )
    return Loaded(derived, read)


def settle_all(
    archive: ArchiveFolder,
    settings: Settings,
    progress: Progress = lambda what, done, of: None,
    *,
    held: frozenset[Named] = frozenset(),
) -> None:
    """Bring the tables in line with all that was derived and read: documents, links, differences, quotations."""
    connection = archive.connection
    progress("settling", 0, 1)
    events = archive.journal.read()
    corrections = corrections_in_force(archive.path, events)
    links = links_in_force(archive.path, events)
    # A catalogue that is made elsewhere, to be compared with this one, writes nothing down.
    if archive.journal.path.is_relative_to(archive.path):
        if is_news(corrections, events):
            archive.journal.append(JOINS_USED, **event_of(corrections))
        if are_news(links, events):
            archive.journal.append(LINKS_USED, **event_of_links(links))
    settle(
        connection,
        source_rows(Sources(settings)),
        fold(events),
        reader_of(connection),
        lambda digest: _text(archive.readings, connection, digest),
        corrections=corrections,
        links=links,
        claims=lambda settled: claim_rows(settled, read_claims(archive.path).held),
        watches=watch_rows(read_watches(archive.path).held),
        earlier=Earlier(renamed_in(events), held, partial(_note_renamed, archive.journal)),
    )
    progress("settling", 1, 1)


def _note_renamed(journal: Journal, renamed: Sequence[Named]) -> None:
    """Write down what versions were called till now."""
    for start in range(0, len(renamed), MOST_A_LINE):
        journal.append(EVENT, renamed=[asdict(one) for one in renamed[start : start + MOST_A_LINE]])


def source_rows(sources: Sources) -> list[dict[str, Any]]:
    """Return what each source says of itself, as rows."""
    classes = [sources.source_class(name) for name in sources.names()]
    rows = [
        {
            name: str(getattr(one, name, ""))
            for name in ("name", "title", "publisher", "home", "collection", "description")
        }
        for one in classes
    ]
    return [*rows, dict(DEPOSIT_SOURCE), dict(IMPORT_SOURCE)]


def read_pending(  # noqa: PLR0913 (each says what is read, or how)
    connection: sqlite3.Connection,
    store: CaptureStore,
    cache: Path,
    progress: Progress,
    workers: int = 2,
    ocr: bool | None = None,
    *,
    compare: bool = False,
    readers: MakeReaders = Readers,
) -> int:
    """Read every file and article that has no reading by the present reader; return how many were read.

    `ocr` says whether scanned pages are read too (None: where an engine is installed), `compare` whether it looks at
    a page of each other file too.
    """
    ocr = ocr_at_hand() if ocr is None else ocr
    wanted = list(_wanted(connection, store, cache, ocr, ocr and compare))
    with readers(cache, workers, ocr=ocr, compare=compare) as reading_all:
        for done, (one, reading) in enumerate(reading_all.read_all(wanted), 1):
            with connection:
                _write(connection, one, reading)
            _note(kept_path(cache, one.digest, reading.reader), reading)
            progress("reading", done, len(wanted))
    return len(wanted)


def _wanted(
    connection: sqlite3.Connection, store: CaptureStore, cache: Path, ocr: bool, compare: bool
) -> Iterator[Wanted]:
    """Yield each distinct payload that wants reading (never read, read by an older reader, lost from the cache, failed
    in passing, or with pages that OCR can by now read, or compare), with the first capture that has it."""
    rows = connection.execute(
        "SELECT captures.content_digest, statements.kind, captures.url, captures.id, statements.body,"
        " readings.reader, readings.pages, readings.outcome, readings.metadata, min(captures.captured_at)"
        " FROM statements JOIN sightings ON sightings.statement = statements.id"
        " JOIN captures ON captures.id = sightings.capture"
        " LEFT JOIN readings ON readings.digest = captures.content_digest"
        " WHERE statements.kind IN ('file', 'article')"
        " GROUP BY captures.content_digest ORDER BY captures.content_digest"
    ).fetchall()
    for digest, kind, url, capture, body, held, pages, outcome, metadata, _ in rows:
        reader = READERS[READER_KINDS[kind]]
        if kind == "file" and json.loads(body)["kind"] not in ("pdf", "file"):
            continue
        path = kept_path(cache, digest, reader)
        lost = held != reader or (pages and not path.exists()) or (outcome in PASSING and may_try(path, now()))
        uncompared = compare and kind == "file" and pages and COMPARED not in json.loads(metadata)
        if lost or uncompared or (ocr and outcome != "text" and _waits(path, reader)):
            yield Wanted(digest, READER_KINDS[kind], url, partial(_body, store, capture))


def _note(path: Path, reading: Reading) -> None:
    note_failure(path, now()) if reading.outcome in PASSING else forget(path)


def _waits(path: Path, reader: str) -> bool:
    kept = kept_reading(path, reader)
    return kept is not None and bool(waiting(kept))


def _body(store: CaptureStore, capture: str) -> bytes:
    """Return a payload; one that was damaged since it was derived reads as empty, and the fixity check names it."""
    try:
        return store.read(capture).body
    except RecordDamaged:
        return b""


def _write(connection: sqlite3.Connection, wanted: Wanted, reading: Reading) -> None:
    text = "\f".join(page.text for page in reading.pages)
    connection.execute(
        "INSERT OR REPLACE INTO readings(digest, reader, outcome, detail, pages, words, cover, text_digest, metadata)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(wanted.digest, reading.reader, reading.outcome, reading.detail, len(reading.pages)),
            len(text.split()),
            reading.pages[0].text[:COVER] if reading.pages else "",
            hashlib.sha256(text.encode()).hexdigest() if text.strip() else "",
            json.dumps(dict(reading.metadata), sort_keys=True, ensure_ascii=False),
        ),
    )


def reader_of(connection: sqlite3.Connection) -> Callable[[str], ReadFacts | None]:
    """Return what gives the facts of a payload's reading by its digest."""
    names = ReadFacts.__slots__
    held = {
        digest: ReadFacts(**{**dict(zip(names, facts, strict=True)), "metadata": json.loads(facts[-1])})
        for digest, *facts in connection.execute(
            f"SELECT digest, {', '.join(names)} FROM readings"  # noqa: S608
        )
    }
    return held.get


def _text(cache: Path, connection: sqlite3.Connection, digest: str) -> ReadText:
    """Return what the cache of readings has of a payload; empty where it could not be read."""
    row = connection.execute("SELECT reader FROM readings WHERE digest = ?", (digest,)).fetchone()
    reading = kept_reading(kept_path(cache, digest, row[0]), row[0]) if row else None
    if reading is None:
        return ReadText()
    return ReadText(
        tuple(map(_page, reading.pages)),
        tuple(LinkText(link.page, link.url, link.text) for link in reading.links),
        tuple(TableText(table.page, table.number, table.headers, table.rows) for table in reading.tables),
        tuple(EntryText(*entry) for entry in reading.outline),
        tuple(FactText(*fact) for fact in reading.facts),
    )


def _page(page: TextPage) -> PageText:
    """Return a page as the catalogue takes it; the names are the same on both sides, the types each side's own."""
    return PageText(**{name: getattr(page, name) for name in PageText.__slots__})
