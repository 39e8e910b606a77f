"""The captured SAM.gov answers and CSV files of others parse completely: mapped, or out of scope by name."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import TextResponse

from archive.dates import parse_instant
from pipelines.items import Index, Item, Notice, Problem
from pipelines.screening import screen
from spiders._notices import leaves
from spiders.sam_notices import DEPARTMENT, SamNotices

API_FILES = ("sam_opps.json", "sam_individual_opp.json")
CSV_FILES = ("fullcsv-header/test-fixtures/gsa-sample.csv", "csv-2026-02-19/sam_opportunities_all_20260219_211331.csv")


@pytest.fixture(params=[DEPARTMENT, ()], ids=["in scope only", "of all departments"])
def agencies(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Read once as the source does by itself, for DHS alone, and once so that each record shows."""
    return tuple(request.param)


def said(path: Path, callback: str, agencies: tuple[str, ...], **arguments: str) -> list[Item]:
    source = SamNotices(agencies=agencies)
    read = getattr(source, callback)
    response = TextResponse("https://sam.gov/", body=path.read_bytes())
    assert screen(200, "", response.body, read.accepted) is None
    return [one for one in read(response, **arguments) if isinstance(one, Index | Notice | Problem)]


def problems(items: list[Item]) -> Counter[str]:
    return Counter(item.outcome for item in items if isinstance(item, Problem))


@pytest.mark.parametrize("name", API_FILES)
def test_api_answers(corpus: Path, name: str, agencies: tuple[str, ...]) -> None:
    path = corpus / "api/sam/makegov" / name
    items = said(path, "parse_search", agencies, since="2023-01-11", until="2024-01-10")
    (printed,) = json.loads(path.read_text("utf-8"))["opportunitiesData"]
    if agencies:
        assert problems(items) == {"out-of-scope": 1}
        return
    assert not problems(items)
    (notice,) = (item for item in items if isinstance(item, Notice))
    assert notice.notice_id == printed["noticeId"]
    assert len(notice.attachments) == len(printed["resourceLinks"])
    assert not any("?" in url for url in notice.attachments)
    assert_all_values_kept(notice, printed)


def assert_all_values_kept(notice: Notice, printed: dict[str, Any]) -> None:
    """Check field by field, without the source's own tables, that no value is lost but those left out by name."""
    left_out = {
        "noticeId",
        "fullParentPathName",
        "pointOfContact",
        "officeAddress",
        "organizationType",
        "links",
        "resourceLinks",
    }
    kept = "\n".join(notice.record.values())
    for name, value in leaves({key: value for key, value in printed.items() if key not in left_out}):
        if isinstance(value, str) and not name.endswith(".code"):
            assert value.strip() in kept, name
    for contact in printed["pointOfContact"]:
        assert not any(value and value in kept for value in (contact["email"], contact["fullName"]))


def test_the_answer_of_the_sites_own_search(corpus: Path, agencies: tuple[str, ...]) -> None:
    path = corpus / "api/sam/makegov/sam_full_opps.json"
    printed = json.loads(path.read_text("utf-8"))["_embedded"]["results"]
    items = said(path, "parse_site_search", agencies)
    if agencies:
        assert problems(items) == {"out-of-scope": 1}
        return
    assert not problems(items), "nothing is unmapped"
    notices = [item for item in items if isinstance(item, Notice)]
    assert [notice.notice_id for notice in notices] == [one["_id"] for one in printed]
    for notice, one in zip(notices, printed, strict=True):
        above = [level["name"] for level in one["organizationHierarchy"]]
        assert [notice.record[name] for name in ("department", "sub_tier", "office")] == above
        assert notice.record["type"] == one["type"]["value"]
        assert parse_instant(notice.record["response_due"]) == one["responseDate"].replace("+00:00", "Z")
        assert not any("@" in value for value in notice.record.values())


@pytest.mark.parametrize("name", CSV_FILES)
def test_csv_files(corpus: Path, name: str, agencies: tuple[str, ...]) -> None:
    path = corpus / "api/sam" / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    items = said(path, "parse_csv", agencies)
    if agencies:
        # Neither file names a department in any row.
        assert [item.detail for item in items if isinstance(item, Problem)] == [f"counted {len(rows)} times"]
        return
    assert not problems(items)
    notices = [item for item in items if isinstance(item, Notice)]
    assert [notice.notice_id for notice in notices] == [
        (row.get("NoticeId") or row["notice_id"]).lower() for row in rows
    ]
    for notice, row in zip(notices, rows, strict=True):
        kept = ", ".join(notice.record.values())
        for column, value in row.items():
            assert value.strip() in kept or column in ("NoticeId", "notice_id"), column
