"""Raw HTTP messages, good and bad, are taken apart without a failure; every loss has its reason."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from archive.store.http import decoded, entity, parse_message

BODY = b"<p>license plate</p>" * 200


def bare_deflate(body: bytes) -> bytes:
    return zlib.compress(body)[2:-4]


def in_two(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda body: pack(body[:7]) + pack(body[7:])


CODINGS = [
    ("gzip", gzip.compress),
    ("x-gzip", in_two(gzip.compress)),
    ("gzip", lambda body: gzip.compress(body) + b"\0" * 9),
    ("deflate", zlib.compress),
    ("deflate", bare_deflate),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
    ("zstd", in_two(zstd.compress)),
]


def response(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *headers, b"", body))


@pytest.mark.parametrize(("coding", "pack"), CODINGS)
def test_content_codings(coding: str, pack: Callable[[bytes], bytes]) -> None:
    header = b"Content-Encoding: " + coding.encode()
    message = parse_message(response(pack(BODY), header))
    assert decoded(message) == (BODY, "")
    assert decoded(message, len(BODY) - 1) == (message.body, f"{coding}: unpacks to more than is allowed")
    cut = parse_message(response(pack(BODY)[:20], header))
    body, reason = decoded(cut)
    assert body == cut.body
    assert reason != ""
    assert decoded(parse_message(response(b"", header))) == (b"", "")


def test_two_codings_one_over_the_other() -> None:
    packed = brotli.compress(gzip.compress(BODY))
    assert decoded(parse_message(response(packed, b"Content-Encoding: gzip", b"content-encoding: BR"))) == (BODY, "")


def test_an_unknown_coding_is_named() -> None:
    message = parse_message(response(BODY, b"Content-Encoding: sdch"))
    assert decoded(message) == (BODY, "sdch: an unknown content coding")


@pytest.mark.parametrize("packed", [gzip.compress(b"", mtime=0), zstd.compress(b"")])
def test_a_body_of_ever_more_members_is_refused(packed: bytes) -> None:
    coding = b"gzip" if packed.startswith(b"\x1f") else b"zstd"
    _, reason = decoded(parse_message(response(packed * 5000, b"Content-Encoding: " + coding)))
    assert "more than 1000" in reason


@pytest.mark.parametrize(
    ("body", "expected", "whole"),
    [
        (b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n", b"abcde", True),
        (b"3\nabc\n0\n\n", b"abc", True),
        (b" A \r\n0123456789\r\n0\r\n\r\n", b"0123456789", True),
        (b"0\r\n\r\n", b"", True),
        (b"3\r\nabc\r\n", b"abc", False),
        (b"5\r\nabc", b"abc", False),
        (b"3\r\nabc\r\nxyz", b"abc", False),
        (b"<html>not chunked at all</html>", b"<html>not chunked at all</html>", True),
        (b"FFFFFFFFFFFFFFFF\r\nabc", b"abc", False),
        (b"-1\r\nabc", b"-1\r\nabc", True),
    ],
)
def test_chunks(body: bytes, expected: bytes, whole: bool) -> None:
    payload, reason = entity(parse_message(response(body, b"Transfer-Encoding: chunked")))
    assert payload == expected
    assert (reason == "") is whole


def test_heads() -> None:
    message = parse_message(b"HTTP/1.1 404 Not  Found \r\nX-A: 1\r\nx-a:2\r\n more\r\nno colon\r\nB:\xe9\r\n\r\nrest")
    assert (message.status, message.reason, message.body) == (404, "Not  Found", b"rest")
    assert message.headers == (("X-A", "1"), ("x-a", "2 more"), ("B", "é"))
    assert not message.plain
    interim = parse_message(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody")
    assert (interim.status, interim.body, interim.plain) == (200, b"body", False)
    assert parse_message(b"<html>").body == b"<html>"
    assert parse_message(b"").status == 0
    assert parse_message(b"HTTP/1.1 200 OK\r\nCut: of").headers == (("Cut", "of"),)


@given(
    st.lists(
        st.sampled_from([
            b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100\r\n\r\n", b"Content-Encoding: gzip, br, zstd\r\n", b"\r\n", b"\n",
            b"Transfer-Encoding: chunked\r\n", b"\x1f\x8b\x08\0", b"(\xb5/\xfd", b"Content-Encoding: deflate\r\n",
            b" ", b"0", b"5\r\n",
        ]) | st.binary(max_size=20)
    )
)  # fmt: skip
def test_nothing_makes_it_fail(parts: list[bytes]) -> None:
    raw = b"".join(parts)
    message = parse_message(raw)
    assert message.head + message.body == raw
    entity(message)
    decoded(message)
