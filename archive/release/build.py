"""Makes a release's file: the rows of a catalogue, or of an older release, that may be published, and an index of them.

What is left out was never in the file; nothing is deleted from it. It knows neither numbers nor manifests.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import MappingProxyType

from archive.identifiers import parse_identifier
from archive.release import leaves, searching, shown
from archive.release import withheld as withholding
from archive.release.contacts import masked
from archive.release.excerpts import link_words
from archive.release.mending import put_mended
from archive.release.placing import put_restricted_places, put_restricted_quotations
from archive.release.policies import METADATA, Policies, restricted
from archive.release.restricting import EXCERPTED, KEPT_BACK, copy_restricted, insert
from archive.release.tables import INDEXES, LEAVES, OF_THIS_RELEASE, PUBLISHED
from archive.release.withheld import Withheld
from archive.watches import public

# Which rows of a table are published. `out_documents`, `restricted`, … are tables of the connection, see `_chosen`.
_OF_VERSION = "version NOT IN out_versions AND document NOT IN out_documents"
# Of a quotation both sides have to be published, who quotes and what is quoted; and no contact may stand in it.
_OF_QUOTATION = (
    f"{_OF_VERSION} AND held_document NOT IN out_documents AND held_version NOT IN out_versions"
    " AND masked(words) = words"
)
# That quoted words are gone says which words somebody quoted.
_GONE = (
    " AND (kind <> 'quotation gone' OR before IN (SELECT held_version FROM main.quotations"  # noqa: S608
    f" WHERE {_OF_QUOTATION} AND version NOT IN unread))"
)
_CHOSEN: Mapping[str, str] = {
    "about": f"key NOT IN {OF_THIS_RELEASE}",
    "captures": "id NOT IN out_captures",
    "outcomes": "coalesce(capture, '') NOT IN out_captures AND NOT named(subject)",
    "documents": "id NOT IN out_documents AND id NOT IN mended",
    "versions": "id NOT IN out_versions AND document NOT IN out_documents",
    # What is quoted like a title and no document has is no reference; a name is text, and of some none is published.
    "references": f"{_OF_VERSION} AND coalesce(target_document, '') NOT IN out_documents AND NOT named(target)"
    " AND NOT (kind = 'title' AND target_document IS NULL)"
    " AND NOT (kind IN ('named', 'title') AND version IN unread)",
    "identifiers": "document NOT IN out_documents AND NOT named(value)",
    "listings": "coalesce(document, '') NOT IN out_documents AND NOT named(url)",
    "listing_spans": "document NOT IN out_documents",
    "joins": "document NOT IN out_documents AND NOT named(url) AND NOT named(other_url)",
    "changes": "document NOT IN out_documents AND coalesce(version, '') NOT IN out_versions AND NOT named(url)",
    **dict.fromkeys(("addresses", "server_spans"), "document NOT IN out_documents AND NOT named(url)"),
    # What somebody claims of what is withdrawn, and by what it says, goes with it.
    "claims": "coalesce(version, '') NOT IN out_versions AND coalesce(document, '') NOT IN out_documents"
    " AND coalesce(about_document, '') NOT IN out_documents AND NOT named(about)",
    # What a version was called before begins with a document's id.
    "aliases": "document NOT IN out_documents AND alias NOT IN out_versions"
    " AND substr(alias, 1, instr(alias || '@', '@') - 1) NOT IN out_documents",
    "comparisons": f"{_OF_VERSION} AND before NOT IN out_versions",
    # What was removed stands in the version before, which may be withdrawn or restricted where this one isn't.
    "changed_passages": f"{_OF_VERSION} AND version NOT IN (SELECT version FROM main.comparisons"  # noqa: S608
    " WHERE before IN out_versions OR before IN restricted OR version IN restricted)",
    # Of an article's places those that stand in its excerpt are put in by themselves.
    "places": "id IN (SELECT place FROM main.page_places WHERE version NOT IN restricted AND "  # noqa: S608
    f"{_OF_VERSION})",
    "page_places": f"{_OF_VERSION} AND version NOT IN restricted",
    "quotations": f"{_OF_QUOTATION} AND version NOT IN restricted",
    **dict.fromkeys(("dates", "notices", "awards", "articles"), _OF_VERSION),
    # Of what is restricted these are put in by themselves, as far as they are published.
    **dict.fromkeys(("pages", "page_tables", "outline", "facts"), f"{_OF_VERSION} AND version NOT IN restricted"),
}
# Half of a page of the usual 4 KB would be empty, since a page of a document takes more than half of it.
PAGE_SIZE = 16_384
OF_WITHDRAWALS = ("withdrawals", "tombstones")
# They are written by themselves, not copied.
_WRITTEN = (*OF_WITHDRAWALS, shown.NAME, *searching.NAMES, public.HITS)
# Columns of structured records, and of what is made of them, that may hold telephone numbers and mail addresses.
_RECORD = (
    "title", "type", "base_type", "awardee", "awardee_location", "department", "sub_tier", "office",
    "place_of_performance", "description", "recipient", "recipient_parent", "recipient_location", "agency",
    "sub_agency", "funding_office",
)  # fmt: skip
_MASKED: Mapping[str, tuple[str, ...]] = {
    "notices": _RECORD,
    "awards": _RECORD,
    "documents": ("title",),
    "versions": ("title",),
    "pages": ("text", "also", "broken"),
    "page_tables": ("cells",),
    "outline": ("title",),
    "facts": ("value",),
    "comparisons": ("summary",),
    "changed_passages": ("text",),
    "references": ("words",),
}
# What says of something else by which capture it was seen, and stays where that capture is left out.
_LOOKS: Mapping[str, tuple[str, ...]] = {
    "listing_spans": ("first_capture", "last_capture"),
    "server_spans": ("first_capture", "last_capture"),
    "joins": ("capture", "other_capture"),
    "changes": ("capture",),
}
_OTHERWISE: Mapping[tuple[str, str], str] = {
    ("changes", "before"): "CASE WHEN before NOT IN out_versions THEN before END",
    ("pages", "place"): searching.PLACE,
    # A term that is the number, or the address, of what is withdrawn is looked for no more.
    ("watches", "terms"): "unnamed(terms)",
    # Of what is published without its text no words come out by another door.
    ("claims", "address"): "CASE WHEN version IN unread THEN substr(address, 1, instr(address || '?', '?') - 1)"
    " ELSE address END",
}
_VERSION_OF: Mapping[str, str] = {"versions": "id", "documents": "newest_version"}


def copy_published(
    source: sqlite3.Connection,
    target: Path,
    policies: Policies,
    withheld: Withheld,
    about: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Make the file `target`, which isn't there yet, from a catalogue or an older release that is open for reading.

    `policies` say how much of each source is published, `withheld` what is left out, `about` what the release says of
    itself. The file is synced when this returns. Raises sqlite3.Error, OSError; then what is at `target` is no release.
    """
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
    searchable = searching.is_searchable(source)
    with closing(_unsynced(target)) as made:
        made.execute(f"PRAGMA page_size={PAGE_SIZE}")
        for statement in _schema(source, ("table",)):
            made.execute(searching.released(statement) if searchable else statement)
        for statement in _missing(source):
            made.execute(statement)
        if searchable:
            made.executescript(searching.TABLES)
        if made.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (public.WATCHES,)).fetchone():
            made.executescript(public.TABLES)
    with _attached(source, target), _chosen(source, policies, withheld):
        if searchable:
            searching.put_places(source)
        for table in [name for name in PUBLISHED if name not in _WRITTEN]:
            _copy(source, table)
        copy_restricted(source)
        put_restricted_places(source)
        put_restricted_quotations(source)
        _put_withheld(source, withheld)
        insert(source, "about", [{"key": key, "value": value} for key, value in about.items()])
        put_mended(source)
        if searchable:
            searching.put_searched(source)
        shown.put_mementos(source, policies, withheld)
        for statement in _schema(source, ("index",)):
            made_otherwise = searching.released(statement) if searchable else statement
            source.execute(made_otherwise.replace("INDEX ", "INDEX release.", 1))
        leaves.put_leaves(source)
        source.execute("COMMIT")
    with closing(_unsynced(target)) as made:
        _index(made)
        if searchable:
            with made:
                searching.put_words(made)
                searching.put_best_pages(made)
        with made:
            public.put_hits(made)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _unsynced(target: Path) -> sqlite3.Connection:
    """Open the new file, which is synced once, when it is whole: what a crash leaves is no release."""
    made = sqlite3.connect(target)
    made.execute("PRAGMA journal_mode=OFF")
    made.execute("PRAGMA synchronous=OFF")
    return made


