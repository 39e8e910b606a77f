"""Which capture is meant by an address and an instant, held against brute force (ME-01), and what is said of it."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from archive.addresses import url_key
from archive.catalog.opening import open_catalogue
from archive.mementos.asking import Absent, Asked, look_up, parse_address, parse_asked
from archive.mementos.instants import apart, http, parse_http, parse_stamp, stamp
from archive.mementos.linking import Origins, timemap_json, timemap_link
from archive.mementos.sent_headers import PREFIX, file_name, headers_of
from archive.mementos.stored_bytes import Given
from archive.mementos.timeline import Memento, Timeline, in_path, timeline
from archive.release import shown
from archive.store.http import parse_message
from tests.figures import figure

SEED = 20261129
ADDRESSES = [f"https://www.dhs.gov/list?page={number}" for number in range(40)]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Give a release's tables with captures of 40 addresses at random, close together, alone, in one second."""
    chosen = random.Random(SEED)
    path = tmp_path_factory.mktemp("many") / "release.db"
    with closing(open_catalogue(path)) as made:
        made.execute("PRAGMA foreign_keys = off")
        made.execute(shown.TABLE)
        for place, url in enumerate(ADDRESSES):
            for number in range((place * 7) % 60 + 1):
                at = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(seconds=2 * chosen.randrange(60 * (place + 1)))
                _add(
                    made, f"{chosen.getrandbits(80):020x}", url, at.isoformat().replace("+00:00", "Z"), str(number % 3)
                )
        made.commit()
        yield made


def _add(connection: sqlite3.Connection, capture: str, url: str, at: str, content: str) -> None:
    facts: dict[str, Any] = {
        "id": capture, "source": "dhs_pia", "run": "r", "kind": "response", "url": url, "url_key": url_key(url),
        "method": "GET", "captured_at": at, "status": 200, "media_type": "text/html", "payload_digest": content,
        "payload_bytes": 1, "content_digest": content, "location": "", "truncated": "", "fidelity": "wire",
        "file_name": "", "callback": "", "arguments": "{}", "sample": 0, "outcome": "document", "detail": "",
    }  # fmt: skip
    marks = ", ".join("?" * len(facts))
    connection.execute(f"INSERT INTO captures({', '.join(facts)}) VALUES ({marks})", tuple(facts.values()))
    connection.execute("INSERT INTO mementos VALUES (?, ?, ?)", (url_key(url), at, capture))


def _by_force(rows: list[tuple[str, str]], instant: str) -> str:
    """Return the capture that is meant: the smallest distance, then the earlier, then the smaller id."""
    return min(rows, key=lambda row: (apart(row[0], instant), row[0], row[1]))[1]


def test_me_01_the_timegate_agrees_with_brute_force(many: sqlite3.Connection) -> None:
    chosen, wrong, ties, asked = random.Random(SEED + 1), 0, 0, 0
    held: dict[str, list[tuple[str, str]]] = {}
    for url in ADDRESSES:
        held[url] = many.execute("SELECT at, capture FROM mementos WHERE url_key = ?", (url_key(url),)).fetchall()
    for url, rows in held.items():
        line = timeline(many, url, whole=False)
        instants = sorted({row[0] for row in rows})
        span = int((datetime.fromisoformat(instants[-1]) - datetime.fromisoformat(instants[0])).total_seconds())
        for _ in range(250):
            kind = chosen.random()
            at = datetime.fromisoformat(instants[0]) + timedelta(seconds=chosen.randrange(-9, span + 10))
            if kind < 0.2:
                at = datetime.fromisoformat(chosen.choice(instants))
            elif kind < 0.25:
                at = datetime(chosen.choice([1970, 1, 9999]), 1, 1, tzinfo=UTC)
            elif kind < 0.4 and len(instants) > 1:
                before, after = map(datetime.fromisoformat, chosen.choice([*pairwise(instants)]))
                at = before + (after - before) // 2
            instant = at.isoformat().replace("+00:00", "Z")
            distances = sorted(apart(one, instant) for one in instants)
            ties += len(distances) > 1 and distances[0] == distances[1]
            wrong += line.nearest(instant).capture != _by_force(rows, instant)
            asked += 1
        assert line.newest().at == instants[-1]
    figure("ME-01", seed=SEED, addresses=len(ADDRESSES), asked=asked, equally_near=ties, wrong=wrong)
    assert (asked, wrong) == (10_000, 0)
    assert ties > 300, "ties prove that the rule holds"


