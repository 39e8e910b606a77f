"""Backs an archive up to an object store, and fetches it from there; objects are named by what they hold.

So nothing is ever written over: what is there already isn't sent again, a backup that is cut off leaves the one before
it whole, and a store that forbids deleting keeps all of them.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from archive.copies.backup import BackedUp, Progress, journal_files, wanted_files
from archive.copies.files import is_as_sealed
from archive.copies.journals import AnotherArchive, goes_on_from
from archive.copies.listing import FOLDER, OBJECTS, Kept, Listing, newest
from archive.copies.object_store import ObjectStore, StoreUnreachable, shown_url
from archive.model import Finding
from archive.store.journal import Journal, JournalDamaged
from archive.store.seals import Seal
from archive.store.segment import file_digest, refusal, sync_folder

STAGED = ".restoring-"
_OTHERWISE = "the store has not what was backed up"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A folder with what a backup holds, or with what of it isn't here; `findings` say what is in its place already.

    Where it is the archive's own folder nothing is left to be repaired.
    """

    folder: Path
    findings: tuple[Finding, ...]


def back_up_to(source: Path, store: ObjectStore, progress: Progress = lambda what, done, of: None) -> BackedUp:
    """Bring the backup in a store up to the archive in `source`, whose lock the caller holds.

    The listing that makes it a backup is written last, behind the journal; only then what no listing names goes.
    Raises AnotherArchive, JournalDamaged, StoreUnreachable.
    """
    before = _newest(store)
    journal = Journal(source)
    events = journal.read()
    if not goes_on_from(source, before.journal):
        raise AnotherArchive(
            f"{shown_url(store.url)} holds another archive's backup, or one that knows more than {source};"
            " name another place"
        )
    there = store.sizes(OBJECTS)
    files: dict[str, Kept] = {}
    findings: list[Finding] = []
    sent = size = 0
    wanted = [
        *wanted_files(source, journal, events),
        *((path, Seal(*file_digest(path))) for path in journal_files(source)),
    ]
    for done, (path, seal) in enumerate(wanted, 1):
        place = path.relative_to(source).as_posix()
        kept, finding = _kept(path, seal, before.files.get(place))
        if finding:
            findings.append(finding)
        if kept is None:
            continue
        files[place] = kept
        if there.get(kept.object) != kept.size:
            if finding:  # of an earlier copy, and that is gone
                del files[place]
                continue
            store.upload(kept.object, path)
            there[kept.object] = kept.size
            sent, size = sent + 1, size + kept.size
        progress("backing up", done, len(wanted))
    if files != before.files:
        listing = Listing(before.number + 1, journal.head(), files)
        _forget(store, listing, there, listing.write(store))
    return BackedUp(sent, size, len(files) - sent, tuple(findings))


def _newest(store: ObjectStore) -> Listing:
    try:
        return newest(store)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreUnreachable(f"{shown_url(store.url)} holds no backup that can be read ({error})") from error


def _kept(path: Path, seal: Seal, earlier: Kept | None) -> tuple[Kept | None, Finding | None]:
    """Return how a file is kept; where its bytes aren't those that were sealed, as it was kept earlier, and why."""
    if not path.is_file():
        return earlier, Finding("record-missing", path.name, "a sealed file is gone")
    if earlier and (earlier.size, earlier.sha256) == (seal.size, seal.sha256) == (path.stat().st_size, seal.sha256):
        # Its bytes went there once, and were those; whether they still are here `verify` says.
        return replace(earlier, mode=path.stat().st_mode & 0o777), None
    if not is_as_sealed(path, seal):
        return earlier, Finding("record-altered", path.name, "not the bytes that were sealed; it was not copied")
    return Kept(*file_digest(path), path.stat().st_mode & 0o777), None


