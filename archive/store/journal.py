"""The journal of what can't be derived: one JSON object a line, only ever appended to, each line synced.

Its lines are a chain (archive/store/chain.py). What a chain can't tell, that its end is gone, the file `head` beside it
does, which says how far the journal went when a writer last closed it; so do the manifests of releases.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from archive.model import Finding
from archive.store.chain import MEMBER, Chain, ChainBroken, Head
from archive.store.errors import StoreFailed
from archive.store.lock import require_same
from archive.store.put import put
from archive.store.seals import Seal, seals_in
from archive.store.segment import append, refusal, sync_folder

# What a version has to understand to read a journal. Who adds an event that no older version may pass over in silence
# (as a withdrawal is one) raises it by one; the first line that such a version writes then says so, in an event.
FORM = 1
FORM_EVENT = "journal-form"


class JournalDamaged(Exception):  # noqa: N818
    """A line of the journal that isn't one, or isn't the one that was written; the message names it."""


class JournalNewer(JournalDamaged):
    """A newer version of this program wrote what this one doesn't understand; the message says what can be done."""


class Journal:
    """`journal/journal.jsonl` in the archive's folder. One writer at a time; anybody may read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal" / "journal.jsonl"
        self.head_path = folder / "journal" / "head"
        self.recovered: tuple[Finding, ...] = ()
        self._head: Head | None = None
        self._form = 1

    def append(self, event: str, **facts: object) -> None:
        """Add an event with its facts (JSON values); when this returns, it survives a power cut.

        Raises StoreFull, StoreFailed; JournalDamaged, since nothing is chained to what isn't whole; TypeError or
        ValueError for what isn't JSON.
        """
        if MEMBER in facts:
            raise ValueError(f"an event has no fact of its own called {MEMBER}")
        require_same(self.path.parent.parent)
        told = json.dumps({"event": event, **facts}, ensure_ascii=True, allow_nan=False)
        head = self._writer_head()
        if self._form < FORM and event != FORM_EVENT:
            self.append(FORM_EVENT, form=FORM)
            head = self._writer_head()
        line, after = head.linked(told.encode())
        append(self.path, line, head.size)
        self._head = after

    def _writer_head(self) -> Head:
        """Return where the next line goes; looked up again where another object of this process wrote the last."""
        if self._head is not None and _size(self.path) != self._head.size:
            self._head = None
        self.recover()
        assert self._head is not None
        return self._head

    def recover(self) -> tuple[Finding, ...]:
        """Cut a last line that a crash tore: it had never been acknowledged. Only for the writer.

        Raises StoreFailed, and JournalDamaged.
        """
        if self._head is not None:
            return self.recovered
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self.path.parent.parent)
            noted, content = self._found()
            self._head = self._followed(noted, content)
            whole = content[: self._head.size]
            if not self.head_path.exists():  # from the first line on there is one, so that it is missed if it goes
                self._note(self._head)
            if len(whole) < len(content):
                self._cut(len(whole), len(content))
        except OSError as error:
            raise refusal(self.path, error) from error
        return self.recovered

    def _cut(self, end: int, size: int) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        detail = f"{size - end} bytes after the last whole line"
        self.recovered = (Finding("tail-cut", self.path.name, detail),)

    def read(self) -> list[dict[str, object]]:
        """Return every event in order; a torn last line is left out. Raises JournalDamaged for any other bad line."""
        return [event for _, event in self._events(*self._found())]

    def sound(self) -> tuple[list[tuple[Head, dict[str, object]]], str]:
        """Return the events up to the first damage, each with where the journal stands after it, and what is damaged.

        The latter is "" where nothing is.
        """
        events: list[tuple[Head, dict[str, object]]] = []
        try:
            events.extend(self._events(*self._found()))
        except JournalDamaged as damaged:
            return events, str(damaged)
        return events, ""

    def head(self) -> Head:
        """Return how far the journal goes, a torn last line left out. Raises JournalDamaged."""
        return self._head or self._followed(*self._found())

    def _followed(self, noted: Head | None, content: bytes) -> Head:
        head = Chain().head
        for reached, _ in self._events(noted, content):
            head = reached
        return head

    def _found(self) -> tuple[Head | None, bytes]:
        """Return the note and the journal; the note first, since a writer may go on meanwhile."""
        noted = self.noted()
        return noted, self.path.read_bytes() if self.path.exists() else b""

    def _events(self, noted: Head | None, content: bytes) -> Iterator[tuple[Head, dict[str, object]]]:
        """Yield each event, and where the journal stands after it. Raises JournalDamaged."""
        chain = Chain()
        for number, line in enumerate(_whole_lines(content), 1):
            try:
                event = json.loads(chain.follow(line + b"\n"))
            except ChainBroken as broken:
                raise self._damaged(number, str(broken)) from broken
            except (ValueError, RecursionError):
                event = None
            if not isinstance(event, dict) or not isinstance(event.get("event"), str):
                raise self._damaged(number, "not an event")
            if noted is not None and noted.lines == number and noted != chain.head:
                raise self._damaged(number, "it is not the line that journal/head says was the last")
            if event["event"] == FORM_EVENT:
                self._form = self._understood(event.get("form"))
            yield chain.head, event
        if noted is not None and noted.lines > chain.head.lines:
            had = f"its end is gone: it has {chain.head.lines} lines, and had {noted.lines} by journal/head"
            raise self._damaged(chain.head.lines + 1, had)

    def _understood(self, form: object) -> int:
        if not isinstance(form, int) or form > FORM:
            raise JournalNewer(
                f"a newer version of this program wrote to {self.path.name} (form {form}, this version knows {FORM});"
                " use that version, or restore the archive from a backup that is older"
            )
        return form

    def _damaged(self, number: int, reason: str) -> JournalDamaged:
        return JournalDamaged(f"{self.path.name}, line {number}: {reason}; restore the folder journal from a backup")

    def noted(self) -> Head | None:
        """Return how far the journal went when it was last closed; None where that isn't told, or can't be read."""
        with contextlib.suppress(OSError, ValueError, TypeError, RecursionError):
            head = Head(**json.loads(self.head_path.read_bytes()))
            if type(head.lines) is int and type(head.size) is int and type(head.chain) is str:
                return head
        return None

    def close(self) -> None:
        """Note how far the journal goes, so that it is noticed if its end is ever gone."""
        # A note that is behind, since the disk was full, the journal is damaged or elsewhere by now, is no wrong one.
        with contextlib.suppress(OSError, JournalDamaged, StoreFailed):
            head = self.head()
            if head.lines and head != self.noted():
                self._note(head)

    def _note(self, head: Head) -> None:
        require_same(self.path.parent.parent)
        put(self.head_path, note_bytes(head))

    def seals(self) -> dict[str, Seal]:
        """Return the last seal of each WARC file (archive/store/seals.py). Raises as `read` does."""
        return seals_in(self.read())


def _whole_lines(content: bytes) -> list[bytes]:
    """Return the lines without their ends, but for a last one that a crash tore.

    It has no end, or sectors of it never came to the disk, and read as zeros, which JSON doesn't hold.
    """
    lines = content.split(b"\n")[:-1]
    return lines[:-1] if lines and b"\0" in lines[-1] else lines


def note_bytes(head: Head) -> bytes:
    """Return the note of how far a journal went, as it lies in its file."""
    return json.dumps(asdict(head)).encode() + b"\n"


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
