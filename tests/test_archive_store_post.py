"""Requests that say what they want in their body: captured apart, replayed apart, and never taken for a page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scrapy import Request

from archive.catalog.opening import open_catalogue
from archive.model import Asked, Exchange
from archive.store.describe import capture_key
from archive.store.recording import Recording
from archive.store.store import CaptureStore
from archive.store.unit import iter_captures
from tests import wire_rig
from tests.scripted_server import ScriptedServer, answer

URL = "https://api.usaspending.gov/api/v2/transactions/"
NIGHT = "2018-01-26"


def posted(body: bytes, response: bytes = b"{}", **facts: object) -> Exchange:
    request = b"POST /api/v2/transactions/ HTTP/1.1\r\nHost: api.usaspending.gov\r\n\r\n" + body
    whole = Exchange(URL, f"{NIGHT}T15:00:00Z", request, answer(response), method="POST", status=200)
    return replace(whole, **facts)  # type: ignore[arg-type]


def asked(**arguments: object) -> Asked:
    return Asked("usaspending", "run", "parse_transactions", arguments)


def test_two_posts_with_one_answer_in_one_second_are_two_captures(tmp_path: Path) -> None:
    connection = open_catalogue(tmp_path / "archive.db")
    store = CaptureStore.open(tmp_path, connection)
    one, other = (store.add(posted(b"%d" % page), asked(page=page)) for page in (1, 2))
    assert one.id != other.id
    assert store.add(posted(b"1"), asked(page=1)) == one
    keys = {key for (key,) in connection.execute("SELECT url_key FROM captures")}
    assert len(keys) == 2
    assert all(key.startswith("api.usaspending.gov/api/v2/transactions POST ") for key in keys)
    connection.close()
    found = [capture for capture, _ in iter_captures(tmp_path / "warc")]  # type: ignore[misc]
    assert {capture.id for capture in found} == {one.id, other.id}, "ids hold when the index is made anew"


def test_a_get_goes_by_its_address_alone() -> None:
    assert capture_key(URL, "GET", "parse", {"page": 1}) == "api.usaspending.gov/api/v2/transactions"
    assert capture_key(URL, "POST", "parse", {"page": 1}) != capture_key(URL, "POST", "parse", {"page": 2})


def test_what_was_captured_is_replayed_by_its_body(tmp_path: Path) -> None:
    connection = open_catalogue(tmp_path / "archive.db")
    store = CaptureStore.open(tmp_path, connection)
    for page in (1, 2):
        store.add(posted(b'{"page":%d}' % page, b"answer %d" % page), asked(page=page))
    connection.close()
    (warc,) = (tmp_path / "warc").glob("*.warc.gz")
    recording = Recording(warc)
    for page in (2, 1):
        found = recording.exchange(NIGHT, "POST", URL, b'{"page":%d}' % page)
        assert found is not None
        assert found.method == "POST"
        assert found.response.endswith(b"answer %d" % page)
    assert recording.exchange(NIGHT, "POST", URL, b'{"page":3}') is None
    assert recording.exchange(NIGHT, "GET", URL) is None


def test_a_body_goes_over_the_wire_and_is_kept_as_it_went() -> None:
    with ScriptedServer({"/": answer(b"{}")}) as server:
        request = Request(
            f"{server.url}/", method="POST", body=b'{"a":1}', headers={"Content-Type": "application/json"}
        )
        fetched = wire_rig.fetch(request, ADDRESS_GUARD_ADMIT=server.host)
        (received,) = server.requests
    head, _, body = fetched.exchange.request.partition(b"\r\n\r\n")
    assert (fetched.exchange.method, body) == ("POST", b'{"a":1}')
    assert head.startswith(b"POST / HTTP/1.1\r\n")
    assert fetched.exchange.request == received
