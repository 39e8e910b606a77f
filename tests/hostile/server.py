"""What a server on loopback does wrong, by path: what it sends, and the outcomes that it may have; knows no crawl."""

from __future__ import annotations

import gzip
import itertools
import socket
import struct
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from tests.hostile.pdf import lines, written
from tests.scripted_server import Script, answer, reset

GOOD = written(lines("A good file, of one page."))
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
DEADLINE = 4.0


@dataclass(frozen=True)
class Fault:
    """`group` is the row of the catalogue of faults; `outcomes` those that the address may end with."""

    group: str
    script: Script
    outcomes: frozenset[str]


def fault(group: str, script: Script, *outcomes: str) -> Fault:
    return Fault(group, script, frozenset(outcomes))


def drip(start: bytes, whole: bytes) -> Callable[[socket.socket], None]:
    """Send a byte now and then, for longer than any answer may take."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        with suppress(OSError):
            for place in range(300):
                connection.sendall(whole[place : place + 1] or b"x")
                time.sleep(0.2)

    return script


def stall(sent: bytes) -> Callable[[socket.socket], None]:
    """Send, and say no more; let the other side hang up."""

    def script(connection: socket.socket) -> None:
        connection.sendall(sent)
        with suppress(OSError):
            connection.recv(1)

    return script


def endless(start: bytes, more: Callable[[int], bytes]) -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        for number in itertools.count():
            connection.sendall(more(number))

    return script


def broken(sent: bytes) -> Callable[[socket.socket], None]:
    def script(connection: socket.socket) -> None:
        connection.sendall(sent)
        time.sleep(0.2)
        reset(connection)

    return script


def half_closed(sent: bytes) -> Callable[[socket.socket], None]:
    """End one half of the connection in the middle, and go on listening."""

    def script(connection: socket.socket) -> None:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        with suppress(OSError):
            connection.recv(1)

    return script


def sized(length: str, body: bytes = GOOD, *more: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"Content-Length: {length}", *more))
    return OK + head.encode("latin-1") + b"\r\n" + body


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def coded(coding: str, body: bytes) -> bytes:
    return answer(body, Content_Encoding=coding)


def headed(*fields: bytes) -> bytes:
    return OK + b"".join(field + b"\r\n" for field in (*fields, b"Content-Length: %d" % len(GOOD))) + b"\r\n" + GOOD


@cache
def bomb(megabytes: int) -> bytes:
    """Return a gzip file of so many zeros, made of one packed megabyte again and again: packing all takes seconds."""
    head, zeros = b"%PDF-1.7\n", bytes(1 << 20)
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(zeros) + packer.flush(zlib.Z_FULL_FLUSH)
    check = zlib.crc32(head)
    for _ in range(megabytes):
        check = zlib.crc32(zeros, check)
    size = len(head) + (megabytes << 20)
    tail = packer.flush() + struct.pack("<II", check, size & 0xFFFFFFFF)
    return gzip.compress(b"", mtime=0)[:10] + start + block * megabytes + tail


def moved(*fields: str, status: str = "302 Found") -> bytes:
    head = "".join(f"{line}\r\n" for line in fields)
    return f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n{head}\r\n".encode("latin-1")


ZIPPED = gzip.compress(GOOD, mtime=0)
TIME, SIZE, CUT, CODING = ("timed-out",), ("too-large",), ("truncated",), ("decode-failed",)
# Kept byte for byte, or refused by name.
EITHER = ("document", "truncated", "too-large")

FAULTS: Mapping[str, Fault] = {
    "/silent": fault("SV-01", stall(b""), *TIME),
    "/head-drips": fault("SV-01", drip(OK, b"X-Slow: yes\r\n"), *TIME),
    "/status-drips": fault("SV-01", drip(b"", OK), *TIME),
    "/body-drips": fault("SV-01", drip(OK + b"Content-Length: 9999\r\n\r\n", GOOD), *TIME),
    "/chunks-drip": fault("SV-01", drip(CHUNKED, chunks(*[GOOD[n : n + 1] for n in range(90)])), *TIME),
    "/stalls-at-99": fault("SV-01", stall(sized(str(len(GOOD)), GOOD[:-7])), *TIME),
    "/body-endless": fault("SV-02", endless(OK + b"\r\n%PDF-1.7\n", lambda n: b"%" * 65536), *SIZE),
    "/chunks-endless": fault("SV-02", endless(CHUNKED, lambda n: chunks(b"%" * 4096)), *SIZE),
    "/extensions-endless": fault("SV-02", endless(CHUNKED + b"1", lambda n: b";" + b"e" * 4096), *SIZE, *CUT),
    "/trailers-endless": fault("SV-02", endless(CHUNKED + b"0\r\n", lambda n: b"X-T: %d\r\n" % n * 99), *SIZE, *CUT),
    "/heads-endless": fault("SV-02", endless(OK, lambda n: b"X-%d: a\r\n" % n * 99), *SIZE),
    "/line-endless": fault("SV-02", endless(OK + b"X: ", lambda n: b"a" * 4096), *SIZE, *CUT),
    "/interim-endless": fault("SV-02", endless(b"", lambda n: b"HTTP/1.1 102 Wait\r\n\r\n" * 99), *SIZE),
    "/length-long": fault("SV-03", sized(str(len(GOOD) + 1)), *CUT),
    "/length-short": fault("SV-03", sized(str(len(GOOD) - 300)), *CUT),
    "/length-twice": fault("SV-03", sized(str(len(GOOD)), GOOD, "Content-Length: 5"), *CUT),
    "/length-list": fault("SV-03", sized(f"{len(GOOD)}, 5"), *CUT),
    "/length-negative": fault("SV-03", sized("-5"), *CUT),
    "/length-2-63": fault("SV-03", sized(str(2**63)), *SIZE),
    "/length-2-64": fault("SV-03", sized(str(2**64 + len(GOOD))), *SIZE),
    "/length-no-number": fault("SV-03", sized("lots"), *CUT),
    "/length-and-chunks": fault(
        "SV-03",
        sized("5", chunks(GOOD) + b"0\r\n\r\n", "Transfer-Encoding: chunked"),
        *("document", "decode-failed", *CUT),
    ),
    "/chunk-broken": fault("SV-03", CHUNKED + b"zz\r\n" + GOOD + b"\r\n0\r\n\r\n", *CUT),
    "/chunk-negative": fault("SV-03", CHUNKED + b"-5\r\n" + GOOD + b"\r\n0\r\n\r\n", *CUT),
    "/chunk-2-64": fault("SV-03", CHUNKED + b"1%016x\r\n" % len(GOOD) + GOOD + b"\r\n0\r\n\r\n", *CUT, *SIZE),
    "/chunk-cut": fault("SV-03", CHUNKED + b"%x\r\n" % len(GOOD) + GOOD[:99], *CUT),
    "/chunk-last-missing": fault("SV-03", CHUNKED + chunks(GOOD), *CUT),
    "/chunk-reset": fault("SV-03", broken(CHUNKED + chunks(GOOD)), *CUT),
    "/reset": fault("SV-03", broken(sized(str(len(GOOD)), GOOD[:99])), *CUT),
    "/reset-no-length": fault("SV-03", broken(OK + b"\r\n" + GOOD), *CUT),
    "/half-closed": fault("SV-03", half_closed(sized(str(len(GOOD)), GOOD[:99])), *CUT),
    "/gzip-bomb": fault("SV-04", coded("gzip", bomb(700)), *CODING),
    "/gzip-thrice": fault("SV-04", coded("gzip, gzip, gzip", gzip.compress(gzip.compress(bomb(700)))), *CODING),
    "/gzip-cut": fault("SV-04", coded("gzip", ZIPPED[:-30]), *CODING),
    "/gzip-and-garbage": fault("SV-04", coded("gzip", ZIPPED + b"garbage" * 99), "document"),
    "/gzip-flipped": fault("SV-04", coded("gzip", ZIPPED[:-6] + bytes(6)), *CODING),
    "/label-wrong": fault("SV-04", coded("br", ZIPPED), *CODING),
    "/label-lies": fault("SV-04", coded("gzip", GOOD), *CODING),
    "/label-missing": fault("SV-04", answer(ZIPPED), "wrong-media-type"),
    "/coding-unknown": fault("SV-04", coded("x-made-up", GOOD), *CODING),
    "/coding-often": fault("SV-04", coded(", ".join(["gzip"] * 1000), ZIPPED), *CODING),
    "/to-itself": fault("SV-05", moved("Location: /to-itself"), "redirect"),
    "/to-nowhere": fault("SV-05", moved(), "unexpected-status"),
    "/to-empty": fault("SV-05", moved("Location: "), "unexpected-status", "redirect"),
    "/to-relative": fault("SV-05", moved("Location: ../good-relative"), "redirect"),
    "/to-two": fault("SV-05", moved("Location: /b", "Location: http://127.0.0.1:9/"), "redirect"),
    "/to-lines": fault("SV-05", moved("Location: /good-lines%0d%0aX-Injected: yes"), "redirect"),
    "/to-file": fault("SV-05", moved("Location: file:///etc/passwd"), "unexpected-status"),
    "/to-script": fault("SV-05", moved("Location: javascript:alert(1)"), "unexpected-status"),
    "/to-data": fault("SV-05", moved("Location: data:text/html,hello"), "unexpected-status"),
    "/to-many": fault("SV-05", moved("Location: /a", status="300 Multiple Choices"), "redirect"),
    "/refresh": fault("SV-05", OK + b"Refresh: 0; url=/never\r\nContent-Length: 0\r\n\r\n", "empty-body"),
    "/meta-refresh": fault(
        "SV-05",
        answer(b'<html><head><meta http-equiv="refresh" content="0; url=/never"></head><body>x</body></html>'),
        "wrong-media-type",
    ),
    "/10000-fields": fault("SV-11", headed(*[b"X-%d: a" % n for n in range(10_000)]), *EITHER),
    "/1-mb-field": fault("SV-11", headed(b"X-Long: " + b"a" * 1_000_000), *EITHER),
    "/1-mb-cookie": fault("SV-11", headed(b"Set-Cookie: a=" + b"b" * 1_000_000), *EITHER),
    "/10000-byte-field": fault("SV-11", headed(b"X-Long: " + b"a" * 10_000), "document"),
    "/nul": fault("SV-11", headed(b"X-Nul: a\x00b"), *EITHER),
    "/folded": fault("SV-11", headed(b"X-Folded: one\r\n two"), "document"),
    "/bare-cr": fault("SV-11", headed(b"X-Cr: a\rX-Injected: yes"), *EITHER),
    "/invalid-bytes": fault("SV-11", headed(b"X-\xff\xfe: \x80\xff\x1b[31m"), *EITHER),
    "/type-twice": fault("SV-11", headed(b"Content-Type: text/html", b"Content-Type: application/pdf"), "document"),
    "/type-odd": fault("SV-11", headed(b"Content-Type: ;;charset=\xff\x00,"), *EITHER),
    "/warc-field": fault("SV-11", headed(b"WARC-Type: resource", b"WARC-Target-URI: http://127.0.0.1/x"), "document"),
    "/http-0.9": fault("SV-11", b"<html>hello</html>", *CUT),
    "/icy": fault("SV-11", b"ICY 200 OK\r\nContent-Length: 2\r\n\r\nhi", *CUT),
    "/http-9.9": fault("SV-11", b"HTTP/9.9 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD, *EITHER),
    "/no-version": fault("SV-11", b"HTTP/ 200 OK\r\nContent-Length: 2\r\n\r\nhi", *CUT),
}  # fmt: skip
