"""The catalogue's tables, as ordered migrations; a migration is never edited once an archive has been made with it.

Tables of evidence (captures, records, statements, sightings, readings) say what was seen. The others say what follows
from it, and are settled anew from the evidence (archive/catalog/settle.py), so that the order of events doesn't show.
Titles and descriptions of every table and column stand in datasette_metadata.json.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from archive.catalog.versions import MIGRATION_SET

migrations = Migrations(MIGRATION_SET)

# The key's columns stand first, in its order, in tables without rowid: of others SQLite 3.40's integrity check says
# falsely that they hold NULL.
INITIAL = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE sources (
    name TEXT PRIMARY KEY, title TEXT NOT NULL, publisher TEXT NOT NULL, home TEXT NOT NULL,
    collection TEXT NOT NULL, description TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, source TEXT NOT NULL REFERENCES sources(name), night TEXT NOT NULL,
    started TEXT NOT NULL, finished TEXT, status TEXT NOT NULL, replay INTEGER NOT NULL,
    captures INTEGER NOT NULL, documents INTEGER NOT NULL, failures INTEGER NOT NULL
) STRICT;
CREATE TABLE captures (
    id TEXT PRIMARY KEY, source TEXT NOT NULL REFERENCES sources(name), run TEXT NOT NULL REFERENCES runs(id),
    kind TEXT NOT NULL, url TEXT NOT NULL, url_key TEXT NOT NULL, method TEXT NOT NULL, captured_at TEXT NOT NULL,
    status INTEGER NOT NULL, media_type TEXT NOT NULL, payload_digest TEXT NOT NULL, payload_bytes INTEGER NOT NULL,
    content_digest TEXT NOT NULL, location TEXT NOT NULL, truncated TEXT NOT NULL, fidelity TEXT NOT NULL,
    file_name TEXT NOT NULL, callback TEXT NOT NULL, arguments TEXT NOT NULL, sample INTEGER NOT NULL,
    outcome TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX captures_url_key ON captures(url_key, captured_at);
CREATE INDEX captures_payload_digest ON captures(payload_digest);
CREATE INDEX captures_content_digest ON captures(content_digest);
CREATE INDEX captures_outcome ON captures(outcome);
CREATE INDEX captures_run ON captures(run);
CREATE TABLE records (
    capture TEXT PRIMARY KEY REFERENCES captures(id), warc TEXT NOT NULL, offset INTEGER NOT NULL,
    length INTEGER NOT NULL, response_offset INTEGER NOT NULL, digest TEXT NOT NULL, revisit_of TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX records_place ON records(warc, offset);
CREATE TABLE outcomes (
    id TEXT PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id), capture TEXT REFERENCES captures(id),
    outcome TEXT NOT NULL, severity TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE INDEX outcomes_run ON outcomes(run, outcome);
CREATE TABLE statements (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL
) STRICT;
CREATE TABLE sightings (
    capture TEXT NOT NULL REFERENCES captures(id), ordinal INTEGER NOT NULL,
    statement TEXT NOT NULL REFERENCES statements(id), PRIMARY KEY (capture, ordinal)
) STRICT, WITHOUT ROWID;
CREATE TABLE readings (
    digest TEXT PRIMARY KEY, reader TEXT NOT NULL, outcome TEXT NOT NULL, detail TEXT NOT NULL,
    pages INTEGER NOT NULL, words INTEGER NOT NULL, cover TEXT NOT NULL, text_digest TEXT NOT NULL,
    metadata TEXT NOT NULL
) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, collection TEXT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL REFERENCES sources(name),
    title TEXT NOT NULL, number TEXT NOT NULL, component TEXT NOT NULL,
    published TEXT, published_precision TEXT, published_words TEXT,
    posted TEXT, posted_precision TEXT, posted_words TEXT,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, listing TEXT NOT NULL, url TEXT NOT NULL,
    newest_version TEXT NOT NULL, versions INTEGER NOT NULL, pages INTEGER NOT NULL, sample INTEGER NOT NULL
) STRICT;
CREATE TABLE versions (
    id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id), digest TEXT NOT NULL,
    ordinal INTEGER NOT NULL, media_type TEXT NOT NULL, bytes INTEGER NOT NULL, pages INTEGER NOT NULL,
    outcome TEXT NOT NULL, detail TEXT NOT NULL, reader TEXT NOT NULL, title TEXT NOT NULL, url TEXT NOT NULL,
    capture TEXT NOT NULL REFERENCES captures(id), first_seen TEXT NOT NULL, last_seen TEXT NOT NULL
) STRICT;
CREATE INDEX versions_document ON versions(document, ordinal);
CREATE INDEX versions_digest ON versions(digest);
CREATE TABLE pages (
    id INTEGER PRIMARY KEY, version TEXT NOT NULL REFERENCES versions(id),
    document TEXT NOT NULL REFERENCES documents(id), number INTEGER NOT NULL, label TEXT NOT NULL,
    outcome TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX pages_version ON pages(version, number);
CREATE INDEX pages_document ON pages(document);
CREATE TABLE texts (
    version TEXT PRIMARY KEY REFERENCES versions(id), made_of TEXT NOT NULL
) STRICT;
CREATE TABLE identifiers (
    document TEXT NOT NULL REFERENCES documents(id), scheme TEXT NOT NULL, value TEXT NOT NULL,
    role TEXT NOT NULL, printed TEXT NOT NULL, PRIMARY KEY (document, scheme, value, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_value ON identifiers(value);
CREATE TABLE dates (
    version TEXT NOT NULL REFERENCES versions(id), role TEXT NOT NULL, words TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), value TEXT NOT NULL, precision TEXT NOT NULL,
    PRIMARY KEY (version, role, words)
) STRICT, WITHOUT ROWID;
CREATE INDEX dates_value ON dates(value);
CREATE TABLE "references" (
    id TEXT PRIMARY KEY, document TEXT NOT NULL REFERENCES documents(id),
    version TEXT NOT NULL REFERENCES versions(id), page INTEGER NOT NULL, kind TEXT NOT NULL,
    printed TEXT NOT NULL, target TEXT NOT NULL, target_document TEXT REFERENCES documents(id)
) STRICT;
CREATE INDEX references_version ON "references"(version);
CREATE INDEX references_target ON "references"(target_document);
CREATE TABLE listings (
    source TEXT NOT NULL REFERENCES sources(name), list TEXT NOT NULL, url TEXT NOT NULL, relation TEXT NOT NULL,
    title TEXT NOT NULL, document TEXT REFERENCES documents(id), first_seen TEXT NOT NULL, last_seen TEXT NOT NULL,
    state TEXT NOT NULL, PRIMARY KEY (source, list, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX listings_document ON listings(document);
CREATE TABLE addresses (
    url_key TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents(id), url TEXT NOT NULL, role TEXT NOT NULL,
    PRIMARY KEY (url_key, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_document ON addresses(document);
CREATE TABLE aliases (
    alias TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents(id), PRIMARY KEY (alias, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE notices (
    version TEXT PRIMARY KEY REFERENCES versions(id), document TEXT NOT NULL REFERENCES documents(id),
    notice_id TEXT NOT NULL, title TEXT NOT NULL, type TEXT NOT NULL, base_type TEXT NOT NULL,
    solicitation TEXT NOT NULL, award_number TEXT NOT NULL, award_date TEXT, award_amount TEXT NOT NULL,
    awardee TEXT NOT NULL, awardee_location TEXT NOT NULL, awardee_uei TEXT NOT NULL, department TEXT NOT NULL,
    sub_tier TEXT NOT NULL, office TEXT NOT NULL, posted TEXT, response_due TEXT, naics TEXT NOT NULL,
    psc TEXT NOT NULL, set_aside TEXT NOT NULL, place_of_performance TEXT NOT NULL, active TEXT NOT NULL,
    url TEXT NOT NULL, description TEXT NOT NULL, place TEXT NOT NULL, capture TEXT NOT NULL REFERENCES captures(id)
) STRICT;
CREATE INDEX notices_document ON notices(document);
CREATE TABLE articles (
    version TEXT PRIMARY KEY REFERENCES versions(id), document TEXT NOT NULL REFERENCES documents(id),
    outlet TEXT NOT NULL, headline TEXT NOT NULL, byline TEXT NOT NULL, section TEXT NOT NULL,
    published TEXT, modified TEXT, url TEXT NOT NULL, words INTEGER NOT NULL
) STRICT;
CREATE INDEX articles_document ON articles(document);
CREATE VIRTUAL TABLE pages_fts USING fts5(
    text, content="pages", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
    INSERT INTO pages_fts(rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER pages_ad AFTER DELETE ON pages BEGIN
    INSERT INTO pages_fts(pages_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER pages_au AFTER UPDATE ON pages BEGIN
    INSERT INTO pages_fts(pages_fts, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO pages_fts(rowid, text) VALUES (new.id, new.text);
END;
"""

