"""Readers who send or read byte by byte, hundreds at a time: they hold up nobody, and aren't waited for (SQ-14)."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from archive.site import patience
from tests.catalogue_rows import PIA
from tests.figures import figure
from tests.served_releases import an_archive, ask_over_http, publish, served

SLOW = 500
BEGUN = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    releases = an_archive(tmp_path_factory.mktemp("slow") / "archive")
    publish(releases, 1)
    with served(releases.archive) as address:
        yield address


def connected(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)


def is_open(held: socket.socket) -> bool:
    """Tell whether the other side still holds a connection, on which it says nothing."""
    held.setblocking(False)
    try:
        return held.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def times(address: str, count: int) -> list[float]:
    found = []
    for _ in range(count):
        began = time.monotonic()
        assert ask_over_http(f"{address}/d/{PIA}")[0] == 200
        found.append(time.monotonic() - began)
    return sorted(found)


def test_sq_14_five_hundred_slow_readers_hold_up_nobody(address: str) -> None:
    alone = times(address, 10)
    with contextlib.ExitStack() as held:
        slow = [held.enter_context(connected(address)) for _ in range(SLOW)]
        for one in slow:
            one.sendall(BEGUN)
        beside = times(address, 10)
        for one in slow:
            one.sendall(b"x")
        beside += times(address, 10)
        was_open = sum(is_open(one) for one in slow)
        until = time.monotonic() + patience.SENDING + 20
        while (still := sum(is_open(one) for one in slow)) and time.monotonic() < until:
            time.sleep(0.5)
            for one in slow:
                with contextlib.suppress(OSError):
                    one.send(b"x")
    figure("SQ-14", slow=SLOW, were_open=was_open, still_open=still, alone_ms=round(alone[5] * 1000),
           beside_ms=round(sorted(beside)[10] * 1000), worst_ms=round(max(beside) * 1000))  # fmt: skip
    assert was_open == SLOW, "the control: while they are patient, they are held"
    assert still == 0
    assert max(beside) < 1 + 5 * max(alone)


@pytest.mark.parametrize(
    "request_",
    [b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 70_000, b"GET /" + b"a" * 70_000, b"\0" * 40_000],
)  # fmt: skip
def test_no_head_is_longer_than_a_head_may_be(address: str, request_: bytes) -> None:
    with connected(address) as asked:
        with contextlib.suppress(OSError):
            asked.sendall(request_)
        answer = b""
        with contextlib.suppress(OSError):
            answer = asked.recv(1 << 16)
    assert answer[:12] in (b"HTTP/1.1 400", b""), answer[:200]
    assert ask_over_http(f"{address}/cite")[0] == 200


def test_two_lengths_or_two_ways_are_no_request(address: str) -> None:
    """What a proxy and we could take for different requests is refused: smuggling (RFC 9112 6.3)."""
    head = b"POST /search/batch.csv HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
    more = b"GET /cite HTTP/1.1\r\nHost: x\r\n\r\n"
    ways = {
        "two lengths": b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nplateX",
        "length and chunks": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + more,
        "an unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + more,
        "a space before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + more,
        "a signed length": b"Content-Length: +6\r\n\r\nplate\n",
        "a folded header": b"X: a\r\n Content-Length: 6\r\n\r\n" + more,
    }
    answers = {}
    for name, rest in ways.items():
        with connected(address) as asked:
            asked.settimeout(5)
            asked.sendall(head + rest)
            answer = b""
            with contextlib.suppress(OSError):
                while part := asked.recv(1 << 16):
                    answer += part
        answers[name] = [line.split()[1].decode() for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
    figure("SQ-14", smuggling=len(ways), answers=answers)
    assert all(len(found) <= 1 for found in answers.values()), "one request, or none"


def test_the_server_says_nothing_of_itself(address: str) -> None:
    assert "server" not in {name.lower() for name in ask_over_http(f"{address}/cite")[1]}
