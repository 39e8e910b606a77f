"""Signs a webhook as Standard Webhooks 1.0 says: HMAC-SHA256 over id, time and body, with every secret there is.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (symmetric, "v1").
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

from pipelines.delivery.refused import NotSet
from pipelines.delivery.secrets import Hidden

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
# A dot in an id would let another id and time have the same signature.
ID = re.compile(r"[A-Za-z0-9_-]{1,100}")


def keys_of(secret: Hidden, variable: str) -> list[Hidden]:
    """Return the keys that a variable's value holds, one, or several apart by blanks while they are exchanged.

    Raises NotSet, without the value, where one isn't whsec_ and 24 to 64 bytes in base64.
    """
    return [_key(one, variable) for one in secret.text.split()]


def _key(told: str, variable: str) -> Hidden:
    try:
        key = base64.b64decode(told.removeprefix(PREFIX), validate=True) if told.startswith(PREFIX) else b""
    except binascii.Error:
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise NotSet(f"{variable} holds no secret of a webhook: {PREFIX} and {SHORTEST} to {LONGEST} bytes in base64")
    return Hidden(told.removeprefix(PREFIX))


def signed_headers(message: str, at: int, body: bytes, keys: list[Hidden]) -> dict[str, str]:
    """Return the headers that say who sent a body: `message` is its id, `at` the seconds of this try.

    Raises ValueError for an id that can't be signed without doubt.
    """
    if not ID.fullmatch(message):
        raise ValueError(f"an id of a message is letters, digits, _ and -: {message[:100]!r}")
    signed = f"{message}.{at}.".encode() + body
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{_signature(key, signed)}" for key in keys),
    }


def _signature(key: Hidden, signed: bytes) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(key.text), signed, hashlib.sha256)).decode()
