"""A server's "not modified" is kept as what it is, reads as what it confirms, and other programs take it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Capture, Exchange
from archive.store.fixity import check_store
from archive.store.index import Question, find_record, iter_answers
from archive.store.recording import Recording
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures

PAGE = Exchange(
    "https://www.dhs.gov/a",
    "2018-01-26T15:00:00Z",
    b"GET /a HTTP/1.1\r\nHost: www.dhs.gov\r\n\r\n",
    b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "1"\r\nContent-Length: 5\r\n\r\nPlate',
    status=200,
)
SAME = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nDate: Sat, 27 Jan 2018 15:00:00 GMT\r\n\r\n'


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_catalogue(tmp_path / "archive.db")
    yield connection
    connection.close()


@pytest.fixture
def store(tmp_path: Path, connection: sqlite3.Connection) -> CaptureStore:
    return CaptureStore.open(tmp_path, connection)


def asked(night: int) -> Asked:
    return Asked("dhs_pia", f"dhs_pia-{night}", "parse_publication", {"page": 2})


def confirmed(store: CaptureStore) -> tuple[Capture, Capture]:
    """Keep a page on one night, and on the next the server's word that it still stands there."""
    first = store.add(PAGE, asked(1))
    same = replace(PAGE, captured_at="2018-01-27T15:00:00Z", response=SAME, status=304, confirms=first.id)
    return first, store.add(same, asked(2))


def test_it_reads_as_what_it_confirms(store: CaptureStore) -> None:
    first, again = confirmed(store)
    stored = store.read(again.id)
    assert (stored.unchanged, stored.body, stored.reason) == (True, b"Plate", "OK")
    assert dict(stored.headers)["Content-Type"] == "text/html; charset=utf-8"
    assert not store.read(first.id).unchanged
    assert again.status == 304
    for fact in ("payload_digest", "payload_bytes", "content_digest", "media_type"):
        assert getattr(again, fact) == getattr(first, fact)


def test_it_is_a_revisit_of_its_own_kind(store: CaptureStore, tmp_path: Path) -> None:
    """ISO 28500 6.7.3: the profile, and what it refers to; the server's own head is the block."""
    first, _ = confirmed(store)
    (path,) = (tmp_path / "warc").glob("dhs_pia-2-*")
    with path.open("rb") as file:
        (revisit,) = [
            (dict(one.rec_headers.headers), one.http_headers.get_statuscode(), one.content_stream().read())
            for one in ArchiveIterator(file)
            if one.rec_type == "revisit"
        ]
    headers, status, body = revisit
    assert headers["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert headers["WARC-Refers-To-Target-URI"] == first.url
    assert headers["WARC-Refers-To-Date"] == first.captured_at
    assert headers["WARC-Refers-To"].startswith("<urn:uuid:")
    assert (status, body) == ("304", b"")
    program = Path(sys.executable).parent / "warcio"
    files = sorted(map(str, (tmp_path / "warc").glob("*.warc.gz")))
    done = subprocess.run([str(program), "check", *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_the_index_is_made_again_from_it(store: CaptureStore, tmp_path: Path, connection: sqlite3.Connection) -> None:
    held = confirmed(store)
    rows = [(one, find_record(connection, one.id)) for one in held]
    assert list(iter_captures(tmp_path / "warc")) == rows
    store.close()
    assert check_store(tmp_path, connection) == []


def test_a_crash_before_its_row_loses_nothing(
    store: CaptureStore, tmp_path: Path, connection: sqlite3.Connection
) -> None:
    _, again = confirmed(store)
    with connection:
        connection.execute("DELETE FROM records WHERE capture = ?", (again.id,))
        connection.execute("DELETE FROM captures WHERE id = ?", (again.id,))
    later = CaptureStore.open(tmp_path, connection)
    assert [finding.outcome for finding in later.recovered] == ["record-indexed"]
    assert later.read(again.id).body == b"Plate"


def test_what_no_longer_lies_there_is_named(
    store: CaptureStore, tmp_path: Path, connection: sqlite3.Connection
) -> None:
    first, again = confirmed(store)
    with connection:
        connection.execute("UPDATE captures SET payload_digest = 'sha256:00' WHERE id = ?", (first.id,))
    assert again.id in {finding.capture for finding in check_store(tmp_path, connection)}


@pytest.mark.parametrize("confirms", ["", "0" * 20])
def test_one_that_confirms_nothing_is_an_empty_answer(store: CaptureStore, confirms: str) -> None:
    capture = store.add(replace(PAGE, response=SAME, status=304, confirms=confirms), asked(1))
    stored = store.read(capture.id)
    assert (stored.unchanged, stored.body, capture.payload_bytes) == (False, b"", 0)


def test_an_answer_that_is_no_304_confirms_nothing(store: CaptureStore) -> None:
    first = store.add(PAGE, asked(1))
    other = replace(PAGE, captured_at="2018-01-27T15:00:00Z", confirms=first.id)
    assert not store.read(store.add(other, asked(2)).id).unchanged


def test_it_is_replayed_as_a_whole_answer(tmp_path: Path, connection: sqlite3.Connection) -> None:
    store = CaptureStore.open(tmp_path, connection)
    first = store.add(PAGE, asked(1))
    same = replace(PAGE, captured_at="2018-01-27T15:00:00Z", response=SAME, status=304, confirms=first.id)
    store.add(same, asked(1))
    (path,) = (tmp_path / "warc").glob("*.warc.gz")
    recording = Recording(path)
    again = recording.exchange("2018-01-26", "GET", PAGE.url), recording.exchange("2018-01-26", "GET", PAGE.url)
    assert [one and (one.status, one.response, one.captured_at) for one in again] == [
        (200, PAGE.response, "2018-01-26T15:00:00Z"), (200, PAGE.response, "2018-01-27T15:00:00Z"),
    ]  # fmt: skip


def test_a_question_is_answered_by_what_was_asked_so_and_no_other(
    store: CaptureStore, connection: sqlite3.Connection
) -> None:
    """A key that was on the wire stands in the recorded address as REDACTED, and in no request."""
    url = "https://api.sam.gov/search?limit=10&api_key=REDACTED"
    asked_for = Asked("sam_notices", "run", "parse_search", {"offset": 0})
    kept = store.add(replace(PAGE, url=url), asked_for)
    store.add(replace(PAGE, url="https://api.sam.gov/search/?limit=10&api_key=REDACTED"), asked_for)
    store.add(replace(PAGE, url=url, captured_at="2018-01-27T15:00:00Z"), replace(asked_for, arguments={"offset": 9}))
    question = Question("sam_notices", "https://api.sam.gov/search?limit=10", "parse_search", {"offset": 0})
    assert [answer.id for answer in iter_answers(connection, question)] == [kept.id]
    assert list(iter_answers(connection, replace(question, callback="parse_notice"))) == []
    assert list(iter_answers(connection, replace(question, source="news"))) == []


def test_a_page_as_a_browser_had_it_answers_too(store: CaptureStore, connection: sqlite3.Connection) -> None:
    """A run that is gone on with doesn't open it again."""
    shown = replace(PAGE, kind="conversion", fidelity="rendered", request=b"", response=b"<html><p>Plate</p>")
    kept = store.add(shown, asked(1))
    question = Question("dhs_pia", PAGE.url, "parse_publication", {"page": 2})
    assert [answer.id for answer in iter_answers(connection, question)] == [kept.id]
    assert store.read(kept.id).body == b"<html><p>Plate</p>"
