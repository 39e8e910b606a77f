"""Take a raw HTTP response apart (head, transfer coding, content coding); never raises, knows no WARC."""

from __future__ import annotations

import re
import sys
import zlib
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# A body may unpack to this much and no more: the largest honest one (a SAM.gov day as CSV) has some 200 MB.
MAX_DECODED = 600 * 1024 * 1024
MAX_HEAD = 1024 * 1024
MAX_MEMBERS = 1000
# Nobody packs a body more often on purpose.
MAX_CODINGS = 4
# What unpacks to more than this is unpacked twice: to see how large it is, and only then to hold it.
HELD_AT_FIRST = 32 * 1024 * 1024
PIECE = 1024 * 1024

_STATUS_LINE = re.compile(rb"HTTP/\d[\d.]*[ \t]+(\d{3})(?:[ \t]+([^\r\n]*))?")
_HEADER = re.compile(rb"[^\x00-\x20:\x7f]+:[^\x00\r\n]*")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?")


@dataclass(frozen=True, slots=True)
class Message:
    """A response taken apart. `head` and `body` are its bytes as sent, together the whole message.

    `plain` says that every HTTP reader will agree on where the head ends.
    """

    head: bytes
    body: bytes
    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    plain: bool

    def header(self, name: str) -> str:
        """Return the first value of a header, or "" ."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")

    def codings(self, name: str) -> list[str]:
        """Return the codings that a header lists, over all its lines, in lower case, "identity" left out."""
        wanted = name.lower()
        values = ",".join(value for key, value in self.headers if key.lower() == wanted)
        tokens = (token.split(";")[0].strip().lower() for token in values.split(","))
        return [token for token in tokens if token not in ("", "identity")]

    @property
    def chunked(self) -> bool:
        return "chunked" in self.codings("Transfer-Encoding")


def parse_message(raw: bytes) -> Message:
    """Take a raw response apart. Interim answers (1xx) before the final one count as part of its head.

    Bytes that aren't HTTP give status 0, no headers, and everything as body.
    """
    start = 0
    while True:
        message = _parse_one(raw, start)
        interim = 100 <= message.status < 200 and message.status != 101
        if not interim or not message.body.startswith(b"HTTP/"):
            return message
        start = len(message.head)


def _parse_one(raw: bytes, start: int) -> Message:
    lines, end, plain = _head_lines(raw, start)
    status_line = _STATUS_LINE.fullmatch(lines[0]) if lines else None
    if status_line is None:
        return Message(raw[:start], raw[start:], 0, "", (), plain=False)
    headers: list[tuple[str, str]] = []
    for line in lines[1:]:
        plain = plain and _HEADER.fullmatch(line) is not None
        if line[:1] in b" \t" and headers:
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {_text(line)}")
        elif b":" in line:
            name_bytes, _, value_bytes = line.partition(b":")
            headers.append((_text(name_bytes), _text(value_bytes)))
    return Message(
        head=raw[:end],
        body=raw[end:],
        status=int(status_line[1]),
        reason=_text(status_line[2] or b""),
        headers=tuple(headers),
        plain=plain and start == 0,
    )


def _head_lines(raw: bytes, start: int) -> tuple[list[bytes], int, bool]:
    """Return the lines up to the first empty one, where that ends, and whether all ended in CR LF."""
    lines: list[bytes] = []
    plain = True
    position = start
    while position - start <= MAX_HEAD:
        end = raw.find(b"\n", position, position + MAX_HEAD)
        if end < 0:
            # The head itself was cut off.
            lines.append(raw[position : position + MAX_HEAD])
            return lines, len(raw), False
        line = raw[position:end]
        position = end + 1
        plain = plain and line.endswith(b"\r")
        line = line.removesuffix(b"\r")
        if not line:
            return lines, position, plain
        lines.append(line)
    return [], start, False


def _text(value: bytes) -> str:
    """Decode a header's bytes one to one (RFC 9110 5.5: octets above 7F are opaque)."""
    return value.decode("latin-1").strip(" \t\r")


def entity(message: Message) -> tuple[bytes, str]:
    """Return the body with its transfer coding removed, and why where that could not be done wholly ("").

    A body that is said to be chunked and isn't (other crawlers store it so) is returned as it is.
    """
    if not message.chunked:
        return message.body, ""
    return _unchunk(message.body)


def _unchunk(body: bytes) -> tuple[bytes, str]:
    parts: list[bytes] = []
    position = 0
    while True:
        end = body.find(b"\n", position, position + 4096)
        size_line = _CHUNK_SIZE.fullmatch(body[position:end].removesuffix(b"\r")) if end >= 0 else None
        if size_line is None:
            if not parts:
                return body, ""
            return b"".join(parts), f"the chunks end at byte {position} without a last one"
        size = int(size_line[1], 16)
        if size == 0:
            return b"".join(parts), ""
        start = end + 1
        parts.append(body[start : start + size])
        if start + size > len(body):
            return b"".join(parts), f"cut off within the chunk at byte {position}"
        position = start + size
        # A chunk ends in CR LF; some servers send LF alone.
        if body.startswith(b"\r\n", position):
            position += 2
        elif body.startswith(b"\n", position):
            position += 1


