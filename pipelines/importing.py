"""Imports: recordings of others (WARC, ARC, WACZ) taken in with their own times, and with where they are from."""

from __future__ import annotations

import hashlib
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from scrapy.settings import Settings

from archive.catalog.runs import fold
from archive.folder import ArchiveFolder, holds_real_captures
from archive.model import Exchange, Finding
from archive.outcomes import severity
from archive.store.record import RecordError
from archive.store.recording import Entry, Recording
from archive.store.wacz import RECORDINGS, is_package, recordings_in
from pipelines.clock import now
from pipelines.derive import IMPORT, Sources
from pipelines.load import Progress, load
from pipelines.recorded import asked_by, held_already, is_instant, with_payload, without_request_secrets

# What a file may be called that is taken from a folder.
NAMES = (*RECORDINGS, ".wacz", ".warc.open", ".warc.gz.open")
# Findings of one file beyond this are counted and not written to the journal one by one.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: `outcomes` counts every record of it, `findings` are those worth naming, `added` says
    how many captures are new."""

    file: str
    run: str
    added: int
    outcomes: Counter[str]
    findings: tuple[Finding, ...]

    @property
    def records(self) -> int:
        """How many records the file holds, damaged ones too."""
        return self.outcomes.total()


@dataclass(slots=True)
class _Taking:
    """One file while it is taken in; `revisits` wait for the files that come after."""

    path: Path
    run: str = ""
    digest: str = ""
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    captures: list[str] = field(default_factory=list)
    revisits: list[tuple[Entry, Exchange]] = field(default_factory=list)
    begun: bool = False

    def note(self, finding: Finding) -> None:
        self.outcomes[finding.outcome] += 1
        if severity(finding.outcome) != "ok" and len(self.findings) < MOST_TOLD:
            self.findings.append(finding)


def import_files(
    archive: ArchiveFolder,
    settings: Settings,
    paths: Iterable[Path],
    by: str = "",
    progress: Progress = lambda what, done, of: None,
) -> list[Imported]:
    """Take in recordings, read what is new, and return what became of each file. The caller holds the archive's lock.

    `by` says who made them. A file's run is named by its bytes: taken in twice, or once more after an interruption,
    it ends as if it had been taken in once.
    """
    importer = _Importer(archive, Sources(settings), by, progress)
    for path in paths:
        importer.take(path)
    importer.finish()
    load(archive, settings, progress)
    return [_result(archive, one) for one in importer.files]


class _Importer:
    def __init__(self, archive: ArchiveFolder, sources: Sources, by: str, progress: Progress) -> None:
        self.archive, self.sources, self.by, self.progress = archive, sources, by, progress
        self.files: list[_Taking] = []
        self.at = now()
        self.known = fold(archive.journal.read())

    def take(self, path: Path) -> None:
        """Take in one file, whatever it is."""
        one = _Taking(path)
        self.files.append(one)
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                one.note(Finding("not-a-file", path.name, "not a regular file"))
                return
            with path.open("rb") as file:
                one.digest = hashlib.file_digest(file, "sha256").hexdigest()
            one.run = f"{IMPORT}-{one.digest[:16]}"
            if is_package(path):
                self._take_package(one)
            else:
                self._take_recording(one, Recording(path), path.name)
        except OSError as error:
            one.note(Finding("unreadable-file", path.name, error.strerror or str(error)))

    def _take_package(self, one: _Taking) -> None:
        for found in recordings_in(one.path, self.archive.path):
            if isinstance(found, Finding):
                one.note(found)
            else:
                self._take_recording(one, Recording(found[1]), f"{one.path.name}!{found[0]}")
        if not (one.outcomes or one.captures or one.revisits):
            one.note(Finding("not-a-recording", one.path.name, "a package without a recording"))

    def _take_recording(self, one: _Taking, recording: Recording, name: str) -> None:
        if not recording.entries and not recording.beside:
            one.note(Finding("not-a-recording", name, recording.damage[0].detail if recording.damage else "empty"))
            return
        if holds_real_captures(self.archive.connection) if recording.sample else self._holds_sample(one.run):
            one.note(Finding("sample-apart", name))
            return
        one.outcomes.update(recording.beside)
        for problem in recording.damage:
            one.note(replace(problem, subject=name) if problem.subject == recording.path.name else problem)
        provenance = _provenance(name, one.digest, recording.software, self.by)
        for done, entry in enumerate(recording.entries, 1):
            self._take_entry(one, recording, entry, provenance)
            self.progress(f"taking in {name}", done, len(recording.entries))

    def _holds_sample(self, run: str) -> bool:
        row = self.archive.connection.execute("SELECT 1 FROM captures WHERE sample = 1 AND run <> ? LIMIT 1", (run,))
        return row.fetchone() is not None

    def _take_entry(self, one: _Taking, recording: Recording, entry: Entry, provenance: str) -> None:
        if not is_instant(entry.captured_at, self.at):
            one.note(Finding("invalid-date", entry.url, f"{entry.captured_at} is no instant, or to come"))
            return
        try:
            exchange = recording.exchange_of(entry)
        except RecordError as error:
            one.note(Finding("record-altered", entry.url, str(error)))
            return
        own = entry.capture.provenance if entry.capture else ""
        exchange = replace(
            exchange,
            request=without_request_secrets(exchange.request),
            fidelity=entry.capture.fidelity if entry.capture else "imported",
            provenance=f"{own}; {provenance}" if own else provenance,
        )
        if recording.lacks_payload(entry):
            one.revisits.append((entry, exchange))
        else:
            self._keep(one, entry, exchange)

    def _keep(self, one: _Taking, entry: Entry, exchange: Exchange) -> None:
        asked = asked_by(entry, one.run, IMPORT, self.sources)
        if held_already(self.archive, exchange, asked):
            one.note(Finding("already-held", entry.url))
        else:
            self._begin(one)
            one.captures.append(self.archive.store.add(exchange, asked).id)

    def finish(self) -> None:
        """Find the payloads of revisits in what all files brought, and close the files' runs."""
        for one in self.files:
            for entry, exchange in one.revisits:
                whole = with_payload(self.archive, entry, exchange)
                if whole is None:
                    one.note(Finding("payload-elsewhere", entry.url, f"a revisit of {entry.captured_at}"))
                else:
                    self._keep(one, entry, whole)
            known = self.known.get(one.run)
            # One that was killed between its last capture and its end has nothing left to take in, and hasn't ended.
            if one.run and (one.begun or one.findings or (known and not known.finished)):
                self._close(one)

    def _begin(self, one: _Taking) -> None:
        """Put the run on record before its first capture; a run that was interrupted goes on."""
        if not one.begun and one.run not in self.known:
            facts = {"source": IMPORT, "night": self.at[:10], "at": self.at, "replay": False}
            self.archive.journal.append("run-started", run=one.run, **facts, minimum=None, maximum=None)
        one.begun = True

    def _close(self, one: _Taking) -> None:
        self._begin(one)
        known = self.known.get(one.run)
        for finding in one.findings:
            if known is None or finding not in known.findings:
                told = {"outcome": finding.outcome, "subject": finding.subject, "detail": finding.detail}
                self.archive.journal.append("outcome", run=one.run, **told)
        if known is None or not known.finished:
            self.archive.journal.append("run-ended", run=one.run, at=now(), status="finished")


