"""What the source asks USAspending.gov, and that of a server that misbehaves every row is taken once or reported."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import Request, TextResponse
from scrapy.utils.request import fingerprint

from pipelines.items import Award, Problem
from spiders import usaspending
from spiders.usaspending import API, COUNT, SEARCH, TRANSACTIONS, Usaspending
from tests.conftest import ROOT

LPR = "CONT_AWD_70CDCR18P00000017_7012_-NONE-_-NONE-"
ARGUMENTS: dict[str, Any] = {"keywords": ["license plate reader"], "until": "2018-01-26", "award_types": ["A", "B"]}


def first_requests(source: Usaspending) -> list[Request]:
    async def gather() -> list[Request]:
        return [request async for request in source.start()]

    return asyncio.run(gather())


def test_one_search_for_each_recipient_and_one_for_all_else() -> None:
    source = Usaspending(
        agencies=["Department of Homeland Security / U.S. Secret Service", "Department of Justice"],
        recipients=["West Publishing", "Palantir"], keywords=["license plate reader", "facial recognition"],
        naics=["519190"], psc=["D317", "DB10"], until="2018-01-26", days=10,
    )  # fmt: skip
    requests = first_requests(source)
    assert {(request.url, request.method) for request in requests} == {(COUNT, "POST")}
    filters = [json.loads(request.body)["filters"] for request in requests]
    assert [request.cb_kwargs["filters"] for request in requests] == filters
    assert filters[0]["agencies"] == [
        {"type": "awarding", "tier": "subtier", "name": "U.S. Secret Service",
         "toptier_name": "Department of Homeland Security"},
        {"type": "awarding", "tier": "toptier", "name": "Department of Justice"},
    ]  # fmt: skip
    assert filters[0]["time_period"] == [
        {"start_date": "2018-01-16", "end_date": "2018-01-26", "date_type": "last_modified_date"}
    ]
    own = [{key: value for key, value in one.items() if key not in ("agencies", "time_period", "award_type_codes")}
           for one in filters]  # fmt: skip
    assert own == [
        {"recipient_search_text": ["West Publishing"]}, {"recipient_search_text": ["Palantir"]},
        {"keywords": ["license plate reader", "facial recognition"]}, {"naics_codes": ["519190"]},
        {"psc_codes": ["D317", "DB10"]},
    ]  # fmt: skip
    assert len(first_requests(Usaspending(until="2018-01-26"))) == 1
    with pytest.raises(ValueError, match="Invalid isoformat"):
        first_requests(Usaspending())


def test_the_search_goes_no_further_back_than_the_publisher_does() -> None:
    (request,) = first_requests(Usaspending(since="1999-01-01", until="2018-01-26"))
    assert request.cb_kwargs["filters"]["time_period"][0]["start_date"] == "2007-10-01"


def test_the_same_question_has_the_same_bytes() -> None:
    one, other = (first_requests(Usaspending(**ARGUMENTS))[0] for _ in range(2))
    assert one.body == other.body
    assert fingerprint(one) == fingerprint(other)
    later = first_requests(Usaspending(**{**ARGUMENTS, "until": "2018-01-27"}))[0]
    assert fingerprint(one) != fingerprint(later)
    assert one.headers["Content-Type"] == b"application/json"
    assert one.body == json.dumps(json.loads(one.body), sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("url", "asked", "callback"),
    [
        (f"https://www.usaspending.gov/award/{LPR}/", f"{API}/awards/{LPR}/", "parse_award"),
        (f"https://usaspending.gov/award/{LPR}?x=1#y", f"{API}/awards/{LPR}/", "parse_award"),
        (f"{API}/awards/{LPR}/", f"{API}/awards/{LPR}/", "parse_award"),
        ("https://files.usaspending.gov/a/FY2018.csv", "https://files.usaspending.gov/a/FY2018.csv", "parse_csv"),
        ("https://www.usaspending.gov/award/ASST_NON_1_2/", None, None),
        ("https://www.usaspending.gov/award/23134523/", None, None),
        ("https://www.usaspending.gov/recipient/x/", None, None),
        (f"https://www.usaspending.gov.example.com/award/{LPR}/", None, None),
        ("https://files.usaspending.gov/a/FY2018.zip", None, None),
        (f"https://www.usaspending.gov/award/{LPR}/../../x", None, None),
        (
            "https://www.usaspending.gov/award/CONT_AWD_%2F..%2F_7012_/",
            f"{API}/awards/CONT_AWD_%2F..%2F_7012_/",
            "parse_award",
        ),
        ("http://[::1", None, None),
        ("award", None, None),
    ],
)
def test_addresses(url: str, asked: str | None, callback: str | None) -> None:
    request = Usaspending().request_for(url)
    assert (request.url if request else None) == asked
    assert (request.callback.__name__ if request and request.callback else None) == callback


def test_the_default_is_sane() -> None:
    """Some twenty searches a night; every name in the file is an argument."""
    import tomllib  # noqa: PLC0415

    told = tomllib.loads((ROOT / "sources.toml").read_text("utf-8"))
    source = Usaspending(**told["sources"]["usaspending"], until="2026-11-23")
    assert 10 <= len(first_requests(source)) <= 30
    assert told["hosts"]["api.usaspending.gov"]["requests_a_night"] <= 5000


@dataclass
class Server:
    """USAspending.gov as it may be: `rows` are its awards, `claimed` what it counts, `page` gives each page's rows."""

    rows: list[str]
    claimed: int
    page: Callable[[int, list[str]], list[str]]
    size: int = 2
    asked: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> object:
        asked = json.loads(request.body) if request.body else {}
        if request.url == COUNT:
            return {"results": {"contracts": self.claimed, "idvs": 0}}
        if request.url == SEARCH:
            number = asked["page"]
            start = (number - 1) * self.size
            found = self.page(number, self.rows[start : start + self.size])
            rows = [{"generated_internal_id": row, "Award ID": row} for row in found]
            metadata = {"hasNext": start + self.size < len(self.rows)}
            return {"results": rows, "limit": self.size, "page_metadata": metadata}
        if request.url == TRANSACTIONS:
            row = {"id": f"CONT_TX_{asked['award_id']}_0", "modification_number": "0", "action_date": "2018-01-02"}
            return {"results": [row], "page_metadata": {"hasNext": False}}
        self.asked.append(request.url)
        return {"generated_unique_award_id": request.url.rstrip("/").rpartition("/")[2], "piid": "x"}


