"""Verifying: every part of an archive held against what was written down of it, offline, by whoever may read it.

Nothing in the archive is written to; that a verification was made is for the caller to note.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

from archive.catalog.versions import WRITTEN
from archive.copies.backup import is_backup
from archive.folder import CATALOGUE
from archive.proof import captures, curation, journal_check, releases, rows
from archive.proof.audit import Item, Scope
from archive.proof.damage import Checked, Damage, damage_of
from archive.proof.touched import with_documents
from archive.release.folder import FOLDER as RELEASES
from archive.release.folder import Releases
from archive.store.fixity import rows_without_record
from archive.store.journal import Journal
from archive.store.lock import holder
from archive.store.seals import NO_SEAL, Seal, seals_in
from archive.store.segment import NO_ROOM
from pipelines.load import Progress
from pipelines.remaking import READINGS, check_readings, remade

# What is told of bytes past the index while somebody writes: they are new, not strange.
_NEW = ("file-unknown", "record-missing")


class CannotVerify(Exception):  # noqa: N818
    """A folder of which nothing can be said; the words say why, and what to do."""


class NoRoom(CannotVerify):
    """What is made beside, to be compared with, finds no room."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at and found; `lines` is how long the journal was, `writer` who was writing meanwhile, or ""."""

    checked: tuple[Checked, ...]
    lines: int
    writer: str

    @property
    def damages(self) -> list[Damage]:
        return [one for part in self.checked for one in part.damages]


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive as it stood when the verification began."""

    path: Path
    journal: journal_check.JournalRead
    seals: Mapping[str, Seal]
    accepted: Mapping[str, str]
    catalogue: sqlite3.Connection | None
    problem: Damage | None
    writer: str


def verify(
    path: Path,
    settings: Settings,
    scope: Scope,
    progress: Progress = lambda what, done, of: None,
    *,
    anew: bool = False,
) -> Verified:
    """Check an archive, or a part of it. `anew` has every file read again in place of believing what is kept.

    Raises CannotVerify.
    """
    with _room(), _opened(path) as archive:
        items = [
            item for item in items_of(archive.path, archive.journal.events, archive.catalogue) if scope.covers(item)
        ]
        checked = [archive.journal.checked]
        for done, item in enumerate(items):
            progress("verifying", done, len(items))
            checked.append(_checked(archive, item))
        checked.append(_beside(archive, scope))
        if scope.covers((rows.PART, CATALOGUE)):
            checked += _catalogue(archive, settings, progress, anew=anew)
        if archive.catalogue is not None:
            checked.append(check_readings(path, archive.catalogue, scope.covers))
            checked = [replace(one, damages=tuple(with_documents(one.damages, archive.catalogue))) for one in checked]
        if not sum(part.files for part in checked):
            raise CannotVerify(f"There is nothing to check in {path}: it holds no capture and no journal yet.")
        return Verified(tuple(checked), len(archive.journal.events), _writer(archive))


def items_of(path: Path, events: tuple[Mapping[str, Any], ...], catalogue: sqlite3.Connection | None) -> list[Item]:
    """Return every file that is checked by itself, each by the part of the archive that it belongs to."""
    warcs = {*seals_in(events), *captures.warc_files(path)}
    if catalogue is not None:
        warcs |= {str(row[0]) for row in catalogue.execute("SELECT DISTINCT warc FROM records")}
    kept = {*curation.accepted_in(events), *curation.curation_files(path)}
    return [
        *((captures.PART, name) for name in sorted(warcs)),
        *((curation.PART, name) for name in sorted(kept)),
        *((releases.PART, str(number)) for number in releases.release_numbers(path, events)),
    ]


def _checked(archive: _Archive, item: Item) -> Checked:
    path, events, (part, name) = archive.path, archive.journal.events, item
    if part == curation.PART:
        return curation.check_curation_file(path, name, archive.accepted)
    if part == releases.PART:
        found = releases.check_release(path, int(name), events, archive.journal.heads)
        return replace(found, damages=_left_to_writer(archive, f"{RELEASES}/{name}.db", found.damages))
    found = captures.check_capture_file(path, name, archive.seals.get(name, NO_SEAL), archive.catalogue)
    return _while_written(found) if _writer(archive) else found


def _while_written(found: Checked) -> Checked:
    """Call new what is past the index while somebody writes."""
    new = [
        Damage("unsealed", one.subject, one.detail) if one.outcome in _NEW and not one.capture else one
        for one in found.damages
    ]
    return replace(found, damages=tuple(new))


def _left_to_writer(archive: _Archive, subject: str, found: tuple[Damage, ...]) -> tuple[Damage, ...]:
    """Return what was found of the releases; where somebody writes, who may be building one, only that it was."""
    if found and (writer := _writer(archive)):
        return (Damage("not-checked", subject, f"{writer} is writing to it"),)
    return found


def _beside(archive: _Archive, scope: Scope) -> Checked:
    """Check what belongs to no single file: places without captures, and what lies where nothing should."""
    path, events = archive.path, archive.journal.events
    damages = list[Damage]()
    if scope.covers((captures.PART, "")):
        damages += captures.unknown_manifests(path, {*archive.seals, *captures.warc_files(path)})
        if archive.catalogue is not None:
            damages += map(damage_of, rows_without_record(archive.catalogue))
    if scope.covers((releases.PART, "")):
        found = (
            *releases.check_current(path, events),
            *releases.check_night(path, events),
            *releases.unknown_files(path, releases.release_numbers(path, events)),
        )
        damages += _left_to_writer(archive, RELEASES, found)
    return Checked(captures.PART, 0, 0, tuple(damages))


def _catalogue(archive: _Archive, settings: Settings, progress: Progress, *, anew: bool) -> list[Checked]:
    """Check the rows of the catalogue against those that the records say."""
    held = archive.catalogue
    if held is None or archive.problem is not None:
        return [Checked(rows.PART, 0, 0, (archive.problem,) if archive.problem else ())]
    if writer := _writer(archive):
        left_out = Damage("not-checked", CATALOGUE, f"{writer} is writing to it")
        return [Checked(rows.PART, 0, 0, (left_out,))]
    if archive.journal.checked.damages:
        left_out = Damage("not-checked", CATALOGUE, "what it should say rests on the journal, which is damaged")
        return [Checked(rows.PART, 0, 0, (left_out,))]
    with remade(archive.path, settings, progress, anew=anew) as made:
        found = rows.check_rows(held, made)
        damages = with_documents(with_documents(found.damages, held), made)
    if damages and (writer := _writer(archive)):  # who began meanwhile: the records were read later than the catalogue
        left_out = Damage("not-checked", CATALOGUE, f"{writer} is writing to it")
        return [Checked(rows.PART, 0, 0, (left_out,))]
    return [replace(found, damages=(*damages, *rows.check_index(held)))]


def _writer(archive: _Archive) -> str:
    """Return who writes to the archive, or has done since this began; "" where nobody has."""
    if writer := archive.writer or holder(archive.path):
        return writer
    journal = Journal(archive.path)
    size = journal.path.stat().st_size if journal.path.exists() else 0
    return "another command" if size != archive.journal.checked.size else ""


@contextmanager
def _room() -> Iterator[None]:
    """Say in one sentence that there is no room for what is made beside. Raises NoRoom."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if not _is_full(error):
            raise
        place = tempfile.gettempdir()
        raise NoRoom(
            f"There is no room in {place} for a catalogue made anew: make some, or name another folder in TMPDIR."
        ) from error