def _provenance(name: str, digest: str, software: str, by: str) -> str:
    """Return in one line where an import is from: its file, what made it, and who."""
    words = (name, f"sha256 {digest[:16]}", software and f"made with {software}", by and f"by {by}")
    return "; ".join(re.sub(r"[\s;]+", " ", "".join(c for c in one if c.isprintable()))[:200] for one in words if one)


def _result(archive: ArchiveFolder, one: _Taking) -> Imported:
    """Return what became of a file, now that its captures have been read."""
    findings = list(one.findings)
    for identifier in one.captures:
        url, outcome, detail, *read = archive.connection.execute(
            "SELECT url, captures.outcome, captures.detail, readings.outcome, readings.detail FROM captures"
            " LEFT JOIN readings ON digest = content_digest WHERE id = ?",
            (identifier,),
        ).fetchone()
        if outcome == "document" and severity(read[0] or "text") != "ok":
            outcome, detail = read
        one.outcomes[outcome] += 1
        if severity(outcome) != "ok" and len(findings) < MOST_TOLD:
            findings.append(Finding(outcome, url, detail, identifier))
    return Imported(str(one.path), one.run, len(one.captures), one.outcomes, tuple(findings))


def recordings_under(files: Sequence[Path], given: Sequence[Path]) -> Iterator[Path]:
    """Yield the files that were named, and of those found in folders the ones that are called like a recording."""
    named = set(given)
    yield from (path for path in files if path in named or path.name.lower().endswith(NAMES))
