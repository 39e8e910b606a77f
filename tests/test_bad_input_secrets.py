"""SC-01: a night of failures and echoes with a canary for a key; then every byte that was written is searched."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from tests.conftest import ROOT
from tests.hostile.pdf import lines, written
from tests.scripted_server import ScriptedServer, answer, reset
from tests.test_pipelines_credentials import KEY, SPELLINGS, traces_in

FILE = "/resources/files/1/download"


def envelope(text: str = "", files: tuple[str, ...] = ()) -> bytes:
    record = {
        "noticeId": "1" * 32, "title": f"BADGES {text}", "fullParentPathCode": "070.7012.70CDCR",
        "fullParentPathName": "HOMELAND SECURITY, DEPARTMENT OF.AN AGENCY.AN OFFICE", "type": f"Riddle {text}",
        "postedDate": text or "2018-01-08", "resourceLinks": files,
    }  # fmt: skip
    return json.dumps({"totalRecords": 1, "opportunitiesData": [record], text: text, "links": []}).encode()


def chunked(body: bytes) -> bytes:
    """Send three bytes at a time, so that no key is in one piece."""
    pieces = [body[start : start + 3] for start in range(0, len(body), 3)]
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def broken_off(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nX-Key: %b\r\n\r\n" % KEY.encode() + envelope(KEY))
    time.sleep(0.2)
    reset(connection)


def silent(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + envelope(KEY))
    time.sleep(3)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(KEY.encode() * 5000)


ALL_SPELLINGS = " ".join(f"<{spelling}>" for name, spelling in SPELLINGS.items() if not name.startswith("utf-16"))
PAGE = f"<html><title>No</title><p>Your key {KEY} was refused, see ?api_key={KEY}</p></html>".encode()
# What the server does on each year's search, one failure or echo a year.
YEARS: dict[int, bytes | Callable[[socket.socket], None]] = dict(enumerate([
    answer(envelope(), Content_Type="application/json"),
    answer(envelope(KEY), Content_Type="application/json", X_Key=KEY, Set_Cookie=f"k={KEY}"),
    answer(json.dumps({"error": ALL_SPELLINGS}).encode(), Content_Type="application/json"),
    answer(envelope(ALL_SPELLINGS), Content_Type="application/json"),
    answer(gzip.compress(envelope(KEY)), Content_Encoding="gzip", Content_Type="application/json"),
    answer(gzip.compress(envelope(KEY))[:-20], Content_Encoding="gzip"),
    answer(KEY.encode() + envelope(KEY), Content_Encoding="gzip"),
    answer(gzip.compress(gzip.compress(envelope(KEY))), Content_Encoding="gzip, gzip"),
    chunked(envelope(KEY)),
    answer(b"", "302 Found", Location=f"/elsewhere?api_key={KEY}&again={KEY}"),
    answer(b"", "302 Found", Location=f"https://elsewhere.example.com/?key={KEY}"),
    answer(b"", "302 Found", Location=f"http://169.254.169.254/?key={KEY}"),
    answer(PAGE, "401 Unauthorized", Content_Type="text/html", WWW_Authenticate=f'Key realm="{KEY}"'),
    answer(PAGE, "403 Forbidden", Content_Type="text/html"),
    answer(PAGE, f"429 {KEY}", Content_Type="text/html", Retry_After=KEY),
    answer(PAGE, "500 Oops", Content_Type="text/html"),
    answer(PAGE, "503 Later", Content_Type="text/html"),
    answer(PAGE, "404 Not Found", Content_Type="text/html"),
    answer(PAGE, Content_Type="text/html"),
    answer(b'{"key": "%b", "open' % KEY.encode(), Content_Type="application/json"),
    answer(base64.b64encode(envelope(KEY)), Content_Type="text/plain"),
    answer(PAGE, Content_Type=f"text/{KEY}"),
    b"HTTP/1.1 200 OK\r\nno header but %b\r\nContent-Length: 2\r\n\r\n{}" % KEY.encode(),
    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + envelope(KEY),
    b"SSH-2.0-%b\r\n" % KEY.encode(),
    b"HTTP/1.1 200 %b" % KEY.encode(),
    broken_off,
    silent,
    endless,
    reset,
    b"",
], 1980))  # fmt: skip


@dataclass
class Night:
    """What a night left behind, and what other processes could see of it."""

    folder: Path
    server: ScriptedServer
    status: int
    environments: dict[str, bytes] = field(default_factory=dict)
    command_lines: dict[str, bytes] = field(default_factory=dict)

    def places(self) -> Iterator[tuple[str, bytes]]:
        """Yield everything that was written, as it lies there and taken apart, by a name for it."""
        for path in sorted(self.folder.rglob("*")):
            if not path.is_file():
                continue
            name = str(path.relative_to(self.folder))
            yield f"the name of {name}", name.encode()
            data = path.read_bytes()
            yield name, data
            if path.name.endswith(".warc.gz"):
                yield f"{name}, unpacked", gzip.decompress(data)
                yield from _records(name, data)
            elif path.name.endswith(".gz"):
                yield f"{name}, unpacked", gzip.decompress(data)
            elif path.suffix == ".db":
                with closing(sqlite3.connect(path)) as connection:
                    yield f"{name}, dumped", "\n".join(connection.iterdump()).encode()
        yield from {**self.environments, **self.command_lines}.items()


def _records(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for number, record in enumerate(ArchiveIterator(io.BytesIO(data), no_record_parse=True)):
        yield f"{name}, record {number}", record.raw_stream.read()
    with suppress(Exception):
        for number, record in enumerate(ArchiveIterator(io.BytesIO(data))):
            yield f"{name}, record {number}, decoded", record.content_stream().read()


def night(folder: Path, *, sabotage: bool = False) -> Night:
    """Crawl the source of notices against a server that fails and echoes."""
    with ScriptedServer({}) as server:
        pdf = written(lines("A justification."), info=b"/Title (%b)" % KEY.encode())

        def search(connection: socket.socket) -> None:
            year = int(server.requests[-1].partition(b"postedFrom=01/01/")[2][:4])
            script = YEARS[year]
            if callable(script):
                script(connection)
            else:
                connection.sendall(script)

        server.scripts["/search"] = search
        server.scripts["/robots.txt"] = answer(b"User-agent: *\nAllow: /\n", Content_Type="text/plain")
        server.scripts["/elsewhere"] = answer(PAGE, Content_Type="text/html")
        server.scripts["/echo.pdf"] = answer(pdf, Content_Type="application/pdf")
        files = (f"{server.url}/echo.pdf", f"{server.url}/missing.pdf?api_key={KEY}&token=")
        YEARS[1980] = answer(envelope(files=files), Content_Type="application/json")
        arguments = {"key": True, "since": "1980-01-01", "until": f"{max(YEARS)}-12-31", "api": f"{server.url}/search"}
        told = {"archive": str(folder / "archive"), "source": "sam_notices", "sabotage": sabotage, "settings": {
            "ADDRESS_GUARD_ADMIT": server.host, "CREDENTIALS_ADMIT": server.host,
            "SOURCE_ARGUMENTS": {"sam_notices": arguments},
        }}  # fmt: skip
        found = Night(folder, server, -1)
        with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.hostile.live", json.dumps(told)], cwd=ROOT, stdout=out, stderr=log,
                env={**os.environ, "SAM_API_KEY": KEY},
            )  # fmt: skip
            while process.poll() is None:
                _look_at_children(process.pid, found)
                time.sleep(0.01)
        found.status = process.returncode
    return found


def _look_at_children(pid: int, found: Night) -> None:
    """Note what any process of this machine can see of the workers."""
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                with suppress(OSError):
                    line = Path(f"/proc/{child}/cmdline").read_bytes()
                    if b"pipelines" in line:
                        found.environments[f"environment of {child}"] = Path(f"/proc/{child}/environ").read_bytes()
                        found.command_lines[f"command line of {child}"] = line


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return night(tmp_path_factory.mktemp("night"))


def test_no_byte_that_was_written_holds_the_key(kept: Night) -> None:
    hits = {name: traces for name, data in kept.places() if (traces := traces_in(data))}
    assert not hits


def test_the_night_was_as_bad_as_meant(kept: Night) -> None:
    """The key went out, and came back: else finding nothing would say nothing."""
    assert kept.status == 0, (kept.folder / "stderr").read_text()[-3000:]
    searches = [request for request in kept.server.requests if request.startswith(b"GET /search")]
    assert len(searches) == len(YEARS)
    assert all(KEY.encode() in request for request in searches)
    robots = [request for request in kept.server.requests if request.startswith(b"GET /robots.txt")]
    assert not [request for request in robots if KEY.encode() in request]
    report = json.loads((kept.folder / "stdout").read_text())
    named = Counter({row["outcome"]: row["count"] for row in report["outcomes"]})
    assert named.keys() >= {
        "blocked", "server-error", "not-found", "truncated", "too-large", "timed-out", "error-page", "malformed-json",
        "connection-failed", "wrong-media-type", "address-refused", "not-allowed-host", "redirect", "unmapped-field",
        "unknown-value", "invalid-date", "document",
    }, named  # fmt: skip
    assert b"REDACTED" in b"".join(data for name, data in kept.places() if "unpacked" in name)
    assert b"DEBUG" in (kept.folder / "stderr").read_bytes()


def test_workers_never_had_it(kept: Night) -> None:
    assert kept.environments
    assert all(b"SAM_API_KEY" not in environment for environment in kept.environments.values())


def test_the_search_finds_a_key_that_is_let_through(tmp_path: Path) -> None:
    careless = night(tmp_path, sabotage=True)
    assert careless.status == 0, (careless.folder / "stderr").read_text()[-3000:]
    hits = {name.split(",")[0].rpartition(".")[2]: name for name, data in careless.places() if traces_in(data)}
    assert {"gz", "db"} <= hits.keys()
    assert "stderr" in hits