def _is_full(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in NO_ROOM


@contextmanager
def _opened(path: Path) -> Iterator[_Archive]:
    """Give an archive with a copy of its catalogue. Raises CannotVerify for what is no archive, or a newer one."""
    if not (path / "warc").is_dir() and not (path / "journal").is_dir():
        raise CannotVerify(f"{path} is not an archive: it has no folder warc and no folder journal.")
    with ExitStack() as held:
        writer = holder(path)
        journal = journal_check.check_journal(Journal(path))
        scratch = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="oversight-verify-")))
        catalogue, problem = None, None
        if not is_backup(path):  # which has none
            try:
                catalogue = held.enter_context(closing(_copied(path / CATALOGUE, scratch / CATALOGUE)))
                _refuse_newer(catalogue)
            except (sqlite3.Error, OSError) as error:
                if _is_full(error):
                    raise
                catalogue, problem = None, Damage("catalogue-altered", CATALOGUE, f"it can't be read: {error}"[:300])
        seals, accepted = seals_in(journal.events), curation.accepted_in(journal.events)
        yield _Archive(path, journal, seals, accepted, catalogue, problem, writer)


def _copied(path: Path, to: Path) -> sqlite3.Connection:
    """Return a copy of a catalogue as it stands at one moment, readers and writers left alone. Raises sqlite3.Error."""
    copy = sqlite3.connect(to)
    copy.execute("PRAGMA synchronous=OFF")
    with closing(_to_read(path)) as catalogue:
        catalogue.backup(copy)
    for table in ("captures", "records", "versions"):
        copy.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608
    return copy


