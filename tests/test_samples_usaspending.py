"""The sample's contract through the whole program: requests by POST are captured and replayed, night by night."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from samples import usaspending
from samples.publications import NIGHTS
from samples.recording import write_recording
from tests.demo_archive import oversight, rows

CONTRACT = "contract-70cdcr18p00000017"
# The versions that each night adds: the award with its summary; a modification and a summary each; two; none.
ADDED = {"2018-01-10": 2, "2018-01-26": 2, "2018-02-08": 2, "2019-05-14": 3, "2021-07-24": 0}


def recording(path: Path) -> Path:
    nights = {night: list(usaspending.answers_on(night)) for night in NIGHTS}
    about: Mapping[str, object] = {"sample": True, "arguments": {"usaspending": usaspending.ARGUMENTS}}
    path.write_bytes(write_recording(about, nights))
    return path


def test_a_contract_and_its_modifications_night_by_night(tmp_path: Path) -> None:
    sample = recording(tmp_path / "sample.warc.gz")
    archive = tmp_path / "archive"
    done = oversight("crawl", "usaspending", "--replay", sample, "--json", "--archive", archive)
    assert done.returncode == 0, done.stderr
    runs = json.loads(done.stdout)["runs"]
    assert [(run["night"], run["documents"]) for run in runs] == [
        (night, 1 + len(usaspending.actions_on(night))) for night in NIGHTS
    ]
    first = dict(rows(archive, "SELECT substr(first_seen, 1, 10), count(*) FROM versions GROUP BY 1"))
    assert {night: first.get(night, 0) for night in NIGHTS} == ADDED
    assert rows(archive, "SELECT id, title, published FROM documents") == [
        (CONTRACT, "ACCESS TO LICENSE PLATE READER DATABASE", "2017-12-22")
    ]
    assert rows(archive, "SELECT sum(obligated_cents) FROM awards") == [(210_000_000,)]
    assert rows(archive, "SELECT modification FROM awards WHERE change <> ''") == [("P00002",)]
    assert rows(archive, "SELECT DISTINCT severity FROM outcomes") == [("ok",)]

    again = oversight("crawl", "usaspending", "--replay", sample, "--archive", archive)
    assert again.returncode == 0, again.stderr
    assert "Nothing was added" in again.stdout