def walk(server: Server) -> tuple[Counter[str], Counter[str]]:
    """Walk the server as a crawl does; return how often each award came with its action, and the problems."""
    source = Usaspending(**ARGUMENTS)
    waiting, done = first_requests(source), set()
    awards: Counter[str] = Counter()
    problems: Counter[str] = Counter()
    while waiting:
        request = waiting.pop(0)
        if fingerprint(request) in done:
            continue
        done.add(fingerprint(request))
        assert len(done) < 500, "no end"
        body = json.dumps(server.answer(request)).encode()
        arguments = json.loads(json.dumps(request.cb_kwargs))
        for said in request.callback(TextResponse(request.url, body=body), **arguments):  # type: ignore[misc]
            if isinstance(said, Request):
                waiting.append(said)
            elif isinstance(said, Award) and said.record["modification"]:
                awards[said.award_id] += 1
            elif isinstance(said, Problem):
                problems[said.outcome] += 1
    return awards, problems


def ids(count: int) -> list[str]:
    return [f"CONT_AWD_P{number}_7012_-NONE-_-NONE-" for number in range(count)]


def test_every_page_is_walked_and_every_award_has_its_actions() -> None:
    awards, problems = walk(Server(ids(9), 9, lambda _, rows: rows))
    assert awards == Counter(ids(9))
    assert not problems


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_every_row_is_taken_once_or_reported(data: st.DataObject) -> None:
    rows = ids(data.draw(st.integers(1, 9)))
    claimed = data.draw(st.sampled_from([len(rows), len(rows) - 1, len(rows) + 3]))

    def page(number: int, right: list[str]) -> list[str]:
        return data.draw(
            st.one_of(
                st.just(right), st.just(right), st.just(right[:1]), st.just(right + right), st.just([]),
                st.lists(st.sampled_from(rows), max_size=3), st.just([*right, "ASST_NON_1_2"]),
            )
        )  # fmt: skip

    awards, problems = walk(Server(rows, claimed, page))
    missing = set(rows) - set(awards)
    assert not [award for award, times in awards.items() if times > 1], "none doubled"
    assert set(awards) <= set(rows)
    if claimed == len(rows):
        assert not missing or problems, "none missing without a word"
    else:
        # A server that miscounts by just as much as it leaves out can't be told from a good one.
        assert missing or problems or not claimed, "and a wrong count is named"