def _to_read(path: Path) -> sqlite3.Connection:
    """Open a catalogue, also in a folder that nobody may write to."""
    ask = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(ask, uri=True)
    try:
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1")
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if not path.exists() or (log.exists() and log.stat().st_size):
            raise
        return sqlite3.connect(f"{ask}&immutable=1", uri=True)
    return connection


def _refuse_newer(catalogue: sqlite3.Connection) -> None:
    names = {str(row[0]) for row in catalogue.execute("SELECT name FROM _sqlite_migrations")}
    if any(name > max(WRITTEN) and name[:1] == "m" and name[1:4].isdecimal() for name in names):
        raise CannotVerify("This archive was written by a newer version of the program; verify it with that one.")


def check_by_name(
    path: Path, settings: Settings, document: str, progress: Progress = lambda what, done, of: None
) -> Verified:
    """Check one document: the records of its captures, the rows that speak of it, the releases that hold it.

    Raises CannotVerify.
    """
    with _room(), _opened(path) as archive:
        held = archive.catalogue
        if held is None:
            raise CannotVerify(f"{path / CATALOGUE} can't be read; `oversight rebuild` makes it again.")
        records = captures.check_captures(path, _captures_of(held, document), archive.seals, held)
        checked = [archive.journal.checked, records]
        checked += [
            releases.check_release(path, number, archive.journal.events, archive.journal.heads)
            for number in releases.release_numbers(path, archive.journal.events)
            if _holds(Releases(path).database(number), document)
        ]
        of_all = _catalogue(archive, settings, progress, anew=False)
        checked += [replace(one, damages=tuple(_of(document, one.damages))) for one in of_all]
        named = [replace(one, damages=tuple(with_documents(one.damages, held))) for one in checked]
        return Verified(tuple(named), len(archive.journal.events), _writer(archive))


def _of(document: str, damages: tuple[Damage, ...]) -> Iterator[Damage]:
    """Yield what speaks of a document, or of the whole catalogue."""
    for one in damages:
        if document in one.documents or one.outcome in ("catalogue-altered", "not-checked"):
            yield one


def _captures_of(catalogue: sqlite3.Connection, document: str) -> list[str]:
    rows_ = catalogue.execute(
        "SELECT capture FROM versions WHERE document = :document"
        " UNION SELECT captures.id FROM captures JOIN versions ON content_digest = digest WHERE document = :document"
        " UNION SELECT captures.id FROM captures JOIN addresses USING (url_key) WHERE document = :document",
        {"document": document},
    )
    return [str(row[0]) for row in rows_]


def _holds(release: Path, document: str) -> bool:
    """Tell whether a release has a document; one that can't be read may."""
    if not release.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{release.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as file:
            return file.execute("SELECT 1 FROM documents WHERE id = ?", (document,)).fetchone() is not None
    except sqlite3.Error:
        return True


def dated_items(path: Path, events: tuple[Mapping[str, Any], ...]) -> list[Item]:
    """Return what `archive.proof.audit.ages` is asked of: every file, and the parts that are checked as one."""
    prefixes = sorted(one.name for one in (path / "cache" / READINGS).glob("[0-9a-f][0-9a-f]"))
    return [
        (journal_check.PART, "journal.jsonl"),
        (rows.PART, CATALOGUE),
        *((READINGS, prefix) for prefix in prefixes),
        *items_of(path, events, None),
    ]
