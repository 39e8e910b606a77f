"""Lays out captures that are written together: what goes to the end of which file, and the rows that follow from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from archive.model import Capture, Exchange
from archive.store.describe import parse_kind
from archive.store.segment import segment_name
from archive.store.unit import Original, Record, digest_header, unit_bytes, warcinfo_bytes


@dataclass(frozen=True, slots=True)
class Described:
    """An exchange to be kept. `confirmed` holds its payload where the server said "not modified", and sent none."""

    capture: Capture
    exchange: Exchange
    confirmed: Original | None


@dataclass(slots=True)
class Append:
    """What goes to one file at once, which has `size` bytes before it; `rows` are true once it is on the disk."""

    run: str
    number: int
    size: int
    parts: list[bytes] = field(default_factory=list)
    rows: list[tuple[Capture, Record]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return segment_name(self.run, self.number)

    @property
    def end(self) -> int:
        return self.size + sum(map(len, self.parts))


class Group:
    """Captures in the order in which they came; files of one run follow each other in `appends`.

    `segment` returns the number and size of the file that a unit of a run goes to, given where the one before ended;
    `original` returns the capture in the archive that holds a payload already.
    """

    def __init__(
        self,
        segment: Callable[[str, int, tuple[int, int] | None], tuple[int, int]],
        original: Callable[[Capture, Exchange], Original | None],
    ) -> None:
        self.captures: dict[str, Capture] = {}
        self.appends: list[Append] = []
        self._segment, self._original = segment, original
        self._last: dict[str, Append] = {}
        self._payloads: dict[tuple[str, str, bool], Original] = {}

    def add(self, one: Described) -> None:
        """Lay out one more. Nothing is written; what raises leaves the group as it was."""
        capture = one.capture
        chunked = parse_kind(capture.kind, one.exchange.response).chunked
        payload = (capture.payload_digest, capture.content_digest, chunked)
        original = one.confirmed or self._payloads.get(payload) or self._original(capture, one.exchange)
        content, final = unit_bytes(capture, one.exchange, original, unchanged=one.confirmed is not None)
        append = self._append_for(capture, len(content))
        record = Record(
            capture=capture.id,
            warc=append.name,
            offset=append.end,
            length=len(content),
            response_offset=append.end + final,
            digest=hashlib.sha256(content).hexdigest(),
            revisit_of=original.capture.id if original else "",
        )
        append.parts.append(content)
        append.rows.append((capture, record))
        self.captures[capture.id] = capture
        if original is None and capture.payload_bytes:
            message = parse_kind(capture.kind, one.exchange.response)
            self._payloads[payload] = Original(capture, digest_header(capture.kind, message))

    def _append_for(self, capture: Capture, length: int) -> Append:
        last = self._last.get(capture.run)
        number, size = self._segment(capture.run, length, (last.number, last.end) if last else None)
        if last is not None and last.number == number:
            return last
        append = Append(capture.run, number, size)
        if size == 0:
            append.parts.append(warcinfo_bytes(append.name, capture.captured_at))
        self.appends.append(append)
        self._last[capture.run] = append
        return append
