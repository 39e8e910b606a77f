"""USAspending.gov's answers as the sample tells them: one contract, found by a search, and all that was done to it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from samples.procurement import LPR, PIID, SOLICITATION
from samples.recording import Answer

API = "https://api.usaspending.gov/api/v2"
DHS = "Department of Homeland Security"
ICE = "U.S. Immigration and Customs Enforcement"
KEYWORDS = ["license plate reader"]
SINCE = "2017-10-01"
# What the source is told; `until` is the night.
ARGUMENTS: Mapping[str, object] = {"agencies": [DHS], "keywords": KEYWORDS, "since": SINCE}
CONTRACTS = ["A", "B", "C", "D"]
VEHICLES = ["IDV_A", "IDV_B", "IDV_B_A", "IDV_B_B", "IDV_B_C", "IDV_C", "IDV_D", "IDV_E"]
AWARD = f"CONT_AWD_{PIID}_7012_-NONE-_-NONE-"
FIELDS = ["Award ID", "Recipient Name", "Award Amount", "Description", "Last Modified Date", "generated_internal_id"]
WEST = "WEST PUBLISHING CORPORATION"
VALUE_WITH_OPTIONS = 5848488.0


@dataclass(frozen=True)
class Action:
    """What was done to the contract on a day."""

    modification: str
    day: str
    code: str | None
    reason: str | None
    obligated: float
    description: str = f"IGF::CL::IGF {LPR}"


# Up to 1,855,000 dollars by December 2017, and P00004 with its 245,000, follow the public record; what the three
# between them were for does not.
ACTIONS = (
    Action("0", "2017-12-22", None, None, 1855000.0),
    Action("P00001", "2018-01-19", "M", "OTHER ADMINISTRATIVE ACTION", 0.0),
    Action("P00002", "2018-02-05", "A", "ADDITIONAL WORK (NEW AGREEMENT, FAR PART 6 APPLIES)", 0.0),
    Action("P00003", "2018-03-20", "M", "OTHER ADMINISTRATIVE ACTION", 0.0),
    Action("P00004", "2018-05-15", "C", "FUNDING ONLY ACTION", 245000.0),
)  # fmt: skip


def actions_on(night: str) -> tuple[Action, ...]:
    """Return what had been done to the contract by a night."""
    return tuple(action for action in ACTIONS if action.day <= night)


def answers_on(night: str) -> Iterator[Answer]:
    """Give a night's exchanges: the count, the one page of the search, the contract, its actions."""
    done = actions_on(night)
    yield Answer("https://api.usaspending.gov/robots.txt", b"User-agent: *\nAllow: /\n", "text/plain")
    filters = {
        "agencies": [{"type": "awarding", "tier": "toptier", "name": DHS}],
        "time_period": [{"start_date": SINCE, "end_date": night, "date_type": "last_modified_date"}],
        "keywords": KEYWORDS,
    }
    counts = {"contracts": 1, "direct_payments": 0, "grants": 0, "idvs": 0, "loans": 0, "other": 0}
    yield _answer(
        f"{API}/search/spending_by_award_count/",
        {"results": counts, "spending_level": "awards", "messages": []},
        {"filters": {**filters, "award_type_codes": [*CONTRACTS, *VEHICLES]}},
    )
    search = {
        "filters": {**filters, "award_type_codes": CONTRACTS}, "fields": FIELDS, "limit": 100, "page": 1,
        "sort": "Award ID", "order": "asc", "subawards": False,
    }  # fmt: skip
    yield _answer(f"{API}/search/spending_by_award/", _found(done), search)
    yield _answer(f"{API}/awards/{AWARD}/", _summary(done), items=1)
    asked = {"award_id": AWARD, "limit": 5000, "page": 1, "sort": "action_date", "order": "asc"}
    yield _answer(f"{API}/transactions/", _transactions(done), asked, len(done))


def _answer(url: str, answer: object, asked: object = None, items: int = 0) -> Answer:
    body = json.dumps(asked, sort_keys=True, separators=(",", ":")).encode() if asked else b""
    return Answer(url, json.dumps(answer, indent=1).encode(), "application/json", items=items, asked=body)