def _forget(store: ObjectStore, listing: Listing, there: dict[str, int], name: str) -> None:
    """Take away what the new listing doesn't name: withdrawn and erased bytes too."""
    named = {kept.object for kept in listing.files.values()}
    store.remove(sorted(there.keys() - named))
    store.remove(sorted(set(store.sizes(FOLDER)) - {name}))


@contextlib.contextmanager
def fetched(store: ObjectStore, archive: Path, progress: Progress = lambda what, done, of: None) -> Iterator[Fetched]:
    """Give, while in a `with`, a folder that `repair` can take for the copy: with what `archive` doesn't have whole.

    Into an archive that has no journal all comes at once, each file compared with its digest before it is put in its
    place, the journal last; then that folder is the copy too. Raises StoreUnreachable, StoreFull, StoreFailed,
    JournalDamaged where the journal isn't what was backed up.
    """
    listing = _newest(store)
    if not listing.files:
        raise StoreUnreachable(f"{shown_url(store.url)} holds no backup")
    if not Journal(archive).path.exists():
        yield Fetched(archive, _fetch(store, listing, archive, archive, progress))
        return
    for left in archive.glob(f"{STAGED}*"):  # of a restore that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(dir=archive, prefix=STAGED) as staged:
        _fetch(store, listing, archive, Path(staged), progress)
        yield Fetched(Path(staged), ())


def _fetch(store: ObjectStore, listing: Listing, archive: Path, to: Path, progress: Progress) -> tuple[Finding, ...]:
    """Bring what isn't there as it was backed up, and say what came whole."""
    findings = []
    ordered = sorted(listing.files, key=lambda path: (path.startswith("journal/"), path == "journal/head", path))
    for done, place in enumerate(ordered, 1):
        kept = listing.files[place]
        is_journal = place.startswith("journal/")
        if is_journal or not _is_there(archive / place, kept):
            whole = _fetch_one(store, kept, to / place)
            findings.append(Finding("restored", place) if whole else Finding("not-restored", place, _OTHERWISE))
            if is_journal and not whole:
                raise JournalDamaged(f"{place} in {shown_url(store.url)} is not what was backed up; take another copy")
        progress("fetching", done, len(ordered))
    return tuple(findings)


def _is_there(path: Path, kept: Kept) -> bool:
    return path.is_file() and not path.is_symlink() and file_digest(path) == (kept.size, kept.sha256)


def _fetch_one(store: ObjectStore, kept: Kept, place: Path) -> bool:
    """Put one file in its place; False, and nothing there, where what the store gives isn't what was backed up."""
    beside = place.with_name(f".{place.name}.new")
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        try:
            store.download(kept.object, beside)
        except FileNotFoundError:
            return False
        if file_digest(beside) != (kept.size, kept.sha256):
            return False
        beside.chmod(kept.mode)
        beside.replace(place)
        sync_folder(place.parent)
    except OSError as error:
        raise refusal(place, error) from error
    finally:
        beside.unlink(missing_ok=True)
    return True


def check_store(source: Path, store: ObjectStore, progress: Progress = lambda what, done, of: None) -> list[Finding]:
    """Read every object of the newest backup back; what isn't as it was sent is sent again, where `source` has it.

    Returns what was, and what couldn't be. Raises StoreUnreachable, StoreFull, StoreFailed.
    """
    files = _newest(store).files
    findings = []
    with tempfile.TemporaryDirectory(dir=source, prefix=STAGED) as folder:
        for done, (place, kept) in enumerate(sorted(files.items()), 1):
            if not _fetch_one(store, kept, Path(folder) / "one"):
                findings.append(_sent_again(source, store, place, kept))
            progress("reading back", done, len(files))
    return findings


def _sent_again(source: Path, store: ObjectStore, place: str, kept: Kept) -> Finding:
    if not _is_there(source / place, kept):
        return Finding("record-altered", place, _OTHERWISE)
    store.upload(kept.object, source / place)
    return Finding("restored", place, f"{_OTHERWISE}; it was sent again")
