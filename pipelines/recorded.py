"""One recorded answer of somebody else's file as an exchange of ours: its payload found, its secrets cut out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from archive.addresses import REDACTED, without_secrets
from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.store.describe import describe
from archive.store.errors import RecordDamaged
from archive.store.http import Message, entity, parse_message
from archive.store.recording import Entry, framed
from pipelines.derive import Sources

# Among captures of one address, so many are looked at for the payload that a revisit names by its digest alone.
MOST_LOOKED_AT = 50
_SECRET_HEADER = re.compile(
    rb"(?im)^((?:proxy-)?authorization|cookie|x-api-key|x-auth-token|x-amz-security-token)[ \t]*:[^\r\n]*"
)


def without_request_secrets(request: bytes) -> bytes:
    """Return a request without keys in its address, and without its headers of authorisation and cookies."""
    head, gap, body = request.partition(b"\r\n\r\n")
    line, end, headers = head.partition(b"\r\n")
    parts = line.decode("latin-1").split(" ")
    if len(parts) == 3:
        line = " ".join([parts[0], without_secrets(parts[1]), parts[2]]).encode("latin-1", "replace")
    headers = _SECRET_HEADER.sub(rb"\1: " + REDACTED.encode(), headers)
    return line + end + headers + gap + body


def is_instant(captured_at: str, until: str) -> bool:
    """Say whether an instant is one, and not after `until`: a capture of the future would stay the newest for good."""
    try:
        datetime.fromisoformat(captured_at)
    except ValueError:
        return False
    return captured_at <= until


def asked_by(entry: Entry, run: str, source: str, sources: Sources) -> Asked:
    """Return who reads an entry: as an archive like this one recorded it, where that can be; else `source`.

    What a strange file says is believed only where the source it names reads that address with that callback.
    """
    said = entry.capture
    if said is None:
        return Asked(source, run)
    if entry.kind == "resource" and not said.callback:
        return Asked("deposit", run)
    reader = sources.reader_for(entry.url)
    if said.source in sources.names() and hasattr(sources.callback(said.source, said.callback), "accepted"):
        hosts = tuple(getattr(sources.made(said.source), "allowed_domains", ()))
        host = re.match(r"https?://([^/?#:]*)", entry.url.lower())
        known = reader is not None and reader[0] == said.source
        if known or (host and any(host[1] == one or host[1].endswith(f".{one}") for one in hosts)):
            return Asked(said.source, run, said.callback, said.arguments)
    return Asked(source, run)


def held_already(archive: ArchiveFolder, exchange: Exchange, asked: Asked) -> bool:
    """Say whether the same answer of the same instant is in the archive, whoever asked for it."""
    capture = describe(exchange, asked)
    facts = (capture.payload_digest, capture.url, capture.captured_at, capture.method, capture.status)
    row = archive.connection.execute(
        "SELECT 1 FROM captures WHERE payload_digest = ? AND url = ? AND captured_at = ? AND method = ? AND status = ?",
        facts,
    ).fetchone()
    return row is not None


def with_payload(archive: ArchiveFolder, entry: Entry, exchange: Exchange) -> Exchange | None:
    """Return a revisit's exchange with the payload that it refers to, from what the archive holds; None without it."""
    own = parse_message(exchange.response)
    for identifier in _candidates(archive, entry):
        try:
            held = archive.store.answer(identifier)
        except (RecordDamaged, KeyError):
            continue
        if not _is_payload(entry.payload, held):
            continue
        if own.status in (0, 304):
            return replace(exchange, response=held.head + held.body, status=held.status)
        return replace(exchange, response=own.head + framed(held, chunked=own.chunked), status=own.status)
    return None


def _candidates(archive: ArchiveFolder, entry: Entry) -> Iterator[str]:
    """Yield the captures that may hold a revisit's payload, the one that it names before those of its address."""
    _, url, date = entry.refers_to
    answers = "SELECT id FROM captures WHERE kind = 'response' AND status <> 304 AND "
    queries: list[tuple[str, tuple[str, ...]]] = [
        ("url = ? AND captured_at = ?", (url, re.sub(r"\.\d+Z$", "Z", date))),
        ("payload_digest = ? AND url = ?", (entry.payload, entry.url)),
        ("url = ? ORDER BY captured_at DESC", (entry.url,)),
    ]
    for where, values in queries if entry.payload else queries[:1]:
        rows = archive.connection.execute(f"{answers}{where} LIMIT {MOST_LOOKED_AT}", values)
        yield from (str(row[0]) for row in rows.fetchall())


def _is_payload(label: str, held: Message) -> bool:
    """Say whether an answer has the payload of a digest: with chunking removed, or as sent, as some programs count."""
    name, _, value = label.partition(":")
    if not label or name.lower() not in ("sha1", "sha256", "sha512", "md5"):
        return not label
    for body in (entity(held)[0], held.body):
        digest = hashlib.new(name.lower(), body, usedforsecurity=False).digest()
        if value.lower() in (digest.hex(), base64.b32encode(digest).decode().lower()):
            return True
    return False
