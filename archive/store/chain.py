"""The chain through the lines of a journal: each carries a SHA-256 of all that stands before it and of itself.

A line's chain is the SHA-256 of the chain of the line before (its 64 hex digits) and of the line as it stands, without
the member `chain` and the line's end. Before the first line with one stands the SHA-256 of all bytes before it: those
of a journal that an earlier version began, or none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MEMBER = "chain"
_OPENS, _CLOSES = b', "chain": "', b'"}\n'
_LENGTH = len(_OPENS) + 64 + len(_CLOSES)


class ChainBroken(Exception):  # noqa: N818
    """A line that isn't the one that was written there; the words say how that shows."""


@dataclass(frozen=True, slots=True)
class Head:
    """How far a journal goes: its whole lines, their size in bytes, and the chain of the last."""

    lines: int
    size: int
    chain: str

    def linked(self, event: bytes) -> tuple[bytes, Head]:
        """Return the line that goes here for an event (one JSON object), and where the journal then stands."""
        chain = _link(self.chain, event)
        line = event[:-1] + _OPENS + chain.encode() + _CLOSES
        return line, Head(self.lines + 1, self.size + len(line), chain)


class Chain:
    """Follows a journal line by line; `head` is where it stands."""

    def __init__(self) -> None:
        self._lines = self._bytes = 0
        self._before = hashlib.sha256()
        self._chain = ""

    @property
    def head(self) -> Head:
        return Head(self._lines, self._bytes, self._chain or self._before.hexdigest())

    def follow(self, line: bytes) -> bytes:
        """Take the next line, with its end, and return its event without the chain. Raises ChainBroken."""
        event = _event(line)
        if event is not None:
            chain = _link(self.head.chain, event)
            if chain.encode() != line[-_LENGTH + len(_OPENS) : -len(_CLOSES)]:
                raise ChainBroken("it is not the line that was written there" + ("" if self._chain else _OR_BEFORE))
            self._chain = chain
        elif self._chain:
            raise ChainBroken("it has no chain, as the lines before it have")
        else:
            self._before.update(line)
        self._lines += 1
        self._bytes += len(line)
        return line[:-1] if event is None else event


# The lines before the first one with a chain are covered by it together.
_OR_BEFORE = ", or one before it isn't"


def _event(line: bytes) -> bytes | None:
    """Return a line's event without its chain; None where it carries none."""
    tail = line[-_LENGTH:]
    return line[:-_LENGTH] + b"}" if tail.startswith(_OPENS) and tail.endswith(_CLOSES) else None


def _link(before: str, event: bytes) -> str:
    return hashlib.sha256(before.encode() + event).hexdigest()
