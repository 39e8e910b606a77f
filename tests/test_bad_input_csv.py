"""Files of CSV that are broken (HT-09): each record is read or rejected by name, and none is swallowed by another."""

from __future__ import annotations

import pytest
from scrapy.http import TextResponse

from pipelines.items import Award, Problem
from spiders.usaspending import Usaspending
from tests.figures import figure
from tests.test_sources_usaspending_files import file_of

COUNT = 40
GOOD = file_of(*({"award_description": f"ITEM {number}"} for number in range(COUNT)))
LINES = GOOD.split(b"\r\n")


def with_row(row: bytes) -> bytes:
    """Return the file with another row in place of the 20th."""
    return b"\r\n".join([*LINES[:20], row, *LINES[21:]])


# What the file is; how many records of it are read and how many rejected; None where all of it is refused by name.
FILES: dict[str, tuple[bytes, int, int | None]] = {
    "good": (GOOD, COUNT, 0),
    "a quotation mark that is never closed": (GOOD.replace(b"ITEM 7,", b'"ITEM 7,'), COUNT - 1, 1),
    "the last one never closed": (GOOD.replace(b"ITEM 39,", b'"ITEM 39,'), COUNT - 1, 1),
    "every one never closed": (GOOD.replace(b"ITEM ", b'"ITEM '), 0, COUNT),
    "NUL": (GOOD.replace(b"ITEM 7,", b"ITEM\0 7,"), COUNT, 0),
    "a field of 200,000": (GOOD.replace(b"ITEM 7,", b"I" * 200_000 + b","), COUNT, 0),
    "mixed line ends": (
        b"\n".join(LINES[:15]) + b"\r\n" + b"\r\n".join(LINES[15:30]) + b"\r" + b"\r".join(LINES[30:]), COUNT, 0,
    ),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, COUNT, 0),
    "UTF-16": (GOOD.decode().encode("utf-16"), 0, None),
    "semicolons": (GOOD.replace(b",", b";"), 0, None),
    "tabs": (GOOD.replace(b",", b"\t"), 0, None),
    "a row too short": (with_row(LINES[20][:40]), COUNT - 1, 1),
    "a row too long": (with_row(LINES[20] + b",more,and more"), COUNT - 1, 1),
    "ten thousand columns": (b"\r\n".join(line + b"," * 10_000 if line else line for line in LINES), COUNT, 0),
    "the header twice": (with_row(LINES[0] + b"\r\n" + LINES[20]), COUNT, 1),
    "a column renamed": (GOOD.replace(b"award_description", b"description_of_award"), COUNT, 0),
    "its key renamed": (GOOD.replace(b"award_id_piid", b"piid"), 0, None),
    "empty lines": (GOOD.replace(b"\r\n", b"\r\n\r\n"), COUNT, 0),
    "no end of line": (GOOD[:-2], COUNT, 0),
    "cut": (GOOD[:-30], COUNT - 1, 1),
}  # fmt: skip


def rejected(problems: list[Problem]) -> int | None:
    """Return how many records were rejected, None where the file was."""
    if any(one.outcome == "layout-changed" for one in problems):
        return None
    return sum(int(one.detail.partition(" ")[0]) for one in problems if one.outcome == "malformed-csv")


def told(body: bytes) -> tuple[list[Award], list[Problem]]:
    said = list(Usaspending().parse_csv(TextResponse("https://files.usaspending.gov/x.csv", body=body)))
    return [one for one in said if isinstance(one, Award)], [one for one in said if isinstance(one, Problem)]


def test_every_record_of_a_broken_file_is_read_or_rejected_by_name() -> None:
    swallowed = {}
    for name, (body, good, bad) in FILES.items():
        awards, problems = told(body)
        if (len(awards), rejected(problems)) != (good, bad):
            swallowed[name] = (len(awards), rejected(problems))
    figure("HT-09", files=len(FILES), records=COUNT * len(FILES), swallowed=len(swallowed))
    assert not swallowed


def test_columns_that_are_new_or_gone_are_named() -> None:
    _, problems = told(FILES["a column renamed"][0])
    assert {(one.outcome, one.subject) for one in problems} == {
        ("unmapped-field", "description_of_award"),
        ("missing-field", "award_description"),
    }


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_half_a_million_rows() -> None:
    """Half a million rows of a file, of which one in a thousand is broken; the file is read row by row."""
    count = 500_000
    row = LINES[1] + b"\r\n"
    body = LINES[0] + b"\r\n" + (row * 999 + row.replace(b"ITEM 0,", b'"ITEM 0,')) * (count // 1000)
    awards, problems = told(body)
    figure("HT-09", rows=count, read=len(awards), rejected=rejected(problems))
    assert len(awards) + (rejected(problems) or 0) == count
