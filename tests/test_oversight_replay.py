"""Other programs' WARC files under `oversight crawl --replay`: all is replayed that is whole, and the rest is named."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.demo_archive import SAMPLE, DemoArchive, oversight, rows

# warcio leaves its temporary files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")

NIGHT = "2018-01-26"
# Chunked, ARC, damaged; all of them are taken by `make corpus`.
SOME = ("example-iana.org-chunked.warc", "example.arc.gz", "example-bad-non-chunked.warc.gz")


def _records(compressed: bool) -> Iterator[bytes]:
    """Give the sample's answers of one night as another program writes them: warcio's records, none of ours."""
    with SAMPLE.open("rb") as file:
        for record in ArchiveIterator(file):
            when = record.rec_headers.get_header("WARC-Date")
            if record.rec_type != "response" or not when.startswith(NIGHT):
                continue
            out = BytesIO()
            writer = WARCWriter(out, gzip=compressed)
            writer.write_record(
                writer.create_warc_record(
                    record.rec_headers.get_header("WARC-Target-URI"),
                    "response",
                    payload=BytesIO(record.raw_stream.read()),
                    http_headers=StatusAndHeaders(
                        record.http_headers.statusline, record.http_headers.headers, protocol="HTTP/1.1"
                    ),
                    warc_headers_dict={"WARC-Date": when},
                )
            )
            yield out.getvalue()


def _versions(archive: Path) -> set[tuple[str, str]]:
    """Return each content under the names that lead to its document: of several addresses the first captured names it,
    and another program's file may hold a later one alone."""
    names = "SELECT id, id AS document FROM documents UNION SELECT alias, document FROM aliases WHERE version = ''"
    return set(rows(archive, f"SELECT named.id, digest FROM versions JOIN ({names}) AS named USING (document)"))


def _named(archive: Path) -> set[tuple[str, str]]:
    return set(rows(archive, "SELECT document, digest FROM versions"))


@pytest.mark.parametrize("compressed", [True, False])
def test_another_programs_file(demo_made: DemoArchive, tmp_path: Path, compressed: bool) -> None:
    recording = tmp_path / "foreign.warc.gz"
    recording.write_bytes(b"".join(_records(compressed)))
    done = oversight("crawl", "dhs_pia", "--replay", recording, "--json", "--archive", tmp_path / "theirs")
    assert done.returncode == 0, done.stderr
    told = [(run["night"], run["documents"]) for run in json.loads(done.stdout)["runs"]]
    assert told == rows(
        demo_made.path, "SELECT night, documents FROM runs WHERE source = 'dhs_pia' AND night = ?", NIGHT
    )
    assert _named(tmp_path / "theirs") <= _versions(demo_made.path)
    assert rows(tmp_path / "theirs", "SELECT key FROM about") == [], "it does not say that it is a sample"


def test_damage_is_named_and_the_rest_is_replayed(demo_made: DemoArchive, tmp_path: Path) -> None:
    records = list(_records(compressed=True))
    damaged = max(records, key=len)
    recording = tmp_path / "damaged.warc.gz"
    spoilt = damaged[:300] + bytes(64) + damaged[364:]
    recording.write_bytes(b"".join(record if record != damaged else spoilt for record in records))
    done = oversight("crawl", "dhs_pia", "--replay", recording, "--json", "--archive", tmp_path / "theirs")
    assert "Traceback" not in done.stderr
    assert done.returncode == 1, "a record that could not be read is a failure"
    counted = {one["outcome"]: one for one in json.loads(done.stdout)["outcomes"]}
    assert counted["record-altered"]["count"] == 1
    assert "damaged.warc.gz" in counted["record-altered"]["examples"][0]
    held = _named(tmp_path / "theirs")
    assert held
    assert held <= _versions(demo_made.path)


@pytest.mark.parametrize("body", [b"", gzip.compress(b"WARC/1.1\r\n", mtime=0)])
def test_what_is_no_recording(tmp_path: Path, body: bytes) -> None:
    recording = tmp_path / "nothing.warc.gz"
    recording.write_bytes(body)
    done = oversight("crawl", "news", "--replay", recording, "--archive", tmp_path / "archive")
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no exchange that can be replayed" in done.stderr
    assert "Traceback" not in done.stderr


def _runs_to_an_end(file: Path, archive: Path) -> None:
    done = oversight("crawl", "news", "--replay", file, "--json", "--archive", archive)
    assert "Traceback" not in done.stderr
    if done.returncode == 2:
        assert "holds no exchange that can be replayed" in done.stderr
        return
    report = json.loads(done.stdout)
    assert done.returncode == (1 if report["failures"] else 0)
    assert {run["status"] for run in report["runs"]} == {"finished"}
    failed = [one["outcome"] for one in report["outcomes"] if one["severity"] == "failure"]
    assert bool(report["failures"]) == bool(failed)


@pytest.mark.parametrize("name", SOME)
def test_some_real_files(corpus: Path, tmp_path: Path, name: str) -> None:
    _runs_to_an_end(corpus / "warc" / "warcio" / name, tmp_path)


@pytest.mark.corpus
def test_all_real_files(corpus: Path, tmp_path: Path) -> None:
    files = [file for file in sorted((corpus / "warc").rglob("*")) if file.is_file() and file.suffix != ".cdx"]
    assert len(files) == 23
    for file in files:
        _runs_to_an_end(file, tmp_path / file.name)
