"""What the store refuses to do, by name; each message ends with what a person can do."""

from __future__ import annotations


class StoreFull(Exception):  # noqa: N818
    """There is no room on the disk; nothing of this capture was acknowledged, and what was is whole."""


class StoreFailed(Exception):  # noqa: N818
    """The disk refused a write; nothing of this capture was acknowledged, and no more is written."""


class RecordDamaged(Exception):  # noqa: N818
    """Stored bytes are not those that were written; `warc` and `offset` say where."""

    def __init__(self, warc: str, offset: int, reason: str) -> None:
        super().__init__(f"{warc} at byte {offset}: {reason}; restore the file from a backup")
        self.warc = warc
        self.offset = offset