def _found(done: tuple[Action, ...]) -> dict[str, object]:
    row = {
        "internal_id": 1, "Award ID": PIID, "Recipient Name": WEST, "Award Amount": _obligated(done),
        "Description": done[0].description, "Last Modified Date": done[-1].day, "generated_internal_id": AWARD,
        "awarding_agency_id": 1, "agency_slug": "department-of-homeland-security",
    }  # fmt: skip
    metadata = {"page": 1, "hasNext": False, "last_record_unique_id": 1, "last_record_sort_value": PIID}
    return {"spending_level": "awards", "limit": 100, "results": [row], "page_metadata": metadata, "messages": []}


def _obligated(done: tuple[Action, ...]) -> float:
    return sum(action.obligated for action in done)


def _summary(done: tuple[Action, ...]) -> dict[str, object]:
    """Return the contract under the keys of the API's own answers; officers of companies are left out of it."""
    return {
        "id": 1, "generated_unique_award_id": AWARD, "piid": PIID, "category": "contract", "type": "B",
        "type_description": "PURCHASE ORDER", "description": done[0].description,
        "total_obligation": _obligated(done), "subaward_count": 0, "total_subaward_amount": None,
        "date_signed": done[0].day, "base_exercised_options": _obligated(done),
        "base_and_all_options": VALUE_WITH_OPTIONS, "parent_award": None,
        "latest_transaction_contract_data": {
            "solicitation_identifier": SOLICITATION, "number_of_offers_received": "1",
            "extent_competed": "G", "extent_competed_description": "NOT COMPETED UNDER SAP",
            "solicitation_procedures": "SP1", "solicitation_procedures_description": "SIMPLIFIED ACQUISITION",
            "type_set_aside": "NONE", "type_set_aside_description": "NO SET ASIDE USED.",
            "product_or_service_code": "D317", "naics": "519190",
            "product_or_service_description": "IT AND TELECOM- WEB-BASED SUBSCRIPTION",
            "naics_description": "ALL OTHER INFORMATION SERVICES", "type_of_contract_pricing": "J",
            "type_of_contract_pricing_description": "FIRM FIXED PRICE",
        },
        "awarding_agency": _agency("DETENTION COMPLIANCE AND REMOVALS"),
        "funding_agency": _agency("ENFORCMNTREMOVL OPNS HQ COMPLIANCE"),
        "period_of_performance": {
            "start_date": done[0].day, "end_date": "2020-09-21", "last_modified_date": done[-1].day,
            "potential_end_date": "2020-09-30 00:00:00",
        },
        "recipient": {
            "recipient_name": WEST, "recipient_uei": None, "parent_recipient_name": WEST,
            "location": {"city_name": "EAGAN", "state_name": "MINNESOTA", "country_name": "UNITED STATES"},
        },
        "executive_details": {"officers": []},
        "place_of_performance": {
            "city_name": "WASHINGTON", "state_name": "DISTRICT OF COLUMBIA", "country_name": "UNITED STATES"
        },
    }  # fmt: skip


def _agency(office: str) -> dict[str, object]:
    return {
        "toptier_agency": {"name": DHS, "code": "070", "abbreviation": "DHS"},
        "subtier_agency": {"name": ICE, "code": "7012", "abbreviation": "ICE"},
        "office_agency_name": office,
    }


def _transactions(done: tuple[Action, ...]) -> dict[str, object]:
    rows = [
        {
            "id": f"CONT_TX_7012_-NONE-_{PIID}_{action.modification}_-NONE-_0", "type": "B",
            "type_description": "PURCHASE ORDER", "action_date": action.day, "action_type": action.code,
            "action_type_description": action.reason, "modification_number": action.modification,
            "description": action.description, "federal_action_obligation": action.obligated,
            "face_value_loan_guarantee": 0.0, "original_loan_subsidy_cost": 0.0,
        }
        for action in done
    ]  # fmt: skip
    metadata = {"page": 1, "next": None, "previous": None, "hasNext": False, "hasPrevious": False}
    return {"page_metadata": metadata, "results": rows}
