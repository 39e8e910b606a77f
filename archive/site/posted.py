"""What is sent to the site by POST: its bytes, within a bound, and the fields of a form. Nothing of it is kept."""

from __future__ import annotations

import asyncio
import email
import email.policy
from typing import Any
from urllib.parse import parse_qs

Fields = dict[str, tuple[bytes, str]]
# So many fields has a form at most, and so long may it take to be sent: who is slow keeps others out.
MOST_FIELDS, SENDING = 20, 30.0


async def body_of(request: Any, most: int) -> bytes | None:
    """Return what was sent; None where it is more than `most` bytes, or takes too long to come."""
    try:
        return await asyncio.wait_for(_body_of(request, most), SENDING)
    except TimeoutError:
        return None


async def _body_of(request: Any, most: int) -> bytes | None:
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
        try:
            found = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
        except ValueError:
            return {}
        return {name: (values[0].encode("utf-8", "replace"), "") for name, values in found.items()}
    return None


def _of_parts(media_type: str, body: bytes) -> Fields:
    """Return the fields of a form with files (RFC 7578); none of one with more parts than a form has."""
    head = f"Content-Type: {media_type}\r\n\r\n".encode("latin-1", "replace")
    try:
        boundary = email.message_from_bytes(head, policy=email.policy.HTTP).get_boundary("")
        if not boundary or body.count(f"--{boundary}".encode("latin-1", "replace")) > MOST_FIELDS:
            return {}
        form = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        parts = [part for part in form.iter_parts() if part.get_content_disposition() == "form-data"]
        return {
            str(part.get_param("name", "", "content-disposition")): (_payload(part), part.get_filename() or "")
            for part in parts[:10]
        }
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError, email.errors.MessageError):
        return {}


def _payload(part: Any) -> bytes:
    held = part.get_payload(decode=True)
    return held if isinstance(held, bytes) else b""
