"""Mends an archive from a copy: what isn't whole here and is whole there comes back; what is whole here stays.

Bytes that are no longer what was sealed are set aside, never thrown away: they may be all that is left of something.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from archive.copies.backup import CURATION, Progress
from archive.copies.files import NotAsSealed, copy_sealed, is_as_sealed, join
from archive.copies.journals import AnotherArchive, goes_on_from, mended
from archive.model import Finding
from archive.release.folder import CURRENT, Releases
from archive.release.history import History
from archive.store.chain import Head
from archive.store.journal import Journal, JournalDamaged
from archive.store.put import put
from archive.store.seals import NO_SEAL, Seal
from archive.store.segment import SUFFIX, file_digest

ASIDE = "damaged"


def repair(archive: Path, copy: Path, progress: Progress = lambda what, done, of: None) -> list[Finding]:
    """Bring back from `copy` what is missing or damaged in `archive`, which may be empty. The caller holds both locks.

    Returns what came back and what couldn't; the catalogue is to be made again afterwards. Raises AnotherArchive, and
    JournalDamaged where the copy's own journal isn't whole: then it can be trusted in nothing. StoreFull, StoreFailed.
    """
    theirs = Journal(copy).seals()
    findings = _repair_journal(archive, copy)
    ours = Journal(archive).seals()
    names = sorted({*ours, *theirs, *(path.name for path in (copy / "warc").glob(f"*{SUFFIX}"))})
    for done, name in enumerate(names, 1):
        place = archive / "warc" / name
        seal = ours.get(name, NO_SEAL)
        if not (is_as_sealed(place, seal) if seal.size else place.is_file()):
            findings.append(_repair_segment(place, copy / "warc" / name, seal, theirs.get(name, NO_SEAL)))
        progress("repairing", done, len(names))
    findings += _repair_releases(archive, copy)
    findings += _bring_missing(archive / CURATION, copy / CURATION)
    return findings


def _repair_journal(archive: Path, copy: Path) -> list[Finding]:
    """Take the copy's journal where ours is gone or ends before it; leave ours where it goes on from that.

    Raises JournalDamaged where lines are damaged that the copy doesn't have: one of them may be a withdrawal.
    """
    own, other = Journal(archive), Journal(copy)
    theirs = other.head()
    try:
        head = own.head()
    except JournalDamaged:
        content = mended(archive, copy)
        if content is None:
            raise
        _set_aside(archive, own.path)
        put(own.path, content)
        return [Finding("restored", "journal", "its damaged lines stand in the copy, and what came later goes on")]
    if goes_on_from(archive, theirs):
        return []
    if goes_on_from(copy, head):
        return [_take_journal(archive, copy, "it was gone" if head == Head(0, 0, head.chain) else "its end was gone")]
    raise AnotherArchive(f"{copy} is no copy of the archive in {archive}: their journals tell of different things")


def _take_journal(archive: Path, copy: Path, reason: str) -> Finding:
    for path in (Journal(copy).path, Journal(copy).head_path):
        if path.is_file():
            place = archive / "journal" / path.name
            _set_aside(archive, place)
            copy_sealed(path, place, Seal(*file_digest(path)))
    return Finding("restored", "journal", reason)


def _repair_segment(place: Path, copy: Path, seal: Seal, theirs: Seal) -> Finding:
    """Put a WARC file together from what either has whole, so that it is what was sealed."""
    archive = place.parent.parent
    for parts in _ways(place, copy, seal, theirs):
        with contextlib.suppress(NotAsSealed, FileNotFoundError):
            mended = archive / ASIDE / f".{place.name}.mended"
            join(parts, mended, seal)
            _set_aside(archive, place)
            place.parent.mkdir(mode=0o700, exist_ok=True)
            copy_sealed(mended, place, seal)
            mended.unlink()
            return Finding("restored", place.name, f"{place.stat().st_size} bytes")
    return Finding("not-restored", place.name, "no copy of it is what was sealed")


def _ways(place: Path, copy: Path, seal: Seal, theirs: Seal) -> Iterator[list[tuple[Path, int, int]]]:
    """Yield the ways in which a file might be put together, as stretches; which is right the seal tells.

    What was added here since the seal stays behind it; what the copy has of an older seal is its beginning.
    """
    if not copy.is_file() or not is_as_sealed(copy, theirs):
        return
    has, had = copy.stat().st_size, place.stat().st_size if place.is_file() else 0
    if seal.size and has >= seal.size:
        added = [(place, seal.size, -1)] if had > seal.size else []
        yield [(copy, 0, seal.size), *added]
    elif seal.size:
        yield [(copy, 0, theirs.size or has), (place, theirs.size or has, -1)]
    else:
        yield [(copy, 0, -1)]


def _set_aside(archive: Path, path: Path) -> None:
    if not path.exists():
        return
    (archive / ASIDE).mkdir(mode=0o700, exist_ok=True)
    digest = file_digest(path)[1][:12]
    path.replace(archive / ASIDE / f"{path.name}.{digest}")


def _repair_releases(archive: Path, copy: Path) -> list[Finding]:
    """Bring back the releases that the journal tells of and that aren't whole here, if they are there."""
    history = History.of(Journal(archive).read())
    here, there = Releases(archive), Releases(copy)
    findings = []
    for number in sorted(history.built.keys() - history.pruned):
        manifest = str(history.built[number].get("manifest", ""))
        if _is_whole(here, number, manifest):
            continue
        if not _is_whole(there, number, manifest):
            findings.append(Finding("not-restored", f"release {number}", "no copy of it is what the journal tells of"))
            continue
        for path in (there.database(number), there.manifest_path(number), there.timestamp_path(number)):
            if path.is_file():
                place = here.folder / path.name
                _set_aside(archive, place)
                copy_sealed(path, place, Seal(*file_digest(path)))
                place.chmod(0o444)
        findings.append(Finding("restored", f"release {number}"))
    for path in sorted(there.folder.glob("*.*.json")):  # first manifests of releases that were made again
        if not (here.folder / path.name).exists():
            copy_sealed(path, here.folder / path.name, Seal(*file_digest(path)))
            findings.append(Finding("restored", path.name))
    return findings + _repair_current(here, history)


def _repair_current(here: Releases, history: History) -> list[Finding]:
    number = history.current
    if number is None or _current(here) == number:
        return []
    if not _is_whole(here, number, str(history.built[number].get("manifest", ""))):
        return []
    here.set_current(number)
    return [Finding("restored", CURRENT, f"release {number} is served")]


def _current(releases: Releases) -> int | None:
    try:
        return releases.current()
    except (OSError, ValueError):
        return None


def _is_whole(releases: Releases, number: int, manifest: str) -> bool:
    """Tell whether a release's manifest is the one that the journal noted, and its file the one that this notes."""
    try:
        content = releases.manifest_path(number).read_bytes()
        told = releases.manifest(number)["file"]
        whole = file_digest(releases.database(number))
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return hashlib.sha256(content).hexdigest() == manifest and whole == (told["bytes"], told["sha256"])


def _bring_missing(folder: Path, copy: Path) -> Iterator[Finding]:
    """Bring back files kept by hand that are gone; one that differs is somebody's decision, and stays."""
    for path in sorted(copy.rglob("*")):
        place = folder / path.relative_to(copy)
        if path.is_file() and not path.is_symlink() and not place.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            put(place, path.read_bytes())
            yield Finding("restored", f"{CURATION}/{path.relative_to(copy)}")
