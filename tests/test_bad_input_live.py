"""Bad input that only a server can give, through the whole chain: a crawl of loopback by the production handler."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archive.outcomes import OUTCOMES
from tests.conftest import ROOT
from tests.hostile.pdf import lines, written
from tests.scripted_server import Script, ScriptedServer, answer, reset

GOOD = written(lines("A good file, of one page."))
HOSTILE = b"<html><body><main><h1>x</h1><p " + b" ".join(b"a%d=1" % n for n in range(80_000)) + b">x</p></main>"


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\n")
    while True:
        connection.sendall(b"%" * 65536)


def silent(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n%PDF-1.7\n")
    time.sleep(4)


def mute(connection: socket.socket) -> None:
    time.sleep(4)


def broken_off(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + GOOD[:200])
    time.sleep(0.2)
    reset(connection)


# What the server does at each path, and what becomes of it.
PATHS: dict[str, tuple[Script, str]] = {
    "/good.pdf": (answer(GOOD, Content_Type="application/pdf"), "document"),
    "/broken-gzip": (answer(b"\x1f\x8b\x08\x00" + b"\xff" * 90, Content_Encoding="gzip"), "decode-failed"),
    "/unknown-coding": (answer(GOOD, Content_Encoding="x-made-up"), "decode-failed"),
    "/less-than-said": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + GOOD[:200], "truncated"),
    "/broken-off": (broken_off, "truncated"),
    "/half-a-redirect": (b"HTTP/1.1 302 Found\r\nLocation: /good.pdf\r\nContent-Length: 9\r\n\r\nx", "truncated"),
    "/not-http": (b"SSH-2.0-OpenSSH_9.2\r\n", "truncated"),
    "/no-last-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n%PDF-1.7\n\r\n", "truncated"),
    "/endless": (endless, "too-large"),
    "/too-large": (answer(GOOD + bytes(3_000_000)), "too-large"),
    "/silent": (silent, "timed-out"),
    "/mute": (mute, "timed-out"),
    "/reset": (reset, "connection-failed"),
    "/hung-up": (b"", "connection-failed"),
    "/empty": (answer(b""), "empty-body"),
    "/no-content": (b"HTTP/1.1 204 No Content\r\n\r\n", "unexpected-status"),
    "/wall": (answer(b"<html><title>Just a moment...</title><p>Checking your browser before it"), "bot-wall"),
    "/403": (answer(b"no", "403 Forbidden"), "blocked"),
    "/429": (answer(b"slower", "429 Too Many Requests"), "blocked"),
    "/503": (answer(b"later", "503 Service Unavailable"), "server-error"),
    "/gone": (answer(b"gone", "410 Gone"), "not-found"),
    "/999": (answer(b"denied", "999 Denied"), "server-error"),
    "/odd": (answer(b'{"other": "\xff\xfe"}', Content_Type="application/json"), "layout-changed"),
    "/hostile": (answer(HOSTILE, Content_Type="text/html"), "hostile-markup"),
}


@dataclass(frozen=True)
class Crawled:
    archive: Path
    report: Mapping[str, Any]
    server: ScriptedServer
    victim: ScriptedServer

    def rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.archive / "archive.db")) as connection:
            return connection.execute(query, values).fetchall()

    def outcomes_of(self, url: str) -> list[str]:
        return [name for (name,) in self.rows("SELECT outcome FROM outcomes WHERE subject = ?", url)]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("live")
    with ScriptedServer({}) as victim, ScriptedServer({}) as server:
        private = {
            "/to-victim": f"{victim.url}/by-redirect",
            "/to-metadata": "http://169.254.169.254/latest/meta-data/",
            "/to-name": f"http://localhost:{victim.port}/",
            "/to-elsewhere": "https://elsewhere.example.com/a.pdf",
            "/to-circle": "/circle",
            "/circle": "/to-circle",
        }
        links = [*PATHS, *sorted(private.keys() - {"/circle"}), "/forbidden/file.pdf", f"{victim.url}/direct", "http://169.254.169.254/latest/",
                 f"http://localhost:{victim.port}/named", f"http://127.1:{victim.port}/short",
                 f"http://2130706433:{victim.port}/number", f"http://[::ffff:127.0.0.1]:{victim.port}/mapped",
                 "http://10.0.0.1/", "https://elsewhere.example.com/b.pdf"]  # fmt: skip
        page = "<html><body>" + "".join(f'<p><a href="{link}">A link</a></p>' for link in links)
        server.scripts.update({path: script for path, (script, _) in PATHS.items()})
        server.scripts.update({path: answer(b"", "302 Found", Location=to) for path, to in private.items()})
        server.scripts["/robots.txt"] = answer(b"User-agent: *\nDisallow: /forbidden/\n", Content_Type="text/plain")
        server.scripts["/"] = answer(page.encode(), Content_Type="text/html")
        told = {"archive": str(folder / "archive"), "source": "links", "settings": {
            "ADDRESS_GUARD_ADMIT": server.host, "SOURCE_ARGUMENTS": {"links": {"listing": f"{server.url}/"}},
            "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
        }}  # fmt: skip
        with (folder / "log").open("wb") as log:
            done = subprocess.run(
                [sys.executable, "-m", "tests.hostile.live", json.dumps(told)], cwd=ROOT, stdout=subprocess.PIPE,
                stderr=log, check=False, timeout=120,
            )  # fmt: skip
        assert done.returncode == 0, (folder / "log").read_text()[-3000:]
        yield Crawled(folder / "archive", json.loads(done.stdout), server, victim)


@pytest.mark.parametrize("path", PATHS)
def test_what_a_server_does_has_one_name(path: str, crawled: Crawled) -> None:
    assert crawled.outcomes_of(crawled.server.url + path) == [PATHS[path][1]]


@pytest.mark.parametrize(
    ("path", "outcome"),
    [("/to-victim", "address-refused"), ("/to-metadata", "address-refused"), ("/to-name", "address-refused"),
     ("/to-elsewhere", "not-allowed-host")],
)  # fmt: skip
def test_a_redirect_out_is_not_followed_and_is_named(path: str, outcome: str, crawled: Crawled) -> None:
    ((location,),) = crawled.rows("SELECT location FROM captures WHERE url = ?", crawled.server.url + path)
    assert crawled.outcomes_of(location) == [outcome]


def test_a_redirect_in_a_circle_is_named(crawled: Crawled) -> None:
    assert crawled.outcomes_of(f"{crawled.server.url}/to-circle") == ["redirect"]
    assert sorted(crawled.outcomes_of(f"{crawled.server.url}/circle")) == ["redirect", "redirect-loop"]


def test_no_private_address_is_reached_and_each_is_counted(crawled: Crawled) -> None:
    """SS-01 to SS-03 through the whole chain: the listener that must not be reached counts no connection."""
    assert crawled.victim.connections == 0
    asked = crawled.rows("SELECT subject FROM outcomes WHERE outcome = 'address-refused'")
    subjects = {subject for (subject,) in asked}
    port = crawled.victim.port
    assert {f"{crawled.victim.url}/direct", f"{crawled.victim.url}/by-redirect", f"http://localhost:{port}/named",
            f"http://127.1:{port}/short", "http://169.254.169.254/latest/", "http://10.0.0.1/"} <= subjects  # fmt: skip
    captured = crawled.rows("SELECT url FROM captures WHERE url NOT LIKE ?", f"{crawled.server.url}/%")
    assert captured == []


def test_what_robots_txt_forbids_is_not_asked_for(crawled: Crawled) -> None:
    assert crawled.outcomes_of(f"{crawled.server.url}/forbidden/file.pdf") == ["robots-disallowed"]
    assert not [request for request in crawled.server.requests if b"/forbidden/" in request]


def test_outcomes_add_up_to_what_was_asked(crawled: Crawled) -> None:
    """Each request that reached the server has one outcome, and so has each that was not to reach one."""
    asked = Counter(request.split(b" ", 2)[1].decode() for request in crawled.server.requests)
    for path, times in asked.items():
        named = crawled.outcomes_of(crawled.server.url + path)
        assert len([name for name in named if name != "redirect-loop"]) == times, (path, named)
    assert {run["status"] for run in crawled.report["runs"]} == {"finished"}
    counted = {row["outcome"]: row["count"] for row in crawled.report["outcomes"]}
    assert counted.keys() <= OUTCOMES.keys()
    assert sum(counted.values()) == crawled.rows("SELECT count(*) FROM outcomes")[0][0]
    failures = sum(row["count"] for row in crawled.report["outcomes"] if row["severity"] == "failure")
    assert crawled.report["failures"] == failures > 0


def test_only_the_good_file_is_a_document(crawled: Crawled) -> None:
    assert crawled.rows("SELECT url, pages FROM documents") == [(f"{crawled.server.url}/good.pdf", 1)]
    assert len(crawled.rows("SELECT id FROM versions")) == 1


def test_what_came_is_kept(crawled: Crawled) -> None:
    kept = dict(crawled.rows("SELECT url, truncated FROM captures WHERE truncated != ''"))
    expected = {"/less-than-said": "disconnect", "/broken-off": "disconnect", "/endless": "length", "/silent": "time"}
    assert {path: kept[crawled.server.url + path] for path in expected} == expected
