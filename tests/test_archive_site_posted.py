"""Tests what is sent by POST: who sends slowly, or a form of very many fields, holds nobody else up."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from archive.site import posted
from archive.site.posted import MOST_FIELDS, body_of, fields_of

MULTIPART = "multipart/form-data; boundary=xx"


def parts(count: int) -> bytes:
    one = b'--xx\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nwords\r\n'
    return b"".join(one % number for number in range(count)) + b"--xx--\r\n"


def test_a_form_of_more_fields_than_a_form_has_is_not_taken_apart() -> None:
    assert fields_of(MULTIPART, parts(3)) == {f"a{number}": (b"words", "") for number in range(3)}
    began = time.perf_counter()
    for media_type, body in [
        (MULTIPART, parts(100_000)),
        ("application/x-www-form-urlencoded", b"a=1&" * 1_000_000),
        ("multipart/form-data", parts(3)),
    ]:
        assert fields_of(media_type, body) == {}
    # Taken apart, the first takes half a minute.
    assert time.perf_counter() - began < 5
    assert len(fields_of(MULTIPART, parts(MOST_FIELDS - 1)) or {}) == 10


def test_who_sends_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posted, "SENDING", 0.2)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"body": b"x", "more_body": True}

    assert asyncio.run(body_of(SimpleNamespace(receive=receive), 1_000)) is None
