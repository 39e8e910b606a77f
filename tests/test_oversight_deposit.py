"""`oversight deposit`: files that a person has, each with a named outcome, none lost, none twice."""

from __future__ import annotations

import json
import os
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from archive.outcomes import severity
from samples.documents import PIA_039A, file_at
from tests.demo_archive import differences, dump, files_of, oversight, rows
from tests.hostile import pdf

# What each of twenty real files gives: its outcome, and how many pages.
SAMPLE = {
    "bench/icdar2013-us/competition-dataset-us/us-005.pdf": ("text", 1),
    "bench/icdar2013-us/competition-dataset-us/us-009.pdf": ("text", 1),
    "bench/icdar2013-us/competition-dataset-us/us-015.pdf": ("text", 4),
    "bench/icdar2013-us/competition-dataset-us/us-029.pdf": ("text", 3),
    "bench/icdar2013-us/competition-dataset-us/us-039.pdf": ("text", 3),
    "gov/dhs-directives/18-01-exception.pdf": ("text", 1),
    "gov/dhs-directives/bod-16-03.pdf": ("text", 2),
    "gov/fbo-attachments/IMDS_CDB_RFI_14-0004.pdf": ("text", 4),
    "gov/foia-ice-cbp/aclu-v-ice-2018/2_FOIA_Response_and_followup.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/032270.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/160721.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/225188.pdf": ("text", 1),
    "gov/govdocs1-error/error_set_1/427330.pdf": ("text", 2),
    "gov/govdocs1-error/error_set_1/436857.pdf": ("text", 2),
    "gov/govdocs1-error/error_set_1/503492.pdf": ("text", 1),
    "gov/gsa-rfq/RFI_artifacts/Industry_Day_-_Agenda.pdf": ("blank-page", 5),
    "gov/ice-misc/ice/eroFieldOffices.pdf": ("text", 2),
    "gov/ig-reports/amtrak/2006/ESFY06/report.pdf": ("text", 3),
    "gov/ig-reports/denali/2015/DCOIG-15-006-M/report.pdf": ("text", 2),
    "gov/ig-reports/denali/2015/DCOIG-15-011-M/report.pdf": ("text", 1),
}


def _deposit(archive: Path, *arguments: object) -> tuple[int, dict[str, Any]]:
    """Run a deposit; return its exit status and its report."""
    done = oversight("deposit", *arguments, "--json", "--archive", archive)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout)


def _every_page_is_there_or_named(archive: Path) -> None:
    """Hold that each version has all its pages, and that every page without text has a reason."""
    for wrong in (
        "versions WHERE (SELECT count(*) FROM pages WHERE version = versions.id) <> pages",
        "pages WHERE trim(text) = '' AND outcome = 'text'",
        "versions WHERE pages = 0 AND outcome IN ('text', '')",
        "versions JOIN captures ON captures.id = capture WHERE versions.outcome <> 'text'"
        " AND NOT EXISTS (SELECT 1 FROM outcomes WHERE capture = captures.id AND outcome = versions.outcome)",
        "pages JOIN versions ON version = versions.id WHERE versions.outcome = 'text' AND pages.outcome <> 'text'",
    ):
        assert rows(archive, f"SELECT * FROM {wrong}") == []


@pytest.mark.corpus  # what readers make of the same twenty is tested each time (test_pipelines_readers.py)
def test_twenty_real_files(corpus: Path, tmp_path: Path) -> None:
    files = [corpus / "pdf" / name for name in SAMPLE]
    status, report = _deposit(tmp_path, *files)
    assert status == 0, "pictures without letters are worth a note, not a failure"
    told = dict(rows(tmp_path, "SELECT captures.id, readings.outcome || ' ' || pages FROM captures"
                               " JOIN readings ON digest = content_digest"))  # fmt: skip
    found = {one["file"]: told[one["capture"]] for one in report["files"]}
    assert found == {str(corpus / "pdf" / name): f"{outcome} {pages}" for name, (outcome, pages) in SAMPLE.items()}
    assert Counter(outcome for outcome, _ in SAMPLE.values()) == report["outcomes"]
    _every_page_is_there_or_named(tmp_path)
    before = dump(tmp_path)
    assert oversight("rebuild", "--archive", tmp_path).returncode == 0
    assert differences(before, dump(tmp_path)) == {}


@pytest.mark.corpus
@pytest.mark.timeout(1800)
def test_all_real_files(corpus: Path, tmp_path: Path) -> None:
    files = sorted((corpus / "pdf").rglob("*.pdf"))
    assert len(files) == 106
    status, report = _deposit(tmp_path, "--recursive", corpus / "pdf")
    found = {one["file"]: one for one in report["files"]}
    assert {str(file) for file in files} <= found.keys()
    bad = [one for one in report["files"] if severity(one["outcome"]) == "failure"]
    assert status == bool(bad)
    assert all(one["detail"] for one in bad), "by name and reason"
    assert not {str(file) for file in files if found[str(file)]["outcome"] in ("unsupported-type", "unreadable-file")}
    held = rows(tmp_path, "SELECT count(DISTINCT digest) FROM readings WHERE reader LIKE 'pdf%'")
    assert held == [(len({file.read_bytes() for file in files}),)]
    _every_page_is_there_or_named(tmp_path)


