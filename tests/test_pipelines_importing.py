"""Recordings of others taken in: every record has an outcome, each answer its own time, and twice is once."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.folder import ArchiveFolder
from archive.model import Asked, Exchange
from archive.outcomes import OUTCOMES
from archive.store.fixity import check_store
from archive.store.record import record_bytes
from pipelines.importing import Imported, import_files
from pipelines.plan import project_settings
from pipelines.rebuild import rebuild
from pipelines.recorded import without_request_secrets
from samples.documents import PIA_039, file_at
from samples.library_pages import publication_page
from samples.publications import PUBLICATIONS
from tests.conftest import need
from tests.demo_archive import SAMPLE, DemoArchive, differences, dump, files_of, rows
from tests.figures import figure
from tests.scripted_server import ScriptedServer, answer
from tests.test_archive_store_wacz import package

PAGE = f"https://www.dhs.gov{PUBLICATIONS[0].path}"
AT = "2018-01-26T15:00:00Z"


def taken(archive: Path, *files: Path, by: str = "") -> list[Imported]:
    """Import files; hold that counts add up, that all is whole, and that a rebuild is equal."""
    opened = ArchiveFolder.open(archive)
    with closing(opened):
        done = import_files(opened, project_settings(archive), files, by)
        assert check_store(archive, opened.connection) == []
    for one in done:
        assert one.outcomes.keys() <= OUTCOMES.keys()
        assert one.records == one.outcomes.total() >= one.added
    assert not list(archive.glob(".unpacking-*"))
    before = dump(archive)
    rebuild(archive, project_settings(archive))
    assert differences(before, dump(archive)) == {}
    return done


def outcomes(archive: Path, *files: Path) -> list[dict[str, int]]:
    return [dict(one.outcomes) for one in taken(archive, *files)]


def http(body: bytes, media_type: str = "text/html", *more: str) -> bytes:
    return "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {media_type}", *more, "", ""]).encode() + body


def response(block: bytes, url: str = PAGE, date: str = AT, kind: str = "response", **more: str) -> bytes:
    named = [(name.replace("_", "-"), value) for name, value in more.items()]
    return record_bytes([("WARC-Type", kind), ("WARC-Target-URI", url), ("WARC-Date", date), *named], block)


def written(path: Path, *records: bytes) -> Path:
    path.write_bytes(b"".join(records))
    return path


def page() -> bytes:
    return publication_page(PUBLICATIONS[0], "2018-01-26")


def by_warcio(version: str, *, compressed: bool) -> bytes:
    """Return a file of two exchanges with their requests, as warcio writes it."""
    made = io.BytesIO()
    writer = WARCWriter(made, gzip=compressed, warc_version=version)
    writer.write_record(writer.create_warcinfo_record("made.warc", {"software": "other/1.0"}))
    pdf = file_at(PIA_039, "2018-01-26")
    for url, body, media_type in ((PAGE, page(), "text/html"), (PIA_039, pdf, "application/pdf")):
        head = StatusAndHeaders("200 OK", [("Content-Type", media_type)], protocol="HTTP/1.1")
        answered = _record(writer, url, "response", body, head)
        line = StatusAndHeaders("GET / HTTP/1.1", [("Host", "www.dhs.gov")], is_http_request=True)
        writer.write_request_response_pair(_record(writer, url, "request", b"", line), answered)
    return made.getvalue()


def _record(writer: WARCWriter, url: str, kind: str, body: bytes, head: StatusAndHeaders) -> Any:
    date = {"WARC-Date": AT}
    return writer.create_warc_record(url, kind, io.BytesIO(body), len(body), warc_headers_dict=date, http_headers=head)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.warc.gz", by_warcio("WARC/1.0", compressed=True)),
        ("a.warc.gz", by_warcio("WARC/1.1", compressed=True)),
        ("a.warc", by_warcio("WARC/1.0", compressed=False)),
        ("whole.warc.gz", gzip.compress(by_warcio("WARC/1.1", compressed=False))),
        ("a.wacz", package({"archive/data.warc.gz": by_warcio("WARC/1.1", compressed=True)})),
    ],
    ids=["1.0", "1.1", "plain", "one gzip", "wacz"],
)
def test_each_answer_keeps_its_time_and_where_it_is_from(tmp_path: Path, name: str, content: bytes) -> None:
    (done,) = taken(tmp_path / "archive", written(tmp_path / name, content), by="a colleague")
    assert done.outcomes == Counter({"no-answer-record": 3, "document": 2})
    held = rows(tmp_path / "archive", "SELECT source, read_by, captured_at, fidelity, provenance, run FROM captures")
    digest = hashlib.sha256(content).hexdigest()[:16]
    inside = f"{name}!archive/data.warc.gz" if name.endswith(".wacz") else name
    provenance = f"{inside}; sha256 {digest}; made with other/1.0; by a colleague"
    assert held == [("import", "dhs_pia", AT, "imported", provenance, f"import-{digest}")] * 2
    documents = dict(rows(tmp_path / "archive", "SELECT id, first_seen FROM documents WHERE source = 'dhs_pia'"))
    assert documents["dhs-ice-pia-039"] == AT
    assert len(documents) == 2


def test_twice_is_once(tmp_path: Path) -> None:
    file = written(tmp_path / "a.warc.gz", by_warcio("WARC/1.1", compressed=True))
    taken(tmp_path / "archive", file)
    before, kept = dump(tmp_path / "archive"), files_of(tmp_path / "archive", "warc", "journal")
    other = written(tmp_path / "other.warc", by_warcio("WARC/1.1", compressed=False))
    again = taken(tmp_path / "archive", file, file, other)
    assert [one.added for one in again] == [0, 0, 0]
    assert again[0].outcomes == {"no-answer-record": 3, "already-held": 2}
    assert differences(before, dump(tmp_path / "archive")) == {}
    assert {
        name: body for name, body in files_of(tmp_path / "archive", "warc", "journal").items() if "journal" in name
    } == {name: body for name, body in kept.items() if "journal" in name}


def test_a_site_that_wget_recorded(tmp_path: Path) -> None:
    wget = need("wget", "wget")
    pdf = file_at(PIA_039, "2018-01-26")
    scripts = {
        "/": answer(b'<html><title>A site</title><p><a href="/a.pdf">file</a> <a href="/gone">gone</a></p></html>',
                    Content_Type="text/html"),
        "/a.pdf": answer(pdf, Content_Type="application/pdf"),
        "/robots.txt": answer(b"User-agent: *\nAllow: /\n", Content_Type="text/plain"),
    }  # fmt: skip
    with ScriptedServer(scripts) as server:
        line = [wget, "-q", "-r", "--warc-file=site", "-e", "robots=on", f"{server.url}/"]
        subprocess.run(line, cwd=tmp_path, check=False, timeout=60)
    (done,) = taken(tmp_path / "archive", tmp_path / "site.warc.gz")
    assert done.records == len(list(_records(tmp_path / "site.warc.gz")))
    assert done.outcomes["document"] == 1
    assert done.outcomes["robots"] == 1
    assert done.outcomes["no-source"] == 2, "the front page and what is gone"
    ((provenance,),) = rows(tmp_path / "archive", "SELECT DISTINCT provenance FROM captures")
    assert "made with Wget/" in provenance
    assert rows(tmp_path / "archive", "SELECT id FROM documents") == [("dhs-ice-pia-039",)]


@pytest.mark.parametrize("refers", ["both", "digest"])
@pytest.mark.parametrize("first", [0, 1])
def test_a_revisit_finds_its_payload_in_another_file(tmp_path: Path, first: int, refers: str) -> None:
    body = page()
    digest = "sha1:" + base64.b32encode(hashlib.sha1(body).digest()).decode()
    told = {"WARC_Refers_To_Target_URI": PAGE, "WARC_Refers_To_Date": AT} if refers == "both" else {}
    revisit = response(http(b""), date="2018-02-08T15:00:00Z", kind="revisit", WARC_Payload_Digest=digest, **told)
    files = [
        written(tmp_path / "original.warc.gz", response(http(body), WARC_Payload_Digest=digest)),
        written(tmp_path / "revisit.warc.gz", revisit),
    ]
    archive = tmp_path / "archive"
    assert outcomes(archive, files[1]) == [{"payload-elsewhere": 1}]
    assert outcomes(archive, *(files if first == 0 else files[::-1])) == [{"document": 1}, {"document": 1}]
    assert rows(archive, "SELECT first_seen, last_seen, versions FROM documents WHERE source = 'dhs_pia'") == [
        (AT, "2018-02-08T15:00:00Z", 1)
    ]


def test_a_revisit_is_not_given_another_payload(tmp_path: Path) -> None:
    revisit = response(http(b""), date="2018-02-08T15:00:00Z", kind="revisit", WARC_Payload_Digest=f"sha1:{'A' * 32}",
                       WARC_Refers_To_Target_URI=PAGE, WARC_Refers_To_Date=AT)  # fmt: skip
    files = [written(tmp_path / "a.warc.gz", response(http(page()))), written(tmp_path / "b.warc.gz", revisit)]
    assert outcomes(tmp_path / "archive", *files) == [{"document": 1}, {"payload-elsewhere": 1}]


def test_our_own_files_are_what_they_were(demo_made: DemoArchive, tmp_path: Path) -> None:
    """The recordings of one archive, taken in by another, give the same documents and references."""
    files = sorted((demo_made.path / "warc").glob("*.warc.gz"))
    done = taken(tmp_path, *files)
    # Two sources may have the same robots.txt.
    taken_in = sum(one.added + one.outcomes["already-held"] for one in done)
    assert taken_in == rows(demo_made.path, "SELECT count(*) FROM captures")[0][0]
    tables = (
        "documents",
        "versions",
        "pages",
        "identifiers",
        "dates",
        "references",
        "addresses",
        "notices",
    )
    for table in tables:
        # What two sources captured at one instant is taken in once, from the one whose file comes first; so lists,
        # which are kept source by source, aren't compared.
        names = [name for (name,) in rows(tmp_path, "SELECT name FROM pragma_table_info(?)", table)]
        told = ", ".join(f'"{name}"' for name in names if name not in ("source", "collection", "capture"))
        theirs, ours = (rows(path, f'SELECT {told} FROM "{table}"') for path in (demo_made.path, tmp_path))
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs)), table


def test_sample_and_real_captures_stay_apart(demo_archive: Path, tmp_path: Path) -> None:
    real = written(tmp_path / "real.warc.gz", response(http(page())))
    assert outcomes(tmp_path / "archive", real, SAMPLE)[1] == {"sample-apart": 1}
    before = dump(demo_archive, ("runs", "outcomes", "sources"))
    assert outcomes(demo_archive, real) == [{"sample-apart": 1}]
    assert differences(before, dump(demo_archive, ("runs", "outcomes", "sources"))) == {}


def test_secrets_of_others_are_cut_out(tmp_path: Path) -> None:
    canary = "c4n4ry7890"
    url = f"{PAGE}?api_key={canary}"
    request = (
        f"GET {PUBLICATIONS[0].path}?api_key={canary}&a=b HTTP/1.1\r\nHost: www.dhs.gov\r\nCookie: s={canary}\r\n"
        f"authorization: Bearer {canary}\r\nAccept: */*\r\n\r\n"
    ).encode()
    file = written(
        tmp_path / "a.warc.gz",
        response(request, url, kind="request", WARC_Concurrent_To="<urn:uuid:1>"),
        response(http(page()), url, WARC_Record_ID="<urn:uuid:1>"),
    )
    taken(tmp_path / "archive", file)
    for name, body in files_of(tmp_path / "archive", "warc", "journal", "cache").items():
        unpacked = gzip.decompress(body) if name.endswith(".warc.gz") else body
        assert canary.encode() not in unpacked, name
        assert not name.endswith(".warc.gz") or b"Accept: */*" in unpacked
    assert canary not in repr(dump(tmp_path / "archive"))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_requests_of_any_bytes(noise: bytes) -> None:
    assert isinstance(without_request_secrets(noise), bytes)
    plain = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
    assert without_request_secrets(plain + noise) == plain + noise


@pytest.mark.parametrize(
    "date", ["2999-01-01T00:00:00Z", "2018-02-31T00:00:00Z", "2018-01-26T25:00:00Z", "0000-01-01T00:00:00Z"]
)
def test_instants_that_are_none_or_to_come(tmp_path: Path, date: str) -> None:
    file = written(tmp_path / "a.warc.gz", response(http(page()), date=date))
    assert outcomes(tmp_path / "archive", file) == [{"invalid-date": 1}]
    before = files_of(tmp_path / "archive", "journal")
    outcomes(tmp_path / "archive", file)
    assert files_of(tmp_path / "archive", "journal") == before


@pytest.mark.parametrize(
    "callback", ["parse_file", "request_for", "from_crawler", "_listing", "none", "parse_publication"]
)
def test_what_a_strange_file_says_of_its_reader_is_not_believed(tmp_path: Path, callback: str) -> None:
    """It claims to be an archive's like this one, and that a source of ours asked somebody else's host."""
    theirs = ArchiveFolder.open(tmp_path / "theirs")
    with closing(theirs):
        exchange = Exchange("https://evil.example/x", AT, b"", http(page()), status=200)
        theirs.store.add(exchange, Asked("dhs_pia", "forged", callback, {"also": 1}))
    (file,) = (tmp_path / "theirs" / "warc").iterdir()
    (done,) = taken(tmp_path / "archive", file)
    assert done.outcomes == {"no-answer-record": 2, "no-source": 1}
    assert rows(tmp_path / "archive", "SELECT source, callback FROM captures") == [("import", "")]


def test_what_is_no_recording(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "empty.warc").write_bytes(b"")
    (folder / "notes.warc").write_text("notes")
    (folder / "page.warc.gz").write_bytes(gzip.compress(b"<html>"))
    (folder / "zip.wacz").write_bytes(b"PK\x03\x04 and no more")
    (folder / "link.warc").symlink_to(folder / "notes.warc")
    done = taken(tmp_path / "archive", *sorted(folder.iterdir()))
    assert {Path(one.file).name: list(one.outcomes) for one in done} == {
        "empty.warc": ["not-a-recording"],
        "link.warc": ["not-a-file"],
        "notes.warc": ["not-a-recording"],
        "page.warc.gz": ["not-a-recording"],
        "zip.wacz": ["package-refused"],
    }
    assert rows(tmp_path / "archive", "SELECT count(*) FROM captures") == [(0,)]


def test_an_address_that_is_none_in_a_forged_file(tmp_path: Path) -> None:
    """An archive's own files may hold what has no web address; a source's callback for such is not believed."""
    theirs = ArchiveFolder.open(tmp_path / "theirs")
    with closing(theirs):
        for number, url in enumerate(("http://[::1", "urn:sha256:00", "javascript:x", "file:///robots.txt", "")):
            exchange = Exchange(url, AT, b"", b"%%PDF-1.4 %d" % number, kind="resource", fidelity="deposited")
            theirs.store.add(exchange, Asked("dhs_pia", "forged", "parse_file"))
    (file,) = (tmp_path / "theirs" / "warc").iterdir()
    (done,) = taken(tmp_path / "archive", file)
    assert done.outcomes["malformed-pdf"] == done.added == 5


def test_a_package_with_a_path_outside_leaves_nothing(tmp_path: Path) -> None:
    content = package({"archive/data.warc.gz": by_warcio("WARC/1.1", compressed=True), "../../evil.warc": b"x"})
    before = {path for path in tmp_path.rglob("*") if "archive" not in path.parts}
    assert outcomes(tmp_path / "archive", written(tmp_path / "a.wacz", content)) == [{"package-refused": 1}]
    assert {path for path in tmp_path.rglob("*") if tmp_path / "archive" not in (path, *path.parents)} == {
        *before, tmp_path / "a.wacz",
    }  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_is_named_and_the_rest_taken(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    content = bytearray(by_warcio("WARC/1.1", compressed=False))
    for place, byte in changes:
        content[place % len(content)] = byte
    taken(folder / "archive", written(folder / "a.warc", bytes(content)))


# What each file of other programs gives, in this order, into one archive: its records by outcome.
CORPUS = {
    "hello-world.warc": {"no-source": 1, "no-answer-record": 3, "not-web": 2},
    "hello-world.warc.gz": {"already-held": 1, "no-answer-record": 3, "not-web": 2},
    "20130729-heritrix-original.warc.gz": {"no-source": 1},
    "20130729-heritrix-revisit-with-http-headers.warc.gz": {"no-source": 1},
    "20141124-heritrix-server-not-modified.warc.gz": {"payload-elsewhere": 1},
    "20141129-heritrix-original.warc.gz": {"no-source": 1},
    "20141129-heritrix-revisit-with-http-headers-and-new-warc-headers.warc.gz": {"no-source": 1},
    "bad.arc": {"no-source": 1, "record-altered": 2},
    "example-bad-non-chunked.warc.gz": {"no-source": 1, "no-answer-record": 4, "record-altered": 1},
    "example-bad.warc.gz.bad": {"no-source": 2, "redirect": 1, "no-answer-record": 3},
    "example-digest.warc": {"no-answer-record": 4},
    "example-iana.org-chunked.warc": {"no-source": 1, "no-answer-record": 2},
    "example-resource.warc.gz": {"no-source": 1, "no-answer-record": 2},
    "example-space-in-target-uri.warc.gz": {"not-web": 1, "no-answer-record": 1},
    "example-space-in-url.arc": {"record-altered": 1, "no-answer-record": 1},
    "example-trunc.warc": {"record-altered": 2, "no-answer-record": 3},
    "example-wget-bad-target-uri.warc.gz": {"no-source": 1, "no-answer-record": 3, "not-web": 2},
    "example-wrong-chunks.warc.gz": {"record-altered": 2, "no-answer-record": 1},
    "example.arc": {"no-source": 1, "no-answer-record": 1},
    "example.arc.gz": {"already-held": 1, "no-answer-record": 1},
    "example.warc": {"no-source": 1, "already-held": 1, "no-answer-record": 4},
    "example.warc.gz": {"already-held": 2, "no-answer-record": 4},
    "post-test.warc.gz": {"no-source": 3, "no-answer-record": 3},
}
# Of these warcio reads as many records; it stops at damage, or doesn't tell it.
DAMAGED = {name for name, told in CORPUS.items() if "record-altered" in told}


def _records(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, arc2warc=True):
            yield str(record.rec_type)
            record.content_stream().read()


def test_other_programs_files(corpus: Path, tmp_path: Path) -> None:
    paths = [path for path in sorted((corpus / "warc").rglob("*")) if path.is_file() and path.suffix != ".cdx"]
    done = taken(tmp_path, *paths)
    assert {Path(one.file).name: dict(one.outcomes) for one in done} == CORPUS
    for path, one in zip(paths, done, strict=True):
        if path.name not in DAMAGED and not path.name.endswith(".bad"):
            assert one.records == len(list(_records(path))), path.name
    figure("UM-04", files=len(paths), damaged=len(DAMAGED), records=sum(one.records for one in done), without_a_name=0)
    again = taken(tmp_path, *paths)
    assert sum(one.added for one in again) == 0


def test_metadata_of_its_own_says_json(tmp_path: Path) -> None:
    """A metadata record that is no archive's of this kind is one beside an answer."""
    odd = response(
        json.dumps({"capture": {"url": 1}}).encode(), "urn:x", kind="metadata", Content_Type="application/json"
    )
    assert outcomes(tmp_path / "archive", written(tmp_path / "a.warc.gz", odd)) == [{"no-answer-record": 1}]


def test_killed_behind_its_last_capture_it_ends_the_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    file = written(tmp_path / "a.warc", response(http(b"<html><title>One</title><p>Words.</p></html>")))
    with monkeypatch.context() as patched, closing(ArchiveFolder.open(tmp_path / "archive")) as opened:
        patched.setattr("pipelines.importing._Importer._close", killed)
        with pytest.raises(Killed):
            import_files(opened, project_settings(tmp_path / "archive"), [file])
    assert outcomes(tmp_path / "archive", file) == [{"already-held": 1}], "it was all taken in"
    assert rows(tmp_path / "archive", "SELECT status, captures FROM runs") == [("finished", 1)]
