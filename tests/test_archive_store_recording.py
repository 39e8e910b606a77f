"""Other programs' files and our own are replayed; what can't be is named."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.store.http import decoded, parse_message
from archive.store.record import record_bytes
from archive.store.recording import Recording
from archive.store.store import CaptureStore

URL = "https://www.dhs.gov/a"


def page(body: bytes, *headers: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 200 OK", *headers, b"", body))


def record(kind: str, block: bytes, url: str = URL, date: str = "2018-01-26T15:00:00Z", **headers: str) -> bytes:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    common = [("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-Date", date)]
    return record_bytes([*common, *named], block)


def recording(tmp_path: Path, *records: bytes) -> Recording:
    path = tmp_path / "some.warc.gz"
    path.write_bytes(b"".join(records))
    return Recording(path)


def body_of(exchange: Exchange | None) -> bytes:
    assert exchange is not None
    return decoded(parse_message(exchange.response))[0]


def test_an_address_asked_again_gives_the_next_answer(tmp_path: Path) -> None:
    answers = [record("response", page(b"%d" % n), date=f"2018-01-26T15:00:0{n}Z") for n in (2, 1, 3)]
    made = recording(tmp_path, *answers)
    assert [body_of(made.exchange("2018-01-26", "GET", URL)) for _ in range(5)] == [b"1", b"2", b"3", b"3", b"3"]
    assert made.nights == ("2018-01-26",)
    assert made.problems == ()


def test_the_recorded_spelling_is_preferred_and_any_is_found(tmp_path: Path) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nLocation: https://www.dhs.gov/a\r\n\r\n"
    made = recording(tmp_path, record("response", moved, url="http://www.dhs.gov/a"), record("response", page(b"here")))
    found = made.exchange("2018-01-26", "GET", URL)
    assert found is not None
    assert (found.status, found.fidelity) == (200, "recorded")
    other = made.exchange("2018-01-26", "GET", "http://www.dhs.gov/a")
    assert other is not None
    assert other.status == 301
    assert made.exchange("2018-01-26", "GET", "https://dhs.gov/a/") is not None
    assert made.exchange("2018-01-26", "HEAD", URL) is None
    assert made.exchange("2018-01-27", "GET", URL) is None
    assert made.exchange("2018-01-26", "GET", "https://www.dhs.gov/b") is None


def test_nights_are_apart(tmp_path: Path) -> None:
    made = recording(
        tmp_path,
        record("response", page(b"new"), date="2019-02-01T00:00:00Z"),
        record("response", page(b"old"), date="2018-01-26T23:59:59.5Z"),
    )
    assert made.nights == ("2018-01-26", "2019-02-01")
    assert body_of(made.exchange("2019-02-01", "GET", URL)) == b"new"
    old = made.exchange("2018-01-26", "GET", URL)
    assert old is not None
    assert old.captured_at == "2018-01-26T23:59:59Z"


@pytest.mark.parametrize(
    "refers",
    [
        {"WARC_Refers_To": "<urn:uuid:1>"},
        {"WARC_Refers_To_Target_URI": "https://www.dhs.gov/b", "WARC_Refers_To_Date": "2018-01-25T15:00:00Z"},
        {"WARC_Payload_Digest": "sha1:ABC"},
    ],
)
def test_a_revisit_gets_its_payload(tmp_path: Path, refers: dict[str, str]) -> None:
    facts = {"WARC_Record_ID": "<urn:uuid:1>", "WARC_Payload_Digest": "sha1:ABC"}
    first = record(
        "response",
        page(b"4\r\nbody\r\n0\r\n\r\n", b"Transfer-Encoding: chunked"),
        "https://www.dhs.gov/b",
        "2018-01-25T15:00:00Z",
        **facts,
    )
    made = recording(tmp_path, record("revisit", page(b"", b"X-Own: yes"), **refers), first)
    again = made.exchange("2018-01-26", "GET", URL)
    assert body_of(again) == b"body"
    assert again is not None
    assert b"X-Own: yes" in again.response


def test_a_revisit_without_its_payload_is_named(tmp_path: Path) -> None:
    made = recording(tmp_path, record("revisit", page(b""), WARC_Payload_Digest="sha1:ABC"))
    assert made.nights == ()
    assert [problem.outcome for problem in made.problems] == ["not-in-recording"]


def test_facts_of_its_own(tmp_path: Path) -> None:
    facts = {
        "sample": True,
        "notice": "Written for it.",
        "arguments": {"dhs_pia": {"listings": []}},
        "expect": {"a": 1},
    }
    about = record("metadata", json.dumps(facts).encode(), "urn:oversight:recording")
    made = recording(tmp_path, about, record("response", page(b"x")))
    assert (made.sample, made.notice) == (True, "Written for it.")
    assert made.arguments == {"dhs_pia": {"listings": []}}
    assert made.expect == {}
    exchange = made.exchange("2018-01-26", "GET", URL)
    assert exchange is not None
    assert exchange.sample
    assert len(made.digest) == 64


def test_our_own_files_replay_by_the_night_of_their_run(tmp_path: Path) -> None:
    connection = open_catalogue(tmp_path / "archive.db")
    store = CaptureStore.open(tmp_path, connection)
    for number, date in enumerate(("2018-01-26T23:59:00Z", "2018-01-27T00:10:00Z")):
        url = f"https://www.dhs.gov/{number}"
        exchange = Exchange(url, date, b"GET / HTTP/1.1\r\n\r\n", page(b"same"), status=200, sample=True)
        store.add(exchange, Asked("dhs_pia", "run", "parse", {"n": number}))
    connection.close()
    made = Recording(tmp_path / "warc" / "run-00000.warc.gz")
    assert made.nights == ("2018-01-26",)
    assert made.sample
    again = made.exchange("2018-01-26", "GET", "https://www.dhs.gov/1")
    assert body_of(again) == b"same"
    assert again is not None
    assert again.captured_at == "2018-01-27T00:10:00Z"
    assert again.request == b"GET / HTTP/1.1\r\n\r\n"
    assert made.problems == ()


def test_a_posted_body_is_part_of_the_question(tmp_path: Path) -> None:
    def posted(body: bytes, reply: bytes, number: int) -> bytes:
        mark = f"<urn:uuid:{number}>"
        request = record("request", b"POST /a HTTP/1.1\r\n\r\n" + body, WARC_Concurrent_To=mark)
        return record("response", page(reply), WARC_Record_ID=mark) + request

    made = recording(tmp_path, posted(b"a=1", b"one", 1), posted(b"a=2", b"two", 2))
    assert body_of(made.exchange("2018-01-26", "POST", URL, b"a=2")) == b"two"
    assert body_of(made.exchange("2018-01-26", "POST", URL, b"a=1")) == b"one"
    assert made.exchange("2018-01-26", "POST", URL, b"a=3") is None


def test_damage_is_passed_over(tmp_path: Path) -> None:
    broken = bytearray(record("response", page(b"broken"), "https://www.dhs.gov/b"))
    broken[len(broken) // 2] ^= 0x55
    made = recording(
        tmp_path, record("response", page(b"x")), bytes(broken), record("response", page(b"z"), URL + "/z")
    )
    assert body_of(made.exchange("2018-01-26", "GET", URL)) == b"x"
    assert body_of(made.exchange("2018-01-26", "GET", URL + "/z")) == b"z"
    assert [problem.outcome for problem in made.problems] == ["record-altered"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_uncompressed_and_in_one_member(tmp_path: Path, pack: type[bytes]) -> None:
    plain = b"".join(gzip.decompress(record("response", page(b"%d" % n), f"{URL}/{n}")) for n in range(3))
    made = recording(tmp_path, pack(plain))
    assert [body_of(made.exchange("2018-01-26", "GET", f"{URL}/{n}")) for n in range(3)] == [b"0", b"1", b"2"]


@given(
    st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=6), st.booleans()
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_make_it_fail(tmp_path: Path, noise: bytes, changes: list[tuple[int, int]], compressed: bool) -> None:
    content = record("response", page(b"x")) + record("revisit", page(b""), WARC_Refers_To="<a>") + noise
    if not compressed:
        content = gzip.decompress(record("response", page(b"x"))) * 2 + noise
    damaged = bytearray(content)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte
    made = recording(tmp_path, bytes(damaged))
    for night in made.nights:
        made.exchange(night, "GET", URL)


# What each file of other programs gives: how many exchanges replay, and the outcomes of what doesn't.
FILES = {
    "hello-world.warc": (1, []),
    "hello-world.warc.gz": (1, []),
    "20130729-heritrix-original.warc.gz": (1, []),
    "20130729-heritrix-revisit-with-http-headers.warc.gz": (0, ["not-in-recording"]),
    "20141124-heritrix-server-not-modified.warc.gz": (0, ["not-in-recording"]),
    "20141129-heritrix-original.warc.gz": (1, []),
    "20141129-heritrix-revisit-with-http-headers-and-new-warc-headers.warc.gz": (0, ["not-in-recording"]),
    "bad.arc": (1, ["record-altered", "record-altered"]),
    "example-bad-non-chunked.warc.gz": (1, ["record-altered"]),
    "example-bad.warc.gz.bad": (3, []),
    "example-digest.warc": (0, []),  # Holds requests alone.
    "example-iana.org-chunked.warc": (1, []),
    "example-resource.warc.gz": (1, []),
    "example-space-in-target-uri.warc.gz": (0, []),  # Holds a file: address alone.
    "example-space-in-url.arc": (0, ["record-altered"]),  # Its one record is cut off.
    "example-trunc.warc": (0, ["record-altered", "record-altered"]),
    "example-wget-bad-target-uri.warc.gz": (1, []),
    "example-wrong-chunks.warc.gz": (0, ["record-altered", "record-altered"]),
    "example.arc": (1, []),
    "example.arc.gz": (1, []),
    "example.warc": (2, []),
    "example.warc.gz": (2, []),
    "post-test.warc.gz": (3, []),
}  # fmt: skip


def test_other_programs_files(corpus: Path) -> None:
    paths = [path for path in sorted((corpus / "warc").rglob("*")) if path.is_file() and path.suffix != ".cdx"]
    given = {}
    for path in paths:
        made = Recording(path)
        count = sum(len(entries) for night in made._nights.values() for entries in night.values())
        given[path.name] = (count, [problem.outcome for problem in made.problems])
        for night, answers in made._nights.items():
            for (method, _), entries in answers.items():
                for entry in entries:
                    posted = b""
                    if method == "POST":
                        assert entry.request is not None
                        posted = made._exchange(entry, entry.url).request.partition(b"\r\n\r\n")[2]
                    assert body_of(made.exchange(night, method, entry.url, posted))
    assert given == FILES
