"""Bodies that unpack to 10 GB (SV-04): refused by name, in bounded memory, in each coding and layer upon layer."""

from __future__ import annotations

import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest

from archive.store.http import MAX_CODINGS, MAX_DECODED, decoded, parse_message
from tests.conftest import ROOT
from tests.figures import figure

MB = 1 << 20
UNPACKED = 10 << 30
# Unpacks the file it is told in a process of its own; says what came, and how much memory that took.
DECODE = """
import json, re, sys
from archive.store.http import decoded, parse_message
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
raw = open(sys.argv[1], "rb").read()
message = parse_message(raw)
before = peak()
body, reason = decoded(message)
print(json.dumps({"kept": body == message.body, "reason": reason, "size": len(body), "MB": (peak() - before) // 1024}))
"""


def deflated(size: int, window: int = -15) -> bytes:
    """Return a stream that unpacks to so many zeros and never says that it is the last: a flushed block, again and
    again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    block = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return block + again * (size // MB - 1)


def brotlied(size: int) -> bytes:
    packer = brotli.Compressor(quality=5)
    first = packer.process(bytes(16 * MB)) + packer.flush()
    again = packer.process(bytes(16 * MB)) + packer.flush()
    return bytes(first + again * (size // (16 * MB) - 1))


def zstandard(size: int) -> bytes:
    """RFC 8878 3.1.1: a frame without a size, of blocks that say "128 KB of this byte" (RLE) in four bytes."""
    header = b"\x28\xb5\x2f\xfd" + bytes([0, (17 - 10) << 3])
    length = 128 << 10
    block = ((length << 3) | (1 << 1)).to_bytes(3, "little") + b"\x00"
    last = ((length << 3) | (1 << 1) | 1).to_bytes(3, "little") + b"\x00"
    return header + block * (size // length - 1) + last


def layered() -> bytes:
    """Return 10 GB of zeros, packed three times."""
    body = deflated(UNPACKED, 31)
    for _ in range(2):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        body = packer.compress(body) + packer.flush()
    return body


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", lambda: deflated(UNPACKED, 31)),
    "deflate": ("deflate", lambda: deflated(UNPACKED)),
    "br": ("br", lambda: brotlied(UNPACKED)),
    "zstd": ("zstd", lambda: zstandard(UNPACKED)),
    "gzip in gzip in gzip": ("gzip, gzip, gzip", layered),
}


def said(coding: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def unpack(folder: Path, raw: bytes) -> Any:
    (folder / "raw").write_bytes(raw)
    done = subprocess.run(
        [sys.executable, "-c", DECODE, str(folder / "raw")], cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=200
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_in_bounded_memory(name: str, tmp_path: Path) -> None:
    coding, make = BOMBS[name]
    body = make()
    found = unpack(tmp_path, said(coding, body))
    assert found["reason"].endswith("unpacks to more than is allowed")
    assert found["kept"], "its bytes are kept as they were sent"
    figure("SV-04", bomb=name, sent=len(body), ratio_at_refusal=MAX_DECODED // len(body), peak_MB=found["MB"])
    assert found["MB"] < 150


def test_what_is_large_and_honest_is_unpacked(tmp_path: Path) -> None:
    """The control: below the limit, above what is held at first."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    body = packer.compress(bytes(80 * MB)) + packer.flush()
    found = unpack(tmp_path, said("gzip", body))
    assert (found["reason"], found["size"]) == ("", 80 * MB)


def test_more_layers_than_anybody_packs_are_not_unpacked() -> None:
    body = b"hello"
    for _ in range(MAX_CODINGS + 1):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        body = packer.compress(body) + packer.flush()
    message = parse_message(said(", ".join(["gzip"] * (MAX_CODINGS + 1)), body))
    assert decoded(message) == (body, f"{MAX_CODINGS + 1} content codings, one upon another")
    endless = parse_message(said(", ".join(["gzip"] * 100_000), body))
    assert decoded(endless)[1].startswith("100000 content codings")
