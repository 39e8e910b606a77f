"""Memento (RFC 7089) by table, over the demo and over captures that a test made: TimeGate, TimeMap, bytes, refusals."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from datasette.plugins import pm

from archive.addresses import url_key
from archive.mementos.asking import Absent, Asked, look_up
from archive.mementos.instants import http
from archive.mementos.linking import Origins
from archive.mementos.timeline import exact_path, timeline
from archive.release.folder import Releases
from archive.release.tombstones import memento_name, tombstone
from archive.release.withholding import read_withheld
from archive.site import plugin
from archive.site.replay_app import ReplayApp
from archive.site.server import ArchiveDatasette, open_archive
from archive.store.journal import Journal
from tests.asking_the_site import get
from tests.captured import Was, add_captures, archive_of, unreleased_archive_of
from tests.demo_archive import DemoArchive, oversight
from tests.figures import figure
from tests.released import build

MAIN, APART = "https://archive.example", "https://captures.example"
URL = "https://www.dhs.gov/page"
NOON = "2018-01-{:02}T12:00:00Z"
PDF = b"%PDF-1.4 a file"


@dataclass(frozen=True)
class Both:
    """The archive's own site and the captures' own origin, as one process serves them."""

    site: ArchiveDatasette
    app: ReplayApp

    def main(self, path: str, **headers: str) -> Any:
        return get(self.site, path, headers=headers)

    def apart(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=APART) as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(ask())


def both_of(path: Path, monkeypatch: pytest.MonkeyPatch | None = None, **how: Any) -> Both:
    if not pm.is_registered(plugin):
        pm.register(plugin)
    if monkeypatch is not None:
        monkeypatch.setenv("ARCHIVE_ADDRESS", MAIN)
        monkeypatch.setenv("REPLAY_ADDRESS", APART)
    site = open_archive(path, **how)
    assert site.serving is not None
    return Both(site, ReplayApp(site.serving, Origins(MAIN, APART)))


CAPTURES = [
    Was(URL, NOON.format(1), b"<p>First</p>"),
    Was(URL, NOON.format(3), b"<p>Second</p>"),
    Was(URL, NOON.format(5), same=True),
    Was("http://dhs.gov/page/", NOON.format(7), b"<p>Second</p>"),
    Was(URL, NOON.format(9), b"gone", status=404, outcome="not-found"),
    Was(f"{URL}/moved", NOON.format(9), b"see there", status=302, headers=(("Location", "/page?a=1&b=%26"),)),
    Was(f"{URL}/away", NOON.format(9), status=302, headers=(("Location", "javascript:alert(1)"),)),
    Was(f"{URL}?a=1&b=%26", NOON.format(9), b"<p>Query</p>"),
    Was(f"{URL}/file.pdf", NOON.format(9), PDF, "application/pdf"),
    Was(f"{URL}/typeless", NOON.format(9), b"<script>1</script>", ""),
    Was(f"{URL}/kept", NOON.format(9), source="news"),
    Was(f"{URL}/once", NOON.format(9), b"one"),
    Was(f"{URL}/once", NOON.format(9), b"two"),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_of(tmp_path_factory.mktemp("made") / "archive", CAPTURES, {"news": "excerpt"})


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    """Give a copy that a test may harm."""
    return Path(shutil.copytree(made, tmp_path / "archive"))


@pytest.fixture(scope="module")
def both(made: Path) -> Iterator[Both]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield both_of(made, monkeypatch)


def links(answer: Any) -> dict[str, list[str]]:
    """Return the targets of a Link header (or of a TimeMap) by relation."""
    found: dict[str, list[str]] = {}
    text = answer.headers.get("link") or answer.text
    for target, rels in re.findall(r'<([^>]*)>; rel="([^"]*)"', text):
        for rel in rels.split():
            found.setdefault(rel, []).append(target)
    return found


def at(day: int, url: str = URL) -> str:
    return f"/web/201801{day:02}120000/{url}"


Check = Callable[[Both], bool]
GATE = f"/timegate/{URL}"


def gate(both: Both, when: str) -> str:
    """Return the path of the memento that the TimeGate leads to at an instant."""
    return str(both.main(GATE, **{"accept-datetime": http(when)}).headers["location"]).removeprefix(APART)


SPELLINGS = (URL, "http://dhs.gov/page", "https:/WWW.DHS.gov/page/", "dhs.gov/page?utm_source=x",
             "https%3A%2F%2Fwww.dhs.gov%2Fpage")  # fmt: skip
# Each row of RFC 7089 that this server has to do with, by the section that says so.
TABLE: list[tuple[str, Check]] = [
    ("4.1.1 TimeGate: 302", lambda both: both.main(GATE).status_code == 302),
    ("4.1.1 Vary: accept-datetime", lambda both: "accept-datetime" in both.main(GATE).headers["vary"].lower()),
    ("4.1.1 TimeGate has no Memento-Datetime", lambda both: "memento-datetime" not in both.main(GATE).headers),
    ("4.1.1 Link original", lambda both: links(both.main(GATE))["original"] == [URL]),
    ("4.1.1 Link timemap", lambda both: links(both.main(GATE))["timemap"][0] == f"{MAIN}/timemap/link/{URL}"),
    ("4.1 without Accept-Datetime the newest", lambda both: gate(both, NOON.format(30)) == at(9)
     and both.main(GATE).headers["location"] == APART + at(9)),
    ("4.1 before the first", lambda both: gate(both, "1970-01-01T00:00:00Z") == at(1)),
    ("4.1 after the last", lambda both: gate(both, "2300-01-01T00:00:00Z") == at(9)),
    ("4.1 the very instant", lambda both: gate(both, NOON.format(3)) == at(3)),
    ("4.1 the nearest", lambda both: gate(both, "2018-01-02T12:00:01Z") == at(3)),
    ("4.1 equally near: the earlier", lambda both: gate(both, NOON.format(2)) == at(1)),
    ("4.5.3 a bad date: 400", lambda both: both.main(GATE, **{"accept-datetime": "then"}).status_code == 400),
    ("4.5.3 and Vary all the same",
     lambda both: "accept-datetime" in both.main(GATE, **{"accept-datetime": "then"}).headers["vary"].lower()),
    ("2.2.4 first, prev, next, last", lambda both: {rel: [one.removeprefix(APART) for one in found]
     for rel, found in links(both.main(GATE, **{"accept-datetime": http(NOON.format(3))})).items()
     if rel in ("first", "prev", "next", "last")}
     == {"first": [at(1)], "prev": [at(1)], "next": [at(5)], "last": [at(9)]}),
    ("4.2 Memento: 200 and Memento-Datetime", lambda both: both.apart(at(3)).status_code == 200
     and both.apart(at(3)).headers["memento-datetime"] == "Wed, 03 Jan 2018 12:00:00 GMT"),
    ("4.2 Memento: Link original, timegate, timemap",
     lambda both: {"original", "timegate", "timemap"} <= links(both.apart(at(3))).keys()),
    ("4.2 Memento has no Vary on the date",
     lambda both: "accept-datetime" not in both.apart(at(3)).headers.get("vary", "")),
    ("4.5.4 a redirect as it was, to the capture of where it led",
     lambda both: (both.apart(at(9, f"{URL}/moved")).status_code, both.apart(at(9, f"{URL}/moved")).headers["location"],
                   "memento-datetime" in both.apart(at(9, f"{URL}/moved")).headers)
     == (302, at(9, f"{URL}?a=1&b=%26"), True)),
    ("4.5.4 a redirect to no address of the web leads nowhere",
     lambda both: "location" not in both.apart(at(9, f"{URL}/away")).headers),
    ("4.5.5 a 404 as it was", lambda both: (both.apart(at(9)).status_code, both.apart(at(9)).text,
                                            "memento-datetime" in both.apart(at(9)).headers) == (404, "gone", True)),
    ("4.5.6 not modified: the payload, at its own time", lambda both: (both.apart(at(5)).status_code,
     both.apart(at(5)).text, both.apart(at(5)).headers["memento-datetime"])
     == (200, "<p>First</p>", "Fri, 05 Jan 2018 12:00:00 GMT")),
    ("4.5.7 another instant: 302, no Memento-Datetime", lambda both: (both.apart(at(4)).status_code,
     both.apart(at(4)).headers["location"], "memento-datetime" in both.apart(at(4)).headers) == (302, at(3), False)),
    ("no instant: the newest", lambda both: both.apart(f"/web/{URL}").headers["location"] == at(9)),
    ("part of an instant: the nearest to its beginning", lambda both: both.apart(f"/web/2018/{URL}").headers["location"]
     == at(1)),
    ("on the archive's own origin: 302 to the captures'", lambda both: (both.main(at(3)).status_code,
     both.main(at(3)).headers["location"]) == (302, APART + at(3))),
    ("5 TimeMap in link-format", lambda both: both.main(f"/timemap/link/{URL}").headers["content-type"]
     == "application/link-format"),
    ("5 TimeMap: self, original, timegate, each memento", lambda both: {rel: len(found) for rel, found in
     links(both.main(f"/timemap/link/{URL}")).items()}
     == {"original": 1, "self": 1, "timegate": 1, "first": 1, "memento": 5, "last": 1}),
    ("5 TimeMap: from and until", lambda both: 'from="Mon, 01 Jan 2018 12:00:00 GMT"; until="Tue, 09 Jan'
     in both.main(f"/timemap/link/{URL}").text),
    ("5 TimeMap as JSON says the same", lambda both: [APART + at(day) for day in (1, 3, 5)] == [
        one["uri"] for one in both.main(f"/timemap/json/{URL}").json()["mementos"]["list"]][:3]),
    ("5 a page that isn't there: 404", lambda both: both.main(f"/timemap/link/2/{URL}").status_code == 404),
    ("other spellings are the same address", lambda both: len(
     {tuple(links(both.main(f"/timemap/link/{one}"))["memento"]) for one in SPELLINGS}) == 1),
    ("a memento keeps the spelling that was captured",
     lambda both: gate(both, NOON.format(7)) == "/web/20180107120000/http://dhs.gov/page/"),
    ("a query is the original's own", lambda both: (both.apart(at(9, f"{URL}?a=1&b=%26")).text,
     both.apart(at(9, f"{URL}?as_of=3&b=%26")).status_code) == ("<p>Query</p>", 404)),
    ("TimeGate of a query", lambda both: both.main(f"/timegate/{URL}?b=%26&a=1").headers["location"]
     == APART + at(9, f"{URL}?a=1&b=%26")),
    ("never captured: 404", lambda both: {both.main(f"/{route}/https://www.dhs.gov/no").status_code
     for route in ("web", "timegate", "timemap/link", "timemap/json", "captures")} == {404}),
    ("not shown: 403, with the original address", lambda both: {(both.main(f"/{route}/{URL}/kept").status_code,
     f'href="{URL}/kept"' in both.main(f"/{route}/{URL}/kept").text)
     for route in ("web", "timegate", "timemap/link", "captures")} == {(403, True)}
     and both.apart(at(9, f"{URL}/kept")).status_code == 403),
    ("no address: 404", lambda both: {both.main(f"/{route}/javascript:alert(1)").status_code
     for route in ("web", "timegate", "timemap/link", "captures", "web/20180101000000")} == {404}),
    ("HEAD says what GET does", lambda both: len({(answer.status_code, str(answer.headers))
     for answer in (both.apart(at(3), "HEAD"), both.apart(at(3)))}) == 1),
    ("only reading", lambda both: {both.apart(at(3), method).status_code for method in ("POST", "PUT", "DELETE")}
     == {405}),
]  # fmt: skip


def test_me_02_rfc_7089_by_table(both: Both) -> None:
    failed = [row for row, check in TABLE if not check(both)]
    figure("ME-02-table", rows=len(TABLE), passed=len(TABLE) - len(failed))
    assert failed == []


def test_two_captures_of_one_second_have_an_address_each(both: Both) -> None:
    url = f"{URL}/once"
    led = both.apart(at(9, url)).headers["location"]
    told = links(both.main(f"/timemap/link/{url}"))["memento"]
    assert len(told) == 2
    assert APART + led in told
    bodies = {both.apart(one.removeprefix(APART)).text for one in told}
    assert bodies == {"one", "two"}
    assert both.apart(at(9, url).replace("/web/", "/web/", 1).replace("120000/", "120000-00000000/")).status_code == 302


def test_a_file_is_to_be_saved_and_what_has_no_type_runs_nowhere(both: Both) -> None:
    file = both.apart(at(9, f"{URL}/file.pdf"))
    assert (file.content, file.headers["content-type"]) == (PDF, "application/pdf")
    assert file.headers["content-disposition"] == 'attachment; filename="file.pdf"'
    typeless = both.apart(at(9, f"{URL}/typeless"))
    assert typeless.headers["content-type"] == "application/octet-stream"
    assert "attachment" in typeless.headers["content-disposition"]


def test_parts_and_conditions(both: Both) -> None:
    path = at(9, f"{URL}/file.pdf")
    whole = both.apart(path)
    tag = whole.headers["etag"]
    cases: list[tuple[dict[str, str], int, bytes]] = [
        ({"range": "bytes=0-3"}, 206, PDF[:4]), ({"range": "bytes=5-"}, 206, PDF[5:]),
        ({"range": "bytes=-4"}, 206, PDF[-4:]), ({"range": "bytes=0-99999"}, 206, PDF),
        ({"range": "bytes=900-"}, 416, b""), ({"range": "bytes=3-1"}, 200, PDF), ({"range": "bytes=0-1,3-4"}, 200, PDF),
        ({"range": "pages=1-2"}, 200, PDF), ({"range": "bytes=0-3", "if-range": tag}, 206, PDF[:4]),
        ({"range": "bytes=0-3", "if-range": '"other"'}, 200, PDF), ({"if-none-match": tag}, 304, b""),
        ({"if-none-match": '"other"'}, 200, PDF), ({"if-none-match": f'W/"x", {tag}'}, 304, b""),
    ]  # fmt: skip
    for headers, status, body in cases:
        answer = both.apart(path, **headers)
        assert (answer.status_code, answer.content) == (status, body), headers
        assert "sandbox" in answer.headers["content-security-policy"], headers
    assert both.apart(path, range="bytes=0-3").headers["content-range"] == f"bytes 0-3/{len(PDF)}"


PATHS = ("/", "/robots.txt", "/nothing", "/web/", at(3), at(4), at(9), at(9, f"{URL}/file.pdf"), at(9, f"{URL}/kept"),
         at(9, f"{URL}/moved"), "/web/x", "//evil.example/", "/web//evil.example/",
         "/web/20180103120000/%0d%0aX:%20y")  # fmt: skip


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_xs_16_every_answer_on_the_captures_origin_has_its_safeguards(both: Both, method: str) -> None:
    for path in PATHS:
        answer = both.apart(path, method, cookie="ds_actor=1")
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("sandbox; default-src 'none'"), path
        assert "allow-" not in policy
        assert f"frame-ancestors {MAIN}" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        for name in ("set-cookie", "access-control-allow-origin", "service-worker-allowed", "oversight-release"):
            assert name not in answer.headers, (path, name)
    figure("XS-16-replay", addresses=len(PATHS), headers_missing=0)


FORGED = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "gopher",
          "forwarded": "host=evil.example", "referer": "https://evil.example/"}  # fmt: skip


def test_xs_15_no_address_comes_from_the_request(both: Both) -> None:
    asked = 0
    for path in (GATE, f"/timemap/link/{URL}", f"/timemap/json/{URL}", at(3), at(4), f"/captures/20180103120000/{URL}"):
        plain, forged = both.main(path), both.main(path, **FORGED)
        assert (forged.status_code, forged.text) == (plain.status_code, plain.text), path
        assert "evil" not in str(forged.headers)
        asked += 1
    for path in PATHS:
        plain, forged = both.apart(path), both.apart(path, **FORGED)
        assert (forged.status_code, forged.text, forged.headers) == (plain.status_code, plain.text, plain.headers), path
        location = forged.headers.get("location", "/")
        assert re.match(r"/(?![/\\])", location), (path, location)
        asked += 1
    figure("XS-15-replay", addresses=asked, foreign_locations=0, forged_hosts=0)


def test_without_addresses_in_the_settings_links_are_paths_and_the_archive_shows_captures_itself(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ARCHIVE_ADDRESS", "REPLAY_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    one = both_of(made)
    assert one.main(GATE).headers["location"] == at(9)
    shown = one.main(at(3))
    assert (shown.status_code, shown.text) == (200, "<p>Second</p>")
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'; img-src 'self'")
    assert shown.headers["x-frame-options"] == "SAMEORIGIN"
    # One origin named for both is none of their own.
    monkeypatch.setenv("ARCHIVE_ADDRESS", "https://archive.example/a")
    monkeypatch.setenv("REPLAY_ADDRESS", "https://ARCHIVE.example/b")
    assert both_of(made).main(at(3)).status_code == 200
    monkeypatch.setenv("REPLAY_ADDRESS", "https://captures.example/; script-src *")
    assert both_of(made).main(at(3)).status_code == 200


def test_the_page_around_a_capture_says_what_is_known_of_it(both: Both) -> None:
    page = both.main(f"/captures/20180103120000/{URL}")
    assert page.status_code == 200
    for said in (hashlib.sha256(b"<p>Second</p>").hexdigest(), URL, "2018-01-03 12:00 UTC", "Capture 2 of 5",
                 'sandbox=""', f'src="{APART}/web/20180103120000-', f"/timemap/link/{URL}"):  # fmt: skip
        assert said in page.text, said
    assert f"frame-src {APART}/web/" in page.headers["content-security-policy"]
    assert both.main(f"/captures/{URL}").headers["location"] == f"/captures/20180109120000/{URL}"
    assert "<iframe" not in both.main(f"/captures/20180109120000/{URL}/file.pdf").text
    moved = both.main(f"/captures/20180109120000/{URL}/moved").text
    assert f'href="/captures/20180109120000/{URL}?a=1&amp;b=%26"' in moved


def test_what_lies_there_is_served_exactly_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of harm: a byte, a row, a file that is gone, a catalogue that is gone; never other bytes."""
    monkeypatch.setattr("archive.mementos.stored_bytes.PAUSE", 0.0)
    one = both_of(path, monkeypatch)
    assert one.apart(at(3)).status_code == 200, "the control"
    catalogue = path / "archive.db"
    with closing(sqlite3.connect(catalogue)) as connection:
        ((warc, offset, length),) = connection.execute(
            "SELECT warc, offset, length FROM records JOIN captures ON id = capture WHERE captured_at = ?",
            (NOON.format(3),),
        ).fetchall()
    file = path / "warc" / warc
    whole = file.read_bytes()
    file.chmod(0o600)
    answers = []
    for place in range(offset, offset + length, 97):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        answers.append(one.apart(at(3)))
    file.write_bytes(whole[: offset + length // 2])
    answers.append(one.apart(at(3)))
    file.unlink()
    answers.append(one.apart(at(3)))
    for answer in answers:
        assert answer.status_code == 500
        assert answer.headers["oversight-outcome"] == "capture-damaged"
        assert "Second" not in answer.text
        assert str(path) not in answer.text
    file.write_bytes(whole)
    assert one.apart(at(3)).text == "<p>Second</p>"
    with closing(sqlite3.connect(catalogue)) as connection, connection:
        places = dict(connection.execute("SELECT captured_at, capture FROM records JOIN captures ON id = capture"))
        swapped = "UPDATE captures SET content_digest = 'ff', payload_digest = 'ff' WHERE id = ?"
        connection.execute(swapped, (places[NOON.format(3)],))
    assert one.apart(at(3)).status_code == 500
    for gone in (catalogue, path / "archive.db-wal"):
        gone.unlink(missing_ok=True)
    answer = one.apart(at(3))
    assert (answer.status_code, answer.headers["oversight-outcome"]) == (501, "capture-not-held-here")
    assert one.main(GATE).status_code == 302, "what is known of it is in the release"
    figure("ME-03-harm", harms=len(answers) + 2, other_bytes_served=0)


def test_bytes_that_agree_with_the_catalogue_and_not_with_the_release_are_not_served(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.mementos.stored_bytes.PAUSE", 0.0)
    other = path.parent / "other"
    archive_of(other, [replace(one, body=one.body + b" forged") if not one.same else one for one in CAPTURES])
    one = both_of(path, monkeypatch)
    with closing(sqlite3.connect(path / "archive.db")) as connection:
        before = dict(connection.execute("SELECT captured_at, id FROM captures").fetchall())
    shutil.rmtree(path / "warc")
    shutil.copytree(other / "warc", path / "warc")
    with closing(sqlite3.connect(other / "archive.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = off")
        forged = connection.execute("SELECT id FROM captures WHERE captured_at = ?", (NOON.format(3),)).fetchone()[0]
        connection.execute("UPDATE captures SET id = ? WHERE id = ?", (before[NOON.format(3)], forged))
        connection.execute("UPDATE records SET capture = ? WHERE capture = ?", (before[NOON.format(3)], forged))
    for name in ("archive.db", "archive.db-wal", "archive.db-shm"):
        (path / name).unlink(missing_ok=True)
    shutil.copy(other / "archive.db", path / "archive.db")
    answer = one.apart(at(3))
    assert answer.status_code == 500
    assert "forged" not in answer.text


def test_a_capture_that_unpacks_to_too_much_is_refused_by_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.mementos.stored_bytes.MOST", 4)
    answer = both_of(path, monkeypatch).apart(at(3))
    assert (answer.status_code, answer.headers["oversight-outcome"]) == (501, "capture-too-large")


def test_the_working_archive_shows_all_of_it_and_only_to_this_machine(made: Path) -> None:
    one = both_of(made, working=True)
    kept = at(9, f"{URL}/kept")
    assert one.apart(kept, host="127.0.0.1:8002").status_code == 200
    assert one.apart(kept, host="127.0.0.1:8002").headers["cross-origin-resource-policy"] == "same-origin"
    for headers in ({"host": "evil.example"}, {"host": "127.0.0.1", "x-forwarded-for": "10.0.0.1"}):
        assert one.apart(kept, **headers).status_code == 403


def test_before_the_first_release_captures_are_shown_to_this_machine_alone(tmp_path: Path) -> None:
    one = both_of(unreleased_archive_of(tmp_path / "archive", CAPTURES))
    assert one.apart(at(3), host="127.0.0.1:8002").status_code != 503, "the control"
    for headers in ({"host": "captures.example.org"}, {"host": "127.0.0.1", "x-forwarded-for": "203.0.113.9"}):
        answer = one.apart(at(3), **headers)
        assert (answer.status_code, answer.text) == (503, "Nothing is published here yet.\n")


def test_a_document_leads_to_its_captures(demo_made: DemoArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    one = both_of(demo_made.path, monkeypatch)
    told = one.main("/d/dhs-ice-pia-039a.json")
    captured = told.json()["captures"]
    assert captured
    assert links(told)["timegate"][0].startswith(f"{MAIN}/timegate/https://www.dhs.gov/")
    page = one.main("/d/dhs-ice-pia-039a")
    assert f'href="{captured[0]["address"]}"' in page.text
    assert one.main(captured[0]["address"]).status_code == 200
    article = next(row for row in one.main("/archive/documents.json?kind=article&_shape=array").json())
    assert "link" not in one.main(f"/d/{article['id']}").headers
    assert one.main(f"/d/{article['id']}.json").json()["captures"] == []


@pytest.mark.parametrize("erase", [(), ("--erase",)])
def test_wd_07_a_withdrawn_version_is_gone_from_a_running_site_at_once(
    demo_archive: Path, erase: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its captures answer 410 on both origins, and no other capture stands in for them."""
    one = both_of(demo_archive, monkeypatch)
    with closing(sqlite3.connect(demo_archive / "archive.db")) as catalogue:
        ((version, url, at_first),) = catalogue.execute(
            "SELECT v.id, c.url, c.captured_at FROM versions AS v JOIN captures AS c ON c.id = v.capture"
            " JOIN versions AS w ON w.document = v.document AND w.ordinal = 2 WHERE v.ordinal = 1"
            " AND c.media_type = 'application/pdf' AND c.original_url = '' ORDER BY v.id LIMIT 1"
        ).fetchall()
    path = f"/web/{re.sub('[^0-9]', '', at_first)}/{url}"
    assert one.apart(path).status_code == 200, "the control"
    done = oversight("--archive", demo_archive, "withdraw", version, *erase, "--reason", "By order of a court.")
    assert done.returncode == 0, done.stdout + done.stderr
    answer = one.apart(path)
    assert (answer.status_code, "By order of a court." in answer.text) == (410, True)
    assert one.main(path).status_code == 410
    assert one.main(path.replace("/web/", "/captures/")).status_code == 410
    assert path not in one.main(f"/timemap/link/{url}").text
    with closing(sqlite3.connect(demo_archive / "archive.db")) as catalogue:
        catalogue.row_factory = sqlite3.Row
        held = catalogue.execute("SELECT count(*) FROM captures WHERE url = ? AND captured_at = ?", (url, at_first))
        assert (held.fetchone()[0] == 0) == bool(erase), "of what is erased nothing held says that it was"
        following = read_withheld(catalogue, Journal(demo_archive).read(), "2026-11-30")
    name = memento_name(url_key(url), at_first)
    assert (tombstone("memento", name), 1) in following.tombstones, "the next release says it again"


def test_the_only_capture_of_an_address_is_gone_and_not_unknown_once_it_is_withdrawn(path: Path) -> None:
    """Where a version is withdrawn, its document's address isn't; no capture of it is left that would say so."""
    url, instant = f"{URL}/only", NOON.format(2)
    with closing(sqlite3.connect(path / "releases" / "1.db")) as release:
        release.row_factory = sqlite3.Row
        release.execute("INSERT INTO withdrawals VALUES (1, ?, 'Why.', 'version', 'file', '', NULL, NULL, '', 0)",
                        (NOON.format(3),))  # fmt: skip
        name = memento_name(url_key(url), instant)
        release.execute("INSERT INTO tombstones VALUES (?, 1)", (tombstone("memento", name),))
        found = [look_up(release, Asked(url, at, exact=True), whole=False)[1] for at in (instant, NOON.format(4))]
    assert [one.name for one in found if isinstance(one, Absent)] == ["withdrawn", "not-captured"]


def every_memento(path: Path) -> list[tuple[str, str]]:
    """Return the path by which each capture is named, and the digest that it must have."""
    release = Releases(path)
    with closing(release.open(max(release.numbers()))) as made:
        urls = {row[0] for row in made.execute("SELECT coalesce(nullif(original_url, ''), url) FROM captures JOIN"
                                               " mementos ON capture = id")}  # fmt: skip
        found = {one.capture: (exact_path(one, "web"), one.row["content_digest"])
                 for url in sorted(urls) for one in timeline(made, url, whole=False).mementos}  # fmt: skip
        assert len(found) == made.execute("SELECT count(*) FROM mementos").fetchone()[0]
    return list(found.values())


class Seen:
    """What each capture was answered with, over all fetches."""

    def __init__(self) -> None:
        self.answers: dict[str, set[tuple[str, str]]] = {}
        self.fetches = 0

    def fetch(self, path: Path, only: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
        """Fetch captures from a server that is started for it."""
        one = both_of(path, monkeypatch)

        async def ask_all() -> None:
            transport = httpx.ASGITransport(one.app)
            async with httpx.AsyncClient(transport=transport, base_url=APART) as client:
                for place, digest in only:
                    answer = await client.get(place)
                    assert answer.status_code < 500, (place, answer.text)
                    assert hashlib.sha256(answer.content).hexdigest() == digest, place
                    headers = json.dumps(sorted(answer.headers.items()))
                    self.answers.setdefault(place, set()).add((digest, headers))
                    self.fetches += 1

        asyncio.run(ask_all())

    @property
    def unstable(self) -> int:
        return sum(len(answers) > 1 for answers in self.answers.values())


def test_me_03_each_capture_is_the_same_each_time(
    demo_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over a restart, a rebuild of the catalogue and a further release; headers too. The whole of it: make soak."""
    seen, captures = Seen(), every_memento(demo_archive)
    seen.fetch(demo_archive, captures, monkeypatch)
    changed(demo_archive, 1)
    seen.fetch(demo_archive, captures, monkeypatch)
    moved = Path(shutil.copytree(demo_archive, tmp_path / "moved"))
    seen.fetch(moved, captures, monkeypatch)
    figure("ME-03", captures=len(captures), fetches=seen.fetches, with_more_than_one_hash=seen.unstable)
    assert len(captures) > 200
    assert seen.unstable == 0


@pytest.mark.soak
def test_me_03_thirty_nine_times(demo_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each capture 39 times: a server started anew each time, twelve releases, three rebuilds, three other places."""
    seen, captures, path = Seen(), every_memento(demo_archive), demo_archive
    for number in range(39):
        if number % 3 == 1:
            changed(path, number)
        if number % 12 == 6:
            assert oversight("--archive", path, "rebuild").returncode == 0
        if number % 13 == 8:
            path = Path(shutil.copytree(path, tmp_path / f"moved-{number}"))
        seen.fetch(path, captures, monkeypatch)
    figure("ME-03", captures=len(captures), fetches=seen.fetches, with_more_than_one_hash=seen.unstable)
    assert seen.fetches == 39 * len(captures)
    assert seen.unstable == 0


def changed(path: Path, number: int) -> None:
    """Go on with an archive: another capture comes in, and a release is built."""
    with closing(sqlite3.connect(path / "archive.db")) as connection:
        url = f"https://www.dhs.gov/later/{number}"
        (run,) = connection.execute("SELECT id FROM runs WHERE source = 'dhs_pia' LIMIT 1").fetchone()
        assert run
        add_captures(path, connection, [Was(url, f"2026-11-{number % 28 + 1:02}T10:00:00Z", b"later")])
    release = Releases(path)
    before = max(release.numbers())
    build(path, f"2026-12-{number % 28 + 1:02}T18:00:00Z")
    assert max(release.numbers()) > before
