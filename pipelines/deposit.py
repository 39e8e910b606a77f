"""Deposits: files that a person has, taken in with the same provenance as what was fetched."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scrapy.settings import Settings

from archive.addresses import without_secrets
from archive.catalog.runs import fold, last_sign
from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange, Finding
from pipelines.clock import now, require_plausible
from pipelines.load import DEPOSIT_SOURCE, Progress, load

SOURCE = DEPOSIT_SOURCE["name"]
# A larger file would not fit into the readers' memory; none of the sources has one.
LARGEST = 600 << 20
PIECE = 1 << 20
TOO_LARGE = f"larger than {LARGEST >> 20} MB"
CHANGED = "it changed while it was read; hand it in when nothing writes to it any more"


@dataclass(frozen=True, slots=True)
class Deposited:
    """What became of each file: where it lay, the outcome, and why."""

    run: str
    findings: tuple[Finding, ...]

    def counts(self) -> Counter[str]:
        """Count the outcomes; they add up to the files."""
        return Counter(finding.outcome for finding in self.findings)


def deposit(
    archive: ArchiveFolder,
    settings: Settings,
    paths: Iterable[Path],
    url: str = "",
    progress: Progress = lambda what, done, of: None,
) -> Deposited:
    """Take in files, read them, and return each one's outcome. The caller holds the archive's lock.

    `url` is where the file was published, as the person says. A file that was handed in before is not taken twice.
    Raises ClockImplausible.
    """
    at = now()
    require_plausible(at, last_sign(fold(archive.journal.read()).values()), believed=settings["CLOCK"] == "right")
    run = f"{SOURCE}-{at.translate(str.maketrans('', '', '-:'))}"
    files = list(paths)
    findings: list[Finding] = []
    taken: dict[str, str] = {}
    for done, path in enumerate(files, 1):
        finding = _take(archive, path, url, run, at)
        findings.append(finding)
        if finding.capture:
            taken[finding.capture] = path.name
        progress("taking in", done, len(files))
    if taken:
        _journal(archive, run, at, findings)
    load(archive, settings, progress)
    return Deposited(run, tuple(_read(archive, finding) if finding.capture else finding for finding in findings))


def _take(archive: ArchiveFolder, path: Path, url: str, run: str, at: str) -> Finding:
    """Take in one file; the outcome of a good one is known when it has been read."""
    try:
        body = _bytes(path)
    except ValueError as refused:
        return Finding("not-a-file", _printable(path), str(refused))
    except OSError as error:
        return Finding("unreadable-file", _printable(path), error.strerror or str(error))
    address = without_secrets(url) or f"urn:sha256:{hashlib.sha256(body).hexdigest()}"
    if _held(archive, address, hashlib.sha256(body).hexdigest()):
        return Finding("already-held", _printable(path))
    name = _printable(Path(path.name))
    exchange = Exchange(address, at, b"", body, kind="resource", fidelity="deposited", file_name=name)
    capture = archive.store.add(exchange, Asked(SOURCE, run))
    return Finding("document", _printable(path), capture=capture.id)


def _bytes(path: Path) -> bytes:
    """Read a regular file, twice. Raises ValueError for anything else, OSError where it can't be read or changes."""
    kind = path.lstat().st_mode
    if stat.S_ISDIR(kind):
        os.scandir(path).close()  # says why a folder's files could not be listed
    if not stat.S_ISREG(kind):
        raise ValueError("not a regular file")
    # It may have become another thing since: no link is followed, and no pipe is waited for.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if status.st_size > LARGEST:
            raise OSError(TOO_LARGE)
        # Some of the system's own announce no bytes and have some; None stands for those that have none yet.
        body = file.read(status.st_size + PIECE) or b""
        if not _same_again(file, body) or _written(os.fstat(descriptor)) != _written(status):
            raise OSError(CHANGED)
    return body


def _same_again(file: BinaryIO, body: bytes) -> bool:
    """Read a file again, piece by piece, and say whether it still holds what it held."""
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.digest() == hashlib.sha256(body).digest()


