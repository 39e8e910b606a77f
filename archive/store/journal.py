"""The journal of what can't be derived: one JSON object a line, only ever appended to, each line synced."""

from __future__ import annotations

import json
import os
from pathlib import Path

from archive.model import Finding
from archive.store.errors import StoreFailed
from archive.store.segment import append, sync_folder


class JournalDamaged(Exception):  # noqa: N818
    """A line of the journal that isn't one; the message names it."""


class Journal:
    """`journal/journal.jsonl` in the archive's folder. One writer at a time; anybody may read."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal" / "journal.jsonl"
        self.recovered: tuple[Finding, ...] = ()
        self._mended = False

    def append(self, event: str, **facts: object) -> None:
        """Add an event with its facts (JSON values); when this returns, it survives a power cut.

        Raises StoreFull, StoreFailed; TypeError or ValueError for what isn't JSON.
        """
        line = json.dumps({"event": event, **facts}, ensure_ascii=True, allow_nan=False) + "\n"
        self.recover()
        append(self.path, line.encode(), self.path.stat().st_size if self.path.exists() else 0)

    def recover(self) -> tuple[Finding, ...]:
        """Cut a last line that a crash tore: it had never been acknowledged. Only for the writer."""
        if self._mended:
            return self.recovered
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self.path.parent.parent)
            if self.path.exists():
                self._cut()
        except OSError as error:
            raise StoreFailed(f"{self.path}: {error.strerror}; look at the disk") from error
        self._mended = True
        return self.recovered

    def _cut(self) -> None:
        content = self.path.read_bytes()
        end = content.rfind(b"\n") + 1
        if end == len(content):
            return
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.ftruncate(descriptor, end)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        detail = f"{len(content) - end} bytes after the last whole line"
        self.recovered = (Finding("tail-cut", self.path.name, detail),)

    def read(self) -> list[dict[str, object]]:
        """Return every event in order; a torn last line is left out. Raises JournalDamaged for any other bad line."""
        content = self.path.read_bytes() if self.path.exists() else b""
        events: list[dict[str, object]] = []
        for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), 1):
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                event = None
            if not isinstance(event, dict) or not isinstance(event.get("event"), str):
                raise JournalDamaged(f"{self.path.name}, line {number}: not an event; restore it from a backup")
            events.append(event)
        return events

    def seals(self) -> dict[str, tuple[int, str]]:
        """Return the last seal of each WARC file: its size and the hex SHA-256 of its bytes. Raises as `read` does."""
        seals: dict[str, tuple[int, str]] = {}
        for event in self.read():
            length = event.get("bytes")
            if event["event"] == "segment-sealed" and isinstance(length, int):
                seals[str(event.get("file"))] = (length, str(event.get("sha256")))
        return seals
