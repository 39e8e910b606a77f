"""Say everything that the capture index says of an exchange; a function of its bytes, with no file and no index."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping
from urllib.parse import quote, urljoin

from archive.addresses import url_key, without_secrets
from archive.model import RENDERED_TYPE, Asked, Capture, Exchange
from archive.store.http import Message, decoded, entity, parse_message
from archive.store.record import clean_value, sha256_label

TRUNCATED = ("length", "time", "disconnect", "unspecified")

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,120}")


def capture_id(*facts: str) -> str:
    """Return a capture's id: the first 20 hex digits of SHA-256 over its facts joined by NUL, in UTF-8.

    They are source, method, address, captured_at, status and payload digest, and what `asked_with` gives.
    """
    return hashlib.sha256("\0".join(facts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def asked_with(method: str, callback: str, arguments: Mapping[str, object]) -> tuple[str, ...]:
    """Return what tells two requests to one address apart: nothing for GET, whose address says all.

    A POST says what it wants in its body; in its place stand the callback and its arguments, which that is made of.
    """
    return () if method in ("GET", "HEAD") else (to_json([callback, dict(arguments)]),)


def capture_key(url: str, method: str, callback: str, arguments: Mapping[str, object]) -> str:
    """Return the key under which a capture is looked up: its address's, and no address where it wasn't a GET.

    What a POST gave isn't what stands at that address, and says nothing of another POST to it.
    """
    key = url_key(url)
    for said in asked_with(method, callback, arguments):
        key = f"{key} {method} {hashlib.sha256(said.encode()).hexdigest()[:12]}"
    return key


def describe(exchange: Exchange, asked: Asked) -> Capture:
    """Describe an exchange that somebody asked for.

    Raises ValueError for an instant that isn't "YYYY-MM-DDThh:mm:ssZ", and for arguments that aren't JSON.
    """
    if _INSTANT.fullmatch(exchange.captured_at) is None:
        raise ValueError(f"captured_at must be YYYY-MM-DDThh:mm:ssZ, not {exchange.captured_at!r}")
    message = parse_kind(exchange.kind, exchange.response)
    payload, _ = entity(message)
    content, _ = decoded(message)
    source, method = clean_value(asked.source), clean_value(exchange.method).upper()
    url = clean_value(without_secrets(exchange.url))
    digest = sha256_label(payload)
    callback, arguments = clean_value(asked.callback), json.loads(to_json(dict(asked.arguments)))
    facts = (source, method, url, exchange.captured_at, str(exchange.status), digest)
    return Capture(
        id=capture_id(*facts, *asked_with(method, callback, arguments)),
        source=source,
        run=clean_value(asked.run),
        kind=exchange.kind,
        url=url,
        method=method,
        captured_at=exchange.captured_at,
        status=exchange.status,
        media_type=_media_type(message),
        payload_digest=digest,
        payload_bytes=len(payload),
        content_digest=hashlib.sha256(content).hexdigest(),
        location=_location(exchange.url, exchange.status, message),
        truncated=exchange.truncated if exchange.truncated in ("", *TRUNCATED) else "unspecified",
        fidelity=clean_value(exchange.fidelity),
        file_name=clean_value(exchange.file_name),
        callback=callback,
        arguments=arguments,
        sample=exchange.sample,
        provenance=clean_value(exchange.provenance),
    )


def confirming(capture: Capture, held: Capture) -> Capture:
    """Return the capture of a "not modified" with the payload of the one that it confirms (ISO 28500 6.7.3)."""
    facts = (capture.source, capture.method, capture.url, capture.captured_at, str(capture.status))
    asked = asked_with(capture.method, capture.callback, capture.arguments)
    return dataclasses.replace(
        capture,
        id=capture_id(*facts, held.payload_digest, *asked),
        media_type=held.media_type,
        payload_digest=held.payload_digest,
        payload_bytes=held.payload_bytes,
        content_digest=held.content_digest,
    )


def parse_kind(kind: str, block: bytes) -> Message:
    """Take a response apart; a file handed in is all body, and so is what a browser made of a page."""
    if kind == "conversion":
        return Message(b"", block, 200, "", (("Content-Type", RENDERED_TYPE),), plain=True)
    if kind == "resource":
        return Message(b"", block, 0, "", (), plain=True)
    return parse_message(block)


def _media_type(message: Message) -> str:
    media_type = message.header("Content-Type").split(";")[0].strip().lower()
    return media_type if _MEDIA_TYPE.fullmatch(media_type) else ""


def _location(url: str, status: int, message: Message) -> str:
    """Return where a redirect leads, absolute; "" where it isn't one, or leads nowhere."""
    target = message.header("Location")
    if not 300 <= status < 400 or not target:
        return ""
    # Servers send bytes above 7F as they are; an address has them percent-encoded.
    target = quote(target.encode("latin-1"), safe="%/:?#[]@!$&'()*+,;=~-._|")
    try:
        return clean_value(without_secrets(urljoin(url, target)))
    except ValueError:
        return ""


def to_json(value: object) -> str:
    """Return the one JSON form of a value: keys sorted, ASCII, no blanks. Raises ValueError, TypeError."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