def _written(status: os.stat_result) -> tuple[int, int]:
    """Return what tells when a file was last written to."""
    return status.st_size, status.st_mtime_ns


def _printable(path: Path) -> str:
    """Return a path as text: what isn't UTF-8 in it is shown as U+FFFD."""
    return os.fsencode(path).decode("utf-8", "replace")


def _held(archive: ArchiveFolder, url: str, digest: str) -> bool:
    row = archive.connection.execute(
        "SELECT 1 FROM captures WHERE kind = 'resource' AND url = ? AND content_digest = ?", (url, digest)
    ).fetchone()
    return row is not None


def _journal(archive: ArchiveFolder, run: str, at: str, findings: Iterable[Finding]) -> None:
    facts = {"source": SOURCE, "night": at[:10], "at": at, "replay": False, "minimum": None, "maximum": None}
    archive.journal.append("run-started", run=run, **facts)
    for finding in findings:
        if not finding.capture:
            # Where a file lay on somebody's machine is nobody's business: the record has its name alone.
            name = finding.subject.rpartition("/")[2]
            told = {"outcome": finding.outcome, "subject": name, "detail": finding.detail}
            archive.journal.append("outcome", run=run, **told)
    archive.journal.append("run-ended", run=run, at=now(), status="finished")


def _read(archive: ArchiveFolder, finding: Finding) -> Finding:
    """Return what became of a file that was taken in: the outcome of reading it, or of looking at it."""
    row = archive.connection.execute(
        "SELECT captures.outcome, captures.detail, readings.outcome, readings.detail, captures.read_by FROM captures"
        " LEFT JOIN readings ON readings.digest = captures.content_digest WHERE captures.id = ?",
        (finding.capture,),
    ).fetchone()
    if row[0] in ("document", "listing") and row[4] and not row[2]:
        return Finding(row[0], finding.subject, _records(archive, finding.capture, row[4]), finding.capture)
    outcome, detail = (row[0], row[1]) if row[0] != "document" else (row[2] or "unsupported-type", row[3] or "")
    return Finding(outcome, finding.subject, detail, finding.capture)


def _records(archive: ArchiveFolder, capture: str, source: str) -> str:
    """Say how many of a file's records its source took: none in scope is another thing than none read."""
    said = archive.connection.execute(
        "SELECT statements.kind, json_extract(body, '$.outcome'), json_extract(body, '$.detail') FROM sightings"
        " JOIN statements ON statements.id = sightings.statement WHERE capture = ?",
        (capture,),
    ).fetchall()
    taken = sum(kind in ("notice", "award") for kind, _, _ in said)
    left = sum(
        int("".join(filter(str.isdigit, detail)) or 0) for _, outcome, detail in said if outcome == "out-of-scope"
    )
    return f"{taken:,} record{'s'[: taken != 1]} for {source}" + (f", {left:,} out of scope" if left else "")


def files_under(paths: Iterable[Path], recursive: bool) -> Iterator[Path]:
    """Yield the files that were meant, sorted: a folder's own files if `recursive`; links are not followed.

    A link to a folder is yielded, and so is a folder that can't be listed, so that it is told what became of them.
    Raises IsADirectoryError for a folder where `recursive` is not set, FileNotFoundError for what isn't there.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise FileNotFoundError(path)
        if path.is_symlink() or not path.is_dir():
            yield path
        elif recursive:
            yield from sorted(_within(path))
        else:
            raise IsADirectoryError(path)


def _within(path: Path) -> Iterator[Path]:
    unlisted: list[OSError] = []
    for folder, folders, names in os.walk(path, onerror=unlisted.append, followlinks=False):
        yield from (Path(folder) / name for name in names)
        yield from (link for name in folders if os.path.islink(link := Path(folder) / name))  # noqa: PTH114 (a path too long is no link)
    yield from (Path(error.filename) for error in unlisted)