SOURCES = """
ALTER TABLE captures ADD COLUMN provenance TEXT NOT NULL DEFAULT '';
ALTER TABLE captures ADD COLUMN original_url TEXT NOT NULL DEFAULT '';
ALTER TABLE captures ADD COLUMN original_at TEXT NOT NULL DEFAULT '';
ALTER TABLE captures ADD COLUMN read_by TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN minimum INTEGER;
ALTER TABLE runs ADD COLUMN maximum INTEGER;
CREATE TABLE awards (
    version TEXT PRIMARY KEY REFERENCES versions(id), document TEXT NOT NULL REFERENCES documents(id),
    award_id TEXT NOT NULL, piid TEXT NOT NULL, parent_piid TEXT NOT NULL, modification TEXT NOT NULL,
    action_date TEXT, action_type TEXT NOT NULL, change TEXT NOT NULL, obligated TEXT, obligated_cents INTEGER,
    total_obligated TEXT, value TEXT, potential_value TEXT, recipient TEXT NOT NULL,
    recipient_uei TEXT NOT NULL, recipient_parent TEXT NOT NULL, recipient_location TEXT NOT NULL,
    agency TEXT NOT NULL, sub_agency TEXT NOT NULL, office TEXT NOT NULL, funding_office TEXT NOT NULL,
    description TEXT NOT NULL, type TEXT NOT NULL, psc TEXT NOT NULL, naics TEXT NOT NULL,
    solicitation TEXT NOT NULL, starts TEXT, ends TEXT, ends_potentially TEXT, competition TEXT NOT NULL,
    set_aside TEXT NOT NULL, place_of_performance TEXT NOT NULL, url TEXT NOT NULL, place TEXT NOT NULL,
    capture TEXT NOT NULL REFERENCES captures(id)
) STRICT;
CREATE INDEX captures_original_url ON captures(original_url) WHERE original_url <> '';
CREATE INDEX outcomes_capture ON outcomes(capture);
CREATE INDEX awards_document ON awards(document, action_date);
"""