def test_every_file_has_its_outcome(tmp_path: Path) -> None:
    folder, archive = tmp_path / "files", tmp_path / "archive"
    folder.mkdir()
    whole = file_at(PIA_039A, "2018-01-26")
    made = {
        "whole.pdf": (whole, "text"),
        "again.pdf": (whole, "already-held"),
        "empty.pdf": (b"", "empty-body"),
        "cut.pdf": (whole[:700], "malformed-pdf"),
        "locked.pdf": (pdf.encrypted(user=b"secret"), "encrypted"),
        "page.pdf": (b"<!DOCTYPE html><html><title>Not found</title></html>", "unsupported-type"),
        "notes.rtf": (rb"{\rtf1 notes}", "unsupported-type"),
    }
    for name, (body, _) in made.items():
        (folder / name).write_bytes(body)
    (folder / "link.pdf").symlink_to(folder / "whole.pdf")
    (folder / "sub").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.pdf")
    expected = {name: outcome for name, (_, outcome) in made.items()} | {
        "link.pdf": "not-a-file",
        "sub": "not-a-file",
        "pipe.pdf": "not-a-file",
    }
    # "again" comes before "whole" in a folder, in the order of names.
    expected |= {"whole.pdf": "already-held", "again.pdf": "text"}
    status, report = _deposit(archive, "-r", folder)
    assert {Path(one["file"]).name: one["outcome"] for one in report["files"]} == expected
    assert status == 1
    assert report["outcomes"] == Counter(expected.values())
    _every_page_is_there_or_named(archive)
    told = oversight("deposit", "-r", folder, "--archive", archive)
    assert "Traceback" not in told.stderr
    before, kept = dump(archive), files_of(archive, "warc")
    assert oversight("rebuild", "--archive", archive).returncode == 0
    assert differences(before, dump(archive)) == {}
    assert files_of(archive, "warc") == kept


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    address = tmp_path / "socket.pdf"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(address))
        status, report = _deposit(tmp_path / "archive", "/proc/self/mem", address, "/dev/null")
    assert [one["outcome"] for one in report["files"]] == ["unreadable-file", "not-a-file", "not-a-file"]
    assert report["files"][0]["detail"] == "Input/output error"
    assert status == 1


def test_the_same_file_twice(tmp_path: Path) -> None:
    file, other = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for path in (file, other):
        path.write_bytes(pdf.written(pdf.lines("Some words")))
    archive = tmp_path / "archive"
    assert _deposit(archive, file)[1]["outcomes"] == {"text": 1}
    before, kept = dump(archive), files_of(archive, "warc")
    status, report = _deposit(archive, file, other)
    assert (status, report["outcomes"]) == (0, {"already-held": 2})
    assert (differences(before, dump(archive)), files_of(archive, "warc")) == ({}, kept)


def test_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    folder = oversight("deposit", tmp_path / "folder", "--archive", tmp_path / "archive")
    assert folder.returncode == 2
    assert "--recursive" in folder.stderr
    two = oversight("deposit", __file__, __file__, "--url", "https://www.dhs.gov/a", "--archive", tmp_path / "archive")
    assert two.returncode == 2
    assert "one file" in two.stderr
    for url in ("file:///etc/passwd", "https://www.dhs.gov/a\r\nX-Injected: yes"):
        odd = oversight("deposit", __file__, "--url", url, "--archive", tmp_path / "archive")
        assert odd.returncode == 2, url
    assert not (tmp_path / "archive" / "archive.db").exists()


def test_with_its_address_it_joins_the_document_there(tmp_path: Path) -> None:
    body = pdf.written(pdf.lines("A file that bears no number"))
    first, second = tmp_path / "first.pdf", tmp_path / "second.pdf"
    first.write_bytes(body)
    second.write_bytes(pdf.written(pdf.lines("A file that bears no number, replaced in place")))
    for file in (first, second):
        status, _ = _deposit(tmp_path / "archive", file, "--url", "https://www.dhs.gov/files/report.pdf")
        assert status == 0
    ((document, versions),) = rows(tmp_path / "archive", "SELECT id, versions FROM documents")
    assert (document[:7], versions) == ("dhs-gov", 2)


def test_with_its_address_it_joins_what_was_crawled(demo_archive: Path, tmp_path: Path) -> None:
    before = dict(rows(demo_archive, "SELECT id, versions FROM documents"))
    file = tmp_path / "saved.pdf"
    file.write_bytes(file_at(PIA_039A, "2018-01-26") + b"\n% saved by hand\n")
    assert _deposit(demo_archive, file, "--url", PIA_039A)[0] == 0
    after = dict(rows(demo_archive, "SELECT id, versions FROM documents"))
    assert after == {**before, "dhs-ice-pia-039a": before["dhs-ice-pia-039a"] + 1}
    kept = dump(demo_archive)
    assert oversight("rebuild", "--archive", demo_archive).returncode == 0
    assert differences(kept, dump(demo_archive)) == {}
