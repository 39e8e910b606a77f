"""Captures that tests of the store take in; what a child process that is killed needs, and no more: it starts often."""

from __future__ import annotations

import sqlite3

from archive.model import Asked, Exchange

ASKED = Asked("s", "run")


def exchange(number: int, body: bytes = b"") -> Exchange:
    response = b"HTTP/1.1 200 OK\r\n\r\n" + (body or b"body %d" % number)
    url, date = f"https://www.dhs.gov/{number}", f"2018-01-26T15:{number // 60:02d}:{number % 60:02d}Z"
    return Exchange(url, date, b"GET / HTTP/1.1\r\n\r\n", response, status=200)


def captures(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT capture FROM records ORDER BY warc, offset")]