# Datasette 0.65 doesn't take pages_fts for the index of pages where its content is named in single quotes.
PARTS = """
ALTER TABLE pages ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';
ALTER TABLE pages ADD COLUMN runs_on TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN also TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN broken TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE pages ADD COLUMN confidence REAL;
ALTER TABLE pages ADD COLUMN covered INTEGER NOT NULL DEFAULT 0;
CREATE TABLE page_tables (
    version TEXT NOT NULL REFERENCES versions(id), page INTEGER NOT NULL, number INTEGER NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), headers INTEGER NOT NULL, rows INTEGER NOT NULL,
    columns INTEGER NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (version, page, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX page_tables_document ON page_tables(document);
CREATE TABLE outline (
    version TEXT NOT NULL REFERENCES versions(id), ordinal INTEGER NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), level INTEGER NOT NULL, number TEXT NOT NULL,
    title TEXT NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX outline_document ON outline(document);
CREATE TABLE facts (
    version TEXT NOT NULL REFERENCES versions(id), ordinal INTEGER NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), name TEXT NOT NULL, value TEXT NOT NULL,
    page INTEGER NOT NULL, PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX facts_document ON facts(document);
CREATE INDEX facts_name ON facts(name);
DROP TRIGGER pages_ai;
DROP TRIGGER pages_ad;
DROP TRIGGER pages_au;
DROP TABLE pages_fts;
CREATE VIRTUAL TABLE pages_fts USING fts5(
    text, also, broken, content="pages", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
    INSERT INTO pages_fts(rowid, text, also, broken) VALUES (new.id, new.text, new.also, new.broken);
END;
CREATE TRIGGER pages_ad AFTER DELETE ON pages BEGIN
    INSERT INTO pages_fts(pages_fts, rowid, text, also, broken)
    VALUES ('delete', old.id, old.text, old.also, old.broken);
END;
CREATE TRIGGER pages_au AFTER UPDATE ON pages BEGIN
    INSERT INTO pages_fts(pages_fts, rowid, text, also, broken)
    VALUES ('delete', old.id, old.text, old.also, old.broken);
    INSERT INTO pages_fts(rowid, text, also, broken) VALUES (new.id, new.text, new.also, new.broken);
END;
INSERT INTO pages_fts(pages_fts) VALUES ('rebuild');
"""