def test_every_capture_has_an_address_that_leads_to_it_alone(many: sqlite3.Connection) -> None:
    several = 0
    for url in ADDRESSES:
        line = timeline(many, url, whole=False)
        for one in line.mementos:
            rest = line.path(one).removeprefix("/web/")
            asked = parse_asked(rest)
            assert asked is not None
            _, found = look_up(many, asked, whole=False)
            assert isinstance(found, Memento)
            assert found.content == one.content
            several += "-" in rest.partition("/")[0]
    assert several > 20, "some share a second with another content"


@pytest.mark.parametrize(
    ("printed", "instant"),
    [
        ("Fri, 26 Jan 2018 15:00:00 GMT", "2018-01-26T15:00:00Z"),
        ("fri, 26 jan 2018 15:00:00 gmt", "2018-01-26T15:00:00Z"),
        ("Mon, 01 Jan 0001 00:00:00 GMT", "0001-01-01T00:00:00Z"),
        ("Sat, 26 Jan 2018 15:00:00 GMT", None),
        ("Fri, 26 Jan 2018 15:00:00", None),
        ("Fri, 26 Jan 2018 15:00:00 +0000", None),
        ("Fri, 26 Jan 18 15:00:00 GMT", None),
        ("Wed, 31 Feb 2018 15:00:00 GMT", None),
        ("Fri, 26 Jan 2018 24:00:00 GMT", None),
        ("Friday, 26-Jan-18 15:00:00 GMT", None),
        ("2018-01-26T15:00:00Z", None),
        ("Fri, ٢٦ Jan 2018 15:00:00 GMT", None),
        ("yesterday", None),
    ],
)
def test_a_date_is_one_of_http_or_none(printed: str, instant: str | None) -> None:
    assert parse_http(printed) == instant
    if instant:
        assert parse_http(http(instant)) == instant


def test_the_digits_of_an_instant() -> None:
    assert parse_stamp("2018") == "2018-01-01T00:00:00Z"
    assert parse_stamp("201801261500") == "2018-01-26T15:00:00Z"
    assert stamp("2018-01-26T15:00:07Z") == "20180126150007"
    for bad in ("201", "20181", "20181301", "20180126150061", "2018012615000000", "٢٠١٨", "0000"):
        assert parse_stamp(bad) is None, bad


@pytest.mark.parametrize(
    ("rest", "asked"),
    [
        ("20180126150000/https://a.gov/x?b=1&c=%26", Asked("https://a.gov/x?b=1&c=%26", "2018-01-26T15:00:00Z", True)),
        ("20180126150000id_/https://a.gov/", Asked("https://a.gov/", "2018-01-26T15:00:00Z", True)),
        ("20180126150000-abcdef0123/https:/a.gov/x",
         Asked("https://a.gov/x", "2018-01-26T15:00:00Z", True, "abcdef0123")),
        ("2018/http%3A%2F%2Fa.gov%2Fx%3Fy%3D1", Asked("http://a.gov/x?y=1", "2018-01-01T00:00:00Z")),
        ("HTTPS://a.gov/%23x", Asked("https://a.gov/%23x")),
        ("a.gov/x", Asked("http://a.gov/x")),
        ("20181326150000/https://a.gov/", None),
        ("20180126150000/javascript:alert(1)", None),
        ("20180126150000/", None),
        ("https://user@a.gov/", None),
        ("https:///a.gov/%0d%0aX:y", Asked("https://a.gov/%0d%0aX:y")),
    ],
)  # fmt: skip
def test_what_a_path_asks_for(rest: str, asked: Asked | None) -> None:
    assert parse_asked(rest) == asked


def test_an_address_comes_back_from_its_path_with_the_same_key() -> None:
    for url in (
        "https://www.dhs.gov/a b?x=ä&y=1#top",
        "http://dhs.gov/%28pia%29/?q=a%26b&q=",
        "https://dhs.gov/<x>\"'",
    ):
        path = in_path(url)
        assert path.isascii()
        assert not set(path) & set('<>" #')
        assert url_key(parse_address(path) or "") == url_key(url)


