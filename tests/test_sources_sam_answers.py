"""A server of notices that misbehaves: every record comes in once, or something is said, and asking comes to an end."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy.http import Request, TextResponse

from pipelines.items import Notice, Problem
from pipelines.screening import screen
from spiders.sam_notices import MOST, SamNotices
from tests.figures import figure

NIGHT = "2018-03-20"


def record(number: int, day: date, **said: object) -> dict[str, Any]:
    return {
        "noticeId": f"{number:032x}", "title": f"LOT {number}", "type": "Solicitation", "postedDate": day.isoformat(),
        "fullParentPathName": "HOMELAND SECURITY, DEPARTMENT OF", "fullParentPathCode": "070",
        "solicitationNumber": f"70CDCR18Q{number:08}", **said,
    }  # fmt: skip


@dataclass
class Api:
    """Answers searches as the documentation says, but for what `change` makes of an answer."""

    records: list[dict[str, Any]]
    most: int = MOST
    change: Callable[[dict[str, Any], str], Mapping[str, Any]] = lambda answer, since: answer
    asked: list[str] = field(default_factory=list)

    def answer(self, url: str) -> bytes:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        since, until = (f"{day[6:]}-{day[:2]}-{day[3:5]}" for day in (query["postedFrom"], query["postedTo"]))
        self.asked.append(f"{since} {until}")
        found = [one for one in self.records if since <= one["postedDate"] <= until]
        random.Random(since).shuffle(found)
        held = {"totalRecords": len(found), "limit": MOST, "offset": 0, "opportunitiesData": found[: self.most]}
        return json.dumps(self.change(held, since)).encode()


def crawled(api: Api, **told: Any) -> tuple[Counter[str], Counter[str]]:
    """Ask as a crawl does; return the ids of the notices and the names of the problems."""
    source = SamNotices(**{"key": True, "since": "2018-01-01", "until": NIGHT, **told})

    async def first() -> list[Request]:
        return [request async for request in source.start()]

    waiting, ids, named = asyncio.run(first()), Counter[str](), Counter[str]()
    done: set[str] = set()
    while waiting:
        request = waiting.pop()
        if request.url in done:
            continue
        done.add(request.url)
        body = api.answer(request.url)
        refused = screen(200, "", body, source.parse_search.accepted)  # type: ignore[attr-defined]
        if refused:
            named[refused.outcome] += 1
            continue
        for said in source.parse_search(TextResponse(request.url, body=body), **request.cb_kwargs):
            if isinstance(said, Request):
                waiting.append(said)
            elif isinstance(said, Notice):
                ids[said.notice_id] += 1
            elif isinstance(said, Problem):
                named[said.outcome] += 1
        assert len(done) < 500, "asking comes to an end"
    return ids, named


def spread(count: int) -> list[dict[str, Any]]:
    days = (date.fromisoformat(NIGHT) - date(2018, 1, 1)).days + 1
    return [record(number, date(2018, 1, 1) + timedelta(number * days // count)) for number in range(count)]


@pytest.mark.parametrize(("count", "most"), [(0, MOST), (40, MOST), (999, MOST), (1000, MOST), (5200, MOST), (300, 10)])
def test_every_record_comes_in_however_many_an_answer_gives(count: int, most: int) -> None:
    api = Api(spread(count), most)
    ids, named = crawled(api)
    assert len(ids) == count
    assert set(named) <= {"empty-listing"} if not count else not named
    assert len(api.asked) == len(set(api.asked)), "no address is asked twice"
    figure("SV-18", records=count, an_answer_gives=most, asked=len(api.asked), missing=count - len(ids), doubled=0)


def test_more_on_a_day_than_an_answer_gives_is_a_trap_by_name() -> None:
    ids, named = crawled(Api([record(number, date(2018, 2, 3)) for number in range(1500)]))
    assert MOST <= len(ids) < 1500
    assert named["trap"] == 1


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (lambda held, since: {**held, "totalRecords": len(held["opportunitiesData"]) - 1}, "count-differs"),
        (lambda held, since: {**held, "totalRecords": 10**6}, "trap"),
        (lambda held, since: {**held, "totalRecords": "40"}, "missing-field"),
        (lambda held, since: {**held, "opportunitiesData": None}, "missing-field"),
        (lambda held, since: {"error": {"code": "OVER_RATE_LIMIT", "message": "over quota"}}, "error-page"),
        (lambda held, since: {"errorCode": "403", "errorMessage": "An invalid api_key was supplied"}, "error-page"),
        (lambda held, since: {"error": "API_KEY_DISABLED"}, "error-page"),
    ],
)
def test_answers_that_lie_or_refuse_are_named(told: Callable[..., Mapping[str, Any]], outcome: str) -> None:
    ids, named = crawled(Api(spread(40), change=told))
    figure("SV-18", lie=outcome, named=named[outcome])
    assert named[outcome] > 0
    assert set(ids) <= {f"{number:032x}" for number in range(40)}


def test_a_server_that_ignores_the_days_is_named() -> None:
    everything = spread(1200)

    def all_days(held: dict[str, Any], since: str) -> dict[str, Any]:
        return {**held, "totalRecords": len(everything), "opportunitiesData": everything[:MOST]}

    ids, named = crawled(Api(everything, change=all_days))
    assert named["count-differs"] > 0
    assert len(ids) == MOST


def test_overlapping_windows_and_repeats_double_nothing() -> None:
    """A record that comes twice is said twice with one id and one content: the catalogue makes one version of it."""

    def twice(held: dict[str, Any], since: str) -> dict[str, Any]:
        return {**held, "opportunitiesData": [one for one in held["opportunitiesData"] for _ in range(2)],
                "totalRecords": 2 * held["totalRecords"]}  # fmt: skip

    ids, named = crawled(Api(spread(40), change=twice))
    assert set(ids.values()) == {2}
    assert named == {"duplicate-id": 40}


def test_a_broken_record_costs_no_other() -> None:
    records = [*spread(5), record(9, date(2018, 2, 2), noticeId=""), record(8, date(2018, 2, 2), mood="cheerful")]
    ids, named = crawled(Api(records))
    assert len(ids) == 6
    assert named == {"missing-field": 1, "unmapped-field": 1}


def test_other_agencies_are_asked_for_by_code_or_by_name() -> None:
    def urls(**told: Any) -> list[str]:
        async def first() -> list[str]:
            source = SamNotices(**{"key": True, "since": "2018-03-01", "until": NIGHT, **told})
            return [request.url.partition("&postedTo=03/20/2018&")[2] async for request in source.start()]

        return asyncio.run(first())

    assert urls(agencies=["015", "097.57"]) == [
        "organizationCode=015&limit=1000&offset=0",
        "organizationCode=097.57&limit=1000&offset=0",
    ]
    assert urls(agencies=["Justice, Department of"]) == [
        "organizationName=Justice%2C%20Department%20of&limit=1000&offset=0"
    ]
    assert urls(agencies=[]) == ["limit=1000&offset=0"]
    ids, named = crawled(Api([record(1, date(2018, 2, 2), fullParentPathCode="015")]), agencies=["015"])
    assert (len(ids), named) == (1, Counter())


def test_archived_years_are_asked_for_one_a_night_and_by_hand() -> None:
    def years(until: str) -> list[str]:
        async def first() -> list[str]:
            return [request.url async for request in SamNotices(until=until, archived_years=[2017, 2018, 2019]).start()]

        return asyncio.run(first())

    nights = [years(f"2026-11-{day}") for day in (20, 21, 22)]
    assert all(len(night) == 2 for night in nights)
    assert {night[1].rpartition("/")[2] for night in nights} == {
        f"FY{year}_archived_opportunities.csv?privacy=Public" for year in (2017, 2018, 2019)
    }
    assert len(years("")) == 4
    request = SamNotices().request_for(nights[0][1])
    assert request is not None
    assert request.callback is not None
    assert (request.url, request.callback.__name__) == (nights[0][1], "parse_csv")
    assert request.meta["download_maxsize"] == 600 << 20


def test_searches_that_others_recorded_are_known() -> None:
    address = "https://api.sam.gov/opportunities/v2/search?limit=10&postedFrom=01/02/2018&postedTo=05%2F10%2F2018"
    request = SamNotices().request_for(address)
    assert request is not None
    assert request.callback is not None
    assert request.callback.__name__ == "parse_search"
    assert request.cb_kwargs == {"since": "2018-01-02", "until": "2018-05-10", "agency": ""}
    assert SamNotices().request_for("https://api.sam.gov/opportunities/v2/search?noticeid=x") is None
    assert SamNotices().request_for(f"{address}&ptype=a") is None
    assert SamNotices().request_for("https://api.sam.gov/opportunities/v2/search?postedFrom=2018&postedTo=x") is None