RENAMES = """
ALTER TABLE aliases ADD COLUMN version TEXT NOT NULL DEFAULT '';
"""

# The capture of a look is empty where the look left none (no answer), or where a release leaves that capture out.
# A passage leads to the version that it stands in: what was removed stands in the one before.
COMPARISONS = """
CREATE TABLE comparisons (
    version TEXT PRIMARY KEY REFERENCES versions(id), before TEXT NOT NULL REFERENCES versions(id),
    document TEXT NOT NULL REFERENCES documents(id), kind TEXT NOT NULL, score REAL NOT NULL, summary TEXT NOT NULL,
    why TEXT NOT NULL, doubts TEXT NOT NULL, words_added INTEGER NOT NULL, words_removed INTEGER NOT NULL,
    pages_added INTEGER NOT NULL, pages_removed INTEGER NOT NULL, pages_moved INTEGER NOT NULL,
    pages_changed INTEGER NOT NULL, passages_moved INTEGER NOT NULL, tables_changed INTEGER NOT NULL,
    cells_changed INTEGER NOT NULL, fields_changed INTEGER NOT NULL,
    attachments_changed INTEGER NOT NULL, made_of TEXT NOT NULL
) STRICT;
CREATE INDEX comparisons_before ON comparisons(before);
CREATE INDEX comparisons_document ON comparisons(document);
CREATE TABLE changed_passages (
    id INTEGER PRIMARY KEY, version TEXT NOT NULL REFERENCES versions(id), ordinal INTEGER NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), kind TEXT NOT NULL,
    stands_in TEXT NOT NULL REFERENCES versions(id), page INTEGER NOT NULL, part TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX changed_passages_version ON changed_passages(version, ordinal);
CREATE INDEX changed_passages_stands_in ON changed_passages(stands_in);
CREATE INDEX changed_passages_document ON changed_passages(document);
CREATE VIRTUAL TABLE changed_passages_fts USING fts5(
    text, content="changed_passages", content_rowid="id", tokenize="porter unicode61 remove_diacritics 2"
);
CREATE TRIGGER changed_passages_ai AFTER INSERT ON changed_passages BEGIN
    INSERT INTO changed_passages_fts(rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER changed_passages_ad AFTER DELETE ON changed_passages BEGIN
    INSERT INTO changed_passages_fts(changed_passages_fts, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER changed_passages_au AFTER UPDATE ON changed_passages BEGIN
    INSERT INTO changed_passages_fts(changed_passages_fts, rowid, text) VALUES ('delete', old.id, old.text);
    INSERT INTO changed_passages_fts(rowid, text) VALUES (new.id, new.text);
END;
"""

