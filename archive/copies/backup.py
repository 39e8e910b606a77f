"""Backs an archive up: its folder, without what can be made again, on another disk; a good copy never gives way to
damaged bytes.

The copy is laid out like an archive, with a file that says what it is: its journal is the archive's, and whoever noted
something of their own in it would make it the copy of another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archive.copies.files import NotAsSealed, copy_sealed, is_as_sealed
from archive.copies.journals import AnotherArchive, goes_on_from
from archive.folder import CATALOGUE
from archive.model import Finding
from archive.release.folder import CURRENT, Releases
from archive.release.folder import FOLDER as RELEASES
from archive.release.history import History
from archive.store.journal import Journal
from archive.store.seals import FOLDER as MANIFESTS
from archive.store.seals import NO_SEAL, Seal
from archive.store.segment import SUFFIX, file_digest, refusal

Progress = Callable[[str, int, int], None]
CURATION = "curation"
# What tells a backup from an archive that lost its catalogue.
MARKER = "backup.txt"
_MARKED = (
    "A backup of an archive. `oversight restore` makes an archive of it, or mends one; `oversight verify` checks it as"
    " it lies here, and notes nothing in it.\n"
)


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup copied (files, bytes), how many files it found there already, and what was wrong."""

    copied: int
    size: int
    held: int
    findings: tuple[Finding, ...]


def is_backup(folder: Path) -> bool:
    """Tell whether a folder is a backup, and nobody has made an archive of it."""
    return (folder / MARKER).is_file() and not (folder / CATALOGUE).exists()


def back_up(
    source: Path, target: Path, progress: Progress = lambda what, done, of: None, *, check: bool = False
) -> BackedUp:
    """Bring the copy in `target` (empty, or an earlier backup) up to the archive in `source`.

    The caller holds both folders' locks. The journal is copied last: what it speaks of is then there. A file whose
    bytes aren't those that were sealed is named and left out; an earlier copy of it stays. What was copied and sealed
    before is taken for what it was, here and there; to `check` it reads all of it, and copies again what the copy lost.
    Raises AnotherArchive, JournalDamaged, StoreFull, StoreFailed.
    """
    journal, before = Journal(source), Journal(target)
    events = journal.read()
    if not goes_on_from(source, before.head()):
        raise AnotherArchive(
            f"{target} holds another archive's backup, or one that knows more than {source}; name an empty folder"
        )
    _mark(target)
    wanted = wanted_files(source, journal, events)
    known = before.seals()
    copied = size = 0
    findings: list[Finding] = []
    for done, (path, seal) in enumerate(wanted, 1):
        place = target / path.relative_to(source)
        if _is_held(path, place, seal, {} if check else known):
            continue
        lost = check and path.name in known and not is_as_sealed(place, known[path.name])
        try:
            copy_sealed(path, place, seal)
            findings += [Finding("restored", path.name, "not the bytes that were copied; copied again")] if lost else []
            place.chmod(path.stat().st_mode & 0o777)
            copied, size = copied + 1, size + path.stat().st_size
        except FileNotFoundError:
            findings.append(Finding("record-missing", path.name, "a sealed file is gone"))
        except NotAsSealed:
            findings.append(Finding("record-altered", path.name, "not the bytes that were sealed; it was not copied"))
        progress("backing up", done, len(wanted))
    _forget_pruned(source, target)
    _copy_journal(source, target)
    refused = sum(one.outcome != "restored" for one in findings)
    return BackedUp(copied, size, len(wanted) - copied - refused, tuple(findings))


def wanted_files(source: Path, journal: Journal, events: list[dict[str, object]]) -> list[tuple[Path, Seal]]:
    """Return each file that a backup holds, but for the journal's, with what its bytes must be."""
    return [*_warc_files(source, journal.seals()), *_small_files(source), *_release_files(source, History.of(events))]


def journal_files(source: Path) -> list[Path]:
    """Return the journal's files that are there, in the order in which they are copied, after all else."""
    return [path for path in (Journal(source).path, Journal(source).head_path) if path.is_file()]


def _warc_files(source: Path, seals: dict[str, Seal]) -> list[tuple[Path, Seal]]:
    names = {path.name for path in (source / "warc").glob(f"*{SUFFIX}") if path.is_file()}
    return [(source / "warc" / name, seals.get(name, NO_SEAL)) for name in sorted(names | seals.keys())]


def _small_files(source: Path) -> Iterator[tuple[Path, Seal]]:
    """Yield the lists of records and what people keep by hand, as they are."""
    for folder in (MANIFESTS, CURATION):
        for path in sorted((source / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield path, Seal(*file_digest(path))


def _release_files(source: Path, history: History) -> Iterator[tuple[Path, Seal]]:
    """Yield each release's files; what they must be is told by the journal (the manifest) and by that (the database).

    `current` comes last: it names a release that is then there.
    """
    releases = Releases(source)
    for number in releases.numbers():
        path = releases.manifest_path(number)
        told = str(history.built.get(number, {}).get("manifest", ""))
        if hashlib.sha256(path.read_bytes()).hexdigest() == told:
            held = releases.manifest(number)["file"]
            yield releases.database(number), Seal(held["bytes"], held["sha256"])
        yield path, Seal(path.stat().st_size, told)
    # Beside them lie time-stamps, and the first manifests of releases that were made again.
    numbered = {f"{number}{ending}" for number in releases.numbers() for ending in (".db", ".json")}
    for path in sorted(releases.folder.glob("*")):
        if path.is_file() and path.name not in {*numbered, CURRENT} and not path.name.startswith("."):
            yield path, Seal(*file_digest(path))
    if (releases.folder / CURRENT).is_file():
        yield releases.folder / CURRENT, Seal(*file_digest(releases.folder / CURRENT))


def _is_held(path: Path, place: Path, seal: Seal, known: dict[str, Seal]) -> bool:
    """Tell whether a copy has all of a file; of a WARC file that was sealed the journals' word is taken."""
    if not path.is_file() or not place.is_file() or path.stat().st_size != place.stat().st_size:
        return False
    if path.name in known and seal.size == path.stat().st_size:
        return known[path.name] == seal
    return file_digest(path) == file_digest(place)


def _forget_pruned(source: Path, target: Path) -> None:
    """Take away the releases that the archive no longer has: pruned, or made again without something."""
    for path in (target / RELEASES).glob("*"):
        if not (source / RELEASES / path.name).exists():
            path.unlink()


def _mark(target: Path) -> None:
    path = target / MARKER
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "w") as file:
            file.write(_MARKED)
    except OSError as error:
        raise refusal(path, error) from error


def _copy_journal(source: Path, target: Path) -> None:
    for path in journal_files(source):
        copy_sealed(path, target / "journal" / path.name, Seal(*file_digest(path)))


def check_copy(folder: Path) -> list[Finding]:
    """Return what of a backup's WARC files isn't as its journal says. Raises JournalDamaged, OSError."""
    return [
        Finding("record-altered", name, "not the bytes that were sealed")
        for name, seal in sorted(Journal(folder).seals().items())
        if not is_as_sealed(folder / "warc" / name, seal)
    ]
