"""Captures go in and come back as they were, and other programs accept the files."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Capture, Exchange, Finding
from archive.store.errors import RecordDamaged
from archive.store.index import find_capture, find_record
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures
from tests.figures import figure

ASKED = Asked("dhs_pia", "dhs_pia-2018-01-26", "parse_publication", {"page": 2, "title": "a “b”"})
REQUEST = b"GET /a.pdf HTTP/1.1\r\nHost: www.dhs.gov\r\n\r\n"


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def exchange(body: bytes = b"hello", *headers: str, second: int = 0, **facts: object) -> Exchange:
    given = {
        "url": "https://www.dhs.gov/a.pdf",
        "captured_at": f"2018-01-26T15:00:{second:02d}Z",
        "request": REQUEST,
        "response": answer(body, "Content-Type: Text/HTML; charset=utf-8", *headers),
        "status": 200,
    }
    return Exchange(**(given | facts))  # type: ignore[arg-type]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_catalogue(tmp_path / "archive.db")
    yield connection
    connection.close()


@pytest.fixture
def store(tmp_path: Path, connection: sqlite3.Connection) -> CaptureStore:
    return CaptureStore.open(tmp_path, connection)


def warcio_check(folder: Path) -> None:
    files = [str(path) for path in sorted(folder.glob("*.warc.gz"))]
    program = Path(sys.executable).parent / "warcio"
    done = subprocess.run([str(program), "check", *files], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_what_goes_in_comes_back(store: CaptureStore, tmp_path: Path) -> None:
    capture = store.add(exchange(b"\x00\xff body"), ASKED)
    stored = store.read(capture.id)
    assert stored.body == b"\x00\xff body"
    assert stored.reason == "OK"
    assert stored.headers == (("Content-Type", "Text/HTML; charset=utf-8"),)
    assert stored.capture == capture
    assert capture.media_type == "text/html"
    assert capture.arguments == {"page": 2, "title": "a “b”"}
    assert store.payload(capture.id) == stored.body
    warcio_check(tmp_path / "warc")


def test_a_unit_is_metadata_request_response(store: CaptureStore, tmp_path: Path) -> None:
    store.add(exchange(ip_address="10.0.0.1", truncated="length"), ASKED)
    with next((tmp_path / "warc").iterdir()).open("rb") as file:
        records = [
            (record.rec_type, record.rec_headers, record.content_stream().read()) for record in ArchiveIterator(file)
        ]
    assert [kind for kind, _, _ in records] == ["warcinfo", "metadata", "request", "response"]
    response = records[-1][1]
    assert response.get_header("WARC-IP-Address") == "10.0.0.1"
    assert response.get_header("WARC-Truncated") == "length"
    assert response.get_header("WARC-Date") == "2018-01-26T15:00:00Z"
    # pywb would index it under the page's address, and show it in place of the page.
    assert records[1][1].get_header("WARC-Target-URI") is None
    assert records[1][1].get_header("WARC-Concurrent-To") == response.get_header("WARC-Record-ID")


def test_the_same_capture_again_writes_nothing(store: CaptureStore, tmp_path: Path) -> None:
    first = store.add(exchange(), ASKED)
    size = next((tmp_path / "warc").iterdir()).stat().st_size
    assert store.add(exchange(), ASKED) == first
    assert next((tmp_path / "warc").iterdir()).stat().st_size == size


def test_the_same_payload_again_is_a_revisit(
    store: CaptureStore, tmp_path: Path, connection: sqlite3.Connection
) -> None:
    first = store.add(exchange(b"x" * 5000), ASKED)
    again = store.add(exchange(b"x" * 5000, "X-Second: yes", second=1, url="https://www.dhs.gov/b"), ASKED)
    rows = connection.execute("SELECT capture, revisit_of FROM records ORDER BY offset").fetchall()
    assert [tuple(row) for row in rows] == [(first.id, ""), (again.id, first.id)]
    stored = store.read(again.id)
    assert stored.body == b"x" * 5000
    assert ("X-Second", "yes") in stored.headers
    warcio_check(tmp_path / "warc")


def test_an_empty_payload_is_no_revisit(store: CaptureStore, connection: sqlite3.Connection) -> None:
    store.add(exchange(b""), ASKED)
    store.add(exchange(b"", second=1), ASKED)
    assert [row[0] for row in connection.execute("SELECT revisit_of FROM records")] == ["", ""]


def test_chunked_and_compressed(store: CaptureStore, tmp_path: Path) -> None:
    packed = gzip.compress(b"plain text")
    chunks = b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    headers = ("Transfer-Encoding: chunked", "Content-Encoding: gzip")
    whole = store.add(exchange(chunks, *headers), ASKED)
    assert store.payload(whole.id) == b"plain text"
    other = b"1\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (packed[:1], len(packed) - 1, packed[1:])
    again = store.add(exchange(other, *headers, second=1), ASKED)
    assert again.payload_digest == whole.payload_digest
    assert store.payload(again.id) == b"plain text"
    unframed = store.add(exchange(packed, "Content-Encoding: gzip", second=2), ASKED)
    assert store.payload(unframed.id) == b"plain text"
    warcio_check(tmp_path / "warc")


def test_a_file_handed_in(store: CaptureStore, tmp_path: Path) -> None:
    facts: dict[str, object] = {"kind": "resource", "status": 0, "request": b"", "response": b"%PDF-1.4 x"}
    capture = store.add(exchange(**facts, fidelity="deposited", file_name="a\nb.pdf"), ASKED)  # type: ignore[arg-type]
    assert store.payload(capture.id) == b"%PDF-1.4 x"
    assert (capture.kind, capture.file_name, capture.media_type) == ("resource", "a%0Ab.pdf", "")
    crawled = store.add(exchange(b"%PDF-1.4 x", second=1), ASKED)
    assert store.payload(crawled.id) == b"%PDF-1.4 x"
    warcio_check(tmp_path / "warc")


def test_redirects_and_secrets(store: CaptureStore, tmp_path: Path) -> None:
    response = answer(b"", "Location: /b c\xe9?api_key=CANARY", status="301 Moved")
    url = "https://api.sam.gov/x?api_key=CANARY&q=1"
    capture = store.add(exchange(url=url, response=response, status=301), ASKED)
    assert capture.location.startswith("https://api.sam.gov/b%20c")
    assert "CANARY" not in repr(capture)


@pytest.mark.parametrize("place", [5, 300, -1])
def test_damage_is_named(store: CaptureStore, tmp_path: Path, connection: sqlite3.Connection, place: int) -> None:
    """Any byte of a unit, also those of a gzip header that no checksum covers."""
    capture = store.add(exchange(), ASKED)
    record = find_record(connection, capture.id)
    assert record is not None
    path = tmp_path / "warc" / record.warc
    content = bytearray(path.read_bytes())
    content[place if place < 0 else record.offset + place] ^= 1
    path.write_bytes(content)
    with pytest.raises(RecordDamaged, match=r"dhs_pia-2018-01-26-00000\.warc\.gz at byte \d+: .*backup"):
        store.read(capture.id)


def test_a_damaged_original_is_not_referred_to(store: CaptureStore, tmp_path: Path) -> None:
    store.add(exchange(b"x" * 100), ASKED)
    path = next((tmp_path / "warc").iterdir())
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    again = store.add(exchange(b"x" * 100, second=1), ASKED)
    assert store.payload(again.id) == b"x" * 100


NAUGHTY = "https://a/\r\nWARC-Injected: yes\r\n\r\nWARC/1.1\x00\x1b[31m\u2028\ud800\u202e" + "é" * 100_000


def test_no_line_break_in_any_header(store: CaptureStore, tmp_path: Path) -> None:
    """PT-03: whatever stands in an address, a name or an argument, it makes no header of its own."""
    asked = Asked(NAUGHTY[:200], "run\r\n../x", NAUGHTY[:200], {NAUGHTY[:50]: NAUGHTY[:50]})
    capture = store.add(exchange(url=NAUGHTY, method="GET\r\nX: y", ip_address="1\r\nX: y", file_name=NAUGHTY), asked)
    assert store.read(capture.id).body == b"hello"
    names: set[str] = set()
    path = next((tmp_path / "warc").iterdir())
    with path.open("rb") as file:
        for record in ArchiveIterator(file):
            names |= {name for name, _ in record.rec_headers.headers}
            record.content_stream().read()
    assert names <= {
        "WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Filename", "Content-Type", "WARC-Block-Digest",
        "Content-Length", "WARC-Target-URI", "WARC-Concurrent-To", "WARC-Payload-Digest",
    }  # fmt: skip
    assert path.name.startswith("run-")
    figure("PT-03", bytes_of_one_value=len(NAUGHTY), headers=len(names), injected=0)
    warcio_check(tmp_path / "warc")


def test_a_later_process_goes_on_in_the_same_file(
    tmp_path: Path, store: CaptureStore, connection: sqlite3.Connection
) -> None:
    store.add(exchange(), ASKED)
    store.close()
    later = CaptureStore.open(tmp_path, connection)
    assert later.recovered == ()
    later.add(exchange(second=1), ASKED)
    assert [path.name for path in (tmp_path / "warc").iterdir()] == ["dhs_pia-2018-01-26-00000.warc.gz"]
    warcio_check(tmp_path / "warc")


def test_a_full_segment_is_followed_by_another(
    tmp_path: Path, store: CaptureStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.store.store.SEGMENT_BYTES", 3000)
    captures = [store.add(exchange(b"%d" % second, second=second), ASKED) for second in range(5)]
    assert len(list((tmp_path / "warc").iterdir())) > 1
    assert [store.payload(capture.id) for capture in captures] == [b"%d" % second for second in range(5)]
    warcio_check(tmp_path / "warc")


HEADERS = st.sampled_from([
    b"Content-Type: text/html\r\n", b"Transfer-Encoding: chunked\r\n", b"Content-Encoding: gzip\r\n", b" folded\r\n",
    b"bare line\r\n", b"Length: 5\n", b"\tx\r\n", b": empty\r\n", b"X: \x00\xff\r\n", b"\x0c\r\n", b"\x85: a\r\n",
])  # fmt: skip
STARTS = st.sampled_from(
    [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200\r\n", b"", b"ICY 200 OK\r\n", b"\r\n"]
)


@given(
    STARTS, st.lists(HEADERS, max_size=4), st.sampled_from([b"\r\n", b"\n", b""]), st.binary(max_size=40), st.booleans()
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answer_is_kept_and_passes_warcio_check(
    tmp_path_factory: pytest.TempPathFactory, start: bytes, headers: list[bytes], end: bytes, body: bytes, empty: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    raw = b"" if empty else start + b"".join(headers) + end + body
    connection = open_catalogue(folder / "archive.db")
    store = CaptureStore.open(folder, connection)
    captures = [store.add(exchange(response=raw, second=second, truncated="disconnect"), ASKED) for second in range(2)]
    bodies: list[Capture | bytes] = [store.payload(capture.id) for capture in captures]
    assert bodies[0] == bodies[1]
    connection.close()
    for path in (folder / "warc").glob("*.warc.gz"):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests=True):
                record.content_stream().read()
                assert record.digest_checker.passed is not False, (raw, record.digest_checker.problems)


def test_every_capture_can_be_read_out_of_the_files(
    tmp_path: Path, store: CaptureStore, connection: sqlite3.Connection
) -> None:
    for run in ("one", "two"):
        for second in range(3):
            store.add(exchange(b"same", second=second, url=f"https://x/{run}"), Asked("s", run))
    ids = [row[0] for row in connection.execute("SELECT capture FROM records ORDER BY warc, offset")]
    rows = [(find_capture(connection, one), find_record(connection, one)) for one in ids]
    assert list(iter_captures(tmp_path / "warc")) == rows


def test_what_is_wrong_with_a_file_is_named_and_the_rest_read_out(tmp_path: Path, store: CaptureStore) -> None:
    starts = []
    for second in range(3):
        store.add(exchange(b"%d" % second, second=second), ASKED)
        starts.append(next((tmp_path / "warc").iterdir()).stat().st_size)
    path = next((tmp_path / "warc").iterdir())
    content = bytearray(path.read_bytes())
    content[starts[0] + 300] ^= 1
    path.write_bytes(content)
    (tmp_path / "warc" / "theirs.warc.gz").write_bytes(gzip.compress(b"WARC/1.0\r\n\r\n"))
    found = list(iter_captures(tmp_path / "warc"))
    assert [one.outcome if isinstance(one, Finding) else one[1].offset > 0 for one in found] == [
        True, "record-altered", True, "file-unknown",
    ]  # fmt: skip