def _line(count: int) -> Timeline:
    row = {"status": 200, "media_type": "text/html", "content_digest": "aa", "outcome": "document", "provenance": "",
           "original_url": ""}  # fmt: skip
    at = datetime(2018, 1, 1, tzinfo=UTC)
    instants = [(at + timedelta(hours=hour)).isoformat().replace("+00:00", "Z") for hour in range(count)]
    return Timeline(
        "https://a.gov/", [Memento(f"{n:020}", "https://a.gov/", one, row) for n, one in enumerate(instants)]
    )


def test_a_long_timemap_comes_in_pages_that_lead_to_each_other() -> None:
    origins, line = Origins("https://archive.example", "https://captures.example"), _line(2_001)
    first, last = timemap_link(origins, line, 1), timemap_link(origins, line, 3)
    assert first.count("memento") == 1_000
    assert last.count('rel="last memento"') == 1
    assert last.count("memento") == 1
    for number in (2, 3):
        assert f'<https://archive.example/timemap/link/{number}/https://a.gov/>; rel="timemap"' in first
    assert first.splitlines()[1].count("from=") == 1
    told = timemap_json(origins, line, 2)
    assert (told["count"], len(told["mementos"]["list"]), len(told["pages"])) == (2_001, 1_000, 3)
    for page in (0, 4):
        with pytest.raises(IndexError):
            timemap_link(origins, line, page)


HOSTILE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nLink: <https://evil.example/>; rel=\"timegate\"\r\n"
    b"Location: //evil.example/\r\nSet-Cookie: a=1\r\nSet-Cookie2: b\r\nRefresh: 0;url=https://evil.example/\r\n"
    b"Content-Disposition: attachment; filename=\"x\rSet-Cookie: c\"\r\nX-Folded: a\r\n b\r\n"
    b"Content-Security-Policy: default-src *\r\nX-\xff: 1\r\nX-Odd: \xc3\xa4\x01\x7f\r\nService-Worker-Allowed: /\r\n"
    b"Strict-Transport-Security: max-age=1\r\nX-Long: " + b"x" * 3000 + b"\r\n"
    + b"".join(b"X-%d: y\r\n" % number for number in range(80)) + b"\r\n<p>"
)  # fmt: skip


def test_xs_10_captured_headers_have_no_power() -> None:
    row = {"status": 200, "media_type": "text/html", "content_digest": "aa" * 32, "truncated": "", "location": "",
           "sample": 0}  # fmt: skip
    memento = Memento("c", 'https://a.gov/%22;x%0d%0a/"; filename=evil.html', "2018-01-26T15:00:00Z", row)
    headers = headers_of(memento, Given(parse_message(HOSTILE), b"<p>", ""), 200)
    names = [name.lower() for name, _ in headers]
    assert len(names) == len(set(names))
    ours = {name for name in names if not name.startswith(PREFIX.lower())}
    assert ours == {"content-type", "memento-datetime", "etag", "repr-digest", "x-archive-capture"}
    for name, value in headers:
        assert (name + value).isascii()
        assert (name + value).isprintable()
        assert "cookie: c" not in name.lower()
    assert not any("set-cookie" in name for name in names)
    assert dict(headers)[f"{PREFIX}Left-Out"] != "0"
    assert sum(len(name) + len(value) for name, value in headers) < 4_000
    assert file_name(memento.url) == "filename-evil.html"
    assert file_name("https://a.gov/") == "a.gov"
    assert file_name("https://a.gov/..%2f..%2fetc/passwd") == "passwd"
    figure("XS-10", headers=len(names), split=0, with_power=0)


def test_what_is_not_there_is_said_by_name(many: sqlite3.Connection) -> None:
    _, found = look_up(many, Asked("https://www.dhs.gov/never"), whole=False)
    assert found == Absent("not-captured")
    _add(many, "f" * 20, "https://www.dhs.gov/kept-back", "2018-01-01T00:00:00Z", "0")
    many.execute("DELETE FROM mementos WHERE capture = ?", ("f" * 20,))
    _, found = look_up(many, Asked("https://www.dhs.gov/kept-back"), whole=False)
    assert found == Absent("not-shown")
