"""The saved answers and the saved file of transactions parse whole: mapped, out of scope by name, or named."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from scrapy.http import Request, TextResponse

from archive.amounts import parse_amount
from archive.award_ids import AwardId, parse_award_id
from archive.dates import parse_date
from pipelines.items import Award, Index, Item, Problem
from pipelines.screening import screen
from spiders.usaspending import GROUPS, Usaspending
from tests.evidence import Captured, World, night

FIXTURES = "api/usaspending/orm-fixtures"
LPR = "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"


def said(body: bytes, callback: str, **arguments: object) -> tuple[list[Item], list[Request]]:
    read = getattr(Usaspending(agencies=()), callback)
    response = TextResponse("https://api.usaspending.gov/api/v2/x/", body=body)
    assert screen(200, "", response.body, read.accepted) is None
    yielded = list(read(response, **arguments))
    return [one for one in yielded if not isinstance(one, Request)], [
        one for one in yielded if isinstance(one, Request)
    ]


def problems(items: list[Item]) -> Counter[str]:
    return Counter(item.outcome for item in items if isinstance(item, Problem))


@pytest.mark.parametrize(
    ("name", "group", "rows", "twice"),
    [
        ("awards/search_results_contracts.json", "contracts", 5, 1),
        ("awards/search_results_idvs.json", "idvs", 3, 0),
        ("spending_by_award_contracts.json", "contracts", 2, 0),
    ],
)
def test_every_row_of_a_search_is_asked_for(corpus: Path, name: str, group: str, rows: int, twice: int) -> None:
    body = (corpus / FIXTURES / name).read_bytes()
    filters = {"award_type_codes": list(GROUPS[group])}
    items, asked = said(body, "parse_search", filters=filters, page=1, claimed=9, seen="")
    printed = json.loads(body)
    ids = [row["generated_internal_id"] for row in printed["results"]]
    (index,) = (item for item in items if isinstance(item, Index))
    assert index.rows == len(ids) == rows
    assert [request.url.rstrip("/").rpartition("/")[2] for request in asked[:-1]] == list(dict.fromkeys(ids))
    assert problems(items)["count-differs"] == twice == rows - len(set(ids))
    assert all(parse_award_id(award_id) for award_id in ids)
    follow = json.loads(asked[-1].body)
    assert follow["page"] == 2
    assert follow["last_record_unique_id"] == printed["page_metadata"]["last_record_unique_id"]
    assert follow["last_record_sort_value"] == printed["page_metadata"]["last_record_sort_value"]
    # The fixtures asked for more fields than the source does; each of them is named.
    assert problems(items).keys() - {"count-differs"} == {"unmapped-field"}
    unknown = {item.subject for item in items if isinstance(item, Problem) and item.outcome == "unmapped-field"}
    assert {"Start Date", "Awarding Agency", "NAICS"} <= unknown <= {key for row in printed["results"] for key in row}


@pytest.mark.parametrize("name", ["search_results_grants.json", "search_results_subawards.json"])
def test_what_is_no_contract_is_named(corpus: Path, name: str) -> None:
    body = (corpus / FIXTURES / "awards" / name).read_bytes()
    filters = {"award_type_codes": ["A"]}
    items, asked = said(body, "parse_search", filters=filters, page=1, claimed=3, seen="")
    assert problems(items)["missing-field"] == len(json.loads(body)["results"]) == 3
    assert not asked


@pytest.mark.parametrize("name", ["contract.json", "idv.json"])
def test_an_awards_own_answer(corpus: Path, name: str) -> None:
    body = (corpus / FIXTURES / "awards" / name).read_bytes()
    printed = json.loads(body, parse_float=str)
    items, (transactions,) = said(body, "parse_award")
    assert not problems(items)
    (award,) = items
    assert isinstance(award, Award)
    assert award.award_id == printed["generated_unique_award_id"]
    record = award.record
    assert record["piid"] == printed["piid"]
    assert "parent_piid" not in record
    assert record["total_obligated"] == printed["total_obligation"]
    assert record["potential_value"] == printed["base_and_all_options"]
    assert record["recipient"] == printed["recipient"]["recipient_name"]
    assert record["solicitation"] == printed["latest_transaction_contract_data"]["solicitation_identifier"]
    assert record["agency"] == printed["awarding_agency"]["toptier_agency"]["name"]
    assert record["signed"] == printed["date_signed"]
    assert all(parse_amount(record[name]) is not None for name in ("total_obligated", "potential_value"))
    assert json.loads(transactions.body)["award_id"] == award.award_id


def test_assistance_is_out_of_scope(corpus: Path) -> None:
    for name in ("grant.json", "loan.json"):
        items, asked = said((corpus / FIXTURES / "awards" / name).read_bytes(), "parse_award")
        assert problems(items) == {"out-of-scope": 1}
        assert not asked


def test_transactions(corpus: Path) -> None:
    body = (corpus / FIXTURES / "awards/transactions.json").read_bytes()
    items, (more,) = said(
        body, "parse_transactions", award_id="CONT_AWD_X_8000_-NONE-_-NONE-", facts={}, page=1, seen=0
    )
    assert not problems(items)
    awards = [item for item in items if isinstance(item, Award)]
    printed = json.loads(body, parse_float=str)["results"]
    assert [award.record["modification"] for award in awards] == ["P00065", "P00064", "P00063"]
    for award, row in zip(awards, printed, strict=True):
        assert award.record["obligated"] == row["federal_action_obligation"]
        assert award.record["action_type"] == row["action_type_description"]
        assert award.record["transaction"] == "0"
    assert json.loads(more.body)["page"] == 2


@pytest.fixture(scope="module")
def fy18(corpus: Path) -> tuple[list[dict[str, str]], list[Item]]:
    """Return the file of 2018 as the csv module reads it, and as the source does.

    It has no header: that is made of the data dictionary beside it.
    """
    folder = corpus / "api/usaspending/torn-apart-ice/data"
    with (folder / "follow_the_money_data_dictionary.csv").open(encoding="utf-8", newline="") as file:
        names = [name for _, name in csv.reader(file)]
    body = (folder / "districts/fy18.csv").read_bytes()
    rows = [dict(zip(names, row, strict=True)) for row in csv.reader(io.StringIO(body.decode(), newline=""))]
    items, asked = said(",".join(names).encode() + b"\n" + body, "parse_csv")
    assert len(names) == 259
    assert not asked
    return rows, items


def test_the_whole_file_is_read_and_every_column_is_known(fy18: tuple[list[dict[str, str]], list[Item]]) -> None:
    rows, items = fy18
    awards = [item for item in items if isinstance(item, Award)]
    assert len(rows) == len(awards) == 2203
    assert not problems(items)
    assert [award.record["piid"] for award in awards] == [row["award_id_piid"] for row in rows]
    printed = [Decimal(row["federal_action_obligation"]) for row in rows]
    read = [parse_amount(award.record["obligated"]) for award in awards]
    assert read == printed, "money holds to the cent"


def test_its_days_come_first(fy18: tuple[list[dict[str, str]], list[Item]]) -> None:
    rows, items = fy18
    awards = [item for item in items if isinstance(item, Award)]
    unclear = 0
    for row, award in zip(rows, awards, strict=True):
        day, month, year = row["action_date"].split("/")
        read = parse_date(award.record["action_date"])
        assert read is not None
        assert (read.value, read.precision) == (f"{year}-{month}-{day}", "day")
        unclear += int(day) <= 12 and day != month
        for name in ("starts", "ends", "ends_potentially", "modified"):
            assert name not in award.record or parse_date(award.record[name]) is not None
    assert unclear == 751, "dates that would have been read wrongly"


def test_no_contact_is_kept(fy18: tuple[list[dict[str, str]], list[Item]]) -> None:
    rows, items = fy18
    for row, award in zip(rows, (item for item in items if isinstance(item, Award)), strict=True):
        kept = list(award.record.values())
        assert not {row["recipient_phone_number"], row["recipient_fax_number"]} & ({*kept} - {""})


def test_the_award_of_the_plate_readers(fy18: tuple[list[dict[str, str]], list[Item]]) -> None:
    rows, items = fy18
    place = next(place for place, row in enumerate(rows, 1) if row["award_id_piid"] == "70CDCR18P00000017")
    (award,) = (item for item in items if isinstance(item, Award) and item.place == f"row {place}")
    assert place == 960
    record = dict(award.record)
    told: dict[str, Any] = {
        "piid": "70CDCR18P00000017", "modification": "P00004", "transaction": "0", "category": "AWARD",
        "recipient": "WEST PUBLISHING CORPORATION", "recipient_parent": "WEST PUBLISHING CORPORATION",
        "recipient_duns": "148508286", "obligated": "245000", "value": "2100000", "potential_value": "5848488",
        "action_value": "0", "action_potential_value": "0", "action_date": "2018-05-15",
        "starts": "2018-05-15 00:00", "ends": "2020-09-21 00:00", "ends_potentially": "2020-09-30 00:00",
        "modified": "2018-05-18 12:49", "action_code": "C", "action_type": "FUNDING ONLY ACTION",
        "solicitation": "70CDCR18Q00000005", "type": "PURCHASE ORDER", "pricing": "FIRM FIXED PRICE",
        "description": "IGF::CL::IGF ACCESS TO LICENSE PLATE READER DATABASE",
        "psc": "D317", "psc_name": "IT AND TELECOM- WEB-BASED SUBSCRIPTION", "naics": "519190",
        "naics_name": "ALL OTHER INFORMATION SERVICES", "offers": "1", "set_aside": "NO SET ASIDE USED.",
        "competition": "NOT COMPETED UNDER SAP, SIMPLIFIED ACQUISITION, SAP NON-COMPETITION",
        "agency": "DEPARTMENT OF HOMELAND SECURITY (DHS)", "agency_code": "70", "sub_agency_code": "7012",
        "sub_agency": "U.S. IMMIGRATION AND CUSTOMS ENFORCEMENT", "office_code": "70CDCR",
        "office": "DETENTION COMPLIANCE AND REMOVALS", "funding_agency": "DEPARTMENT OF HOMELAND SECURITY (DHS)",
        "funding_sub_agency": "U.S. IMMIGRATION AND CUSTOMS ENFORCEMENT",
        "funding_office": "ENFORCMNTREMOVL OPNS HQ COMPLIANCE",
        "place_of_performance": "WASHINGTON, DISTRICT OF COLUMBIA, 200246121, UNITED STATES",
        "recipient_location": "610 OPPERMAN DR, EAGAN, MINNESOTA, 551231340, UNITED STATES",
    }  # fmt: skip
    assert record == told
    assert AwardId(record["piid"], record["sub_agency_code"]).value == LPR


def test_the_whole_file_in_the_catalogue(fy18: tuple[list[dict[str, str]], list[Item]]) -> None:
    rows, items = fy18
    captured = Captured("https://files.usaspending.gov/fy18.csv", night(1), tuple(items), source="notices")
    world = World(captured).settle()
    (counted,) = world.connection.execute(
        "SELECT (SELECT count(*) FROM documents) AS documents, count(*) AS awards, sum(obligated_cents) AS cents,"
        " min(action_date) AS first, max(action_date) AS last, sum(change = 'adds scope') AS widened,"
        " sum(change = 'change order') AS orders, sum(award_id = '') AS nameless FROM awards"
    ).fetchall()
    cents = sum(Decimal(row["federal_action_obligation"]) for row in rows) * 100
    assert dict(counted) == {
        "documents": 2203, "awards": 2203, "cents": int(cents), "first": "2017-10-03", "last": "2018-06-30",
        "widened": 6, "orders": 43, "nameless": 0,
    }  # fmt: skip
    (award,) = world.connection.execute("SELECT * FROM awards WHERE document = 'contract-70cdcr18p00000017'")
    assert (award["award_id"], award["modification"], award["action_date"]) == (LPR, "P00004", "2018-05-15")
    assert (award["obligated"], award["obligated_cents"]) == ("245000.00", 24_500_000)
    named = world.connection.execute("SELECT outcome, count(*) FROM outcomes GROUP BY outcome").fetchall()
    assert [tuple(row) for row in named] == [("document", 1)]
    assert not list(world.connection.execute("PRAGMA foreign_key_check(awards)"))
