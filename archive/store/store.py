"""The captures of an archive: add one so that it is never lost, read one back as it was; one writer at a time."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from archive.model import Asked, Capture, Exchange, Finding, Stored
from archive.store.describe import confirming, describe, parse_kind
from archive.store.elsewhere import is_elsewhere, read_elsewhere
from archive.store.errors import RecordDamaged, StoreFailed, StoreFull
from archive.store.group import Append, Described, Group
from archive.store.http import Message, decoded, entity
from archive.store.index import find_capture, find_original, find_payload, find_record, indexed_end, insert
from archive.store.journal import Journal
from archive.store.lock import require_same
from archive.store.record import RecordError, sha256_label
from archive.store.recovery import recover
from archive.store.room import require_room
from archive.store.seals import EVENT, NO_SEAL, write_seal
from archive.store.segment import (
    SEGMENT_BYTES,
    SUFFIX,
    append,
    seal_path,
    segment_name,
    segment_numbers,
    sync_folder,
)
from archive.store.unit import Original, Record, Unit, digest_header, read_unit


class CaptureStore:
    """WARC files under `warc/`, and the rows that index them."""

    def __init__(
        self, folder: Path, connection: sqlite3.Connection, journal: Journal | None, keep_free: int = 0
    ) -> None:
        self.warc_folder = folder / "warc"
        self.recovered: tuple[Finding, ...] = ()
        self._connection = connection
        self._journal = journal
        self._open: dict[str, tuple[int, int]] = {}
        self._written: set[str] = set()
        self._pending: list[tuple[Capture, Record]] = []
        self._failed = ""
        self._keep_free = keep_free

    @classmethod
    def open(
        cls,
        folder: Path,
        connection: sqlite3.Connection,
        journal: Journal | None = None,
        *,
        recovering: bool = True,
        keep_free: int = 0,
    ) -> CaptureStore:
        """Open the store of the archive in `folder`, and mend what a crash left (`recovered` says what).

        The caller holds the writer's lock (archive/store/lock.py). `recovering=False` leaves files and index as
        they are: for a rebuild, which makes the index anew. Nothing is taken in that would leave less than
        `keep_free` bytes of the disk. Raises StoreFull, StoreFailed.
        """
        store = cls(folder, connection, journal, keep_free)
        try:
            store.warc_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder)
        except OSError as error:
            raise StoreFailed(f"{store.warc_folder}: {error.strerror}; check its permissions") from error
        if recovering:
            recovery = recover(store.warc_folder, connection, store._sealed_sizes())
            store.recovered = recovery.findings
            store._written |= recovery.changed
            store._written |= store._unsealed()
        return store

    def add(self, exchange: Exchange, asked: Asked) -> Capture:
        """Keep an exchange. When this returns, record and row survive a power cut.

        The same capture again (archive/store/describe.py, `capture_id`) writes nothing and returns the held one.
        Commits whatever the connection has open. Raises StoreFull, StoreFailed; nothing is then acknowledged.
        """
        return self.add_all([self.describe(exchange, asked)])[0]

    def describe(self, exchange: Exchange, asked: Asked) -> Described:
        """Say what `add_all` needs to know of an exchange; writes nothing.

        Raises what archive/store/describe.py says, and RecordDamaged for what a "not modified" confirms.
        """
        capture = describe(exchange, asked)
        confirmed = self._confirmed(exchange)
        return Described(confirming(capture, confirmed.capture) if confirmed else capture, exchange, confirmed)

    def add_all(self, exchanges: Sequence[Described]) -> list[Capture]:
        """Keep exchanges together: one write and one sync of each file, one transaction; else as `add`.

        Either all are acknowledged or, where it raises, none; of those that are not, some may be there all the same.
        """
        if self._failed:
            raise StoreFailed(self._failed)
        self._index_pending()
        require_room(self.warc_folder, self._keep_free, sum(len(one.exchange.response) for one in exchanges))
        group = Group(self._segment, self._original)
        kept = []
        for one in exchanges:
            held = group.captures.get(one.capture.id) or find_capture(self._connection, one.capture.id)
            if held is None:
                group.add(one)
            kept.append(held or one.capture)
        for part in group.appends:
            self._append(part)
        self._index_pending()
        return kept

    def _append(self, part: Append) -> None:
        self._open.pop(part.run, None)
        with self._stopping():
            require_same(self.warc_folder.parent)
            append(self.warc_folder / part.name, b"".join(part.parts), part.size)
        self._open[part.run] = (part.number, part.end)
        self._written.add(part.name)
        self._pending += part.rows

    @contextlib.contextmanager
    def _stopping(self) -> Iterator[None]:
        """After StoreFailed nothing more is written: what the disk then says of itself can't be trusted."""
        try:
            yield
        except StoreFailed as error:
            self._failed = str(error)
            raise

    def _index_pending(self) -> None:
        """Write the rows of the last records; where the disk was full, they are tried again before anything else."""
        if not self._pending:
            return
        try:
            for capture, record in self._pending:
                if find_record(self._connection, record.capture) is None:
                    insert(self._connection, capture, record)
            self._connection.commit()
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                self._connection.rollback()
            with self._stopping():
                raise catalogue_refusal(error) from error
        self._pending.clear()

    def _segment(self, run: str, length: int, end: tuple[int, int] | None) -> tuple[int, int]:
        """Return the number and the size of the file that a run's next unit goes to; `end` is where the last ended."""
        number, size = end or self._open.get(run) or self._newest(run)
        if size and size + length > SEGMENT_BYTES:
            return number + 1, 0
        return number, size

    def _newest(self, run: str) -> tuple[int, int]:
        numbers = segment_numbers(self.warc_folder, run)
        if not numbers:
            return 0, 0
        name = segment_name(run, numbers[-1])
        path = self.warc_folder / name
        size = path.stat().st_size
        # Bytes that the index doesn't know, and a failed sync, close a file for good.
        if size != indexed_end(self._connection, name) or seal_path(path).exists():
            return numbers[-1] + 1, 0
        return numbers[-1], size

    def _original(self, capture: Capture, exchange: Exchange) -> Original | None:
        """Return the capture that already holds this payload in the same framing, once it was read back whole."""
        if capture.payload_bytes == 0:
            return None
        identifier = find_original(self._connection, capture)
        held = find_capture(self._connection, identifier) if identifier else None
        if held is None:
            return None
        try:
            message = parse_kind(held.kind, self._unit(held.id).final.block)
        except RecordDamaged:
            return None
        chunked = parse_kind(exchange.kind, exchange.response).chunked
        if message.chunked != chunked or sha256_label(entity(message)[0]) != capture.payload_digest:
            return None
        return Original(held, digest_header(held.kind, message))

    def _confirmed(self, exchange: Exchange) -> Original | None:
        """Return the capture that a "not modified" confirms; None where it confirms none that is there."""
        record = find_record(self._connection, exchange.confirms) if exchange.status == 304 else None
        held = find_capture(self._connection, record.revisit_of or record.capture) if record else None
        if held is None:
            return None
        return Original(held, digest_header(held.kind, parse_kind(held.kind, self._unit(held.id).final.block)))

    def read(self, capture_id: str) -> Stored:
        """Return a capture as it was. Raises KeyError for an unknown id, RecordDamaged for altered bytes."""
        capture = find_capture(self._connection, capture_id)
        if capture is None:
            raise KeyError(capture_id)
        unit = self._unit(capture.id)
        message = self._message(capture, unit)
        body, problem = decoded(message)
        return Stored(capture, message.reason, message.headers, body, problem, unit.unchanged)

    def request(self, capture_id: str) -> bytes:
        """Return the request as it was sent, b"" where none was kept; raises as `read` does."""
        if find_capture(self._connection, capture_id) is None:
            raise KeyError(capture_id)
        request = self._unit(capture_id).request
        return request.block if request else b""

    def answer(self, capture_id: str) -> Message:
        """Return a capture's answer as it was sent, taken apart; raises as `read` does."""
        capture = find_capture(self._connection, capture_id)
        if capture is None:
            raise KeyError(capture_id)
        return self._message(capture, self._unit(capture_id))

    def payload(self, capture_id: str) -> bytes:
        """Return a capture's decoded body; raises as `read` does."""
        return self.read(capture_id).body

    def _message(self, capture: Capture, unit: Unit) -> Message:
        message = parse_kind(capture.kind, unit.final.block)
        if unit.final.type == "revisit":
            held = self._revisited(capture, unit.revisit_of)
            message = held if unit.unchanged else dataclasses.replace(message, body=held.body)
        if sha256_label(entity(message)[0]) != capture.payload_digest:
            raise self._damaged(capture.id, "the payload is not the one that was captured")
        return message

    def _revisited(self, capture: Capture, revisit_of: str) -> Message:
        """Return the answer, as sent, of the capture that holds a revisit's payload."""
        for identifier in (revisit_of, find_payload(self._connection, capture.payload_digest)):
            held = find_capture(self._connection, identifier) if identifier else None
            if held is not None and find_record(self._connection, identifier) is not None:
                return parse_kind(held.kind, self._unit(identifier).final.block)
        raise self._damaged(capture.id, f"its payload lies in capture {revisit_of}, which is not there")

    def stored(self, capture_id: str) -> bytes:
        """Return the bytes of a capture's unit as they were written. Raises RecordDamaged."""
        record = find_record(self._connection, capture_id)
        if record is None:
            raise RecordDamaged("records", 0, f"the index doesn't say where capture {capture_id} lies")
        try:
            content = self._bytes_at(record)
        except OSError as error:
            raise self._damaged(capture_id, str(error.strerror)) from error
        if hashlib.sha256(content).hexdigest() != record.digest:
            raise self._damaged(capture_id, "the bytes are not those that were written")
        return content

    def _bytes_at(self, record: Record) -> bytes:
        if is_elsewhere(record.warc):
            return read_elsewhere(record.warc, record.offset, record.length)
        with (self.warc_folder / record.warc).open("rb") as file:
            return os.pread(file.fileno(), record.length, record.offset)

    def _unit(self, capture_id: str) -> Unit:
        content = self.stored(capture_id)
        try:
            unit = read_unit(content, 0)
        except RecordError as error:
            raise self._damaged(capture_id, str(error)) from error
        if unit.capture.id != capture_id:
            raise self._damaged(capture_id, f"capture {unit.capture.id} lies there")
        return unit

    def _damaged(self, capture_id: str, reason: str) -> RecordDamaged:
        record = find_record(self._connection, capture_id)
        warc, offset = (record.warc, record.offset) if record else ("records", 0)
        return RecordDamaged(warc, offset, reason)

    def _sealed_sizes(self) -> dict[str, int] | None:
        return None if self._journal is None else {name: seal.size for name, seal in self._journal.seals().items()}

    def _unsealed(self) -> set[str]:
        """Return the files that an interrupted run left without a seal for all that they hold."""
        if self._journal is None:
            return set()
        seals = self._journal.seals()
        sizes = {path.name: path.stat().st_size for path in self.warc_folder.glob(f"*{SUFFIX}") if path.is_file()}
        return {name for name, size in sizes.items() if size > seals.get(name, NO_SEAL).size}

    def close(self) -> None:
        """Note in the journal what each file that was written to now holds; the rest is on the disk already."""
        if self._journal is not None:
            for name in sorted(self._written):
                seal = write_seal(self.warc_folder.parent, self._connection, name)
                self._journal.append(EVENT, file=name, bytes=seal.size, sha256=seal.sha256, manifest=seal.manifest)
        self._written.clear()
        self._open.clear()

    def __enter__(self) -> CaptureStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def catalogue_refusal(error: sqlite3.Error) -> StoreFull | StoreFailed:
    """Turn what SQLite said of a write into the store's own words."""
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
        return StoreFull(f"the catalogue: {error}; make room, then run the same command again")
    return StoreFailed(f"the catalogue: {error}; look at the disk")