def _schema(source: sqlite3.Connection, kinds: tuple[str, ...]) -> list[str]:
    """Return what makes the published tables (with the full-text index), or their indexes, as the source has them."""
    rows = source.execute("SELECT type, tbl_name, sql FROM main.sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
    tables = {*PUBLISHED, LEAVES, *INDEXES} - {*searching.NAMES, public.HITS}
    return [sql for kind, table, sql in rows if kind in kinds and table in tables]


def _missing(source: sqlite3.Connection) -> list[str]:
    """Return what makes the tables that a release has and its source hasn't."""
    held = {row[0] for row in source.execute("SELECT name FROM main.sqlite_master")}
    return [
        sql for sql in f"{withholding.TABLES}{leaves.TABLE}".split(";\n") if sql.strip() and sql.split()[2] not in held
    ]


@contextmanager
def _attached(source: sqlite3.Connection, target: Path) -> Iterator[None]:
    """Attach the new file, and begin: one view of the source for all of it. A crash costs a file that is no release."""
    source.execute("ATTACH ? AS release", (f"{target.absolute().as_uri()}?mode=rw",))
    try:
        source.execute("PRAGMA release.journal_mode=OFF")
        source.execute("PRAGMA release.synchronous=OFF")
        source.execute("BEGIN")
        yield
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")
        source.execute("DETACH release")


@contextmanager
def _chosen(source: sqlite3.Connection, policies: Policies, withheld: Withheld) -> Iterator[None]:
    """Give the questions of `_CHOSEN` what they ask for: tables of ids, and functions."""
    source.create_function("named", 1, lambda target: withheld.named_by(str(target or "")), deterministic=True)
    source.create_function("unnamed", 1, lambda terms: _unnamed(str(terms), withheld), deterministic=True)
    source.create_function("masked", 1, masked, deterministic=True)
    source.create_function("link_words", 1, link_words, deterministic=True)
    held_back = restricted(source, policies)
    structured = "SELECT version FROM main.notices UNION ALL SELECT version FROM main.awards"
    sets = {
        "out_documents": withheld.documents,
        "out_versions": withheld.versions,
        "out_captures": withheld.captures,
        "restricted": held_back.keys(),
        "unread": {version for version, policy in held_back.items() if policy == METADATA},
        "structured": {row[0] for row in source.execute(structured)},
        "mended": _parents(source, withheld) - withheld.documents,
    }
    try:
        for name, ids in sets.items():
            source.execute(f"CREATE TEMP TABLE {name}(id TEXT PRIMARY KEY) WITHOUT ROWID")
            source.executemany(f"INSERT INTO temp.{name} VALUES (?)", [(one,) for one in sorted(ids)])  # noqa: S608
        yield
    finally:
        for name in (*sets, searching.PLACES):
            source.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _unnamed(terms: str, withheld: Withheld) -> str:
    """Return those of a watch's terms that name nothing that is withheld."""
    return "\n".join(term for term in terms.split("\n") if not _names(term.strip('"'), withheld))


def _names(term: str, withheld: Withheld) -> bool:
    number = parse_identifier(term)
    return withheld.named_by(term) or (number is not None and withheld.named_by(number.value))


def _parents(source: sqlite3.Connection, withheld: Withheld) -> set[str]:
    """Return the documents of the versions that are left out."""
    parents = dict(source.execute("SELECT id, document FROM main.versions").fetchall()) if withheld.versions else {}
    return {parents[version] for version in withheld.versions if version in parents}


def _copy(source: sqlite3.Connection, table: str) -> None:
    """Copy a table's published rows in the order of its key."""
    columns = [row[1] for row in source.execute(f'PRAGMA release.table_info("{table}")')]
    if not columns:
        return  # an older release, from before there was such a table
    order = ", ".join(f'"{name}"' for name in PUBLISHED[table])
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(_value(table, name) for name in columns)
    where = _CHOSEN.get(table, "1")
    if table == "aliases" and "version" in columns:  # older releases have none
        where += " AND version NOT IN out_versions"
    if (
        table == "changes"
        and source.execute("SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = 'quotations'").fetchone()
    ):
        where += _GONE
    source.execute(
        f'INSERT INTO release."{table}" ({names}) SELECT {values} FROM main."{table}"'  # noqa: S608 (our own names)
        f" WHERE {where} ORDER BY {order}"
    )


def _value(table: str, column: str) -> str:
    """Return what is published of a column, in SQL: most as it stands."""
    version = _VERSION_OF.get(table, "version")
    if (table, column) == ("claims", "words"):
        return "CASE WHEN version IN unread THEN '' WHEN version IN structured THEN masked(words) ELSE words END"
    if column in _MASKED.get(table, ()):
        return f'CASE WHEN {version} IN structured THEN masked("{column}") ELSE "{column}" END'
    if (table, column) == ("versions", "outcome"):
        # Also of what could not be read: nothing else keeps its pages from being shown as pictures.
        return f"CASE WHEN id IN unread THEN '{KEPT_BACK}' WHEN id IN restricted THEN '{EXCERPTED}' ELSE outcome END"
    if (table, column) == ("references", "printed"):
        return (
            "CASE WHEN kind = 'link' AND version IN unread THEN ''"
            " WHEN kind IN ('link', 'named', 'title') AND version IN restricted THEN link_words(printed)"
            " ELSE printed END"
        )
    if column in _LOOKS.get(table, ()):
        return f'CASE WHEN "{column}" NOT IN out_captures THEN "{column}" END'
    return _OTHERWISE.get((table, column), f'"{column}"')


def _put_withheld(source: sqlite3.Connection, withheld: Withheld) -> None:
    """Write what stands in the place of what was withdrawn."""
    insert(source, "withdrawals", withheld.log)
    insert(
        source, "tombstones", [{"hash": hash_, "withdrawal": number} for hash_, number in sorted(withheld.tombstones)]
    )


def _index(made: sqlite3.Connection) -> None:
    """Make the full-text indexes, of the text as it was released."""
    held = {row[0] for row in made.execute("SELECT name FROM sqlite_master")}
    with made:
        for index in [name for name in INDEXES if name in held]:
            made.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")  # noqa: S608
            made.execute(f"INSERT INTO {index}({index}) VALUES ('optimize')")  # noqa: S608
