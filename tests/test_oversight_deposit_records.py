"""Files of records that a person downloaded are read by the source that knows such files, as if it had fetched them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spiders._sam_fields import CSV_LAYOUT
from tests.demo_archive import differences, dump, oversight, rows
from tests.test_sources import SOURCES

FEED = SOURCES / "fbo_notices" / "feed" / "body.txt"
PAGE = SOURCES / "fbo_notices" / "notice" / "body.html"
NUMBER = "HSCECR-14-Q-00006"


def deposit(archive: Path, *files: Path) -> dict[str, Any]:
    done = oversight("deposit", *files, "--json", "--archive", archive)
    assert "Traceback" not in done.stderr, done.stderr
    return dict(json.loads(done.stdout))


def table(path: Path, said: Mapping[str, str]) -> Path:
    columns = [*CSV_LAYOUT.fields, *CSV_LAYOUT.out_of_scope]
    path.write_text(f"{','.join(columns)}\n{','.join(said.get(name, '') for name in columns)}\n", "utf-8")
    return path


def test_a_file_that_was_handed_in_is_read_by_its_source(tmp_path: Path) -> None:
    feed = tmp_path / "FBOFeed20140212"
    feed.write_bytes(FEED.read_bytes())
    later = table(
        tmp_path / "ContractOpportunitiesFullCSV.csv",
        {"NoticeId": "ab" * 16, "Title": "Plates", "Sol#": NUMBER, "CGAC": "070", "Type": "Presolicitation",
         "BaseType": "Presolicitation", "PostedDate": "2014-03-01 10:00:00.000-05"},
    )  # fmt: skip
    archive = tmp_path / "archive"
    report = deposit(archive, later, feed, PAGE)
    assert {Path(one["file"]).name: (one["outcome"], one["detail"]) for one in report["files"]} == {
        feed.name: ("document", "5 records for fbo_notices, 1 out of scope"),
        later.name: ("document", "1 record for sam_notices"),
        PAGE.name: ("document", "1 record for fbo_notices"),
    }
    notices = rows(
        archive,
        "SELECT v.ordinal, n.type, n.title FROM notices n JOIN versions v ON v.id = n.version"
        " WHERE n.document = 'notice-hscecr-14-q-00006' ORDER BY v.ordinal",
    )
    assert [tuple(row) for row in notices] == [
        (1, "Presolicitation", "National License Plate Recognition Database"),
        (2, "Modification", "National License Plate Recognition Database"),
        (3, "Presolicitation", "Plates"),
    ], "a notice's life at FedBizOpps and at SAM.gov is one, in the order in which it was posted"
    assert [tuple(row) for row in rows(archive, "SELECT DISTINCT source FROM documents ORDER BY 1")] == [
        ("fbo_notices",)
    ], "the oldest version says where a notice is from"
    before = dump(archive)
    assert oversight("rebuild", "--archive", archive).returncode == 0
    assert differences(before, dump(archive)) == {}
    again = deposit(archive, feed)
    assert [one["outcome"] for one in again["files"]] == ["already-held"]


def test_a_file_that_nobody_knows_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "FBOFeed20140212"
    path.write_text("a,b\n1,2\n", "utf-8")
    report = deposit(tmp_path / "archive", path)
    assert [one["outcome"] for one in report["files"]] == ["unsupported-type"]