def test_numbers_stand_as_they_are_printed() -> None:
    rows = [
        {"id": f"CONT_TX_x_{place}", "modification_number": str(place), "federal_action_obligation": 0}
        for place in range(5)
    ]
    body = json.dumps({"results": rows, "page_metadata": {"hasNext": False}}).encode()
    printed = ("1e308", "-0.0", "245000.10", "12345678901234567890123.5", "0.1e-5")
    for number in printed:
        body = body.replace(b'obligation": 0}', b'obligation": %s}' % number.encode(), 1)
    said = Usaspending().parse_transactions(TextResponse(SEARCH, body=body), award_id=LPR, facts={}, page=1, seen=0)
    assert tuple(one.record["obligated"] for one in said if isinstance(one, Award)) == printed


def test_a_page_that_is_short_is_named_whatever_is_counted() -> None:
    awards, problems = walk(Server(ids(4), 3, lambda number, rows: rows[1:] if number == 1 else rows))
    assert (len(awards), problems) == (3, {"count-differs": 1})
    last = walk(Server(ids(3), 2, lambda number, rows: [] if number == 2 else rows))
    assert last == (Counter(ids(2)), {"count-differs": 1})


def test_a_listing_without_end_is_left() -> None:
    class Endless(Server):
        def answer(self, request: Request) -> object:
            answer = super().answer(request)
            if request.url == SEARCH:
                assert isinstance(answer, dict)
                answer["page_metadata"]["hasNext"] = True
            return answer

    awards, problems = walk(Endless(ids(4), 4, lambda _, rows: rows))
    assert awards == Counter(ids(4))
    assert problems == {"trap": 1, "count-differs": 1}


def test_pages_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usaspending, "MOST_PAGES", 2)
    awards, problems = walk(Server(ids(9), 9, lambda _, rows: rows))
    assert (len(awards), problems) == (4, {"trap": 1})


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"detail": "Request was throttled."}', "missing-field"),
        (b'{"message": "Internal"}', "missing-field"),
        (b'{"results": {}}', "missing-field"),
        (b'{"results": []}', "missing-field"),
        (b'{"results": [], "page_metadata": {"hasNext": "no"}}', "missing-field"),
        (b"[1, 2", "malformed-json"),
        (b'{"results": NaN}', "malformed-json"),
        (b'{"results": [], "results": [1]}', "malformed-json"),
        (b"[]", "missing-field"),
    ],
)
def test_an_error_with_a_good_status_is_named(body: bytes, outcome: str) -> None:
    source = Usaspending()
    filters = {"award_type_codes": ["A"]}
    response = TextResponse(SEARCH, body=body)
    for said in (
        source.parse_search(response, filters=filters, page=1, claimed=1, seen=""),
        source.parse_transactions(response, award_id=LPR, facts={}, page=1, seen=0),
    ):
        assert [getattr(one, "outcome", "") for one in said] == [outcome]