SPANS = """
CREATE TABLE listing_spans (
    document TEXT NOT NULL REFERENCES documents(id), ordinal INTEGER NOT NULL, state TEXT NOT NULL,
    since TEXT NOT NULL, until TEXT NOT NULL, not_before TEXT, looks INTEGER NOT NULL,
    first_capture TEXT REFERENCES captures(id), last_capture TEXT REFERENCES captures(id),
    first_run TEXT NOT NULL REFERENCES runs(id), last_run TEXT NOT NULL REFERENCES runs(id),
    PRIMARY KEY (document, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX listing_spans_state ON listing_spans(state, since);
CREATE TABLE server_spans (
    document TEXT NOT NULL REFERENCES documents(id), url_key TEXT NOT NULL, ordinal INTEGER NOT NULL,
    url TEXT NOT NULL, state TEXT NOT NULL, status INTEGER NOT NULL,
    since TEXT NOT NULL, until TEXT NOT NULL, not_before TEXT, looks INTEGER NOT NULL,
    first_capture TEXT REFERENCES captures(id), last_capture TEXT REFERENCES captures(id),
    first_run TEXT NOT NULL REFERENCES runs(id), last_run TEXT NOT NULL REFERENCES runs(id),
    PRIMARY KEY (document, url_key, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX server_spans_state ON server_spans(state, since);
CREATE TABLE joins (
    document TEXT NOT NULL REFERENCES documents(id), ordinal INTEGER NOT NULL, rule TEXT NOT NULL,
    url TEXT NOT NULL, other_url TEXT NOT NULL, capture TEXT REFERENCES captures(id),
    other_capture TEXT REFERENCES captures(id), score REAL, evidence TEXT NOT NULL,
    PRIMARY KEY (document, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX joins_rule ON joins(rule);
CREATE TABLE changes (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents(id), kind TEXT NOT NULL,
    version TEXT REFERENCES versions(id), before TEXT REFERENCES versions(id), url TEXT NOT NULL, not_before TEXT,
    capture TEXT REFERENCES captures(id)
) STRICT;
CREATE INDEX changes_at ON changes(at, id);
CREATE INDEX changes_document ON changes(document, at);
"""

# Rows of pages_fts go by a page's place. Here that is its key; a release numbers its pages anew, so that those of one
# document follow each other (archive/release/searching.py).
SEARCH = """
ALTER TABLE pages ADD COLUMN place INTEGER GENERATED ALWAYS AS (id) VIRTUAL;
CREATE UNIQUE INDEX pages_place ON pages(place);
"""

# `linked` says what found a version's references; those of before are found anew, and no page is read again for it.
REFERENCES = """
ALTER TABLE "references" ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE "references" ADD COLUMN leads_by TEXT NOT NULL DEFAULT '';
ALTER TABLE "references" ADD COLUMN confidence REAL NOT NULL DEFAULT 0;
ALTER TABLE "references" ADD COLUMN words TEXT NOT NULL DEFAULT '';
ALTER TABLE "references" ADD COLUMN place INTEGER;
ALTER TABLE "references" ADD COLUMN corrected TEXT NOT NULL DEFAULT '';
CREATE INDEX references_unmatched ON "references"(kind, target, document)
    WHERE target_document IS NULL AND leads_by = '';
CREATE INDEX references_kind ON "references"(kind, target);
ALTER TABLE texts ADD COLUMN linked TEXT NOT NULL DEFAULT '';
"""

# What is told of a scope (archive/research/scope.py) is counted by indexes, not by going through all texts.
PLACES = """
CREATE TABLE places (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, letters TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE page_places (
    version TEXT NOT NULL REFERENCES versions(id), page INTEGER NOT NULL, place TEXT NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), words TEXT NOT NULL, sure TEXT NOT NULL,
    mentions INTEGER NOT NULL, PRIMARY KEY (version, page, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX page_places_place ON page_places(place, document);
CREATE INDEX page_places_document ON page_places(document, place);
CREATE TABLE placed (
    version TEXT PRIMARY KEY REFERENCES versions(id), made_of TEXT NOT NULL
) STRICT;
CREATE INDEX captures_source ON captures(source, captured_at);
CREATE INDEX pages_doubtful ON pages(document, outcome, origin) WHERE outcome <> 'text' OR origin = 'ocr';
"""

