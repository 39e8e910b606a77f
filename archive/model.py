"""What is handed from one stage to the next: frozen records, with no behaviour beyond their own facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# What a browser made of a page is kept as.
RENDERED_TYPE = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a capture, so that a rebuild can hand the same bytes to the same reader again.

    `callback` is the name of the source's method that reads the response ("" where none does: robots.txt,
    a file handed in). `arguments` are that method's keyword arguments, plain JSON values.
    """

    source: str
    run: str
    callback: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange with its exact bytes, secrets already stripped; or one file that a person handed in.

    `request` and `response` are the raw bytes as they went over the wire (head and body, chunking and
    content coding untouched). For a file handed in (`kind` "resource") `response` is the file itself,
    `request` is empty and `status` is 0. `captured_at` is UTC, ISO 8601 to the second ("2018-01-26T15:00:00Z").
    What a browser made of a page (`kind` "conversion", `fidelity` "rendered") has its document, as HTML in UTF-8, for
    `response`, the page's status, and in `made_from` the id of the capture that it was made from.
    `truncated` is a WARC-Truncated token ("length", "time", "disconnect", "unspecified") or "".
    `fidelity` is "wire" (as it was sent), "recorded" (taken from another WARC file), "imported" (somebody else's
    capture), "redacted" (a secret was cut out of it), "rendered" or "deposited". `provenance` says in one line where
    an imported one is from. `confirms` is the id of the capture that holds what the server, asked on a
    condition, said still stands there (RFC 9110 15.4.5); "" for any other answer.
    """

    url: str
    captured_at: str
    request: bytes
    response: bytes
    method: str = "GET"
    status: int = 0
    kind: str = "response"
    ip_address: str = ""
    truncated: str = ""
    fidelity: str = "wire"
    file_name: str = ""
    sample: bool = False
    provenance: str = ""
    confirms: str = ""
    made_from: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One row of the capture index: bytes at an instant, and where they lie.

    `id` is made of what was captured and when, never of where it was stored. `payload_digest` is
    "sha256:<hex>" of the entity (chunking removed, content coding kept: ISO 28500 6.3.2 as the IIPC reads it);
    `content_digest` is plain hex SHA-256 of the decoded body: a PDF's version is named by it.
    """

    id: str
    source: str
    run: str
    kind: str
    url: str
    method: str
    captured_at: str
    status: int
    media_type: str
    payload_digest: str
    payload_bytes: int
    content_digest: str
    location: str
    truncated: str
    fidelity: str
    file_name: str
    callback: str
    arguments: Mapping[str, object]
    sample: bool
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A capture read back: `headers` as sent (name, value), `body` with chunking and content coding removed.

    `decode_error` says why the body could not be decoded ("" where it could); `body` is then as it was sent.
    `unchanged` says that the server answered "not modified": all but `capture` is then that of the earlier capture.
    """

    capture: Capture
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    decode_error: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One named outcome of one subject (an address, a file, a record), as counted in a run's report."""

    outcome: str
    subject: str
    detail: str = ""
    capture: str = ""