def decoded(message: Message, limit: int = MAX_DECODED) -> tuple[bytes, str]:
    """Return the body with transfer and content coding removed, and "".

    Where the content coding is broken, unknown or unpacks to more than `limit`: the body with only the
    transfer coding removed, and the reason.
    """
    body, reason = entity(message)
    plain = body
    codings = message.codings("Content-Encoding")
    if len(codings) > MAX_CODINGS:
        return body, f"{len(codings)} content codings, one upon another"
    for coding in reversed(codings):
        if not plain:
            break
        plain, problem = _decode(coding, plain, limit)
        if problem:
            return body, f"{coding}: {problem}"
    return plain, reason


def _decode(coding: str, body: bytes, limit: int) -> tuple[bytes, str]:
    decoder = _DECODERS.get(coding)
    if decoder is None:
        return b"", "an unknown content coding"
    try:
        unpacked = _Unpacked(limit, HELD_AT_FIRST)
        problem = decoder(body, unpacked)
        if not problem and unpacked.dropped:
            unpacked = _Unpacked(limit, limit)
            problem = decoder(body, unpacked)
        return (b"", problem) if problem else (b"".join(unpacked.parts), "")
    except _TooMuchError:
        return b"", "unpacks to more than is allowed"
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        return b"", str(error)
    except (MemoryError, ValueError, EOFError) as error:
        return b"", f"could not be unpacked ({type(error).__name__})"


class _TooMuchError(Exception):
    """A body unpacks to more than is allowed."""


class _Unpacked:
    """Counts what is unpacked, up to `limit`, and holds it unless it is more than `held`."""

    def __init__(self, limit: int, held: int) -> None:
        self.parts: list[bytes] = []
        self.dropped = False
        self._size = 0
        self._limit = limit
        self._held = held

    def add(self, part: bytes) -> None:
        """Raises _TooMuchError where there is no room."""
        self._size += len(part)
        if self._size > self._limit:
            raise _TooMuchError
        if self._size > self._held:
            self.dropped = True
            self.parts.clear()
        if not self.dropped:
            self.parts.append(part)


def _gunzip(body: bytes, unpacked: _Unpacked) -> str:
    """Several gzip members in a row are one body (RFC 1952 2.2); padding after the last one is left alone."""
    position = 0
    for _ in range(MAX_MEMBERS):
        position, problem = _inflate(body, position, 31, unpacked)
        if problem or not body.startswith(b"\x1f\x8b", position):
            return problem
    return f"has more than {MAX_MEMBERS} members"


def _undeflate(body: bytes, unpacked: _Unpacked) -> str:
    """RFC 9110 8.4.1.2 means zlib's format by "deflate"; many servers send bare deflate."""
    zlib_format = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    _, problem = _inflate(body, 0, 15 if zlib_format else -15, unpacked)
    return problem


def _inflate(body: bytes, position: int, window: int, unpacked: _Unpacked) -> tuple[int, str]:
    """Unpack one stream that starts at `position`; return where it ends, and a problem or ""."""
    decoder = zlib.decompressobj(window)
    while not decoder.eof:
        piece = body[position : position + PIECE]
        part = decoder.decompress(piece, PIECE)
        if not piece and not part and not decoder.eof:
            return position, "ends too early"
        position += len(piece) - len(decoder.unconsumed_tail) - len(decoder.unused_data)
        unpacked.add(part)
    return position, ""


def _unbrotli(body: bytes, unpacked: _Unpacked) -> str:
    decoder = brotli.Decompressor()
    feed = body
    while not decoder.is_finished():
        part = decoder.process(feed, output_buffer_limit=PIECE)
        feed = b""
        unpacked.add(part)
        if not part and decoder.can_accept_more_data() and not decoder.is_finished():
            return "ends too early"
    return ""


def _unzstd(body: bytes, unpacked: _Unpacked) -> str:
    """RFC 9659 3: a window of 8 MB at most. Several frames in a row are one body (RFC 8878 3)."""
    rest = body
    for _ in range(MAX_MEMBERS):
        decoder = zstd.ZstdDecompressor(options={int(zstd.DecompressionParameter.window_log_max): 23})
        while not decoder.eof:
            if decoder.needs_input and not rest:
                return "ends too early"
            unpacked.add(decoder.decompress(rest, PIECE))
            rest = b""
        rest = decoder.unused_data
        if not rest:
            return ""
    return f"has more than {MAX_MEMBERS} frames"


_DECODERS = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _undeflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
