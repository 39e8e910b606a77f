"""Files of transactions: every record is read or named, and no day is taken for a month."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import TextResponse

from archive.dates import parse_date
from pipelines.items import Award, Problem
from spiders._usaspending_fields import FILES
from spiders._usaspending_records import read_file
from spiders.usaspending import Usaspending
from tests.conftest import ROOT

COLUMNS = [*FILES["award_id_piid"].fields, *FILES["award_id_piid"].out_of_scope]
DHS = {"awarding_agency_name": "DEPARTMENT OF HOMELAND SECURITY (DHS)", "recipient_name": "A RECIPIENT, INC."}


def file_of(*rows: dict[str, str]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ["award_id_piid", *(name for name in COLUMNS if name != "award_id_piid")])
    writer.writeheader()
    for number, row in enumerate(rows):
        writer.writerow({**DHS, "award_id_piid": f"70CDCR18P{number:08}", "modification_number": "0", **row})
    return out.getvalue().encode("utf-8", "surrogatepass")


def read(body: bytes) -> tuple[list[Award], Counter[str]]:
    said = list(Usaspending().parse_csv(TextResponse("https://files.usaspending.gov/x.csv", body=body)))
    problems = Counter(one.outcome for one in said if isinstance(one, Problem))
    return [one for one in said if isinstance(one, Award)], problems


def test_the_layouts_know_every_column_once() -> None:
    assert len(COLUMNS) == len(set(COLUMNS)) == 259
    since = FILES["contract_award_unique_key"]
    assert not set(since.fields) & set(since.out_of_scope)
    assert "highly_compensated_officer_1_name" in since.out_of_scope


def test_a_quotation_mark_that_is_never_closed_costs_one_record() -> None:
    body = file_of(*({"award_description": f"ITEM {number}"} for number in range(20)))
    broken = body.replace(b"ITEM 7,", b'"ITEM 7,')
    assert broken != body
    awards, problems = read(broken)
    assert len(awards) == 19
    assert problems == {"malformed-csv": 1}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=6))
def test_any_words_in_a_description_are_read_or_named(words: list[str]) -> None:
    awards, problems = read(file_of(*({"award_description": text} for text in words)))
    assert len(awards) + 20 * bool(problems) >= len(words)
    assert problems.keys() <= {"malformed-csv", "empty-listing"}
    assert bool(problems["empty-listing"]) == (not words)


days = st.dates(dt.date(1990, 1, 1), dt.date(2060, 12, 31))


@given(st.lists(days, min_size=1, max_size=8), st.booleans(), st.sampled_from(["%d/%m/%Y", "%d/%m/%y 00:00", "both"]))
def test_no_day_is_taken_for_a_month(printed: list[dt.date], day_first: bool, style: str) -> None:
    """The file's dates are those that were printed, or none where the file doesn't say how it prints them."""
    styles = ["%d/%m/%Y", "%d/%m/%y 00:00"] if style == "both" else [style]
    styles = styles if day_first else [one.replace("%d/%m", "%m/%d") for one in styles]
    words = [day.strftime(styles[place % len(styles)]) for place, day in enumerate(printed)]
    awards, _ = read(file_of(*({"action_date": one} for one in words)))
    found = [parse_date(award.record["action_date"]) for award in awards]
    if any(day.day > 12 for day in printed):
        assert [date.value if date else "" for date in found] == [day.isoformat() for day in printed]
    else:
        told = [day.isoformat() if day.day == day.month else "" for day in printed]
        assert [date.value if date else "" for date in found] == told, "nothing in the file tells"


def test_a_file_with_both_orders_gives_the_dates_that_can_only_be_one() -> None:
    awards, _ = read(
        file_of({"action_date": "15/05/2018"}, {"action_date": "05/15/2018"}, {"action_date": "05/06/2018"})
    )
    found = [parse_date(award.record["action_date"]) for award in awards]
    assert [date.value if date else "" for date in found] == ["2018-05-15", "2018-05-15", ""]


def test_dates_that_nobody_doubts_stay_as_printed() -> None:
    awards, _ = read(file_of({"action_date": "2018-05-15", "last_modified_date": "2018-05-18 12:49:00+00"}))
    assert (awards[0].record["action_date"], awards[0].record["modified"]) == ("2018-05-15", "2018-05-18 12:49:00+00")


def test_other_departments_are_counted() -> None:
    body = file_of({}, {"awarding_agency_name": "GENERAL SERVICES ADMINISTRATION"}, {"awarding_agency_name": ""})
    awards, problems = read(body)
    assert len(awards) == 1
    assert problems == {"out-of-scope": 1}
    ice = {"awarding_sub_agency_name": "U.S. IMMIGRATION AND CUSTOMS ENFORCEMENT"}
    source = Usaspending(agencies=["Department of Homeland Security / U.S. Immigration and Customs Enforcement"])
    found = list(read_file(file_of({}, ice), "x", source._is_wanted))
    assert [one.record.get("sub_agency") for one in found if isinstance(one, Award)] == list(ice.values())


def test_a_file_that_is_handed_in_is_known_by_its_columns() -> None:
    for name in ("file-day-first", "file-without-a-telling-day"):
        (body,) = (ROOT / "tests/sources/usaspending" / name).glob("body.*")
        assert Usaspending.reader_for("x.csv", body.read_bytes()) == "parse_csv"
    assert [Usaspending.reader_for("x.csv", body) for body in (b"", b"award_id_piid,a,b\n1,2,3\n", b"%PDF-1.4")] == [
        ""
    ] * 3
