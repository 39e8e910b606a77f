"""What is sent to the site by POST: its bytes, within a bound, and the fields of a form. Nothing of it is kept."""

from __future__ import annotations

import email
import email.policy
from typing import Any
from urllib.parse import parse_qs

Fields = dict[str, tuple[bytes, str]]


async def body_of(request: Any, most: int) -> bytes | None:
    """Return what was sent; None where it is more than `most` bytes."""
    parts: list[bytes] = []
    length = 0
    while length <= most:
        message = await request.receive()
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if not message.get("more_body"):
            return b"".join(parts) if length <= most else None
    return None


def kind_of(media_type: str) -> str:
    """Return a media type without its parameters."""
    return media_type.partition(";")[0].strip().lower()


def fields_of(media_type: str, body: bytes) -> Fields | None:
    """Return the fields of a form by name, each with its file's name; None of what is no form."""
    kind = kind_of(media_type)
    if kind == "multipart/form-data":
        return _of_parts(media_type, body)
    if kind == "application/x-www-form-urlencoded":
        return {name: (values[0].encode(), "") for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    return None


def _of_parts(media_type: str, body: bytes) -> Fields:
    """Return the fields of a form with files (RFC 7578)."""
    head = f"Content-Type: {media_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        parts = [part for part in form.iter_parts() if part.get_content_disposition() == "form-data"]
        return {
            str(part.get_param("name", "", "content-disposition")): (_payload(part), part.get_filename() or "")
            for part in parts[:10]
        }
    except (ValueError, LookupError, AttributeError, TypeError, email.errors.MessageError):
        return {}


def _payload(part: Any) -> bytes:
    held = part.get_payload(decode=True)
    return held if isinstance(held, bytes) else b""