QUOTED = """
CREATE TABLE quotations (
    version TEXT NOT NULL REFERENCES versions(id), ordinal INTEGER NOT NULL,
    document TEXT NOT NULL REFERENCES documents(id), words TEXT NOT NULL, outcome TEXT NOT NULL,
    held_document TEXT NOT NULL, held_version TEXT NOT NULL, page INTEGER NOT NULL, address TEXT NOT NULL,
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX quotations_held ON quotations(held_document, page) WHERE held_document <> '';
CREATE INDEX quotations_held_version ON quotations(held_version) WHERE held_version <> '';
CREATE TABLE quoted_texts (
    version TEXT PRIMARY KEY REFERENCES versions(id), made_of TEXT NOT NULL
) STRICT;
"""

# One row for each quotation that a claim rests on; of one that can't be found there is nothing but that.
CLAIMS = """
CREATE TABLE claims (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, ordinal INTEGER NOT NULL, place INTEGER NOT NULL, subject TEXT NOT NULL,
    says TEXT NOT NULL, about TEXT NOT NULL, about_document TEXT REFERENCES documents(id), outcome TEXT NOT NULL,
    detail TEXT NOT NULL, document TEXT REFERENCES documents(id), version TEXT REFERENCES versions(id), page INTEGER,
    address TEXT NOT NULL, words TEXT NOT NULL
) STRICT;
CREATE INDEX claims_about_document ON claims(about_document);
CREATE INDEX claims_document ON claims(document);
"""

# Public watches only; what each is told is written into releases (archive/watches/public.py).
WATCHES = """
CREATE TABLE watches (
    name TEXT PRIMARY KEY, title TEXT NOT NULL, terms TEXT NOT NULL, filters TEXT NOT NULL, kinds TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


@migrations()
def m001_initial(db: Database) -> None:
    """Make the tables of the first version."""
    for statement in _statements(INITIAL):
        db.execute(statement)


@migrations()
def m002_sources(db: Database) -> None:
    """Make room for awards, for copies that others took, and for what a run was expected to give."""
    for statement in _statements(SOURCES):
        db.execute(statement)


@migrations()
def m003_parts(db: Database) -> None:
    """Make room for what a page is made of, tables, outlines and facts; let broken words be found in both forms."""
    for statement in _statements(PARTS):
        db.execute(statement)


@migrations()
def m004_renames(db: Database) -> None:
    """Make room for the names that versions had before a newer reader."""
    for statement in _statements(RENAMES):
        db.execute(statement)


@migrations()
def m005_comparisons(db: Database) -> None:
    """Make room for what each version changed of the one before it, and for the words that it added and removed."""
    for statement in _statements(COMPARISONS):
        db.execute(statement)


@migrations()
def m006_spans(db: Database) -> None:
    """Make room for what stood on lists and servers, since when and until when."""
    for statement in _statements(SPANS):
        db.execute(statement)


@migrations()
def m007_search(db: Database) -> None:
    """Name what the rows of the full-text index go by."""
    for statement in _statements(SEARCH):
        db.execute(statement)


@migrations()
def m008_references(db: Database) -> None:
    """Make room for what each reference rests on: its rule, its place, the words around it, and corrections."""
    for statement in _statements(REFERENCES):
        db.execute(statement)


@migrations()
def m009_places(db: Database) -> None:
    """Make room for the places that pages name."""
    for statement in _statements(PLACES):
        db.execute(statement)


@migrations()
def m010_quoted(db: Database) -> None:
    """Make room for where the words that articles quote stand."""
    for statement in _statements(QUOTED):
        db.execute(statement)


@migrations()
def m011_vendors(db: Database) -> None:
    """Make room for what somebody claims, of an award or of a vendor's names, with the quotations it rests on."""
    for statement in _statements(CLAIMS):
        db.execute(statement)


@migrations()
def m012_watches(db: Database) -> None:
    """Make room for the watches that everybody may see."""
    for statement in _statements(WATCHES):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """Split a script into statements, keeping triggers whole."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending.strip())
            pending = ""
    return statements
